//! The data opcodes: MOV, READK, WRITEK, LINK, CMP, SCAN, REDUCE, MAP, JOIN.

use crate::dsl::formulas::unify::Bindings;
use crate::dsl::formulas::unify::{apply, resolve, VecBindings};
use crate::dsl::isa::{Fold, LinkKind, MapKind, MovKind, ReadMode, Relation};
use crate::dsl::machine::effect::{slot_after, writable, Effect, Wrong};
use crate::dsl::machine::obligation::{Claim, FaultKind, Witness};
use crate::dsl::machine::Machine;
use crate::dsl::memory::cell::{Address, Content, Span, Tag};
use crate::dsl::memory::workspace::{Link, LinkError};
use crate::dsl::programs::program::{Instruction, Operand, Program};
use crate::metamath_db::ids::TermId;
use std::cmp::Ordering;

/// Results that one READK, SCAN, MAP or JOIN may have.
pub const RESULT_LIMIT: usize = 1 << 20;
/// Pairs that one JOIN may examine.
pub const JOIN_LIMIT: u64 = 1 << 24;

fn bound(what: &str) -> Wrong {
    Wrong::new(FaultKind::Bound, what)
}

fn int(i: i128) -> Result<Content, Wrong> {
    let wrong = |_| Wrong::new(FaultKind::Arithmetic, "the result fits 64 bits");
    i64::try_from(i).map(Content::int).map_err(wrong)
}

fn count(n: usize) -> Content {
    Content::int(n as i64)
}

fn holds(rel: Relation, o: Ordering) -> bool {
    match rel {
        Relation::Eq => o.is_eq(),
        Relation::Ne => o.is_ne(),
        Relation::Lt => o.is_lt(),
        Relation::Le => o.is_le(),
        Relation::Gt => o.is_gt(),
        Relation::Ge => o.is_ge(),
        Relation::Subgoal | Relation::Premise | Relation::Before | Relation::Edge => false,
    }
}

