//! Answers of the closer as nodes of a content proof.

use super::*;
use crate::wake_sleep::inference::proof::By;

impl Closer<'_> {
    /// The reason why a closed sequent holds, as a node of a content proof, and the contexts and formulas that the
    /// node's children serve.
    pub fn reason(&mut self, arena: &mut Arena, allowed: &mut Allowed<'_>, s: TermId) -> Option<(By, Served)> {
        let answer = self.close_any(arena, allowed, s)?.clone();
        let (goal, members) = (consequent(arena, s), Terms::from(context(arena, s)));
        let in_context = |parts: &[TermId]| parts.iter().map(|&p| (members.clone(), p)).collect();
        Some(match answer {
            Answer::Member(_) => (By::Member, Served::new()),
            Answer::Follows => (By::Closed { proof: Box::default(), propositional: true }, Served::new()),
            Answer::Given(k) => {
                let given = &self.given[k as usize];
                let (number, parts) = (given.number, given.parts.clone());
                let served = in_context(&parts);
                (By::Hyp { number, parts }, served)
            }
            Answer::Use(member, reading) => {
                let member = members[usize::from(member)];
                let parts = formula_readings(arena, &self.connectives, member).swap_remove(usize::from(reading)).1;
                let served = in_context(&parts);
                (By::Use { member, parts }, served)
            }
            Answer::Fact(number) => {
                let values = self.instance(arena, number, goal);
                let left = self.leave(arena, allowed, s, number, &values)?;
                (By::Move { number: number.0, values, taken: None, kept: left.kept }, Served::new())
            }
            Answer::Move(number, values) => {
                let left = self.leave(arena, allowed, s, number, &values)?;
                (By::Move { number: number.0, values: values.to_vec(), taken: None, kept: left.kept }, left.parts)
            }
        })
    }
}
