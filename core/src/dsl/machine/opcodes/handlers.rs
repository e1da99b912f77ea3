//! Handlers: opcodes of Levels 1 and 2, and reads by embedding, are answered by code that registers itself here.
//!
//! A handler is given a [`Request`] as plain data and may make terms through a [`View`]; it changes nothing itself.
//! Its [`Reply`] is checked (addresses, types, links, bounds), what it derived goes to the judge, a [`Checker`] that
//! is not the handler may look at it, and only then the machine commits. So a wrong handler is a fault, not a wrong
//! workspace.
//!
//! Price: a request copies the cells and links of the ranges that the operands name.

use super::derive::Derivation;
use crate::dsl::formulas::logic::Assertions;
use crate::dsl::formulas::terms;
use crate::dsl::formulas::terms::Digests;
use crate::dsl::isa::{LinkKind, Opcode, ReadMode, Slot};
use crate::dsl::machine::effect::{writable, Effect, Wrong};
use crate::dsl::machine::obligation::{Claim, FaultKind, Refusal, Witness};
use crate::dsl::machine::{At, Machine};
use crate::dsl::memory::cell::{Address, Content, Span, StepTaken, Tag};
use crate::dsl::memory::mask::Right;
use crate::dsl::memory::workspace::{Link, Workspace};
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::program::{Operand, Program};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use std::collections::BTreeMap;

/// Cells that one answer may write, and links that it may add.
pub const REPLY_LIMIT: usize = 1 << 20;

/// An operand as a handler sees it. Terms have the workspace's bindings applied.
#[derive(Clone, PartialEq, Debug)]
pub enum Given {
    /// A place, and what is there (empty if nothing is).
    Place(Address, Content),
    /// An integer, text or term literal.
    Literal(Content),
    /// A range with its written cells, in order of address, and the links that start there.
    Cells(Span, Vec<(Address, Content)>, Vec<Link>),
    /// The label of an assertion or hypothesis.
    Label(String),
}

/// A request to a handler.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// The opcode.
    pub opcode: Opcode,
    /// The function's name, "" if the opcode has none.
    pub function: &'static str,
    /// The operands, in order. For a read by embedding: destination, key, range, limit.
    pub operands: Vec<Given>,
    /// Steps that are left to the program or child.
    pub left: u64,
    /// Number of the step.
    pub time: u64,
}

/// The machine's state that a handler may read.
pub struct View<'m> {
    /// The workspace, as it is before the instruction.
    pub workspace: &'m Workspace,
    /// The terms; new ones may be made.
    pub arena: &'m mut Arena,
    /// The assertions that labels name.
    pub assertions: &'m dyn Assertions,
    /// Digests of terms.
    pub digests: &'m mut Digests,
    /// Decisions that were made, each with what it answers.
    pub decisions: &'m [(Decision, TermId)],
    /// Metavariables in use.
    pub metas: u32,
}

impl View<'_> {
    /// The prefix form of a term; none if it has more than [`terms::LITERAL_LIMIT`] nodes.
    pub fn literal(&self, t: TermId) -> Option<String> {
        terms::print(self.arena, self.assertions, t, terms::LITERAL_LIMIT)
    }
    /// Reads a term in prefix form.
    ///
    /// # Errors
    /// One line: what is wrong with it.
    pub fn read(&mut self, text: &str) -> Result<TermId, String> {
        let used = self.metas;
        terms::read(text, self.assertions, self.arena, &|m| m < used)
    }
}

/// A handler's reply. Derivations prove its derived facts and the facts that follow from further hypotheses.
#[derive(Clone, Default)]
pub struct Reply {
    /// Cells to write; no facts.
    pub writes: Vec<(Address, Content)>,
    /// Where a derived fact goes, and how it was derived. An open goal cell of the same term may be named too: the
    /// fact closes it.
    pub facts: Vec<(Address, Derivation)>,
    /// Open goals that a fact of this answer closes: (goal, fact).
    pub closes: Vec<(Address, Address)>,
    /// Derivations from further hypotheses: checked and judged, not committed.
    pub conditional: Vec<Derivation>,
    /// Links to add.
    pub links: Vec<Link>,
    /// For reads by embedding: addresses with scores in fixed point, best first, equal scores by address.
    pub ranked: Vec<(Address, i64)>,
    /// For a hole of a CALL: labels of assertions, best first.
    pub labels: Vec<String>,
    /// For the trace: certificate, effort, choices, one line each.
    pub detail: Vec<String>,
}

impl From<Refusal> for Wrong {
    fn from(r: Refusal) -> Wrong {
        Wrong { kind: r.kind, address: r.address, claim: r.claim }
    }
}

