//! Level-2 composites: schemas, fragments of proofs whose labels may be holes.
//!
//! Around each step of the training proofs a few shapes are read off: the step with one of its premises, with all of
//! them, with a premise of a premise, the same with the label between them as a hole, and two levels whole. Shapes
//! that recur are priced by the nats that they gain ([`super::nats`]) less those of their own body, and taken
//! greedily (CELF: Leskovec et al. 2007), a step belonging to one schema only. What is admitted in the end gains nats
//! on proofs that neither the model nor the choice has seen. Only steps used once are inner steps.

use super::nats::{at_site, gain, NatsTable};
use crate::dsl::library::{PremiseId, Proof, Rule, Schema, Step, LABEL_HOLE, OPEN};
use rustc_hash::{FxHashMap, FxHasher};
use std::collections::BinaryHeap;
use std::hash::{Hash, Hasher};

/// Bounds of the mining.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Most schemas.
    pub max: usize,
    /// Fewest sites in the training proofs.
    pub min_sites: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { max: 2_000, min_sites: 10 }
    }
}

/// What mining found.
#[derive(Clone, Debug, Default)]
pub struct Mined {
    /// Admitted schemas, by gain.
    pub schemas: Vec<Schema>,
    /// Shapes that recur.
    pub considered: usize,
    /// Chosen on training proofs, before the admission.
    pub chosen: usize,
    /// Nats of the proofs that admission is measured on.
    pub nats: f64,
    /// What all chosen schemas take off these: measured on proofs that had no part in the choice.
    pub chosen_gain: f64,
    /// What the admitted ones take off: too good by the admission's own luck.
    pub gain: f64,
}

/// A schema in preorder: label, arity, then each child; [`OPEN`] for what is left open.
type Key = Box<[u32]>;

/// One place of a shape: its key and the proof's steps that it covers, the first one first.
struct Site {
    key: Key,
    nodes: Vec<u32>,
    inner: Vec<(u32, usize, u32)>,
}

/// Reads shapes around the steps of one proof.
struct Reader<'a> {
    proof: &'a Proof,
    once: Vec<bool>,
}

/// Which children of a step a shape goes into.
#[derive(Clone, Copy)]
enum Into {
    One(usize),
    All,
    Grandchild(usize, usize, bool),
    Two,
}

impl<'a> Reader<'a> {
    fn new(proof: &'a Proof) -> Reader<'a> {
        let mut used = vec![0u32; proof.steps.len()];
        for s in &proof.steps {
            s.children.iter().for_each(|&c| used[c as usize] += 1);
        }
        Reader { proof, once: used.into_iter().map(|n| n == 1).collect() }
    }
    /// Whether a child can be an inner step: a premise, used once.
    fn inner(&self, node: u32, k: usize) -> Option<u32> {
        let c = self.proof.steps[node as usize].children[k];
        (self.once[c as usize] && matches!(self.proof.steps[c as usize].rule, Rule::Premise(_))).then_some(c)
    }
    fn inners(&self, node: u32) -> impl Iterator<Item = (usize, u32)> + '_ {
        let n = self.proof.steps[node as usize].children.len();
        (0..n).filter_map(move |k| Some((k, self.inner(node, k)?)))
    }
    fn sites(&self, node: u32, each: &mut dyn FnMut(Site)) {
        let children: Vec<(usize, u32)> = self.inners(node).collect();
        let mut two = false;
        for &(k, c) in &children {
            each(self.site(node, Into::One(k)));
            for (j, _) in self.inners(c) {
                two = true;
                each(self.site(node, Into::Grandchild(k, j, false)));
                each(self.site(node, Into::Grandchild(k, j, true)));
            }
        }
        if children.len() > 1 {
            each(self.site(node, Into::All));
        }
        if two && children.len() > 1 {
            each(self.site(node, Into::Two));
        }
    }
    fn site(&self, node: u32, shape: Into) -> Site {
        let mut s = Site { key: Key::default(), nodes: Vec::new(), inner: Vec::new() };
        let mut key = Vec::new();
        self.write(node, Some(shape), false, &mut key, &mut s);
        s.key = key.into();
        s
    }
    fn write(&self, node: u32, shape: Option<Into>, hole: bool, key: &mut Vec<u32>, s: &mut Site) {
        let step = &self.proof.steps[node as usize];
        let Rule::Premise(p) = step.rule else { return };
        key.extend([if hole { LABEL_HOLE } else { p.0 }, step.children.len() as u32]);
        s.nodes.push(node);
        for k in 0..step.children.len() {
            let below = match (shape, self.inner(node, k)) {
                (Some(Into::One(at)), Some(c)) if at == k => Some((c, None, false)),
                (Some(Into::Grandchild(at, j, hole)), Some(c)) if at == k => Some((c, Some(Into::One(j)), hole)),
                (Some(Into::All), Some(c)) => Some((c, None, false)),
                (Some(Into::Two), Some(c)) => Some((c, Some(Into::All), false)),
                _ => None,
            };
            let Some((c, shape, child_hole)) = below else {
                key.push(OPEN);
                continue;
            };
            if let (Rule::Premise(q), false) = (self.proof.steps[c as usize].rule, child_hole) {
                // the label above may be a hole, but it was there when the step's nats were measured
                s.inner.push((p.0, k, q.0));
            }
            self.write(c, shape, child_hole, key, s);
        }
    }
}

