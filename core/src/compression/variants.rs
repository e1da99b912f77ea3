//! What is there already in another form: closed, inference and deduction variants, and the nearest theorem.
//!
//! set.mm states many theorems in three forms: closed `( ps -> ch )`, inference `ps => ch` and deduction
//! `( ph -> ps ) => ( ph -> ch )`. A lemma of which another form exists follows from it in a step or two.

use super::missed::{Missed, Worker};
use crate::dsl::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::term::{Arena, Head};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// The connectives that variants are made with, as far as a database has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connectives {
    implication: Option<Head>,
    and: Option<Head>,
    and3: Option<Head>,
}

impl Connectives {
    /// Implication is what modus ponens takes apart (an axiom `ps` from `ph` and `( ph -> ps )`); conjunctions go by
    /// set.mm's labels `wa` and `w3a`.
    pub fn new(theory: &Theory) -> Connectives {
        let arena = &theory.arena;
        let ponens = |p: u32| {
            let x = theory.premise(PremiseId(p))?;
            let axiom = theory.db.source.assertions[p as usize].proof.is_none();
            let (&[minor, major], goal) = (x.hyps, x.conclusion) else { return None };
            let bare = arena.head(minor).as_meta().is_some() && arena.head(goal).as_meta().is_some();
            (axiom && bare && minor != goal && arena.children(major) == [minor, goal]).then(|| arena.head(major))
        };
        let syntax = |label: &str| theory.db.source.assertion(label).map(Head::syntax);
        Connectives {
            implication: (0..theory.db.len() as u32).find_map(ponens),
            and: syntax("wa").filter(|_| theory.db.source.assertion("simpl").is_some()),
            and3: syntax("w3a").filter(|_| theory.db.source.assertion("simp1").is_some()),
        }
    }
    /// The antecedent and the consequent of an implication.
    pub fn parts(&self, arena: &Arena, t: TermId) -> Option<(TermId, TermId)> {
        let &[left, right] = arena.children(t) else { return None };
        (Some(arena.head(t)) == self.implication).then_some((left, right))
    }
    fn imply(&self, arena: &mut Arena, left: TermId, right: TermId) -> Option<TermId> {
        Some(arena.make(self.implication?, &[left, right]))
    }
    fn conjunction(&self, arena: &mut Arena, of: &[TermId]) -> Option<TermId> {
        match of.len() {
            1 => of.first().copied(),
            2 => Some(arena.make(self.and?, of)),
            3 => Some(arena.make(self.and3?, of)),
            _ => None,
        }
    }
    /// A deduction without its antecedent: `ps => ch` for `( ph -> ps ) => ( ph -> ch )`, where the variable `ph` is used
    /// for nothing else.
    pub fn inference_of(&self, arena: &Arena, task: &Task) -> Option<Task> {
        let (ph, goal) = self.parts(arena, task.goal)?;
        arena.head(ph).as_variable()?;
        let hyps = task.hyps.iter().map(|&h| self.parts(arena, h).filter(|p| p.0 == ph).map(|p| p.1));
        let hyps: Vec<TermId> = hyps.collect::<Option<_>>()?;
        let v = arena.head(ph).as_variable()?;
        let elsewhere = hyps.iter().chain([&goal]).any(|&t| arena.variables(t).contains(&v));
        (!elsewhere).then(|| Task { goal, hyps, ..task.clone() })
    }
    /// Whether a statement is said under a variable as antecedent, and so are its hypotheses, if it has some, at least one.
    pub fn is_deduction(&self, arena: &Arena, task: &Task) -> bool {
        let Some((ph, _)) = self.parts(arena, task.goal).filter(|p| arena.head(p.0).as_variable().is_some()) else {
            return false;
        };
        let under = |&h: &TermId| self.parts(arena, h).is_some_and(|p| p.0 == ph);
        task.hyps.is_empty() || task.hyps.iter().any(under)
    }
    /// The other forms of a statement.
    fn forms(&self, arena: &mut Arena, task: &Task) -> Vec<Task> {
        let mut out = Vec::new();
        let mut plain = vec![task.clone()];
        plain.extend(self.inference_of(arena, task));
        for t in plain.clone() {
            // closed: the hypotheses as antecedent
            if let Some(all) = self.conjunction(arena, &t.hyps) {
                out.extend(self.imply(arena, all, t.goal).map(|goal| Task { goal, hyps: Vec::new(), ..t.clone() }));
            }
            // inference: the antecedent as hypothesis
            if let (true, Some((left, goal))) = (t.hyps.is_empty(), self.parts(arena, t.goal)) {
                let mut hyps = vec![left];
                let joined = Some(arena.head(left));
                if joined == self.and || joined == self.and3 {
                    hyps = arena.children(left).to_vec();
                }
                plain.push(Task { goal, hyps, ..t.clone() });
            }
        }
        out.extend(plain.into_iter().skip(1));
        out
    }
    /// An assertion of the database that another form of a task is an instance of.
    pub fn variant(&self, missed: &Missed<'_>, task: &Task, worker: &mut Worker) -> Option<AssertionId> {
        let forms = self.forms(&mut worker.arena, task);
        forms.iter().find_map(|form| missed.one_step(form, worker))
    }
}