/// A handler, which answers requests. Equal requests must get equal answers.
pub trait Handler {
    /// Computes an answer; changes nothing.
    ///
    /// # Errors
    /// The fault that the instruction ends in.
    fn handle(&mut self, request: &Request, view: &mut View<'_>) -> Result<Reply, Refusal>;
}

/// Confirms answers by other code than the handler's.
pub trait Checker {
    /// Looks at an answer.
    ///
    /// # Errors
    /// The reply's defect. The machine ends with the fault `obligation`.
    fn check(&mut self, request: &Request, reply: &Reply, view: &mut View<'_>) -> Result<(), String>;
}

/// The handler of an opcode or of reads by embedding.
struct Entry<'a> {
    handler: Box<dyn Handler + 'a>,
    checker: Option<Box<dyn Checker + 'a>>,
}

/// The registered handlers.
#[derive(Default)]
pub(in crate::dsl::machine) struct Registry<'a> {
    entries: BTreeMap<Opcode, Entry<'a>>,
}

fn answered(opcode: Opcode) -> bool {
    opcode.level() > 0 || opcode == Opcode::Readk
}

impl<'a> Machine<'a> {
    /// Has an opcode of Level 1 or 2 answered by `handler`, its answers confirmed by `checker`. With READK, this is
    /// the handler of READK.near and WRITEK.near. A later registration replaces an earlier one.
    ///
    /// # Errors
    /// An opcode that the machine executes itself.
    pub fn register(
        &mut self,
        opcode: Opcode,
        handler: Box<dyn Handler + 'a>,
        checker: Option<Box<dyn Checker + 'a>>,
    ) -> Result<(), String> {
        if !answered(opcode) {
            return Err(format!("{} is executed by the machine itself", opcode.name()));
        }
        self.handlers.entries.insert(opcode, Entry { handler, checker });
        Ok(())
    }
    /// The opcodes that have a handler.
    pub fn registered(&self) -> Vec<Opcode> {
        self.handlers.entries.keys().copied().collect()
    }

