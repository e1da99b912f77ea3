//! `Draft`: a proof that may have open steps.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, message};
use crate::ranking::ranker::PyRanker;
use crate::searching::search::outcome;
use crate::searching::search_options::PySearchOptions;
use metadream_core::dsl::theory::draft::{Draft, Worked};
use metadream_core::dsl::theory::draft_json::Given;
use metadream_core::dsl::theory::library::{Rule, Theory};
use metadream_core::metamath_db::terms::term::Arena;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

struct Inner {
    draft: Draft,
    worked: Worked,
    arena: Arena,
}

/// A proof that may have open steps, with the formula of every step worked out.
#[pyclass(name = "Draft", module = "metadream._core", frozen)]
pub struct PyDraft {
    theory: Arc<Theory>,
    inner: Mutex<Inner>,
}

/// A step as Python gives it; see [`Given`].
type Row = (String, Option<String>, Vec<u32>, Option<String>);
/// The number of the step with the error, if it is in one, and the message.
type Wrong = (Option<usize>, String);

impl PyDraft {
    fn new(theory: Arc<Theory>, draft: Draft, mut arena: Arena) -> Result<PyDraft, Wrong> {
        let mut draft = draft;
        let mut worked = theory.work_out(&draft, &mut arena).map_err(|e| (Some(e.step), e.said(&draft)))?;
        draft.merge(&mut worked, &arena);
        Ok(PyDraft { theory, inner: Mutex::new(Inner { draft, worked, arena }) })
    }
    fn with<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&mut Inner) -> T + Send) -> PyResult<T> {
        guarded(py, || work(&mut self.inner.lock().unwrap_or_else(|e| e.into_inner())))
    }
    fn known<'i>(&self, x: &Inner, mut numbers: impl Iterator<Item = &'i usize>) -> Result<(), String> {
        let wrong = numbers.find(|&&i| i >= x.draft.steps.len());
        wrong.map_or(Ok(()), |i| Err(format!("there is no step number {i}")))
    }
}

