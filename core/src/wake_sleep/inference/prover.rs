//! The prover in context: it searches by moves and writes the found proof as Metamath.

use super::proposer::{Proposed, Proposer};
use super::scribe::{Answer, Scribe};
use super::search::Outcome;
use super::text::ContentText;
use super::write::WriteError;
use crate::dsl::theory::library::{PremiseId, Proof, Task};
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::training::model::{Model, Ranking};
use crate::wake_sleep::inference::training::translate::decisions;
use crate::wake_sleep::search::{Options, Reuse, SearchResult, StopReason, NAT};
use std::sync::{Arc, Mutex};

/// The upper bound of [`Options::replay_after`] in the search in context, in expansions.
const REPLAY_AFTER: u64 = 100;
/// The upper bound of [`Options::replay_cost_floor`] in the search in context, in 1/4096 nat.
const REPLAY_COST_FLOOR: i32 = NAT / 5;

/// The state that all searches in context over one theory share.
pub struct Prover {
    model: Arc<Model>,
    scribe: Scribe,
    arenas: Mutex<Vec<Arena>>,
}

impl Prover {
    /// Creates the prover of a model; `usable[p]` says whether the rules allow premise p.
    pub fn new(model: Arc<Model>, usable: Vec<bool>) -> Prover {
        let (theory, moves, tables) = (model.theory.clone(), model.moves.clone(), model.tables.clone());
        let scribe = Scribe::new(theory, moves, tables, &usable);
        Prover { model, scribe, arenas: Mutex::new(Vec::new()) }
    }
    /// The model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }
    /// An arena for one worker, with the terms of the theory and of the moves. Return it with [`Prover::give_back`].
    pub fn arena(&self) -> Arena {
        let spare = self.arenas.lock().map(|mut a| a.pop()).unwrap_or(None);
        spare.unwrap_or_else(|| self.model.moves.arena.clone())
    }
    /// Keeps a worker's arena for the next worker.
    pub fn give_back(&self, mut arena: Arena) {
        arena.truncate(self.model.moves.arena.len());
        if let Ok(mut arenas) = self.arenas.lock() {
            arenas.push(arena);
        }
    }
    /// Searches a proof of one task and writes it as Metamath. If there is a proof, also returns the text of its
    /// decisions. The result's seconds of thread CPU cover all of it.
    pub fn search(&self, task: &Task, options: &Options, arena: &mut Arena) -> (SearchResult, Option<ContentText>) {
        self.search_with(None, task, options, arena)
    }
    /// Searches like [`Prover::search`], with an optional proposer that ranks the most probable moves of each goal.
    pub fn search_with(
        &self,
        proposer: Option<&dyn Proposer>,
        task: &Task,
        options: &Options,
        arena: &mut Arena,
    ) -> (SearchResult, Option<ContentText>) {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len();
        let options = &Options {
            replay_after: options.replay_after.min(REPLAY_AFTER),
            replay_cost_floor: options.replay_cost_floor.min(REPLAY_COST_FLOOR),
            ..options.clone()
        };
        let prepared = &self.scribe.prepared;
        let forbidden = prepared.forbidden(task, arena);
        let how = (options.sharpness, (options.prior, options.memory));
        let mut ranking = Ranking::new(&self.model, task, arena, how, forbidden);
        let (found, asked) = match proposer {
            None => (prepared.search(task, options, &mut ranking, arena), None),
            Some(proposer) => {
                let by = (&*self.model.theory, &*self.model.moves);
                let mut both = Proposed::new(&mut ranking, proposer, by, (task, options), arena);
                (prepared.search(task, options, &mut both, arena), Some(both.asked))
            }
        };
        let answer = found.proof.as_ref().map(|c| self.scribe.answer(task, options, c, base, arena));
        let (written, text) = match answer {
            Some(Ok(Answer { proof, text })) => (Some(Ok(proof)), text),
            Some(Err(why)) => (Some(Err(why)), None),
            None => (None, None),
        };
        let result = SearchResult { proposer: asked, ..self.told(&found, written, start) };
        arena.truncate(base);
        (result, text)
    }
    /// The training theorems whose skeletons contributed steps to the proof, with the number of steps.
    fn reuse(&self, found: &Outcome) -> Reuse {
        let label = |&(a, n): &(u32, u64)| (self.model.theory.label(PremiseId(a)).to_owned(), n);
        Reuse { skeletons: found.skeletons.iter().map(label).collect() }
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
            replayed: found.replayed,
            reuse: self.reuse(found),
            minimised: None,
            closed: found.closed,
            frontier: None,
            graph: None,
            misfit: unwritten.or_else(|| found.misfit.clone()),
            proposer: None,
        }
    }
}
