$( Statements of set.mm as axioms, made by make_fixture.py. $)
$c |- wff class setvar ( ) --> -. -> -u /\ : ; <-> = =/= A. T. _V ` e. |-> ! + - ... / 0 1 10 2 3 4 5 6 7 8 9 < <_ CC NN NN0 QQ RR RR* RR+ ZZ ^ _i _pi abs cos exp gcd lcm log mod sin sqrt x. |_ || $.
$v ph ps ch th ta et A B C D E F G H K L M N P Q R S T U V W X Y Z x y z k n $.
vph $f wff ph $.
vps $f wff ps $.
vch $f wff ch $.
vth $f wff th $.
vta $f wff ta $.
vet $f wff et $.
vA $f class A $.
vB $f class B $.
vC $f class C $.
vD $f class D $.
vE $f class E $.
vF $f class F $.
vG $f class G $.
vH $f class H $.
vK $f class K $.
vL $f class L $.
vM $f class M $.
vN $f class N $.
vP $f class P $.
vQ $f class Q $.
vR $f class R $.
vS $f class S $.
vT $f class T $.
vU $f class U $.
vV $f class V $.
vW $f class W $.
vX $f class X $.
vY $f class Y $.
vZ $f class Z $.
vx $f setvar x $.
vy $f setvar y $.
vz $f setvar z $.
vk $f setvar k $.
vn $f setvar n $.
wi $a wff ( ph -> ps ) $.
wa $a wff ( ph /\ ps ) $.
w3a $a wff ( ph /\ ps /\ ch ) $.
wn $a wff -. ph $.
wb $a wff ( ph <-> ps ) $.
wtru $a wff T. $.
cv $a class x $.
wceq $a wff A = B $.
wcel $a wff A e. B $.
wne $a wff A =/= B $.
wbr $a wff A R B $.
wf $a wff F : A --> B $.
wral $a wff A. x e. A ph $.
co $a class ( A F B ) $.
cfv $a class ( F ` A ) $.
cvv $a class _V $.
cmpt $a class ( x e. A |-> B ) $.
cneg $a class -u A $.
cdc $a class ; A B $.
c0 $a class ! $.
c1 $a class + $.
c2 $a class - $.
c3 $a class ... $.
c4 $a class / $.
c5 $a class 0 $.
c6 $a class 1 $.
c7 $a class 10 $.
c8 $a class 2 $.
c9 $a class 3 $.
c10 $a class 4 $.
c11 $a class 5 $.
c12 $a class 6 $.
c13 $a class 7 $.
c14 $a class 8 $.
c15 $a class 9 $.
c16 $a class < $.
c17 $a class <_ $.
c18 $a class CC $.
c19 $a class NN $.
c20 $a class NN0 $.
c21 $a class QQ $.
c22 $a class RR $.
c23 $a class RR* $.
c24 $a class RR+ $.
c25 $a class ZZ $.
c26 $a class ^ $.
c27 $a class _i $.
c28 $a class _pi $.
c29 $a class abs $.
c30 $a class cos $.
c31 $a class exp $.
c32 $a class gcd $.
c33 $a class lcm $.
c34 $a class log $.
c35 $a class mod $.
c36 $a class sin $.
c37 $a class sqrt $.
c38 $a class x. $.
c39 $a class |_ $.
c40 $a class || $.
${ ax-mp.1 $e |- ph $. ax-mp.2 $e |- ( ph -> ps ) $. ax-mp $a |- ps $. $}
${ a1i.1 $e |- ph $. a1i $a |- ( ps -> ph ) $. $}
${ mpd.1 $e |- ( ph -> ps ) $. mpd.2 $e |- ( ph -> ( ps -> ch ) ) $. mpd $a |- ( ph -> ch ) $. $}
${ syl.1 $e |- ( ph -> ps ) $. syl.2 $e |- ( ps -> ch ) $. syl $a |- ( ph -> ch ) $. $}
id $a |- ( ph -> ph ) $.
${ mpbid.1 $e |- ( ph -> ps ) $. mpbid.2 $e |- ( ph -> ( ps <-> ch ) ) $. mpbid $a |- ( ph -> ch ) $. $}
${ sylibr.1 $e |- ( ph -> ps ) $. sylibr.2 $e |- ( ch <-> ps ) $. sylibr $a |- ( ph -> ch ) $. $}
${ mpbird.1 $e |- ( ph -> ch ) $. mpbird.2 $e |- ( ph -> ( ps <-> ch ) ) $. mpbird $a |- ( ph -> ps ) $. $}
simpl $a |- ( ( ph /\ ps ) -> ph ) $.
${ simpld.1 $e |- ( ph -> ( ps /\ ch ) ) $. simpld $a |- ( ph -> ps ) $. $}
simpr $a |- ( ( ph /\ ps ) -> ps ) $.
${ simprd.1 $e |- ( ph -> ( ps /\ ch ) ) $. simprd $a |- ( ph -> ch ) $. $}
${ adantl.1 $e |- ( ph -> ps ) $. adantl $a |- ( ( ch /\ ph ) -> ps ) $. $}
${ jca.1 $e |- ( ph -> ps ) $. jca.2 $e |- ( ph -> ch ) $. jca $a |- ( ph -> ( ps /\ ch ) ) $. $}
simp1 $a |- ( ( ph /\ ps /\ ch ) -> ph ) $.
simp2 $a |- ( ( ph /\ ps /\ ch ) -> ps ) $.
simp3 $a |- ( ( ph /\ ps /\ ch ) -> ch ) $.
${ simp1d.1 $e |- ( ph -> ( ps /\ ch /\ th ) ) $. simp1d $a |- ( ph -> ps ) $. $}
${ simp2d.1 $e |- ( ph -> ( ps /\ ch /\ th ) ) $. simp2d $a |- ( ph -> ch ) $. $}
${ simp3d.1 $e |- ( ph -> ( ps /\ ch /\ th ) ) $. simp3d $a |- ( ph -> th ) $. $}
${ 3jca.1 $e |- ( ph -> ps ) $. 3jca.2 $e |- ( ph -> ch ) $. 3jca.3 $e |- ( ph -> th ) $. 3jca $a |- ( ph -> ( ps /\ ch /\ th ) ) $. $}
${ trud.1 $e |- ( T. -> ph ) $. trud $a |- ph $. $}
eqid $a |- A = A $.
eqidd $a |- ( ph -> A = A ) $.
${ eqcomd.1 $e |- ( ph -> A = B ) $. eqcomd $a |- ( ph -> B = A ) $. $}
${ eqeq12d.1 $e |- ( ph -> A = B ) $. eqeq12d.2 $e |- ( ph -> C = D ) $. eqeq12d $a |- ( ph -> ( A = C <-> B = D ) ) $. $}
${ eqtri.1 $e |- A = B $. eqtri.2 $e |- B = C $. eqtri $a |- A = C $. $}
${ eqtr3i.1 $e |- A = B $. eqtr3i.2 $e |- A = C $. eqtr3i $a |- B = C $. $}
${ eqtr4i.1 $e |- A = B $. eqtr4i.2 $e |- C = B $. eqtr4i $a |- A = C $. $}
${ eqtrd.1 $e |- ( ph -> A = B ) $. eqtrd.2 $e |- ( ph -> B = C ) $. eqtrd $a |- ( ph -> A = C ) $. $}
${ eqtr3d.1 $e |- ( ph -> A = B ) $. eqtr3d.2 $e |- ( ph -> A = C ) $. eqtr3d $a |- ( ph -> B = C ) $. $}
${ eqtr4d.1 $e |- ( ph -> A = B ) $. eqtr4d.2 $e |- ( ph -> C = B ) $. eqtr4d $a |- ( ph -> A = C ) $. $}
${ eqeltrd.1 $e |- ( ph -> A = B ) $. eqeltrd.2 $e |- ( ph -> B e. C ) $. eqeltrd $a |- ( ph -> A e. C ) $. $}
${ necomd.1 $e |- ( ph -> A =/= B ) $. necomd $a |- ( ph -> B =/= A ) $. $}
${ eqnetrd.1 $e |- ( ph -> A = B ) $. eqnetrd.2 $e |- ( ph -> B =/= C ) $. eqnetrd $a |- ( ph -> A =/= C ) $. $}
${ $d ph x $. ralrimiva.1 $e |- ( ( ph /\ x e. A ) -> ps ) $. ralrimiva $a |- ( ph -> A. x e. A ps ) $. $}
${ $d A x $. $d B x $. $d ps x $. rspcv.1 $e |- ( x = A -> ( ph <-> ps ) ) $. rspcv $a |- ( A e. B -> ( A. x e. B ph -> ps ) ) $. $}
${ eqbrtrd.1 $e |- ( ph -> A = B ) $. eqbrtrd.2 $e |- ( ph -> B R C ) $. eqbrtrd $a |- ( ph -> A R C ) $. $}
${ breqtrd.1 $e |- ( ph -> A R B ) $. breqtrd.2 $e |- ( ph -> B = C ) $. breqtrd $a |- ( ph -> A R C ) $. $}
${ breqtrrd.1 $e |- ( ph -> A R B ) $. breqtrrd.2 $e |- ( ph -> C = B ) $. breqtrrd $a |- ( ph -> A R C ) $. $}
${ fveq2i.1 $e |- A = B $. fveq2i $a |- ( F ` A ) = ( F ` B ) $. $}
${ fveq2d.1 $e |- ( ph -> A = B ) $. fveq2d $a |- ( ph -> ( F ` A ) = ( F ` B ) ) $. $}
fvex $a |- ( F ` A ) e. _V $.
${ $d A x $. $d C x $. $d D x $. fvmpt.1 $e |- ( x = A -> B = C ) $. fvmpt.2 $e |- F = ( x e. D |-> B ) $. fvmpt.3 $e |- C e. _V $. fvmpt $a |- ( A e. D -> ( F ` A ) = C ) $. $}
${ $d A x $. $d C x $. $d D x $. $d ph x $. fvmptd.1 $e |- ( ph -> F = ( x e. D |-> B ) ) $. fvmptd.2 $e |- ( ( ph /\ x = A ) -> B = C ) $. fvmptd.3 $e |- ( ph -> A e. D ) $. fvmptd.4 $e |- ( ph -> C e. V ) $. fvmptd $a |- ( ph -> ( F ` A ) = C ) $. $}
${ ffvelrnd.1 $e |- ( ph -> F : A --> B ) $. ffvelrnd.2 $e |- ( ph -> C e. A ) $. ffvelrnd $a |- ( ph -> ( F ` C ) e. B ) $. $}
${ oveq1i.1 $e |- A = B $. oveq1i $a |- ( A F C ) = ( B F C ) $. $}
${ oveq2i.1 $e |- A = B $. oveq2i $a |- ( C F A ) = ( C F B ) $. $}
${ oveq12i.1 $e |- A = B $. oveq12i.2 $e |- C = D $. oveq12i $a |- ( A F C ) = ( B F D ) $. $}
${ oveq1d.1 $e |- ( ph -> A = B ) $. oveq1d $a |- ( ph -> ( A F C ) = ( B F C ) ) $. $}
${ oveq2d.1 $e |- ( ph -> A = B ) $. oveq2d $a |- ( ph -> ( C F A ) = ( C F B ) ) $. $}
${ oveq12d.1 $e |- ( ph -> A = B ) $. oveq12d.2 $e |- ( ph -> C = D ) $. oveq12d $a |- ( ph -> ( A F C ) = ( B F D ) ) $. $}
ovex $a |- ( A F B ) e. _V $.
ax-icn $a |- _i e. CC $.
${ mulid1i.1 $e |- A e. CC $. mulid1i $a |- ( A x. 1 ) = A $. $}
${ mulid2i.1 $e |- A e. CC $. mulid2i $a |- ( 1 x. A ) = A $. $}
${ mulcomli.1 $e |- A e. CC $. mulcomli.2 $e |- B e. CC $. mulcomli.3 $e |- ( A x. B ) = C $. mulcomli $a |- ( B x. A ) = C $. $}
${ mulid1d.1 $e |- ( ph -> A e. CC ) $. mulid1d $a |- ( ph -> ( A x. 1 ) = A ) $. $}
${ mulid2d.1 $e |- ( ph -> A e. CC ) $. mulid2d $a |- ( ph -> ( 1 x. A ) = A ) $. $}
${ addcld.1 $e |- ( ph -> A e. CC ) $. addcld.2 $e |- ( ph -> B e. CC ) $. addcld $a |- ( ph -> ( A + B ) e. CC ) $. $}
${ mulcld.1 $e |- ( ph -> A e. CC ) $. mulcld.2 $e |- ( ph -> B e. CC ) $. mulcld $a |- ( ph -> ( A x. B ) e. CC ) $. $}
${ addassd.1 $e |- ( ph -> A e. CC ) $. addassd.2 $e |- ( ph -> B e. CC ) $. addassd.3 $e |- ( ph -> C e. CC ) $. addassd $a |- ( ph -> ( ( A + B ) + C ) = ( A + ( B + C ) ) ) $. $}
${ mulassd.1 $e |- ( ph -> A e. CC ) $. mulassd.2 $e |- ( ph -> B e. CC ) $. mulassd.3 $e |- ( ph -> C e. CC ) $. mulassd $a |- ( ph -> ( ( A x. B ) x. C ) = ( A x. ( B x. C ) ) ) $. $}
${ adddid.1 $e |- ( ph -> A e. CC ) $. adddid.2 $e |- ( ph -> B e. CC ) $. adddid.3 $e |- ( ph -> C e. CC ) $. adddid $a |- ( ph -> ( A x. ( B + C ) ) = ( ( A x. B ) + ( A x. C ) ) ) $. $}
${ adddird.1 $e |- ( ph -> A e. CC ) $. adddird.2 $e |- ( ph -> B e. CC ) $. adddird.3 $e |- ( ph -> C e. CC ) $. adddird $a |- ( ph -> ( ( A + B ) x. C ) = ( ( A x. C ) + ( B x. C ) ) ) $. $}
${ recnd.1 $e |- ( ph -> A e. RR ) $. recnd $a |- ( ph -> A e. CC ) $. $}
${ readdcld.1 $e |- ( ph -> A e. RR ) $. readdcld.2 $e |- ( ph -> B e. RR ) $. readdcld $a |- ( ph -> ( A + B ) e. RR ) $. $}
${ remulcld.1 $e |- ( ph -> A e. RR ) $. remulcld.2 $e |- ( ph -> B e. RR ) $. remulcld $a |- ( ph -> ( A x. B ) e. RR ) $. $}
${ rexrd.1 $e |- ( ph -> A e. RR ) $. rexrd $a |- ( ph -> A e. RR* ) $. $}
${ eqled.1 $e |- ( ph -> A e. RR ) $. eqled.2 $e |- ( ph -> A = B ) $. eqled $a |- ( ph -> A <_ B ) $. $}
${ gtned.1 $e |- ( ph -> A e. RR ) $. gtned.2 $e |- ( ph -> A < B ) $. gtned $a |- ( ph -> B =/= A ) $. $}
${ ltned.1 $e |- ( ph -> A e. RR ) $. ltned.2 $e |- ( ph -> A < B ) $. ltned $a |- ( ph -> A =/= B ) $. $}
${ ltled.1 $e |- ( ph -> A e. RR ) $. ltled.2 $e |- ( ph -> B e. RR ) $. ltled.3 $e |- ( ph -> A < B ) $. ltled $a |- ( ph -> A <_ B ) $. $}
${ mulgt0d.1 $e |- ( ph -> A e. RR ) $. mulgt0d.2 $e |- ( ph -> B e. RR ) $. mulgt0d.3 $e |- ( ph -> 0 < A ) $. mulgt0d.4 $e |- ( ph -> 0 < B ) $. mulgt0d $a |- ( ph -> 0 < ( A x. B ) ) $. $}
00id $a |- ( 0 + 0 ) = 0 $.
${ addid1i.1 $e |- A e. CC $. addid1i $a |- ( A + 0 ) = A $. $}
${ addid2i.1 $e |- A e. CC $. addid2i $a |- ( 0 + A ) = A $. $}
${ mul02i.1 $e |- A e. CC $. mul02i $a |- ( 0 x. A ) = 0 $. $}
${ mul01i.1 $e |- A e. CC $. mul01i $a |- ( A x. 0 ) = 0 $. $}
${ addcomli.1 $e |- A e. CC $. addcomli.2 $e |- B e. CC $. addcomli.3 $e |- ( A + B ) = C $. addcomli $a |- ( B + A ) = C $. $}
${ mul02d.1 $e |- ( ph -> A e. CC ) $. mul02d $a |- ( ph -> ( 0 x. A ) = 0 ) $. $}
${ mul01d.1 $e |- ( ph -> A e. CC ) $. mul01d $a |- ( ph -> ( A x. 0 ) = 0 ) $. $}
${ addid1d.1 $e |- ( ph -> A e. CC ) $. addid1d $a |- ( ph -> ( A + 0 ) = A ) $. $}
${ addid2d.1 $e |- ( ph -> A e. CC ) $. addid2d $a |- ( ph -> ( 0 + A ) = A ) $. $}
${ mul12d.1 $e |- ( ph -> A e. CC ) $. mul12d.2 $e |- ( ph -> B e. CC ) $. mul12d.3 $e |- ( ph -> C e. CC ) $. mul12d $a |- ( ph -> ( A x. ( B x. C ) ) = ( B x. ( A x. C ) ) ) $. $}
${ mul4d.1 $e |- ( ph -> A e. CC ) $. mul4d.2 $e |- ( ph -> B e. CC ) $. mul4d.3 $e |- ( ph -> C e. CC ) $. mul4d.4 $e |- ( ph -> D e. CC ) $. mul4d $a |- ( ph -> ( ( A x. B ) x. ( C x. D ) ) = ( ( A x. C ) x. ( B x. D ) ) ) $. $}
${ add12d.1 $e |- ( ph -> A e. CC ) $. add12d.2 $e |- ( ph -> B e. CC ) $. add12d.3 $e |- ( ph -> C e. CC ) $. add12d $a |- ( ph -> ( A + ( B + C ) ) = ( B + ( A + C ) ) ) $. $}
${ add4d.1 $e |- ( ph -> A e. CC ) $. add4d.2 $e |- ( ph -> B e. CC ) $. add4d.3 $e |- ( ph -> C e. CC ) $. add4d.4 $e |- ( ph -> D e. CC ) $. add4d $a |- ( ph -> ( ( A + B ) + ( C + D ) ) = ( ( A + C ) + ( B + D ) ) ) $. $}
${ negeqi.1 $e |- A = B $. negeqi $a |- -u A = -u B $. $}
${ negeqd.1 $e |- ( ph -> A = B ) $. negeqd $a |- ( ph -> -u A = -u B ) $. $}
negex $a |- -u A e. _V $.
${ negcli.1 $e |- A e. CC $. negcli $a |- -u A e. CC $. $}
${ negsubi.1 $e |- A e. CC $. negsubi.2 $e |- B e. CC $. negsubi $a |- ( A + -u B ) = ( A - B ) $. $}
${ negdii.1 $e |- A e. CC $. negdii.2 $e |- B e. CC $. negdii $a |- -u ( A + B ) = ( -u A + -u B ) $. $}
${ negsubdi2i.1 $e |- A e. CC $. negsubdi2i.2 $e |- B e. CC $. negsubdi2i $a |- -u ( A - B ) = ( B - A ) $. $}
${ subaddrii.1 $e |- A e. CC $. subaddrii.2 $e |- B e. CC $. subaddrii.3 $e |- C e. CC $. subaddrii.4 $e |- ( B + C ) = A $. subaddrii $a |- ( A - B ) = C $. $}
${ negcld.1 $e |- ( ph -> A e. CC ) $. negcld $a |- ( ph -> -u A e. CC ) $. $}
${ negne0d.1 $e |- ( ph -> A e. CC ) $. negne0d.2 $e |- ( ph -> A =/= 0 ) $. negne0d $a |- ( ph -> -u A =/= 0 ) $. $}
${ subcld.1 $e |- ( ph -> A e. CC ) $. subcld.2 $e |- ( ph -> B e. CC ) $. subcld $a |- ( ph -> ( A - B ) e. CC ) $. $}
${ negsubd.1 $e |- ( ph -> A e. CC ) $. negsubd.2 $e |- ( ph -> B e. CC ) $. negsubd $a |- ( ph -> ( A + -u B ) = ( A - B ) ) $. $}
${ subeq0d.1 $e |- ( ph -> A e. CC ) $. subeq0d.2 $e |- ( ph -> B e. CC ) $. subeq0d.3 $e |- ( ph -> ( A - B ) = 0 ) $. subeq0d $a |- ( ph -> A = B ) $. $}
${ subne0d.1 $e |- ( ph -> A e. CC ) $. subne0d.2 $e |- ( ph -> B e. CC ) $. subne0d.3 $e |- ( ph -> A =/= B ) $. subne0d $a |- ( ph -> ( A - B ) =/= 0 ) $. $}
${ subeq0bd.1 $e |- ( ph -> A e. CC ) $. subeq0bd.2 $e |- ( ph -> A = B ) $. subeq0bd $a |- ( ph -> ( A - B ) = 0 ) $. $}
${ renegcld.1 $e |- ( ph -> A e. RR ) $. renegcld $a |- ( ph -> -u A e. RR ) $. $}
${ resubcld.1 $e |- ( ph -> A e. RR ) $. resubcld.2 $e |- ( ph -> B e. RR ) $. resubcld $a |- ( ph -> ( A - B ) e. RR ) $. $}
ine0 $a |- _i =/= 0 $.
${ mulneg1i.1 $e |- A e. CC $. mulneg1i.2 $e |- B e. CC $. mulneg1i $a |- ( -u A x. B ) = -u ( A x. B ) $. $}
${ mulneg2i.1 $e |- A e. CC $. mulneg2i.2 $e |- B e. CC $. mulneg2i $a |- ( A x. -u B ) = -u ( A x. B ) $. $}
${ mul2negi.1 $e |- A e. CC $. mul2negi.2 $e |- B e. CC $. mul2negi $a |- ( -u A x. -u B ) = ( A x. B ) $. $}
${ mulm1d.1 $e |- ( ph -> A e. CC ) $. mulm1d $a |- ( ph -> ( -u 1 x. A ) = -u A ) $. $}
0lt1 $a |- 0 < 1 $.
${ gt0ne0d.1 $e |- ( ph -> 0 < A ) $. gt0ne0d $a |- ( ph -> A =/= 0 ) $. $}
${ leidd.1 $e |- ( ph -> A e. RR ) $. leidd $a |- ( ph -> A <_ A ) $. $}
${ addgegt0d.1 $e |- ( ph -> A e. RR ) $. addgegt0d.2 $e |- ( ph -> B e. RR ) $. addgegt0d.3 $e |- ( ph -> 0 <_ A ) $. addgegt0d.4 $e |- ( ph -> 0 < B ) $. addgegt0d $a |- ( ph -> 0 < ( A + B ) ) $. $}
${ addgt0d.1 $e |- ( ph -> A e. RR ) $. addgt0d.2 $e |- ( ph -> B e. RR ) $. addgt0d.3 $e |- ( ph -> 0 < A ) $. addgt0d.4 $e |- ( ph -> 0 < B ) $. addgt0d $a |- ( ph -> 0 < ( A + B ) ) $. $}
${ addge0d.1 $e |- ( ph -> A e. RR ) $. addge0d.2 $e |- ( ph -> B e. RR ) $. addge0d.3 $e |- ( ph -> 0 <_ A ) $. addge0d.4 $e |- ( ph -> 0 <_ B ) $. addge0d $a |- ( ph -> 0 <_ ( A + B ) ) $. $}
${ mulge0d.1 $e |- ( ph -> A e. RR ) $. mulge0d.2 $e |- ( ph -> B e. RR ) $. mulge0d.3 $e |- ( ph -> 0 <_ A ) $. mulge0d.4 $e |- ( ph -> 0 <_ B ) $. mulge0d $a |- ( ph -> 0 <_ ( A x. B ) ) $. $}
${ posdifd.1 $e |- ( ph -> A e. RR ) $. posdifd.2 $e |- ( ph -> B e. RR ) $. posdifd $a |- ( ph -> ( A < B <-> 0 < ( B - A ) ) ) $. $}
${ subge0d.1 $e |- ( ph -> A e. RR ) $. subge0d.2 $e |- ( ph -> B e. RR ) $. subge0d $a |- ( ph -> ( 0 <_ ( A - B ) <-> B <_ A ) ) $. $}
${ mulcanad.1 $e |- ( ph -> A e. CC ) $. mulcanad.2 $e |- ( ph -> B e. CC ) $. mulcanad.3 $e |- ( ph -> C e. CC ) $. mulcanad.4 $e |- ( ph -> C =/= 0 ) $. mulcanad.5 $e |- ( ph -> ( C x. A ) = ( C x. B ) ) $. mulcanad $a |- ( ph -> A = B ) $. $}
${ mulcan2ad.1 $e |- ( ph -> A e. CC ) $. mulcan2ad.2 $e |- ( ph -> B e. CC ) $. mulcan2ad.3 $e |- ( ph -> C e. CC ) $. mulcan2ad.4 $e |- ( ph -> C =/= 0 ) $. mulcan2ad.5 $e |- ( ph -> ( A x. C ) = ( B x. C ) ) $. mulcan2ad $a |- ( ph -> A = B ) $. $}
${ mulne0d.1 $e |- ( ph -> A e. CC ) $. mulne0d.2 $e |- ( ph -> B e. CC ) $. mulne0d.3 $e |- ( ph -> A =/= 0 ) $. mulne0d.4 $e |- ( ph -> B =/= 0 ) $. mulne0d $a |- ( ph -> ( A x. B ) =/= 0 ) $. $}
${ div1d.1 $e |- ( ph -> A e. CC ) $. div1d $a |- ( ph -> ( A / 1 ) = A ) $. $}
${ recidd.1 $e |- ( ph -> A e. CC ) $. recidd.2 $e |- ( ph -> A =/= 0 ) $. recidd $a |- ( ph -> ( A x. ( 1 / A ) ) = 1 ) $. $}
${ divcld.1 $e |- ( ph -> A e. CC ) $. divcld.2 $e |- ( ph -> B e. CC ) $. divcld.3 $e |- ( ph -> B =/= 0 ) $. divcld $a |- ( ph -> ( A / B ) e. CC ) $. $}
${ divrecd.1 $e |- ( ph -> A e. CC ) $. divrecd.2 $e |- ( ph -> B e. CC ) $. divrecd.3 $e |- ( ph -> B =/= 0 ) $. divrecd $a |- ( ph -> ( A / B ) = ( A x. ( 1 / B ) ) ) $. $}
${ divne0d.1 $e |- ( ph -> A e. CC ) $. divne0d.2 $e |- ( ph -> B e. CC ) $. divne0d.3 $e |- ( ph -> A =/= 0 ) $. divne0d.4 $e |- ( ph -> B =/= 0 ) $. divne0d $a |- ( ph -> ( A / B ) =/= 0 ) $. $}
${ recdivd.1 $e |- ( ph -> A e. CC ) $. recdivd.2 $e |- ( ph -> B e. CC ) $. recdivd.3 $e |- ( ph -> A =/= 0 ) $. recdivd.4 $e |- ( ph -> B =/= 0 ) $. recdivd $a |- ( ph -> ( 1 / ( A / B ) ) = ( B / A ) ) $. $}
${ divcan5d.1 $e |- ( ph -> A e. CC ) $. divcan5d.2 $e |- ( ph -> B e. CC ) $. divcan5d.3 $e |- ( ph -> C e. CC ) $. divcan5d.4 $e |- ( ph -> B =/= 0 ) $. divcan5d.5 $e |- ( ph -> C =/= 0 ) $. divcan5d $a |- ( ph -> ( ( C x. A ) / ( C x. B ) ) = ( A / B ) ) $. $}
${ divmuldivd.1 $e |- ( ph -> A e. CC ) $. divmuldivd.2 $e |- ( ph -> B e. CC ) $. divmuldivd.3 $e |- ( ph -> C e. CC ) $. divmuldivd.4 $e |- ( ph -> D e. CC ) $. divmuldivd.5 $e |- ( ph -> B =/= 0 ) $. divmuldivd.6 $e |- ( ph -> D =/= 0 ) $. divmuldivd $a |- ( ph -> ( ( A / B ) x. ( C / D ) ) = ( ( A x. C ) / ( B x. D ) ) ) $. $}
${ divadddivd.1 $e |- ( ph -> A e. CC ) $. divadddivd.2 $e |- ( ph -> B e. CC ) $. divadddivd.3 $e |- ( ph -> C e. CC ) $. divadddivd.4 $e |- ( ph -> D e. CC ) $. divadddivd.5 $e |- ( ph -> B =/= 0 ) $. divadddivd.6 $e |- ( ph -> D =/= 0 ) $. divadddivd $a |- ( ph -> ( ( A / B ) + ( C / D ) ) = ( ( ( A x. D ) + ( C x. B ) ) / ( B x. D ) ) ) $. $}
${ redivcld.1 $e |- ( ph -> A e. RR ) $. redivcld.2 $e |- ( ph -> B e. RR ) $. redivcld.3 $e |- ( ph -> B =/= 0 ) $. redivcld $a |- ( ph -> ( A / B ) e. RR ) $. $}
${ divgt0d.1 $e |- ( ph -> A e. RR ) $. divgt0d.2 $e |- ( ph -> B e. RR ) $. divgt0d.3 $e |- ( ph -> 0 < A ) $. divgt0d.4 $e |- ( ph -> 0 < B ) $. divgt0d $a |- ( ph -> 0 < ( A / B ) ) $. $}
1nn $a |- 1 e. NN $.
${ nnred.1 $e |- ( ph -> A e. NN ) $. nnred $a |- ( ph -> A e. RR ) $. $}
${ nncnd.1 $e |- ( ph -> A e. NN ) $. nncnd $a |- ( ph -> A e. CC ) $. $}
${ nngt0i.1 $e |- A e. NN $. nngt0i $a |- 0 < A $. $}
${ nngt0d.1 $e |- ( ph -> A e. NN ) $. nngt0d $a |- ( ph -> 0 < A ) $. $}
${ nnne0d.1 $e |- ( ph -> A e. NN ) $. nnne0d $a |- ( ph -> A =/= 0 ) $. $}
${ nnaddcld.1 $e |- ( ph -> A e. NN ) $. nnaddcld.2 $e |- ( ph -> B e. NN ) $. nnaddcld $a |- ( ph -> ( A + B ) e. NN ) $. $}
${ nnmulcld.1 $e |- ( ph -> A e. NN ) $. nnmulcld.2 $e |- ( ph -> B e. NN ) $. nnmulcld $a |- ( ph -> ( A x. B ) e. NN ) $. $}
0p1e1 $a |- ( 0 + 1 ) = 1 $.
1p0e1 $a |- ( 1 + 0 ) = 1 $.
1p1e2 $a |- ( 1 + 1 ) = 2 $.
2p2e4 $a |- ( 2 + 2 ) = 4 $.
2p1e3 $a |- ( 2 + 1 ) = 3 $.
1p2e3 $a |- ( 1 + 2 ) = 3 $.
3p1e4 $a |- ( 3 + 1 ) = 4 $.
4p1e5 $a |- ( 4 + 1 ) = 5 $.
5p1e6 $a |- ( 5 + 1 ) = 6 $.
6p1e7 $a |- ( 6 + 1 ) = 7 $.
7p1e8 $a |- ( 7 + 1 ) = 8 $.
8p1e9 $a |- ( 8 + 1 ) = 9 $.
9p1e10 $a |- ( 9 + 1 ) = 10 $.
3p2e5 $a |- ( 3 + 2 ) = 5 $.
3p3e6 $a |- ( 3 + 3 ) = 6 $.
4p2e6 $a |- ( 4 + 2 ) = 6 $.
4p3e7 $a |- ( 4 + 3 ) = 7 $.
4p4e8 $a |- ( 4 + 4 ) = 8 $.
5p2e7 $a |- ( 5 + 2 ) = 7 $.
5p3e8 $a |- ( 5 + 3 ) = 8 $.
5p4e9 $a |- ( 5 + 4 ) = 9 $.
5p5e10 $a |- ( 5 + 5 ) = 10 $.
6p2e8 $a |- ( 6 + 2 ) = 8 $.
6p3e9 $a |- ( 6 + 3 ) = 9 $.
6p4e10 $a |- ( 6 + 4 ) = 10 $.
7p2e9 $a |- ( 7 + 2 ) = 9 $.
7p3e10 $a |- ( 7 + 3 ) = 10 $.
8p2e10 $a |- ( 8 + 2 ) = 10 $.
1t1e1 $a |- ( 1 x. 1 ) = 1 $.
2t1e2 $a |- ( 2 x. 1 ) = 2 $.
2t2e4 $a |- ( 2 x. 2 ) = 4 $.
3t1e3 $a |- ( 3 x. 1 ) = 3 $.
3t2e6 $a |- ( 3 x. 2 ) = 6 $.
3t3e9 $a |- ( 3 x. 3 ) = 9 $.
4t2e8 $a |- ( 4 x. 2 ) = 8 $.
5t2e10 $a |- ( 5 x. 2 ) = 10 $.
2t0e0 $a |- ( 2 x. 0 ) = 0 $.
2nn $a |- 2 e. NN $.
3nn $a |- 3 e. NN $.
4nn $a |- 4 e. NN $.
5nn $a |- 5 e. NN $.
6nn $a |- 6 e. NN $.
7nn $a |- 7 e. NN $.
8nn $a |- 8 e. NN $.
9nn $a |- 9 e. NN $.
10nn $a |- 10 e. NN $.
1lt2 $a |- 1 < 2 $.
2lt3 $a |- 2 < 3 $.
1lt3 $a |- 1 < 3 $.
3lt4 $a |- 3 < 4 $.
2lt4 $a |- 2 < 4 $.
1lt4 $a |- 1 < 4 $.
4lt5 $a |- 4 < 5 $.
3lt5 $a |- 3 < 5 $.
2lt5 $a |- 2 < 5 $.
1lt5 $a |- 1 < 5 $.
5lt6 $a |- 5 < 6 $.
4lt6 $a |- 4 < 6 $.
3lt6 $a |- 3 < 6 $.
2lt6 $a |- 2 < 6 $.
1lt6 $a |- 1 < 6 $.
6lt7 $a |- 6 < 7 $.
5lt7 $a |- 5 < 7 $.
4lt7 $a |- 4 < 7 $.
3lt7 $a |- 3 < 7 $.
2lt7 $a |- 2 < 7 $.
1lt7 $a |- 1 < 7 $.
7lt8 $a |- 7 < 8 $.
6lt8 $a |- 6 < 8 $.
5lt8 $a |- 5 < 8 $.
4lt8 $a |- 4 < 8 $.
3lt8 $a |- 3 < 8 $.
2lt8 $a |- 2 < 8 $.
1lt8 $a |- 1 < 8 $.
8lt9 $a |- 8 < 9 $.
7lt9 $a |- 7 < 9 $.
6lt9 $a |- 6 < 9 $.
5lt9 $a |- 5 < 9 $.
4lt9 $a |- 4 < 9 $.
3lt9 $a |- 3 < 9 $.
2lt9 $a |- 2 < 9 $.
1lt9 $a |- 1 < 9 $.
9lt10 $a |- 9 < 10 $.
8lt10 $a |- 8 < 10 $.
7lt10 $a |- 7 < 10 $.
6lt10 $a |- 6 < 10 $.
5lt10 $a |- 5 < 10 $.
4lt10 $a |- 4 < 10 $.
3lt10 $a |- 3 < 10 $.
2lt10 $a |- 2 < 10 $.
1lt10 $a |- 1 < 10 $.
${ nn0cni.1 $e |- A e. NN0 $. nn0cni $a |- A e. CC $. $}
0nn0 $a |- 0 e. NN0 $.
1nn0 $a |- 1 e. NN0 $.
2nn0 $a |- 2 e. NN0 $.
3nn0 $a |- 3 e. NN0 $.
4nn0 $a |- 4 e. NN0 $.
5nn0 $a |- 5 e. NN0 $.
6nn0 $a |- 6 e. NN0 $.
7nn0 $a |- 7 e. NN0 $.
8nn0 $a |- 8 e. NN0 $.
9nn0 $a |- 9 e. NN0 $.
10nn0 $a |- 10 e. NN0 $.
${ nnnn0d.1 $e |- ( ph -> A e. NN ) $. nnnn0d $a |- ( ph -> A e. NN0 ) $. $}
${ nn0red.1 $e |- ( ph -> A e. NN0 ) $. nn0red $a |- ( ph -> A e. RR ) $. $}
${ nn0cnd.1 $e |- ( ph -> A e. NN0 ) $. nn0cnd $a |- ( ph -> A e. CC ) $. $}
${ nn0ge0d.1 $e |- ( ph -> A e. NN0 ) $. nn0ge0d $a |- ( ph -> 0 <_ A ) $. $}
${ nn0addcld.1 $e |- ( ph -> A e. NN0 ) $. nn0addcld.2 $e |- ( ph -> B e. NN0 ) $. nn0addcld $a |- ( ph -> ( A + B ) e. NN0 ) $. $}
${ nn0mulcld.1 $e |- ( ph -> A e. NN0 ) $. nn0mulcld.2 $e |- ( ph -> B e. NN0 ) $. nn0mulcld $a |- ( ph -> ( A x. B ) e. NN0 ) $. $}
elnnz $a |- ( N e. NN <-> ( N e. ZZ /\ 0 < N ) ) $.
${ nn0zi.1 $e |- N e. NN0 $. nn0zi $a |- N e. ZZ $. $}
${ nn0zd.1 $e |- ( ph -> A e. NN0 ) $. nn0zd $a |- ( ph -> A e. ZZ ) $. $}
${ nnzd.1 $e |- ( ph -> A e. NN ) $. nnzd $a |- ( ph -> A e. ZZ ) $. $}
${ zred.1 $e |- ( ph -> A e. ZZ ) $. zred $a |- ( ph -> A e. RR ) $. $}
${ zcnd.1 $e |- ( ph -> A e. ZZ ) $. zcnd $a |- ( ph -> A e. CC ) $. $}
${ znegcld.1 $e |- ( ph -> A e. ZZ ) $. znegcld $a |- ( ph -> -u A e. ZZ ) $. $}
${ zaddcld.1 $e |- ( ph -> A e. ZZ ) $. zaddcld.2 $e |- ( ph -> B e. ZZ ) $. zaddcld $a |- ( ph -> ( A + B ) e. ZZ ) $. $}
${ zsubcld.1 $e |- ( ph -> A e. ZZ ) $. zsubcld.2 $e |- ( ph -> B e. ZZ ) $. zsubcld $a |- ( ph -> ( A - B ) e. ZZ ) $. $}
${ zmulcld.1 $e |- ( ph -> A e. ZZ ) $. zmulcld.2 $e |- ( ph -> B e. ZZ ) $. zmulcld $a |- ( ph -> ( A x. B ) e. ZZ ) $. $}
df-dec $a |- ; A B = ( ( 10 x. A ) + B ) $.
${ decnncl.1 $e |- A e. NN0 $. decnncl.2 $e |- B e. NN $. decnncl $a |- ; A B e. NN $. $}
${ deccl.1 $e |- A e. NN0 $. deccl.2 $e |- B e. NN0 $. deccl $a |- ; A B e. NN0 $. $}
${ dec0h.1 $e |- A e. NN0 $. dec0h $a |- A = ; 0 A $. $}
${ decnncl2.1 $e |- A e. NN $. decnncl2 $a |- ; A 0 e. NN $. $}
${ declt.1 $e |- A e. NN0 $. declt.2 $e |- B e. NN0 $. declt.3 $e |- C e. NN $. declt.4 $e |- B < C $. declt $a |- ; A B < ; A C $. $}
${ decltc.1 $e |- A e. NN0 $. decltc.2 $e |- B e. NN0 $. decltc.3 $e |- C e. NN0 $. decltc.4 $e |- D e. NN0 $. decltc.5 $e |- C < 10 $. decltc.6 $e |- A < B $. decltc $a |- ; A C < ; B D $. $}
${ declti.1 $e |- A e. NN $. declti.2 $e |- B e. NN0 $. declti.3 $e |- C e. NN0 $. declti.4 $e |- C < 10 $. declti $a |- C < ; A B $. $}
dec10 $a |- 10 = ; 1 0 $.
${ decadd.1 $e |- A e. NN0 $. decadd.2 $e |- B e. NN0 $. decadd.3 $e |- C e. NN0 $. decadd.4 $e |- D e. NN0 $. decadd.5 $e |- M = ; A B $. decadd.6 $e |- N = ; C D $. decadd.7 $e |- ( A + C ) = E $. decadd.8 $e |- ( B + D ) = F $. decadd $a |- ( M + N ) = ; E F $. $}
${ decaddc.1 $e |- A e. NN0 $. decaddc.2 $e |- B e. NN0 $. decaddc.3 $e |- C e. NN0 $. decaddc.4 $e |- D e. NN0 $. decaddc.5 $e |- M = ; A B $. decaddc.6 $e |- N = ; C D $. decaddc.7 $e |- ( ( A + C ) + 1 ) = E $. decaddc.8 $e |- F e. NN0 $. decaddc.9 $e |- ( B + D ) = ; 1 F $. decaddc $a |- ( M + N ) = ; E F $. $}
${ decaddi.1 $e |- A e. NN0 $. decaddi.2 $e |- B e. NN0 $. decaddi.3 $e |- N e. NN0 $. decaddi.4 $e |- M = ; A B $. decaddi.5 $e |- ( B + N ) = C $. decaddi $a |- ( M + N ) = ; A C $. $}
${ decaddci.1 $e |- A e. NN0 $. decaddci.2 $e |- B e. NN0 $. decaddci.3 $e |- N e. NN0 $. decaddci.4 $e |- M = ; A B $. decaddci.5 $e |- ( A + 1 ) = D $. decaddci.6 $e |- C e. NN0 $. decaddci.7 $e |- ( B + N ) = ; 1 C $. decaddci $a |- ( M + N ) = ; D C $. $}
${ decmul1c.1 $e |- P e. NN0 $. decmul1c.2 $e |- A e. NN0 $. decmul1c.3 $e |- B e. NN0 $. decmul1c.4 $e |- N = ; A B $. decmul1c.5 $e |- D e. NN0 $. decmul1c.6 $e |- E e. NN0 $. decmul1c.7 $e |- ( ( A x. P ) + E ) = C $. decmul1c.8 $e |- ( B x. P ) = ; E D $. decmul1c $a |- ( N x. P ) = ; C D $. $}
${ decmul2c.1 $e |- P e. NN0 $. decmul2c.2 $e |- A e. NN0 $. decmul2c.3 $e |- B e. NN0 $. decmul2c.4 $e |- N = ; A B $. decmul2c.5 $e |- D e. NN0 $. decmul2c.6 $e |- E e. NN0 $. decmul2c.7 $e |- ( ( P x. A ) + E ) = C $. decmul2c.8 $e |- ( P x. B ) = ; E D $. decmul2c $a |- ( P x. N ) = ; C D $. $}
6p5e11 $a |- ( 6 + 5 ) = ; 1 1 $.
6p6e12 $a |- ( 6 + 6 ) = ; 1 2 $.
7p4e11 $a |- ( 7 + 4 ) = ; 1 1 $.
7p5e12 $a |- ( 7 + 5 ) = ; 1 2 $.
7p6e13 $a |- ( 7 + 6 ) = ; 1 3 $.
7p7e14 $a |- ( 7 + 7 ) = ; 1 4 $.
8p3e11 $a |- ( 8 + 3 ) = ; 1 1 $.
8p4e12 $a |- ( 8 + 4 ) = ; 1 2 $.
8p5e13 $a |- ( 8 + 5 ) = ; 1 3 $.
8p6e14 $a |- ( 8 + 6 ) = ; 1 4 $.
8p7e15 $a |- ( 8 + 7 ) = ; 1 5 $.
8p8e16 $a |- ( 8 + 8 ) = ; 1 6 $.
9p2e11 $a |- ( 9 + 2 ) = ; 1 1 $.
9p3e12 $a |- ( 9 + 3 ) = ; 1 2 $.
9p4e13 $a |- ( 9 + 4 ) = ; 1 3 $.
9p5e14 $a |- ( 9 + 5 ) = ; 1 4 $.
9p6e15 $a |- ( 9 + 6 ) = ; 1 5 $.
9p7e16 $a |- ( 9 + 7 ) = ; 1 6 $.
9p8e17 $a |- ( 9 + 8 ) = ; 1 7 $.
9p9e18 $a |- ( 9 + 9 ) = ; 1 8 $.
4t3e12 $a |- ( 4 x. 3 ) = ; 1 2 $.
4t4e16 $a |- ( 4 x. 4 ) = ; 1 6 $.
5t3e15 $a |- ( 5 x. 3 ) = ; 1 5 $.
5t4e20 $a |- ( 5 x. 4 ) = ; 2 0 $.
5t5e25 $a |- ( 5 x. 5 ) = ; 2 5 $.
6t2e12 $a |- ( 6 x. 2 ) = ; 1 2 $.
6t3e18 $a |- ( 6 x. 3 ) = ; 1 8 $.
6t4e24 $a |- ( 6 x. 4 ) = ; 2 4 $.
6t5e30 $a |- ( 6 x. 5 ) = ; 3 0 $.
6t6e36 $a |- ( 6 x. 6 ) = ; 3 6 $.
7t2e14 $a |- ( 7 x. 2 ) = ; 1 4 $.
7t3e21 $a |- ( 7 x. 3 ) = ; 2 1 $.
7t4e28 $a |- ( 7 x. 4 ) = ; 2 8 $.
7t5e35 $a |- ( 7 x. 5 ) = ; 3 5 $.
7t6e42 $a |- ( 7 x. 6 ) = ; 4 2 $.
7t7e49 $a |- ( 7 x. 7 ) = ; 4 9 $.
8t2e16 $a |- ( 8 x. 2 ) = ; 1 6 $.
8t3e24 $a |- ( 8 x. 3 ) = ; 2 4 $.
8t4e32 $a |- ( 8 x. 4 ) = ; 3 2 $.
8t5e40 $a |- ( 8 x. 5 ) = ; 4 0 $.
8t6e48 $a |- ( 8 x. 6 ) = ; 4 8 $.
8t7e56 $a |- ( 8 x. 7 ) = ; 5 6 $.
8t8e64 $a |- ( 8 x. 8 ) = ; 6 4 $.
9t2e18 $a |- ( 9 x. 2 ) = ; 1 8 $.
9t3e27 $a |- ( 9 x. 3 ) = ; 2 7 $.
9t4e36 $a |- ( 9 x. 4 ) = ; 3 6 $.
9t5e45 $a |- ( 9 x. 5 ) = ; 4 5 $.
9t6e54 $a |- ( 9 x. 6 ) = ; 5 4 $.
9t7e63 $a |- ( 9 x. 7 ) = ; 6 3 $.
9t8e72 $a |- ( 9 x. 8 ) = ; 7 2 $.
9t9e81 $a |- ( 9 x. 9 ) = ; 8 1 $.
qre $a |- ( A e. QQ -> A e. RR ) $.
zq $a |- ( A e. ZZ -> A e. QQ ) $.
qaddcl $a |- ( ( A e. QQ /\ B e. QQ ) -> ( A + B ) e. QQ ) $.
qmulcl $a |- ( ( A e. QQ /\ B e. QQ ) -> ( A x. B ) e. QQ ) $.
qsubcl $a |- ( ( A e. QQ /\ B e. QQ ) -> ( A - B ) e. QQ ) $.
qdivcl $a |- ( ( A e. QQ /\ B e. QQ /\ B =/= 0 ) -> ( A / B ) e. QQ ) $.
${ elrpd.1 $e |- ( ph -> A e. RR ) $. elrpd.2 $e |- ( ph -> 0 < A ) $. elrpd $a |- ( ph -> A e. RR+ ) $. $}
${ nnrpd.1 $e |- ( ph -> A e. NN ) $. nnrpd $a |- ( ph -> A e. RR+ ) $. $}
${ rpred.1 $e |- ( ph -> A e. RR+ ) $. rpred $a |- ( ph -> A e. RR ) $. $}
${ rpcnd.1 $e |- ( ph -> A e. RR+ ) $. rpcnd $a |- ( ph -> A e. CC ) $. $}
${ rpgt0d.1 $e |- ( ph -> A e. RR+ ) $. rpgt0d $a |- ( ph -> 0 < A ) $. $}
${ rpne0d.1 $e |- ( ph -> A e. RR+ ) $. rpne0d $a |- ( ph -> A =/= 0 ) $. $}
${ rpaddcld.1 $e |- ( ph -> A e. RR+ ) $. rpaddcld.2 $e |- ( ph -> B e. RR+ ) $. rpaddcld $a |- ( ph -> ( A + B ) e. RR+ ) $. $}
${ rpmulcld.1 $e |- ( ph -> A e. RR+ ) $. rpmulcld.2 $e |- ( ph -> B e. RR+ ) $. rpmulcld $a |- ( ph -> ( A x. B ) e. RR+ ) $. $}
${ rpdivcld.1 $e |- ( ph -> A e. RR+ ) $. rpdivcld.2 $e |- ( ph -> B e. RR+ ) $. rpdivcld $a |- ( ph -> ( A / B ) e. RR+ ) $. $}
elfzelz $a |- ( K e. ( M ... N ) -> K e. ZZ ) $.
elfzle1 $a |- ( K e. ( M ... N ) -> M <_ K ) $.
elfzle2 $a |- ( K e. ( M ... N ) -> K <_ N ) $.
elfznn $a |- ( K e. ( 1 ... N ) -> K e. NN ) $.
elfznn0 $a |- ( K e. ( 0 ... N ) -> K e. NN0 ) $.
${ flcld.1 $e |- ( ph -> A e. RR ) $. flcld $a |- ( ph -> ( |_ ` A ) e. ZZ ) $. $}
flbi $a |- ( ( A e. RR /\ B e. ZZ ) -> ( ( |_ ` A ) = B <-> ( B <_ A /\ A < ( B + 1 ) ) ) ) $.
${ modcld.1 $e |- ( ph -> A e. RR ) $. modcld.2 $e |- ( ph -> B e. RR+ ) $. modcld $a |- ( ph -> ( A mod B ) e. RR ) $. $}
${ zmodcld.1 $e |- ( ph -> A e. ZZ ) $. zmodcld.2 $e |- ( ph -> B e. NN ) $. zmodcld $a |- ( ph -> ( A mod B ) e. NN0 ) $. $}
modid $a |- ( ( ( A e. RR /\ B e. RR+ ) /\ ( 0 <_ A /\ A < B ) ) -> ( A mod B ) = A ) $.
modcyc $a |- ( ( A e. RR /\ B e. RR+ /\ N e. ZZ ) -> ( ( A + ( N x. B ) ) mod B ) = ( A mod B ) ) $.
${ modmul12d.1 $e |- ( ph -> A e. ZZ ) $. modmul12d.2 $e |- ( ph -> B e. ZZ ) $. modmul12d.3 $e |- ( ph -> C e. ZZ ) $. modmul12d.4 $e |- ( ph -> D e. ZZ ) $. modmul12d.5 $e |- ( ph -> E e. RR+ ) $. modmul12d.6 $e |- ( ph -> ( A mod E ) = ( B mod E ) ) $. modmul12d.7 $e |- ( ph -> ( C mod E ) = ( D mod E ) ) $. modmul12d $a |- ( ph -> ( ( A x. C ) mod E ) = ( ( B x. D ) mod E ) ) $. $}
${ modnegd.1 $e |- ( ph -> A e. RR ) $. modnegd.2 $e |- ( ph -> B e. RR ) $. modnegd.3 $e |- ( ph -> C e. RR+ ) $. modnegd.4 $e |- ( ph -> ( A mod C ) = ( B mod C ) ) $. modnegd $a |- ( ph -> ( -u A mod C ) = ( -u B mod C ) ) $. $}
${ modadd12d.1 $e |- ( ph -> A e. RR ) $. modadd12d.2 $e |- ( ph -> B e. RR ) $. modadd12d.3 $e |- ( ph -> C e. RR ) $. modadd12d.4 $e |- ( ph -> D e. RR ) $. modadd12d.5 $e |- ( ph -> E e. RR+ ) $. modadd12d.6 $e |- ( ph -> ( A mod E ) = ( B mod E ) ) $. modadd12d.7 $e |- ( ph -> ( C mod E ) = ( D mod E ) ) $. modadd12d $a |- ( ph -> ( ( A + C ) mod E ) = ( ( B + D ) mod E ) ) $. $}
${ modsub12d.1 $e |- ( ph -> A e. RR ) $. modsub12d.2 $e |- ( ph -> B e. RR ) $. modsub12d.3 $e |- ( ph -> C e. RR ) $. modsub12d.4 $e |- ( ph -> D e. RR ) $. modsub12d.5 $e |- ( ph -> E e. RR+ ) $. modsub12d.6 $e |- ( ph -> ( A mod E ) = ( B mod E ) ) $. modsub12d.7 $e |- ( ph -> ( C mod E ) = ( D mod E ) ) $. modsub12d $a |- ( ph -> ( ( A - C ) mod E ) = ( ( B - D ) mod E ) ) $. $}
zexpcl $a |- ( ( A e. ZZ /\ N e. NN0 ) -> ( A ^ N ) e. ZZ ) $.
i2 $a |- ( _i ^ 2 ) = -u 1 $.
modexp $a |- ( ( ( A e. ZZ /\ B e. ZZ ) /\ ( C e. NN0 /\ D e. RR+ ) /\ ( A mod D ) = ( B mod D ) ) -> ( ( A ^ C ) mod D ) = ( ( B ^ C ) mod D ) ) $.
${ exp0d.1 $e |- ( ph -> A e. CC ) $. exp0d $a |- ( ph -> ( A ^ 0 ) = 1 ) $. $}
${ exp1d.1 $e |- ( ph -> A e. CC ) $. exp1d $a |- ( ph -> ( A ^ 1 ) = A ) $. $}
${ sqvald.1 $e |- ( ph -> A e. CC ) $. sqvald $a |- ( ph -> ( A ^ 2 ) = ( A x. A ) ) $. $}
${ expcld.1 $e |- ( ph -> A e. CC ) $. expcld.2 $e |- ( ph -> N e. NN0 ) $. expcld $a |- ( ph -> ( A ^ N ) e. CC ) $. $}
${ expp1d.1 $e |- ( ph -> A e. CC ) $. expp1d.2 $e |- ( ph -> N e. NN0 ) $. expp1d $a |- ( ph -> ( A ^ ( N + 1 ) ) = ( ( A ^ N ) x. A ) ) $. $}
${ expclzd.1 $e |- ( ph -> A e. CC ) $. expclzd.2 $e |- ( ph -> A =/= 0 ) $. expclzd.3 $e |- ( ph -> N e. ZZ ) $. expclzd $a |- ( ph -> ( A ^ N ) e. CC ) $. $}
${ expne0d.1 $e |- ( ph -> A e. CC ) $. expne0d.2 $e |- ( ph -> A =/= 0 ) $. expne0d.3 $e |- ( ph -> N e. ZZ ) $. expne0d $a |- ( ph -> ( A ^ N ) =/= 0 ) $. $}
${ expnegd.1 $e |- ( ph -> A e. CC ) $. expnegd.2 $e |- ( ph -> A =/= 0 ) $. expnegd.3 $e |- ( ph -> N e. ZZ ) $. expnegd $a |- ( ph -> ( A ^ -u N ) = ( 1 / ( A ^ N ) ) ) $. $}
${ 0expd.1 $e |- ( ph -> N e. NN ) $. 0expd $a |- ( ph -> ( 0 ^ N ) = 0 ) $. $}
${ reexpcld.1 $e |- ( ph -> A e. RR ) $. reexpcld.2 $e |- ( ph -> N e. NN0 ) $. reexpcld $a |- ( ph -> ( A ^ N ) e. RR ) $. $}
${ nnexpcld.1 $e |- ( ph -> A e. NN ) $. nnexpcld.2 $e |- ( ph -> N e. NN0 ) $. nnexpcld $a |- ( ph -> ( A ^ N ) e. NN ) $. $}
${ nn0expcld.1 $e |- ( ph -> A e. NN0 ) $. nn0expcld.2 $e |- ( ph -> N e. NN0 ) $. nn0expcld $a |- ( ph -> ( A ^ N ) e. NN0 ) $. $}
${ rpexpcld.1 $e |- ( ph -> A e. RR+ ) $. rpexpcld.2 $e |- ( ph -> N e. ZZ ) $. rpexpcld $a |- ( ph -> ( A ^ N ) e. RR+ ) $. $}
${ sqge0d.1 $e |- ( ph -> A e. RR ) $. sqge0d $a |- ( ph -> 0 <_ ( A ^ 2 ) ) $. $}
fac0 $a |- ( ! ` 0 ) = 1 $.
facp1 $a |- ( N e. NN0 -> ( ! ` ( N + 1 ) ) = ( ( ! ` N ) x. ( N + 1 ) ) ) $.
faccl $a |- ( N e. NN0 -> ( ! ` N ) e. NN ) $.
${ rpsqrtcld.1 $e |- ( ph -> A e. RR+ ) $. rpsqrtcld $a |- ( ph -> ( sqrt ` A ) e. RR+ ) $. $}
${ absnidd.1 $e |- ( ph -> A e. RR ) $. absnidd.2 $e |- ( ph -> A <_ 0 ) $. absnidd $a |- ( ph -> ( abs ` A ) = -u A ) $. $}
${ leabsd.1 $e |- ( ph -> A e. RR ) $. leabsd $a |- ( ph -> A <_ ( abs ` A ) ) $. $}
${ resqrtcld.1 $e |- ( ph -> A e. RR ) $. resqrtcld.2 $e |- ( ph -> 0 <_ A ) $. resqrtcld $a |- ( ph -> ( sqrt ` A ) e. RR ) $. $}
${ sqrtsqd.1 $e |- ( ph -> A e. RR ) $. sqrtsqd.2 $e |- ( ph -> 0 <_ A ) $. sqrtsqd $a |- ( ph -> ( sqrt ` ( A ^ 2 ) ) = A ) $. $}
${ sqrtge0d.1 $e |- ( ph -> A e. RR ) $. sqrtge0d.2 $e |- ( ph -> 0 <_ A ) $. sqrtge0d $a |- ( ph -> 0 <_ ( sqrt ` A ) ) $. $}
${ absidd.1 $e |- ( ph -> A e. RR ) $. absidd.2 $e |- ( ph -> 0 <_ A ) $. absidd $a |- ( ph -> ( abs ` A ) = A ) $. $}
${ abscld.1 $e |- ( ph -> A e. CC ) $. abscld $a |- ( ph -> ( abs ` A ) e. RR ) $. $}
${ sqrtcld.1 $e |- ( ph -> A e. CC ) $. sqrtcld $a |- ( ph -> ( sqrt ` A ) e. CC ) $. $}
${ sqsqrtd.1 $e |- ( ph -> A e. CC ) $. sqsqrtd $a |- ( ph -> ( ( sqrt ` A ) ^ 2 ) = A ) $. $}
${ absge0d.1 $e |- ( ph -> A e. CC ) $. absge0d $a |- ( ph -> 0 <_ ( abs ` A ) ) $. $}
${ absnegd.1 $e |- ( ph -> A e. CC ) $. absnegd $a |- ( ph -> ( abs ` -u A ) = ( abs ` A ) ) $. $}
${ reefcld.1 $e |- ( ph -> A e. RR ) $. reefcld $a |- ( ph -> ( exp ` A ) e. RR ) $. $}
${ resincld.1 $e |- ( ph -> A e. RR ) $. resincld $a |- ( ph -> ( sin ` A ) e. RR ) $. $}
${ recoscld.1 $e |- ( ph -> A e. RR ) $. recoscld $a |- ( ph -> ( cos ` A ) e. RR ) $. $}
dvdsval3 $a |- ( ( M e. NN /\ N e. ZZ ) -> ( M || N <-> ( N mod M ) = 0 ) ) $.
moddvds $a |- ( ( N e. NN /\ A e. ZZ /\ B e. ZZ ) -> ( ( A mod N ) = ( B mod N ) <-> N || ( A - B ) ) ) $.
dvds0lem $a |- ( ( ( K e. ZZ /\ M e. ZZ /\ N e. ZZ ) /\ ( K x. M ) = N ) -> M || N ) $.
dvdstr $a |- ( ( K e. ZZ /\ M e. ZZ /\ N e. ZZ ) -> ( ( K || M /\ M || N ) -> K || N ) ) $.
${ gcdcld.1 $e |- ( ph -> M e. ZZ ) $. gcdcld.2 $e |- ( ph -> N e. ZZ ) $. gcdcld $a |- ( ph -> ( M gcd N ) e. NN0 ) $. $}
nn0gcdid0 $a |- ( N e. NN0 -> ( N gcd 0 ) = N ) $.
lcmcl $a |- ( ( M e. ZZ /\ N e. ZZ ) -> ( M lcm N ) e. NN0 ) $.
lcmgcdnn $a |- ( ( M e. NN /\ N e. NN ) -> ( ( M lcm N ) x. ( M gcd N ) ) = ( M x. N ) ) $.
${ mod2xi.1 $e |- N e. NN $. mod2xi.2 $e |- A e. NN $. mod2xi.3 $e |- B e. NN0 $. mod2xi.4 $e |- D e. ZZ $. mod2xi.5 $e |- K e. NN0 $. mod2xi.6 $e |- M e. NN0 $. mod2xi.7 $e |- ( ( A ^ B ) mod N ) = ( K mod N ) $. mod2xi.8 $e |- ( 2 x. B ) = E $. mod2xi.9 $e |- ( ( D x. N ) + M ) = ( K x. K ) $. mod2xi $a |- ( ( A ^ E ) mod N ) = ( M mod N ) $. $}
${ modxp1i.1 $e |- N e. NN $. modxp1i.2 $e |- A e. NN $. modxp1i.3 $e |- B e. NN0 $. modxp1i.4 $e |- D e. ZZ $. modxp1i.5 $e |- K e. NN0 $. modxp1i.6 $e |- M e. NN0 $. modxp1i.7 $e |- ( ( A ^ B ) mod N ) = ( K mod N ) $. modxp1i.8 $e |- ( B + 1 ) = E $. modxp1i.9 $e |- ( ( D x. N ) + M ) = ( K x. A ) $. modxp1i $a |- ( ( A ^ E ) mod N ) = ( M mod N ) $. $}
${ gcdi.1 $e |- K e. NN0 $. gcdi.2 $e |- R e. NN0 $. gcdi.3 $e |- N e. NN0 $. gcdi.4 $e |- ( N gcd R ) = G $. gcdi.5 $e |- ( ( K x. N ) + R ) = M $. gcdi $a |- ( M gcd N ) = G $. $}
${ numexp0.1 $e |- A e. NN0 $. numexp0 $a |- ( A ^ 0 ) = 1 $. $}
${ numexp1.1 $e |- A e. NN0 $. numexp1 $a |- ( A ^ 1 ) = A $. $}
${ numexpp1.1 $e |- A e. NN0 $. numexpp1.2 $e |- M e. NN0 $. numexpp1.3 $e |- ( M + 1 ) = N $. numexpp1.4 $e |- ( ( A ^ M ) x. A ) = C $. numexpp1 $a |- ( A ^ N ) = C $. $}
${ numexp2x.1 $e |- A e. NN0 $. numexp2x.2 $e |- M e. NN0 $. numexp2x.3 $e |- ( 2 x. M ) = N $. numexp2x.4 $e |- ( A ^ M ) = D $. numexp2x.5 $e |- ( D x. D ) = C $. numexp2x $a |- ( A ^ N ) = C $. $}
pire $a |- _pi e. RR $.
${ relogcld.1 $e |- ( ph -> A e. RR+ ) $. relogcld $a |- ( ph -> ( log ` A ) e. RR ) $. $}
5p5e10b $a |- ( 5 + 5 ) = ; 1 0 $.
6p4e10b $a |- ( 6 + 4 ) = ; 1 0 $.
7p3e10b $a |- ( 7 + 3 ) = ; 1 0 $.
8p2e10b $a |- ( 8 + 2 ) = ; 1 0 $.
9p1e10b $a |- ( 9 + 1 ) = ; 1 0 $.
