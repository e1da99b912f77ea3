//! The library: a database's assertions and learned lemmas as one table of premises.
//!
//! A learned lemma (a Level-1 composite) stands right after the outermost block of its last dependency, and is a
//! premise only for what stands in later outermost blocks. Its proof is kept over premises, so a lemma may use
//! earlier lemmas.

use crate::metamath_db::database::Database;
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::{Bindings, Shifted};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// A premise: an assertion of the database (numbers below [`Database::len`]) or a learned lemma.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PremiseId(pub u32);

impl PremiseId {
    /// The premise as an index.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<AssertionId> for PremiseId {
    fn from(a: AssertionId) -> Self {
        PremiseId(a.0)
    }
}

/// The rule that one proof step applies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// A premise, with one child a `$e` hypothesis.
    Premise(PremiseId),
    /// The theorem's own `$e` hypothesis of this number; no children.
    Hyp(u32),
}

/// One step of a [`Proof`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// The rule applied.
    pub rule: Rule,
    /// Earlier steps that prove its hypotheses, in order.
    pub children: SmallVec<[u32; 4]>,
}

/// A proof's logical steps as a DAG in topological order; the last step is the root. Formulas are not stored: they
/// follow from the goal by unification ([`Theory::elaborate`]).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proof {
    /// The steps; children come before parents.
    pub steps: Vec<Step>,
}

impl Proof {
    /// Number of steps that apply a premise.
    pub fn len(&self) -> usize {
        self.steps.iter().filter(|s| matches!(s.rule, Rule::Premise(_))).count()
    }
    /// Whether it applies no premise.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The premises that the steps apply, one entry for each such step.
    pub fn premises(&self) -> impl Iterator<Item = PremiseId> + '_ {
        self.steps.iter().filter_map(|s| match s.rule {
            Rule::Premise(p) => Some(p),
            Rule::Hyp(_) => None,
        })
    }
}

/// A premise's statement as a scheme over metavariables `0..types.len()`.
#[derive(Clone, Copy)]
pub struct Premise<'a> {
    /// The conclusion as a statement.
    pub conclusion: TermId,
    /// The `$e` hypotheses that need a proof, as statements. Others (`term s`) are proved by their syntax proof, see
    /// [`Theory::typings`].
    pub hyps: &'a [TermId],
    /// The variables that the metavariables stand for, in frame order (they give typecodes and names).
    pub variables: &'a [SymbolId],
    /// `$d` pairs of metavariable numbers, smaller first, sorted.
    pub disjoint: &'a [(u16, u16)],
}

/// A learned lemma.
#[derive(Clone, Debug)]
pub struct Lemma {
    /// Its label.
    pub name: String,
    /// The conclusion's tree, in [`Theory::arena`].
    pub conclusion: TermId,
    /// Trees of the hypotheses.
    pub hyps: Vec<TermId>,
    /// Mandatory variables in frame order.
    pub variables: Vec<SymbolId>,
    /// Mandatory `$d` pairs of metavariable numbers.
    pub disjoint: Vec<(u16, u16)>,
    /// Its proof over premises that exist before it.
    pub proof: Proof,
    /// It stands right after this outermost block.
    pub block: u32,
}

/// In a schema's proof, the premise number of a step whose label is a hole: RETRIEVE fills it when the schema runs.
pub const LABEL_HOLE: u32 = u32::MAX - 1;
/// In a schema's proof, premise numbers from here on name schemas of the library, the first one being this.
pub const NESTED: u32 = 1 << 31;
/// Steps of a schema, those that it names expanded.
pub const FLAT_LIMIT: usize = 4_096;
/// In a schema's proof, the hypothesis number of what it leaves open.
pub const OPEN: u32 = u32::MAX;

/// A schema: a Level-2 composite. It is a strategy: nothing follows from it, and each run of it is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schema {
    /// Its label.
    pub name: String,
    /// Steps whose labels may be [`LABEL_HOLE`] and whose hypotheses are [`OPEN`]; the last one is what it begins with.
    pub proof: Proof,
    /// The share of its first label's uses that go on like it, in millionths.
    pub share: u32,
    /// The schema's gain on held-out proofs, in thousandths of a nat.
    pub nats: i64,
    /// Its sites in the training proofs.
    pub uses: u32,
}

