//! A search for several goals at once that may share metavariables: the open steps of a draft.

use super::{Context, Options, Prepared, Search, SearchResult, StopReason};
use crate::dsl::theory::library::Task;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::ranking::examples::rename;
use smallvec::SmallVec;

/// The largest numbers of goals and of metavariables that are searched together. They are lower than those of a
/// cluster.
const MAX_GOALS: (usize, usize) = (6, 12);

impl Prepared {
    /// Searches one proof with a step for each goal; the second part of the result holds the numbers of these steps.
    /// `$d` conditions between the goals and the steps above them are not known here, so the caller must check the
    /// whole proof.
    ///
    /// # Errors
    /// One line, if there are more goals or metavariables than are searched together.
    pub fn search_together(
        &self,
        task: &Task,
        goals: &[TermId],
        options: &Options,
        arena: &mut Arena,
    ) -> Result<(SearchResult, Vec<u32>), String> {
        let start = cpu_time::ThreadTime::now();
        let base = arena.len().max(self.theory.arena.len());
        let mut s = Search::new(self, task, options, arena);
        let mut names: SmallVec<[u32; 8]> = SmallVec::new();
        let mut distinct: Vec<(TermId, Context)> = Vec::new();
        let mut place = Vec::new();
        for &goal in goals {
            let t = rename(s.arena, goal, &mut names);
            let known = distinct.iter().position(|g| g.0 == t);
            place.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push((t, Context::default()));
            }
        }
        if distinct.is_empty() || distinct.len() > MAX_GOALS.0 || names.len() > MAX_GOALS.1 {
            return Err(format!("{} goals with {} unknown terms depend on each other", distinct.len(), names.len()));
        }
        let root = s.cluster(&distinct, names.len() as u32, Vec::new());
        let mut reason = s.run(root, start);
        let (mut proof, mut roots) = (None, Vec::new());
        if reason == StopReason::Solved {
            let mut found = crate::dsl::theory::library::Proof::default();
            let mut shared = Default::default();
            let own = s.extract(root, &mut found, &mut shared);
            if s.is_small(&found) {
                roots = place.iter().map(|&k| own[k]).collect();
                proof = Some((found, s.closed_at_length(&shared)));
            } else {
                reason = StopReason::Memory;
            }
        }
        let is_only_goal = distinct.len() == 1 && names.is_empty();
        let (mut result, rules) = (s.result(root, reason, start), s.rules);
        if let Some((found, closed)) = proof {
            // A goal that shares a metavariable with others cannot be made shorter alone.
            let options = Options { minimise: if is_only_goal { options.minimise } else { 0 }, ..options.clone() };
            let task = Task { goal: distinct[0].0, ..task.clone() };
            result = self.answered((&task, &rules, &options), result, (found, closed), arena);
            if is_only_goal {
                let root = result.proof.as_ref().map_or(0, |p| p.steps.len() as u32 - 1);
                roots.iter_mut().for_each(|r| *r = root);
            }
        }
        if let Some(f) = &mut result.frontier {
            f.roots = place.iter().map(|&k| f.roots[k]).collect();
        }
        arena.truncate(base);
        Ok((result, roots))
    }
}
