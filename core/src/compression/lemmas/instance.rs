//! The most general instance of a fragment: the strongest statement that its steps prove.
//!
//! The fragment's premises are unified along its edges; what is left free becomes variables. The statement gets
//! variables that are declared in the outermost block before its place, in their order of appearance. Variables
//! that occur in no hypothesis nor in the conclusion are not part of it, and hypotheses that became equal are one.

use crate::compression::fragment::Fragment;
use crate::dsl::theory::library::{canonical_key, Lemma, Premise, PremiseId, Proof, Rule, Theory, Unified};
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId, TermId};
use crate::metamath_db::reader::HypKind;
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::Bindings;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::sync::Arc;

/// A statement that a fragment proves.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The conclusion, over metavariables that number [`Instance::variables`].
    pub conclusion: TermId,
    /// The distinct hypotheses.
    pub hyps: Vec<TermId>,
    /// Mandatory variables in frame order.
    pub variables: Vec<SymbolId>,
    /// Mandatory `$d` pairs of metavariable numbers, smaller first, sorted.
    pub disjoint: Vec<(u16, u16)>,
    /// The hypothesis that each hole of the fragment needs, holes from left to right.
    pub slots: Vec<u32>,
    /// Edges of the syntax that its steps' substitutions build.
    pub syntax: Syntax,
}

/// Edges of terms, each distinct term built once: what a compressed proof refers to beside steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Syntax {
    /// Of all terms.
    pub all: u32,
    /// Of those that are no proper part of a hypothesis or of the conclusion: who uses the lemma need not build them.
    pub inner: u32,
}

impl Instance {
    /// The key under which equal statements meet.
    pub fn key(&self, arena: &Arena) -> Arc<[u32]> {
        canonical_key(arena, self.conclusion, &self.hyps).into()
    }
}

/// Why a fragment has no statement that could be a lemma.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    /// Its steps do not fit together (as no sound proof would have them).
    NoUnifier,
    /// A `$d` condition of a step would have to keep a variable apart from itself.
    Disjoint,
    /// Not enough variables are declared before its place.
    Variables,
    /// A formula passes the size bound.
    Size,
    /// It proves one of its own hypotheses.
    Trivial,
    /// Its conclusion is a mere variable, so that it fits every goal, and that was not allowed.
    BareConclusion,
    /// More hypotheses than asked for.
    Hypotheses,
    /// The lemma's own proof was not accepted.
    NotAccepted,
}

/// A variable of the outermost block: position of its `$f`, the `$f`, the variable.
type Float = (u32, HypId, SymbolId);

/// Where lemmas may stand, and which variables they find there.
pub struct Places {
    floats: FxHashMap<SymbolId, Vec<Float>>,
    /// `(block, position of its last assertion)`, sorted.
    blocks: Vec<(u32, u32)>,
}

impl Places {
    /// The outermost blocks and `$f` statements of a database.
    pub fn new(theory: &Theory) -> Places {
        let source = &theory.db.source;
        let mut floats: FxHashMap<SymbolId, Vec<Float>> = FxHashMap::default();
        for (i, h) in source.hyps.iter().enumerate() {
            if let (HypKind::Floating { variable }, 0) = (h.kind, h.depth) {
                let typecode = source.hyp_typecode(i.into());
                floats.entry(typecode).or_default().push((h.position, i.into(), variable));
            }
        }
        let mut blocks: Vec<(u32, u32)> = Vec::new();
        for a in &source.assertions {
            match blocks.last_mut() {
                Some(last) if last.0 == a.outer_block => last.1 = a.position,
                _ => blocks.push((a.outer_block, a.position)),
            }
        }
        Places { floats, blocks }
    }
    /// The position of the last assertion up to the end of a block.
    pub fn position(&self, block: u32) -> u32 {
        let i = self.blocks.partition_point(|b| b.0 <= block);
        i.checked_sub(1).map_or(0, |i| self.blocks[i].1)
    }
    /// Variables of a typecode that are declared before a position, in file order.
    pub fn variables(&self, typecode: SymbolId, position: u32) -> impl Iterator<Item = (HypId, SymbolId)> + '_ {
        let all = self.floats.get(&typecode).map_or(&[][..], Vec::as_slice);
        all.iter().filter(move |f| f.0 < position).map(|f| (f.1, f.2))
    }
}

