//! The search for a propositional proof, depth first, over goals that are entailed.
//!
//! A rule fits a goal if all that it leaves is still entailed by the task's hypotheses (by truth table) and weighs no
//! more, so that few steps lead astray. Light moves come first: a rule that drops an antecedent leaves less than one
//! that takes it apart. A goal weighs as much as its formula and the hypotheses that it needs, so that using a
//! hypothesis makes nothing heavier. Passes try few rules for each goal at first and more later, within a bound on the
//! number of goals.

use super::rules::{matches, Known, Rule, Rules, Values};
use super::tables::{Question, Tables};
use super::weights::Weights;
use crate::dsl::theory::library::{PremiseId, Proof, Rule as Label, Step};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// The passes over a goal, run one after the other until one finds a proof. The task's own goal gets all of them; the
/// many other goals of the search get the first [`QUICK`].
const PASSES: [Pass; 4] = [
    Pass { weights: 0, width: 6, fuel: 8, depth: 2 },
    Pass { weights: 0, width: 2, fuel: 60, depth: 60 },
    Pass { weights: 1, width: 2, fuel: 60, depth: 60 },
    Pass { weights: 1, width: 4, fuel: 150, depth: 60 },
];
/// The number of passes over a goal that is not the task's own.
const QUICK: usize = 2;
/// The factor of the cost of a goal that weighs no less than its parent.
const LATERAL: u64 = 3;
/// The number of rules for one goal whose results are examined closely.
const LOOKED_AT: usize = 16;

/// The bounds of one pass.
#[derive(Clone, Copy)]
struct Pass {
    /// The number of the weights to be used.
    weights: usize,
    /// The number of rules tried for a goal.
    width: usize,
    /// The number of goals that may be examined.
    fuel: u32,
    /// The greatest depth below the root.
    depth: usize,
}

/// The state that all attempts over one theory share.
pub struct Procedure {
    /// The connectives.
    pub tables: Tables,
    /// The premises about connectives.
    pub rules: Rules,
    /// The weights of formulas: with `basic` connectives, and with all definitions written out.
    pub weights: [Weights; 2],
}

/// The search for one goal.
pub struct Attempt<'a> {
    procedure: &'a Procedure,
    arena: &'a mut Arena,
    /// The hypotheses.
    hyps: &'a [TermId],
    /// The hypotheses that may be needed.
    given: Vec<TermId>,
    /// Whether a premise may be used.
    allowed: &'a dyn Fn(PremiseId) -> bool,
    question: Question,
    query: Query,
    /// A cache of the weights of formulas.
    heavy: FxHashMap<TermId, u32>,
    /// A cache of the hypotheses and facts that state goals.
    known: FxHashMap<TermId, Option<Label>>,
    steps: Vec<Step>,
    proved: FxHashMap<TermId, u32>,
    measures: FxHashMap<TermId, Option<u64>>,
    failed: FxHashSet<TermId>,
    path: Vec<TermId>,
    pass: Pass,
}

/// A rule that may be applied to a goal.
struct Move {
    /// The cost, an estimate until the move is examined closely.
    cost: u64,
    rule: u32,
    values: Values,
    /// The hypothesis of the rule that is matched with a known formula, and the step of that formula.
    key: Option<(u8, Label)>,
}

/// The goals that a move leaves.
struct Left {
    cost: u64,
    rule: u32,
    goals: SmallVec<[TermId; 4]>,
    key: Option<(u8, Label)>,
}

