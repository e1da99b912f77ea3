//! Readings of a task's hypotheses: what each can answer, and what it then leaves.

use super::*;

/// A reading of a hypothesis of the task: the formula that it answers and the parts that it leaves.
pub struct Given {
    /// The number of the hypothesis.
    pub number: u32,
    /// The formula that it answers.
    pub goal: TermId,
    /// The formulas that it leaves to be proved.
    pub parts: Terms,
    /// `goal`, oriented.
    pub answers: TermId,
    /// `parts`, oriented.
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