impl Machine<'_> {
    pub(in crate::dsl::machine) fn mov(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let kind = MovKind::from_code(i.function).ok_or_else(|| Wrong::operand("MOV function"))?;
        let dst = self.target(i.operands[0], e)?;
        let (from, content) = self.value(p, i.operands[1], e)?;
        let term = || {
            content.as_term().ok_or_else(|| Wrong {
                kind: FaultKind::Type,
                address: from,
                claim: "the source is a term, goal or fact".into(),
            })
        };
        let moved = match kind {
            MovKind::Copy => content,
            MovKind::Goal => Content::goal(term()?),
            MovKind::Term => Content::term(term()?),
        };
        if moved.value != content.value || (kind == MovKind::Copy && moved != content) {
            return Err(Wrong::at(FaultKind::Obligation, dst, "equal value"));
        }
        e.writes.push((dst, moved));
        e.claim = Some(Claim::Equal { from, to: dst });
        Ok(())
    }

    pub(in crate::dsl::machine) fn readk(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let key = self.value(p, i.operands[1], e)?;
        let spans = match i.operands.get(2) {
            Some(&o) => vec![self.span(o, e)?],
            None if i.function == ReadMode::Near as u8 => vec![self.span(Operand::Range(Span::program()), e)?],
            None => self.mask.read.within(Span::program()),
        };
        let limit = match i.operands.get(3) {
            Some(&Operand::Integer(n)) => usize::try_from(n).unwrap_or(0),
            _ => 1,
        };
        let mut hits = Vec::new();
        for span in spans {
            hits.extend(self.hits(i.function, key, span, limit.min(RESULT_LIMIT + 1) - hits.len())?);
        }
        if hits.len() > RESULT_LIMIT {
            return Err(bound("at most 2^20 results"));
        }
        self.list(dst, hits.iter().map(|w| Content::reference(w.address)), e)?;
        e.claim = Some(Claim::Matches(hits));
        Ok(())
    }

    pub(in crate::dsl::machine) fn writek(
        &mut self,
        p: &Program,
        i: &Instruction,
        e: &mut Effect,
    ) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let key = self.value(p, i.operands[2], e)?;
        let (_, source) = self.value(p, i.operands[3], e)?;
        let hits = self.hits(i.function, key, span, 1)?;
        let full = || Wrong::at(FaultKind::Occupied, span.first(), "the range has an empty slot");
        let slot = match hits.first() {
            Some(w) => w.address,
            None => self.workspace.first_empty(span).ok_or_else(full)?,
        };
        writable(slot)?;
        if slot == dst {
            return Err(Wrong::at(FaultKind::Operand, dst, "the slot and the ref to it differ"));
        }
        e.writes.push((slot, source));
        e.writes.push((dst, Content::reference(slot)));
        e.claim = Some(Claim::Matches(hits));
        Ok(())
    }

    /// Content read with its witnesses re-matched.
    fn hits(
        &mut self,
        mode: u8,
        (place, key): (Option<Address>, Content),
        span: Span,
        limit: usize,
    ) -> Result<Vec<Witness>, Wrong> {
        let mode = ReadMode::from_code(mode).ok_or_else(|| Wrong::operand("read mode"))?;
        match mode {
            ReadMode::Near => return self.near((place, key), span, limit),
            ReadMode::Exact => {
                self.refresh(false);
                let all = self.workspace.find(key, span, limit.saturating_add(1));
                let others = all.into_iter().filter(|&a| Some(a) != place).take(limit);
                return Ok(others.map(|address| Witness { address, substitution: Vec::new() }).collect());
            }
            _ => {}
        }
        let wrong =
            || Wrong { kind: FaultKind::Type, address: place, claim: "the key of a structural read is a term".into() };
        let key = self.resolved_term(key).ok_or_else(wrong)?;
        self.refresh(true);
        let hits = self.index.read(&mut self.arena, &self.workspace, mode, key, span, place, limit);
        let mut last = None;
        for w in &hits {
            if last >= Some(w.address) || !self.rematch(mode, key, w) {
                let claim = "the substitution makes key and cell equal";
                return Err(Wrong::at(FaultKind::Obligation, w.address, claim));
            }
            last = Some(w.address);
        }
        Ok(hits)
    }
    /// Has both indexes learn of what was written since the last content read.
    fn refresh(&mut self, always: bool) {
        let (arena, index) = (&self.arena, &mut self.index);
        self.workspace.refresh(always, &mut |a, cell| {
            if let Some(t) = cell.content().as_term() {
                index.add(arena, a, t);
            }
        });
    }
    fn rematch(&mut self, mode: ReadMode, key: TermId, w: &Witness) -> bool {
        let Some(t) = self.resolved_term(self.workspace.content(w.address)) else {
            return false;
        };
        let arena = &mut self.arena;
        match mode {
            ReadMode::Generalisations => apply(arena, t, &w.substitution) == key,
            ReadMode::Instances => apply(arena, key, &w.substitution) == t,
            _ => {
                let mut b = VecBindings::new();
                for &(m, t) in &w.substitution {
                    b.bind(m, t);
                }
                resolve(arena, &b, key) == resolve(arena, &b, t)
            }
        }
    }
    fn resolved_term(&mut self, c: Content) -> Option<TermId> {
        c.as_term().map(|t| self.resolved(t))
    }
    /// Writes the number of results at `dst` and the results behind it.
    fn list(&self, dst: Address, results: impl ExactSizeIterator<Item = Content>, e: &mut Effect) -> Result<(), Wrong> {
        e.writes.push((dst, count(results.len())));
        for (n, content) in results.enumerate() {
            e.writes.push((slot_after(dst, n as u64 + 1)?, content));
        }
        Ok(())
    }

    pub(in crate::dsl::machine) fn link(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let kind = LinkKind::from_code(i.function).ok_or_else(|| Wrong::operand("link kind"))?;
        let (from, to) = (self.place(i.operands[0], e)?, self.place(i.operands[1], e)?);
        e.note(from);
        e.note(to);
        writable(from)?;
        let link = Link { from, kind, to };
        self.workspace.check_link(link).map_err(|error| match error {
            LinkError::Missing(a) => Wrong::at(FaultKind::Link, a, "both ends of a link exist"),
            LinkError::Cycle => {
                let claim = format!("links of the kind {} form no cycle", kind.name());
                Wrong::at(FaultKind::Link, from, claim)
            }
        })?;
        e.links.push(link);
        e.claim = Some(Claim::Linked(link));
        Ok(())
    }

    /// Whether a rel b; none if the relation cannot compare them. Terms count under the bindings.
    fn relate(&mut self, rel: Relation, a: Content, b: Content) -> Option<bool> {
        let equality = matches!(rel, Relation::Eq | Relation::Ne);
        if let (Some(s), Some(t)) = (a.as_term(), b.as_term()) {
            return equality.then(|| (self.resolved(s) == self.resolved(t)) == (rel == Relation::Eq));
        }
        if equality {
            return Some(a.same(b) == (rel == Relation::Eq));
        }
        if a.tag != b.tag {
            return None;
        }
        let order = match a.tag {
            Tag::Int => a.as_int().cmp(&b.as_int()),
            Tag::Ref | Tag::Bool => a.value.cmp(&b.value),
            Tag::Bytes => a.as_bytes().cmp(&b.as_bytes()),
            _ => return None,
        };
        Some(holds(rel, order))
    }
    /// Whether cell a rel cell b, links included; none if the relation cannot compare them. Literals have no links.
    fn stands(&mut self, rel: Relation, a: (Option<Address>, Content), b: (Option<Address>, Content)) -> Option<bool> {
        let Some(kind) = rel.link() else {
            return self.relate(rel, a.1, b.1);
        };
        let link = Link { from: a.0?, kind, to: b.0? };
        Some(self.workspace.links_from(link.from).binary_search(&link).is_ok())
    }
    fn relation(i: &Instruction) -> Result<Relation, Wrong> {
        Relation::from_code(i.function).ok_or_else(|| Wrong::operand("relation"))
    }
    fn cells(&self, span: Span) -> Vec<(Address, Content)> {
        let mut out = Vec::new();
        self.workspace.scan(span, &mut |a, cell| {
            out.push((a, cell.content()));
            true
        });
        out
    }

    pub(in crate::dsl::machine) fn cmp(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let rel = Self::relation(i)?;
        let dst = self.target(i.operands[0], e)?;
        let a = self.value(p, i.operands[1], e)?;
        let b = self.value(p, i.operands[2], e)?;
        let result = self.stands(rel, a, b).ok_or_else(|| Wrong {
            kind: FaultKind::Type,
            address: a.0,
            claim: match rel.link() {
                Some(_) => format!("{} relates two places", rel.name()),
                None => format!("{} compares {} with {}", rel.name(), a.1.tag.name(), b.1.tag.name()),
            },
        })?;
        e.writes.push((dst, Content::bool(result)));
        e.claim = Some(Claim::Rerun);
        Ok(())
    }

    pub(in crate::dsl::machine) fn scan(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let rel = Self::relation(i)?;
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let b = self.value(p, i.operands[2], e)?;
        let mut hits = Vec::new();
        for (a, content) in self.cells(span) {
            if self.stands(rel, (Some(a), content), b) == Some(true) {
                hits.push(a);
            }
        }
        if hits.len() > RESULT_LIMIT {
            return Err(bound("at most 2^20 results"));
        }
        increasing(&hits)?;
        self.list(dst, hits.iter().map(|&a| Content::reference(a)), e)?;
        e.claim = Some(Claim::Rerun);
        Ok(())
    }

    pub(in crate::dsl::machine) fn reduce(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let fold = Fold::from_code(i.function).ok_or_else(|| Wrong::operand("fold"))?;
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let cells = self.cells(span);
        let typed = |what: &str, a: Address| Wrong::at(FaultKind::Type, a, format!("{} folds {what}", fold.name()));
        let ints = || -> Result<Vec<i128>, Wrong> {
            let one = |&(a, c): &(Address, Content)| c.as_int().map(i128::from).ok_or_else(|| typed("ints", a));
            cells.iter().map(one).collect()
        };
        let bools = || -> Result<Vec<bool>, Wrong> {
            let one = |&(a, c): &(Address, Content)| c.as_bool().ok_or_else(|| typed("bools", a));
            cells.iter().map(one).collect()
        };
        let nothing = || Wrong::at(FaultKind::Empty, span.first(), "the range holds a cell");
        let result = match fold {
            Fold::Sum => int(ints()?.iter().sum())?,
            Fold::Product => {
                let mut product = Content::int(1);
                for v in ints()? {
                    product = int(i128::from(product.as_int().unwrap_or(1)) * v)?;
                }
                product
            }
            Fold::Min => int(ints()?.into_iter().min().ok_or_else(nothing)?)?,
            Fold::Max => int(ints()?.into_iter().max().ok_or_else(nothing)?)?,
            Fold::All => Content::bool(bools()?.into_iter().all(|b| b)),
            Fold::Any => Content::bool(bools()?.into_iter().any(|b| b)),
            Fold::Count => count(cells.len()),
        };
        e.writes.push((dst, result));
        e.claim = Some(Claim::Rerun);
        Ok(())
    }

    pub(in crate::dsl::machine) fn map(&mut self, p: &Program, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let kind = MapKind::from_code(i.function).ok_or_else(|| Wrong::operand("MAP function"))?;
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let argument = match i.operands.get(2) {
            Some(&o) => Some(self.value(p, o, e)?.1),
            None => None,
        };
        let cells = self.cells(span);
        if cells.len() > RESULT_LIMIT {
            return Err(bound("at most 2^20 results"));
        }
        for (a, content) in cells {
            let result = match (kind, argument) {
                (MapKind::Copy, _) => content,
                (MapKind::Deref, _) => {
                    let wrong = || Wrong::at(FaultKind::Type, a, "deref takes refs");
                    self.read(content.as_ref().ok_or_else(wrong)?, e)?
                }
                (MapKind::Resolve, _) => {
                    let wrong = || Wrong::at(FaultKind::Type, a, "resolve takes terms");
                    Content::term(self.resolved_term(content).ok_or_else(wrong)?)
                }
                (_, b) => calculate(kind, a, content, b.unwrap_or(Content::EMPTY))?,
            };
            let to = slot_after(dst, a.packed() - span.first().packed())?;
            e.writes.push((to, result));
        }
        e.claim = Some(Claim::Rerun);
        Ok(())
    }

    pub(in crate::dsl::machine) fn join(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let rel = Self::relation(i)?;
        let dst = self.target(i.operands[0], e)?;
        let left = self.span(i.operands[1], e)?;
        let right = self.span(i.operands[2], e)?;
        let (left, right) = (self.cells(left), self.cells(right));
        if left.len() as u64 * right.len() as u64 > JOIN_LIMIT {
            return Err(bound("at most 2^24 pairs"));
        }
        let mut pairs = Vec::new();
        for &(a, x) in &left {
            for &(b, y) in &right {
                if self.stands(rel, (Some(a), x), (Some(b), y)) == Some(true) {
                    pairs.push((a, b));
                }
            }
        }
        if pairs.len() > RESULT_LIMIT {
            return Err(bound("at most 2^20 results"));
        }
        increasing(&pairs)?;
        self.list(dst, pairs.iter().map(|&(a, b)| Content::pair(a, b)), e)?;
        e.claim = Some(Claim::Rerun);
        Ok(())
    }
}

