//! Claims of the kind *rerun*, checked before they are committed: a second evaluation of CMP, SCAN, REDUCE, MAP and
//! JOIN by other code than the first. Where there is an inverse, the result is put into it (a sum less one part is
//! the other part); a fold goes backward; terms are compared by unification that may bind nothing.
//!
//! Price: about as much again as the opcode.

use super::effect::{CellBindings, Effect, Wrong};
use super::{At, Machine};
use crate::dsl::formulas::unify::unify;
use crate::dsl::isa::{Fold, MapKind, Opcode, Relation};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::memory::cell::{Address, Content, Span, Tag};
use crate::dsl::memory::workspace::Link;
use crate::dsl::programs::program::{Instruction, Program};

/// Whether `a rel b` for two ints is `result`.
#[inline]
pub(super) fn ordered(rel: Relation, a: i64, b: i64) -> bool {
    let d = i128::from(a) - i128::from(b);
    match rel {
        Relation::Eq => d == 0,
        Relation::Ne => d != 0,
        Relation::Lt => d < 0,
        Relation::Le => d <= 0,
        Relation::Gt => d > 0,
        Relation::Ge => d >= 0,
        Relation::Subgoal | Relation::Premise | Relation::Before | Relation::Edge => false,
    }
}

/// Whether `r` is what the function makes of the ints `x` and `y` (`neg`: of `x` alone).
#[inline]
pub(super) fn calculated(kind: MapKind, x: i64, y: i64, r: i64) -> bool {
    let (x, y, r) = (i128::from(x), i128::from(y), i128::from(r));
    match kind {
        MapKind::Add => r - y == x,
        MapKind::Sub => r + y == x,
        MapKind::Neg => r + x == 0,
        MapKind::Mul if y == 0 => r == 0,
        MapKind::Mul => r / y == x && r % y == 0,
        MapKind::Div => y != 0 && (0..y.abs()).contains(&(x - r * y)),
        MapKind::Mod => y != 0 && (0..y.abs()).contains(&r) && (x - r) % y == 0,
        _ => false,
    }
}

/// Whether `r` is what the function makes of the bools `x` and `y` (`not`: of `x` alone).
#[inline]
pub(super) fn decided(kind: MapKind, x: bool, y: bool, r: bool) -> bool {
    match kind {
        MapKind::And => r == (u8::from(x) + u8::from(y) == 2),
        MapKind::Or => r == (u8::from(x) + u8::from(y) > 0),
        MapKind::Not => r != x,
        _ => false,
    }
}

/// Whether `r` is the fold of these ints; they are gone through from the last to the first.
pub(super) fn folded(fold: Fold, values: impl DoubleEndedIterator<Item = i64> + Clone, r: i64) -> bool {
    let mut back = values.rev().map(i128::from);
    let r = i128::from(r);
    match fold {
        Fold::Sum => back.fold(r, |rest, v| rest - v) == 0,
        Fold::Product => {
            let quotient = |rest: i128, v: i128| (v != 0 && rest % v == 0).then(|| rest / v);
            if back.clone().any(|v| v == 0) {
                r == 0
            } else {
                back.try_fold(r, quotient) == Some(1)
            }
        }
        Fold::Min => back.clone().any(|v| v == r) && back.all(|v| v >= r),
        Fold::Max => back.clone().any(|v| v == r) && back.all(|v| v <= r),
        Fold::All | Fold::Any | Fold::Count => false,
    }
}

type Place = (Option<Address>, Content);