    /// An opcode that a handler answers.
    pub(in crate::dsl::machine) fn handled(&mut self, at: At, e: &mut Effect) -> Result<(), Wrong> {
        let i = at.instruction();
        let (reply, checked) = if self.handlers.entries.contains_key(&i.opcode) {
            let request = self.request(at, e)?;
            self.ask(&request)?
        } else if i.opcode.level() == 1 {
            return self.builtin(i, e);
        } else {
            let claim = format!("{} has a handler on this machine", i.opcode.name());
            return Err(Wrong::new(FaultKind::Unavailable, claim));
        };
        self.accept(at, reply, checked, e)
    }
    fn request(&mut self, at: At, e: &mut Effect) -> Result<Request, Wrong> {
        let i = at.instruction();
        let function = i.opcode.functions().get(usize::from(i.function)).copied().unwrap_or("");
        let forms = i.opcode.forms();
        let fits = |f: &&&[Slot]| f.len() == i.operands.len() && f.iter().zip(&i.operands).all(|(s, &o)| s.takes(o));
        let form = forms.iter().find(fits).copied().unwrap_or(&[]);
        let mut operands = Vec::with_capacity(i.operands.len());
        for (&o, &slot) in i.operands.iter().zip(form).filter(|(_, &slot)| slot != Slot::Words) {
            operands.push(self.given(at.program, o, slot, e)?);
        }
        Ok(Request { opcode: i.opcode, function, operands, left: self.left, time: at.time })
    }
    fn given(&mut self, p: &Program, o: Operand, slot: Slot, e: &mut Effect) -> Result<Given, Wrong> {
        match (o, slot) {
            (Operand::Label(s), _) => Ok(Given::Label(p.string(s).to_owned())),
            (Operand::Range(_) | Operand::IndirectRange(..), _) => {
                let span = self.span(o, e)?;
                Ok(self.cells_of(span))
            }
            (Operand::Address(_) | Operand::Indirect(_), Slot::Place) => {
                let a = self.place(o, e)?;
                self.permit(Right::Read, a)?;
                e.note(a);
                let c = self.workspace.content(a);
                Ok(Given::Place(a, self.as_formula(c)?))
            }
            _ => {
                let (a, c) = self.value(p, o, e)?;
                let c = self.as_formula(c)?;
                Ok(a.map_or(Given::Literal(c), |a| Given::Place(a, c)))
            }
        }
    }
    fn cells_of(&mut self, span: Span) -> Given {
        let mut found = Vec::new();
        let mut links = Vec::new();
        self.workspace.scan(span, &mut |a, cell| {
            found.push((a, cell.content()));
            true
        });
        for (a, c) in &mut found {
            *c = self.under_bindings(*c);
            links.extend_from_slice(self.workspace.links_from(*a));
        }
        Given::Cells(span, found, links)
    }
    /// A content under the bindings, a sequent as the formula that says the same.
    fn as_formula(&mut self, c: Content) -> Result<Content, Wrong> {
        let mut c = self.under_bindings(c);
        if let Some(t) = c.as_term() {
            c.value = u64::from(self.formula_of(t)?.0);
        }
        Ok(c)
    }
    fn under_bindings(&mut self, mut c: Content) -> Content {
        if let Some(t) = c.as_term() {
            c.value = u64::from(self.resolved(t).0);
        }
        c
    }
    /// The handler's answer, and whether a checker confirmed it.
    pub(in crate::dsl::machine) fn ask(&mut self, request: &Request) -> Result<(Reply, bool), Wrong> {
        let metas = self.metas_in_use();
        let entry = self.handlers.entries.get_mut(&request.opcode);
        let unavailable = || Wrong::new(FaultKind::Unavailable, "reads by embedding have a handler on this machine");
        let entry = entry.ok_or_else(unavailable)?;
        let mut view = View {
            workspace: &self.workspace,
            arena: &mut self.arena,
            assertions: &*self.assertions,
            digests: &mut self.digests,
            decisions: &self.decisions,
            metas,
        };
        let reply = entry.handler.handle(request, &mut view)?;
        let Some(checker) = &mut entry.checker else {
            return Ok((reply, false));
        };
        let refuted = |why| Wrong::new(FaultKind::Obligation, format!("the checker confirms the answer: {why}"));
        checker.check(request, &reply, &mut view).map_err(refuted)?;
        Ok((reply, true))
    }
    /// Checks an answer, has its derivations judged, and makes it this instruction's effect.
    fn accept(&mut self, at: At, reply: Reply, checked: bool, e: &mut Effect) -> Result<(), Wrong> {
        let ill = |claim: String| Wrong::new(FaultKind::Handler, claim);
        if reply.writes.len() + reply.facts.len() + reply.links.len() > REPLY_LIMIT {
            return Err(Wrong::new(FaultKind::Bound, "an answer has at most 2^20 cells and links"));
        }
        let named = self.named(at, e)?;
        let mut judge = None;
        for (a, content) in reply.writes {
            self.may_write(a, &named)?;
            if matches!(content.tag, Tag::Empty | Tag::Fact) {
                return Err(ill(format!("an answer writes no {} cell, but it does at {a}", content.tag.name())));
            }
            e.writes.push((a, content));
        }
        for (a, derivation) in reply.facts {
            self.may_write(a, &named)?;
            let (proof, used) = self.derive(&derivation)?;
            judge = Some(self.judged(&derivation, &proof)?);
            let number = (self.proofs.len() + e.proofs.len()) as u32;
            e.writes.push((a, Content::fact(proof.goal, number)));
            e.proofs.push(proof);
            for to in used {
                self.premise_link(a, to, e)?;
            }
        }
        for derivation in reply.conditional {
            let (proof, _) = self.derive(&derivation)?;
            judge = Some(self.judged(&derivation, &proof)?);
        }
        for (goal, fact) in reply.closes {
            self.close_by(goal, fact, e)?;
        }
        self.answer_links(reply.links, e)?;
        let mut seen: Vec<Address> = e.writes.iter().map(|w| w.0).collect();
        seen.sort_unstable();
        if let Some(w) = seen.windows(2).find(|w| w[0] == w[1]) {
            return Err(ill(format!("an answer writes a cell once, but {} twice", w[0])));
        }
        e.claim = Some(Claim::Answered { detail: reply.detail, checked, judge });
        Ok(())
    }
    /// The places and ranges that the operands name: an answer writes there, or behind the first operand.
    fn named(&mut self, at: At, e: &mut Effect) -> Result<Vec<Span>, Wrong> {
        let mut out = Vec::new();
        for (n, &o) in at.instruction().operands.iter().enumerate() {
            let span = match o {
                Operand::Address(_) | Operand::Indirect(_) => {
                    let a = self.place(o, e)?;
                    Span::new(a, 1)
                }
                Operand::Range(s) => Some(s),
                Operand::IndirectRange(cell, len) => Span::new(self.place(Operand::Indirect(cell), e)?, len),
                _ => None,
            };
            let behind = |s: Span| match n {
                0 => Span::new(s.first(), REPLY_LIMIT as u32 + 1).unwrap_or(s),
                _ => s,
            };
            out.extend(span.map(behind));
        }
        Ok(out)
    }
    fn may_write(&self, a: Address, named: &[Span]) -> Result<(), Wrong> {
        writable(a)?;
        match named.iter().any(|s| s.contains(a)) {
            true => Ok(()),
            false => {
                let claim = "an answer writes where its operands say, or behind its first operand";
                Err(Wrong::at(FaultKind::Handler, a, claim))
            }
        }
    }
    fn premise_link(&self, from: Address, to: Address, e: &mut Effect) -> Result<(), Wrong> {
        let link = Link { from, kind: LinkKind::Premise, to };
        match from == to || self.workspace.closes_cycle(link) {
            true => Err(Wrong::at(FaultKind::Link, from, "a fact is not its own premise")),
            false => {
                e.links.push(link);
                Ok(())
            }
        }
    }
    /// The open goal is recorded as closed by a fact that this answer writes.
    fn close_by(&mut self, goal: Address, fact: Address, e: &mut Effect) -> Result<(), Wrong> {
        let content = self.workspace.content(goal);
        if !content.is_open_goal() {
            return Err(Wrong::at(FaultKind::Goal, goal, "the goal is open"));
        }
        let term = content.as_term().map(|t| self.resolved(t));
        let term = term.map(|t| self.formula_of(t)).transpose()?;
        let written = e.writes.iter().find(|w| w.0 == fact && w.1.tag == Tag::Fact);
        if written.is_none_or(|w| w.1.as_term() != term) {
            return Err(Wrong::at(FaultKind::Handler, goal, "the fact that closes a goal says the same"));
        }
        let own = content.as_term().expect("goals have terms");
        e.writes.push((goal, Content::goal_with(own, StepTaken::Shared(fact))));
        e.links.push(Link { from: goal, kind: LinkKind::Subgoal, to: fact });
        Ok(())
    }
    /// Links of an answer: both ends exist after it, and none of them closes a cycle that its kind forbids, alone or
    /// with the others.
    fn answer_links(&mut self, links: Vec<Link>, e: &mut Effect) -> Result<(), Wrong> {
        if links.is_empty() {
            return Ok(());
        }
        let mut after = self.workspace.clone();
        for &(a, c) in &e.writes {
            let mut cell = *after.get(a);
            (cell.value, cell.inline, cell.tag) = (c.value, c.inline, c.tag);
            after.set(a, cell);
        }
        for link in e.links.iter().copied().chain(links.iter().copied()) {
            writable(link.from)?;
            if let Err(why) = after.link(link) {
                let claim = format!("an answer's links have both ends and close no forbidden cycle ({why:?})");
                return Err(Wrong::at(FaultKind::Link, link.from, claim));
            }
        }
        e.links.extend(links);
        Ok(())
    }

