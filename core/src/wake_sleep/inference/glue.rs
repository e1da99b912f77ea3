//! Short proofs of formulas that follow by connectives alone: the steps that bring a theorem into a context.
//!
//! A *question* asks for a goal from given formulas. Atoms are the parts that are no connectives, and the compound
//! parts whose own atoms occur nowhere else ([`shape`]); so most questions about long formulas have the shape of a
//! small one. The proof uses the database's own theorems about connectives, which are recognised by shape and never by
//! label ([`theorems`]). One theorem is tried first, then two, then a few ([`solve`]), and last the propositional
//! closer. Truth tables are derived from the axioms, so the same code serves every database that has connectives. Where
//! they are only a necessary condition, as in intuitionistic logic, more questions stay unanswered.
//!
//! Answers are cached by shape. The entry of a shape is a chain: the best proof with all usable premises, then the best
//! one with premises that stand before the last premise of the first proof, and so on. A task takes the first proof
//! whose premises it may use. So an answer depends on the question and on the allowed premises, not on earlier
//! questions. A new shape costs a search, a known one a look-up.

mod shape;
mod solve;
mod theorems;
mod truth;

use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::Propositional;
use crate::wake_sleep::closers::{Question, Tables};
use rustc_hash::{FxHashMap, FxHasher};
use shape::Shape;
pub use shape::MAX_HYPS;
use smallvec::SmallVec;
use solve::Solver;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use theorems::Theorems;

/// The number of parts of the cache, each with its own lock.
const SHARDS: usize = 16;
/// The largest number of shapes in one part of the cache. Further shapes are solved each time.
const SHARD_SHAPES: usize = 1 << 14;
/// The largest number of proofs kept for one shape.
const MAX_CHAIN: usize = 6;

/// The proofs of a shape: the best one, the best one before the last premise of that, and so on; `None` ends the chain.
type Chain = Vec<Option<Arc<Proof>>>;

/// How much work may be done for a proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// Only the bounded search for a short proof.
    Short,
    /// If that finds none, also the propositional closer, whose proofs may be long.
    Any,
}

/// A part of the cache: by shape, the chain of each effort.
type Shard = Mutex<FxHashMap<Box<[u32]>, [Chain; 2]>>;

/// A prover of questions about connectives, with its cache. See the module head.
pub struct Glue {
    theorems: Theorems,
    closer: Propositional,
    cache: Vec<Shard>,
}

