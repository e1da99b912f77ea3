//! Labelled statements: hypotheses and assertions.

use super::{
    hash_bytes, Assertion, Hyp, HypKind, LabelKey, ReadErrorKind, Reader, Result, Span, LABEL_HYP, MAX_FRAMES,
};
use crate::metamath_db::ids::{AssertionId, HypId};
use std::ops::Range;

impl Reader {
    pub(super) fn labelled(&mut self, label: &Span) -> Result<()> {
        let bytes = self.bytes(label);
        if !bytes.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            return self.error(label.start as usize, ReadErrorKind::BadLabel(self.name(label)));
        }
        let comment = self.comment.take();
        let Some(keyword) = self.token()? else {
            return self.error(label.start as usize, ReadErrorKind::UnexpectedToken(self.name(label)));
        };
        self.position += 1;
        match self.bytes(&keyword) {
            b"$f" => self.float(label, &keyword),
            b"$e" => self.essential(label, &keyword),
            b"$a" => self.assertion(label, &keyword, comment, false),
            b"$p" => self.assertion(label, &keyword, comment, true),
            b"$c" | b"$v" | b"$d" | b"${" | b"$}" | b"$[" => {
                self.error(label.start as usize, ReadErrorKind::UnwantedLabel(self.name(label)))
            }
            _ => self.error(keyword.start as usize, ReadErrorKind::UnexpectedToken(self.name(&keyword))),
        }
    }
    fn add_label(&mut self, label: &Span, key: LabelKey) -> Result<()> {
        if self.out.lookup(self.bytes(label)).is_some() {
            return self.error(label.start as usize, ReadErrorKind::DuplicateLabel(self.name(label)));
        }
        let h = hash_bytes(self.bytes(label));
        let text = &self.out.text;
        let rehash = |(s, _): &(Span, LabelKey)| hash_bytes(&text[s.start as usize..s.end as usize]);
        self.out.label_table.insert_unique(h, (label.clone(), key), rehash);
        Ok(())
    }
    /// Reads a typed expression into the pool: a constant, then active symbols whose variables have a `$f`.
    fn expression(&mut self, keyword: &'static str, k: &Span, ends: &[&[u8]]) -> Result<(Range<u32>, Span)> {
        let from = self.out.pool.len();
        let end = self.until(keyword, k, ends, |r, s| {
            let id = r.active_symbol(&s)?;
            let variable = r.out.symbols[id.index()].is_variable;
            if r.out.pool.len() == from && variable {
                return r.error(s.start as usize, ReadErrorKind::NotAConstant(r.name(&s)));
            }
            if variable && keyword != "$f" && r.float_of[id.index()].is_none() {
                return r.error(s.start as usize, ReadErrorKind::NoTypecode(r.name(&s)));
            }
            r.out.pool.push(id);
            Ok(())
        })?;
        if self.out.pool.len() == from {
            return self.error(k.start as usize, ReadErrorKind::EmptyStatement(keyword));
        }
        Ok((from as u32..self.out.pool.len() as u32, end))
    }
    fn push_hyp(&mut self, label: &Span, kind: HypKind, expression: Range<u32>) -> Result<HypId> {
        let id = HypId::from(self.out.hyps.len());
        self.add_label(label, id.0 | LABEL_HYP)?;
        let depth = self.scopes.len() as u32;
        self.out.hyps.push(Hyp {
            label: label.clone(),
            kind,
            expression,
            position: self.position,
            active_until: u32::MAX,
            depth,
        });
        self.block_hyps.push(id);
        Ok(id)
    }
    fn float(&mut self, label: &Span, k: &Span) -> Result<()> {
        let (expression, _) = self.expression("$f", k, &[b"$."])?;
        let symbols = self.out.expression(&expression);
        if symbols.len() != 2 || !self.out.symbols[symbols[1].index()].is_variable {
            return self.error(k.start as usize, ReadErrorKind::FloatShape);
        }
        let variable = symbols[1];
        if self.float_of[variable.index()].is_some() {
            let name = self.out.symbol(variable).to_owned();
            return self.error(k.start as usize, ReadErrorKind::FloatTwice(name));
        }
        let id = self.push_hyp(label, HypKind::Floating { variable }, expression)?;
        self.float_of[variable.index()] = Some(id);
        self.floats.push(id);
        Ok(())
    }
    fn essential(&mut self, label: &Span, k: &Span) -> Result<()> {
        let (expression, _) = self.expression("$e", k, &[b"$."])?;
        let id = self.push_hyp(label, HypKind::Essential, expression.clone())?;
        self.essentials.push(id);
        for i in expression {
            let s = self.out.pool[i as usize];
            if self.out.symbols[s.index()].is_variable && !std::mem::replace(&mut self.in_essentials[s.index()], true) {
                self.essential_variables.push(s);
            }
        }
        Ok(())
    }
    fn assertion(&mut self, label: &Span, k: &Span, comment: Option<Span>, provable: bool) -> Result<()> {
        let (expression, end) =
            if provable { self.expression("$p", k, &[b"$="])? } else { self.expression("$a", k, &[b"$."])? };
        let proof = if provable { Some(self.proof_span(&end)?) } else { None };
        let id = AssertionId::from(self.out.assertions.len());
        self.add_label(label, id.0)?;
        let hyps = self.build_frame(&expression);
        if self.out.frames.len() > MAX_FRAMES {
            return self.error(label.start as usize, ReadErrorKind::FramesTooLarge);
        }
        let disjoint = self.mandatory_pairs(label, &hyps)?;
        self.out.assertions.push(Assertion {
            label: label.clone(),
            expression,
            hyps,
            disjoint,
            active_disjoint: self.disjoint,
            proof,
            comment,
            position: self.position,
            outer_start: self.outer_start,
            span: label.start..self.at as u32,
            outer_block: self.out.outer_ends.len() as u32,
            section: self.section,
        });
        Ok(())
    }
    /// The bytes from `$=` to `$.`; comments inside stay in the span and are skipped by whoever reads it.
    fn proof_span(&mut self, equals: &Span) -> Result<Span> {
        let mut any = false;
        let end = self.until("$p", equals, &[b"$."], |_, _| {
            any = true;
            Ok(())
        })?;
        if !any {
            return self.error(equals.start as usize, ReadErrorKind::EmptyProof);
        }
        Ok(equals.end..end.start)
    }
}
