use super::*;
use crate::metamath_db::database::Database;
use std::sync::Arc;

/// Equality with theorems that replace terms, a binder and sorts, appended to the common fixture.
const MORE: &str = "
$c CC RR NN + - { | } F/ =/= 0 2 < _V $.
csn $a class { x | ph } $.  cCC $a class CC $.  cRR $a class RR $.  cNN $a class NN $.
cadd $a class ( A + B ) $.  cneg $a class - A $.  wnf $a wff F/ x ph $.  wne $a wff A =/= B $.  wlt $a wff A < B $.
c0 $a class 0 $.  c2 $a class 2 $.  cvv $a class _V $.
${ i.1 $e |- A = B $.  i.2 $e |- B e. C $.  rep1 $a |- A e. C $. $}
${ j.1 $e |- ( ph -> A < B ) $.  j.2 $e |- C = B $.  rep2 $a |- ( ph -> A < C ) $. $}
${ k.1 $e |- ( ( ph /\\ x e. A ) -> ( ps <-> ch ) ) $.
   bind1 $a |- ( ph -> { x | ( x e. A /\\ ps ) } = { x | ( x e. A /\\ ch ) } ) $. $}
both $a |- ( ( A = B /\\ x = y ) -> ( ( A + x ) < A <-> ( B + y ) < B ) ) $.
univ $a |- ( A. x ( ph <-> ps ) -> { x | ph } = { x | ps } ) $.
${ l.1 $e |- ( x = A -> ( ph <-> ps ) ) $.  l.2 $e |- ph $.  inst $a |- ps $. $}
${ m.1 $e |- ( x = y -> ( ph <-> ps ) ) $.  rename $a |- { x | ph } = { y | ps } $. $}
le2 $a |- ( A < B -> ( A + C ) < ( B + C ) ) $.
addcl $a |- ( ( A e. CC /\\ B e. CC ) -> ( A + B ) e. CC ) $.
${ n.1 $e |- ( ph -> A e. RR ) $.  readdcl $a |- ( ph -> ( A + 2 ) e. RR ) $. $}
negcl $a |- ( A e. CC -> - A e. CC ) $.
recn $a |- ( A e. RR -> A e. CC ) $.
ring $a |- ( A e. CC -> A e. RR ) $.
nnre $a |- ( A e. NN -> A e. RR ) $.
sub $a |- ( A e. B -> A e. CC ) $.
two $a |- 2 e. CC $.
any $a |- { x | ph } e. _V $.
nf1 $a |- F/ x x = x $.
${ $d x ph $.  nfv $a |- F/ x ph $. $}
${ o.1 $e |- F/ x ph $.  nfn $a |- F/ x -. ph $. $}
${ p.1 $e |- F/ x ph $.  p.2 $e |- F/ x ps $.  nfan $a |- F/ x ( ph /\\ ps ) $.  nfim $a |- F/ x ( ph -> ps ) $. $}
${ q.1 $e |- C = ( F ` B ) $.  named $a |- ( ( B e. CC /\\ A e. CC ) -> ( A + C ) e. CC ) $. $}
ne2 $a |- 2 =/= 0 $.
ne3 $a |- ( A =/= 0 -> ( A + 2 ) =/= 0 ) $.
";

fn theory(text: String) -> Theory {
    Theory::new(Arc::new(Database::load(text.into_bytes()).unwrap_or_else(|e| panic!("{e}"))))
}

fn kind(theory: &Theory, label: &str) -> Option<Kind> {
    Kinds::new(theory).get(theory.find(label).unwrap_or_else(|| panic!("{label}")))
}

#[test]
fn each_assertion_has_the_kind_of_its_shape() {
    let theory = theory(format!("{}{MORE}", include_str!("../../fixture.mm")));
    let kinds = Kinds::new(&theory);
    for (kind, labels) in [
        (Kind::Glue, "ax-mp ax-1 syl jca syl2anc mpbid bi3"),
        (Kind::Congruence, "feq feqd feqi eleq1 bind1 both univ"),
        (Kind::Transitivity, "eqid eqcom eqtr eqtrd rep1 rep2 tmix"),
        (Kind::Typing, "fcl tfcl2 addcl readdcl negcl recn nnre two any nf1 nfv nfn nfan nfim named ne2"),
        (Kind::Content, "ax-sp ax-gen alrimdv exlimdv inst rename le2 ring sub ne3"),
    ] {
        for label in labels.split(' ') {
            let p = theory.find(label).unwrap_or_else(|| panic!("{label}"));
            assert_eq!(kinds.get(p), Some(kind), "{label}");
        }
    }
    assert_eq!(kinds.get(theory.find("cadd").expect("syntax")), None);
}

#[test]
fn labels_do_not_matter() {
    let text = format!("{}{MORE}", include_str!("../../fixture.mm"));
    let (plain, renamed) = (theory(text.clone()), theory(text.replace("addcl", "q").replace("eqtr ", "zz ")));
    for (a, b) in [("addcl", "q"), ("readdcl", "req"), ("eqtr", "zz")] {
        assert_eq!(kind(&plain, a), kind(&renamed, b));
    }
}

#[test]
fn orders_without_connectives_have_equalities_and_no_glue() {
    let theory = theory(
        "$c term wff |- = =< v ' $. $v a b c $. ta $f term a $. tb $f term b $. tc $f term c $.
        eq $a wff a = b $. le $a wff a =< b $. or $a term a v b $. no $a term a ' $.
        id $a |- a = a $.
        ${ r.1 $e |- a = b $. sy $a |- b = a $. nn $a |- a ' = b ' $. or1 $a |- a v c = b v c $. $}
        ${ t.1 $e |- a = b $. t.2 $e |- b = c $. tr $a |- a = c $. $}
        ${ u.1 $e |- a =< b $. u.2 $e |- b = c $. letr $a |- a =< c $. $}
        ${ v.1 $e |- a =< b $. v.2 $e |- b =< c $. chain $a |- a =< c $. $}
        com $a |- a v b = b v a $."
            .into(),
    );
    for (label, expected) in [
        ("id", Kind::Transitivity),
        ("sy", Kind::Transitivity),
        ("nn", Kind::Congruence),
        ("or1", Kind::Congruence),
        ("tr", Kind::Transitivity),
        ("letr", Kind::Transitivity),
        ("chain", Kind::Content),
        ("com", Kind::Content),
    ] {
        assert_eq!(kind(&theory, label), Some(expected), "{label}");
    }
}

#[test]
fn a_consequence_between_terms_is_an_implication() {
    let theory = theory(
        "$c term type wff |- |= , : bool = T $. $v R S A B al $.
        tr $f term R $. ts $f term S $. ta $f term A $. tb $f term B $. tal $f type al $.
        by $a wff R |= S $. of $a wff A : al $. con $a term R , S $. e $a term A = B $. hb $a type bool $.
        ${ a.1 $e |- R : bool $. a.2 $e |- S : bool $. and $a |- R , S : bool $.
           id $a |- R |= R $. left $a |- R , S |= R $. right $a |- R , S |= S $. $}
        ${ s.1 $e |- R |= S $. s.2 $e |- S |= A $. chain $a |- R |= A $. $}
        ${ b.1 $e |- R : bool $. b.2 $e |- A : al $. refl $a |- R |= A = A $. $}
        ${ c.1 $e |- R |= A = B $. sym $a |- R |= B = A $. eqof $a |- A = B : bool $. $}
        ${ d.1 $e |- R |= A = B $. d.2 $e |- R |= B = S $. trans $a |- R |= A = S $. $}"
            .into(),
    );
    for (label, expected) in [
        ("and", Kind::Typing),
        ("left", Kind::Glue),
        ("chain", Kind::Glue),
        ("refl", Kind::Transitivity),
        ("trans", Kind::Transitivity),
    ] {
        assert_eq!(kind(&theory, label), Some(expected), "{label}");
    }
}