impl Schema {
    /// The premise that it begins with.
    pub fn root(&self) -> PremiseId {
        match self.proof.steps.last().map(|s| s.rule) {
            Some(Rule::Premise(p)) => p,
            _ => PremiseId(LABEL_HOLE),
        }
    }
}

/// A database with a library of lemmas and schemas.
#[derive(Clone)]
pub struct Theory {
    /// The database.
    pub db: Arc<Database>,
    /// Terms of the database and of the lemmas.
    pub arena: Arena,
    /// Learned lemmas; lemma `i` is premise `db.len() + i`.
    pub lemmas: Vec<Lemma>,
    /// Schemas that a program carries, for CALL.
    pub schemas: Vec<Schema>,
    typecodes: Arc<Vec<Option<SymbolId>>>,
    floats: Arc<Vec<(SymbolId, HypId)>>,
}

/// Something to prove.
#[derive(Clone, Debug)]
pub struct Task {
    /// Label of the theorem, or a name for a statement that is not in the database.
    pub name: String,
    /// The goal as a statement ([`crate::metamath_db::grammar::Judgement`]) with database variables, in [`Theory::arena`] or an arena grown from it.
    pub goal: TermId,
    /// Its `$e` hypotheses as statements.
    pub hyps: Vec<TermId>,
    /// Their labels.
    pub hyp_labels: Vec<String>,
    /// Pairs of variables that its `$d` conditions keep apart, smaller first, sorted.
    pub disjoint: Vec<(SymbolId, SymbolId)>,
    /// Only assertions before this one are premises.
    pub limit: AssertionId,
    /// Only lemmas of earlier outermost blocks are premises.
    pub block: u32,
}

/// A step with what it proves.
#[derive(Clone, Debug)]
pub struct Elaborated {
    /// The rule applied.
    pub rule: Rule,
    /// Earlier steps, in the order of the premise's `$e` hypotheses.
    pub children: SmallVec<[u32; 4]>,
    /// The substitution, by metavariable of the premise.
    pub values: Vec<TermId>,
    /// The step's formula.
    pub formula: TermId,
}

/// Why a proof does not fit its goal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ElaborateError {
    NoUnifier { step: usize },
    WrongArity { step: usize },
    NoDummy { typecode: String },
    Disjoint { step: usize, left: String, right: String },
    TooLarge,
}

impl std::fmt::Display for ElaborateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoUnifier { step } => write!(f, "step {step} does not unify with what uses it"),
            Self::WrongArity { step } => write!(f, "step {step} has the wrong number of hypotheses"),
            Self::NoDummy { typecode } => write!(f, "no unused {typecode} variable is left for a dummy"),
            Self::Disjoint { step, left, right } => write!(f, "step {step} needs {left} and {right} distinct"),
            Self::TooLarge => write!(f, "the proof or a formula of it passes the size bound"),
        }
    }
}

/// Bound on the nodes of one formula of an elaborated proof.
pub const MAX_FORMULA: u32 = 200_000;

/// Bound on the steps of a proof that a search takes out of its clusters, or that lemmas are unfolded to.
pub const MAX_STEPS: usize = 200_000;

