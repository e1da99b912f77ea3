//! Training examples: proof steps in the form in which the search meets them.
//!
//! A proof is replayed from its goal. What a step leaves open carries metavariables where the search would have them.
//! Of subgoals that share metavariables, the one that the search would take first is shown with them; the others are
//! shown as they are once that one is proved.

use super::features::{Context, Featurizer, HypFeatures};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::index::{Index, Query};
use crate::metamath_db::terms::term::{Arena, Children};
use crate::metamath_db::terms::unify::Bindings;
use crate::threads::each_in_arena;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The mark for "no candidate" in a row of candidates.
pub const NO_CANDIDATE: u32 = u32::MAX;

/// The number of preceding theorems whose premises count as local.
const LOCAL: usize = 40;
/// The number of negatives of an example.
const SAMPLES: usize = 32;

/// Use counts of premises, and the premises that each training theorem uses.
pub struct Habits {
    /// The number of uses of each premise, by number.
    pub uses: Vec<u32>,
    by_theorem: ByTheorem,
    theorems: Vec<u32>,
}

/// The premises that each training theorem uses.
#[derive(Clone)]
enum ByTheorem {
    /// The counted premises of each theorem.
    Counted(Vec<Vec<u32>>),
    /// The premises of the database's own proofs, for the theorems that are marked.
    Seen(Vec<bool>),
}

impl Habits {
    /// Counts the premises of training proofs. Dreams (statements that stand after the whole database) do not count:
    /// their frequencies reflect how they were sampled, not what proofs need.
    pub fn new(theory: &Theory, corpus: &[(Task, Proof)]) -> Habits {
        let mut uses = vec![0; theory.len()];
        let mut by_theorem = vec![Vec::new(); theory.db.len()];
        for (task, proof) in corpus.iter().filter(|c| c.0.limit.index() < theory.db.len()) {
            for s in &proof.steps {
                if let Rule::Premise(p) = s.rule {
                    uses[p.index()] += 1;
                }
            }
            let premises = premises_of(proof);
            let at = &mut by_theorem[task.limit.index()];
            if at.is_empty() {
                *at = premises;
            }
        }
        Habits { uses, by_theorem: ByTheorem::Counted(by_theorem), theorems: proved_theorems(theory) }
    }
    /// Counts uses of premises or moves. `count` is the number of these, and `used` gives those of each theorem, one
    /// entry for each use.
    pub fn counted(theory: &Theory, count: usize, used: impl Iterator<Item = (AssertionId, Vec<u32>)>) -> Habits {
        let (mut uses, mut by_theorem) = (vec![0; count], vec![Vec::new(); theory.db.len()]);
        for (theorem, mut items) in used {
            items.iter().for_each(|&i| uses[i as usize] += 1);
            items.sort_unstable();
            items.dedup();
            by_theorem[theorem.index()] = items;
        }
        Habits { uses, by_theorem: ByTheorem::Counted(by_theorem), theorems: proved_theorems(theory) }
    }
    /// Restores the counts of a model: uses by premise, and for each assertion whether its own proof was counted.
    pub fn seen(theory: &Theory, uses: Vec<u32>, seen: Vec<bool>) -> Habits {
        Habits { uses, by_theorem: ByTheorem::Seen(seen), theorems: proved_theorems(theory) }
    }
    /// The counts for a database that begins with this one. New premises have no uses.
    pub fn grown(&self, theory: &Theory) -> Habits {
        let (mut uses, mut by_theorem) = (self.uses.clone(), self.by_theorem.clone());
        uses.resize(theory.len(), 0);
        match &mut by_theorem {
            ByTheorem::Counted(all) => all.resize(theory.db.len(), Vec::new()),
            ByTheorem::Seen(all) => all.resize(theory.db.len(), false),
        }
        Habits { uses, by_theorem, theorems: proved_theorems(theory) }
    }
    /// The premises that a theorem uses; empty if its proof was not counted.
    pub fn used_by(&self, theorem: AssertionId) -> &[u32] {
        match &self.by_theorem {
            ByTheorem::Counted(all) => all.get(theorem.index()).map_or(&[], |v| v),
            ByTheorem::Seen(_) => &[],
        }
    }
    /// The number of uses of each premise in the preceding theorems ([`LOCAL`]).
    pub fn local(&self, theory: &Theory, limit: AssertionId) -> FxHashMap<u32, u32> {
        let end = self.theorems.partition_point(|&t| t < limit.0);
        let mut out = FxHashMap::default();
        let mut count = |premises: &[u32]| premises.iter().for_each(|&p| *out.entry(p).or_insert(0) += 1);
        for &t in &self.theorems[end.saturating_sub(LOCAL)..end] {
            match &self.by_theorem {
                ByTheorem::Counted(all) => count(&all[t as usize]),
                ByTheorem::Seen(all) if all[t as usize] => {
                    count(&premises_of(&theory.human_proof(AssertionId(t)).unwrap_or_default()));
                }
                ByTheorem::Seen(_) => {}
            }
        }
        out
    }
    /// The class of local use ([`local_class`]) of each premise.
    pub fn local_classes(&self, theory: &Theory, limit: AssertionId) -> Vec<u8> {
        let mut out = vec![0; self.uses.len()];
        for (p, uses) in self.local(theory, limit) {
            out[p as usize] = local_class(Some(&uses)) as u8;
        }
        out
    }
}