fn hash(key: &Key) -> u64 {
    let mut h = FxHasher::default();
    key.hash(&mut h);
    h.finish()
}

/// A shape with its sites.
#[derive(Default)]
struct Shape {
    /// (proof, steps covered).
    sites: Vec<(u32, Vec<u32>)>,
    /// Sum of the inner steps' nats over the sites.
    inner: f64,
}

/// Mines schemas. `training`: proofs to count in; `measured`: proofs with the nats of their steps (`NaN`: unknown) that
/// decide the admission and that `table` was not made from.
pub fn mine(training: &[Proof], table: &NatsTable, measured: &[(Proof, Vec<f32>)], options: Options) -> Mined {
    let mut shapes = recurring(training, table, options.min_sites);
    let mut mined = Mined { considered: shapes.len(), ..Mined::default() };
    let chosen = choose(training, &mut shapes, table, options);
    mined.chosen = chosen.len();
    let all = measured.iter().flat_map(|m| &m.1).filter(|n| n.is_finite());
    mined.nats = all.map(|&n| f64::from(n)).sum();
    admit(chosen, measured, &mut mined);
    mined.schemas = joined(std::mem::take(&mut mined.schemas), Vec::new());
    mined
}

/// The schemas of a new cycle: the mined ones, and of the old those that are kept unless they were mined again. By
/// gain, named anew.
pub fn joined(mined: Vec<Schema>, kept: Vec<Schema>) -> Vec<Schema> {
    let mut all = mined;
    for old in kept {
        if all.iter().all(|s| s.proof != old.proof) {
            all.push(old);
        }
    }
    all.sort_by_key(|s| -s.nats);
    for (i, s) in all.iter_mut().enumerate() {
        s.name = format!("schema{}", i + 1);
    }
    all
}