impl Theory {
    /// A database with an empty library.
    ///
    /// ```
    /// use metadream_core::dsl::theory::library::Theory;
    /// use metadream_core::metamath_db::database::Database;
    /// use std::sync::Arc;
    ///
    /// let text = "$c |- wff ( -> ) $. $v p $. wp $f wff p $. wi $a wff ( p -> p ) $. ax $a |- ( p -> p ) $.";
    /// let theory = Theory::new(Arc::new(Database::load(text.into()).unwrap()));
    /// let ax = theory.find("ax").unwrap();
    /// assert_eq!(theory.label(ax), "ax");
    /// assert!(theory.premise(ax).unwrap().hyps.is_empty());
    /// ```
    pub fn new(db: Arc<Database>) -> Theory {
        let mut typecodes = vec![None; db.source.symbols.len()];
        let mut floats = Vec::new();
        for (i, h) in db.source.hyps.iter().enumerate() {
            if let crate::metamath_db::reader::HypKind::Floating { variable } = h.kind {
                typecodes[variable.index()] = Some(db.source.hyp_typecode(i.into()));
                floats.push((variable, HypId::from(i)));
            }
        }
        let arena = db.arena.clone();
        Theory {
            db,
            arena,
            lemmas: Vec::new(),
            schemas: Vec::new(),
            typecodes: Arc::new(typecodes),
            floats: Arc::new(floats),
        }
    }
    /// A schema's proof with the schemas that it names expanded in place. What one of them leaves open stands for the
    /// premises of its step, from left to right.
    pub fn flat(&self, schema: &Schema) -> Proof {
        let mut out = Proof::default();
        let root = (schema.proof.steps.len() as u32).checked_sub(1);
        if let Some(root) = root {
            self.flatten(&schema.proof, root, &mut Vec::new(), &mut out);
        }
        out
    }
    /// Appends what step `at` of a schema's proof stands for; `given`: the numbers in `out` of what the proof leaves open,
    /// the last one first; empty where it stays open. The number of the step that was appended last.
    fn flatten(&self, proof: &Proof, at: u32, given: &mut Vec<u32>, out: &mut Proof) -> u32 {
        if out.steps.len() > FLAT_LIMIT {
            return 0;
        }
        let step = &proof.steps[at as usize];
        if let (Rule::Hyp(_), Some(number)) = (step.rule, given.last().copied()) {
            given.pop();
            return number;
        }
        let children: SmallVec<[u32; 4]> = step.children.iter().map(|&c| self.flatten(proof, c, given, out)).collect();
        let nested = match step.rule {
            Rule::Premise(p) if p.0 >= NESTED && p.0 != LABEL_HOLE => self.schemas.get((p.0 - NESTED) as usize),
            _ => None,
        };
        if let Some(inner) = nested.filter(|s| !s.proof.steps.is_empty()) {
            let mut given: Vec<u32> = children.iter().rev().copied().collect();
            return self.flatten(&inner.proof, inner.proof.steps.len() as u32 - 1, &mut given, out);
        }
        out.steps.push(Step { rule: step.rule, children });
        out.steps.len() as u32 - 1
    }
    /// Number of premises: assertions and lemmas.
    pub fn len(&self) -> usize {
        self.db.len() + self.lemmas.len()
    }
    /// Whether there is no premise.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The lemma behind a premise number, if it is one.
    pub fn lemma(&self, p: PremiseId) -> Option<&Lemma> {
        self.lemmas.get(p.index().checked_sub(self.db.len())?)
    }
    /// A premise's statement. `None` if it has no tree or is not logical.
    pub fn premise(&self, p: PremiseId) -> Option<Premise<'_>> {
        if let Some(l) = self.lemma(p) {
            return Some(Premise {
                conclusion: l.conclusion,
                hyps: &l.hyps,
                variables: &l.variables,
                disjoint: &l.disjoint,
            });
        }
        let a = AssertionId(p.0);
        let s = self.db.scheme(a);
        (s.logical && s.conclusion.is_some()).then(|| Premise {
            conclusion: s.conclusion.unwrap_or(TermId(0)),
            hyps: self.db.hyps(a),
            variables: self.db.variables(a),
            disjoint: self.db.disjoint(a),
        })
    }
    /// A premise's label.
    pub fn label(&self, p: PremiseId) -> &str {
        match self.lemma(p) {
            Some(l) => &l.name,
            None => self.db.source.label(AssertionId(p.0)),
        }
    }
    /// Bytes of a premise's label.
    pub fn label_length(&self, p: PremiseId) -> usize {
        self.lemma(p).map_or_else(|| self.db.source.assertions[p.index()].label.len(), |l| l.name.len())
    }
    /// The comment that describes a premise, if it has one.
    pub fn comment(&self, p: PremiseId) -> Option<&str> {
        let span = self.db.source.assertions.get(p.index())?.comment.as_ref()?;
        Some(self.db.source.str(span))
    }
    /// The premise of this label.
    pub fn find(&self, label: &str) -> Option<PremiseId> {
        // the database first: that is one look-up, and no lemma has a label of the database
        let lemma = || self.lemmas.iter().position(|l| l.name == label).map(|i| PremiseId((self.db.len() + i) as u32));
        self.db.source.assertion(label).map(PremiseId::from).or_else(lemma)
    }
    /// The outermost block in which a premise stands (a lemma: after which it stands).
    pub fn block(&self, p: PremiseId) -> u32 {
        match self.lemma(p) {
            Some(l) => l.block,
            None => self.db.source.assertions[p.index()].outer_block,
        }
    }
    /// Whether a premise stands before a task.
    #[inline]
    pub fn stands_before(&self, p: PremiseId, task: &Task) -> bool {
        if p.index() < self.db.len() {
            p.0 < task.limit.0
        } else {
            self.lemmas[p.index() - self.db.len()].block < task.block
        }
    }
    /// Whether a task is that of a theorem of the database, not of a statement that is asked for.
    pub fn is_theorem(&self, task: &Task) -> bool {
        task.limit.index() < self.db.len() && self.db.source.label(task.limit) == task.name
    }
    /// Whether a premise is an axiom, a lemma, or a theorem whose proof is known. Others prove nothing.
    pub fn is_proved(&self, p: PremiseId) -> bool {
        let assertion = self.db.source.assertions.get(p.index());
        assertion.is_none_or(|a| a.proof.is_none() || !self.db.proofs.nodes[p.index()].is_empty())
    }
    /// The typecode of a variable.
    pub fn typecode(&self, v: SymbolId) -> Option<SymbolId> {
        self.typecodes[v.index()]
    }
    /// The `$f` of a variable that is active at a statement position.
    pub fn float_at(&self, v: SymbolId, position: u32) -> Option<HypId> {
        let active = |h: &HypId| self.db.source.hyps[h.index()].active_at(position);
        self.floats.iter().filter(|f| f.0 == v).map(|f| f.1).rfind(active)
    }
    /// The `$f` of a variable in the outermost block.
    pub fn outer_float(&self, v: SymbolId) -> Option<HypId> {
        self.floats.iter().find(|f| f.0 == v && self.db.source.hyps[f.1.index()].depth == 0).map(|f| f.1)
    }
    /// Variables of a typecode with a `$f` in the outermost block before a position, in file order.
    pub fn outer_variables(&self, typecode: SymbolId, position: u32) -> impl Iterator<Item = (SymbolId, HypId)> + '_ {
        self.floats.iter().copied().filter(move |&(v, h)| {
            let hyp = &self.db.source.hyps[h.index()];
            hyp.depth == 0 && hyp.position < position && self.typecodes[v.index()] == Some(typecode)
        })
    }
    /// The statement of an assertion as a task: its variables, `$d` and place.
    pub fn task(&self, a: AssertionId, arena: &mut Arena) -> Option<Task> {
        let conclusion = self.db.scheme(a).conclusion?;
        let values = self.db.own_values(a, arena);
        let goal = arena.instantiate(conclusion, &values);
        let hyps = self.db.essential_statements(a, arena).into_iter().map(|h| arena.instantiate(h, &values)).collect();
        let source = &self.db.source;
        Some(Task {
            name: source.label(a).to_owned(),
            goal,
            hyps,
            hyp_labels: self.db.essentials(a).map(|h| source.hyp_label(h).to_owned()).collect(),
            disjoint: source.mandatory_disjoint(a).to_vec(),
            limit: a,
            block: source.assertions[a.index()].outer_block,
        })
    }

    /// Works out the formulas and substitutions of a proof: the root is unified with the goal, each step's
    /// conclusion with the hypothesis that it proves. Metavariables that stay free become dummy variables.
    ///
    /// # Errors
    /// When the proof does not fit, or breaks a `$d` condition. (The judges check again, independently.)
    pub fn elaborate(&self, task: &Task, proof: &Proof, arena: &mut Arena) -> Result<Vec<Elaborated>, ElaborateError> {
        let hyps: Vec<Shifted> = task.hyps.iter().map(|&h| (h, 0)).collect();
        let mut unified = self.unify_proof(proof, &hyps, Some((task.goal, 0)), 0, arena)?;
        self.bind_dummies(task, &mut unified, Vec::new(), &|_| false, arena)?;
        let steps = self.resolve_steps(proof, &unified, (task.goal, 0), arena)?;
        self.check_disjoint(task, &steps, arena)?;
        Ok(steps)
    }
    /// Unifies all steps of a proof. Metavariables `0..base` belong to the hypotheses and goal.
    ///
    /// # Errors
    /// When some step does not unify or has the wrong number of hypotheses.
    pub fn unify_proof(
        &self,
        proof: &Proof,
        hyps: &[Shifted],
        goal: Option<Shifted>,
        base: u32,
        arena: &Arena,
    ) -> Result<Unified, ElaborateError> {
        let mut u =
            Unified { bindings: Bindings::with_statements(base as usize), offsets: Vec::new(), types: Vec::new() };
        u.types.resize(base as usize, None);
        for step in &proof.steps {
            u.offsets.push(u.types.len() as u32);
            if let Rule::Premise(p) = step.rule {
                let premise = self.premise(p).ok_or(ElaborateError::NoUnifier { step: u.offsets.len() - 1 })?;
                u.types.extend(premise.variables.iter().map(|&v| self.typecode(v)));
            }
        }
        u.bindings.grow(u.types.len());
        let no_unifier = |bindings: &Bindings, step: usize| match bindings.is_spent() {
            true => ElaborateError::TooLarge,
            false => ElaborateError::NoUnifier { step },
        };
        let formula = |i: usize| match proof.steps[i].rule {
            Rule::Hyp(k) => hyps.get(k as usize).copied(),
            Rule::Premise(p) => self.premise(p).map(|x| (x.conclusion, u.offsets[i])),
        };
        let root = proof.steps.len().checked_sub(1).ok_or(ElaborateError::WrongArity { step: 0 })?;
        if let (Some(goal), Some(f)) = (goal, formula(root)) {
            if !u.bindings.unify(arena, f, goal) {
                return Err(no_unifier(&u.bindings, root));
            }
        }
        // parents first: the goal's symbols flow down, so that failures are found early
        for (i, step) in proof.steps.iter().enumerate().rev() {
            let Rule::Premise(p) = step.rule else { continue };
            let premise = self.premise(p).ok_or(ElaborateError::NoUnifier { step: i })?;
            if premise.hyps.len() != step.children.len() {
                return Err(ElaborateError::WrongArity { step: i });
            }
            for (&h, &c) in premise.hyps.iter().zip(&step.children) {
                let c = c as usize;
                let child = if c < i { formula(c) } else { None }.ok_or(ElaborateError::WrongArity { step: i })?;
                if !u.bindings.unify(arena, (h, u.offsets[i]), child) {
                    return Err(no_unifier(&u.bindings, c));
                }
            }
        }
        Ok(u)
    }
    /// Binds the metavariables that are left, but for those to `keep`, to variables that are not in `used` nor the task's.
    pub(in crate::dsl) fn bind_dummies(
        &self,
        task: &Task,
        u: &mut Unified,
        mut used: Vec<SymbolId>,
        keep: &dyn Fn(u32) -> bool,
        arena: &mut Arena,
    ) -> Result<(), ElaborateError> {
        let position = self.position(task);
        used.extend(arena.variables(task.goal));
        for &h in &task.hyps {
            used.extend(arena.variables(h));
        }
        for m in 0..u.types.len() as u32 {
            if u.bindings.is_bound(m) || keep(m) {
                continue;
            }
            let Some(typecode) = u.types[m as usize] else { continue };
            let dummy = self.outer_variables(typecode, position).map(|x| x.0).find(|v| !used.contains(v));
            // any variable will do where no `$d` forbids it, and that is checked below
            let dummy = dummy.or_else(|| self.outer_variables(typecode, position).map(|x| x.0).next());
            let dummy = dummy
                .ok_or_else(|| ElaborateError::NoDummy { typecode: self.db.source.symbol(typecode).to_owned() })?;
            used.push(dummy);
            u.bindings.bind(m, (arena.variable(dummy), 0));
        }
        Ok(())
    }
    /// The statement position of a task: what is active there can be used.
    pub fn position(&self, task: &Task) -> u32 {
        let assertions = &self.db.source.assertions;
        assertions.get(task.limit.index()).or(assertions.last()).map_or(u32::MAX, |a| a.position)
    }
    fn resolve_steps(
        &self,
        proof: &Proof,
        u: &Unified,
        goal: Shifted,
        arena: &mut Arena,
    ) -> Result<Vec<Elaborated>, ElaborateError> {
        let mut out: Vec<Elaborated> = Vec::with_capacity(proof.steps.len());
        let mut known = FxHashMap::default();
        let mut parents: Vec<Option<(usize, usize)>> = vec![None; proof.steps.len()];
        for (i, s) in proof.steps.iter().enumerate() {
            for (k, &c) in s.children.iter().enumerate() {
                parents[c as usize] = Some((i, k));
            }
        }
        for (i, step) in proof.steps.iter().enumerate() {
            let offset = u.offsets[i];
            let (formula, count) = match step.rule {
                Rule::Premise(p) => {
                    let premise = self.premise(p).ok_or(ElaborateError::NoUnifier { step: i })?;
                    ((premise.conclusion, offset), premise.variables.len() as u32)
                }
                Rule::Hyp(_) => {
                    // a hypothesis has no metavariables: take the formula from its user's side
                    let user = parents[i].and_then(|(j, k)| match proof.steps[j].rule {
                        Rule::Premise(p) => self.premise(p).map(|x| (x.hyps[k], u.offsets[j])),
                        Rule::Hyp(_) => None,
                    });
                    (user.unwrap_or(goal), 0)
                }
            };
            let mut values = Vec::with_capacity(count as usize);
            for m in 0..count {
                let v = (arena.meta(m), offset);
                let value = u.bindings.resolve_shared(arena, v, &mut known);
                if arena.size(value) > MAX_FORMULA {
                    return Err(ElaborateError::TooLarge);
                }
                values.push(value);
            }
            let formula = u.bindings.resolve_shared(arena, formula, &mut known);
            out.push(Elaborated { rule: step.rule, children: step.children.clone(), values, formula });
        }
        Ok(out)
    }
    pub(in crate::dsl) fn check_disjoint(
        &self,
        task: &Task,
        steps: &[Elaborated],
        arena: &Arena,
    ) -> Result<(), ElaborateError> {
        let mut own: Vec<SymbolId> = arena.variables(task.goal);
        for &h in &task.hyps {
            own.extend(arena.variables(h));
        }
        for (i, s) in steps.iter().enumerate() {
            let Rule::Premise(p) = s.rule else { continue };
            let Some(premise) = self.premise(p) else { continue };
            for &(a, b) in premise.disjoint {
                let left = arena.variables(s.values[a as usize]);
                let right = arena.variables(s.values[b as usize]);
                for &x in &left {
                    for &y in &right {
                        let apart = x != y
                            && (!own.contains(&x)
                                || !own.contains(&y)
                                || task.disjoint.binary_search(&(x.min(y), x.max(y))).is_ok());
                        if !apart {
                            let name = |v| self.db.source.symbol(v).to_owned();
                            return Err(ElaborateError::Disjoint { step: i, left: name(x), right: name(y) });
                        }
                    }
                }
            }
        }
        Ok(())
    }
    /// Terms of a premise's `$e` hypotheses that say only of which kind something is (`term s`), in order: the syntax proofs
    /// of their instances prove them.
    pub fn typings(&self, p: PremiseId) -> &[TermId] {
        match self.lemma(p) {
            Some(_) => &[],
            None => self.db.typings(AssertionId(p.0)),
        }
    }
    /// The human proof of a theorem over premises, hypotheses numbered as in its frame; `None` if it has none.
    pub fn human_proof(&self, a: AssertionId) -> Option<Proof> {
        let numbered = self.db.essentials(a).zip(0..);
        let essentials: FxHashMap<HypId, u32> = numbered.filter(|&(h, _)| !self.db.is_typing(h)).collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut number: Vec<u32> = Vec::new();
        let mut quoted: FxHashMap<u32, u32> = FxHashMap::default();
        for (label, children) in self.db.proofs.theorem(a) {
            use crate::metamath_db::reader::LabelRef;
            let n = match label.get() {
                LabelRef::Hyp(h) => match essentials.get(&h) {
                    None => u32::MAX,
                    Some(&k) => *quoted.entry(k).or_insert_with(|| {
                        steps.push(Step { rule: Rule::Hyp(k), children: SmallVec::new() });
                        steps.len() as u32 - 1
                    }),
                },
                LabelRef::Assertion(b) if self.db.scheme(b).logical => {
                    let proved = self.db.source.frame(b).iter().zip(children).filter(|(&h, _)| self.db.needs_proof(h));
                    let children: SmallVec<[u32; 4]> = proved.map(|(_, &c)| number[c as usize]).collect();
                    if children.contains(&u32::MAX) {
                        return None; // not what its hypothesis asks for: the judges will say so
                    }
                    steps.push(Step { rule: Rule::Premise(b.into()), children });
                    steps.len() as u32 - 1
                }
                LabelRef::Assertion(_) => u32::MAX,
            };
            number.push(n);
        }
        let root = *number.last()?;
        (root as usize + 1 == steps.len()).then_some(Proof { steps })
    }
    /// The proof with every lemma replaced by its own proof, down to assertions of the database. Steps are shared
    /// as they were in the proof and in the lemmas' proofs and no further: two steps of equal labels need not prove
    /// equal formulas.
    pub fn unfold(&self, proof: &Proof) -> Proof {
        let mut out = Proof::default();
        self.unfold_into(proof, None, &mut out);
        out
    }
    /// The steps that [`Theory::unfold`] gives.
    pub fn unfolded_steps(&self, proof: &Proof) -> u64 {
        let size = |proof: &Proof, of_lemmas: &[u64]| {
            let of = |s: &Step| match s.rule {
                Rule::Premise(p) => p.index().checked_sub(self.db.len()).map_or(1, |i| of_lemmas[i]),
                Rule::Hyp(_) => 1,
            };
            proof.steps.iter().fold(0, |sum: u64, s| sum.saturating_add(of(s)))
        };
        let mut of_lemmas = Vec::with_capacity(self.lemmas.len());
        for lemma in &self.lemmas {
            of_lemmas.push(size(&lemma.proof, &of_lemmas));
        }
        size(proof, &of_lemmas)
    }
    fn unfold_into(&self, proof: &Proof, hyps: Option<&[u32]>, out: &mut Proof) -> u32 {
        let mut number: Vec<u32> = Vec::with_capacity(proof.steps.len());
        for s in &proof.steps {
            let children: SmallVec<[u32; 4]> = s.children.iter().map(|&c| number[c as usize]).collect();
            let n = match (s.rule, hyps) {
                (Rule::Hyp(k), Some(hyps)) => hyps[k as usize],
                (Rule::Premise(p), _) if self.lemma(p).is_some() => {
                    let lemma = &self.lemmas[p.index() - self.db.len()];
                    self.unfold_into(&lemma.proof, Some(&children), out)
                }
                (rule, _) => {
                    out.steps.push(Step { rule, children });
                    out.steps.len() as u32 - 1
                }
            };
            number.push(n);
        }
        number.last().copied().unwrap_or(u32::MAX)
    }
}

