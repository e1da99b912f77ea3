//! The first stage over moves: a ranker that is trained on content proofs and that the search in context uses.
//!
//! It is the same sampled softmax as over premises ([`crate::wake_sleep::ranking::ranker`]), with moves in their place.
//! The input is the features of a sequent, and the negatives are moves that unify. Each move also gives one example of
//! its own, so that rare moves have trained weights, too.

use super::choices::{asks, candidates, choices, Candidate, Choice};
use super::skeleton::Skeleton;
use super::translate::{chained, decisions, Translator};
use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::threads::each_in_arena;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::moves::readings::{Move, Moves, Source};
use crate::wake_sleep::inference::moves::sequents::Terms;
use crate::wake_sleep::inference::proof::By;
use crate::wake_sleep::inference::search::{MoveContext, Ranks};
use crate::wake_sleep::ranking::examples::{
    distance_class, local_class, negative_weight, Example, Examples, Habits, Random,
};
use crate::wake_sleep::ranking::features::{Context, Featurizer, HypFeatures};
use crate::wake_sleep::ranking::memory::{Memory, Steps};
use crate::wake_sleep::ranking::ranker::{Ranker, DIM};
use crate::wake_sleep::ranking::scorer::{ANALOGUES, REMEMBERED};
use crate::wake_sleep::ranking::skeletons::{likeness_of, Likeness, Prior, Skeletons};
use crate::wake_sleep::search::NAT;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// The largest number of negatives of an example. Chosen on unseen proofs: a quarter of these is worse, four times as
/// many no better.
const SAMPLES: usize = 128;

/// Weights of the analogues' prior and memory beside the logits, chosen on unseen proofs of set.mm.
const PRIOR: f32 = 1.2;
const MEMORY: f32 = 3.5;
/// The weight, in nats, of the cosine between the vectors of a move and of the move that it replaces.
const LIKE_LABEL: f32 = 6.0;

/// A model of a theory's moves: the first stage, and the training proofs.
pub struct Model {
    /// The theory.
    pub theory: Arc<Theory>,
    /// The truth tables of the connectives.
    pub tables: Arc<Tables>,
    /// The moves. Idle moves ([`Moves::is_idle`]) are not in its indexes.
    pub moves: Arc<Moves>,
    /// Features of sequents.
    pub featurizer: Featurizer,
    /// The first stage, with a row for each move.
    pub ranker: Ranker,
    /// How often moves are used, and by which theorems.
    pub habits: Habits,
    /// For each move, its place in the file: that of its first assertion.
    pub places: Vec<u32>,
    /// The training proofs, indexed by what they prove.
    pub skeletons: Skeletons,
    /// For each training proof, its choices and its skeleton, computed at the first use.
    steps: Vec<OnceLock<(Steps, Arc<Skeleton>)>>,
}

/// The outcome of a training.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// The number of proofs given, and of those that were translated whole.
    pub proofs: (usize, usize),
    /// The numbers of steps and of decisions of the translated proofs.
    pub sizes: (usize, usize),
    /// The number of examples from proofs.
    pub examples: usize,
    /// The mean loss of the last epoch, in nats.
    pub loss: f32,
}

/// The moves of a translated proof, and its number of steps.
type Made = Option<(Vec<u32>, usize)>;

