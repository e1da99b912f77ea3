$( A comment that is not closed. $)
$c ( ) -> wff |- set E $.
$v p q r x y z $.
wp $f wff p $.
wq $f wff q $.
wr $f wff r $.
vx $f set x $.
vy $f set y $.
vz $f set z $.
wi $a wff ( p -> q ) $.
we $a wff E x y $.
ax1 $a |- ( p -> ( q -> p ) ) $.
ax2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
${
  min $e |- p $.
  maj $e |- ( p -> q ) $.
  mp $a |- q $.
$}
${
  $d x y $.
  axd $a |- E x y $.
$}
$( and so on
