//! The theorem whose statement is most like a given one.
//!
//! A statement is taken as a set of features: which symbol stands where below which other, what its conclusion looks like
//! from above, which places hold the same variable. Names of variables and the order of hypotheses make no difference. What
//! few statements have in common counts more (by the logarithm of how few), so two rules about restricted quantifiers are
//! near to each other although nearly everything in set.mm has `( ph -> A e. B )` as a hypothesis.

use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use rustc_hash::{FxHashMap, FxHasher};
use std::hash::{Hash, Hasher};

/// Places of one variable that are compared with each other; more are left out.
const PLACES: usize = 12;
/// How deep the conclusion is seen from above.
const SHAPE: usize = 4;
/// A feature of the conclusion counts as so many of a hypothesis.
const CONCLUSION: f64 = 2.0;

/// Statements by their features.
pub struct Neighbours {
    /// By assertion the sum of its features' weights; none for what is no theorem to be named.
    totals: Vec<Option<f64>>,
    owners: FxHashMap<Feature, Vec<u32>>,
    statements: f64,
}

/// A hash, and whether it is of the conclusion.
type Feature = (u64, bool);

impl Neighbours {
    /// All proved logical assertions and axioms of a database.
    pub fn new(theory: &Theory) -> Neighbours {
        let mut out = Neighbours { totals: vec![None; theory.db.len()], owners: FxHashMap::default(), statements: 1.0 };
        let mut features = Vec::new();
        for p in (0..theory.db.len() as u32).filter(|&p| theory.is_proved(PremiseId(p))) {
            let Some(x) = theory.premise(PremiseId(p)) else { continue };
            let own = self::features(theory, &theory.arena, x.conclusion, x.hyps, &|m| Some(x.variables[m as usize]));
            own.iter().for_each(|&f| out.owners.entry(f).or_default().push(p));
            features.push((p, own));
        }
        out.statements += features.len() as f64;
        for (p, own) in features {
            out.totals[p as usize] = Some(own.iter().map(|f| out.weight(f)).sum());
        }
        out
    }
    fn weight(&self, f: &Feature) -> f64 {
        let owners = self.owners.get(f).map_or(0, Vec::len);
        let rare = (self.statements / (1 + owners) as f64).ln().max(0.01);
        if f.1 {
            CONCLUSION * rare
        } else {
            rare
        }
    }
    /// The assertion with the largest share of features in common by weight, the first of equals, and that share (0 to 1).
    /// `variables` are those that the statement's metavariables stand for.
    pub fn nearest(
        &self,
        theory: &Theory,
        arena: &Arena,
        (conclusion, hyps, variables): (TermId, &[TermId], &[SymbolId]),
    ) -> Option<(AssertionId, f64)> {
        let own = features(theory, arena, conclusion, hyps, &|m| variables.get(m as usize).copied());
        let mut common: FxHashMap<u32, f64> = FxHashMap::default();
        let mut total = 0.0;
        for f in &own {
            let weight = self.weight(f);
            total += weight;
            for &p in self.owners.get(f).map_or(&[][..], Vec::as_slice) {
                *common.entry(p).or_insert(0.0) += weight;
            }
        }
        let share = |(p, n): (u32, f64)| Some((n / (total + self.totals[p as usize]? - n), p));
        let best = common.into_iter().filter_map(share);
        // rounded, so that the order of addition does not decide
        let best = best.map(|(share, p)| ((share * 1e6).round() as u64, p));
        let best = best.max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))?;
        Some((AssertionId(best.1), best.0 as f64 / 1e6))
    }
}

fn hashed(of: impl Hash) -> u64 {
    let mut h = FxHasher::default();
    of.hash(&mut h);
    h.finish()
}

struct Walk<'a> {
    theory: &'a Theory,
    arena: &'a Arena,
    variable: &'a dyn Fn(u32) -> Option<SymbolId>,
    /// Places (side, symbol above, child number) by variable.
    places: FxHashMap<Head, Vec<u64>>,
    out: Vec<Feature>,
}

impl Walk<'_> {
    /// The content of a place: a syntax axiom (or another judgement than the main one), or the typecode of a variable.
    fn kind(&self, t: TermId) -> (bool, u32) {
        match self.arena.head(t).kind() {
            HeadKind::Syntax(a) => (true, a.0),
            HeadKind::Judgement(k) => (true, u32::MAX - k),
            HeadKind::Meta(m) => (false, (self.variable)(m).and_then(|v| self.theory.typecode(v)).map_or(0, |t| t.0)),
            HeadKind::Variable(v) => (false, self.theory.typecode(v).map_or(0, |t| t.0)),
        }
    }
    fn below(&mut self, (above, child): (u32, usize), t: TermId, conclusion: bool) {
        let kind = self.kind(t);
        self.out.push((hashed((1, above, child, kind)), conclusion));
        self.out.push((hashed((2, kind)), conclusion));
        if !kind.0 {
            let place = hashed((above, child, conclusion));
            let places = self.places.entry(self.arena.head(t)).or_default();
            if places.len() < PLACES && !places.contains(&place) {
                places.push(place);
            }
        }
        for (i, &c) in self.arena.children(t).iter().enumerate() {
            self.below((kind.1, i), c, conclusion);
        }
    }
    /// The tree from above, cut off at a depth.
    fn shape(&self, t: TermId, depth: usize) -> u64 {
        let below = |&c: &TermId| self.shape(c, depth - 1);
        let children: Vec<u64> =
            if depth == 0 { Vec::new() } else { self.arena.children(t).iter().map(below).collect() };
        hashed((self.kind(t), children))
    }
}

