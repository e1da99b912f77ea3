//! `Machine`: the run of programs on a workspace, with a theory or without one.

use crate::database::theory::PyTheory;
use crate::errors::{guarded, guarded_here, message};
use crate::programs::handlers::{address, content, content_dict, link_tuple, Escaped, PyHandler};
use crate::programs::log::{digest, hash_named, log_error, origin};
use crate::programs::program::PyProgram;
use crate::ranking::ranker::task_of;
use crate::searching::content::ContentInference;
use metadream_core::dsl::formulas::logic::Nothing;
use metadream_core::dsl::isa::Opcode;
use metadream_core::dsl::log::hash::{Digest, Sha2};
use metadream_core::dsl::log::{Log, Origin};
use metadream_core::dsl::machine::obligation::Trust;
use metadream_core::dsl::machine::{together, Execution, Head, Machine, Outcome, StopReason};
use metadream_core::dsl::memory::cell::{Address, Content, Span};
use metadream_core::dsl::memory::mask::{Mask, PageSet, Right};
use metadream_core::dsl::memory::workspace::Workspace;
use metadream_core::dsl::programs::program::Program;
use metadream_core::dsl::theory::library::{Task, Theory};
use metadream_core::dsl::theory::task_view::{logical, TaskView, TheoryJudge};
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::util::text::hex;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The number of instructions between two checks for signals.
const SLICE: u64 = 1 << 16;

/// A machine with its workspace, log and trace. It can only be used in the thread that made it.
#[pyclass(name = "Machine", module = "metadream._core", unsendable)]
pub struct PyMachine {
    machine: Machine<'static>,
    running: Option<(Arc<Program>, Execution)>,
    snapshots: Vec<Workspace>,
    escaped: Escaped,
    /// The number of terms of the theory. The terms of a session have higher numbers.
    base_terms: u64,
    /// The theory and the task, if the machine has a theory.
    about: Option<(Arc<Theory>, Task)>,
    /// The end of the last run.
    ended: Option<Outcome>,
    /// The root of the log and its number of records, once the log was ended.
    published: Option<(Digest, u64)>,
}

/// Makes a machine within the task of a target (a label, or a statement in JSON), or on the whole database. Returns it
/// with the task.
fn theory_machine(theory: Arc<Theory>, target: Option<&str>) -> Result<(Machine<'static>, Task), String> {
    let mut arena = theory.arena.clone();
    let task = match target {
        Some(target) => task_of(&theory, target, &mut arena)?,
        None => theory.whole_task(),
    };
    let view = TaskView::new(theory.clone(), task.clone());
    Ok((Machine::new(view, TheoryJudge::new(theory, task.clone()), arena), task))
}

fn outcome_dict<'py>(py: Python<'py>, o: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("stop", o.stop.name())?;
    let (status, fault) = match &o.stop {
        StopReason::Halted(s) => (Some(*s), None),
        StopReason::Fault(f) => (None, Some(f)),
        _ => (None, None),
    };
    out.set_item("status", status)?;
    out.set_item("steps", o.steps)?;
    let fault = fault.map(|f| {
        let d = PyDict::new(py);
        d.set_item("kind", f.kind.name())?;
        d.set_item("opcode", f.opcode.name())?;
        d.set_item("block", &f.block)?;
        d.set_item("instruction", f.instruction)?;
        d.set_item("address", f.address.map(|a| a.to_string()))?;
        d.set_item("claim", &f.claim)?;
        PyResult::Ok(d)
    });
    out.set_item("fault", fault.transpose()?)?;
    Ok(out)
}

fn opcode(py: Python<'_>, name: &str) -> PyResult<Opcode> {
    let name = if name == "READK.near" { "READK" } else { name };
    let found = Opcode::ALL.iter().copied().find(|o| o.name() == name);
    found.ok_or_else(|| message(py, format!("no opcode is called `{name}`")))
}

/// A program for `run_heads`, and its mask, if it has one.
type GivenHead<'py> = (PyRef<'py, PyProgram>, Option<Bound<'py, PyDict>>);