impl Model {
    /// Trains a model on the proofs of a corpus, whose terms the theory holds. `usable` says which premises the rules
    /// allow.
    pub fn fit(
        theory: Arc<Theory>,
        usable: &[bool],
        corpus: &[(Task, Proof)],
        (epochs, seed): (usize, u64),
    ) -> (Model, Report) {
        let tables = Arc::new(Tables::new(&theory));
        let mut moves = Moves::new(&theory, &tables, &|p| usable[p.index()]);
        let mut report = Report { proofs: (corpus.len(), 0), ..Report::default() };
        let translator = Translator::new(&theory, &moves, &tables);
        let made: Vec<Made> = each_in_arena(corpus.len(), 2, &moves.arena, |arena, i| {
            let found = translator.translate(&corpus[i].0, &corpus[i].1, arena)?;
            let of = |by: &By| match by {
                By::Move { number, .. } => Some(*number),
                _ => None,
            };
            let chosen = found.nodes.iter().zip(chained(&found, &moves)).filter(|(n, c)| !c || n.children.is_empty());
            Some((chosen.filter_map(|(n, _)| of(&n.by)).collect(), decisions(&found, &moves)))
        });
        for ((_, proof), (_, decisions)) in corpus.iter().zip(&made).filter_map(|(c, m)| Some((c, m.as_ref()?))) {
            report.proofs.1 += 1;
            report.sizes = (report.sizes.0 + proof.len(), report.sizes.1 + decisions);
        }
        let used = corpus.iter().zip(made).filter_map(|(c, m)| Some((c.0.limit, m?.0)));
        let used = used.filter(|(theorem, _)| theorem.index() < theory.db.len());
        let habits = Habits::counted(&theory, moves.all.len(), used);
        moves.index_used(&habits.uses);
        let mut ranker = Ranker::of_items(moves.all.len(), Ranker::bits_for(&theory));
        ranker.count(&habits);
        let places: Vec<u32> = moves.all.iter().map(|m| m.readings[0].premise.0).collect();
        let featurizer = ranker.featurizer(&theory);
        let weights: Vec<f32> = habits.uses.iter().map(|&n| negative_weight(n)).collect();
        let builder = Builder {
            theory: &theory,
            tables: &tables,
            moves: &moves,
            featurizer: &featurizer,
            habits: &habits,
            usable: &Usable::new(&theory, &moves, usable),
            weights: &weights,
            seed,
        };
        let examples = builder.build(corpus);
        report.examples = examples.rows.iter().filter(|r| r.item != u32::MAX).count();
        report.loss = ranker.train(&examples, &habits, &places, theory.db.len(), (epochs, seed));
        let skeletons = skeletons(&theory, &moves, &featurizer, &ranker, corpus);
        (Model::of(theory, tables, moves, ranker, habits, skeletons), report)
    }
    /// Assembles a model from its parts.
    pub fn of(
        theory: Arc<Theory>,
        tables: Arc<Tables>,
        moves: Moves,
        ranker: Ranker,
        habits: Habits,
        skeletons: Skeletons,
    ) -> Model {
        let places = moves.all.iter().map(|m| m.readings[0].premise.0).collect();
        let featurizer = ranker.featurizer(&theory);
        let steps = skeletons.theorems().iter().map(|_| OnceLock::new()).collect();
        Model { theory, tables, moves: Arc::new(moves), featurizer, ranker, habits, places, skeletons, steps }
    }
    /// The choices of a training proof, by the states in which they were made, and its skeleton.
    fn steps(&self, item: u32, arena: &mut Arena) -> &(Steps, Arc<Skeleton>) {
        self.steps[item as usize].get_or_init(|| {
            let (base, mut out) = (arena.len(), Steps::default());
            let mut skeleton = Skeleton::default();
            let proof = self.skeletons.proof(item, &self.theory);
            if let Some(task) = self.theory.task(self.skeletons.theorems()[item as usize], arena) {
                let translator = Translator::new(&self.theory, &self.moves, &self.tables);
                let hyps = self.featurizer.hyps(arena, &task.hyps);
                let (mut features, mut state) = (Vec::new(), [0.0; DIM]);
                let found = translator.translate(&task, proof, arena);
                skeleton = found.as_ref().map(|f| Skeleton::of(f, &self.moves, arena)).unwrap_or_default();
                for c in found.map(|f| choices(&self.moves, &task, &f, arena)).unwrap_or_default() {
                    self.featurizer.sequent(arena, c.sequent, &hyps, c.context, &mut features);
                    self.ranker.embed(&features, &mut state);
                    out.push(c.made.0, &state);
                }
            }
            arena.truncate(base);
            (out, Arc::new(skeleton))
        })
    }
}

/// The training proofs with the data by which they are compared.
fn skeletons(
    theory: &Theory,
    moves: &Moves,
    featurizer: &Featurizer,
    ranker: &Ranker,
    corpus: &[(Task, Proof)],
) -> Skeletons {
    let mut arena = moves.arena.clone();
    Skeletons::by(theory, corpus, &mut |task| likeness(moves, featurizer, ranker, task, &mut arena))
}

/// The data by which a task is compared with training proofs.
fn likeness(moves: &Moves, featurizer: &Featurizer, ranker: &Ranker, task: &Task, arena: &mut Arena) -> Likeness {
    let base = arena.len();
    let (mut sequents, mut features) = (Terms::new(), Vec::new());
    moves.connectives.before(task.limit).sequents(arena, &[], task.goal, &mut sequents);
    let hyps = featurizer.hyps(arena, &task.hyps);
    featurizer.sequent(arena, sequents[0], &hyps, Context::default(), &mut features);
    let like = likeness_of(featurizer, ranker, arena, features, &task.hyps);
    arena.truncate(base);
    like
}