/// The first assertion that stands in a later outermost block.
pub fn first_after(theory: &Theory, block: u32) -> AssertionId {
    AssertionId::from(theory.db.source.assertions.partition_point(|a| a.outer_block <= block))
}

/// The outermost block after which a lemma with this fragment's premises must stand.
pub fn place(theory: &Theory, f: &Fragment) -> u32 {
    f.labels.iter().map(|&l| theory.block(PremiseId(l))).max().unwrap_or(0)
}

/// Bounds on statements.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most distinct hypotheses.
    pub hyps: usize,
    /// Most nodes of one formula's tree.
    pub formula: u32,
    /// Whether the conclusion may be a mere variable.
    pub bare: bool,
}

/// The most general instance of a fragment. Terms are made in `arena`, which must have grown from the theory's.
///
/// # Errors
/// A [`Refusal`].
pub fn most_general(
    theory: &Theory,
    arena: &mut Arena,
    places: &Places,
    f: &Fragment,
    bounds: Bounds,
) -> Result<Instance, Refusal> {
    let count = f.holes().len() as u32;
    let own: Vec<u32> = (0..count).collect();
    let proof = f.proof(&own);
    let quoted: Vec<(TermId, u32)> = own.iter().map(|&k| (arena.meta(k), 0)).collect();
    let unified = theory.unify_proof(&proof, &quoted, None, count, arena).map_err(|_| Refusal::NoUnifier)?;
    let root = proof.steps.len() - 1;
    let Rule::Premise(root_premise) = proof.steps[root].rule else { return Err(Refusal::Trivial) };
    let conclusion = theory.premise(root_premise).ok_or(Refusal::NoUnifier)?.conclusion;
    let conclusion = (conclusion, unified.offsets[root]);
    let b = &unified.bindings;
    if quoted.iter().chain([&conclusion]).any(|&t| b.size(arena, t, bounds.formula) > bounds.formula) {
        return Err(Refusal::Size);
    }
    let conclusion = b.resolve(arena, conclusion);
    if !bounds.bare && arena.head(conclusion).as_meta().is_some() {
        return Err(Refusal::BareConclusion);
    }
    let (hyps, slots) = hypotheses(b, arena, &quoted);
    if hyps.len() > bounds.hyps {
        return Err(Refusal::Hypotheses);
    }
    if hyps.contains(&conclusion) {
        return Err(Refusal::Trivial);
    }
    let mut metas: SmallVec<[u32; 8]> = SmallVec::new();
    hyps.iter().chain([&conclusion]).for_each(|&t| arena.metas(t, &mut metas));
    let types = hole_types(arena, &unified.types, b, count);
    let named = name_variables(&metas, &types, places, places.position(place(theory, f)))?;
    let pairs = disjoint_pairs(theory, arena, &proof, &unified, bounds)?;
    let syntax = syntax(theory, arena, &proof, &unified, &[&hyps[..], &[conclusion]].concat());
    // metavariable -> number in frame order
    let mut number: FxHashMap<u32, u16> = FxHashMap::default();
    let mut values = vec![TermId(0); types.len()];
    for (i, &(_, _, meta)) in named.iter().enumerate() {
        number.insert(meta, i as u16);
        values[meta as usize] = arena.meta(i as u32);
    }
    let numbered = |(x, y)| Some((*number.get(&x)?, *number.get(&y)?));
    let mut disjoint: Vec<(u16, u16)> =
        pairs.into_iter().filter_map(numbered).map(|(x, y)| (x.min(y), x.max(y))).collect();
    disjoint.sort_unstable();
    disjoint.dedup();
    Ok(Instance {
        conclusion: arena.instantiate(conclusion, &values),
        hyps: hyps.iter().map(|&h| arena.instantiate(h, &values)).collect(),
        variables: named.iter().map(|n| n.1).collect(),
        disjoint,
        slots,
        syntax,
    })
}

