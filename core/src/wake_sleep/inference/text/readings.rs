//! Selection of the reading of an assertion that a line means.

use super::Words;
use crate::dsl::theory::library::PremiseId;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::inference::moves::readings::{denied, formula_readings, Moves, Reading};
use crate::wake_sleep::inference::moves::sequents::{Connectives, Terms};

/// What a line states about a move.
pub(super) struct Question<'t> {
    pub goal: TermId,
    pub taken: Option<TermId>,
    /// The number of nodes that it depends on.
    pub count: usize,
    pub direction: &'t str,
    /// Whether the assertion has the goal with its sides exchanged.
    pub exchanged: bool,
    /// The values given, by metavariable of the assertion.
    pub given: &'t [(u16, TermId)],
}

/// A move that fits: its place among the assertion's moves, from 1, its number, its values.
pub(super) type Fitting = (usize, u32, Vec<TermId>);

/// Appends the formulas that a conclusion can answer, each with the path to it from the whole.
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
    /// The assertion that names a move: the twin with the shortest label among those that may be used and let each part
    /// use Γ as the move does.
    pub(super) fn named(&self, number: u32) -> Option<PremiseId> {
        let (theory, task) = (self.by.theory, self.by.task);
        let there = |r: &&Reading| r.is_there(theory, task) && (self.by.allowed)(r.premise);
        let m = &self.by.moves.all[number as usize];
        let weak = |r: &Reading| !m.strong().any(|s| s.premise == r.premise);
        let key = |r: &&Reading| (weak(r), theory.label(r.premise).len(), r.premise);
        m.readings.iter().filter(there).min_by_key(key).map(|r| r.premise)
    }
    fn reading_of(&self, number: u32, premise: PremiseId) -> Option<&'a Reading> {
        let moves: &'a Moves = self.by.moves;
        moves.all[number as usize].readings.iter().find(|r| r.premise == premise)
    }
    /// The part of its conclusion by which an assertion answers in a move; empty if it is the whole.
    pub(super) fn direction(&mut self, number: u32, premise: PremiseId) -> String {
        let reading = self.reading_of(number, premise);
        reading.map(|r| self.direction_of(number, r)).unwrap_or_default()
    }
    /// The first reading of a move by which an assertion answers in this direction.
    fn reading_in(&mut self, number: u32, premise: PremiseId, direction: &str) -> Option<&'a Reading> {
        let moves: &'a Moves = self.by.moves;
        let mut all = moves.all[number as usize].readings.iter().filter(|r| r.premise == premise);
        all.find(|r| self.direction_of(number, r) == direction)
    }
    fn direction_of(&mut self, number: u32, reading: &Reading) -> String {
        let premise = reading.premise;
        let Some(conclusion) = self.by.theory.premise(premise).map(|p| p.conclusion) else { return String::new() };
        let values: Terms = reading.metas.iter().map(|&m| self.arena.meta(u32::from(m))).collect();
        let goal = self.arena.instantiate(self.by.moves.all[number as usize].goal, &values);
        let mut all = Vec::new();
        literals(self.arena, &self.by.moves.connectives, conclusion, "", &mut all);
        let same = |t: TermId| self.by.moves.connectives.same(self.arena, t, goal);
        all.into_iter().find(|(t, _)| same(*t)).map(|x| x.1).unwrap_or_default()
    }
    /// Whether a move with these values has the goal in the other orientation than its assertion.
    pub(super) fn exchanges(&mut self, number: u32, premise: PremiseId, goal: TermId, values: &[TermId]) -> bool {
        let m = &self.by.moves.all[number as usize];
        let turned = self.arena.instantiate(m.goal, values) != goal;
        self.reading_of(number, premise).is_some_and(|r| r.turned != turned)
    }
    /// The values that goal, exchanged or not, and member determine; `None` if the move does not fit.
    pub(super) fn said(
        &mut self,
        (number, exchanged): (u32, bool),
        premise: PremiseId,
        goal: TermId,
        taken: Option<TermId>,
    ) -> Option<Values> {
        let turned = self.reading_of(number, premise)?.turned != exchanged;
        self.said_by(number, turned, goal, taken)
    }
    /// The values that the goal, its sides exchanged if `turned`, and the member determine by a move.
    pub(super) fn said_by(&mut self, number: u32, turned: bool, goal: TermId, taken: Option<TermId>) -> Option<Values> {
        let m = &self.by.moves.all[number as usize];
        let goal = if turned { self.connectives.exchanged(self.arena, goal)? } else { goal };
        let mut values = Values::from_elem(None, m.variables.len());
        if !matches(self.arena, m.goal, goal, &mut values) {
            return None;
        }
        let Some(taken) = taken else { return m.takes.is_none().then_some(values) };
        m.taken().find_map(|t| {
            let mut values = values.clone();
            matches(self.arena, t, taken, &mut values).then_some(values)
        })
    }
    /// The values that a line has to state, by metavariable of the assertion.
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
    /// The moves of an assertion that agree with a line, whatever they leave. Also the metavariables of the assertion
    /// without a value in moves that would agree if they had all values.
    pub(super) fn fitting(&mut self, premise: PremiseId, asked: &Question<'_>) -> (Vec<Fitting>, Vec<u16>) {
        let moves = self.by.moves;
        let (mut out, mut missing) = (Vec::new(), Vec::new());
        for (&number, place) in moves.by_premise[premise.index()].iter().zip(1..) {
            let Some(reading) = self.reading_in(number, premise, asked.direction) else { continue };
            let said = self.said_by(number, reading.turned != asked.exchanged, asked.goal, asked.taken);
            let Some(mut values) = said else { continue };
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
    /// The parts left by each reading of a formula that answers the goal; only readings with `count` parts, if given.
    pub(super) fn formula_readings(&mut self, formula: TermId, goal: TermId, count: Option<usize>) -> Vec<Terms> {
        let all = formula_readings(self.arena, &self.connectives, formula);
        let same = |t: TermId| self.connectives.same(self.arena, t, goal);
        let fits = |x: &(TermId, Terms)| same(x.0) && count.is_none_or(|n| x.1.len() == n);
        all.into_iter().filter(fits).map(|x| x.1).collect()
    }
}
