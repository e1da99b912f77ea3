$( A fragment with a provable typecode of its own. $)
$c => $.
${ weaker.1 $e |- ph $. weaker $a => ph $. $}
new1 $p => ( ph -> ph ) $= ? $.