/// The premises of a proof, without repetition, in order.
pub(in crate::wake_sleep) fn premises_of(proof: &Proof) -> Vec<u32> {
    let premise = |s: &Step| match s.rule {
        Rule::Premise(p) => Some(p.0),
        Rule::Hyp(_) => None,
    };
    let mut premises: Vec<u32> = proof.steps.iter().filter_map(premise).collect();
    premises.sort_unstable();
    premises.dedup();
    premises
}

fn proved_theorems(theory: &Theory) -> Vec<u32> {
    let theorem = |i: &u32| {
        let a = AssertionId(*i);
        theory.db.is_logical(a) && theory.db.source.assertions[a.index()].proof.is_some()
    };
    (0..theory.db.len() as u32).filter(theorem).collect()
}

/// The distance of a premise in the file as one of 24 classes. Class 0 is neutral (lemmas, a statement's own example).
pub fn distance_class(limit: AssertionId, premise: u32, database: usize) -> usize {
    if premise as usize >= database || premise >= limit.0 {
        return 0;
    }
    1 + (32 - (limit.0 - premise).leading_zeros() as usize).min(22)
}

/// The number of local uses as one of four classes.
pub fn local_class(count: Option<&u32>) -> usize {
    match count {
        None => 0,
        Some(1) => 1,
        Some(2 | 3) => 2,
        Some(_) => 3,
    }
}

/// One step of a proof as a choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The goal, with metavariables `0..` in order of appearance.
    pub goal: TermId,
    /// The steps above the goal.
    pub context: Context,
    /// The premise that the proof applies.
    pub premise: PremiseId,
    /// The number of the step in the proof.
    pub step: usize,
}

/// The goal of several that the search takes first: the one whose consequent is most instantiated.
pub fn select(featurizer: &Featurizer, arena: &Arena, goals: &[TermId]) -> usize {
    let score = |&g: &TermId| {
        let (c, _) = featurizer.consequent(arena, g);
        let (mut nodes, mut metas) = (0u32, 0u32);
        count(arena, c, &mut nodes, &mut metas);
        let bare = arena.head(c).as_meta().is_some();
        (!bare, (nodes - metas) * 1000 / nodes, arena.size(c))
    };
    let mut best = 0;
    for i in 1..goals.len() {
        if score(&goals[i]) > score(&goals[best]) {
            best = i;
        }
    }
    best
}

/// Adds the numbers of nodes and metavariables of a term to `nodes` and `metas`.
pub(in crate::wake_sleep) fn count(arena: &Arena, t: TermId, nodes: &mut u32, metas: &mut u32) {
    if arena.is_ground(t) {
        *nodes = nodes.saturating_add(arena.size(t)).min(1 << 20);
        return;
    }
    *nodes += 1;
    if arena.head(t).as_meta().is_some() {
        *metas += 1;
    }
    for &c in arena.children(t) {
        count(arena, c, nodes, metas);
    }
}