impl Glue {
    /// Finds the connectives of a theory and the theorems about them; `usable` says which premises may ever be used.
    pub fn new(theory: &Theory, usable: &dyn Fn(PremiseId) -> bool) -> Glue {
        let closer = Propositional::new(theory);
        let theorems = Theorems::new(theory, closer.tables(), usable);
        Glue { theorems, closer, cache: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
    /// The truth tables of the connectives.
    pub fn tables(&self) -> &Tables {
        self.closer.tables()
    }
    /// The number of theorems about connectives that it may use.
    pub fn len(&self) -> usize {
        self.theorems.all.len()
    }
    /// Whether there are no such theorems.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Proves `goal` from the formulas `hyps` by theorems about connectives that `allowed` admits. `Rule::Hyp(k)`
    /// stands for `hyps[k]`. The proof is as short as the bounded search finds, with the propositional closer as
    /// fallback. Returns `None` if the goal does not follow, if no proof is found within the bounds, or if a formula
    /// has metavariables. `arena` must be grown from the theory's arena; it is left as it was.
    /// # Examples
    /// ```
    /// # use metadream_core::dsl::theory::library::Theory;
    /// # use metadream_core::metamath_db::database::Database;
    /// # use std::sync::Arc;
    /// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
    /// # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
    ///
    /// use metadream_core::dsl::theory::library::Rule;
    /// use metadream_core::wake_sleep::inference::glue::Glue;
    ///
    /// let glue = Glue::new(&theory, &|_| true);
    /// let mut arena = theory.arena.clone();
    /// let [ph, implies, goal] = ["|- ph", "|- ( ph -> ps )", "|- ( ch -> ps )"].map(|t| theory.parse_formula(t, &mut arena).unwrap());
    /// let proof = glue.prove(&[ph, implies], goal, &mut arena, &|_| true).unwrap();
    /// assert!(proof.steps.iter().any(|s| matches!(s.rule, Rule::Hyp(1))));
    /// ```
    pub fn prove(
        &self,
        hyps: &[TermId],
        goal: TermId,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        self.prove_by(Effort::Any, hyps, goal, arena, allowed)
    }
    /// Proves like [`Glue::prove`], with the given effort.
    pub fn prove_by(
        &self,
        effort: Effort,
        hyps: &[TermId],
        goal: TermId,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        if let Some(k) = hyps.iter().position(|&h| h == goal) {
            return Some(Proof { steps: vec![Step { rule: Rule::Hyp(k as u32), children: SmallVec::new() }] });
        }
        if self.is_empty() {
            return None;
        }
        let shape = Shape::new(self.closer.tables(), arena, hyps, goal)?;
        let before = arena.len();
        let found = self.answer(effort, &shape, arena, allowed);
        arena.truncate(before);
        found.map(|proof| {
            let mut proof = (*proof).clone();
            for step in &mut proof.steps {
                if let Rule::Hyp(k) = &mut step.rule {
                    *k = shape.hyps[*k as usize];
                }
            }
            proof
        })
    }
    /// Whether a formula follows from others by truth table. `None` if there are too many atoms.
    pub fn follows(&self, hyps: &[TermId], goal: TermId, arena: &Arena) -> Option<bool> {
        self.closer.tables().follows(&mut Default::default(), arena, hyps, &[goal])
    }
    /// The places of a minimal set of formulas that entails the goal by truth table. Formulas are dropped one after the
    /// other, later ones first. Returns `None` if the goal does not follow, or if there are too many atoms to tell.
    pub fn enough(&self, formulas: &[TermId], goal: TermId, arena: &Arena) -> Option<Vec<usize>> {
        let tables = self.closer.tables();
        let main: Vec<TermId> = formulas.iter().copied().filter(|&t| !arena.head(t).is_judgement()).collect();
        let mut question = Question::default();
        let related = tables.related(&mut question, arena, goal, &main);
        let mut follows = |given: &[TermId]| tables.follows(&mut question, arena, given, &[goal]) == Some(true);
        let mut kept = [related, main].into_iter().find(|given| follows(given))?;
        for &t in formulas.iter().rev() {
            let rest: Vec<TermId> = kept.iter().copied().filter(|&k| k != t).collect();
            if rest.len() < kept.len() && follows(&rest) {
                kept = rest;
            }
        }
        let mut places: Vec<usize> = kept.iter().filter_map(|t| formulas.iter().position(|f| f == t)).collect();
        places.sort_unstable();
        Some(places)
    }
    /// The first proof in the shape's chain that is allowed. If the last premise of a refused proof is itself allowed,
    /// `allowed` is no question of the order of premises; then the best proof with the allowed premises is searched.
    fn answer(
        &self,
        effort: Effort,
        shape: &Shape,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Arc<Proof>> {
        let mut hasher = FxHasher::default();
        shape.key.hash(&mut hasher);
        let shard = &self.cache[(hasher.finish() >> 32) as usize % SHARDS];
        let known = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        let of = effort as usize;
        let mut chain = known().get(&shape.key).map(|both| both[of].clone()).unwrap_or_default();
        let mut before = PremiseId(u32::MAX);
        for i in 0..MAX_CHAIN {
            if i == chain.len() {
                chain.push(self.work_out(effort, shape, arena, &|p| p < before).map(Arc::new));
                let mut known = known();
                if known.len() < SHARD_SHAPES || known.contains_key(&shape.key) {
                    let old = &mut known.entry(shape.key.clone()).or_default()[of];
                    if old.len() < chain.len() {
                        old.clone_from(&chain);
                    }
                }
            }
            let proof = chain[i].as_ref()?;
            if proof.premises().all(allowed) {
                return Some(proof.clone());
            }
            before = proof.premises().max()?;
            if allowed(before) {
                break;
            }
        }
        self.work_out(effort, shape, arena, &|p| p < before && allowed(p)).map(Arc::new)
    }
    fn work_out(
        &self,
        effort: Effort,
        shape: &Shape,
        arena: &mut Arena,
        allowed: &dyn Fn(PremiseId) -> bool,
    ) -> Option<Proof> {
        let tables = self.closer.tables();
        let (goal, hyps) = shape.formulas(tables, arena);
        let mut solver = Solver::new(&self.theorems, tables, arena, allowed, &hyps, goal)?;
        if let Some(proof) = solver.run() {
            return Some(proof);
        }
        if effort == Effort::Short {
            return None;
        }
        let usable = |p: PremiseId| self.theorems.has(p) && allowed(p);
        self.closer.prove(&hyps, goal, arena, &usable, true)
    }
}
