//! Drafts: proofs that may have open steps, as people leave them (`?` in a `.mm` file, a step without reference in a
//! worksheet) and as a search that gave up leaves them.
//!
//! A draft is worked out by unification, like a proof, but what its author wrote down (formulas of steps, terms of a
//! substitution) is kept, and metavariables that open steps leave free stay free. Nothing is believed: a draft without
//! open steps is written out and judged like any proof; one with open steps is judged with these as hypotheses.

use super::library::{ElaborateError, Elaborated, Proof, Rule, Step, Task, Theory, Unified, MAX_FORMULA};
use super::proof_object::{FullProof, Judged};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::proof::{tokens, DecodeError};
use crate::metamath_db::reader::{HypKind, LabelRef};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::metamath_db::terms::unify::{Bindings, Shifted};
use crate::metamath_db::writer::{compressed, normal, LabelOrder, Node, UNKNOWN};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// Labels of open steps in proofs as JSON begin so; a number follows.
pub const OPEN_LABEL: &str = "open:";
/// Labels of a draft's steps in proofs as JSON begin so; the step's number follows. No label of Metamath holds a colon.
pub const STEP_LABEL: &str = "step:";

/// Bound on the nodes of all formulas and substitutions of a draft; the largest proofs of set.mm have a hundredth of it.
const MAX_DRAFT: u32 = 50 * MAX_FORMULA;

/// One step of a [`Draft`].
#[derive(Clone, Debug, Default)]
pub struct DraftStep {
    /// Its name in a worksheet; empty where it has none.
    pub name: String,
    /// The rule applied; `None` for an open step.
    pub rule: Option<Rule>,
    /// Earlier steps that prove its hypotheses.
    pub children: SmallVec<[u32; 4]>,
    /// The formula that was written down.
    pub formula: Option<TermId>,
    /// The terms given for the premise's variables, by metavariable; `None` or a missing entry is unknown.
    pub values: Vec<Option<TermId>>,
}

/// A proof whose steps may be open. Children come before parents; the last step proves the goal.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The statement to be proved.
    pub task: Task,
    /// The steps.
    pub steps: Vec<DraftStep>,
    /// Typecodes of the work variables, which are the metavariables of the steps' formulas.
    pub work: Vec<SymbolId>,
}

/// A defect of a draft: the step (its index in [`Draft::steps`]) and one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftError {
    /// The step.
    pub step: usize,
    /// One line that says what was expected there.
    pub message: String,
}

/// A draft worked out.
pub struct Worked {
    /// By step: formula and substitution, with metavariables where nothing says more.
    pub steps: Vec<Elaborated>,
    /// Typecodes of the metavariables that are left.
    pub types: Vec<Option<SymbolId>>,
}

/// A draft as Metamath text.
pub struct Written {
    /// Between `$=` and `$.`, compressed.
    pub compressed: String,
    /// The proof as a sequence of labels; empty if that would be too long.
    pub normal: String,
    /// The proof object.
    pub object: FullProof,
}