/// All shapes with enough sites. Counted by hash first, so that the many shapes that occur once take no memory.
fn recurring(training: &[Proof], table: &NatsTable, least: u32) -> Vec<(Key, Shape)> {
    let mut counts: FxHashMap<u64, u32> = FxHashMap::default();
    let visit = |each: &mut dyn FnMut(usize, Site)| {
        for (i, proof) in training.iter().enumerate() {
            let reader = Reader::new(proof);
            (0..proof.steps.len() as u32).for_each(|n| reader.sites(n, &mut |s| each(i, s)));
        }
    };
    visit(&mut |_, s| *counts.entry(hash(&s.key)).or_default() += 1);
    counts.retain(|_, n| *n >= least);
    let mut shapes: FxHashMap<Key, Shape> = FxHashMap::default();
    visit(&mut |i, s| {
        if counts.contains_key(&hash(&s.key)) {
            let shape = shapes.entry(s.key).or_default();
            shape.inner += s.inner.iter().map(|&(p, k, c)| f64::from(table.inner(p, k, c))).sum::<f64>();
            shape.sites.push((i as u32, s.nodes));
        }
    });
    let mut all: Vec<(Key, Shape)> = shapes.into_iter().filter(|s| s.1.sites.len() >= least as usize).collect();
    all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Nats of a schema's own body: its known labels.
fn body(key: &Key, table: &NatsTable) -> f64 {
    let mut out = 0.0;
    let mut at = 0;
    while at < key.len() {
        if key[at] == OPEN {
            at += 1;
            continue;
        }
        out += f64::from(table.label(key[at]));
        at += 2;
    }
    out
}

/// Greedy choice; a step belongs to one schema. Each chosen schema with its share of the first label's uses.
fn choose(
    training: &[Proof],
    shapes: &mut [(Key, Shape)],
    table: &NatsTable,
    options: Options,
) -> Vec<(Key, f64, usize)> {
    let mut taken: Vec<Vec<bool>> = training.iter().map(|p| vec![false; p.steps.len()]).collect();
    let worth = |key: &Key, s: &Shape| {
        let inner = s.inner / s.sites.len().max(1) as f64;
        let nats = gain(s.sites.len(), table.uses(key[0]) as usize, inner) - body(key, table);
        (nats * 256.0).round() as i64 // 1/256 nat: rounding must not decide the order
    };
    let mut heap: BinaryHeap<(i64, std::cmp::Reverse<usize>)> =
        shapes.iter().enumerate().map(|(i, (k, s))| (worth(k, s), std::cmp::Reverse(i))).filter(|w| w.0 > 0).collect();
    let mut out = Vec::new();
    while let Some((_, std::cmp::Reverse(i))) = heap.pop() {
        if out.len() >= options.max {
            break;
        }
        let (key, shape) = &mut shapes[i];
        let before = shape.sites.len();
        // (the nats of sites that are gone are taken as the mean)
        shape.sites.retain(|(item, nodes)| nodes.iter().all(|&n| !taken[*item as usize][n as usize]));
        shape.inner *= shape.sites.len() as f64 / before.max(1) as f64;
        let now = worth(key, shape);
        if now <= 0 || shape.sites.len() < options.min_sites as usize {
            continue;
        }
        if heap.peek().is_some_and(|top| top.0 > now) {
            heap.push((now, std::cmp::Reverse(i)));
            continue;
        }
        for (item, nodes) in &shape.sites {
            nodes.iter().for_each(|&n| taken[*item as usize][n as usize] = true);
        }
        let share = shape.sites.len() as f64 / (f64::from(table.uses(key[0])) + 1.0);
        out.push((key.clone(), share.min(0.98), shape.sites.len()));
    }
    out
}

/// Keeps what gains nats on measured proofs; dropped ones give their share back and the rest is measured again.
fn admit(mut chosen: Vec<(Key, f64, usize)>, measured: &[(Proof, Vec<f32>)], mined: &mut Mined) {
    loop {
        let gains = measure(&chosen, measured);
        mined.gain = gains.iter().sum();
        if chosen.len() == mined.chosen {
            mined.chosen_gain = mined.gain;
        }
        let before = chosen.len();
        let mut keep = gains.iter().map(|&g| g > 0.0);
        if gains.iter().all(|&g| g > 0.0) {
            let all: Vec<Schema> = chosen.iter().zip(&gains).map(|(c, &g)| schema(c, g)).collect();
            mined.schemas = all;
            return;
        }
        chosen.retain(|_| keep.next().unwrap_or(false));
        debug_assert!(chosen.len() < before);
    }
}

/// What each schema gains on measured proofs, in nats.
fn measure(chosen: &[(Key, f64, usize)], measured: &[(Proof, Vec<f32>)]) -> Vec<f64> {
    let number: FxHashMap<&Key, usize> = chosen.iter().enumerate().map(|(i, c)| (&c.0, i)).collect();
    let mut shares: FxHashMap<u32, f64> = FxHashMap::default();
    chosen.iter().for_each(|c| *shares.entry(c.0[0]).or_default() += c.1);
    // all shares of a label together stay below one
    let total = |r: u32| shares.get(&r).copied().unwrap_or(0.0);
    let scale = |r: u32| if total(r) > 0.98 { 0.98 / total(r) } else { 1.0 };
    let rest = |r: u32| 1.0 - total(r) * scale(r);
    let mut gains = vec![0.0; chosen.len()];
    let mut lost: FxHashMap<u32, f64> = FxHashMap::default();
    for (proof, nats) in measured {
        let reader = Reader::new(proof);
        let mut taken = vec![false; proof.steps.len()];
        // the first label first: from the target down
        for node in (0..proof.steps.len() as u32).rev() {
            let Rule::Premise(p) = proof.steps[node as usize].rule else { continue };
            if total(p.0) == 0.0 || taken[node as usize] {
                continue;
            }
            let mut best: Option<(f64, usize, Vec<u32>)> = None;
            reader.sites(node, &mut |s| {
                let Some(&i) = number.get(&s.key) else { return };
                if s.nodes.iter().any(|&n| taken[n as usize] || !nats[n as usize].is_finite()) {
                    return;
                }
                // a step in a label hole still pays for itself
                let inner = known(&s).map(|n| f64::from(nats[n as usize])).sum::<f64>();
                let g = at_site(chosen[i].1 * scale(p.0), rest(p.0), inner);
                if best.as_ref().is_none_or(|b| g > b.0) {
                    best = Some((g, i, s.nodes));
                }
            });
            match best {
                Some((g, i, nodes)) => {
                    gains[i] += g;
                    nodes.iter().for_each(|&n| taken[n as usize] = true);
                }
                None => *lost.entry(p.0).or_default() += rest(p.0).ln(),
            }
        }
    }
    for (g, c) in gains.iter_mut().zip(chosen) {
        let all = total(c.0[0]);
        *g += lost.get(&c.0[0]).copied().unwrap_or(0.0) * c.1 / all;
    }
    gains
}

/// The covered steps but the first whose label the schema knows.
fn known(s: &Site) -> impl Iterator<Item = u32> + '_ {
    let labels = labels(&s.key);
    s.nodes.iter().zip(labels).skip(1).filter(|x| x.1 != LABEL_HOLE).map(|x| *x.0)
}

