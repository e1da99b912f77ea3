//! Handlers written in Python. Requests are given to them as dictionaries; their replies are read and given to the
//! machine, which checks them.

use metadream_core::dsl::isa::LinkKind;
use metadream_core::dsl::machine::obligation::FaultKind;
use metadream_core::dsl::machine::obligation::Refusal;
use metadream_core::dsl::machine::opcodes::derive::{By, Derivation, DerivationStep};
use metadream_core::dsl::machine::opcodes::handlers::{Checker, Given, Handler, Reply, Request, View};
use metadream_core::dsl::memory::cell::{Address, Content, StepTaken, Tag};
use metadream_core::dsl::memory::workspace::Link;
use metadream_core::dsl::programs::content::decision_text;
use metadream_core::metamath_db::ids::{AssertionId, TermId};
use metadream_core::util::text::hex;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use std::sync::{Arc, Mutex};

/// An exception that must not become a fault, such as `KeyboardInterrupt`. The run ends with it.
pub type Escaped = Arc<Mutex<Option<PyErr>>>;

/// Makes the dictionary of a cell's content: `tag` and `value`; for terms also `formula`, `statement` (the formula
/// with its typecode; `None` without a database) and `term` (the digest); for goals also `step` (`None` if open).
pub fn content_dict<'py>(py: Python<'py>, view: &mut View<'_>, c: Content) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("tag", c.tag.name())?;
    if let Some(t) = c.as_term() {
        out.set_item("value", view.literal(t))?;
        out.set_item("formula", view.assertions.formula(view.arena, t))?;
        out.set_item("statement", view.assertions.statement(view.arena, t))?;
        out.set_item("term", hex(&view.digests.of(view.arena, t)))?;
        if c.tag == Tag::Goal {
            out.set_item("step", c.step().map(|s| step_text(view, s)))?;
        }
    } else if let Some(b) = c.as_bool() {
        out.set_item("value", b)?;
    } else if let Some(i) = c.as_int() {
        out.set_item("value", i)?;
    } else if let Some(a) = c.as_ref() {
        out.set_item("value", a.to_string())?;
    } else if let Some((a, b)) = c.as_pair() {
        out.set_item("value", (a.to_string(), b.to_string()))?;
    } else if let Some(b) = c.as_bytes() {
        match String::from_utf8(b) {
            Ok(text) => out.set_item("value", text)?,
            Err(e) => out.set_item("value", e.into_bytes())?,
        }
    } else {
        out.set_item("value", py.None())?;
    }
    Ok(out)
}

fn step_text(view: &View<'_>, s: StepTaken) -> String {
    match s {
        StepTaken::Assertion { id, .. } => {
            view.assertions.label(AssertionId(id)).unwrap_or_else(|| format!("assertion {id}"))
        }
        StepTaken::Hypothesis(k) => format!("hypothesis {k}"),
        StepTaken::Shared(a) => format!("shared {a}"),
        StepTaken::Decided { id, .. } => decision_text(view.decisions, id),
    }
}

/// A link as the tuple (from, kind, to).
pub fn link_tuple(l: &Link) -> (String, &'static str, String) {
    (l.from.to_string(), l.kind.name(), l.to.to_string())
}

fn given_dict<'py>(py: Python<'py>, view: &mut View<'_>, g: &Given) -> PyResult<Bound<'py, PyDict>> {
    match g {
        Given::Place(a, c) => {
            let out = content_dict(py, view, *c)?;
            out.set_item("kind", "place")?;
            out.set_item("address", a.to_string())?;
            Ok(out)
        }
        Given::Literal(c) => {
            let out = content_dict(py, view, *c)?;
            out.set_item("kind", "literal")?;
            Ok(out)
        }
        Given::Label(l) => {
            let out = PyDict::new(py);
            out.set_item("kind", "label")?;
            out.set_item("value", l)?;
            Ok(out)
        }
        Given::Cells(span, cells, links) => {
            let out = PyDict::new(py);
            out.set_item("kind", "range")?;
            out.set_item("first", span.first().to_string())?;
            out.set_item("length", span.len())?;
            let list = PyList::empty(py);
            for (a, c) in cells {
                let cell = content_dict(py, view, *c)?;
                cell.set_item("address", a.to_string())?;
                list.append(cell)?;
            }
            out.set_item("cells", list)?;
            out.set_item("links", links.iter().map(link_tuple).collect::<Vec<_>>())?;
            Ok(out)
        }
    }
}