impl Draft {
    /// Numbers of the open steps.
    pub fn open(&self) -> Vec<usize> {
        (0..self.steps.len()).filter(|&i| self.steps[i].rule.is_none()).collect()
    }
    /// By step whether it is needed for the goal.
    pub fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.steps.len()];
        if let Some(last) = needed.last_mut() {
            *last = true;
        }
        for i in (0..self.steps.len()).rev() {
            if needed[i] {
                self.steps[i].children.iter().for_each(|&c| needed[c as usize] = true);
            }
        }
        needed
    }
    /// By step whether it rests on step `i` (which rests on itself).
    pub fn rests_on(&self, i: usize) -> Vec<bool> {
        let mut out = vec![false; self.steps.len()];
        for (k, s) in self.steps.iter().enumerate() {
            out[k] = k == i || s.children.iter().any(|&c| out[c as usize]);
        }
        out
    }
    /// Puts a proof in the place of open steps, `roots[k]` of it in that of `goals[k]`. The proof's hypotheses are those of
    /// the task, then the steps `using`; those behind them become open steps.
    ///
    /// # Errors
    /// One line: a proof that leads back to a step which it is to prove, or a step that is not open.
    pub fn splice(&mut self, goals: &[usize], proof: &Proof, roots: &[u32], using: &[usize]) -> Result<(), String> {
        let (own, root) = (self.task.hyps.len(), self.steps.len() - 1);
        for &i in goals {
            if self.steps.get(i).is_none_or(|s| s.rule.is_some()) {
                return Err(format!("step {} is not open", i + 1));
            }
            let rests = self.rests_on(i);
            if using.iter().any(|&u| rests.get(u).copied().unwrap_or(true)) {
                return Err("a step cannot be proved from what rests on it".to_owned());
            }
        }
        if goals.len() != roots.len() || roots.iter().any(|&r| r as usize >= proof.steps.len()) {
            return Err("a proof that does not say which of its steps prove the goals".to_owned());
        }
        let mut number: Vec<u32> = Vec::with_capacity(proof.steps.len());
        for (k, s) in proof.steps.iter().enumerate() {
            let behind = match s.rule {
                Rule::Hyp(h) => (h as usize).checked_sub(own),
                Rule::Premise(_) => None,
            };
            let helper = behind.and_then(|h| using.get(h).copied());
            let made = match helper {
                Some(u) => DraftStep { name: String::new(), formula: None, ..self.steps[u].clone() },
                None => DraftStep {
                    rule: behind.is_none().then_some(s.rule),
                    children: s.children.iter().map(|&c| number[c as usize]).collect(),
                    ..DraftStep::default()
                },
            };
            let mut places = goals.iter().zip(roots).filter(|(_, &r)| r as usize == k).map(|(&g, _)| g).peekable();
            number.push(match (helper, places.peek()) {
                (Some(u), _) => u as u32,
                (None, Some(&g)) => g as u32,
                (None, None) => {
                    self.steps.push(made.clone());
                    self.steps.len() as u32 - 1
                }
            });
            for g in places {
                let step = &mut self.steps[g];
                (step.rule, step.children, step.values) = (made.rule, made.children.clone(), made.values.clone());
            }
        }
        self.sort(root)
    }
    /// Merges nameless steps into earlier steps of the same formula. A proof found for one step may repeat such a step.
    pub fn merge(&mut self, worked: &mut Worked, arena: &Arena) {
        let mut first: FxHashMap<TermId, u32> = FxHashMap::default();
        let mut instead: Vec<u32> = (0..self.steps.len() as u32).collect();
        let mut closed = vec![false; self.steps.len()];
        for i in 0..self.steps.len() {
            self.steps[i].children.iter_mut().for_each(|c| *c = instead[*c as usize]);
            worked.steps[i].children.clone_from(&self.steps[i].children);
            let s = &self.steps[i];
            closed[i] = s.rule.is_some() && s.children.iter().all(|&c| closed[c as usize]);
            let formula = worked.steps[i].formula;
            if !arena.is_ground(formula) {
                continue;
            }
            let known = first.entry(formula).or_insert(i as u32);
            if closed[i] && !closed[*known as usize] {
                *known = i as u32; // never give a proof away for an open step
            }
            if s.name.is_empty() {
                instead[i] = *known;
            }
        }
    }
    /// Puts children before parents, the root last; the old order is kept where it can be.
    fn sort(&mut self, root: usize) -> Result<(), String> {
        let n = self.steps.len();
        let (mut state, mut order) = (vec![0u8; n], Vec::with_capacity(n));
        for start in (0..n).filter(|&i| i != root).chain([root]) {
            let mut todo = vec![(start, false)];
            while let Some((i, done)) = todo.pop() {
                match (state[i], done) {
                    (0, false) => {
                        state[i] = 1;
                        todo.push((i, true));
                        todo.extend(self.steps[i].children.iter().rev().map(|&c| (c as usize, false)));
                    }
                    (1, true) => {
                        state[i] = 2;
                        order.push(i);
                    }
                    (1, false) => return Err("the steps lead back to themselves".to_owned()),
                    _ => {}
                }
            }
        }
        if order.last() != Some(&root) {
            return Err("a step rests on the last one".to_owned());
        }
        let mut place = vec![0u32; n];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new as u32;
        }
        let mut steps: Vec<DraftStep> = order.iter().map(|&i| std::mem::take(&mut self.steps[i])).collect();
        steps.iter_mut().flat_map(|s| s.children.iter_mut()).for_each(|c| *c = place[*c as usize]);
        self.steps = steps;
        Ok(())
    }
    /// The steps that the goal needs as a proof; open steps are hypotheses behind the task's own, in order. With it, the
    /// old number of each step.
    fn proof(&self) -> (Proof, Vec<usize>) {
        let needed = self.needed();
        let kept: Vec<usize> = (0..self.steps.len()).filter(|&i| needed[i]).collect();
        let mut number = vec![0u32; self.steps.len()];
        kept.iter().zip(0..).for_each(|(&i, n)| number[i] = n);
        let mut open = self.task.hyps.len() as u32;
        let mut proof = Proof::default();
        for &i in &kept {
            let s = &self.steps[i];
            let rule = s.rule.unwrap_or_else(|| {
                open += 1;
                Rule::Hyp(open - 1)
            });
            proof.steps.push(Step { rule, children: s.children.iter().map(|&c| number[c as usize]).collect() });
        }
        (proof, kept)
    }
}

