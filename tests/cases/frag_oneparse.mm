true1 $p |- ( ph -> ph ) $= ? $.
bad $p |- ( ph -> ps $= ? $.
