//! The short way: instructions whose operands are coordinates, run without effect, trace and allocation.
//!
//! A program is decoded once to [`Code`]. What is there named short (MOV, CMP, MAP of one slot, REDUCE within a page,
//! with direct addresses that the mask allows) is executed on the open pages of the workspace, if the cells are bools
//! and ints (MOV: anything) in pages that exist. Whatever else is found, a fault coming too, is declined before
//! anything has changed, and the general way does it; so this way only ever does what ends well. Claims are checked as on
//! the general way, by the same code ([`crate::dsl::machine::recheck`]).
//!
//! `tests/fast.rs` holds the two ways equal: random programs, same cells bit by bit, log, faults, steps, claims.
//!
//! Price: some 15 ns an instruction, log and re-check included.

use crate::dsl::isa::{Fold, MapKind, MovKind, Opcode, Relation};
use crate::dsl::log::Stamp;
use crate::dsl::machine::execution::Frame;
use crate::dsl::machine::{recheck, Machine};
use crate::dsl::memory::cell::{Address, Cell, Content, Span, Tag};
use crate::dsl::memory::mask::{Mask, Right};
use crate::dsl::programs::program::{Instruction, Operand, Program};

/// A value operand.
#[derive(Clone, Copy)]
enum Value {
    Cell(Address),
    Int(i64),
}

#[derive(Clone, Copy)]
enum Act {
    /// Not this way.
    General,
    Mov(Value),
    Cmp(Relation, Value, Value),
    Map(MapKind, Address, Value),
    Reduce(Fold, Span),
}

/// One decoded instruction.
#[derive(Clone, Copy)]
struct Short {
    act: Act,
    dst: Address,
    /// The cell that decides, and what it must be.
    guard: Option<(Address, bool)>,
    opcode: u8,
}

/// A decoded program, for the mask of an epoch.
pub(in crate::dsl::machine) struct Code {
    instructions: Vec<Short>,
    pub epoch: u64,
}

impl Code {
    pub fn of(program: &Program, mask: &Mask, epoch: u64) -> Code {
        Code { instructions: program.instructions().iter().map(|i| decode(i, mask)).collect(), epoch }
    }
}

fn decode(i: &Instruction, mask: &Mask) -> Short {
    let general = Short { act: Act::General, dst: Address::ZERO, guard: None, opcode: i.opcode as u8 };
    let guard = i.predicate.map(|p| (p.cell, p.expected));
    let act = act(i);
    let Some(Operand::Address(dst)) = i.operands.first().copied().filter(|_| !matches!(act, Act::General)) else {
        return general;
    };
    let readable = |a: Address| mask.allows(Right::Read, a);
    let value = |v: Value| match v {
        Value::Cell(a) => readable(a),
        Value::Int(_) => true,
    };
    let allowed = match act {
        Act::General => false,
        Act::Mov(v) => value(v),
        Act::Cmp(_, a, b) => value(a) && value(b),
        Act::Map(_, a, v) => readable(a) && value(v),
        Act::Reduce(_, span) => mask.first_breach(Right::Read, span).is_none(),
    };
    let guarded = guard.is_none_or(|g| readable(g.0));
    match allowed && guarded && !dst.is_system() && mask.allows(Right::Write, dst) {
        true => Short { act, dst, guard, opcode: i.opcode as u8 },
        false => general,
    }
}

fn act(i: &Instruction) -> Act {
    let value = |n: usize| match i.operands.get(n) {
        Some(&Operand::Address(a)) => Some(Value::Cell(a)),
        Some(&Operand::Integer(v)) => Some(Value::Int(v)),
        _ => None,
    };
    let span = match i.operands.get(1) {
        Some(&Operand::Range(s)) => Some(s),
        _ => None,
    };
    let found = match i.opcode {
        Opcode::Mov if i.function == MovKind::Copy as u8 => value(1).map(Act::Mov),
        Opcode::Cmp => Relation::from_code(i.function)
            .filter(|r| r.link().is_none())
            .and_then(|r| Some(Act::Cmp(r, value(1)?, value(2)?))),
        Opcode::Map => MapKind::from_code(i.function)
            .filter(|k| !matches!(k, MapKind::Deref | MapKind::Resolve))
            .zip(span.filter(|s| s.len() == 1))
            .and_then(|(k, s)| Some(Act::Map(k, s.first(), if k.is_binary() { value(2)? } else { Value::Int(0) }))),
        Opcode::Reduce => Fold::from_code(i.function)
            .zip(span.filter(|s| !s.is_empty() && s.first().offset() as u32 + s.len() <= 256))
            .map(|(f, s)| Act::Reduce(f, s)),
        _ => None,
    };
    found.unwrap_or(Act::General)
}

#[inline]
fn related(rel: Relation, a: i64, b: i64) -> bool {
    match rel {
        Relation::Eq => a == b,
        Relation::Ne => a != b,
        Relation::Lt => a < b,
        Relation::Le => a <= b,
        Relation::Gt => a > b,
        _ => a >= b,
    }
}

