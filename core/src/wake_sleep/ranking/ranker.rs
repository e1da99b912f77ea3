//! The two stages of premise ranking: the first stage, which is trained here, and the evaluation of the network.
//!
//! The first stage embeds a bag of hashed features. A premise's logit is the dot product with the premise's vector,
//! plus a bias, a weight for the distance in the file and one for local use. Training is a sampled softmax among the
//! premises that unify (Adagrad; Duchi et al. 2011, §1.1), on one thread so that the same seed gives the same bits. The
//! second stage is the state tower of the torch model, evaluated on its exported weights for the best candidates. The
//! search reads the tables of both stages rounded ([`super::rows`]).

use super::examples::{distance_class, negative_weight, Builder, Examples, Habits, Random};
use super::features::{Codes, Featurizer};
use super::rows::{Rows, State};
use crate::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::index::Index;
use sha2::{Digest, Sha256};

/// The number of first stages that are trained separately and averaged (deep ensembles; Lakshminarayanan et al. 2017,
/// §2.4). A single one overfits its training proofs, and the errors of two differ.
pub const MEMBERS: usize = 2;

/// The width of one member's embedding.
pub const WIDTH: usize = 64;

/// The width of the first stage's embedding: those of the members side by side.
pub const DIM: usize = MEMBERS * WIDTH;

/// The divisor of the first stage's logits after training, the best on unseen proofs of set.mm.
pub const TEMPERATURE: f32 = 1.8;

/// The number of the first stage's best candidates that the network ranks again.
pub const RERANKED: usize = 50;

/// The largest logit that adds nothing to a sum of exponentials whose greatest term is 1: its exponential is below
/// 2⁻²⁵.
const NOTHING: f32 = -17.4;

const DISTANCES: usize = 24;

/// The weights of both stages.
#[derive(Clone)]
pub struct Ranker {
    /// The base-2 logarithm of the number of hashed features.
    pub bits: u32,
    /// The feature embedding, `[1 << bits, DIM]`.
    pub embedding: Rows,
    /// The premise vectors, `[P, DIM]`.
    pub premises: Rows,
    /// The premise biases, `[P]`.
    pub bias: Vec<f32>,
    /// The weights of the distance classes.
    pub distance: Vec<f32>,
    /// The weights of the local classes.
    pub local: Vec<f32>,
    /// The divisor of the first stage's logits, whose softmax is over-confident.
    pub temperature: f32,
    /// The network, if there is one.
    pub network: Option<Network>,
    /// The numbers of assertions and typecodes in features.
    pub codes: Codes,
}

/// The exported weights of the recognition model (see `wake_sleep/model/network.py`).
#[derive(Clone, Default)]
pub struct Network {
    /// The feature embedding, `[1 << bits, D]`.
    pub embedding: Rows,
    /// The first layer's weights, `[H, D]`.
    pub w1: Vec<f32>,
    /// The first layer's biases, `[H]`.
    pub b1: Vec<f32>,
    /// The second layer's weights, `[D, H]`.
    pub w2: Vec<f32>,
    /// The second layer's biases, `[D]`.
    pub b2: Vec<f32>,
    /// The premise vectors, `[P, D]`.
    pub premises: Rows,
    /// The premise biases, `[P]`.
    pub bias: Vec<f32>,
    /// The weight of the first stage's logit, and the temperature.
    pub scale: [f32; 2],
}

/// The outcome of a training.
#[derive(Clone, Copy, Debug, Default)]
pub struct FitReport {
    /// The number of examples from proofs.
    pub examples: usize,
    /// The number of examples that statements give of themselves.
    pub statements: usize,
    /// The mean loss of the last epoch (sampled softmax), in nats.
    pub loss: f32,
}

impl Network {
    /// The state vector `e = x + W2 relu(W1 x + b1) + b2`, where `x` is the scaled sum of the features' rows.
    pub fn state(&self, features: &[u32]) -> Vec<f32> {
        let d = self.b2.len();
        let mut x = vec![0.0f32; d];
        mean(&self.embedding, features, &mut x);
        pulp::Arch::new().dispatch(Layers { of: self, x })
    }
}

/// The layers of the network behind its embedding, compiled twice (see [`super::rows`]).
struct Layers<'a> {
    of: &'a Network,
    x: Vec<f32>,
}

