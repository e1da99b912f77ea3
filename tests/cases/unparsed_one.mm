$( Two judgements over the same formulas, |- and true, and a rule that asks only for a term. $)
$c ( ) -> [ ] |- true wff term $.
$v p q r s t $.
wp $f wff p $.
wq $f wff q $.
wr $f wff r $.
ts $f term s $.
tt $f term t $.
wi $a wff ( p -> q ) $.
wb $a wff [ s ] $.
${ mp.1 $e |- p $. mp.2 $e |- ( p -> q ) $. mp $a |- q $. $}
a1 $a |- ( p -> ( q -> p ) ) $.
a2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
${ lift.1 $e |- p $. lift $a true p $. $}
${ tmp.1 $e true p $. tmp.2 $e true ( p -> q ) $. tmp $a true q $. $}
${ every.1 $e term s $. every $a |- [ s ] $. $}
  id $p |- ( p -> p ) $=
    ( wq wi a1 a2 mp ) ABACZCZAACZABDAGACCHICAGDAGAEFF $.
  ${
    a1i.1 $e |- p $.
    a1i $p |- ( q -> p ) $=
      ( wi a1 mp ) ABADCABEF $.
  $}
  ${
    a2i.1 $e |- ( p -> ( q -> r ) ) $.
    a2i $p |- ( ( p -> q ) -> ( p -> r ) ) $=
      ( wi a2 mp ) ABCEEABEACEEDABCFG $.
  $}
  ${
    syl.1 $e |- ( p -> q ) $.
    syl.2 $e |- ( q -> r ) $.
    syl $p |- ( p -> r ) $=
      ( wi a1 mp a2 ) ABFZACFZDABCFZFZJKFLMELAGHABCIHH $.
  $}
  ${
    t1i.1 $e true p $.
    t1i $p true ( q -> p ) $=
      ( wi a1 lift tmp ) ABADZCAHDABEFG $.
  $}
  ${
    t2i.1 $e true ( p -> ( q -> r ) ) $.
    t2i $p true ( ( p -> q ) -> ( p -> r ) ) $=
      ( wi a2 lift tmp ) ABCEEZABEACEEZDIJEABCFGH $.
  $}
  ${
    tsyl.1 $e true ( p -> q ) $.
    tsyl.2 $e true ( q -> r ) $.
    tsyl $p true ( p -> r ) $=
      ( wi t1i t2i tmp ) ABFACFDABCBCFAEGHI $.
  $}
  tid $p true ( p -> p ) $=
    ( wi id lift ) AABACD $.
  ${
    tmpd.1 $e true ( p -> q ) $.
    tmpd.2 $e true ( p -> ( q -> r ) ) $.
    tmpd $p true ( p -> r ) $=
      ( wi t2i tmp ) ABFACFDABCEGH $.
  $}
  box $p |- ( p -> [ t ] ) $=
    ( wb every a1i ) BCABBDE $.
  tbox $p true ( p -> ( q -> [ t ] ) ) $=
    ( wb wi box lift t1i ) BCDEZAIBCFGH $.
  ${
    named.1 $e term s $.
    named.2 $e |- p $.
    named $p |- ( [ s ] -> p ) $=
      ( wb wi a1 mp ) ABEZAFDAIGH $.
  $}
unp $a |- p -> p $.
unpt $p |- p -> p $= ( unp ) AB $.
unpo $p |- q -> q $= ? $.
ok $p |- ( p -> ( q -> q ) ) $= ? $.
${ bx.1 $e |- p q $. bx $a |- p $. $}