/// A key's labels in preorder, [`LABEL_HOLE`] among them.
fn labels(key: &Key) -> Vec<u32> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < key.len() {
        if key[at] == OPEN {
            at += 1;
        } else {
            out.push(key[at]);
            at += 2;
        }
    }
    out
}

fn schema((key, share, sites): &(Key, f64, usize), nats: f64) -> Schema {
    let mut proof = Proof::default();
    let mut at = 0;
    build(key, &mut at, &mut proof);
    Schema {
        name: String::new(),
        proof,
        share: (share * 1e6).round() as u32,
        nats: (nats * 1e3).round() as i64,
        uses: *sites as u32,
    }
}

fn build(key: &Key, at: &mut usize, out: &mut Proof) -> u32 {
    let label = key[*at];
    if label == OPEN {
        *at += 1;
        out.steps.push(Step { rule: Rule::Hyp(OPEN), children: Default::default() });
    } else {
        let arity = key[*at + 1];
        *at += 2;
        let children = (0..arity).map(|_| build(key, at, out)).collect();
        out.steps.push(Step { rule: Rule::Premise(PremiseId(label)), children });
    }
    out.steps.len() as u32 - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(label: u32, children: &[u32]) -> Step {
        Step { rule: Rule::Premise(PremiseId(label)), children: children.iter().copied().collect() }
    }

    /// `0` proves itself by `1`; always by way of some label in between, which differs.
    fn proofs(n: u32) -> Vec<Proof> {
        (0..n).map(|i| Proof { steps: vec![step(1, &[]), step(10 + i % 40, &[0]), step(0, &[1])] }).collect()
    }

    #[test]
    fn a_label_hole_stands_where_labels_differ() {
        let all = proofs(400);
        let nats = |p: &Proof| (p.clone(), vec![2.0, 3.0, 1.0]);
        let half: Vec<_> = all[..200].iter().map(nats).collect();
        let mut uses = vec![0; 60];
        all.iter().flat_map(|p| &p.steps).for_each(|s| {
            if let Rule::Premise(p) = s.rule {
                uses[p.index()] += 1;
            }
        });
        let table = NatsTable::new(&half, uses);
        let rest: Vec<_> = all[200..].iter().map(nats).collect();
        let mined = mine(&all[..200], &table, &rest, Options { max: 10, min_sites: 10 });
        let best = &mined.schemas[0];
        assert_eq!(best.root(), PremiseId(0));
        assert_eq!(best.proof.steps.len(), 3);
        assert_eq!(best.proof.steps[1].rule, Rule::Premise(PremiseId(LABEL_HOLE)));
        assert!(mined.gain > 0.0 && mined.gain < mined.nats);
        assert!(mined.schemas.iter().all(|s| s.nats > 0));
    }

    #[test]
    fn kept_schemas_join_the_mined_ones_once() {
        let made = |label: u32, nats| Schema {
            name: String::new(),
            proof: Proof { steps: vec![step(label, &[])] },
            share: 1,
            nats,
            uses: 1,
        };
        let all = joined(vec![made(1, 5), made(2, 1)], vec![made(2, 9), made(3, 3)]);
        let said: Vec<_> = all.iter().map(|s| (s.name.as_str(), s.root().0, s.nats)).collect();
        assert_eq!(said, [("schema1", 1, 5), ("schema2", 3, 3), ("schema3", 2, 1)]);
    }

    #[test]
    fn what_the_model_foresees_is_no_schema() {
        let all = proofs(400);
        let nats = |p: &Proof| (p.clone(), vec![0.001, 0.001, 0.001]);
        let half: Vec<_> = all[..200].iter().map(nats).collect();
        let table = NatsTable::new(&half, vec![400; 60]);
        let rest: Vec<_> = all[200..].iter().map(nats).collect();
        assert!(mine(&all[..200], &table, &rest, Options::default()).schemas.is_empty());
    }
}