impl<'a> Attempt<'a> {
    /// Creates a search that may use the hypotheses in `given`.
    pub fn new(
        procedure: &'a Procedure,
        arena: &'a mut Arena,
        hyps: &'a [TermId],
        given: Vec<TermId>,
        allowed: &'a dyn Fn(PremiseId) -> bool,
    ) -> Self {
        Attempt {
            procedure,
            arena,
            hyps,
            given,
            allowed,
            question: Question::default(),
            query: Query::default(),
            heavy: FxHashMap::default(),
            known: FxHashMap::default(),
            steps: Vec::new(),
            proved: FxHashMap::default(),
            measures: FxHashMap::default(),
            failed: FxHashSet::default(),
            path: Vec::new(),
            pass: PASSES[0],
        }
    }
    /// Proves an entailed goal; with all passes if `thorough`.
    pub fn run(mut self, goal: TermId, thorough: bool) -> Option<Proof> {
        let passes = if thorough { PASSES.len() } else { QUICK };
        for pass in PASSES.into_iter().take(passes) {
            if pass.weights != self.pass.weights {
                self.heavy.clear();
                self.measures.clear();
            }
            self.pass = pass;
            self.failed.clear();
            self.path.clear();
            if let Some(root) = self.prove(goal) {
                return Some(self.proof(root));
            }
        }
        None
    }
    /// The step that proves a goal.
    fn prove(&mut self, goal: TermId) -> Option<u32> {
        if let Some(&step) = self.proved.get(&goal) {
            return Some(step);
        }
        if let Some(label) = self.known(goal) {
            return Some(self.push(goal, label, SmallVec::new()));
        }
        if self.path.contains(&goal) || self.path.len() >= self.pass.depth || self.failed.contains(&goal) {
            return None;
        }
        self.pass.fuel = self.pass.fuel.checked_sub(1)?;
        self.path.push(goal);
        let made = self.derive(goal);
        self.path.pop();
        if made.is_none() {
            self.failed.insert(goal);
        }
        made
    }
    fn push(&mut self, goal: TermId, rule: Label, children: SmallVec<[u32; 4]>) -> u32 {
        let number = self.steps.len() as u32;
        self.steps.push(Step { rule, children });
        self.proved.insert(goal, number);
        number
    }
    /// The hypothesis or fact that states the goal.
    fn known(&mut self, goal: TermId) -> Option<Label> {
        if let Some(&label) = self.known.get(&goal) {
            return label;
        }
        let label = self.look_up(goal);
        self.known.insert(goal, label);
        label
    }
    fn look_up(&mut self, goal: TermId) -> Option<Label> {
        if let Some(k) = self.hyps.iter().position(|&h| h == goal) {
            return Some(Label::Hyp(k as u32));
        }
        let mut found = Vec::new();
        self.procedure.rules.facts.query(self.arena, goal, &mut self.query, &mut found);
        found.sort_unstable();
        found.into_iter().find_map(|i| {
            let rule = &self.procedure.rules.all[i as usize];
            let mut values = Values::from_elem(None, rule.variables);
            let fits = (self.allowed)(rule.premise) && matches(self.arena, rule.conclusion, goal, &mut values);
            fits.then_some(Label::Premise(rule.premise))
        })
    }
    fn derive(&mut self, goal: TermId) -> Option<u32> {
        let mut moves = self.direct(goal);
        self.cuts(goal, &mut moves);
        moves.sort_by_key(|m| (m.cost, m.rule));
        let measure = self.measure(goal)?;
        let mut left: Vec<Left> = Vec::new();
        for m in moves {
            if left.len() >= LOOKED_AT {
                break;
            }
            if let Some(l) = self.left(&m, measure) {
                if left.iter().all(|x| x.goals != l.goals) {
                    left.push(l);
                }
            }
        }
        left.sort_by_key(|m| (m.cost, m.rule));
        for l in left.into_iter().take(self.pass.width) {
            if let Some(children) = self.prove_all(&l) {
                let label = Label::Premise(self.procedure.rules.all[l.rule as usize].premise);
                return Some(self.push(goal, label, children));
            }
        }
        None
    }
    fn prove_all(&mut self, left: &Left) -> Option<SmallVec<[u32; 4]>> {
        let mut children = SmallVec::new();
        for (k, &t) in left.goals.iter().enumerate() {
            let key = left.key.filter(|key| usize::from(key.0) == k);
            children.push(match (self.proved.get(&t), key) {
                (Some(&step), _) => step,
                (None, Some((_, label))) => self.push(t, label, SmallVec::new()),
                (None, None) => self.prove(t)?,
            });
        }
        Some(children)
    }
    /// The goals that a move leaves, if all of them are entailed and not heavier than the goal.
    fn left(&mut self, m: &Move, measure: u64) -> Option<Left> {
        let rule: &'a Rule = &self.procedure.rules.all[m.rule as usize];
        let values: SmallVec<[TermId; 8]> = m.values.iter().map(|v| v.unwrap_or(TermId(0))).collect();
        let mut left = Left { cost: 0, rule: m.rule, goals: SmallVec::new(), key: m.key };
        for (k, &h) in rule.hyps.iter().enumerate() {
            let t = self.arena.instantiate(h, &values);
            left.goals.push(t);
            if m.key.is_some_and(|key| usize::from(key.0) == k) {
                continue;
            }
            if self.path.contains(&t) || self.failed.contains(&t) {
                return None;
            }
            let own = self.measure(t)?;
            if own > measure + 1 {
                return None;
            }
            let done = self.proved.contains_key(&t) || self.known(t).is_some();
            let lateral = if own < measure { 1 } else { LATERAL };
            left.cost += if done { 1 } else { own * own * lateral };
        }
        Some(left)
    }
    /// The weight of a goal with the hypotheses that it needs; `None` if it is not entailed.
    fn measure(&mut self, t: TermId) -> Option<u64> {
        if let Some(&known) = self.measures.get(&t) {
            return known;
        }
        let mut needed: SmallVec<[TermId; 8]> = SmallVec::new();
        if !self.follows(&needed, t) {
            needed.extend(self.given.iter().copied());
            if needed.is_empty() || !self.follows(&needed, t) {
                self.measures.insert(t, None);
                return None;
            }
            for i in (0..needed.len()).rev() {
                let one = needed.remove(i);
                if !self.follows(&needed, t) {
                    needed.insert(i, one);
                }
            }
        }
        let measure = Some(needed.iter().fold(u64::from(self.weigh(t)), |sum, &h| sum + u64::from(self.weigh(h))));
        self.measures.insert(t, measure);
        measure
    }
    fn follows(&mut self, given: &[TermId], t: TermId) -> bool {
        self.procedure.tables.follows(&mut self.question, self.arena, given, &[t]) == Some(true)
    }
    fn weigh(&mut self, t: TermId) -> u32 {
        let (weights, arena) = (&self.procedure.weights[self.pass.weights], &*self.arena);
        *self.heavy.entry(t).or_insert_with(|| weights.weigh(arena, t, &|_| 1))
    }
    fn direct(&mut self, goal: TermId) -> Vec<Move> {
        let mut found = Vec::new();
        self.procedure.rules.direct.query(self.arena, goal, &mut self.query, &mut found);
        let mut moves = Vec::new();
        for i in found {
            let rule: &'a Rule = &self.procedure.rules.all[i as usize];
            let mut values = Values::from_elem(None, rule.variables);
            if (self.allowed)(rule.premise) && matches(self.arena, rule.conclusion, goal, &mut values) {
                moves.push(Move { cost: self.cost(rule, &values, None), rule: i, values, key: None });
            }
        }
        moves
    }
    /// Appends cuts with a hypothesis of the task or an axiom.
    fn cuts(&mut self, goal: TermId, moves: &mut Vec<Move>) {
        let hyps = self.hyps.iter().zip(0..).map(|(&h, n)| (Known::Ground(h), Label::Hyp(n)));
        let known: Vec<(Known, Label)> = hyps.chain(self.axioms()).collect();
        let mut found = Vec::new();
        self.procedure.rules.cuts.query(self.arena, goal, &mut self.query, &mut found);
        for i in found {
            let rule: &'a Rule = &self.procedure.rules.all[i as usize];
            let mut values = Values::from_elem(None, rule.variables);
            if !(self.allowed)(rule.premise) || !matches(self.arena, rule.conclusion, goal, &mut values) {
                continue;
            }
            for &k in &rule.keys {
                let pattern = rule.hyps[usize::from(k)];
                for &(h, label) in &known {
                    let mut values = values.clone();
                    if h.fits(self.arena, pattern, &mut values) {
                        let cost = self.cost(rule, &values, Some(k));
                        moves.push(Move { cost, rule: i, values, key: Some((k, label)) });
                    }
                }
            }
        }
    }
    /// The axioms that may be used.
    fn axioms(&self) -> Vec<(Known, Label)> {
        let axioms = self.procedure.rules.axioms.iter().map(|&i| &self.procedure.rules.all[i as usize]);
        let known = |a: &Rule| (Known::Scheme(a.conclusion, a.variables), Label::Premise(a.premise));
        axioms.filter(|a| (self.allowed)(a.premise)).map(known).collect()
    }
    /// The sum of the squared weights of what a rule leaves, without what the key adds.
    fn cost(&mut self, rule: &Rule, values: &[Option<TermId>], key: Option<u8>) -> u64 {
        let values: SmallVec<[u32; 8]> = values.iter().map(|v| v.map_or(1, |t| self.weigh(t))).collect();
        let weigh = |k: usize| {
            self.procedure.weights[self.pass.weights].weigh(self.arena, rule.hyps[k], &|m| values[m as usize])
        };
        let brought = key.map_or(0, |k| weigh(usize::from(k)));
        let left = (0..rule.hyps.len()).filter(|&k| key != Some(k as u8));
        left.map(|k| u64::from(weigh(k).saturating_sub(brought)).pow(2)).sum()
    }
    /// The steps that the root needs, in order.
    fn proof(&self, root: u32) -> Proof {
        let mut number: Vec<Option<u32>> = vec![None; root as usize + 1];
        let mut needed = vec![false; root as usize + 1];
        needed[root as usize] = true;
        for i in (0..=root as usize).rev() {
            if needed[i] {
                self.steps[i].children.iter().for_each(|&c| needed[c as usize] = true);
            }
        }
        let mut proof = Proof::default();
        for i in (0..=root as usize).filter(|&i| needed[i]) {
            let children = self.steps[i].children.iter().filter_map(|&c| number[c as usize]).collect();
            number[i] = Some(proof.steps.len() as u32);
            proof.steps.push(Step { rule: self.steps[i].rule, children });
        }
        proof
    }
}