impl Machine<'_> {
    /// Executes instructions of the frame as long as they go the short way: until one does not, the block ends, or
    /// steps or quota do.
    pub(in crate::dsl::machine) fn short(
        &mut self,
        program: &Program,
        code: &Code,
        frame: &mut Frame,
        quota: &mut u64,
    ) {
        let b = &program.blocks()[frame.block.0 as usize];
        let end = b.start + b.len;
        let condition = frame.condition().filter(|&a| self.mask.allows(Right::Read, a));
        while frame.left > 0 && *quota > 0 {
            if frame.next == end {
                // a round of a loop: docs/isa.md, SPAWN
                if condition.is_none_or(|a| self.workspace.content(a).as_bool() != Some(true)) {
                    return;
                }
                frame.left -= 1;
                frame.next = b.start;
                continue;
            }
            if !self.one(&code.instructions[frame.next as usize], frame.next) {
                return;
            }
            frame.next += 1;
            frame.left -= 1;
            *quota -= 1;
        }
    }
    /// Executes one instruction, or declines and has changed nothing.
    #[inline]
    fn one(&mut self, s: &Short, index: u32) -> bool {
        if let Some((cell, expected)) = s.guard {
            match self.workspace.content(cell).as_bool() {
                None => return false,
                Some(held) if held != expected && !matches!(s.act, Act::General) => {
                    self.time += 1;
                    return true;
                }
                Some(_) => {}
            }
        }
        let result = match s.act {
            Act::General => None,
            Act::Mov(Value::Int(v)) => Some(Content::int(v)),
            Act::Mov(Value::Cell(a)) => Some(self.workspace.content(a)).filter(|c| c.tag != Tag::Empty),
            Act::Cmp(rel, a, b) => self.short_cmp(rel, a, b),
            Act::Map(kind, a, b) => self.short_map(kind, a, b),
            Act::Reduce(fold, span) => self.short_reduce(fold, span),
        };
        result.is_some_and(|content| self.put(s, index, content))
    }
    #[inline]
    fn put(&mut self, s: &Short, index: u32, content: Content) -> bool {
        let at = self.log.next_id();
        let stamp = Stamp { time: self.time + 1, opcode: s.opcode, instruction: index };
        let cell = stamp.cell(at, content, self.claims + 1);
        let old = match self.workspace.replace(s.dst, cell) {
            Some(old) => old,
            None if self.workspace.ready(s.dst) => self.workspace.set(s.dst, cell),
            None => return false,
        };
        self.time += 1;
        self.claims += 1;
        #[cfg(test)]
        {
            self.shorts += 1;
        }
        self.log.write(stamp, s.dst, &old, &content, self.claims);
        true
    }
    #[inline]
    fn int(&self, v: Value) -> Option<i64> {
        match v {
            Value::Int(i) => Some(i),
            Value::Cell(a) => self.workspace.content(a).as_int(),
        }
    }
    #[inline]
    fn short_cmp(&self, rel: Relation, a: Value, b: Value) -> Option<Content> {
        let (a, b) = (self.int(a)?, self.int(b)?);
        let r = related(rel, a, b);
        (!self.rechecking || recheck::ordered(rel, a, b) == r).then_some(Content::bool(r))
    }
    #[inline]
    fn short_map(&self, kind: MapKind, a: Address, b: Value) -> Option<Content> {
        let x = self.workspace.content(a);
        if kind == MapKind::Copy {
            return Some(x).filter(|c| c.tag != Tag::Empty);
        }
        if matches!(kind, MapKind::Not | MapKind::And | MapKind::Or) {
            let p = x.as_bool()?;
            let q = match b {
                Value::Cell(b) => self.workspace.content(b).as_bool()?,
                Value::Int(_) if kind == MapKind::Not => false,
                Value::Int(_) => return None,
            };
            let r = match kind {
                MapKind::Not => !p,
                MapKind::And => p && q,
                _ => p || q,
            };
            return (!self.rechecking || recheck::decided(kind, p, q, r)).then_some(Content::bool(r));
        }
        let (x, y) = (x.as_int()?, self.int(b)?);
        let r = match kind {
            MapKind::Add => x.checked_add(y),
            MapKind::Sub => x.checked_sub(y),
            MapKind::Mul => x.checked_mul(y),
            MapKind::Div => x.checked_div_euclid(y),
            MapKind::Mod => x.checked_rem_euclid(y),
            _ => x.checked_neg(),
        }?;
        (!self.rechecking || recheck::calculated(kind, x, y, r)).then_some(Content::int(r))
    }
    #[inline]
    fn short_reduce(&self, fold: Fold, span: Span) -> Option<Content> {
        let cells = self.workspace.slice(span)?;
        let written = || cells.iter().filter(|c| c.tag != Tag::Empty);
        match fold {
            Fold::Count => return Some(Content::int(written().count() as i64)),
            Fold::All | Fold::Any => return None,
            _ => {}
        }
        if written().any(|c: &Cell| c.tag != Tag::Int) {
            return None;
        }
        let ints = || written().map(|c| c.value as i64);
        let r = match fold {
            Fold::Sum => ints().try_fold(0i64, i64::checked_add),
            Fold::Product => ints().try_fold(1i64, i64::checked_mul),
            Fold::Min => ints().min(),
            _ => ints().max(),
        }?;
        (!self.rechecking || recheck::folded(fold, ints(), r)).then_some(Content::int(r))
    }
}