/// The check on the spot of SCAN and JOIN: canonical order, nothing twice.
fn increasing<T: Ord>(results: &[T]) -> Result<(), Wrong> {
    match results.windows(2).all(|w| w[0] < w[1]) {
        true => Ok(()),
        false => Err(Wrong::new(FaultKind::Obligation, "results in strictly increasing order")),
    }
}

/// The functions of MAP that look at nothing but their arguments.
fn calculate(kind: MapKind, at: Address, x: Content, y: Content) -> Result<Content, Wrong> {
    let typed = || {
        let claim = format!("{} takes these types, not {} and {}", kind.name(), x.tag.name(), y.tag.name());
        Wrong::at(FaultKind::Type, at, claim)
    };
    if let (Some(a), MapKind::Add | MapKind::Sub) = (x.as_ref(), kind) {
        let n = i128::from(y.as_int().ok_or_else(typed)?);
        let moved = i128::from(a.packed()) + if kind == MapKind::Add { n } else { -n };
        let outside = || Wrong::at(FaultKind::Arithmetic, at, "the ref stays inside the space");
        let moved = u64::try_from(moved).ok().and_then(Address::from_packed);
        return moved.map(Content::reference).ok_or_else(outside);
    }
    let bools =
        || -> Result<(bool, bool), Wrong> { Ok((x.as_bool().ok_or_else(typed)?, y.as_bool().ok_or_else(typed)?)) };
    match kind {
        MapKind::Not => return x.as_bool().map(|b| Content::bool(!b)).ok_or_else(typed),
        MapKind::And => return bools().map(|(a, b)| Content::bool(a && b)),
        MapKind::Or => return bools().map(|(a, b)| Content::bool(a || b)),
        _ => {}
    }
    let a = i128::from(x.as_int().ok_or_else(typed)?);
    if kind == MapKind::Neg {
        return int(-a);
    }
    let b = i128::from(y.as_int().ok_or_else(typed)?);
    let zero = || Wrong::at(FaultKind::Arithmetic, at, "the divisor is not zero");
    match kind {
        MapKind::Add => int(a + b),
        MapKind::Sub => int(a - b),
        MapKind::Mul => int(a * b),
        MapKind::Div => int(a.checked_div_euclid(b).ok_or_else(zero)?),
        MapKind::Mod => int(a.checked_rem_euclid(b).ok_or_else(zero)?),
        _ => Err(typed()),
    }
}
