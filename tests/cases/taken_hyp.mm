${ min $e |- ph $. x1 $p |- ( ps -> ph ) $= ? $. $}
