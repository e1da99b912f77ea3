$( A small database for the tests of inference in context: propositional logic, an equality, quantifiers. $)
$c ( ) -> -. /\ <-> wff |- setvar class = e. A. E. F ` $.
$v ph ps ch th $.
$v x y $.
$v A B C $.
wph $f wff ph $.  wps $f wff ps $.  wch $f wff ch $.  wth $f wff th $.
vx $f setvar x $.  vy $f setvar y $.
cA $f class A $.  cB $f class B $.  cC $f class C $.
wi $a wff ( ph -> ps ) $.
wn $a wff -. ph $.
wa $a wff ( ph /\ ps ) $.
wb $a wff ( ph <-> ps ) $.
cv $a class x $.
weq $a wff A = B $.
wel $a wff A e. B $.
wal $a wff A. x ph $.
wex $a wff E. x ph $.
cF $a class F $.
cfv $a class ( A ` B ) $.
${ mp.1 $e |- ph $.  mp.2 $e |- ( ph -> ps ) $.  ax-mp $a |- ps $. $}
ax-1 $a |- ( ph -> ( ps -> ph ) ) $.
ax-2 $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.
ax-3 $a |- ( ( -. ph -> -. ps ) -> ( ps -> ph ) ) $.
simpl $a |- ( ( ph /\ ps ) -> ph ) $.
simpr $a |- ( ( ph /\ ps ) -> ps ) $.
pm3.2 $a |- ( ph -> ( ps -> ( ph /\ ps ) ) ) $.
bi1 $a |- ( ( ph <-> ps ) -> ( ph -> ps ) ) $.
bi2 $a |- ( ( ph <-> ps ) -> ( ps -> ph ) ) $.
bi3 $a |- ( ( ph -> ps ) -> ( ( ps -> ph ) -> ( ph <-> ps ) ) ) $.
${ a1i.1 $e |- ph $.  a1i $p |- ( ps -> ph ) $= wph wps wph wi a1i.1 wph wps ax-1 ax-mp $. $}
${
  syl.1 $e |- ( ph -> ps ) $.  syl.2 $e |- ( ps -> ch ) $.
  syl $p |- ( ph -> ch ) $=
    wph wps wi wph wch wi syl.1 wph wps wch wi wi wph wps wi wph wch wi wi wps wch wi wph syl.2 a1i wph wps wch ax-2
    ax-mp ax-mp $.
$}
${ adantr.1 $e |- ( ph -> ps ) $.  adantr $p |- ( ( ph /\ ch ) -> ps ) $= wph wch wa wph wps wph wch simpl adantr.1 syl $. $}
${ jca.1 $e |- ( ph -> ps ) $.  jca.2 $e |- ( ph -> ch ) $.  jca $a |- ( ph -> ( ps /\ ch ) ) $. $}
${ ex.1 $e |- ( ( ph /\ ps ) -> ch ) $.  ex $a |- ( ph -> ( ps -> ch ) ) $. $}
${ imp.1 $e |- ( ph -> ( ps -> ch ) ) $.  imp $a |- ( ( ph /\ ps ) -> ch ) $. $}
${ mpd.1 $e |- ( ph -> ps ) $.  mpd.2 $e |- ( ph -> ( ps -> ch ) ) $.  mpd $a |- ( ph -> ch ) $. $}
${ mpbid.1 $e |- ( ph -> ps ) $.  mpbid.2 $e |- ( ph -> ( ps <-> ch ) ) $.  mpbid $a |- ( ph -> ch ) $. $}
${ mpbird.1 $e |- ( ph -> ch ) $.  mpbird.2 $e |- ( ph -> ( ps <-> ch ) ) $.  mpbird $a |- ( ph -> ps ) $. $}
${
  syl2anc.1 $e |- ( ph -> ps ) $.  syl2anc.2 $e |- ( ph -> ch ) $.  syl2anc.3 $e |- ( ( ps /\ ch ) -> th ) $.
  syl2anc $a |- ( ph -> th ) $.
$}
eqid $a |- A = A $.
eqcom $a |- ( A = B <-> B = A ) $.
eqtr $a |- ( ( A = B /\ B = C ) -> A = C ) $.
${ eqtrd.1 $e |- ( ph -> A = B ) $.  eqtrd.2 $e |- ( ph -> B = C ) $.  eqtrd $a |- ( ph -> A = C ) $. $}
feq $a |- ( A = B -> ( F ` A ) = ( F ` B ) ) $.
${ feqd.1 $e |- ( ph -> A = B ) $.  feqd $a |- ( ph -> ( F ` A ) = ( F ` B ) ) $. $}
${ feqi.1 $e |- A = B $.  feqi $a |- ( F ` A ) = ( F ` B ) $. $}
eleq1 $a |- ( A = B -> ( A e. C <-> B e. C ) ) $.
fcl $a |- ( A e. B -> ( F ` A ) e. B ) $.
ax-sp $a |- ( A. x ph -> ph ) $.
${ ax-gen.1 $e |- ph $.  ax-gen $a |- A. x ph $. $}
${ $d x ph $.  alrimdv.1 $e |- ( ph -> ps ) $.  alrimdv $a |- ( ph -> A. x ps ) $. $}
${
  $d x ph $.  $d x ch $.
  exlimdv.1 $e |- ( ph -> ( ps -> ch ) ) $.
  exlimdv $a |- ( ph -> ( E. x ps -> ch ) ) $.
$}
$( What is proved here by content and glue. $)
tfcl2 $p |- ( A e. B -> ( F ` ( F ` A ) ) e. B ) $=
  cA cB wel cF cA cfv cB wel cF cF cA cfv cfv cB wel cA cB fcl cF cA cfv cB fcl syl $.
${
  tmix.1 $e |- ( ph -> A = B ) $.
  tmix $p |- ( ( ph /\ ( F ` A ) e. C ) -> ( F ` B ) e. C ) $=
    wph cF cA cfv cC wel wa cF cA cfv cC wel cF cB cfv cC wel wph cF cA cfv cC wel simpr wph cF cA cfv cC wel cF cB
    cfv cC wel wb cF cA cfv cC wel wph cF cA cfv cF cB cfv weq cF cA cfv cC wel cF cB cfv cC wel wb wph cA cB tmix.1
    feqd cF cA cfv cF cB cfv cC eleq1 syl adantr mpbid $.
$}