/// `t` with its metavariables renumbered by first appearance; `names` collects their old numbers.
pub fn rename(arena: &mut Arena, t: TermId, names: &mut SmallVec<[u32; 8]>) -> TermId {
    if arena.is_ground(t) {
        return t;
    }
    if let Some(m) = arena.head(t).as_meta() {
        let n = names.iter().position(|&x| x == m).unwrap_or_else(|| {
            names.push(m);
            names.len() - 1
        });
        return arena.meta(n as u32);
    }
    let old: Children = arena.children(t).into();
    let new: Children = old.iter().map(|&c| rename(arena, c, names)).collect();
    arena.make(arena.head(t), &new)
}

/// The choices of a proof; `None` if the proof does not fit its goal.
pub fn choices(
    theory: &Theory,
    featurizer: &Featurizer,
    task: &Task,
    proof: &Proof,
    arena: &mut Arena,
) -> Option<Vec<Choice>> {
    let steps = theory.elaborate(task, proof, arena).ok()?;
    let mut seen: Vec<Option<(TermId, Context)>> = vec![None; steps.len()];
    let root = steps.len() - 1;
    seen[root] = Some((task.goal, Context::default()));
    let mut out = Vec::new();
    let mut stack = vec![root];
    let mut bindings = Bindings::default();
    const BASE: u32 = 24;
    while let Some(i) = stack.pop() {
        let Rule::Premise(p) = steps[i].rule else { continue };
        let premise = theory.premise(p)?;
        let (mut goal, context) = seen[i]?;
        if arena.head(goal).as_meta().is_some() {
            goal = steps[i].formula;
        }
        out.push(Choice { goal, context, premise: p, step: i });
        if premise.hyps.is_empty() {
            continue;
        }
        bindings.reset(BASE as usize + premise.variables.len());
        let fits = bindings.unify(arena, (premise.conclusion, BASE), (goal, 0));
        let mut open: Vec<Option<TermId>> = Vec::new();
        for &h in premise.hyps {
            let t = fits.then(|| bindings.resolve(arena, (h, BASE)));
            let mut names = SmallVec::new();
            open.push(t.map(|t| rename(arena, t, &mut names)).filter(|_| names.len() <= 16));
        }
        let free: Vec<usize> = (0..open.len()).filter(|&k| open[k].is_some_and(|t| !arena.is_ground(t))).collect();
        let goals: Vec<TermId> = free.iter().filter_map(|&k| open[k]).collect();
        let first = if goals.is_empty() { None } else { Some(free[select(featurizer, arena, &goals)]) };
        for (k, &c) in steps[i].children.iter().enumerate() {
            let c = c as usize;
            if seen[c].is_some() {
                continue;
            }
            let seen_as = if first == Some(k) { open[k] } else { None };
            let context = Context { parent: Some((p, k as u8)), grandparent: context.parent.map(|x| x.0) };
            seen[c] = Some((seen_as.unwrap_or(steps[c].formula), context));
            stack.push(c);
        }
    }
    Some(out)
}

/// One training example; ranges point into the columns of [`Examples`].
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The number of the corpus item; `u32::MAX` for a statement's own example.
    pub item: u32,
    /// The place of the item in the file.
    pub limit: AssertionId,
    /// The premise that was applied.
    pub positive: u32,
    /// The class of local use of the positive.
    pub local: u8,
    /// The offset and length of its features.
    pub features: (u32, u32),
    /// The offset and length of its sampled candidates.
    pub negatives: (u32, u32),
    /// The sum of the sampling weights of all candidates; 0 if the negatives are all candidates.
    pub weight: f32,
}

/// Examples in columns.
#[derive(Default)]
pub struct Examples {
    /// The examples.
    pub rows: Vec<Example>,
    /// The features of all examples.
    pub features: Vec<u32>,
    /// The sampled candidates: the premise number, with the local class in the top 2 bits.
    pub negatives: Vec<u32>,
}

impl Examples {
    /// Appends other examples.
    pub fn append(&mut self, part: Examples) {
        let (f, n) = (self.features.len() as u32, self.negatives.len() as u32);
        self.features.extend(part.features);
        self.negatives.extend(part.negatives);
        self.rows.extend(part.rows.into_iter().map(|mut r| {
            r.features.0 += f;
            r.negatives.0 += n;
            r
        }));
    }
}

/// The sampling weight of a premise as a negative.
pub fn negative_weight(uses: u32) -> f32 {
    (uses as f32 + 0.5).powf(0.6)
}

/// A small deterministic random generator (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A random number in `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() >> 11) as usize % n.max(1)
    }
    /// A random number in `0.0..1.0`.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }
}