impl Machine<'_> {
    /// Checks the effect of an opcode whose claim is *rerun*.
    pub(super) fn recheck(&mut self, at: At, e: &Effect) -> Result<(), Wrong> {
        let (p, i) = (at.program, at.instruction());
        let good = match i.opcode {
            Opcode::Cmp => self.recheck_cmp(p, i, e),
            Opcode::Scan => self.recheck_scan(p, i, e),
            Opcode::Reduce => self.recheck_reduce(i, e),
            Opcode::Map => self.recheck_map(p, i, e),
            Opcode::Join => self.recheck_join(i, e),
            _ => Ok(true),
        };
        match good? {
            true => Ok(()),
            false => {
                let claim = format!("a second evaluation of {} gives the same", i.opcode.name());
                let address = e.writes.first().map(|w| w.0);
                Err(Wrong { kind: FaultKind::Obligation, address, claim })
            }
        }
    }
    fn again(&self, a: Place, rel: Relation, b: Place) -> Option<bool> {
        if let Some(kind) = rel.link() {
            let link = Link { from: a.0?, kind, to: b.0? };
            return Some(self.workspace.links_to(link.to).any(|l| l == link));
        }
        let (a, b) = (a.1, b.1);
        let equality = matches!(rel, Relation::Eq | Relation::Ne);
        if let (Some(s), Some(t)) = (a.as_term(), b.as_term()) {
            let mut bindings = CellBindings::of(&self.workspace);
            let equal = unify(&self.arena, &mut bindings, s, t).is_ok() && bindings.new.is_empty();
            return equality.then_some(equal == (rel == Relation::Eq));
        }
        if a.tag == Tag::Bytes && b.tag == Tag::Bytes {
            let order = a.as_bytes()?.iter().cmp(b.as_bytes()?.iter());
            return Some(ordered(rel, order as i64, 0));
        }
        match (a.tag, b.tag) {
            (Tag::Int, Tag::Int) => Some(ordered(rel, a.value as i64, b.value as i64)),
            (Tag::Ref, Tag::Ref) | (Tag::Bool, Tag::Bool) => Some(ordered(rel, a.value as i64, b.value as i64)),
            (s, t) => equality.then_some((s == t && a.value == b.value) == (rel == Relation::Eq)),
        }
    }
    fn recheck_cmp(&mut self, p: &Program, i: &Instruction, e: &Effect) -> Result<bool, Wrong> {
        let rel = Relation::from_code(i.function).ok_or_else(|| Wrong::operand("relation"))?;
        let mut scratch = Effect::default();
        let a = self.value(p, i.operands[1], &mut scratch)?;
        let b = self.value(p, i.operands[2], &mut scratch)?;
        let again = self.again(a, rel, b);
        Ok(again.is_some_and(|r| e.writes.len() == 1 && e.writes[0].1 == Content::bool(r)))
    }
    fn recheck_scan(&mut self, p: &Program, i: &Instruction, e: &Effect) -> Result<bool, Wrong> {
        let rel = Relation::from_code(i.function).ok_or_else(|| Wrong::operand("relation"))?;
        let mut scratch = Effect::default();
        let span = self.span(i.operands[1], &mut scratch)?;
        let b = self.value(p, i.operands[2], &mut scratch)?;
        let mut hits = e.writes.iter().skip(1);
        let mut good = e.writes[0].1 == Content::int(e.writes.len() as i64 - 1);
        self.workspace.scan(span, &mut |a, cell| {
            if self.again((Some(a), cell.content()), rel, b) == Some(true) {
                good &= hits.next().is_some_and(|w| w.1 == Content::reference(a));
            }
            good
        });
        Ok(good && hits.next().is_none())
    }
    fn contents(&self, span: Span) -> Vec<(Address, Content)> {
        let mut out = Vec::new();
        self.workspace.scan(span, &mut |a, cell| {
            out.push((a, cell.content()));
            true
        });
        out
    }
    fn recheck_reduce(&mut self, i: &Instruction, e: &Effect) -> Result<bool, Wrong> {
        let fold = Fold::from_code(i.function).ok_or_else(|| Wrong::operand("fold"))?;
        let span = self.span(i.operands[1], &mut Effect::default())?;
        let cells = self.contents(span);
        let [(_, r)] = e.writes[..] else { return Ok(false) };
        let truths = |b: bool| cells.iter().rev().filter(|c| c.1.as_bool() == Some(b)).count();
        Ok(match fold {
            Fold::Count => r.as_int() == i64::try_from(cells.len()).ok(),
            Fold::All => r.as_bool() == Some(truths(true) == cells.len()),
            Fold::Any => r.as_bool() == Some(truths(false) < cells.len()),
            _ => {
                let ints = cells.iter().all(|c| c.1.tag == Tag::Int);
                let values = cells.iter().map(|c| c.1.value as i64);
                ints && r.as_int().is_some_and(|r| folded(fold, values, r))
            }
        })
    }
    fn recheck_map(&mut self, p: &Program, i: &Instruction, e: &Effect) -> Result<bool, Wrong> {
        let kind = MapKind::from_code(i.function).ok_or_else(|| Wrong::operand("MAP function"))?;
        let mut scratch = Effect::default();
        let dst = self.place(i.operands[0], &mut scratch)?;
        let span = self.span(i.operands[1], &mut scratch)?;
        let y = match i.operands.get(2) {
            Some(&o) => self.value(p, o, &mut scratch)?.1,
            None => Content::EMPTY,
        };
        let cells = self.contents(span);
        let mut good = cells.len() == e.writes.len();
        for (&(a, x), &(to, r)) in cells.iter().zip(&e.writes) {
            good &= to.packed() - dst.packed() == a.packed() - span.first().packed();
            good &= self.mapped(kind, x, y, r);
        }
        Ok(good)
    }
    fn mapped(&self, kind: MapKind, x: Content, y: Content, r: Content) -> bool {
        match kind {
            MapKind::Copy => r == x,
            MapKind::Deref => x.as_ref().is_some_and(|a| self.workspace.content(a) == r),
            MapKind::Resolve => self.again((None, x), Relation::Eq, (None, r)) == Some(true),
            MapKind::Add | MapKind::Sub if x.tag == Tag::Ref => {
                r.tag == Tag::Ref && calculated(kind, x.value as i64, y.value as i64, r.value as i64)
            }
            MapKind::Not => r.tag == Tag::Bool && decided(kind, x.value != 0, false, r.value != 0),
            MapKind::And | MapKind::Or => r.tag == Tag::Bool && decided(kind, x.value != 0, y.value != 0, r.value != 0),
            _ => r.tag == Tag::Int && calculated(kind, x.value as i64, y.value as i64, r.value as i64),
        }
    }
    fn recheck_join(&mut self, i: &Instruction, e: &Effect) -> Result<bool, Wrong> {
        let rel = Relation::from_code(i.function).ok_or_else(|| Wrong::operand("relation"))?;
        let mut scratch = Effect::default();
        let left = self.span(i.operands[1], &mut scratch)?;
        let right = self.span(i.operands[2], &mut scratch)?;
        let (left, right) = (self.contents(left), self.contents(right));
        let mut pairs = e.writes.iter().skip(1);
        let mut good = e.writes[0].1 == Content::int(e.writes.len() as i64 - 1);
        for &(a, x) in &left {
            for &(b, y) in &right {
                if self.again((Some(a), x), rel, (Some(b), y)) == Some(true) {
                    good &= pairs.next().is_some_and(|w| w.1 == Content::pair(a, b));
                }
            }
        }
        Ok(good && pairs.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverses_accept_the_right_result_and_no_other() {
        let some = [i64::MIN, i64::MIN + 1, -7, -2, -1, 0, 1, 2, 3, 7, i64::MAX - 1, i64::MAX];
        for x in some {
            for y in some {
                let exact = [
                    (MapKind::Add, x.checked_add(y)),
                    (MapKind::Sub, x.checked_sub(y)),
                    (MapKind::Mul, x.checked_mul(y)),
                    (MapKind::Div, x.checked_div_euclid(y)),
                    (MapKind::Mod, x.checked_rem_euclid(y)),
                    (MapKind::Neg, x.checked_neg()),
                ];
                for (kind, r) in exact {
                    for s in some.into_iter().chain(r) {
                        // MIN mod -1 is 0, although its quotient does not exist
                        let r = if kind == MapKind::Mod && y == -1 { Some(0) } else { r };
                        assert_eq!(calculated(kind, x, y, s), r == Some(s), "{kind:?} {x} {y} {s}");
                    }
                }
                assert_eq!(ordered(Relation::Lt, x, y), x < y);
                assert_eq!(ordered(Relation::Ge, x, y), x >= y);
                let both = [x, y];
                assert!(folded(Fold::Min, both.into_iter(), x.min(y)));
                assert_eq!(folded(Fold::Max, both.into_iter(), x), x >= y);
                for s in some {
                    assert_eq!(folded(Fold::Sum, both.into_iter(), s), x.checked_add(y) == Some(s));
                    assert_eq!(folded(Fold::Product, both.into_iter(), s), x.checked_mul(y) == Some(s));
                }
            }
        }
        assert!(folded(Fold::Product, [].into_iter(), 1) && folded(Fold::Sum, [].into_iter(), 0));
    }
}
