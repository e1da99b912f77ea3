//! Which reading of an assertion a line means.

use super::Words;
use crate::dsl::library::PremiseId;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::inference::readings::{denied, formula_readings, Moves, Reading};
use crate::wake_sleep::inference::sequents::{Connectives, Terms};

/// What a line says of a move.
pub(super) struct Asked<'t> {
    pub goal: TermId,
    pub taken: Option<TermId>,
    /// How many nodes it rests on.
    pub count: usize,
    pub direction: &'t str,
    /// Values by metavariable of the assertion.
    pub given: &'t [(u16, TermId)],
}

/// A move that fits: its place among the assertion's moves, from 1, its number, its values.
pub(super) type Fitting = (usize, u32, Vec<TermId>);

/// What a conclusion answers, each with the way to it from the whole.
fn literals(arena: &mut Arena, c: &Connectives, t: TermId, way: &str, out: &mut Vec<(TermId, String)>) {
    let behind = |word: &str| if way.is_empty() { word.to_owned() } else { format!("{way} {word}") };
    let t = c.strip(arena, t, &mut Terms::new());
    if c.is_conjunction(arena, t) {
        let parts: Terms = arena.children(t).into();
        for (part, k) in parts.into_iter().zip(1..) {
            literals(arena, c, part, &behind(&format!("part {k}")), out);
        }
        return;
    }
    out.push((t, way.to_owned()));
    let Some((left, right)) = c.as_equivalence(arena, t) else { return };
    for (side, word) in [(left, "left"), (right, "right")] {
        if arena.head(side).as_meta().is_some() {
            continue;
        }
        literals(arena, c, side, &behind(word), out);
        if let Some(not) = c.negation {
            out.push((denied(arena, not, side), behind(&format!("not {word}"))));
        }
    }
}

impl<'a> Words<'a, '_> {
    /// The assertion that names a move: of those that let each part use Γ as the move does, if one of them may be used, the
    /// one with the shortest label.
    pub(super) fn named(&self, number: u32) -> Option<PremiseId> {
        let (theory, task) = (self.by.theory, self.by.task);
        let there = |r: &&Reading| !r.strict && theory.stands_before(r.premise, task) && (self.by.allowed)(r.premise);
        let m = &self.by.moves.all[number as usize];
        let weak = |r: &Reading| !m.strong().any(|s| s.premise == r.premise);
        let key = |r: &&Reading| (weak(r), theory.label(r.premise).len(), r.premise);
        m.readings.iter().filter(there).min_by_key(key).map(|r| r.premise)
    }
    fn reading_of(&self, number: u32, premise: PremiseId) -> Option<&'a Reading> {
        let moves: &'a Moves = self.by.moves;
        moves.all[number as usize].readings.iter().find(|r| r.premise == premise)
    }
    /// What of its conclusion an assertion answers with by a move; empty: all of it.
    pub(super) fn direction(&mut self, number: u32, premise: PremiseId) -> String {
        let Some(reading) = self.reading_of(number, premise) else { return String::new() };
        let Some(conclusion) = self.by.theory.premise(premise).map(|p| p.conclusion) else { return String::new() };
        let values: Terms = reading.metas.iter().map(|&m| self.arena.meta(u32::from(m))).collect();
        let goal = self.arena.instantiate(self.by.moves.all[number as usize].goal, &values);
        let mut all = Vec::new();
        literals(self.arena, &self.by.moves.connectives, conclusion, "", &mut all);
        all.into_iter().find(|(t, _)| *t == goal).map(|x| x.1).unwrap_or_default()
    }
    /// The values that goal and member say; `None` if the move does not fit.
    pub(super) fn said(&self, number: u32, goal: TermId, taken: Option<TermId>) -> Option<Values> {
        let m = &self.by.moves.all[number as usize];
        let mut values = Values::from_elem(None, m.variables.len());
        let pairs = [Some((m.goal, goal)), m.takes.zip(taken)];
        let fits = pairs.into_iter().flatten().all(|(x, t)| matches(self.arena, x, t, &mut values));
        (fits && m.takes.is_some() == taken.is_some()).then_some(values)
    }
    /// The values that a line has to give, by metavariable of the assertion.
    pub(super) fn given(
        &self,
        number: u32,
        premise: PremiseId,
        values: &[TermId],
        said: &Option<Values>,
    ) -> Vec<(u16, TermId)> {
        let (Some(said), Some(reading)) = (said, self.reading_of(number, premise)) else { return Vec::new() };
        let all = said.iter().zip(&reading.metas).zip(values);
        all.filter(|((known, _), _)| known.is_none()).map(|((_, &m), &v)| (m, v)).collect()
    }
    /// The name of an assertion's metavariable.
    pub(super) fn variable(&self, premise: PremiseId, meta: u16) -> &str {
        let variables = self.by.theory.premise(premise).map(|p| p.variables);
        let symbol = variables.and_then(|v| v.get(usize::from(meta)));
        symbol.map_or("?", |&s| self.by.theory.db.source.symbol(s))
    }
    /// The moves of an assertion that are what a line says, whatever they leave; of those that would be if they had all
    /// values, metavariables of the assertion that have none.
    pub(super) fn fitting(&mut self, premise: PremiseId, asked: &Asked<'_>) -> (Vec<Fitting>, Vec<u16>) {
        let moves = self.by.moves;
        let (mut out, mut missing) = (Vec::new(), Vec::new());
        for (&number, place) in moves.by_premise[premise.index()].iter().zip(1..) {
            if self.direction(number, premise) != asked.direction {
                continue;
            }
            let Some(mut values) = self.said(number, asked.goal, asked.taken) else { continue };
            let Some(reading) = self.reading_of(number, premise) else { continue };
            let fits = asked.given.iter().all(|&(meta, t)| {
                let at = reading.metas.iter().position(|&m| m == meta);
                at.is_some_and(|k| *values[k].get_or_insert(t) == t)
            });
            let none = values.iter().zip(&reading.metas).find(|(v, _)| v.is_none()).map(|(_, &m)| m);
            missing.extend(none.filter(|_| fits));
            if let Some(values) = values.into_iter().collect::<Option<Vec<TermId>>>().filter(|_| fits) {
                out.push((place, number, values));
            }
        }
        (out, missing)
    }
    /// What a formula's readings leave that answer a goal, and leave so many parts if that is said.
    pub(super) fn formula_readings(&mut self, formula: TermId, goal: TermId, count: Option<usize>) -> Vec<Terms> {
        let all = formula_readings(self.arena, &self.connectives, formula);
        let fits = |x: &(TermId, Terms)| x.0 == goal && count.is_none_or(|n| x.1.len() == n);
        all.into_iter().filter(fits).map(|x| x.1).collect()
    }
}