impl Theory {
    /// The draft of a theorem whose proof in the database may have `?` steps.
    ///
    /// # Errors
    /// One line: no such theorem, or a proof that does not hang together.
    pub fn draft_of(&self, label: &str, arena: &mut Arena) -> Result<Draft, String> {
        let task = self.find_task(label, arena)?;
        let source = &self.db.source;
        let proof = source.assertions[task.limit.index()].proof.as_ref();
        let proof = proof.ok_or_else(|| format!("`{label}` is an axiom; it has no proof"))?;
        let mut reader =
            Reader { theory: self, task: &task, entries: Vec::new(), stack: Vec::new(), saved: Vec::new() };
        let said = |e: DecodeError| format!("the proof of `{label}`: {e}");
        reader.read(source.str(proof)).map_err(said)?;
        let mut steps = reader.steps(arena).map_err(|e| format!("the proof of `{label}`: {e}"))?;
        steps.iter_mut().zip(1..).for_each(|(s, n)| s.name = n.to_string());
        Ok(Draft { task, steps, work: Vec::new() })
    }
    /// Works a draft out. Metavariables that no open step leaves free become dummy variables.
    ///
    /// # Errors
    /// The first step that does not fit what was written, or breaks a `$d` condition.
    pub fn work_out(&self, draft: &Draft, arena: &mut Arena) -> Result<Worked, DraftError> {
        let (mut u, formulas) = self.unify_draft(draft, arena)?;
        let mut kept: FxHashSet<u32> = FxHashSet::default();
        for i in draft.open() {
            let t = u.bindings.resolve(arena, formulas[i]);
            let mut metas = SmallVec::new();
            arena.metas(t, &mut metas);
            kept.extend(metas);
        }
        let last = draft.steps.len() - 1;
        let used: Vec<SymbolId> = written(draft).flat_map(|t| arena.variables(t)).collect();
        let general = |e: ElaborateError| DraftError { step: last, message: e.to_string() };
        self.bind_dummies(&draft.task, &mut u, used, &|m| kept.contains(&m), arena).map_err(general)?;
        let mut steps = Vec::with_capacity(draft.steps.len());
        let mut left = MAX_DRAFT;
        for (i, s) in draft.steps.iter().enumerate() {
            let count = match s.rule {
                Some(Rule::Premise(p)) => self.premise(p).map_or(0, |x| x.variables.len() as u32),
                _ => 0,
            };
            let mut values = Vec::with_capacity(count as usize);
            for m in 0..count {
                let v = (arena.meta(m), u.offsets[i]);
                values.push(bounded(&u.bindings, v, &mut left, arena).map_err(|said| at(i, said))?);
            }
            let formula = bounded(&u.bindings, formulas[i], &mut left, arena).map_err(|said| at(i, said))?;
            steps.push(Elaborated { rule: s.rule.unwrap_or(OPEN_STEP), children: s.children.clone(), values, formula });
        }
        self.check_disjoint(&draft.task, &steps, arena).map_err(|e| match e {
            ElaborateError::Disjoint { step, left, right } => at(step, format!("needs `$d {left} {right}`")),
            other => at(last, other.to_string()),
        })?;
        Ok(Worked { steps, types: u.types })
    }
    /// Unifies what was written, then parents with children; the formula of each step.
    fn unify_draft(&self, draft: &Draft, arena: &mut Arena) -> Result<(Unified, Vec<Shifted>), DraftError> {
        let opens = draft.open().len();
        let mut u = Unified {
            bindings: Bindings::default(),
            offsets: Vec::new(),
            types: vec![self.db.grammar.main_formula(); opens],
        };
        u.types.extend(draft.work.iter().map(|&t| Some(t)));
        let mut formulas: Vec<Shifted> = Vec::new();
        let mut open = 0;
        for (i, s) in draft.steps.iter().enumerate() {
            u.offsets.push(u.types.len() as u32);
            formulas.push(match s.rule {
                None => {
                    open += 1;
                    (arena.meta(open - 1), 0)
                }
                Some(Rule::Hyp(k)) => (draft.task.hyps.get(k as usize).copied().unwrap_or(draft.task.goal), 0),
                Some(Rule::Premise(p)) => {
                    let premise = self.premise(p).ok_or_else(|| at(i, "names no logical statement".to_owned()))?;
                    let (wanted, found) = (premise.hyps.len(), s.children.len());
                    if wanted != found {
                        let label = self.label(p);
                        return Err(at(i, format!("`{label}` has {wanted} hypotheses, {found} steps are given")));
                    }
                    u.types.extend(premise.variables.iter().map(|&v| self.typecode(v)));
                    (premise.conclusion, u.offsets[i])
                }
            });
        }
        u.bindings = Bindings::with_statements(opens);
        u.bindings.grow(u.types.len());
        for (i, s) in draft.steps.iter().enumerate() {
            for (m, &value) in (0u32..).zip(&s.values) {
                let Some(value) = value else { continue };
                let variable = arena.meta(m);
                if !u.bindings.unify(arena, (variable, u.offsets[i]), (value, 0)) {
                    return Err(at(i, "the substitution that is written down does not fit".to_owned()));
                }
            }
            let own = s.formula.into_iter().chain((i + 1 == draft.steps.len()).then_some(draft.task.goal));
            for formula in own.map(|f| (f, opens as u32)) {
                if !u.bindings.unify(arena, formulas[i], formula) {
                    return Err(self.other_formula(draft, i, formula, &u.bindings, formulas[i], arena));
                }
            }
        }
        self.unify_children(draft, &mut u, &formulas, arena)?;
        Ok((u, formulas))
    }
    /// Unifies each premise's hypotheses with the formulas of the steps that are given for them, last steps first.
    fn unify_children(
        &self,
        draft: &Draft,
        u: &mut Unified,
        formulas: &[Shifted],
        arena: &mut Arena,
    ) -> Result<(), DraftError> {
        for (i, s) in draft.steps.iter().enumerate().rev() {
            let Some(Rule::Premise(p)) = s.rule else { continue };
            let Some(premise) = self.premise(p) else { continue };
            for (k, (&h, &c)) in premise.hyps.iter().zip(&s.children).enumerate() {
                if !u.bindings.unify(arena, (h, u.offsets[i]), formulas[c as usize]) {
                    let wanted = self.shown(&u.bindings, (h, u.offsets[i]), arena);
                    let found = self.shown(&u.bindings, formulas[c as usize], arena);
                    let label = self.label(p);
                    let message = format!(
                        "hypothesis {} of `{label}` is `{wanted}`, the step given for it says `{found}`",
                        k + 1
                    );
                    return Err(at(i, message));
                }
            }
        }
        Ok(())
    }
    fn other_formula(
        &self,
        d: &Draft,
        i: usize,
        wanted: Shifted,
        b: &Bindings,
        t: Shifted,
        arena: &mut Arena,
    ) -> DraftError {
        let rule = match d.steps[i].rule {
            Some(Rule::Premise(p)) => self.label(p).to_owned(),
            Some(Rule::Hyp(k)) => d.task.hyp_labels.get(k as usize).cloned().unwrap_or_default(),
            None => "?".to_owned(),
        };
        let (wanted, found) = (self.shown(b, wanted, arena), self.shown(b, t, arena));
        at(i, format!("`{rule}` proves `{found}`, but the step says `{wanted}`"))
    }
    fn shown(&self, b: &Bindings, t: Shifted, arena: &mut Arena) -> String {
        let t = b.resolve(arena, t);
        let text = self.db.show_statement(arena, t);
        if text.len() > 300 {
            format!("{} ...", text.chars().take(300).collect::<String>())
        } else {
            text
        }
    }
    /// A statement as a worksheet writes it: metavariables as work variables, `&W1` for the first one of `wff`.
    pub fn show_work(&self, arena: &Arena, t: TermId, types: &[Option<SymbolId>]) -> String {
        let letter = |word: &str| -> String {
            let Some(m) = word.strip_prefix('?').and_then(|n| n.parse::<u32>().ok()) else { return word.to_owned() };
            let typecode = types.get(m as usize).copied().flatten();
            format!("{}{}", typecode.map_or("&X".to_owned(), |t| self.work_prefix(t)), m + 1)
        };
        self.db.show_statement(arena, t).split(' ').map(letter).collect::<Vec<_>>().join(" ")
    }
    /// Makes the task of a search for open steps. Its hypotheses are those of the draft's task and the formulas of the
    /// steps `using`, whose labels are [`STEP_LABEL`] and their number. `None` if such a formula holds a metavariable.
    ///
    /// Variables that only the draft uses are dummies, so that they may be taken as distinct from all others.
    pub fn draft_task(&self, draft: &Draft, worked: &Worked, using: &[usize], arena: &Arena) -> Option<Task> {
        // no theorem of the database, so that one which says the same may be used
        let mut task = Task { name: String::new(), ..draft.task.clone() };
        let known: Vec<TermId> = using.iter().map(|&k| worked.steps[k].formula).collect();
        if known.iter().any(|&t| !arena.is_ground(t)) {
            return None;
        }
        let mut own: Vec<SymbolId> = arena.variables(task.goal);
        own.extend(task.hyps.iter().flat_map(|&h| arena.variables(h)));
        let mut all: Vec<SymbolId> = worked.steps.iter().flat_map(|s| arena.variables(s.formula)).collect();
        all.extend(&own);
        all.sort_unstable();
        all.dedup();
        for &x in all.iter().filter(|x| !own.contains(x)) {
            task.disjoint.extend(all.iter().filter(|&&y| y != x).map(|&y| (x.min(y), x.max(y))));
        }
        task.disjoint.sort_unstable();
        task.disjoint.dedup();
        task.hyps.extend(known);
        task.hyp_labels.extend(using.iter().map(|k| format!("{STEP_LABEL}{k}")));
        Some(task)
    }
    /// Writes a draft as Metamath text, its lines indented; open steps and terms that are not known are `?`.
    ///
    /// # Errors
    /// One line: a term that has no syntax proof here.
    pub fn write_draft(
        &self,
        draft: &Draft,
        worked: &Worked,
        indent: usize,
        arena: &mut Arena,
    ) -> Result<Written, String> {
        let (proof, kept) = draft.proof();
        let mut task = draft.task.clone();
        for _ in proof.steps.iter().filter(|s| matches!(s.rule, Rule::Hyp(h) if h as usize >= draft.task.hyps.len())) {
            task.hyps.push(task.goal);
            task.hyp_labels.push(UNKNOWN.to_owned());
        }
        let steps = renumbered(&proof, &kept, worked);
        let mut object = self.draft_object(&task, &steps, arena)?;
        let mandatory = self.mandatory_labels(&draft.task, arena)?;
        let lent: Vec<&str> = mandatory.iter().map(String::as_str).collect();
        let nodes: Vec<Node<'_>> = object.nodes.iter().map(|n| Node { label: &n.0, children: &n.1 }).collect();
        let root = nodes.len() as u32 - 1;
        let text = compressed(&nodes, root, &lent, LabelOrder::FirstUse, indent).map_err(|e| e.to_string())?;
        let long = normal(&nodes, root, indent).unwrap_or_default();
        object.dummy_disjoint.sort_unstable();
        Ok(Written { compressed: text, normal: long, object })
    }
    /// Asks both judges about a draft, its open steps taken as further hypotheses (`open.1`, …).
    ///
    /// # Errors
    /// One line: an open step whose formula is not known, or why the proof does not fit.
    pub fn judge_draft(&self, draft: &Draft, worked: &Worked, arena: &mut Arena) -> Result<Judged, String> {
        let (proof, kept) = draft.proof();
        let mut task = draft.task.clone();
        for &i in kept.iter().filter(|&&i| draft.steps[i].rule.is_none()) {
            let formula = worked.steps[i].formula;
            if !arena.is_ground(formula) {
                return Err("an open step's formula is not known".to_owned());
            }
            task.hyps.push(formula);
            task.hyp_labels.push(format!("open.{}", task.hyps.len() - draft.task.hyps.len()));
        }
        self.check_premises(&task, &proof)?;
        let steps = renumbered(&proof, &kept, worked);
        self.judge_steps(&task, &proof, &steps, arena)
    }
}