/// The ranking of moves for the goals of one task: the first stage, and the analogues once they are looked up.
pub struct Ranking<'a> {
    model: &'a Model,
    hyps: HypFeatures,
    limit: AssertionId,
    local: Vec<u8>,
    sharpness: f32,
    /// Whether the moves of analogues are preferred, and whether their choices at similar goals are.
    ways: (bool, bool),
    /// The assertions whose proofs must not serve as analogues.
    forbidden: FxHashSet<u32>,
    prior: Prior,
    memory: Memory,
    /// The training proofs most similar to the task, the most similar one first.
    near: Vec<u32>,
    features: Vec<u32>,
}

impl<'a> Ranking<'a> {
    /// Creates the ranking of a task, without analogues yet. `sharpness` multiplies the calibrated logits. `ways` says
    /// whether the moves of analogues are preferred, and whether their choices at similar goals are. The proofs of
    /// `forbidden` assertions and of the task itself are never used.
    pub fn new(
        model: &'a Model,
        task: &Task,
        arena: &Arena,
        (sharpness, ways): (f32, (bool, bool)),
        forbidden: FxHashSet<u32>,
    ) -> Ranking<'a> {
        Ranking {
            model,
            hyps: model.featurizer.hyps(arena, &task.hyps),
            limit: task.limit,
            local: model.habits.local_classes(&model.theory, task.limit),
            sharpness,
            ways,
            forbidden,
            prior: Prior::default(),
            memory: Memory::default(),
            near: Vec::new(),
            features: Vec::new(),
        }
    }
    /// Looks up the training proofs most similar to the task.
    pub fn look_up(&mut self, task: &Task, arena: &mut Arena) {
        let m = self.model;
        let like = likeness(&m.moves, &m.featurizer, &m.ranker, task, arena);
        let near =
            m.skeletons.near(&like, task.limit, REMEMBERED, &|a| a != task.limit && !self.forbidden.contains(&a.0));
        let theorems = m.skeletons.theorems();
        let used = |i: u32| m.habits.used_by(theorems[i as usize]).to_vec();
        if self.ways.0 {
            self.prior = Prior::of(&near[..ANALOGUES.min(near.len())], &used);
        }
        self.near = near.iter().map(|n| n.1).collect();
        if !self.ways.1 {
            return;
        }
        let steps: Vec<&Steps> = near.iter().map(|&(_, i)| &m.steps(i, arena).0).collect();
        self.memory = Memory::new(steps.into_iter());
    }
    /// The `most` cheapest candidates of a sequent: `−log p` in 1/4096 nat and the place among the candidates, the
    /// cheapest first, ties by place.
    pub fn rank(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: Context,
        candidates: &[u32],
        most: usize,
    ) -> Vec<(i32, u32)> {
        let m = self.model;
        m.featurizer.sequent(arena, sequent, &self.hyps, context, &mut self.features);
        let database = m.theory.db.len();
        let classes =
            |n: u32| (distance_class(self.limit, m.places[n as usize], database), usize::from(self.local[n as usize]));
        let (state, mut scored) = m.ranker.score(&self.features, candidates, classes);
        for (logit, n) in &mut scored {
            *logit += PRIOR * self.prior.get(*n);
        }
        self.memory.add(&state, MEMORY, &mut scored);
        scored.iter_mut().zip(0u32..).for_each(|(s, i)| s.1 = i);
        m.ranker.costs(&self.features, &mut scored, self.sharpness, most)
    }
    /// The rank, from 0, and the cost in nats of what a proof chose, among all moves that fit there and that the rules
    /// allow. `None`: it is not among these.
    pub(super) fn placed(
        &mut self,
        choice: &Choice,
        usable: &Usable<'_>,
        task: &Task,
        arena: &Arena,
    ) -> Option<(usize, f32)> {
        let (theory, moves) = (&*self.model.theory, &*self.model.moves);
        let all = candidates(moves, theory, task, &|n| usable.allows(n, task), arena, choice.sequent);
        let numbers: Vec<u32> = all.iter().map(|c| c.0).collect();
        let costs = self.rank(arena, choice.sequent, choice.context, &numbers, usize::MAX);
        let rank = costs.iter().position(|x| all[x.1 as usize] == choice.made)?;
        Some((rank, costs[rank].0 as f32 / NAT as f32))
    }
}

