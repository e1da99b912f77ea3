//! A content proof from decisions, of a program that is read in one pass or of cells that a machine has kept.

use crate::dsl::isa::Opcode;
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::memory::cell::Address;
use crate::dsl::programs::content::Decision;
use crate::dsl::programs::program::{Instruction, Operand, Program};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::inference::moves::sequents::{sequent, Connectives, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof, Node};
use crate::wake_sleep::inference::text::decide::{parts, Made};
use crate::wake_sleep::inference::text::{refusal, Texts};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

impl ContentProof {
    /// Adds the result of a decision; `below` are the nodes that answer the sequents that it leaves. Returns the number
    /// of its last node. Where an answer proves a sequent in another form, nodes that change the form are added.
    pub fn add(&mut self, made: &Made, below: &[u32], c: &Connectives, arena: &mut Arena) -> u32 {
        let offset = self.nodes.len() as u32;
        let mut own: Vec<u32> = Vec::with_capacity(made.nodes.len());
        for node in &made.nodes {
            let mut children: SmallVec<[u32; 3]> = SmallVec::new();
            for &k in &node.children {
                let child = match below.get(k as usize) {
                    None => own[k as usize - below.len()],
                    Some(&n) if node.by == By::Split => n,
                    Some(&n) => self.in_words(n, made.left[k as usize], c, arena),
                };
                children.push(child);
            }
            self.nodes.push(Node { sequent: node.sequent, by: node.by.clone(), children });
            own.push(self.nodes.len() as u32 - 1);
        }
        own.last().copied().unwrap_or(offset)
    }
    /// The number of a node that answers `asked`, in the sense in which a node of a [`ContentProof`] serves a formula.
    pub fn in_words(&mut self, n: u32, asked: TermId, c: &Connectives, arena: &mut Arena) -> u32 {
        let own = self.nodes[n as usize].sequent;
        if own == asked || parts(c, arena, asked)[..] == [own] {
            return n;
        }
        self.nodes.push(Node { sequent: asked, by: By::Split, children: SmallVec::from_elem(n, 1) });
        self.nodes.len() as u32 - 1
    }
}

/// A program while its instructions are applied.
pub(in crate::wake_sleep::inference::text) struct Follow<'a, 'b> {
    by: &'a Texts<'a>,
    arena: &'b mut Arena,
    /// The open sequent of each cell.
    asked: FxHashMap<Address, TermId>,
    made: FxHashMap<Address, (Made, Option<Address>)>,
    shared: FxHashMap<Address, Address>,
}

fn cell(o: &Operand) -> Option<Address> {
    match *o {
        Operand::Address(a) => Some(a),
        _ => None,
    }
}

impl<'a, 'b> Follow<'a, 'b> {
    pub fn new(by: &'a Texts<'a>, arena: &'b mut Arena) -> Self {
        let (asked, made, shared) = (FxHashMap::default(), FxHashMap::default(), FxHashMap::default());
        Follow { by, arena, asked, made, shared }
    }
    /// Applies the instructions of a program and returns its content proof.
    pub fn program(mut self, program: &Program) -> Result<ContentProof, (usize, Refusal)> {
        let all = program.instructions();
        let last = all.len().saturating_sub(1);
        let asserted = all.iter().find(|i| i.opcode == Opcode::Assert).and_then(|i| cell(i.operands.get(1)?));
        let root = asserted.ok_or_else(|| (last, refusal(FaultKind::Operand, "expected ASSERT of the goal")))?;
        let goal = sequent(self.arena, self.by.task.goal, Terms::new());
        self.asked.insert(root, goal);
        for (n, i) in all.iter().enumerate() {
            self.instruction(program, i).map_err(|why| (n, why))?;
        }
        let c = self.by.moves.connectives.before(self.by.task.limit);
        let (mut out, mut done) = (ContentProof::default(), FxHashMap::default());
        let open = || (last, refusal(FaultKind::Open, "every sequent is answered"));
        let n = self.nodes(root, &c, &mut out, &mut done).ok_or_else(open)?;
        out.in_words(n, goal, &c, self.arena);
        Ok(out)
    }
    fn instruction(&mut self, p: &Program, i: &Instruction) -> Result<(), Refusal> {
        let unknown = || refusal(FaultKind::Empty, "expected the cell of an open sequent");
        if i.opcode == Opcode::Unify {
            let pair = i.operands.first().and_then(cell).zip(i.operands.get(1).and_then(cell));
            let (a, b) = pair.ok_or_else(unknown)?;
            self.shared.insert(a, b);
            return Ok(());
        }
        if !i.is_content() {
            return Ok(());
        }
        let span = i.operands.iter().find_map(|o| match o {
            Operand::Range(s) => Some(*s),
            _ => None,
        });
        let goal = i.operands.iter().find_map(cell).ok_or_else(unknown)?;
        let text = |wanted: fn(&Operand) -> bool| {
            i.operands.iter().find(|o| wanted(o)).map(|o| match o {
                Operand::Label(s) | Operand::Text(s) => p.string(*s).to_owned(),
                _ => String::new(),
            })
        };
        let decision = Decision {
            opcode: i.opcode,
            label: text(|o| matches!(o, Operand::Label(_))),
            words: text(|o| matches!(o, Operand::Text(_))).unwrap_or_default(),
            leaves: span.map_or(0, |s| s.len() as usize),
        };
        let &asked = self.asked.get(&goal).ok_or_else(unknown)?;
        let made = self.by.decide(asked, &decision, self.arena)?;
        if made.left.len() != decision.leaves {
            return Err(refusal(FaultKind::Operand, "expected a place for each sequent that it leaves"));
        }
        for (k, &s) in made.left.iter().enumerate() {
            let place = span.and_then(|x| x.first().plus(k as u64)).ok_or_else(unknown)?;
            self.asked.insert(place, s);
        }
        self.made.insert(goal, (made, span.map(|s| s.first())));
        Ok(())
    }
    /// Adds the nodes that answer a cell; returns the number of the last one.
    fn nodes(
        &mut self,
        a: Address,
        c: &Connectives,
        out: &mut ContentProof,
        done: &mut FxHashMap<Address, u32>,
    ) -> Option<u32> {
        let mut stack = vec![(a, false)];
        while let Some((a, ready)) = stack.pop() {
            if done.contains_key(&a) {
                continue;
            }
            if let Some(&b) = self.shared.get(&a) {
                match done.get(&b).copied() {
                    Some(n) => _ = done.insert(a, n),
                    None if ready => return None,
                    None => stack.extend([(a, true), (b, false)]),
                }
                continue;
            }
            let (made, first) = self.made.get(&a)?;
            let below: Vec<Address> =
                (0..made.left.len()).map(|k| first.and_then(|f| f.plus(k as u64))).collect::<Option<_>>()?;
            if !ready {
                stack.push((a, true));
                stack.extend(below.into_iter().rev().map(|b| (b, false)));
                continue;
            }
            let below: Vec<u32> = below.iter().map(|b| done.get(b).copied()).collect::<Option<_>>()?;
            let n = out.add(made, &below, c, self.arena);
            done.insert(a, n);
        }
        done.get(&a).copied()
    }
}