impl std::hash::Hash for Step {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.rule.hash(state);
        self.children.as_slice().hash(state);
    }
}

/// Outcome of [`Theory::unify_proof`].
pub struct Unified {
    /// The bindings of all metavariables.
    pub bindings: Bindings,
    /// First metavariable of each step's premise.
    pub offsets: Vec<u32>,
    /// Typecode of each metavariable; `None` for those of the caller.
    pub types: Vec<Option<SymbolId>>,
}

/// A statement's key that does not depend on the names of variables nor on the order of hypotheses (ties in that
/// order are broken greedily, so in rare symmetric cases two equal statements have different keys).
pub fn canonical_key(arena: &Arena, conclusion: TermId, hyps: &[TermId]) -> Vec<u32> {
    fn serialise(arena: &Arena, t: TermId, names: &mut FxHashMap<Head, u32>, out: &mut Vec<u32>) {
        let head = arena.head(t);
        if head.as_meta().is_some() || head.as_variable().is_some() {
            let n = names.len() as u32;
            out.push(*names.entry(head).or_insert(n) << 1 | 1);
        } else {
            out.push(head.raw() << 1);
            for &c in arena.children(t) {
                serialise(arena, c, names, out);
            }
        }
    }
    let mut names = FxHashMap::default();
    let mut key = Vec::new();
    serialise(arena, conclusion, &mut names, &mut key);
    let mut rest = hyps.to_vec();
    rest.sort_unstable();
    rest.dedup();
    while !rest.is_empty() {
        let mut best: Option<(Vec<u32>, FxHashMap<Head, u32>, usize)> = None;
        for (i, &h) in rest.iter().enumerate() {
            let mut n = names.clone();
            let mut k = Vec::new();
            serialise(arena, h, &mut n, &mut k);
            if best.as_ref().is_none_or(|b| k < b.0) {
                best = Some((k, n, i));
            }
        }
        let Some((k, n, i)) = best else { break };
        key.push(u32::MAX);
        key.extend(k);
        names = n;
        rest.swap_remove(i);
    }
    key
}