/// Reads a mask from lists of page texts by right. A right that is absent holds for all pages.
fn mask(py: Python<'_>, given: Option<&Bound<'_, PyDict>>) -> PyResult<Mask> {
    let mut mask = Mask::default();
    for (name, pages) in given.into_iter().flatten() {
        let right = Right::ALL.into_iter().find(|r| name.extract::<&str>().is_ok_and(|n| n == r.name()));
        let right = right.ok_or_else(|| message(py, format!("a mask has read, write and link, not `{name}`")))?;
        let wrong = |_| message(py, format!("expected a list of page texts for `{name}`, such as [\"1-4\"]"));
        let texts: Vec<String> = pages.extract().map_err(wrong)?;
        let pages = PageSet::parse(texts.iter().map(String::as_str));
        *mask.pages_mut(right) = pages.map_err(|e| message(py, format!("{}: {e}", right.name())))?;
    }
    Ok(mask)
}

impl PyMachine {
    fn place(&self, py: Python<'_>, text: &str) -> PyResult<Address> {
        text.parse().map_err(|e: String| message(py, format!("expected {e}")))
    }
    fn cell_at<'py>(&mut self, py: Python<'py>, a: Address) -> PyResult<Option<Bound<'py, PyDict>>> {
        let cell = *self.machine.workspace().get(a);
        if cell.is_empty() {
            return Ok(None);
        }
        let out = content_dict(py, &mut self.machine.view(), cell.content())?;
        out.set_item("address", a.to_string())?;
        out.set_item("opcode", Opcode::from_code(cell.opcode).map(Opcode::name))?;
        out.set_item("instruction", cell.instruction)?;
        out.set_item("time", cell.time)?;
        out.set_item("obligation", cell.obligation)?;
        Ok(Some(out))
    }
    fn snapshot_of(&self, py: Python<'_>, id: Option<usize>) -> PyResult<Workspace> {
        match id {
            None => Ok(self.machine.workspace().clone()),
            Some(i) => self.snapshots.get(i).cloned().ok_or_else(|| message(py, format!("there is no snapshot {i}"))),
        }
    }
}