/// The rule of an open step in [`Worked`]; it stands for none.
const OPEN_STEP: Rule = Rule::Hyp(u32::MAX);

/// A term under the bindings, if it is not too large; its symbols are taken from what is `left` for the whole draft.
fn bounded(b: &Bindings, t: Shifted, left: &mut u32, arena: &mut Arena) -> Result<TermId, String> {
    let size = b.size(arena, t, MAX_FORMULA);
    if size > MAX_FORMULA {
        return Err(ElaborateError::TooLarge.to_string());
    }
    *left =
        left.checked_sub(size).ok_or("the formulas up to here are too large together; prove parts of it as lemmas")?;
    Ok(b.resolve(arena, t))
}

fn at(step: usize, message: String) -> DraftError {
    DraftError { step, message }
}

/// All terms that a draft's author wrote down.
fn written(draft: &Draft) -> impl Iterator<Item = TermId> + '_ {
    draft.steps.iter().flat_map(|s| s.formula.into_iter().chain(s.values.iter().copied().flatten()))
}

fn renumbered(proof: &Proof, kept: &[usize], worked: &Worked) -> Vec<Elaborated> {
    let own = |(s, &i): (&Step, &usize)| Elaborated {
        rule: s.rule,
        children: s.children.clone(),
        values: worked.steps[i].values.clone(),
        formula: worked.steps[i].formula,
    };
    proof.steps.iter().zip(kept).map(own).collect()
}

