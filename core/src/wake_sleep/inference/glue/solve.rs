//! The search for a short proof: backward, with iterative deepening, over goals that follow by truth table.
//!
//! A move is a theorem whose conclusion is the goal; each of its hypotheses is a given formula or a goal of its own. A
//! hypothesis whose variables the goal does not fix is matched with the given formulas, the largest first. Each goal
//! keeps a lower bound of its number of steps, so that a deeper pass repeats no work. A move is weighed by the formulas
//! that it leaves and by the given ones that they need. Light moves come first, and of the moves that leave more than
//! one step for a goal only some are followed. The bound counts the hypotheses of theorems that are examined.

use super::shape::MAX_HYPS;
use super::theorems::{Theorem, Theorems};
use super::truth::Truth;
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::closers::propositional::tables::Tables;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::rc::Rc;

/// The largest number of steps of a proof.
const MAX_STEPS: u32 = 24;
/// The passes, run one after the other until one finds a proof.
const PASSES: [Pass; 3] = [
    Pass { fuel: 150_000, width: [8, 6, 5, 4, 4], stride: 1 },
    Pass { fuel: 100_000, width: [2, 2, 1, 1, 1], stride: 1 },
    Pass { fuel: 60_000, width: [2, 2, 1, 1, 1], stride: 6 },
];
/// The fuel that a new goal costs, and each list of moves.
const GOAL: u32 = 50;
/// The weight of a goal beside its size: for each node that the question does not have, and each given formula that it
/// needs.
const NEW: u32 = 3;
const NEEDED: u32 = 8;
/// The largest number of moves kept for a goal.
const MAX_MOVES: usize = 48;
/// The largest number of goals that one move may leave.
const MAX_OPEN: usize = 9;
/// A theorem with more hypotheses than this must find its largest one among the given formulas, unless the goal fixes
/// it.
const FEW_HYPS: usize = 3;
/// The largest number of goals of one move whose formulas the theorem's conclusion does not fix.
const MAX_LATE: usize = 2;

/// The bounds of one pass.
#[derive(Clone, Copy)]
struct Pass {
    /// The number of times that a hypothesis of a theorem may be examined.
    fuel: u32,
    /// For 3, 4, ... steps left: the number of moves followed for one goal whose goals need more than a step each.
    width: [usize; 5],
    /// The number of steps by which each iteration goes deeper.
    stride: usize,
}

/// The proof of a hypothesis of a theorem.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    /// A given formula.
    Given(u8),
    /// A goal.
    Goal(u32),
}

#[derive(Clone)]
struct Move {
    /// The place of the theorem in [`Theorems::all`].
    theorem: u32,
    children: SmallVec<[Child; 4]>,
    /// The order of moves: the weight of what it leaves, the sizes of new formulas, the length of the label in bytes.
    rank: (u64, u32, usize),
}

struct Goal {
    formula: TermId,
    /// Its size and the sizes of the given formulas that it needs.
    weight: u64,
    /// Whether it needs none of the given formulas.
    is_fact: bool,
    /// The number of given formulas that it cannot do without.
    necessary: usize,
    /// A lower bound of the number of steps, within the width of the passes; once proved, the number of steps.
    lower: u32,
    /// Whether proofs of one step were tried.
    tried: bool,
    /// Whether it is an ancestor of the current goal.
    above: bool,
    moves: Option<Rc<Vec<Move>>>,
    proof: Option<Move>,
}

/// The search for one question.
pub struct Solver<'a> {
    theorems: &'a Theorems,
    arena: &'a mut Arena,
    allowed: &'a dyn Fn(PremiseId) -> bool,
    /// The given formulas that the goal needs.
    given: Vec<TermId>,
    /// The places of `given` in the question.
    places: Vec<usize>,
    /// The offsets of the given formulas' values in [`Truth`].
    values: Vec<usize>,
    truth: Truth<'a>,
    /// The proper parts of the question's formulas, and the formulas that are atoms.
    parts: FxHashSet<TermId>,
    /// For each theorem, whether its largest hypothesis can match a given formula.
    fitting: Vec<bool>,
    goals: Vec<Goal>,
    /// The goals of formulas; `None` for a formula that does not follow.
    numbers: FxHashMap<TermId, Option<u32>>,
    pass: Pass,
    query: Query,
}

/// A theorem that is being matched, hypothesis by hypothesis.
#[derive(Clone)]
struct Fit {
    values: Values,
    children: SmallVec<[Child; 4]>,
    open: usize,
    /// Hypotheses that are not fixed yet; matching the others must fix them.
    late: SmallVec<[u8; 4]>,
}

