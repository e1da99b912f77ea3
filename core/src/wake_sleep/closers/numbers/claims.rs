//! Statements about numbers as expressions that another program can evaluate.
//!
//! An expression is a nested JSON list, operator first: `["->", ["in", ["variable", "A"], "RR"], ["=", x, y]]`. A
//! natural number is a text of its digits, a wff variable `["wff", "ph"]`, a class or set variable `["variable", "A"]`.
//! The operators are: `->`, `/\`, `<->`, `true`; `=`, `=/=`, `<`, `<_`, `||`, `in` (with the name of a set of numbers);
//! `+`, `x.`, `-`, `/`, `^`, `mod`, `gcd`, `lcm`, `-u`, `dec` (`; A B`). Functions of one number and constants are
//! written by their symbols.

use super::table::{DigitTable, Symbols, Table, SET_NAMES};
use crate::dsl::theory::library::{Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use serde_json::{json, Value};

/// The largest number of nodes in all formulas of a statement that is read.
const MOST_NODES: u32 = 2_000;
/// The greatest depth of these formulas, and the largest number of hypotheses. The expression is as deep as both
/// together.
const DEEPEST: usize = 100;

/// The task as an implication from its hypotheses to its goal. `None` if it contains anything other than numbers, if it
/// is too large, or if the theory has no arithmetic.
///
/// Each call looks up the symbols in the theory again, which takes time linear in their number.
pub fn claim(theory: &Theory, task: &Task, arena: &Arena) -> Option<Value> {
    let formulas = || task.hyps.iter().chain([&task.goal]);
    let nodes = formulas().fold(0u32, |sum, &t| sum.saturating_add(arena.size(t)));
    if nodes > MOST_NODES || task.hyps.len() > DEEPEST || formulas().any(|&t| usize::from(arena.depth(t)) > DEEPEST) {
        return None;
    }
    let table = Table::new(theory)?;
    // The symbols have their usual meaning if the theory states 2 + 2 = 4.
    table.digits(DigitTable::Sum, 2, 2).first()?;
    let reader = Reader { symbols: &table.symbols, theory, arena, sets: true };
    let goal = reader.wff(task.goal)?;
    let reader = Reader { sets: false, ..reader };
    task.hyps.iter().rev().try_fold(goal, |claim, &hyp| Some(json!(["->", reader.wff(hyp)?, claim])))
}

struct Reader<'a> {
    symbols: &'a Symbols,
    theory: &'a Theory,
    arena: &'a Arena,
    /// Whether set variables may occur. A hypothesis holds for all their values, so it cannot be evaluated at one.
    sets: bool,
}

impl Reader<'_> {
    fn variable(&self, t: TermId) -> Option<&str> {
        Some(self.theory.db.source.symbol(self.arena.head(t).as_variable()?))
    }
    fn wff(&self, t: TermId) -> Option<Value> {
        let (s, arena) = (self.symbols, self.arena);
        if let Some(name) = self.variable(t) {
            return Some(json!(["wff", name]));
        }
        if arena.head(t) == s.truth {
            return Some(json!(["true"]));
        }
        for (shape, name) in [(&s.implies, "->"), (&s.and, "/\\"), (&s.iff, "<->")] {
            if let Some([a, b]) = shape.read(arena, t) {
                return Some(json!([name, self.wff(a)?, self.wff(b)?]));
            }
        }
        if let Some([a, b, c]) = s.and3.read(arena, t) {
            return Some(json!(["/\\", self.wff(a)?, self.wff(b)?, self.wff(c)?]));
        }
        if let Some([a, class]) = s.element.read(arena, t) {
            return Some(json!(["in", self.number(a)?, SET_NAMES[s.set(arena, class)? as usize]]));
        }
        for (shape, name) in [(&s.eq, "="), (&s.differs, "=/=")] {
            if let Some([a, b]) = shape.read(arena, t) {
                return Some(json!([name, self.number(a)?, self.number(b)?]));
            }
        }
        let [a, relation, b] = s.related.read(arena, t)?;
        let relations = [(s.is.less, "<"), (s.is.at_most, "<_"), (s.is.divides, "||")];
        let name = relations.iter().find(|r| r.0 == arena.head(relation))?.1;
        Some(json!([name, self.number(a)?, self.number(b)?]))
    }
    fn number(&self, t: TermId) -> Option<Value> {
        let (s, arena) = (self.symbols, self.arena);
        if let Some(n) = s.numeral(arena, t) {
            return Some(json!(n.to_string()));
        }
        if let Some([x]) = s.class.read(arena, t).filter(|_| self.sets) {
            return Some(json!(["variable", self.variable(x)?]));
        }
        if let Some(name) = self.variable(t) {
            return Some(json!(["variable", name]));
        }
        if let Some([high, low]) = s.dec.read(arena, t) {
            return Some(json!(["dec", self.number(high)?, self.number(low)?]));
        }
        if let Some([x]) = s.neg.read(arena, t) {
            return Some(json!(["-u", self.number(x)?]));
        }
        if let Some([f, x]) = s.value.read(arena, t) {
            let is = &s.is;
            let functions = [is.abs, is.sqrt, is.factorial, is.floor, is.exp, is.log, is.sine, is.cosine];
            let names = ["abs", "sqrt", "!", "|_", "exp", "log", "sin", "cos"];
            let at = functions.iter().position(|&h| h == arena.head(f))?;
            return Some(json!([names[at], self.number(x)?]));
        }
        if let Some([a, f, b]) = s.op.read(arena, t) {
            let names = ["+", "x.", "-", "/", "^", "mod", "gcd", "lcm"];
            let at = s.is.operations().iter().position(|&h| h == arena.head(f))?;
            return Some(json!([names[at], self.number(a)?, self.number(b)?]));
        }
        let constants = [(s.is.i, "_i"), (s.is.pi, "_pi")];
        Some(json!([constants.iter().find(|c| c.0 == arena.head(t))?.1]))
    }
}