/// An entry on the stack of a proof that may hold `?`.
enum Entry {
    Unknown,
    Hyp(crate::metamath_db::ids::HypId),
    Apply(AssertionId, Vec<u32>),
}

struct Reader<'t> {
    theory: &'t Theory,
    task: &'t Task,
    entries: Vec<Entry>,
    stack: Vec<u32>,
    saved: Vec<u32>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str) -> Result<(), DecodeError> {
        let mut words = tokens(text).peekable();
        match words.peek() {
            None => self.push(None)?,
            Some(&"(") => {
                words.next();
                self.read_compressed(words)?;
            }
            Some(_) => {
                for word in words {
                    let step = if word == UNKNOWN { None } else { Some(self.resolve(word)?) };
                    self.push(step)?;
                }
            }
        }
        match self.stack.len() {
            1 => Ok(()),
            n => Err(DecodeError::StackLeft(n)),
        }
    }
    fn read_compressed<'w>(&mut self, mut words: impl Iterator<Item = &'w str>) -> Result<(), DecodeError> {
        let frame = self.theory.db.source.frame(self.task.limit);
        let mut labels: Vec<LabelRef> = frame.iter().map(|&h| LabelRef::Hyp(h)).collect();
        loop {
            match words.next() {
                None => return Err(DecodeError::MissingParenthesis),
                Some(")") => break,
                Some(word) => labels.push(self.resolve(word)?),
            }
        }
        let mut number = 0usize;
        for letter in words.flat_map(str::bytes) {
            match letter {
                b'U'..=b'Y' if number < 1 << 28 => number = number * 5 + (letter - b'T') as usize,
                b'A'..=b'T' => {
                    let k = number * 20 + (letter - b'A') as usize;
                    number = 0;
                    match labels.get(k) {
                        Some(&step) => self.push(Some(step))?,
                        None => {
                            let saved = self.saved.get(k - labels.len());
                            self.stack.push(*saved.ok_or(DecodeError::NumberOutOfRange)?);
                        }
                    }
                }
                b'Z' => self.saved.push(*self.stack.last().ok_or(DecodeError::StackUnderflow)?),
                b'?' => self.push(None)?,
                b'U'..=b'Y' => return Err(DecodeError::NumberOutOfRange),
                _ => return Err(DecodeError::BadLetter(letter as char)),
            }
        }
        Ok(())
    }
    fn resolve(&self, label: &str) -> Result<LabelRef, DecodeError> {
        match self.theory.db.source.lookup(label.as_bytes()) {
            Some(LabelRef::Assertion(a)) if a >= self.task.limit => Err(DecodeError::NotBefore(label.to_owned())),
            Some(step) => Ok(step),
            None => Err(DecodeError::UnknownLabel(label.to_owned())),
        }
    }
    fn push(&mut self, step: Option<LabelRef>) -> Result<(), DecodeError> {
        self.entries.push(match step {
            None => Entry::Unknown,
            Some(LabelRef::Hyp(h)) => Entry::Hyp(h),
            Some(LabelRef::Assertion(a)) => {
                let arity = self.theory.db.source.frame(a).len();
                let from = self.stack.len().checked_sub(arity).ok_or(DecodeError::StackUnderflow)?;
                Entry::Apply(a, self.stack.drain(from..).collect())
            }
        });
        self.stack.push(self.entries.len() as u32 - 1);
        Ok(())
    }
    /// By entry whether a parent, or the theorem, takes it for a logical step: so an unknown one is known to be one.
    fn logical(&self) -> Vec<bool> {
        let source = &self.theory.db.source;
        let mut logical = vec![false; self.entries.len()];
        logical[self.stack[0] as usize] = true;
        for e in &self.entries {
            let Entry::Apply(a, children) = e else { continue };
            for (h, &c) in source.frame(*a).iter().zip(children) {
                logical[c as usize] |= self.theory.db.needs_proof(*h);
            }
        }
        logical
    }
    /// The logical steps, with what the syntax steps say of their substitutions.
    fn steps(&self, arena: &mut Arena) -> Result<Vec<DraftStep>, String> {
        let db = &self.theory.db;
        let essentials: Vec<_> = db.essentials(self.task.limit).collect();
        let mut terms: Vec<Option<TermId>> = Vec::with_capacity(self.entries.len());
        let mut number: Vec<Option<u32>> = Vec::with_capacity(self.entries.len());
        let mut steps: Vec<DraftStep> = Vec::new();
        let logical = self.logical();
        let mut step = |s: DraftStep| {
            steps.push(s);
            Some(steps.len() as u32 - 1)
        };
        for (i, e) in self.entries.iter().enumerate() {
            let (mut term, mut own) = (None, None);
            match e {
                Entry::Unknown if logical[i] => own = step(DraftStep::default()),
                Entry::Unknown => {}
                Entry::Hyp(h) => match db.source.hyps[h.index()].kind {
                    HypKind::Floating { variable } => term = Some(arena.make(Head::variable(variable), &[])),
                    HypKind::Essential if db.is_typing(*h) => term = db.essential_term(*h),
                    HypKind::Essential => {
                        let k = essentials.iter().position(|e| e == h);
                        let k = k.ok_or_else(|| format!("`{}` is not active", db.source.hyp_label(*h)))?;
                        own = step(DraftStep { rule: Some(Rule::Hyp(k as u32)), ..DraftStep::default() });
                    }
                },
                Entry::Apply(a, children) => {
                    let floating = |h: &crate::metamath_db::ids::HypId| db.source.hyps[h.index()].is_floating();
                    let frame = db.source.frame(*a).iter().zip(children);
                    let values: Vec<Option<TermId>> =
                        frame.clone().filter(|(h, _)| floating(h)).map(|(_, &c)| terms[c as usize]).collect();
                    if db.scheme(*a).logical {
                        let inner = frame.filter(|(h, _)| db.needs_proof(**h)).map(|(_, &c)| number[c as usize]);
                        let children = inner.collect::<Option<SmallVec<[u32; 4]>>>();
                        let children = children.ok_or_else(|| {
                            format!("a step of `{}` is given syntax where a proof is due", db.source.label(*a))
                        })?;
                        own = step(DraftStep {
                            rule: Some(Rule::Premise((*a).into())),
                            children,
                            values,
                            ..DraftStep::default()
                        });
                    } else if let (Some(c), Some(v)) =
                        (db.scheme(*a).conclusion, values.iter().copied().collect::<Option<Vec<_>>>())
                    {
                        term = Some(arena.instantiate(c, &v));
                    }
                }
            }
            terms.push(term);
            number.push(own);
        }
        let root = number[self.stack[0] as usize].ok_or("it ends in syntax, not in a proof")?;
        if root as usize + 1 != steps.len() {
            return Err("steps stand behind the last one".to_owned());
        }
        Ok(steps)
    }
}