    /// READK.near and WRITEK.near: the first `limit` of the handler's ranking, which must be in canonical order:
    /// score falling, then address rising.
    pub(in crate::dsl::machine) fn near(
        &mut self,
        (place, key): (Option<Address>, Content),
        span: Span,
        limit: usize,
    ) -> Result<Vec<Witness>, Wrong> {
        let unavailable = || Wrong::new(FaultKind::Unavailable, "reads by embedding have a handler on this machine");
        if !self.handlers.entries.contains_key(&Opcode::Readk) {
            return Err(unavailable());
        }
        let key = self.under_bindings(key);
        let key = place.map_or(Given::Literal(key), |a| Given::Place(a, key));
        let cells = match self.cells_of(span) {
            Given::Cells(span, mut cells, links) => {
                cells.retain(|c| Some(c.0) != place);
                Given::Cells(span, cells, links)
            }
            other => other,
        };
        let Given::Cells(_, candidates, _) = &cells else { return Err(unavailable()) };
        let candidates: Vec<Address> = candidates.iter().map(|c| c.0).collect();
        let limited = Given::Literal(Content::int(limit as i64));
        let function = ReadMode::Near.name();
        let operands = vec![key, cells, limited];
        let request = Request { opcode: Opcode::Readk, function, operands, left: self.left, time: self.time };
        let (reply, _) = self.ask(&request)?;
        let mut last: Option<(std::cmp::Reverse<i64>, Address)> = None;
        for &(a, score) in &reply.ranked {
            let here = (std::cmp::Reverse(score), a);
            if last >= Some(here) || candidates.binary_search(&a).is_err() {
                let claim = "a ranking names cells of the range, score falling, then address rising";
                return Err(Wrong::at(FaultKind::Handler, a, claim));
            }
            last = Some(here);
        }
        let hit = |&(address, _): &(Address, i64)| Witness { address, substitution: Vec::new() };
        Ok(reply.ranked.iter().take(limit).map(hit).collect())
    }
}