fn request_dict<'py>(py: Python<'py>, r: &Request, view: &mut View<'_>) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("opcode", r.opcode.name())?;
    out.set_item("function", r.function)?;
    let operands = PyList::empty(py);
    for g in &r.operands {
        operands.append(given_dict(py, view, g)?)?;
    }
    out.set_item("operands", operands)?;
    out.set_item("left", r.left)?;
    out.set_item("time", r.time)?;
    Ok(out)
}

fn bad(claim: impl Into<String>) -> Refusal {
    Refusal { kind: FaultKind::Handler, address: None, claim: claim.into() }
}

fn item<'py, T: for<'a> FromPyObject<'a, 'py>>(d: &Bound<'py, PyDict>, key: &str) -> Result<T, Refusal> {
    let found = d.get_item(key).ok().flatten().ok_or_else(|| bad(format!("an answer's `{key}` is there")))?;
    found.extract().map_err(|_| bad(format!("an answer's `{key}` has the type that docs/isa.md gives")))
}

/// Reads an address of a reply.
pub fn address(text: &str) -> Result<Address, Refusal> {
    text.parse().map_err(|e: String| bad(format!("an answer's addresses are {e}")))
}

/// Reads a term literal of a reply.
fn term(view: &mut View<'_>, text: &str) -> Result<TermId, Refusal> {
    view.read(text).map_err(|claim| Refusal { kind: FaultKind::Term, address: None, claim })
}

/// Reads a cell's content from `tag` and `value`.
pub fn content(view: &mut View<'_>, d: &Bound<'_, PyDict>) -> Result<Content, Refusal> {
    let tag: String = item(d, "tag")?;
    Ok(match tag.as_str() {
        "bool" => Content::bool(item(d, "value")?),
        "int" => Content::int(item(d, "value")?),
        "ref" => Content::reference(address(&item::<String>(d, "value")?)?),
        "pair" => {
            let (a, b): (String, String) = item(d, "value")?;
            Content::pair(address(&a)?, address(&b)?)
        }
        "bytes" => {
            let bytes = item::<String>(d, "value").map(String::into_bytes).or_else(|_| item::<Vec<u8>>(d, "value"))?;
            Content::bytes(&bytes).ok_or_else(|| bad("bytes are at most 24"))?
        }
        "term" => Content::term(term(view, &item::<String>(d, "value")?)?),
        "goal" => Content::goal(term(view, &item::<String>(d, "value")?)?),
        other => return Err(bad(format!("an answer writes bool, int, ref, pair, bytes, term or goal, not {other}"))),
    })
}

type StepText = (String, Vec<u32>, Vec<(u32, String)>);

/// Reads a derivation from `goal`, `given` and `steps`: (label, premises, values). In place of a label, `=1:0:0` names
/// the fact in a cell, and `+0` a further hypothesis by its number.
fn derivation(view: &mut View<'_>, d: &Bound<'_, PyDict>) -> Result<Derivation, Refusal> {
    let goal = term(view, &item::<String>(d, "goal")?)?;
    let given: Vec<String> = item(d, "given")?;
    let given = given.iter().map(|g| term(view, g)).collect::<Result<_, _>>()?;
    let mut steps = Vec::new();
    for (by, premises, values) in item::<Vec<StepText>>(d, "steps")? {
        let by = if let Some(a) = by.strip_prefix('=') {
            By::Fact(address(a)?)
        } else if let Some(k) = by.strip_prefix('+') {
            By::Given(k.parse().map_err(|_| bad("+ and a number name a further hypothesis"))?)
        } else {
            By::Label(by)
        };
        steps.push(DerivationStep { by, premises, values });
    }
    Ok(Derivation { goal, given, steps })
}

fn dicts<'py>(d: &Bound<'py, PyDict>, key: &str) -> Result<Vec<Bound<'py, PyDict>>, Refusal> {
    match d.contains(key) {
        Ok(true) => item(d, key),
        _ => Ok(Vec::new()),
    }
}

fn listed<'py, T: for<'a> FromPyObject<'a, 'py>>(d: &Bound<'py, PyDict>, key: &str) -> Result<Vec<T>, Refusal> {
    match d.contains(key) {
        Ok(true) => item(d, key),
        _ => Ok(Vec::new()),
    }
}