#[pymethods]
impl PyMachine {
    /// Makes a machine on a theory: within the task of a label or of a statement in JSON (its hypotheses, its `$d`
    /// conditions, the premises before it), or on the whole database. Without a theory no statement can be named or
    /// proved.
    #[new]
    #[pyo3(signature = (theory=None, label=None))]
    fn new(py: Python<'_>, theory: Option<&PyTheory>, label: Option<&str>) -> PyResult<PyMachine> {
        let (machine, about) = match theory {
            Some(t) => {
                let (mut machine, task) = theory_machine(t.get(), label).map_err(|e| message(py, e))?;
                machine.set_inference(Box::new(ContentInference::new(t, label)));
                (machine, Some((t.get(), task)))
            }
            None => (Machine::new(Nothing, Nothing, Arena::new()), None),
        };
        let base_terms = theory.map_or(0, |t| t.get().arena.len() as u64);
        Ok(PyMachine {
            base_terms,
            about,
            machine,
            running: None,
            snapshots: Vec::new(),
            escaped: Arc::new(Mutex::new(None)),
            ended: None,
            published: None,
        })
    }
    /// Registers a callable as the handler of an opcode of Level 1 or 2, or of `READK.near`. It takes the request and
    /// returns the answer (docs/isa.md, "Handlers"). `checker` takes the request and the answer, and raises an
    /// exception if they do not fit.
    #[pyo3(signature = (opcode, handler, checker=None))]
    fn register(
        &mut self,
        py: Python<'_>,
        opcode: &str,
        handler: Py<PyAny>,
        checker: Option<Py<PyAny>>,
    ) -> PyResult<()> {
        let opcode = self::opcode(py, opcode)?;
        let last = Arc::new(Mutex::new(None));
        let made = |callable| PyHandler { callable, escaped: self.escaped.clone(), last: last.clone() };
        let checker = checker.map(|c| Box::new(made(c)) as Box<_>);
        self.machine.register(opcode, Box::new(made(handler)), checker).map_err(|e| message(py, e))
    }
    /// Sets the trust of the machine: `none` or `kernel` (docs/isa.md, "Obligations").
    fn set_trust(&mut self, py: Python<'_>, trust: &str) -> PyResult<()> {
        let trust = match trust {
            "none" => Trust::None,
            "kernel" => Trust::Kernel,
            _ => return Err(message(py, format!("no trust `{trust}`; expected none or kernel"))),
        };
        self.machine.set_trust(trust);
        Ok(())
    }
    /// Sets the pages that programs may use from now on: lists of page texts (`3`, `1-4`) by right; `None` allows all
    /// pages.
    #[pyo3(signature = (mask))]
    fn set_mask(&mut self, py: Python<'_>, mask: Option<&Bound<'_, PyDict>>) -> PyResult<()> {
        self.machine.set_mask(self::mask(py, mask)?);
        Ok(())
    }
    /// Sets the number of pages that the workspace may hold; `None` for no limit.
    #[pyo3(signature = (pages))]
    fn set_page_limit(&mut self, pages: Option<u64>) {
        self.machine.set_page_limit(pages);
    }
    /// Writes a cell (`tag` and `value`) before or between runs.
    fn load(&mut self, py: Python<'_>, address: &str, cell: &Bound<'_, PyDict>) -> PyResult<()> {
        let a = self.place(py, address)?;
        let made = content(&mut self.machine.view(), cell).map_err(|e| message(py, e.claim))?;
        self.machine.load(a, made).map_err(|e| message(py, e))
    }
    /// Writes the task's goal, open, to a cell before or between runs.
    fn load_goal(&mut self, py: Python<'_>, address: &str) -> PyResult<()> {
        let a = self.place(py, address)?;
        let (_, task) = self.about.as_ref().ok_or_else(|| message(py, "the machine has no database".to_owned()))?;
        self.machine.load(a, Content::goal(task.goal)).map_err(|e| message(py, e))
    }
    /// Judges the proof object of a fact's cell again and returns it; `None` if there is no fact in the cell. Keys:
    /// `proof` (JSON), `unfolded` (the proof with the proofs of lemmas in place), `mm` (the slice that was judged),
    /// `statement_sha256`, `of_goal` (whether it proves the task's goal), `message` (`None`, or the reason of a
    /// refusal).
    fn proof<'py>(&mut self, py: Python<'py>, address: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let a = self.place(py, address)?;
        let (Some(object), Some((theory, task))) = (self.machine.proof_at(a).cloned(), self.about.clone()) else {
            return Ok(None);
        };
        let task = Task { goal: object.goal, ..task };
        let proof = logical(&object);
        let arena = self.machine.arena_mut();
        let mark = arena.len();
        let judged = guarded_here(py, || theory.judge(&task, &proof, arena))?;
        arena.truncate(mark);
        let judged = judged.map_err(|e| message(py, e))?;
        let out = PyDict::new(py);
        out.set_item("proof", theory.proof_json(&task, &proof, arena))?;
        out.set_item("unfolded", theory.proof_json(&task, &theory.unfold(&proof), arena))?;
        out.set_item("mm", judged.slice)?;
        out.set_item("statement_sha256", hex(&judged.verdict.statement_hash))?;
        let verdict = judged.verdict;
        let said = verdict.kernel.map_err(|e| format!("kernel: {e}"));
        out.set_item("message", said.and(verdict.knife.map_err(|e| format!("metamath-rs: {e}"))).err())?;
        out.set_item("of_goal", self.about.as_ref().is_some_and(|x| x.1.goal == object.goal))?;
        Ok(Some(out))
    }
    /// Begins a run with a budget of instructions; `advance` continues it.
    fn begin(&mut self, py: Python<'_>, program: &PyProgram, budget: u64) -> PyResult<()> {
        let run = self.machine.begin(&program.program, budget).map_err(|e| message(py, e.to_string()))?;
        self.running = Some((program.program.clone(), run));
        Ok(())
    }
    /// Executes at most `steps` instructions. Returns the end of the run, or `None` if it is not over.
    fn advance<'py>(&mut self, py: Python<'py>, steps: u64) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut left = steps;
        loop {
            let (program, run) =
                self.running.as_mut().ok_or_else(|| PyRuntimeError::new_err("no run was begun: call begin first"))?;
            let slice = left.min(SLICE);
            let machine = &mut self.machine;
            let outcome = guarded_here(py, || machine.advance(program, run, slice))?;
            if let Some(e) = self.escaped.lock().unwrap_or_else(|p| p.into_inner()).take() {
                return Err(e);
            }
            left -= slice;
            if let Some(o) = outcome {
                self.ended = Some(o.clone());
                return outcome_dict(py, &o).map(Some);
            }
            if left == 0 {
                return Ok(None);
            }
            py.check_signals()?;
            guarded(py, || ())?; // lets other threads run
        }
    }
    /// Runs a program's entry block with at most `budget` instructions. Returns its end: `stop`, `status`, `steps`,
    /// `fault`.
    fn run<'py>(&mut self, py: Python<'py>, program: &PyProgram, budget: u64) -> PyResult<Bound<'py, PyDict>> {
        self.begin(py, program, budget)?;
        let ended = self.advance(py, u64::MAX)?;
        ended.ok_or_else(|| PyRuntimeError::new_err("only a quota makes a run stand still"))
    }
    /// Runs programs together as heads, each with a mask or none, with `budget` instructions in all. Returns the end
    /// of each.
    fn run_heads<'py>(
        &mut self,
        py: Python<'py>,
        heads: Vec<GivenHead<'py>>,
        budget: u64,
    ) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let head = |(p, m): &GivenHead<'py>| PyResult::Ok((p.program.clone(), mask(py, m.as_ref())?));
        let made = heads.iter().map(head).collect::<PyResult<Vec<_>>>()?;
        let heads: Vec<Head<'_>> = made.iter().map(|(p, m)| Head { program: p, mask: m.clone() }).collect();
        let escaped = self.escaped.clone();
        let kept = || escaped.lock().unwrap_or_else(|p| p.into_inner());
        let mut go = || {
            if kept().is_some() {
                return false;
            }
            let paused = py.check_signals().and_then(|()| guarded(py, || ())); // lets other threads run
            paused.map_err(|e| *kept() = Some(e)).is_ok()
        };
        let machine = &mut self.machine;
        let ended = guarded_here(py, || machine.run_heads_while(&heads, budget, &mut go))?;
        if let Some(e) = kept().take() {
            return Err(e);
        }
        let ended = ended.map_err(|e| message(py, e.to_string()))?;
        self.ended = together(&ended);
        ended.iter().map(|o| outcome_dict(py, o)).collect()
    }
    /// Returns the block, the index of the next instruction, and the depth of the run; `None` after its end and
    /// between two blocks.
    fn position(&self) -> Option<(String, u32, u32)> {
        let (program, run) = self.running.as_ref()?;
        let (block, index, depth) = run.next(program)?;
        Some((program.block_name(block).to_owned(), index, depth))
    }
    /// Returns the cell at an address; `None` if it was never written.
    fn cell<'py>(&mut self, py: Python<'py>, address: &str) -> PyResult<Option<Bound<'py, PyDict>>> {
        let a = self.place(py, address)?;
        self.cell_at(py, a)
    }
    /// Returns the written cells of a range (default: the half of the space that programs use), at most `limit`.
    #[pyo3(signature = (first="0:0:0", length=1 << 30, limit=1 << 20))]
    fn cells<'py>(&mut self, py: Python<'py>, first: &str, length: u32, limit: usize) -> PyResult<Bound<'py, PyList>> {
        let first = self.place(py, first)?;
        let outside = || message(py, format!("{length} slots from {first} on leave the space"));
        let span = Span::new(first, length).ok_or_else(outside)?;
        let mut found = Vec::new();
        self.machine.workspace().scan(span, &mut |a, _| {
            found.push(a);
            found.len() < limit
        });
        let list = PyList::empty(py);
        for a in found {
            list.append(self.cell_at(py, a)?)?;
        }
        Ok(list)
    }
    /// Returns the links that start at an address: (from, kind, to).
    fn links(&self, py: Python<'_>, address: &str) -> PyResult<Vec<(String, &'static str, String)>> {
        let a = self.place(py, address)?;
        let links = self.machine.workspace().links_from(a).iter().map(link_tuple).collect();
        Ok(links)
    }
    /// Returns the sizes of the last proof that ASSERT made of decisions: `decisions` and `steps`; `None` if there was
    /// none.
    fn content<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(&(decisions, steps)) = self.machine.choices().last() else { return Ok(None) };
        let out = PyDict::new(py);
        out.set_item("decisions", decisions)?;
        out.set_item("steps", steps)?;
        Ok(Some(out))
    }
    /// Returns the trace of the last run as JSON Lines.
    fn trace(&self, py: Python<'_>) -> PyResult<String> {
        let mut out = Vec::new();
        self.machine.trace().write_jsonl(&mut out).map_err(|e| message(py, e.to_string()))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }
    /// Returns the trace's events from number `start` on, each as a JSON object.
    #[pyo3(signature = (start=0))]
    fn events(&self, py: Python<'_>, start: usize) -> PyResult<Vec<String>> {
        let text = |e| serde_json::to_string(e).map_err(|e| message(py, e.to_string()));
        self.machine.trace().events.iter().skip(start).map(text).collect()
    }
    /// Returns the number of the trace's events.
    fn event_count(&self) -> usize {
        self.machine.trace().events.len()
    }
    /// Returns the number of instructions executed or skipped so far.
    fn time(&self) -> u64 {
        self.machine.time()
    }
    /// Begins a session of the log, in a new or empty folder, or in memory without one. It must be called before
    /// anything is loaded. `name`, `program`, `database` and `library` are written into the session's first record;
    /// the last three are SHA-256 digests.
    #[pyo3(signature = (folder=None, hash_name="sha256", name="", program=None, database=None, library=None))]
    #[allow(clippy::too_many_arguments)] // keywords in Python
    fn log_to(
        &mut self,
        py: Python<'_>,
        folder: Option<PathBuf>,
        hash_name: &str,
        name: &str,
        program: Option<&str>,
        database: Option<&str>,
        library: Option<&str>,
    ) -> PyResult<()> {
        let hash = hash_named(py, hash_name)?;
        let log = match &folder {
            Some(folder) => Log::create(folder, hash).map_err(|e| log_error(py, folder, &e))?,
            None => Log::memory(),
        };
        let origin = Origin {
            name: name.to_owned(),
            program: digest(py, program)?,
            terms: self.base_terms,
            ..origin(py, database, library)?
        };
        self.machine.begin_session(log, origin);
        Ok(())
    }
    /// Ends the session that [`PyMachine::log_to`] began, after a run. A log in a folder is on the disk when this
    /// returns.
    #[pyo3(signature = (folder=None))]
    fn end_log(&mut self, py: Python<'_>, folder: Option<PathBuf>) -> PyResult<()> {
        let ended = self.ended.clone().unwrap_or(Outcome { stop: StopReason::End, steps: 0 });
        let mut log = self.machine.end_session(&ended);
        let head = py.detach(|| log.sync()).map_err(|e| log_error(py, &folder.unwrap_or_default(), &e))?;
        self.published = Some(head.map_or_else(|| (log.root(&Sha2), log.len()), |h| (h.root, h.records)));
        Ok(())
    }
    /// Returns `trace_sha256`, `log_sha256`, `workspace_sha256` and `log_records`.
    fn hashes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        out.set_item("trace_sha256", hex(&self.machine.trace().hash()))?;
        let now = || (self.machine.log().root(&Sha2), self.machine.log().len());
        let (root, records) = self.published.unwrap_or_else(now);
        out.set_item("log_sha256", hex(&root))?;
        out.set_item("workspace_sha256", hex(&self.machine.workspace().digest()))?;
        out.set_item("log_records", records)?;
        Ok(out)
    }
    /// Keeps a snapshot of the workspace and returns its number.
    fn snapshot(&mut self) -> usize {
        self.snapshots.push(self.machine.workspace().clone());
        self.snapshots.len() - 1
    }
    /// Returns the changes between two snapshots (`after` `None`: the present workspace): `cells` (address, before,
    /// after; `None` where empty), `linked`, `unlinked`.
    #[pyo3(signature = (before, after=None))]
    fn diff<'py>(&mut self, py: Python<'py>, before: usize, after: Option<usize>) -> PyResult<Bound<'py, PyDict>> {
        let (old, new) = (self.snapshot_of(py, Some(before))?, self.snapshot_of(py, after)?);
        let diff = old.diff(&new);
        let cells = PyList::empty(py);
        for c in &diff.cells {
            let entry = PyDict::new(py);
            entry.set_item("address", c.address.to_string())?;
            for (name, cell) in [("before", c.old), ("after", c.new)] {
                let content = match cell.is_empty() {
                    true => None,
                    false => Some(content_dict(py, &mut self.machine.view(), cell.content())?),
                };
                entry.set_item(name, content)?;
            }
            cells.append(entry)?;
        }
        let out = PyDict::new(py);
        out.set_item("cells", cells)?;
        out.set_item("linked", diff.linked.iter().map(link_tuple).collect::<Vec<_>>())?;
        out.set_item("unlinked", diff.unlinked.iter().map(link_tuple).collect::<Vec<_>>())?;
        Ok(out)
    }
}

/// Returns the address `n` slots after another.
#[pyfunction]
pub fn slot_behind(py: Python<'_>, place: &str, n: u64) -> PyResult<String> {
    let a = address(place).map_err(|e| message(py, e.claim))?;
    let b = a.plus(n).ok_or_else(|| message(py, format!("{n} slots behind {a} lie outside the space")))?;
    Ok(b.to_string())
}