impl<'a> Solver<'a> {
    /// Creates the search for a goal; `None` if the goal does not follow by truth table.
    pub fn new(
        theorems: &'a Theorems,
        tables: &'a Tables,
        arena: &'a mut Arena,
        allowed: &'a dyn Fn(PremiseId) -> bool,
        given: &[TermId],
        goal: TermId,
    ) -> Option<Solver<'a>> {
        let mut parts = FxHashSet::default();
        let formulas = || given.iter().chain([&goal]);
        formulas().for_each(|&t| arena.children(t).iter().for_each(|&c| collect(arena, c, &mut parts)));
        formulas().filter(|&&t| arena.head(t).as_variable().is_some()).for_each(|&t| _ = parts.insert(t));
        let atoms = parts.iter().filter(|&&t| arena.head(t).as_variable().is_some()).count();
        let mut truth = Truth::new(tables, arena, atoms);
        let values: Vec<usize> = given.iter().map(|&t| truth.of(arena, t)).collect();
        let at = truth.of(arena, goal);
        let mut needed: Vec<usize> = (0..given.len()).collect();
        for i in (0..given.len()).rev() {
            if truth.follows(needed.iter().filter(|&&j| j != i).map(|&j| values[j]), at) {
                needed.retain(|&j| j != i);
            }
        }
        let given: Vec<TermId> = needed.iter().map(|&i| given[i]).collect();
        let (mut fitting, mut query, mut found) = (vec![false; theorems.all.len()], Query::default(), Vec::new());
        given.iter().for_each(|&t| theorems.largest.query(arena, t, &mut query, &mut found));
        found.into_iter().for_each(|i| fitting[i as usize] = true);
        let mut solver = Solver {
            theorems,
            arena,
            allowed,
            given,
            values: needed.iter().map(|&i| values[i]).collect(),
            places: needed,
            truth,
            parts,
            fitting,
            goals: Vec::new(),
            numbers: FxHashMap::default(),
            pass: PASSES[0],
            query,
        };
        solver.goal(goal)?;
        Some(solver)
    }
    /// Runs the passes and returns the shortest proof found.
    pub fn run(&mut self) -> Option<Proof> {
        let found = PASSES.into_iter().any(|pass| {
            self.pass = pass;
            (1..=MAX_STEPS).step_by(pass.stride).any(|steps| self.pass.fuel > 0 && self.solve(0, steps))
        });
        found.then(|| {
            let (mut proof, mut known) = (Proof::default(), FxHashMap::default());
            self.write(Child::Goal(0), &mut proof, &mut known);
            proof
        })
    }
    fn write(&self, child: Child, proof: &mut Proof, known: &mut FxHashMap<(bool, u32), u32>) -> u32 {
        let key = match child {
            Child::Given(k) => (false, u32::from(k)),
            Child::Goal(g) => (true, g),
        };
        if let Some(&step) = known.get(&key) {
            return step;
        }
        let step = match child {
            Child::Given(k) => Step { rule: Rule::Hyp(self.places[usize::from(k)] as u32), children: SmallVec::new() },
            Child::Goal(g) => {
                let (theorem, below) = match &self.goals[g as usize].proof {
                    Some(m) => (m.theorem, &m.children[..]),
                    None => (0, &[][..]), // never: a goal that is written is proved
                };
                let children = below.iter().map(|&c| self.write(c, proof, known)).collect();
                Step { rule: Rule::Premise(self.theorems.all[theorem as usize].premise), children }
            }
        };
        proof.steps.push(step);
        let number = proof.steps.len() as u32 - 1;
        known.insert(key, number);
        number
    }
    /// The number of nodes of a formula outside of parts that the question has, plus one for each such part.
    fn novel(&self, t: TermId) -> u32 {
        match self.parts.contains(&t) {
            true => 1,
            false => 1 + self.arena.children(t).iter().map(|&c| self.novel(c)).sum::<u32>(),
        }
    }
    /// The number of the formula's goal; `None` if the formula does not follow.
    fn goal(&mut self, t: TermId) -> Option<u32> {
        if let Some(&known) = self.numbers.get(&t) {
            return known;
        }
        self.pass.fuel = self.pass.fuel.saturating_sub(GOAL);
        let at = self.truth.of(self.arena, t);
        let number = self.truth.follows(self.values.iter().copied(), at).then(|| {
            let without = |skip: usize| self.values.iter().enumerate().filter(move |x| x.0 != skip).map(|x| *x.1);
            let necessary = (0..self.given.len()).filter(|&i| !self.truth.follows(without(i), at)).count();
            let mut needed: SmallVec<[usize; MAX_HYPS]> = (0..self.given.len()).collect();
            for i in (0..self.given.len()).rev() {
                let rest = needed.iter().filter(|&&j| j != i).map(|&j| self.values[j]);
                if self.truth.follows(rest, at) {
                    needed.retain(|j| *j != i);
                }
            }
            let size = u64::from(self.arena.size(t)) + u64::from(NEW * self.novel(t));
            let weight = size + u64::from(NEEDED) * needed.len() as u64;
            self.goals.push(Goal {
                formula: t,
                weight,
                is_fact: needed.is_empty(),
                necessary,
                lower: 1,
                tried: false,
                above: false,
                moves: None,
                proof: None,
            });
            self.goals.len() as u32 - 1
        });
        self.numbers.insert(t, number);
        number
    }
    /// Whether a goal has a proof of at most `steps` steps. The result is kept.
    fn solve(&mut self, number: u32, steps: u32) -> bool {
        let goal = &self.goals[number as usize];
        if goal.proof.is_some() || goal.lower > steps || goal.above {
            return goal.proof.is_some() && goal.lower <= steps;
        }
        if !goal.tried {
            let found = self.moves(number, 0).into_iter().next();
            if self.pass.fuel == 0 && found.is_none() {
                return false;
            }
            self.goals[number as usize].tried = true;
            if found.is_some() {
                self.goals[number as usize].proof = found;
                return true;
            }
            self.goals[number as usize].lower = 2;
        }
        if steps < 2 || self.pass.fuel == 0 {
            return false;
        }
        let moves = match &self.goals[number as usize].moves {
            Some(moves) => moves.clone(),
            None => Rc::new(self.moves(number, MAX_OPEN)),
        };
        self.goals[number as usize].moves = Some(moves.clone());
        self.goals[number as usize].above = true;
        let found = self.first(&moves, steps);
        let goal = &mut self.goals[number as usize];
        goal.above = false;
        if let Some((m, lower)) = found {
            (goal.proof, goal.lower) = (Some(m), lower);
            return true;
        }
        if self.pass.fuel > 0 {
            goal.lower = steps + 1;
        }
        false
    }
    /// The first move whose goals are proved within `steps` steps, the move included, and the number of steps.
    fn first(&mut self, moves: &[Move], steps: u32) -> Option<(Move, u32)> {
        let mut deep = 0;
        for m in moves {
            let open = || m.children.iter().filter_map(|c| if let Child::Goal(g) = c { Some(*g) } else { None });
            let lower: u32 = open().map(|g| self.goals[g as usize].lower).sum();
            if lower + 1 > steps || open().any(|g| self.goals[g as usize].above) {
                continue;
            }
            let harder = open().any(|g| {
                let goal = &self.goals[g as usize];
                goal.tried && goal.proof.is_none()
            });
            if harder {
                deep += 1;
                if deep > self.pass.width[(steps as usize - 3).min(4)] {
                    continue;
                }
            }
            let mut open: SmallVec<[u32; 4]> = open().collect();
            open.sort_by_key(|&g| std::cmp::Reverse(self.goals[g as usize].weight));
            let (mut left, mut later, mut all) = (steps - 1, lower, true);
            for g in open {
                later = later.saturating_sub(self.goals[g as usize].lower);
                all = left > later && self.solve(g, left - later);
                if !all {
                    break;
                }
                left -= self.goals[g as usize].lower;
            }
            if all {
                return Some((m.clone(), steps - left));
            }
            if self.pass.fuel == 0 {
                break;
            }
        }
        None
    }
    /// The moves for a goal that leave at most `most` goals, the lightest first. With `most` = 0 these are the moves
    /// whose hypotheses are all given.
    fn moves(&mut self, number: u32, most: usize) -> Vec<Move> {
        self.pass.fuel = self.pass.fuel.saturating_sub(GOAL);
        let goal = &self.goals[number as usize];
        let (formula, necessary, is_fact) = (goal.formula, goal.necessary, goal.is_fact);
        let theorems: &'a Theorems = self.theorems;
        let mut found = Vec::new();
        let index = if most == 0 && is_fact { &theorems.facts } else { &theorems.rules };
        index.query(self.arena, formula, &mut self.query, &mut found);
        found.sort_unstable();
        let mut out = Vec::new();
        for i in found {
            let theorem = &theorems.all[i as usize];
            let mut values = Values::from_elem(None, theorem.variables);
            let enough = is_fact || most > 0 || (theorem.hyps.len() >= necessary && self.fitting[i as usize]);
            if enough
                && matches(self.arena, theorem.conclusion, formula, &mut values)
                && (self.allowed)(theorem.premise)
            {
                let children = SmallVec::from_elem(Child::Given(0), theorem.hyps.len());
                let fit = Fit { values, children, open: 0, late: SmallVec::new() };
                self.fit((i, theorem), 0, fit, (number, most), &mut out);
            }
        }
        out.sort_by_key(|m| (m.rank, m.theorem));
        let mut kept: Vec<Move> = Vec::new();
        for m in out {
            let same = |k: &Move| k.rank.0 == m.rank.0 && k.children == m.children;
            if kept.len() < MAX_MOVES && !kept.iter().any(same) {
                kept.push(m);
            }
        }
        kept
    }
    /// Matches the remaining hypotheses of a theorem, from place `at` of their order on, and appends the moves.
    fn fit(
        &mut self,
        (place, theorem): (u32, &'a Theorem),
        at: usize,
        mut fit: Fit,
        (goal, most): (u32, usize),
        out: &mut Vec<Move>,
    ) {
        if self.pass.fuel == 0 {
            return;
        }
        self.pass.fuel -= 1;
        let Some(&k) = theorem.order.get(at) else {
            for k in std::mem::take(&mut fit.late) {
                if !self.leave(theorem, k, &mut fit, goal, most) {
                    return;
                }
            }
            let rank = self.rank(theorem, &fit);
            out.push(Move { theorem: place, children: fit.children, rank });
            return;
        };
        let pattern = theorem.hyps[usize::from(k)];
        let fixed = is_fixed(self.arena, pattern, &fit.values);
        let mut given = false;
        for i in 0..self.given.len() {
            let t = self.given[i];
            let mut values = fit.values.clone();
            if matches(self.arena, pattern, t, &mut values) {
                given = true;
                let mut more = fit.clone();
                more.values = values;
                more.children[usize::from(k)] = Child::Given(i as u8);
                self.fit((place, theorem), at + 1, more, (goal, most), out);
            }
        }
        if most == 0 || (fixed && given) {
            return;
        }
        if fixed {
            if !self.leave(theorem, k, &mut fit, goal, most) {
                return;
            }
        } else if theorem.hyps.len() > FEW_HYPS || fit.late.len() >= MAX_LATE {
            return;
        } else {
            fit.late.push(k);
        }
        self.fit((place, theorem), at + 1, fit, (goal, most), out);
    }
    /// Makes a hypothesis a goal, if it is fixed, follows, and equals none of the formulas above it.
    fn leave(&mut self, theorem: &Theorem, k: u8, fit: &mut Fit, goal: u32, most: usize) -> bool {
        let pattern = theorem.hyps[usize::from(k)];
        if fit.open >= most || !is_fixed(self.arena, pattern, &fit.values) {
            return false;
        }
        let values: SmallVec<[TermId; 8]> = fit.values.iter().map(|v| v.unwrap_or(TermId(0))).collect();
        let t = self.arena.instantiate(pattern, &values);
        if self.given.contains(&t) {
            return false; // another branch has it
        }
        fit.open += 1;
        match self.goal(t).filter(|&g| g != goal) {
            Some(g) => fit.children[usize::from(k)] = Child::Goal(g),
            None => return false,
        }
        true
    }
    fn rank(&self, theorem: &Theorem, fit: &Fit) -> (u64, u32, usize) {
        let weight = |c: &Child| match c {
            Child::Given(_) => 1,
            Child::Goal(g) => self.goals[*g as usize].weight.pow(2),
        };
        let values = fit.values.iter().flatten();
        let fresh = values.map(|v| if self.parts.contains(v) { 1 } else { 1 + self.arena.size(*v) }).sum();
        (fit.children.iter().map(weight).sum(), fresh, theorem.label)
    }
}

/// Adds a formula and its parts to `out`.
fn collect(arena: &Arena, t: TermId, out: &mut FxHashSet<TermId>) {
    if out.insert(t) {
        arena.children(t).iter().for_each(|&c| collect(arena, c, out));
    }
}

/// Whether all metavariables of a pattern have values.
fn is_fixed(arena: &Arena, pattern: TermId, values: &Values) -> bool {
    if arena.is_ground(pattern) {
        return true;
    }
    match arena.head(pattern).as_meta() {
        Some(m) => values[m as usize].is_some(),
        None => arena.children(pattern).iter().all(|&c| is_fixed(arena, c, values)),
    }
}
