//! The decisions of a search in context as the text of a content program, and inference in context for machines.

use crate::database::theory::PyTheory;
use crate::ranking::ranker::task_of;
use metadream_core::dsl::machine::inference::{Answered, Decided, Inference, Written};
use metadream_core::dsl::machine::obligation::FaultKind;
use metadream_core::dsl::machine::obligation::Refusal;
use metadream_core::dsl::programs::content::Decision;
use metadream_core::dsl::theory::library::Theory;
use metadream_core::metamath_db::ids::TermId;
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::wake_sleep::inference::scribe::Scribe;
use metadream_core::wake_sleep::inference::session::Session;
use metadream_core::wake_sleep::inference::text::ContentText;
use metadream_core::wake_sleep::ranking::ranker::usable_premises;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex};

/// Makes the dictionary of a content program: `text`, and the number of `decisions`.
pub fn content_of(py: Python<'_>, content: ContentText) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("text", content.text)?;
    out.set_item("decisions", content.decisions)?;
    Ok(out)
}

/// A theory with the scribe that writes content proofs by its moves. It is made on first use, as this takes long on a
/// large database.
pub type Moves = Arc<Mutex<Option<(Arc<Theory>, Arc<Scribe>)>>>;

/// Returns the scribe that writes content proofs by a theory's moves, and makes it on first use.
pub fn scribe_of(theory: &Arc<Theory>, moves: &Moves) -> Arc<Scribe> {
    let mut known = moves.lock().unwrap_or_else(|e| e.into_inner());
    match &*known {
        Some((own, scribe)) if Arc::ptr_eq(own, theory) => scribe.clone(),
        _ => {
            let scribe = Arc::new(Scribe::of(theory.clone(), &usable_premises(theory)));
            *known = Some((theory.clone(), scribe.clone()));
            scribe
        }
    }
}

/// Inference in context within a task. Its session is made at the first decision.
pub struct ContentInference {
    theory: Arc<Theory>,
    target: Option<String>,
    moves: Moves,
    session: Option<Session>,
}

impl ContentInference {
    /// Makes the inference for a theory, within the task of a target or on the whole database.
    pub fn new(theory: &PyTheory, target: Option<&str>) -> ContentInference {
        let (moves, target) = (theory.moves.clone(), target.map(str::to_owned));
        ContentInference { theory: theory.get(), target, moves, session: None }
    }
    fn session(&mut self) -> Result<&mut Session, Refusal> {
        if self.session.is_none() {
            let make = |arena: &mut Arena| match &self.target {
                Some(target) => task_of(&self.theory, target, arena),
                None => Ok(self.theory.whole_task()),
            };
            let wrong = |claim| Refusal { kind: FaultKind::Unavailable, address: None, claim };
            self.session = Some(Session::new(scribe_of(&self.theory, &self.moves), make).map_err(wrong)?);
        }
        let none = || Refusal { kind: FaultKind::Unavailable, address: None, claim: "it is made".to_owned() };
        self.session.as_mut().ok_or_else(none)
    }
}

impl Inference for ContentInference {
    fn decide(&mut self, asked: TermId, decision: &Decision, arena: &mut Arena) -> Result<Decided, Refusal> {
        self.session()?.decide(asked, decision, arena)
    }
    fn check(&mut self, asked: TermId, decision: &Decision, made: &Decided, arena: &Arena) -> Result<(), String> {
        self.session().map_err(|r| r.claim)?.check(asked, decision, made, arena)
    }
    fn serves(&mut self, answers: TermId, asked: TermId, arena: &Arena) -> bool {
        self.session().is_ok_and(|s| s.serves(answers, asked, arena))
    }
    fn formula(&mut self, asked: TermId, arena: &mut Arena) -> Result<TermId, Refusal> {
        self.session()?.formula(asked, arena)
    }
    fn write(
        &mut self,
        answered: &[Answered],
        goal: TermId,
        arena: &mut Arena,
    ) -> Result<Written, (Option<usize>, Refusal)> {
        self.session().map_err(|r| (None, r))?.write(answered, goal, arena)
    }
}