impl Ranks for Ranking<'_> {
    fn costs(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)> {
        let moves = &self.model.moves;
        let context = Context {
            parent: context.parent.map(|(n, k)| asks(moves, n, usize::from(k))),
            grandparent: context.grandparent.map(|n| moves.all[n as usize].readings[0].premise),
        };
        let numbers: Vec<u32> = candidates.iter().map(|c| c.0).collect();
        self.rank(arena, sequent, context, &numbers, most)
    }
    fn consult(&mut self, arena: &mut Arena, task: &Task) -> bool {
        self.look_up(task, arena);
        true
    }
    fn substitutes(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        instead: u32,
    ) -> Vec<u32> {
        let vector = |n: u32| self.model.ranker.premises.row(n).collect::<Vec<f32>>();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
        let own = vector(instead);
        let length = dot(&own, &own).sqrt().max(1e-6);
        let like = |n: u32| {
            let v = vector(n);
            dot(&v, &own) / (length * dot(&v, &v).sqrt().max(1e-6))
        };
        let likes: Vec<f32> = candidates.iter().map(|c| LIKE_LABEL * like(c.0)).collect();
        let costs = self.costs(arena, sequent, context, candidates, candidates.len());
        let mut scored: Vec<(f32, u32)> =
            costs.into_iter().map(|(c, i)| (likes[i as usize] - c as f32 / NAT as f32, i)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().map(|s| s.1).collect()
    }
    fn skeletons(&mut self, arena: &mut Arena, most: usize) -> Vec<(u32, Arc<Skeleton>)> {
        let m = self.model;
        let theorem = |i: u32| m.skeletons.theorems()[i as usize].0;
        self.near.iter().take(most).map(|&i| (theorem(i), m.steps(i, arena).1.clone())).collect()
    }
}

/// The moves that the rules allow, with the place from which on each may be used.
pub(super) struct Usable<'a> {
    theory: &'a Theory,
    moves: &'a Moves,
    premises: &'a [bool],
    /// For each move, the place of the first assertion that is a twin of it and may be used.
    first: Vec<u32>,
}

impl<'a> Usable<'a> {
    pub(super) fn new(theory: &'a Theory, moves: &'a Moves, premises: &'a [bool]) -> Usable<'a> {
        let first = |m: &Move| {
            let twins = m.readings.iter().filter(|r| !r.strict && premises[r.premise.index()]);
            twins.map(|r| r.premise.0.max(r.since.saturating_sub(1))).min().unwrap_or(u32::MAX)
        };
        Usable { theory, moves, premises, first: moves.all.iter().map(first).collect() }
    }
    fn allows(&self, number: u32, task: &Task) -> bool {
        let first = self.first[number as usize];
        if (first as usize) < self.theory.db.len() {
            return first < task.limit.0;
        }
        let premises = |p: PremiseId| self.premises[p.index()];
        first < u32::MAX && self.moves.all[number as usize].is_allowed(self.theory, task, &premises)
    }
}

/// Builds examples from content proofs.
struct Builder<'a> {
    theory: &'a Theory,
    tables: &'a Tables,
    moves: &'a Moves,
    featurizer: &'a Featurizer,
    habits: &'a Habits,
    usable: &'a Usable<'a>,
    /// For each move, the frequency with which it is drawn as a negative, up to a factor.
    weights: &'a [f32],
    seed: u64,
}