/// Builds examples from proofs and statements.
pub struct Builder<'a> {
    /// The theory, whose assertions and lemmas are the premises.
    pub theory: &'a Theory,
    /// The index of the premises by conclusion.
    pub index: &'a Index,
    /// The featurizer of goals.
    pub featurizer: &'a Featurizer,
    /// The use counts.
    pub habits: &'a Habits,
    /// The seed of the sampling of negatives.
    pub seed: u64,
}

impl Builder<'_> {
    /// Builds the examples of a corpus, in order, and one example for each premise in `statements`; on two threads.
    pub fn build(&self, corpus: &[(Task, Proof)], statements: &[PremiseId]) -> Examples {
        let units = corpus.len() + statements.len();
        let parts =
            each_in_arena(units, 2, &self.theory.arena, |arena, unit| self.unit(unit, corpus, statements, arena));
        let mut all = Examples::default();
        parts.into_iter().for_each(|part| all.append(part));
        all
    }
    fn unit(&self, unit: usize, corpus: &[(Task, Proof)], statements: &[PremiseId], arena: &mut Arena) -> Examples {
        let mut out = Examples::default();
        let mut random = Random(self.seed ^ (unit as u64).wrapping_mul(0x2545_F491_4F6C_DD1D));
        if let Some((task, proof)) = corpus.get(unit) {
            let Some(found) = choices(self.theory, self.featurizer, task, proof, arena) else { return out };
            let hyps = self.featurizer.hyps(arena, &task.hyps);
            let local = self.habits.local(self.theory, task.limit);
            for c in found {
                if arena.head(c.goal).as_meta().is_none() {
                    self.example(unit as u32, task, &c, &hyps, &local, arena, &mut random, &mut out);
                }
            }
        } else {
            let p = statements[unit - corpus.len()];
            let Some(premise) = self.theory.premise(p) else { return out };
            let values: Vec<TermId> = premise.variables.iter().map(|&v| arena.variable(v)).collect();
            let goal = arena.instantiate(premise.conclusion, &values);
            // It is placed before everything, so that classes of distance stay neutral.
            let task = Task {
                name: String::new(),
                goal,
                hyps: vec![],
                hyp_labels: vec![],
                disjoint: vec![],
                limit: AssertionId(0),
                block: u32::MAX,
            };
            let c = Choice { goal, context: Context::default(), premise: p, step: 0 };
            if arena.head(goal).as_meta().is_none() {
                self.example(
                    u32::MAX,
                    &task,
                    &c,
                    &HypFeatures::default(),
                    &FxHashMap::default(),
                    arena,
                    &mut random,
                    &mut out,
                );
            }
        }
        out
    }
    #[allow(clippy::too_many_arguments)]
    fn example(
        &self,
        item: u32,
        task: &Task,
        c: &Choice,
        hyps: &HypFeatures,
        local: &FxHashMap<u32, u32>,
        arena: &Arena,
        random: &mut Random,
        out: &mut Examples,
    ) {
        let mut features = Vec::new();
        self.featurizer.goal(arena, c.goal, hyps, c.context, &mut features);
        let mut candidates = Vec::new();
        self.index.query(arena, c.goal, &mut Query::default(), &mut candidates);
        let own = item == u32::MAX;
        candidates.retain(|&p| p != c.premise.0 && (own || self.theory.stands_before(PremiseId(p), task)));
        candidates.sort_unstable();
        let mut total = 0.0;
        let cumulative: Vec<f32> = candidates
            .iter()
            .map(|&p| {
                total += negative_weight(self.habits.uses[p as usize]);
                total
            })
            .collect();
        let start = (out.features.len() as u32, out.negatives.len() as u32);
        if !candidates.is_empty() {
            for _ in 0..SAMPLES {
                let x = random.unit() * total;
                let p = candidates[cumulative.partition_point(|&s| s <= x).min(candidates.len() - 1)];
                out.negatives.push(p | (local_class(local.get(&p)) as u32) << 30);
            }
        }
        out.features.extend_from_slice(&features);
        out.rows.push(Example {
            item,
            limit: task.limit,
            positive: c.premise.0,
            local: local_class(local.get(&c.premise.0)) as u8,
            features: (start.0, features.len() as u32),
            negatives: (start.1, out.negatives.len() as u32 - start.1),
            weight: total,
        });
    }
}
