$( A database with a wrong proof, and what would follow. $)
$c ( ) -> |- wff $.
$v p q $.
wp $f wff p $.
wq $f wff q $.
wi $a wff ( p -> q ) $.
a1 $a |- ( p -> ( q -> p ) ) $.
wrong $p |- p $= wp wp a1 $.
follows $p |- q $= ? $.