/// Sorted features of a statement.
fn features(
    theory: &Theory,
    arena: &Arena,
    conclusion: TermId,
    hyps: &[TermId],
    variable: &dyn Fn(u32) -> Option<SymbolId>,
) -> Vec<Feature> {
    let mut walk = Walk { theory, arena, variable, places: FxHashMap::default(), out: Vec::new() };
    walk.below((u32::MAX, 0), conclusion, true);
    hyps.iter().for_each(|&h| walk.below((u32::MAX, 1), h, false));
    for depth in 1..=SHAPE {
        walk.out.push((hashed((3, depth, walk.shape(conclusion, depth))), true));
    }
    for &h in hyps {
        walk.out.push((hashed((4, walk.shape(h, SHAPE))), false));
    }
    for places in std::mem::take(&mut walk.places).into_values() {
        for (i, &x) in places.iter().enumerate() {
            walk.out.extend(places[..i].iter().map(|&y| (hashed((5, x.min(y), x.max(y))), false)));
        }
    }
    walk.out.push((hashed((6, hyps.len())), false));
    walk.out.sort_unstable();
    walk.out.dedup();
    walk.out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    /// As set.mm has them.
    const RULES: &str = "$c ( ) -> <-> A. e. = |- wff class setvar $. $v ph ps ch x A B C D $.
        wph $f wff ph $. wps $f wff ps $. wch $f wff ch $. vx $f setvar x $.
        cA $f class A $. cB $f class B $. cC $f class C $. cD $f class D $.
        wi $a wff ( ph -> ps ) $. wb $a wff ( ph <-> ps ) $. cv $a class x $. wceq $a wff A = B $. wcel $a wff A e. B $.
        wral $a wff A. x e. A ph $.
        ${ eqeltrd.1 $e |- ( ph -> A = B ) $. eqeltrd.2 $e |- ( ph -> B e. C ) $. eqeltrd $a |- ( ph -> A e. C ) $. $}
        ${ syl.1 $e |- ( ph -> ps ) $. syl.2 $e |- ( ps -> ch ) $. syl $a |- ( ph -> ch ) $. $}
        ${ mpbid.1 $e |- ( ph -> ps ) $. mpbid.2 $e |- ( ph -> ( ps <-> ch ) ) $. mpbid $a |- ( ph -> ch ) $. $}
        ${ rspcv.1 $e |- ( x = A -> ( ph <-> ps ) ) $. rspcv $a |- ( A e. B -> ( A. x e. B ph -> ps ) ) $. $}
        ${ rspcdva.1 $e |- ( x = C -> ( ps <-> ch ) ) $. rspcdva.2 $e |- ( ph -> A. x e. A ps ) $.
           rspcdva.3 $e |- ( ph -> C e. A ) $. rspcdva $a |- ( ph -> ch ) $. $}";
    /// Hypotheses in another order, other variables, the element under an equation.
    const ASKED: &str = "${ asked.1 $e |- ( ph -> D = A ) $. asked.2 $e |- ( ph -> A e. B ) $.
        asked.3 $e |- ( ph -> A. x e. B ps ) $. asked.4 $e |- ( x = D -> ( ps <-> ch ) ) $.
        asked $a |- ( ph -> ch ) $. $}";

    #[test]
    fn a_rule_of_restricted_quantifiers_is_near_to_another() {
        let load = |text: String| Theory::new(Arc::new(Database::load(text.into_bytes()).unwrap()));
        let (known, more) = (load(RULES.to_owned()), load(format!("{RULES}\n{ASKED}")));
        let asked = more.premise(more.find("asked").unwrap()).unwrap();
        let all = Neighbours::new(&known);
        let near =
            |hyps: &[TermId]| all.nearest(&known, &more.arena, (asked.conclusion, hyps, asked.variables)).unwrap();
        let (theorem, share) = near(asked.hyps);
        assert_eq!(known.db.source.label(theorem), "rspcdva");
        assert!(0.0 < share && share < 1.0);
        let turned: Vec<TermId> = asked.hyps.iter().rev().copied().collect();
        assert_eq!(near(&turned), (theorem, share), "the order of hypotheses makes no difference");
        // what is there is nearest to itself
        let own = known.premise(known.find("rspcv").unwrap()).unwrap();
        let (theorem, share) = all.nearest(&known, &known.arena, (own.conclusion, own.hyps, own.variables)).unwrap();
        assert_eq!((known.db.source.label(theorem), share), ("rspcv", 1.0));
    }
}
