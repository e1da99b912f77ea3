ax-1 $p |- ( ph -> ph ) $= ? $.