const KEYS: [&str; 8] = ["writes", "facts", "closes", "conditional", "links", "ranked", "labels", "detail"];

fn reply(view: &mut View<'_>, d: &Bound<'_, PyDict>) -> Result<Reply, Refusal> {
    for key in d.keys() {
        let known = key.cast::<PyString>().is_ok_and(|k| KEYS.iter().any(|x| k == *x));
        if !known {
            return Err(bad(format!("an answer has the keys {}, not {key}", KEYS.join(", "))));
        }
    }
    let mut out = Reply::default();
    for w in dicts(d, "writes")? {
        let a = address(&item::<String>(&w, "address")?)?;
        out.writes.push((a, content(view, &w)?));
    }
    for f in dicts(d, "facts")? {
        let a = address(&item::<String>(&f, "address")?)?;
        out.facts.push((a, derivation(view, &f)?));
    }
    for c in dicts(d, "conditional")? {
        out.conditional.push(derivation(view, &c)?);
    }
    for (goal, fact) in listed::<(String, String)>(d, "closes")? {
        out.closes.push((address(&goal)?, address(&fact)?));
    }
    for (from, kind, to) in listed::<(String, String, String)>(d, "links")? {
        let kind = LinkKind::NAMES.iter().position(|n| *n == kind).and_then(|i| LinkKind::from_code(i as u8));
        let kind = kind.ok_or_else(|| bad(format!("links are {}", LinkKind::NAMES.join(", "))))?;
        out.links.push(Link { from: address(&from)?, kind, to: address(&to)? });
    }
    for (a, score) in listed::<(String, i64)>(d, "ranked")? {
        out.ranked.push((address(&a)?, score));
    }
    out.labels = listed(d, "labels")?;
    out.detail = listed(d, "detail")?;
    Ok(out)
}

/// A Python callable that answers requests as a handler, or confirms replies as a checker.
pub struct PyHandler {
    pub callable: Py<PyAny>,
    pub escaped: Escaped,
    /// The last reply of the handler, which the checker is called with.
    pub last: Arc<Mutex<Option<Py<PyAny>>>>,
}

impl PyHandler {
    /// Makes a fault of an exception: of the exception's own kind if it has one, else of the kind `handler`.
    fn refusal(&self, py: Python<'_>, e: &PyErr) -> Refusal {
        if !e.is_instance_of::<PyException>(py) {
            *self.escaped.lock().unwrap_or_else(|p| p.into_inner()) = Some(e.clone_ref(py));
            return bad("the handler is not interrupted");
        }
        let value = e.value(py);
        let text = |name: &str| value.getattr(name).ok().and_then(|x| x.extract::<String>().ok());
        let kind = text("kind").and_then(|k| FaultKind::from_name(&k));
        match kind.zip(text("claim")) {
            Some((kind, claim)) => Refusal { kind, address: text("address").and_then(|a| a.parse().ok()), claim },
            None => bad(format!("the handler answers, but it raised {e}")),
        }
    }
}

impl Handler for PyHandler {
    fn handle(&mut self, request: &Request, view: &mut View<'_>) -> Result<Reply, Refusal> {
        Python::attach(|py| {
            let asked = request_dict(py, request, view).map_err(|e| self.refusal(py, &e))?;
            let answer = self.callable.bind(py).call1((asked,)).map_err(|e| self.refusal(py, &e))?;
            let d = answer.cast::<PyDict>().map_err(|_| bad("an answer is a dictionary"))?;
            let made = reply(view, d)?;
            *self.last.lock().unwrap_or_else(|p| p.into_inner()) = Some(answer.unbind());
            Ok(made)
        })
    }
}

impl Checker for PyHandler {
    fn check(&mut self, request: &Request, _: &Reply, view: &mut View<'_>) -> Result<(), String> {
        Python::attach(|py| {
            let asked = request_dict(py, request, view).map_err(|e| e.to_string())?;
            let last = self.last.lock().unwrap_or_else(|p| p.into_inner()).take();
            match self.callable.bind(py).call1((asked, last)) {
                Ok(_) => Ok(()),
                Err(e) => Err(self.refusal(py, &e).claim),
            }
        })
    }
}