impl pulp::NullaryFnOnce for Layers<'_> {
    type Output = Vec<f32>;
    #[inline(always)]
    fn call(self) -> Vec<f32> {
        let Layers { of: n, x } = self;
        let (d, hidden) = (n.b2.len(), n.b1.len());
        let (mut h, mut e) = (vec![0.0; hidden], x.clone());
        for (i, unit) in h.iter_mut().enumerate() {
            *unit = (dot(&n.w1[i * d..(i + 1) * d], &x) + n.b1[i]).max(0.0);
        }
        for (i, y) in e.iter_mut().enumerate() {
            *y += dot(&n.w2[i * hidden..(i + 1) * hidden], &h) + n.b2[i];
        }
        e
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight running sums in a fixed order, which the compiler turns into vector instructions.
    let ((x, more), (y, others)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0f32; 8];
    for k in 0..x.len().min(y.len()) {
        for i in 0..8 {
            sums[i] += x[k][i] * y[k][i];
        }
    }
    let mut rest = 0.0;
    for i in 0..more.len().min(others.len()) {
        rest += more[i] * others[i];
    }
    sums.iter().sum::<f32>() + rest
}

#[inline]
fn add(a: &mut [f32], b: &[f32], s: f32) {
    for (x, y) in a.iter_mut().zip(b) {
        *x += s * y;
    }
}

/// The scaled sum of the features' rows.
fn mean(embedding: &Rows, features: &[u32], out: &mut [f32]) {
    out.fill(0.0);
    embedding.sum(features, out);
    let scale = 1.0 / (features.len().max(1) as f32).sqrt();
    out.iter_mut().for_each(|v| *v *= scale);
}

/// The scaled sum of the features' rows during training; rows are `out.len()` wide.
fn embed(embedding: &[f32], features: &[u32], out: &mut [f32]) {
    let width = out.len();
    out.fill(0.0);
    for &f in features {
        add(out, &embedding[f as usize * width..(f as usize + 1) * width], 1.0);
    }
    let scale = 1.0 / (features.len().max(1) as f32).sqrt();
    out.iter_mut().for_each(|v| *v *= scale);
}

/// Moves the `kept` best scores to the front, in order, ties by premise number.
fn best_first(scored: &mut [(f32, u32)], kept: usize) {
    // One integer for each row that sorts by both, which is faster.
    let falling = |x: f32| x.to_bits() ^ if x.is_sign_negative() { 0 } else { 0x7fff_ffff };
    let score = |bits: u32| f32::from_bits(bits ^ if bits >> 31 == 1 { 0 } else { 0x7fff_ffff });
    let key = |&(x, p): &(f32, u32)| u64::from(falling(x)) << 32 | u64::from(p);
    let mut keys: Vec<u64> = scored.iter().map(key).collect();
    if kept < keys.len() {
        keys.select_nth_unstable(kept);
    }
    keys[..kept].sort_unstable();
    for (s, key) in scored.iter_mut().zip(keys) {
        *s = (score((key >> 32) as u32), key as u32);
    }
}

/// `n` small random numbers, the weights before training.
fn small(random: &mut Random, n: usize) -> Vec<f32> {
    (0..n).map(|_| (random.unit() - 0.5) * 0.2).collect()
}

