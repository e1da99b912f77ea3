//! The prover in context: the search by moves, and what it found written as Metamath.

use super::glue::Glue;
use super::model::{Model, Ranking};
use super::proof::ContentProof;
use super::search::{Outcome, Prepared};
use super::translate::decisions;
use super::write::{WriteError, Writer};
use crate::dsl::library::{PremiseId, Proof, Task};
use crate::metamath_db::term::Arena;
use crate::wake_sleep::search::{Options, Reuse, SearchResult, StopReason};
use std::sync::{Arc, Mutex};

/// What all searches in context over one theory share.
pub struct Prover {
    model: Arc<Model>,
    prepared: Prepared,
    glue: Glue,
    usable: Vec<bool>,
    arenas: Mutex<Vec<Arena>>,
}

impl Prover {
    /// For a model; `usable[p]` says which premises the rules allow.
    pub fn new(model: Arc<Model>, usable: Vec<bool>) -> Prover {
        let (theory, moves, tables) = (model.theory.clone(), model.moves.clone(), model.tables.clone());
        let glue = Glue::new(&theory, &|p| usable[p.index()]);
        let prepared = Prepared::new(theory, moves, tables, &usable);
        Prover { model, prepared, glue, usable, arenas: Mutex::new(Vec::new()) }
    }
    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }
    /// An arena for one worker, which holds the theory's terms and the moves'; hand it back with [`Prover::give_back`].
    pub fn arena(&self) -> Arena {
        let spare = self.arenas.lock().map(|mut a| a.pop()).unwrap_or(None);
        spare.unwrap_or_else(|| self.model.moves.arena.clone())
    }
    /// Keeps a worker's arena for the next one.
    pub fn give_back(&self, mut arena: Arena) {
        arena.truncate(self.model.moves.arena.len());
        if let Ok(mut arenas) = self.arenas.lock() {
            arenas.push(arena);
        }
    }
    /// Searches a proof of one task and writes it. Thread CPU seconds count both.
    pub fn search(&self, task: &Task, options: &Options, arena: &mut Arena) -> SearchResult {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len();
        let forbidden = self.prepared.forbidden(task, arena);
        let how = (options.sharpness, (options.prior, options.memory));
        let mut ranking = Ranking::new(&self.model, task, arena, how, forbidden.clone());
        let found = self.prepared.search(task, options, &mut ranking, arena);
        let written = found.proof.as_ref().map(|content| {
            let allowed = |p: PremiseId| {
                self.usable[p.index()]
                    && (options.lemmas || p.index() < self.model.theory.db.len())
                    && self.model.theory.stands_before(p, task)
                    && !forbidden.contains(&p.0)
            };
            self.write(task, content, &allowed, arena)
        });
        let result = self.told(&found, written, start);
        arena.truncate(base);
        result
    }
    fn write(
        &self,
        task: &Task,
        content: &ContentProof,
        allowed: &dyn Fn(PremiseId) -> bool,
        arena: &mut Arena,
    ) -> Result<Proof, WriteError> {
        let (theory, moves, glue) = (&*self.model.theory, &*self.model.moves, &self.glue);
        Writer { theory, moves, glue, task, allowed }.write(content, arena).map(|w| w.proof)
    }
    fn told(
        &self,
        found: &Outcome,
        written: Option<Result<Proof, WriteError>>,
        start: cpu_time::ThreadTime,
    ) -> SearchResult {
        let (proof, unwritten) = match written {
            None => (None, None),
            Some(Ok(proof)) => (Some(proof), None),
            Some(Err(why)) => (None, Some(why.to_string())),
        };
        let chosen = found.proof.as_ref().filter(|_| proof.is_some());
        SearchResult {
            decisions: chosen.map_or(0, |content| decisions(content, &self.model.moves) as u64),
            reason: if unwritten.is_some() { StopReason::Misfit } else { found.reason },
            proof,
            expansions: found.expansions,
            applications: found.applications,
            clusters: found.clusters,
            seconds: start.elapsed().as_secs_f64(),
            replayed: 0,
            reuse: Reuse::default(),
            minimised: None,
            closed: found.closed,
            trace: Vec::new(),
            frontier: None,
            graph: None,
            misfit: unwritten.or_else(|| found.misfit.clone()),
        }
    }
}
