$( A database with a definition and a theorem that its grammar cannot read. $)
$c ( ) -> |- wff Up $.
$v p q $.
wp $f wff p $.
wq $f wff q $.
wi $a wff ( p -> q ) $.
wup $a wff Up p $.
${ mp.1 $e |- p $. mp.2 $e |- ( p -> q ) $. mp $a |- q $. $}
a1 $a |- ( p -> ( q -> p ) ) $.
df-up $a |- ( Up p -> p -> q ) $.
id $p |- ( p -> ( q -> ( p -> q ) ) ) $= ? $.
up2 $p |- ( p -> Up q $= ? $.