/// Statements by their features.
pub struct Neighbours {
    features: Vec<SmallVec<[u64; 8]>>,
    owners: FxHashMap<u64, Vec<u32>>,
}

impl Neighbours {
    /// All proved logical assertions of a database.
    pub fn new(theory: &Theory) -> Neighbours {
        let mut out = Neighbours { features: Vec::with_capacity(theory.db.len()), owners: FxHashMap::default() };
        for p in 0..theory.db.len() as u32 {
            let mut own = SmallVec::new();
            if let Some(x) = theory.premise(PremiseId(p)) {
                own = features(&theory.arena, x.conclusion, x.hyps);
                own.iter().for_each(|&f| out.owners.entry(f).or_default().push(p));
            }
            out.features.push(own);
        }
        out
    }
    /// The assertion with the largest share of features in common, the first of equals, and that share (Jaccard).
    pub fn nearest(&self, arena: &Arena, conclusion: TermId, hyps: &[TermId]) -> Option<(AssertionId, f64)> {
        let own = features(arena, conclusion, hyps);
        let mut common: FxHashMap<u32, usize> = FxHashMap::default();
        for f in &own {
            for &p in self.owners.get(f).map_or(&[][..], Vec::as_slice) {
                *common.entry(p).or_insert(0) += 1;
            }
        }
        let share = |p: u32, n: usize| n as f64 / (own.len() + self.features[p as usize].len() - n) as f64;
        let best = common.into_iter().map(|(p, n)| (share(p, n), p));
        let best = best.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
        Some((AssertionId(best.1), best.0))
    }
}

/// Sorted features of a statement: what stands where below what, variables numbered in order of appearance; those of the
/// conclusion and those of hypotheses are told apart, and hypotheses are counted.
fn features(arena: &Arena, conclusion: TermId, hyps: &[TermId]) -> SmallVec<[u64; 8]> {
    struct Walk<'a> {
        arena: &'a Arena,
        names: FxHashMap<Head, u64>,
        out: FxHashSet<u64>,
    }
    impl Walk<'_> {
        fn below(&mut self, parent: u64, place: u64, t: TermId, side: u64) {
            let head = self.arena.head(t);
            let leaf = head.as_meta().is_some() || head.as_variable().is_some();
            let n = self.names.len() as u64;
            let this = if leaf { 1 << 28 | *self.names.entry(head).or_insert(n) } else { u64::from(head.raw()) };
            self.out.insert(side << 63 | (parent & 0x3fff_ffff) << 33 | (place & 7) << 30 | this);
            for (&c, i) in self.arena.children(t).iter().zip(0..) {
                self.below(u64::from(head.raw()), i, c, side);
            }
        }
    }
    let mut walk = Walk { arena, names: FxHashMap::default(), out: FxHashSet::default() };
    walk.below(0x3fff_ffff, 0, conclusion, 0);
    hyps.iter().for_each(|&h| walk.below(0x3fff_ffff, 1, h, 1));
    walk.out.extend((1..=hyps.len() as u64).map(|n| u64::MAX - n));
    let mut out: SmallVec<[u64; 8]> = walk.out.into_iter().collect();
    out.sort_unstable();
    out
}