impl Builder<'_> {
    fn build(&self, corpus: &[(Task, Proof)]) -> Examples {
        let units = corpus.len() + self.moves.all.len();
        let parts = each_in_arena(units, 2, &self.moves.arena, |arena, unit| match corpus.get(unit) {
            Some((task, proof)) => self.of_proof(unit as u32, task, proof, arena),
            None => self.of_move((unit - corpus.len()) as u32, arena),
        });
        let mut all = Examples::default();
        parts.into_iter().for_each(|part| all.append(part));
        all
    }
    fn random(&self, unit: u32) -> Random {
        Random(self.seed ^ u64::from(unit).wrapping_mul(0x2545_F491_4F6C_DD1D))
    }
    fn of_proof(&self, unit: u32, task: &Task, proof: &Proof, arena: &mut Arena) -> Examples {
        let (mut out, mut random) = (Examples::default(), self.random(unit));
        let translator = Translator::new(self.theory, self.moves, self.tables);
        let Some(found) = translator.translate(task, proof, arena) else { return out };
        let hyps = self.featurizer.hyps(arena, &task.hyps);
        let local = self.habits.local(self.theory, task.limit);
        let allowed = |n: u32| self.usable.allows(n, task);
        for c in choices(self.moves, task, &found, arena) {
            let others = candidates(self.moves, self.theory, task, &allowed, arena, c.sequent);
            self.example((unit, task.limit), &c, &hyps, &local, others, arena, &mut random, &mut out);
        }
        out
    }
    /// The example that a move gives of itself: its consequent, from its antecedents.
    fn of_move(&self, number: u32, arena: &mut Arena) -> Examples {
        let (mut out, mut random) = (Examples::default(), self.random(number ^ 1 << 31));
        let m = &self.moves.all[number as usize];
        if m.takes.is_none() && arena.head(m.goal).as_meta().is_some() {
            return out;
        }
        let values: Vec<TermId> = m.variables.iter().map(|&v| arena.variable(v)).collect();
        let mut members = Terms::new();
        let asked = m.parts.iter().zip(&m.readings[0].sources).filter(|(_, s)| **s == Source::Conclusion);
        for t in asked.map(|(p, _)| p.goal).chain(m.takes) {
            let t = arena.instantiate(t, &values);
            self.moves.connectives.conjuncts(arena, t, &mut members);
        }
        let c = &self.moves.connectives;
        let taken = m.takes.map(|t| {
            let t = arena.instantiate(t, &values);
            c.oriented(arena, t)
        });
        let goal = arena.instantiate(m.goal, &values);
        let s = c.sequent(arena, goal, members);
        let late = Task {
            name: String::new(),
            goal,
            hyps: vec![],
            hyp_labels: vec![],
            disjoint: vec![],
            limit: AssertionId::from(self.theory.db.len()),
            block: u32::MAX,
        };
        let c = Choice { sequent: s, context: Context::default(), made: (number, taken), node: 0 };
        let allowed = |n: u32| self.usable.allows(n, &late);
        let others = candidates(self.moves, self.theory, &late, &allowed, arena, s);
        let (hyps, local) = (HypFeatures::default(), FxHashMap::default());
        // It is placed before everything, so that classes of distance stay neutral.
        self.example((u32::MAX, AssertionId(0)), &c, &hyps, &local, others, arena, &mut random, &mut out);
        out
    }
    #[allow(clippy::too_many_arguments)]
    fn example(
        &self,
        (item, limit): (u32, AssertionId),
        c: &Choice,
        hyps: &HypFeatures,
        local: &FxHashMap<u32, u32>,
        others: Vec<Candidate>,
        arena: &Arena,
        random: &mut Random,
        out: &mut Examples,
    ) {
        let mut features = Vec::new();
        self.featurizer.sequent(arena, c.sequent, hyps, c.context, &mut features);
        let mut total = 0.0;
        let others: Vec<u32> = others.into_iter().filter(|o| *o != c.made).map(|o| o.0).collect();
        let cumulative: Vec<f32> = others
            .iter()
            .map(|&n| {
                total += self.weights[n as usize];
                total
            })
            .collect();
        let start = (out.features.len() as u32, out.negatives.len() as u32);
        let drawn = |_| {
            let x = random.unit() * total;
            others[cumulative.partition_point(|&s| s <= x).min(others.len() - 1)]
        };
        let (negatives, weight) = match others.len() <= SAMPLES {
            true => (others.clone(), 0.0),
            false => ((0..SAMPLES).map(drawn).collect(), total),
        };
        out.negatives.extend(negatives.iter().map(|&n| n | (local_class(local.get(&n)) as u32) << 30));
        out.features.extend_from_slice(&features);
        out.rows.push(Example {
            item,
            limit,
            positive: c.made.0,
            local: local_class(local.get(&c.made.0)) as u8,
            features: (start.0, features.len() as u32),
            negatives: (start.1, out.negatives.len() as u32 - start.1),
            weight,
        });
    }
}

/// A human proof measured under a model.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// The number of steps of the proof.
    pub steps: usize,
    /// For each choice: the node's move, its rank from 0 (`None` if it is no candidate), its cost in nats.
    pub choices: Vec<(u32, Option<usize>, f32)>,
}

/// The cost in nats of a choice that is no candidate.
const MISSED: f32 = 12.0;

