//! What a task's hypotheses answer.

use super::*;

/// A reading of a hypothesis of the task: what it answers and what it leaves.
pub struct Given {
    /// The hypothesis.
    pub number: u32,
    /// What it answers.
    pub goal: TermId,
    /// What it leaves.
    pub parts: Terms,
    /// What it answers, oriented.
    pub answers: TermId,
    /// What it leaves, oriented.
    pub left: Terms,
}

/// The readings of a task's hypotheses.
pub fn givens(arena: &mut Arena, connectives: &Connectives, hyps: &[TermId]) -> Rc<[Given]> {
    let mut out = Vec::new();
    for (number, &h) in (0..).zip(hyps) {
        for (goal, parts) in formula_readings(arena, connectives, h) {
            let left = parts.iter().map(|&p| connectives.oriented(arena, p)).collect();
            out.push(Given { number, goal, parts, answers: connectives.oriented(arena, goal), left });
        }
    }
    out.into()
}
