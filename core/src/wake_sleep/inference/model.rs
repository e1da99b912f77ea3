//! The first stage over moves: trained on content proofs, asked by the search in context.
//!
//! The same sampled softmax as over premises ([`crate::wake_sleep::ranker`]), with moves in their place: a sequent's
//! features, the moves that unify as negatives, and of each move an example of its own, so that none is cold.

use super::choices::{candidates, choices, Candidate, Choice};
use super::proof::By;
use super::readings::{Moves, Source};
use super::sequents::{sequent, Terms};
use super::translate::{decisions, Translator};
use crate::dsl::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use crate::metamath_db::term::Arena;
use crate::threads::each_in_arena;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::examples::{distance_class, local_class, negative_weight, Example, Examples, Habits, Random};
use crate::wake_sleep::features::{Context, Featurizer, HypFeatures};
use crate::wake_sleep::ranker::{Ranker, TEMPERATURE};
use rustc_hash::FxHashMap;

/// Negatives an example.
const SAMPLES: usize = 32;

/// What is known of a theory's moves.
pub struct Model {
    /// The moves; what no training proof makes and fits anything is not in its indexes.
    pub moves: Moves,
    /// The first stage, a row a move.
    pub ranker: Ranker,
    /// How often, and by which theorems, moves are made.
    pub habits: Habits,
    /// By move, its place in the file: that of its first assertion.
    pub places: Vec<u32>,
}

/// Outcome of a training.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Proofs given, and those that were translated whole.
    pub proofs: (usize, usize),
    /// Steps and decisions of the proofs that were translated.
    pub sizes: (usize, usize),
    /// Examples from proofs.
    pub examples: usize,
    /// Mean loss of the last epoch, nats.
    pub loss: f32,
}

/// A proof's moves and its steps.
type Made = Option<(Vec<u32>, usize)>;

impl Model {
    /// Trains on the proofs of a corpus; `usable` says which premises the rules allow.
    pub fn fit(
        theory: &Theory,
        tables: &Tables,
        usable: &[bool],
        corpus: &[(Task, Proof)],
        (epochs, seed): (usize, u64),
    ) -> (Model, Report) {
        let mut moves = Moves::new(theory, tables, &|p| usable[p.index()]);
        let mut report = Report { proofs: (corpus.len(), 0), ..Report::default() };
        let translator = Translator::new(theory, &moves, tables);
        let made: Vec<Made> = each_in_arena(corpus.len(), 2, &moves.arena, |arena, i| {
            let found = translator.translate(&corpus[i].0, &corpus[i].1, arena)?;
            let of = |by: &By| match by {
                By::Move { number, .. } => Some(*number),
                _ => None,
            };
            Some((found.nodes.iter().filter_map(|n| of(&n.by)).collect(), decisions(&found, &moves)))
        });
        for ((_, proof), (_, decisions)) in corpus.iter().zip(&made).filter_map(|(c, m)| Some((c, m.as_ref()?))) {
            report.proofs.1 += 1;
            report.sizes = (report.sizes.0 + proof.len(), report.sizes.1 + decisions);
        }
        let used = corpus.iter().zip(made).filter_map(|(c, m)| Some((c.0.limit, m?.0)));
        let habits = Habits::counted(theory, moves.all.len(), used);
        let idle: Vec<bool> = (0..moves.all.len() as u32).map(|n| moves.is_idle(n, &habits.uses)).collect();
        moves.index(&|n, _| !idle[n as usize]);
        let places: Vec<u32> = moves.all.iter().map(|m| m.readings[0].premise.0).collect();
        let mut ranker = Ranker::of_items(moves.all.len(), Ranker::bits_for(theory));
        ranker.count(&habits);
        let featurizer = ranker.featurizer(theory);
        let builder = Builder { theory, tables, moves: &moves, featurizer: &featurizer, habits: &habits, usable, seed };
        let examples = builder.build(corpus);
        report.examples = examples.rows.iter().filter(|r| r.item != u32::MAX).count();
        report.loss = ranker.train(&examples, &habits, &places, theory.db.len(), (epochs, seed));
        ranker.temperature = TEMPERATURE;
        (Model { moves, ranker, habits, places }, report)
    }
    /// Costs of candidates for a sequent with these features, in the order of cost, ties by place: `−log p` in 1/4096 nat.
    pub fn costs(
        &self,
        asked: &Asked<'_>,
        features: &[u32],
        candidates: &[Candidate],
        sharpness: f32,
        most: usize,
    ) -> Vec<(i32, u32)> {
        let numbers: Vec<u32> = candidates.iter().map(|c| c.0).collect();
        let classes = |n: u32| {
            let distance = distance_class(asked.limit, self.places[n as usize], asked.database);
            (distance, usize::from(asked.local[n as usize]))
        };
        let (_, mut scored) = self.ranker.score(features, &numbers, classes);
        scored.iter_mut().zip(0u32..).for_each(|(s, i)| s.1 = i);
        self.ranker.costs(features, &mut scored, sharpness, most)
    }
}