/// Measures the choices of proofs that the model was not trained on. `grown` holds their terms; if `informed`,
/// analogues are used. The entry of a proof that is not translated whole is `None`.
pub fn measure(
    model: &Model,
    usable: &[bool],
    corpus: &[(Task, Proof)],
    grown: &Arena,
    informed: bool,
) -> Vec<Option<Measured>> {
    let usable = Usable::new(&model.theory, &model.moves, usable);
    each_in_arena(corpus.len(), 2, grown, |arena, i| {
        let (task, proof) = &corpus[i];
        let (theory, moves) = (&*model.theory, &*model.moves);
        let found = Translator::new(theory, moves, &model.tables).translate(task, proof, arena)?;
        let mut ranking = Ranking::new(model, task, arena, (1.0, (true, true)), FxHashSet::default());
        if informed {
            ranking.look_up(task, arena);
        }
        let mut out = Measured { steps: proof.len(), choices: Vec::new() };
        for choice in choices(moves, task, &found, arena) {
            let found = ranking.placed(&choice, &usable, task, arena);
            out.choices.push((choice.made.0, found.map(|f| f.0), found.map_or(MISSED, |f| f.1)));
        }
        Some(out)
    })
}

#[cfg(test)]
mod tests {
    use super::super::columns::Columns;
    use super::*;
    use crate::metamath_db::database::Database;
    use crate::wake_sleep::inference::moves::readings::tests::with_lemmas;

    fn corpus(theory: &mut Theory) -> Vec<(Task, Proof)> {
        let mut arena = std::mem::take(&mut theory.arena);
        let all = (0..theory.db.len()).map(AssertionId::from).filter_map(|a| {
            let proof = theory.human_proof(a)?;
            Some((theory.task(a, &mut arena)?, proof))
        });
        let all = all.collect();
        theory.arena = arena;
        all
    }

    #[test]
    fn what_proofs_do_is_learnt_and_measured() {
        let source = include_str!("../fixture.mm");
        let mut theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let corpus = corpus(&mut theory);
        let (theory, usable) = (Arc::new(theory.clone()), vec![true; theory.len()]);
        let fit = || Model::fit(theory.clone(), &usable, &corpus, (20, 7));
        let ((model, report), (again, _)) = (fit(), fit());
        assert_eq!(report.proofs, (corpus.len(), corpus.len()));
        assert_eq!(model.ranker.sha256(), again.ranker.sha256());
        let measured = measure(&model, &usable, &corpus, &model.moves.arena, false);
        let last = measured.last().and_then(Option::as_ref).expect("it is translated");
        assert_eq!((last.steps, last.choices.len()), (6, 2));
        // The model was trained on these proofs.
        let nats = |m: &[Option<Measured>]| m.iter().flatten().flat_map(|m| &m.choices).map(|c| c.2).sum::<f32>();
        let (untrained, _) = Model::fit(theory.clone(), &usable, &corpus, (0, 7));
        let before = measure(&untrained, &usable, &corpus, &untrained.moves.arena, false);
        assert!(nats(&measured) < 0.8 * nats(&before), "{} {}", nats(&measured), nats(&before));
        let informed = measure(&model, &usable, &corpus, &model.moves.arena, true);
        assert!(informed.iter().all(Option::is_some));
    }

    #[test]
    fn a_model_of_a_theory_with_lemmas_is_restored_from_its_columns() {
        let source = include_str!("../fixture.mm");
        let plain = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let mut theory = with_lemmas(&plain, &["tfcl2"]);
        let mut corpus = corpus(&mut theory);
        let last = corpus.pop().expect("there are proofs");
        let (theory, usable) = (Arc::new(theory.clone()), vec![true; theory.len()]);
        let (model, _) = Model::fit(theory.clone(), &usable, &corpus, (20, 7));
        let columns = Columns::of(&model);
        assert!(columns.is_sound(theory.len()));
        let again = columns.restored(&theory, &usable, &corpus).expect("it fits");
        assert_eq!(model.ranker.sha256(), again.ranker.sha256());
        assert_eq!(model.habits.uses, again.habits.uses);
        let told = |m: &Model| format!("{:?}", measure(m, &usable, std::slice::from_ref(&last), &m.moves.arena, true));
        assert_eq!(told(&model), told(&again));
        // The model is not restored for another corpus.
        assert!(columns.restored(&theory, &usable, &corpus[1..]).is_none());
    }
}
