//! A proof, found elsewhere, as a program of this machine: one UNIFY a step, then ASSERT and HALT.

use super::cell::{Address, Span};
use super::isa::{MovKind, Opcode};
use super::program::{Instruction, Operand, Program};

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
        Layout {
            fact: Address::new(0, 0, 0).expect("inside"),
            goal: Address::new(1, 0, 0).expect("inside"),
        }
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
    let mut p = Program::new();
    p.begin_block("main");
    let goal = Operand::Address(layout.goal);
    if let Some(text) = statement {
        let term = Operand::Term(p.intern(text));
        p.push(Instruction::new(
            Opcode::Mov,
            MovKind::Goal as u8,
            &[goal, term],
        ));
    }
    let mut state: Vec<State> = vec![State::New; nodes.len()];
    let mut free = layout.goal.plus(1).ok_or(ProofProgramError::TooLong)?;
    let mut metas = first_meta;
    let mut stack = vec![Visit::Enter(root, layout.goal)];
    while let Some(visit) = stack.pop() {
        let (n, at) = match visit {
            Visit::Leave(n) => {
                if let State::Open(at) = state[n as usize] {
                    state[n as usize] = State::Done(at);
                }
                continue;
            }
            Visit::Enter(n, at) => (n, at),
        };
        let node = nodes.get(n as usize).ok_or(ProofProgramError::NoNode(n))?;
        match state[n as usize] {
            State::Open(_) => return Err(ProofProgramError::Cycle(n)),
            State::Done(first) => {
                let operands = [Operand::Address(at), Operand::Address(first)];
                p.push(Instruction::new(Opcode::Unify, 0, &operands));
                continue;
            }
            State::New => state[n as usize] = State::Open(at),
        }
        let label = Operand::Label(p.intern(&node.label));
        let mut operands = vec![Operand::Address(at), label];
        if !node.premises.is_empty() {
            operands.insert(0, Operand::Address(free));
        }
        p.push(Instruction::new(Opcode::Unify, 0, &operands));
        for (variable, literal) in &node.values {
            let meta = Operand::Term(p.intern(&format!("?{}", metas + variable)));
            let value = Operand::Term(p.intern(literal));
            p.push(Instruction::new(Opcode::Unify, 0, &[meta, value]));
        }
        metas += node.variables;
        stack.push(Visit::Leave(n));
        let slots =
            Span::new(free, node.premises.len() as u32).ok_or(ProofProgramError::TooLong)?;
        for (k, &premise) in node.premises.iter().enumerate().rev() {
            let at = slots
                .first()
                .plus(k as u64)
                .ok_or(ProofProgramError::TooLong)?;
            stack.push(Visit::Enter(premise, at));
        }
        free = free
            .plus(node.premises.len() as u64)
            .ok_or(ProofProgramError::TooLong)?;
    }
    let fact = Operand::Address(layout.fact);
    p.push(Instruction::new(Opcode::Assert, 0, &[fact, goal]));
    p.push(Instruction::new(Opcode::Halt, 0, &[Operand::Integer(0)]));
    Ok(p)
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
