$( Statements of a typecode only; a substitution by nothing. $)
$c wff I M |- $.
$v x y $.
wx $f wff x $.
wy $f wff y $.
we $a wff $.
wI $a wff x I $.
ax $a |- M x $.
${ h $e |- x y $. cut $a |- y x $. $}
t $p |- M $= we ax $.
