$( A grammar without parentheses: statements have several trees, and proofs take others than the parser. $)
$c ( ) -> |- wff $.
$v p q r s $.
wp $f wff p $.
wq $f wff q $.
wr $f wff r $.
ws $f wff s $.
wi $a wff p -> q $.
wpar $a wff ( p ) $.
${ mp.1 $e |- p $. mp.2 $e |- p -> q $. mp $a |- q $. $}
a3 $a |- p -> q -> r $.
${ g.1 $e |- p -> q $. g $a |- ( p ) $. $}
${ h.1 $e |- ( p ) $. h $a |- ( p -> p ) $. $}
t0 $p |- p -> q -> r -> s $= wp wq wi wr ws a3 $.
t1 $p |- p -> q -> r -> s $= wp wq wr wi ws a3 $.
t2 $p |- p -> q -> r -> s $= wp wq wr ws wi a3 $.
u0 $p |- ( p -> q ) $= wp wq wi wr wp wq wr a3 g $.
v0 $p |- ( p -> q -> p -> q ) $= wp wq wi wp wq wi wr wp wq wr a3 g h $.
w0 $p |- ( p -> q -> p -> q ) $= wp wq wi wp wq wi wr wp wq wr a3 g h $.
u1 $p |- ( p ) $= wp wq wr wi wp wq wr a3 g $.
v1 $p |- ( p -> p ) $= wp wp wq wr wi wp wq wr a3 g h $.
w1 $p |- ( p -> p ) $= wp wp wq wr wi wp wq wr a3 g h $.

