//! Proofs that were read back from a file, judged again as if nobody had.

use super::library::Theory;
use crate::threads::each_in_arena;
use crate::util::stop;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

impl Theory {
    /// Reads proofs (JSON) and asks both judges about each, on so many threads: the theorem that it proves (none for a
    /// statement of its own), or why it is refused. A proof can be anything; one that makes a judge panic is refused.
    pub fn judge_again(&self, proofs: &[String], threads: usize) -> Vec<Result<Option<String>, String>> {
        each_in_arena(proofs.len(), threads, &self.arena, |arena, i| {
            stop::poll();
            let judged = catch_unwind(AssertUnwindSafe(|| {
                let (task, proof) = self.read_proof(&proofs[i], arena)?;
                let verdict = self.judge(&task, &proof, arena)?.verdict;
                verdict.kernel.map_err(|e| format!("kernel: {e}"))?;
                verdict.knife.map_err(|e| format!("metamath-rs: {e}"))?;
                Ok(self.is_task(&task).then_some(task.name))
            }));
            judged.unwrap_or_else(|payload| {
                if stop::requested().is_some() {
                    resume_unwind(payload);
                }
                *arena = self.arena.clone();
                Err("a judge panicked".to_owned())
            })
        })
    }
}