/// What a task tells the model.
pub struct Asked<'a> {
    /// Its place.
    pub limit: AssertionId,
    /// Number of the database's assertions.
    pub database: usize,
    /// By move, the class of its local use.
    pub local: &'a [u8],
}

/// Makes examples of content proofs.
struct Builder<'a> {
    theory: &'a Theory,
    tables: &'a Tables,
    moves: &'a Moves,
    featurizer: &'a Featurizer,
    habits: &'a Habits,
    usable: &'a [bool],
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
        let usable = |p: PremiseId| self.usable[p.index()];
        for c in choices(self.moves, self.featurizer, task, &found, arena) {
            let others = candidates(self.moves, self.theory, task, &usable, arena, c.sequent);
            self.example((unit, task.limit), &c, &hyps, &local, others, arena, &mut random, &mut out);
        }
        out
    }
    /// The example that a move gives of itself: its consequent from its antecedents.
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
        let taken = m.takes.map(|t| arena.instantiate(t, &values));
        let goal = arena.instantiate(m.goal, &values);
        let s = sequent(arena, goal, members);
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
        let usable = |p: PremiseId| self.usable[p.index()];
        let others = candidates(self.moves, self.theory, &late, &usable, arena, s);
        let (hyps, local) = (HypFeatures::default(), FxHashMap::default());
        // placed before everything: distance classes stay neutral
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
                total += negative_weight(self.habits.uses[n as usize]);
                total
            })
            .collect();
        let start = (out.features.len() as u32, out.negatives.len() as u32);
        if !others.is_empty() {
            for _ in 0..SAMPLES {
                let x = random.unit() * total;
                let n = others[cumulative.partition_point(|&s| s <= x).min(others.len() - 1)];
                out.negatives.push(n | (local_class(local.get(&n)) as u32) << 30);
            }
        }
        out.features.extend_from_slice(&features);
        out.rows.push(Example {
            item,
            limit,
            positive: c.made.0,
            local: local_class(local.get(&c.made.0)) as u8,
            features: (start.0, features.len() as u32),
            negatives: (start.1, out.negatives.len() as u32 - start.1),
            weight: total,
        });
    }
}

/// One human proof under a model.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Steps of the proof.
    pub steps: usize,
    /// By choice: the node's move, its rank from 0 (`None`: it is no candidate), nats.
    pub choices: Vec<(u32, Option<usize>, f32)>,
}

/// Charged for a choice that is no candidate, in nats.
const MISSED: f32 = 12.0;

/// The choices of proofs that the model was not trained on; `None` for one that is not translated whole.
pub fn measure(
    model: &Model,
    theory: &Theory,
    tables: &Tables,
    usable: &[bool],
    corpus: &[(Task, Proof)],
) -> Vec<Option<Measured>> {
    let featurizer = model.ranker.featurizer(theory);
    each_in_arena(corpus.len(), 2, &model.moves.arena, |arena, i| {
        let (task, proof) = &corpus[i];
        let found = Translator::new(theory, &model.moves, tables).translate(task, proof, arena)?;
        let hyps = featurizer.hyps(arena, &task.hyps);
        let local = model.habits.local_classes(theory, task.limit);
        let asked = Asked { limit: task.limit, database: theory.db.len(), local: &local };
        let mut out = Measured { steps: proof.len(), choices: Vec::new() };
        let mut features = Vec::new();
        for choice in choices(&model.moves, &featurizer, task, &found, arena) {
            let usable = |p: PremiseId| usable[p.index()];
            let all = candidates(&model.moves, theory, task, &usable, arena, choice.sequent);
            featurizer.sequent(arena, choice.sequent, &hyps, choice.context, &mut features);
            let costs = model.costs(&asked, &features, &all, 1.0, usize::MAX);
            let rank = costs.iter().position(|x| all[x.1 as usize] == choice.made);
            let nats = rank.map_or(MISSED, |r| costs[r].0 as f32 / 4096.0);
            out.choices.push((choice.made.0, rank, nats));
        }
        Some(out)
    })
}