/// The distinct formulas that holes quote, and for each hole which of them.
fn hypotheses(b: &Bindings, arena: &mut Arena, quoted: &[(TermId, u32)]) -> (Vec<TermId>, Vec<u32>) {
    let mut hyps: Vec<TermId> = Vec::new();
    let mut slots = Vec::with_capacity(quoted.len());
    for &q in quoted {
        let t = b.resolve(arena, q);
        let slot = hyps.iter().position(|&h| h == t).unwrap_or_else(|| {
            hyps.push(t);
            hyps.len() - 1
        });
        slots.push(slot as u32);
    }
    (hyps, slots)
}

/// See [`Syntax`]. `outer`: hypotheses and conclusion.
fn syntax(theory: &Theory, arena: &mut Arena, proof: &Proof, unified: &Unified, outer: &[TermId]) -> Syntax {
    fn edges(arena: &Arena, t: TermId, seen: &mut FxHashSet<TermId>) -> u32 {
        let children = arena.children(t);
        if children.is_empty() || !seen.insert(t) {
            return 0;
        }
        children.iter().fold(children.len() as u32, |n, &c| n.saturating_add(edges(arena, c, seen)))
    }
    let mut values = Vec::new();
    for (step, &offset) in proof.steps.iter().zip(&unified.offsets) {
        let Rule::Premise(p) = step.rule else { continue };
        for m in 0..theory.premise(p).map_or(0, |x| x.variables.len() as u32) {
            let t = (arena.meta(m), offset);
            if unified.bindings.size(arena, t, MAX_TERM) <= MAX_TERM {
                values.push(unified.bindings.resolve(arena, t));
            }
        }
    }
    let count = |seen: &mut FxHashSet<TermId>| values.iter().map(|&t| edges(arena, t, seen)).sum();
    let mut kept = FxHashSet::default();
    for &t in outer {
        arena.children(t).iter().for_each(|&c| {
            edges(arena, c, &mut kept);
        });
    }
    Syntax { all: count(&mut FxHashSet::default()), inner: count(&mut kept) }
}

/// Terms of more nodes are not looked into by [`syntax`].
const MAX_TERM: u32 = 1000;

/// Types of all metavariables: one that stands for a whole hypothesis has the type of what was bound to it.
fn hole_types(arena: &mut Arena, types: &[Option<SymbolId>], bindings: &Bindings, holes: u32) -> Vec<Option<SymbolId>> {
    let mut out = types.to_vec();
    let any = arena.meta(0);
    for m in holes..types.len() as u32 {
        if let (_, Some(v)) = bindings.walk(arena, (any, m)) {
            if v < holes && out[v as usize].is_none() {
                out[v as usize] = types[m as usize];
            }
        }
    }
    out
}

/// Database variables for metavariables, in frame order.
fn name_variables(
    metas: &[u32],
    types: &[Option<SymbolId>],
    places: &Places,
    position: u32,
) -> Result<Vec<(HypId, SymbolId, u32)>, Refusal> {
    let mut used: SmallVec<[(SymbolId, usize); 4]> = SmallVec::new();
    let mut named = Vec::with_capacity(metas.len());
    for &m in metas {
        let typecode = types[m as usize].ok_or(Refusal::NoUnifier)?;
        let at = used.iter().position(|u| u.0 == typecode).unwrap_or_else(|| {
            used.push((typecode, 0));
            used.len() - 1
        });
        let (float, variable) = places.variables(typecode, position).nth(used[at].1).ok_or(Refusal::Variables)?;
        used[at].1 += 1;
        named.push((float, variable, m));
    }
    named.sort_unstable();
    Ok(named)
}

