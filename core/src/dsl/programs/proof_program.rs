//! A proof, found elsewhere, as a program of this machine: one UNIFY a step, then ASSERT and HALT.

use super::program::{Instruction, Operand, Operands, Program};
use crate::dsl::isa::{MovKind, Opcode};
use crate::dsl::memory::cell::Address;

/// One step of a proof that search found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProofNode {
    /// Label of the assertion or of one of the task's own hypotheses.
    pub label: String,
    /// The nodes that prove its hypotheses, in order: any indices, as long as there is no cycle.
    pub premises: Vec<u32>,
    /// Number of the assertion's variables (0 for an own hypothesis).
    pub variables: u32,
    /// Values to give to variables that unification leaves open: (index of the variable, term literal).
    pub values: Vec<(u32, String)>,
}

/// Where the program keeps things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// The fact goes here.
    pub fact: Address,
    /// The goal; subgoals follow it.
    pub goal: Address,
}

impl Default for Layout {
    /// Fact at 0:0:0, goal at 1:0:0.
    fn default() -> Self {
        Layout { fact: Address::new(0, 0, 0).expect("inside"), goal: Address::new(1, 0, 0).expect("inside") }
    }
}

/// Why a proof is no program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofProgramError {
    /// This index names no node.
    NoNode(u32),
    /// This node depends on itself.
    Cycle(u32),
    /// More steps than slots.
    TooLong,
}

impl std::fmt::Display for ProofProgramError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ProofProgramError::NoNode(n) => write!(f, "proof: there is no node {n}"),
            ProofProgramError::Cycle(n) => write!(f, "proof: node {n} depends on itself"),
            ProofProgramError::TooLong => write!(f, "proof: more steps than slots"),
        }
    }
}

impl std::error::Error for ProofProgramError {}

/// The program that proves node `root` of `nodes` backward, in depth-first order, premises from left to right.
/// A node that is needed again is shared, not proved again. With `statement` (a term literal) the program makes the
/// goal cell itself; without, the host loads an open goal at `layout.goal`. `first_meta` = metavariables in use
/// when the program begins (0 on a fresh machine).
pub fn proof_program(
    statement: Option<&str>,
    nodes: &[ProofNode],
    root: u32,
    layout: Layout,
    first_meta: u32,
) -> Result<Program, ProofProgramError> {
    let mut b = Builder {
        program: Program::new(),
        nodes,
        state: vec![State::New; nodes.len()],
        free: layout.goal.plus(1).ok_or(ProofProgramError::TooLong)?,
        metas: first_meta,
        stack: vec![Visit::Enter(root, layout.goal)],
    };
    b.program.begin_block("main");
    let goal = Operand::Address(layout.goal);
    if let Some(text) = statement {
        let term = Operand::Term(b.program.intern(text));
        b.emit(Opcode::Mov, MovKind::Goal as u8, &[goal, term]);
    }
    while let Some(visit) = b.stack.pop() {
        match visit {
            Visit::Enter(n, at) => b.enter(n, at)?,
            Visit::Leave(n) => {
                if let State::Open(at) = b.state[n as usize] {
                    b.state[n as usize] = State::Done(at);
                }
            }
        }
    }
    b.emit(Opcode::Assert, 0, &[Operand::Address(layout.fact), goal]);
    b.emit(Opcode::Halt, 0, &[Operand::Integer(0)]);
    Ok(b.program)
}

struct Builder<'a> {
    program: Program,
    nodes: &'a [ProofNode],
    state: Vec<State>,
    /// The first slot that is not used yet.
    free: Address,
    metas: u32,
    stack: Vec<Visit>,
}

impl Builder<'_> {
    fn emit(&mut self, opcode: Opcode, function: u8, operands: &[Operand]) {
        self.program.push(Instruction::new(opcode, function, operands));
    }
    /// The step of node `n` for the goal at `at`.
    fn enter(&mut self, n: u32, at: Address) -> Result<(), ProofProgramError> {
        let node = self.nodes.get(n as usize).ok_or(ProofProgramError::NoNode(n))?;
        match self.state[n as usize] {
            State::Open(_) => return Err(ProofProgramError::Cycle(n)),
            State::Done(first) => {
                self.emit(Opcode::Unify, 0, &[Operand::Address(at), Operand::Address(first)]);
                return Ok(());
            }
            State::New => self.state[n as usize] = State::Open(at),
        }
        let mut operands = Operands::new();
        if !node.premises.is_empty() {
            operands.push(Operand::Address(self.free));
        }
        operands.push(Operand::Address(at));
        operands.push(Operand::Label(self.program.intern(&node.label)));
        self.emit(Opcode::Unify, 0, &operands);
        for (variable, literal) in &node.values {
            let meta = self.program.intern(&format!("?{}", self.metas + variable));
            let value = self.program.intern(literal);
            self.emit(Opcode::Unify, 0, &[Operand::Term(meta), Operand::Term(value)]);
        }
        self.metas += node.variables;
        self.stack.push(Visit::Leave(n));
        let first = self.free;
        let next = |k: usize| first.plus(k as u64).ok_or(ProofProgramError::TooLong);
        for (k, &premise) in node.premises.iter().enumerate().rev() {
            self.stack.push(Visit::Enter(premise, next(k)?));
        }
        self.free = next(node.premises.len())?;
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open(Address),
    Done(Address),
}

enum Visit {
    Enter(u32, Address),
    Leave(u32),
}