impl Ranker {
    /// An untrained ranker of a theory's premises.
    pub fn new(theory: &Theory, bits: u32) -> Ranker {
        Ranker::of_items(theory.len(), bits)
    }
    /// An untrained ranker of `count` items, premises or moves.
    pub fn of_items(count: usize, bits: u32) -> Ranker {
        Ranker {
            bits,
            embedding: Rows::zero(DIM, 1 << bits),
            premises: Rows::zero(DIM, count),
            bias: vec![(0.3f32).ln(); count],
            distance: vec![0.0; DISTANCES],
            local: vec![0.0; 4],
            temperature: 1.0,
            network: None,
            codes: Codes::default(),
        }
    }
    /// The featurizer that computes the features of this ranker's training.
    pub fn featurizer(&self, theory: &Theory) -> Featurizer {
        Featurizer::with(theory, self.bits, self.codes.clone())
    }
    /// The number of feature bits that suits the size of a database.
    pub fn bits_for(theory: &Theory) -> u32 {
        match theory.db.len() {
            0..=2_000 => 15,
            2_001..=15_000 => 17,
            _ => 19,
        }
    }
    /// Sets the biases to the logarithms of the use counts: the untrained ranker ranks by frequency.
    pub fn count(&mut self, habits: &Habits) {
        for (b, &n) in self.bias.iter_mut().zip(&habits.uses) {
            *b = (n as f32 + 0.3).ln();
        }
    }
    /// Computes the first stage's state vector from features.
    pub fn embed(&self, features: &[u32], out: &mut [f32; DIM]) {
        mean(&self.embedding, features, out);
    }
    /// The state vector of a goal with these features, and the first stage's logits of the premises. `classes` gives
    /// the distance class and the local class of a premise.
    pub fn score(
        &self,
        features: &[u32],
        premises: &[u32],
        classes: impl Fn(u32) -> (usize, usize),
    ) -> ([f32; DIM], Vec<(f32, u32)>) {
        let mut state = [0.0; DIM];
        self.embed(features, &mut state);
        let mut products = Vec::new();
        self.premises.products(&State::new(&state), premises, &mut products);
        let logit = |(product, &p): (f32, &u32)| {
            let (distance, local) = classes(p);
            (product + self.bias[p as usize] + self.distance[distance] + self.local[local], p)
        };
        (state, products.into_iter().zip(premises).map(logit).collect())
    }
    /// Turns first-stage logits into the `most` smallest costs `−log p`, where the network ranks the best premises
    /// again. Costs are in 1/4096 nat, so that their order does not depend on rounding; they are sorted, ties by
    /// premise number. `sharpness` multiplies the calibrated logits; with 1 the costs are calibrated probabilities.
    pub fn costs(&self, features: &[u32], scored: &mut [(f32, u32)], sharpness: f32, most: usize) -> Vec<(i32, u32)> {
        let kept = most.max(RERANKED).min(scored.len());
        best_first(scored, kept);
        let mut logits: Vec<f32> = scored.iter().map(|s| s.0 / self.temperature).collect();
        if let Some(n) = &self.network {
            let top = logits.len().min(RERANKED);
            let (best, mut products) = (scored[..top].iter().map(|s| s.1).collect::<Vec<u32>>(), Vec::new());
            n.premises.products(&State::new(&n.state(features)), &best, &mut products);
            let mut lowest = f32::INFINITY;
            for ((logit, &(first, p)), product) in logits.iter_mut().zip(scored.iter()).zip(products) {
                *logit = (n.scale[0] * first + product + n.bias[p as usize]) / n.scale[1];
                lowest = lowest.min(*logit);
            }
            if top > 0 {
                let edge = scored[top - 1].0;
                for (logit, s) in logits.iter_mut().zip(scored.iter()).skip(top) {
                    *logit = lowest - (edge - s.0) * n.scale[0].max(0.1) / n.scale[1];
                }
            }
        }
        logits.iter_mut().for_each(|l| *l *= sharpness);
        let max = logits.iter().copied().fold(f32::MIN, f32::max);
        // The sum begins with 1; a term below half of its last bit changes nothing.
        let parts = logits.iter().map(|l| l - max).filter(|&l| l > NOTHING).map(f32::exp);
        let log_sum = parts.sum::<f32>().ln() + max;
        let cost = |l: f32| ((log_sum - l).clamp(0.0, 1000.0) * 4096.0).round() as i32;
        let mut out: Vec<(i32, u32)> = logits.iter().zip(&scored[..kept]).map(|(&l, s)| (cost(l), s.1)).collect();
        out.sort_unstable();
        out.truncate(most);
        out
    }
    /// Trains the first stage on proofs, from scratch.
    pub fn fit(
        &mut self,
        theory: &Theory,
        index: &Index,
        corpus: &[(Task, Proof)],
        epochs: usize,
        seed: u64,
    ) -> FitReport {
        let featurizer = Featurizer::new(theory, self.bits);
        let habits = Habits::new(theory, corpus);
        self.count(&habits);
        let usable = usable_premises(theory);
        let statements: Vec<PremiseId> =
            (0..theory.len() as u32).filter(|&p| usable[p as usize]).map(PremiseId).collect();
        let builder = Builder { theory, index, featurizer: &featurizer, habits: &habits, seed };
        let examples = builder.build(corpus, &statements);
        let places: Vec<u32> = (0..theory.len() as u32).collect();
        let loss = self.train(&examples, &habits, &places, theory.db.len(), (epochs, seed));
        let own = examples.rows.iter().filter(|r| r.item == u32::MAX).count();
        FitReport { examples: examples.rows.len() - own, statements: own, loss }
    }
    /// Trains the first stage on examples; `run` holds the number of epochs and the seed. `places` gives for each item
    /// the number of its assertion, of `database` assertions. Returns the mean loss of the last epoch in nats.
    pub fn train(
        &mut self,
        examples: &Examples,
        habits: &Habits,
        places: &[u32],
        database: usize,
        run: (usize, u64),
    ) -> f32 {
        let ((epochs, seed), start) = (run, self.bias.clone());
        let train = |number: usize| {
            let seed = seed.wrapping_add((number as u64) << 32);
            let mut member = Member::new(self.bits, start.clone(), seed);
            let mut trainer = Trainer::new(&member, database, places, habits, seed);
            let losses = (0..epochs).map(|epoch| trainer.epoch(&mut member, examples, epoch));
            let loss = losses.last().unwrap_or(0.0);
            (member, loss)
        };
        let members: Vec<(Member, f32)> = std::thread::scope(|scope| {
            let train = &train;
            let threads: Vec<_> = (0..MEMBERS).map(|number| scope.spawn(move || train(number))).collect();
            threads.into_iter().map(|t| t.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let loss = members.iter().map(|m| m.1).sum::<f32>() / MEMBERS as f32;
        self.average(&members.into_iter().map(|m| m.0).collect::<Vec<_>>());
        self.temperature = TEMPERATURE;
        loss
    }
    /// The ranker for a database that begins with this one's. A new premise gets the weights of the earlier one most
    /// similar to it (by the cosine of the features of statement and comment, ties by place).
    ///
    /// # Errors
    /// One line, if the theory does not begin with the premises of this ranker, or has lemmas.
    pub fn grown(&self, old: &Theory, theory: &Theory) -> Result<Ranker, String> {
        let begins = old.lemmas.is_empty() && theory.lemmas.is_empty() && old.db.len() <= theory.db.len();
        let same = |i: usize| old.db.source.label(i.into()) == theory.db.source.label(i.into());
        if !begins || !(0..old.db.len()).all(same) {
            return Err("the model is for another database than the one that this one goes on from".into());
        }
        let like = most_alike(&self.featurizer(theory), theory, old.db.len());
        let mut out = self.clone();
        let network = out.network.as_mut().map(|n| (&mut n.premises, &mut n.bias));
        for (rows, bias) in std::iter::once((&mut out.premises, &mut out.bias)).chain(network) {
            for &p in &like {
                rows.repeat(p);
                bias.push(bias[p]);
            }
        }
        Ok(out)
    }
    /// Sets the weights so that the logits are the mean of the members' logits.
    fn average(&mut self, members: &[Member]) {
        let share = 1.0 / members.len() as f32;
        let together = |of: &dyn Fn(&Member) -> &[f32], share: f32| {
            let (mut rows, mut row) = (Rows::new(DIM), Vec::with_capacity(DIM));
            for i in 0..of(&members[0]).len() / WIDTH {
                row.clear();
                row.extend(members.iter().flat_map(|m| &of(m)[i * WIDTH..(i + 1) * WIDTH]).map(|x| share * x));
                rows.push(&row);
            }
            rows
        };
        self.embedding = together(&|m| &m.embedding, 1.0);
        self.premises = together(&|m| &m.premises, share);
        let mean = |column: &mut Vec<f32>, of: &dyn Fn(&Member) -> &[f32]| {
            for (i, x) in column.iter_mut().enumerate() {
                *x = members.iter().map(|m| of(m)[i]).sum::<f32>() * share;
            }
        };
        mean(&mut self.bias, &|m| &m.bias);
        mean(&mut self.distance, &|m| &m.distance);
        mean(&mut self.local, &|m| &m.local);
    }
    /// SHA-256 over all weights of the first stage.
    pub fn sha256(&self) -> String {
        let mut h = Sha256::new();
        let (embedding, premises) = (self.embedding.values(), self.premises.values());
        for column in [&embedding, &premises, &self.bias, &self.distance, &self.local] {
            for x in column.iter() {
                h.update(x.to_le_bytes());
            }
        }
        h.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// A member of the first stage during training.
struct Member {
    embedding: Vec<f32>,
    premises: Vec<f32>,
    bias: Vec<f32>,
    distance: Vec<f32>,
    local: Vec<f32>,
}

impl Member {
    fn new(bits: u32, bias: Vec<f32>, seed: u64) -> Member {
        let mut random = Random(seed);
        Member {
            embedding: small(&mut random, WIDTH << bits),
            premises: small(&mut random, WIDTH * bias.len()),
            bias,
            distance: vec![0.0; DISTANCES],
            local: vec![0.0; 4],
        }
    }
    fn score(&self, state: &[f32; WIDTH], premise: u32, distance: usize, local: usize) -> f32 {
        let p = premise as usize;
        let row = &self.premises[p * WIDTH..(p + 1) * WIDTH];
        dot(row, state) + self.bias[p] + self.distance[distance] + self.local[local]
    }
}

/// The state of Adagrad: running sums, one for each row.
struct Trainer<'a> {
    embedding: Vec<f32>,
    premises: Vec<f32>,
    bias: Vec<f32>,
    distance: Vec<f32>,
    local: Vec<f32>,
    sampling: Vec<f32>,
    places: &'a [u32],
    database: usize,
    random: Random,
}

struct Candidate {
    premise: u32,
    distance: usize,
    local: usize,
    score: f32,
}

const RATES: [f32; 5] = [0.25, 0.15, 0.08, 0.04, 0.03];

impl<'a> Trainer<'a> {
    fn new(r: &Member, database: usize, places: &'a [u32], habits: &Habits, seed: u64) -> Trainer<'a> {
        Trainer {
            embedding: vec![1e-3; r.embedding.len() / WIDTH],
            premises: vec![1e-3; r.bias.len()],
            bias: vec![1.0; r.bias.len()],
            distance: vec![1.0; DISTANCES],
            local: vec![1.0; 4],
            sampling: habits.uses.iter().map(|&u| negative_weight(u)).collect(),
            places,
            database,
            random: Random(seed ^ 0xA5A5),
        }
    }
    fn epoch(&mut self, r: &mut Member, x: &Examples, epoch: usize) -> f32 {
        let rate = RATES[epoch.min(RATES.len() - 1)];
        let mut order: Vec<u32> = (0..x.rows.len() as u32).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, self.random.below(i + 1));
        }
        let (mut loss, mut n) = (0.0f64, 0u32);
        for &row in &order {
            if let Some(l) = self.step(r, x, row as usize, rate) {
                loss += f64::from(l);
                n += 1;
            }
        }
        (loss / f64::from(n.max(1))) as f32
    }
    /// Makes one gradient step and returns the loss in nats; `None` for an example without alternatives.
    fn step(&mut self, r: &mut Member, x: &Examples, row: usize, rate: f32) -> Option<f32> {
        let e = &x.rows[row];
        let negatives = &x.negatives[e.negatives.0 as usize..(e.negatives.0 + e.negatives.1) as usize];
        if negatives.is_empty() {
            return None;
        }
        let features = &x.features[e.features.0 as usize..(e.features.0 + e.features.1) as usize];
        let mut state = [0.0; WIDTH];
        embed(&r.embedding, features, &mut state);
        let mut candidates = self.candidates(r, e, negatives, &state);
        let max = candidates.iter().map(|c| c.score).fold(f32::MIN, f32::max);
        let total: f32 = candidates.iter().map(|c| (c.score - max).exp()).sum();
        for c in &mut candidates {
            c.score = (c.score - max).exp() / total;
        }
        let p = candidates[0].score;
        candidates[0].score -= 1.0;
        let mut gradient = [0.0f32; WIDTH];
        for c in candidates.iter().filter(|c| c.score.abs() > 1e-4) {
            self.update_premise(r, c, &state, &mut gradient, rate);
        }
        let scale = 1.0 / (features.len() as f32).sqrt();
        let square = gradient.iter().map(|g| g * g).sum::<f32>() * scale * scale / WIDTH as f32;
        for &f in features {
            let sum = &mut self.embedding[f as usize];
            *sum += square;
            let row = &mut r.embedding[f as usize * WIDTH..(f as usize + 1) * WIDTH];
            add(row, &gradient, -rate * scale / sum.sqrt());
        }
        Some(-p.max(1e-9).ln())
    }
    fn candidates(
        &self,
        r: &Member,
        e: &super::examples::Example,
        negatives: &[u32],
        state: &[f32; WIDTH],
    ) -> Vec<Candidate> {
        let own = e.item == u32::MAX;
        let class = |p: u32| if own { 0 } else { distance_class(e.limit, self.places[p as usize], self.database) };
        let mut out = Vec::with_capacity(negatives.len() + 1);
        let (d, l) = (class(e.positive), e.local as usize);
        out.push(Candidate { premise: e.positive, distance: d, local: l, score: r.score(state, e.positive, d, l) });
        let k = negatives.len() as f32;
        for &n in negatives {
            let (p, l) = (n & 0x3fff_ffff, (n >> 30) as usize);
            let all = e.weight == 0.0;
            let expected = if all { 1.0 } else { k * self.sampling[p as usize] / e.weight }; // Expected number of draws.
            let d = class(p);
            out.push(Candidate { premise: p, distance: d, local: l, score: r.score(state, p, d, l) - expected.ln() });
        }
        out
    }
    fn update_premise(
        &mut self,
        r: &mut Member,
        c: &Candidate,
        state: &[f32; WIDTH],
        gradient: &mut [f32; WIDTH],
        rate: f32,
    ) {
        let (p, g) = (c.premise as usize, c.score);
        let row = &mut r.premises[p * WIDTH..(p + 1) * WIDTH];
        add(gradient, row, g);
        let square = g * g * dot(state, state);
        self.premises[p] += square / WIDTH as f32;
        add(row, state, -rate * g / self.premises[p].sqrt());
        for (sum, weight) in [
            (&mut self.bias[p], &mut r.bias[p]),
            (&mut self.distance[c.distance], &mut r.distance[c.distance]),
            (&mut self.local[c.local], &mut r.local[c.local]),
        ] {
            *sum += g * g;
            *weight -= rate * g / sum.sqrt();
        }
    }
}

/// For each premise from `first` on, the premise before `first` with the most similar features.
fn most_alike(featurizer: &Featurizer, theory: &Theory, first: usize) -> Vec<usize> {
    let row = |p: usize| {
        let mut row = Vec::new();
        featurizer.premise(theory, PremiseId(p as u32), &mut row);
        row
    };
    let new: Vec<Vec<u32>> = (first..theory.len()).map(row).collect();
    let mut best = vec![(0.0f64, 0usize); new.len()];
    for p in (0..first).filter(|_| !new.is_empty()) {
        let old = row(p);
        for (own, best) in new.iter().zip(&mut best) {
            let common = own.iter().filter(|f| old.binary_search(f).is_ok()).count() as f64;
            let cosine = common / ((own.len() * old.len()) as f64).sqrt().max(1.0);
            if cosine > best.0 {
                *best = (cosine, p);
            }
        }
    }
    best.into_iter().map(|b| b.1).collect()
}

/// An index over the conclusions of the premises that `usable` admits.
pub fn premise_index(theory: &Theory, usable: &dyn Fn(PremiseId) -> bool) -> Index {
    let entries = (0..theory.len() as u32)
        .map(PremiseId)
        .filter(|&p| usable(p))
        .filter_map(|p| theory.premise(p).map(|x| (x.conclusion, p.0)));
    Index::build(&theory.arena, entries)
}

/// For each premise, whether it may be used: logical, proved (or an axiom), not "(New usage is discouraged.)".
pub fn usable_premises(theory: &Theory) -> Vec<bool> {
    let mut usable = usable_or_discouraged(theory);
    let discouraged = |p: u32| {
        (p as usize) < theory.db.len() && theory.db.source.comment_says(AssertionId(p), "(New usage is discouraged.)")
    };
    usable.iter_mut().zip(0..).for_each(|(usable, p)| *usable = *usable && !discouraged(p));
    usable
}

/// For each premise, whether it may be used, discouraged ones included.
pub fn usable_or_discouraged(theory: &Theory) -> Vec<bool> {
    let usable = |p: u32| theory.premise(PremiseId(p)).is_some() && theory.is_proved(PremiseId(p));
    (0..theory.len() as u32).map(usable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_scores_come_first() {
        let mut random = Random(3);
        let mut scored: Vec<(f32, u32)> = (0..200).map(|p| ((random.unit() - 0.5) * 9.0, p / 2)).collect();
        scored[7..20].iter_mut().for_each(|s| s.0 = 0.0);
        let mut sorted = scored.clone();
        sorted.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for kept in [0, 1, 50, 200] {
            let mut own = scored.clone();
            best_first(&mut own, kept);
            assert_eq!(own[..kept], sorted[..kept]);
            own.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            assert_eq!(own, sorted);
        }
    }
}