/// Pairs of metavariables that the steps' `$d` conditions keep apart.
fn disjoint_pairs(
    theory: &Theory,
    arena: &mut Arena,
    proof: &crate::dsl::theory::library::Proof,
    unified: &crate::dsl::theory::library::Unified,
    bounds: Bounds,
) -> Result<Vec<(u32, u32)>, Refusal> {
    let mut pairs = Vec::new();
    for (step, &offset) in proof.steps.iter().zip(&unified.offsets) {
        let Rule::Premise(p) = step.rule else { continue };
        let Some(premise) = theory.premise(p) else { continue };
        let mut sets: FxHashMap<u16, SmallVec<[u32; 8]>> = FxHashMap::default();
        for &(x, y) in premise.disjoint {
            for m in [x, y] {
                if sets.contains_key(&m) {
                    continue;
                }
                let t = (arena.meta(u32::from(m)), offset);
                if unified.bindings.size(arena, t, bounds.formula) > bounds.formula {
                    return Err(Refusal::Size);
                }
                let t = unified.bindings.resolve(arena, t);
                let mut metas = SmallVec::new();
                arena.metas(t, &mut metas);
                sets.insert(m, metas);
            }
            for &u in &sets[&x] {
                for &v in &sets[&y] {
                    if u == v {
                        return Err(Refusal::Disjoint);
                    }
                    pairs.push((u, v));
                }
            }
        }
    }
    Ok(pairs)
}

/// The lemma of a fragment's most general instance.
pub fn lemma(theory: &Theory, f: &Fragment, instance: &Instance, name: String) -> Lemma {
    Lemma {
        name,
        conclusion: instance.conclusion,
        hyps: instance.hyps.clone(),
        variables: instance.variables.clone(),
        disjoint: instance.disjoint.clone(),
        proof: f.proof(&instance.slots),
        block: place(theory, f),
    }
}

/// Whether a premise says what an instance says, up to names and the order of hypotheses, and asks for no `$d`
/// that the instance lacks: for each of its hypotheses the hypothesis of the instance.
pub fn same_statement(arena: &Arena, premise: Premise<'_>, instance: &Instance) -> Option<Vec<u32>> {
    if premise.variables.len() != instance.variables.len() {
        return None;
    }
    let mut names = vec![u32::MAX; premise.variables.len()];
    if !renames(arena, premise.conclusion, instance.conclusion, &mut names) {
        return None;
    }
    let mut order = Vec::with_capacity(premise.hyps.len());
    let (names, order) = match_hyps(arena, premise.hyps, instance, names, &mut order)?;
    let allowed = |&(x, y): &(u16, u16)| {
        let (x, y) = (names[x as usize] as u16, names[y as usize] as u16);
        instance.disjoint.binary_search(&(x.min(y), x.max(y))).is_ok()
    };
    premise.disjoint.iter().all(allowed).then_some(order)
}

fn match_hyps(
    arena: &Arena,
    hyps: &[TermId],
    instance: &Instance,
    names: Vec<u32>,
    order: &mut Vec<u32>,
) -> Option<(Vec<u32>, Vec<u32>)> {
    let Some(&h) = hyps.get(order.len()) else { return Some((names, order.clone())) };
    for (i, &other) in instance.hyps.iter().enumerate() {
        let mut n = names.clone();
        if renames(arena, h, other, &mut n) {
            order.push(i as u32);
            if let Some(found) = match_hyps(arena, hyps, instance, n, order) {
                return Some(found);
            }
            order.pop();
        }
    }
    None
}

/// Whether two terms are equal up to a one-to-one renaming of metavariables that extends `names`.
fn renames(arena: &Arena, a: TermId, b: TermId, names: &mut [u32]) -> bool {
    let (x, y): (Head, Head) = (arena.head(a), arena.head(b));
    match (x.as_meta(), y.as_meta()) {
        (Some(x), Some(y)) => {
            if names[x as usize] == u32::MAX && !names.contains(&y) {
                names[x as usize] = y;
            }
            names[x as usize] == y
        }
        (None, None) => {
            x == y
                && (a == b && arena.is_ground(a)
                    || arena.children(a).iter().zip(arena.children(b)).all(|(&p, &q)| renames(arena, p, q, names)))
        }
        _ => false,
    }
}