#[pymethods]
impl PyDraft {
    /// Makes the draft of a theorem whose proof in the database may have `?` steps.
    #[staticmethod]
    fn of_theorem(py: Python<'_>, theory: &PyTheory, label: &str) -> PyResult<PyDraft> {
        let t = theory.get();
        let work = || -> Result<PyDraft, String> {
            let mut arena = t.arena.clone();
            let draft = t.draft_of(label, &mut arena)?;
            PyDraft::new(t.clone(), draft, arena).map_err(|e| format!("the proof of `{label}`, {}", e.1))
        };
        guarded(py, work)?.map_err(|e| message(py, e))
    }
    /// Makes a draft of steps (name, label or `None`, earlier steps, formula or `None`). The last step proves the goal
    /// of a statement in JSON. Raises `ValueError(step or None, message)`.
    #[staticmethod]
    fn of_steps(py: Python<'_>, theory: &PyTheory, name: &str, statement: &str, steps: Vec<Row>) -> PyResult<PyDraft> {
        let t = theory.get();
        let given: Vec<Given> = steps
            .into_iter()
            .map(|(name, label, children, formula)| Given { name, label, children, formula })
            .collect();
        let work = || -> Result<PyDraft, Wrong> {
            let mut arena = t.arena.clone();
            let statement = serde_json::from_str(statement).map_err(|e| (None, format!("not a statement: {e}")))?;
            let task = t.statement_task(name, &statement, &mut arena).map_err(|e| (None, e))?;
            let draft = t.draft_from(task, &given, &mut arena).map_err(|e| (Some(e.step), e.message))?;
            t.check_place(&draft, &arena).map_err(|e| (Some(e.step), e.message))?;
            PyDraft::new(t.clone(), draft, arena)
        };
        guarded(py, work)?.map_err(PyValueError::new_err)
    }
    /// The statement in JSON, in the form that `search` takes.
    fn statement(&self, py: Python<'_>) -> PyResult<String> {
        let t = &self.theory;
        self.with(py, |x| serde_json::to_string(&t.task_statement(&x.draft.task, &x.arena)).unwrap_or_default())
    }
    /// The steps as dictionaries: `name`, `label` (`None`: open), `hyp` (whether it is a hypothesis), `children`
    /// (numbers of steps), `formula` (typecode first; unknown parts are written `&W1` and so on), `unknown` (the
    /// numbers of the unknown parts), `needed` (whether the goal needs the step).
    fn steps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let t = &self.theory;
        let rows = self.with(py, |x| {
            let needed = x.draft.needed();
            let row = |i: usize| {
                let (s, w) = (&x.draft.steps[i], &x.worked.steps[i]);
                let label = match s.rule {
                    None => None,
                    Some(Rule::Hyp(k)) => x.draft.task.hyp_labels.get(k as usize).cloned(),
                    Some(Rule::Premise(p)) => Some(t.label(p).to_owned()),
                };
                let formula = t.show_work(&x.arena, w.formula, &x.worked.types);
                let mut unknown = Default::default();
                x.arena.metas(w.formula, &mut unknown);
                (s.clone(), label, formula, unknown.to_vec(), needed[i])
            };
            (0..x.draft.steps.len()).map(row).collect::<Vec<_>>()
        })?;
        let out = PyList::empty(py);
        for (s, label, formula, unknown, needed) in rows {
            let row = PyDict::new(py);
            row.set_item("name", s.name)?;
            row.set_item("label", label)?;
            row.set_item("hyp", matches!(s.rule, Some(Rule::Hyp(_))))?;
            row.set_item("children", s.children.to_vec())?;
            row.set_item("formula", formula)?;
            row.set_item("unknown", unknown)?;
            row.set_item("needed", needed)?;
            out.append(row)?;
        }
        Ok(out)
    }
    /// The steps that may help to prove the steps `goals`: those without unknown parts that rest on none of `goals`,
    /// one for each formula.
    fn helpers(&self, py: Python<'_>, goals: Vec<usize>) -> PyResult<Vec<usize>> {
        let found = self.with(py, |x| {
            self.known(x, goals.iter())?;
            let of_goals = |k: usize| goals.iter().any(|&g| x.worked.steps[g].formula == x.worked.steps[k].formula);
            let rests: Vec<Vec<bool>> = goals.iter().map(|&g| x.draft.rests_on(g)).collect();
            let mut seen: HashSet<_> = x.draft.task.hyps.iter().copied().collect();
            let mut out = Vec::new();
            for (k, w) in x.worked.steps.iter().enumerate() {
                let open_twin = x.draft.steps[k].rule.is_none() && of_goals(k);
                if !rests.iter().any(|r| r[k]) && x.arena.is_ground(w.formula) && !open_twin && seen.insert(w.formula) {
                    out.push(k);
                }
            }
            Ok::<_, String>(out)
        })?;
        found.map_err(|e| message(py, e))
    }
    /// Searches the open steps `goals` together, from the hypotheses and the steps `using`. The keys are those of
    /// `search`; `proof` has the form that `spliced` takes. The moves are assertions as they stand, whatever the
    /// option `moves` is. Raises `InputError` if a formula of `using` has unknown parts or there are too many goals.
    fn search<'py>(
        &self,
        py: Python<'py>,
        ranker: &PyRanker,
        goals: Vec<usize>,
        using: Vec<usize>,
        options: &PySearchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        let t = &self.theory;
        let prepared = ranker.prepared_for(t, options.discouraged())?;
        let options = options.options();
        let found = self.with(py, |x| {
            self.known(x, goals.iter().chain(&using))?;
            let task = t.draft_task(&x.draft, &x.worked, &using, &x.arena);
            let mut task = task.ok_or("a formula that is to be used is not known")?;
            let mut arena = prepared.arena();
            task.goal = arena.import(&x.arena, task.goal);
            task.hyps.iter_mut().for_each(|h| *h = arena.import(&x.arena, *h));
            let asked: Vec<_> = goals.iter().map(|&i| arena.import(&x.arena, x.worked.steps[i].formula)).collect();
            let found = prepared.search_together(&task, &asked, &options, &mut arena);
            prepared.give_back(arena);
            let (result, roots) = found?;
            let proof = result.proof.as_ref().map(|p| t.steps_json(&task, p, &roots).to_string());
            let stands = result.frontier.as_ref().map(|f| t.frontier_json(&task, f));
            Ok::<_, String>((result, proof, stands))
        })?;
        let (result, proof, stands) = found.map_err(|e| message(py, e))?;
        outcome(py, &result, proof, stands)
    }
    /// Returns a draft in which a proof replaces the open steps `goals`. The proof is JSON with `steps` and `roots`,
    /// as `search` and its frontier give it.
    fn spliced(&self, py: Python<'_>, goals: Vec<usize>, proof: &str, using: Vec<usize>) -> PyResult<PyDraft> {
        let t = &self.theory;
        let made = self.with(py, |x| {
            self.known(x, goals.iter().chain(&using))?;
            let (proof, roots) = t.read_spliced(&x.draft, proof, &using)?;
            let mut draft = x.draft.clone();
            draft.splice(&goals, &proof, &roots, &using)?;
            PyDraft::new(t.clone(), draft, x.arena.clone()).map_err(|e| e.1)
        })?;
        made.map_err(|e| message(py, e))
    }
    /// Writes the draft as Metamath text whose lines are indented by `indent` spaces: `compressed`, `normal`,
    /// `dummies` (the dummy variables), `disjoint` (pairs with a dummy variable), `complete` (whether the goal needs
    /// no open step).
    #[pyo3(signature = (indent=2))]
    fn written<'py>(&self, py: Python<'py>, indent: usize) -> PyResult<Bound<'py, PyDict>> {
        let t = &self.theory;
        let made = self.with(py, |x| {
            let Inner { draft, worked, arena } = x;
            let written = t.write_draft(draft, worked, indent.min(40), arena)?;
            let needed = draft.needed();
            let complete = draft.open().iter().all(|&i| !needed[i]);
            Ok((written, complete))
        })?;
        let (w, complete) = made.map_err(|e| message(py, e))?;
        let source = &t.db.source;
        let symbol = |h: &metadream_core::metamath_db::ids::HypId| {
            source.expression(&source.hyps[h.index()].expression).get(1).map_or("", |&s| source.symbol(s))
        };
        let out = PyDict::new(py);
        out.set_item("compressed", w.compressed)?;
        out.set_item("normal", w.normal)?;
        out.set_item("dummies", w.object.dummies.iter().map(symbol).collect::<Vec<_>>())?;
        let pairs = w.object.dummy_disjoint.iter().map(|&(x, y)| (source.symbol(x), source.symbol(y)));
        out.set_item("disjoint", pairs.collect::<Vec<_>>())?;
        out.set_item("complete", complete)?;
        Ok(out)
    }
    /// Asks both judges about the draft, with open steps as hypotheses: `accepted`, `message` (`None` if accepted),
    /// `mm` (the slice), `statement_sha256`.
    fn judge<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let t = &self.theory;
        let judged = self.with(py, |x| {
            let Inner { draft, worked, arena } = x;
            t.judge_draft(draft, worked, arena)
        })?;
        let out = PyDict::new(py);
        let verdict = judged.as_ref().map(|j| j.verdict.kernel.clone().and(j.verdict.knife.clone()));
        out.set_item("accepted", matches!(verdict, Ok(Ok(()))))?;
        out.set_item("message", verdict.map_err(Clone::clone).and_then(|v| v).err())?;
        if let Ok(j) = &judged {
            let hash: String = j.verdict.statement_hash.iter().map(|b| format!("{b:02x}")).collect();
            out.set_item("mm", &j.slice)?;
            out.set_item("statement_sha256", hash)?;
        }
        Ok(out)
    }
}
