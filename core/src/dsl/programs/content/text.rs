//! Content programs as texts: the lines become instructions, numbers of nodes addresses.

use crate::dsl::formulas::sequent::GAP;
use crate::dsl::isa::Opcode;
use crate::dsl::memory::cell::{Address, Span};
use crate::dsl::programs::cursor::{AsmError, Cursor};
use crate::dsl::programs::directive;
use crate::dsl::programs::directive::DirectiveKind;
use crate::dsl::programs::program::{Instruction, Operand, Operands, Program};
use crate::util::text::is_name_char;
use rustc_hash::FxHashMap;

/// How a content program begins.
pub const HEAD: &str = ".content 1";

/// Nodes of one content program, at most.
const MAX_NODES: usize = 1 << 16;

/// Whether a text is a content program.
pub fn is_content(text: &str) -> bool {
    text.lines().next().is_some_and(|l| l.trim() == HEAD)
}

/// The kind of operand in an opcode's own field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Nothing,
    Label,
    Words,
    Number,
}

/// The operand that an opcode of content programs takes; `None` for other opcodes.
fn own_operand(opcode: Opcode) -> Option<Own> {
    Some(match opcode {
        Opcode::Apply | Opcode::Hyp | Opcode::Replay | Opcode::Unify | Opcode::Call => Own::Label,
        Opcode::Use | Opcode::Close | Opcode::Cases | Opcode::Hypothesize | Opcode::Rewrite => Own::Words,
        Opcode::Plan => Own::Number,
        Opcode::Member | Opcode::Split | Opcode::Weaken | Opcode::Congr => Own::Nothing,
        _ => return None,
    })
}

/// A line: a node and what it says.
struct Node {
    /// The line, from 1.
    at: usize,
    opcode: Opcode,
    own: Own,
    operand: String,
    /// The numbers of the nodes that it rests on.
    from: Vec<u32>,
    words: String,
}

/// A word and what is behind it.
fn split(field: &str) -> (&str, &str) {
    let (word, rest) = field.split_once(' ').unwrap_or((field, ""));
    (word, rest.trim())
}

fn wrong<T>(line: usize, expected: impl Into<String>, found: impl Into<String>) -> Result<T, AsmError> {
    Err(AsmError { line, column: 1, expected: expected.into(), found: found.into() })
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

impl Node {
    /// A line's node and its number.
    fn of(at: usize, text: &str) -> Result<(u32, Node), AsmError> {
        let fields: Vec<&str> = text.split(GAP).map(str::trim).filter(|f| !f.is_empty()).collect();
        let number = fields.first().copied().unwrap_or("");
        let Ok(number) = number.parse() else {
            return wrong(at, "the node's number, and two blanks between fields", quoted(number));
        };
        let (name, operand) = split(fields.get(1).copied().unwrap_or(""));
        let known = Opcode::ALL.iter().find(|o| o.name() == name).and_then(|&o| Some((o, own_operand(o)?)));
        let Some((opcode, own)) = known else { return wrong(at, "an opcode of content programs", quoted(name)) };
        let mut node = Node { at, opcode, own, operand: operand.to_owned(), from: Vec::new(), words: String::new() };
        let fits = match own {
            Own::Nothing => operand.is_empty(),
            Own::Label => !operand.is_empty() && operand.chars().all(is_name_char),
            Own::Number => operand.parse::<i64>().is_ok(),
            Own::Words => !operand.is_empty(),
        };
        if !fits {
            let expected = match own {
                Own::Nothing => "no operand",
                Own::Label => "a label",
                Own::Number => "a number",
                Own::Words => "its operand",
            };
            return wrong(at, format!("{expected} behind {name}"), quoted(operand));
        }
        let mut words: Vec<&str> = if own == Own::Words { vec![operand] } else { Vec::new() };
        let mut behind = false; // the colon
        for &field in &fields[2..] {
            let (word, rest) = split(field);
            behind |= field == ":";
            if word == "from" && !behind && !rest.starts_with(":= ") {
                let numbers = rest.split(' ').map(str::parse).collect::<Result<Vec<u32>, _>>();
                let Ok(numbers) = numbers else { return wrong(at, "numbers of nodes behind from", quoted(rest)) };
                node.from = numbers;
            } else {
                words.push(field);
            }
        }
        node.words = words.join(GAP);
        Ok((number, node))
    }
}

/// The instructions of a content program, and by instruction its line, from 1.
///
/// # Errors
/// The first place where the text is not as expected, and what was expected there.
pub fn assemble(text: &str) -> Result<(Program, Vec<usize>), AsmError> {
    let mut program = Program::new();
    let (mut nodes, mut named) = (Vec::<Node>::new(), FxHashMap::default());
    let mut heads = Vec::new();
    for (line, at) in text.lines().zip(1..).skip(1) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        if line.starts_with('.') && nodes.is_empty() {
            head(line, at, &mut program)?;
            heads.push(at);
            continue;
        }
        let (number, node) = Node::of(at, line)?;
        if named.insert(number, nodes.len()).is_some() {
            return wrong(at, "each number once", format!("a node {number} again"));
        }
        if nodes.len() >= MAX_NODES {
            return wrong(at, format!("at most {MAX_NODES} nodes"), "one more");
        }
        nodes.push(node);
    }
    if let Err((n, expected)) = directive::check(program.directives(), program.strings()) {
        return wrong(heads[n], expected, "this directive");
    }
    let goal = program.directives().iter().find(|d| d.kind == DirectiveKind::Goal).map(|d| d.words[0]);
    let goal = goal.and_then(|s| program.string(s).parse::<Address>().ok());
    let Some(goal) = goal else {
        return wrong(1, "what it proves in its head: .database, .theorem, .goal as in program.asm", "no .goal");
    };
    let Some(root) = nodes.first() else { return wrong(1, "nodes behind the head", "none") };
    let last = root.at;
    let mut b = Builder {
        program,
        lines: Vec::new(),
        free: goal,
        state: vec![State::New; nodes.len()],
        nodes: &nodes,
        named: &named,
    };
    b.program.begin_block("main");
    b.take(last, 1)?;
    b.nodes_below(goal)?;
    if let Some(n) = b.state.iter().position(|s| matches!(s, State::New)) {
        return wrong(nodes[n].at, "a node that the root rests on", "one that nothing uses");
    }
    let fact = if goal == Address::ZERO { b.take(last, 1)? } else { Address::ZERO };
    b.emit(last, Opcode::Assert, [Operand::Address(fact), Operand::Address(goal)].into_iter().collect());
    b.emit(last, Opcode::Halt, [Operand::Integer(0)].into_iter().collect());
    Ok((b.program, b.lines))
}

/// A directive of the head.
fn head(line: &str, at: usize, program: &mut Program) -> Result<(), AsmError> {
    let mut c = Cursor { text: line, at: 0, line: at };
    let word = c.take_while(|c| !c.is_whitespace() && c != ';');
    let Some(kind) = DirectiveKind::from_name(word) else { return c.error_at(0, "a directive") };
    let made = directive::read(kind, &mut c, &mut |word| program.intern(word))?;
    program.push_directive(made);
    Ok(())
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    Done(Address),
}

enum Visit {
    /// A node and the cell that asks for it, on the line of the node that leaves it.
    Enter(usize, Address, usize),
    Leave(usize, Address),
}

/// Makes the instructions, depth first.
struct Builder<'n> {
    program: Program,
    lines: Vec<usize>,
    /// The first slot that is not used yet.
    free: Address,
    state: Vec<State>,
    nodes: &'n [Node],
    named: &'n FxHashMap<u32, usize>,
}

impl Builder<'_> {
    fn emit(&mut self, line: usize, opcode: Opcode, operands: Operands) {
        self.program.push(Instruction { opcode, function: 0, predicate: None, operands });
        self.lines.push(line);
    }
    /// Takes slots; the first of them.
    fn take(&mut self, line: usize, slots: usize) -> Result<Address, AsmError> {
        let first = self.free;
        match first.plus(slots as u64).filter(|a| !a.is_system()) {
            Some(next) => self.free = next,
            None => return wrong(line, "nodes that fit behind the goal's cell", "the end of the space"),
        }
        Ok(first)
    }
    fn nodes_below(&mut self, goal: Address) -> Result<(), AsmError> {
        let mut stack = vec![Visit::Enter(0, goal, self.nodes[0].at)];
        while let Some(visit) = stack.pop() {
            match visit {
                Visit::Leave(n, at) => self.state[n] = State::Done(at),
                Visit::Enter(n, at, line) => match self.state[n] {
                    State::Open => {
                        return wrong(self.nodes[n].at, "a node that does not rest on itself", "one that does")
                    }
                    State::Done(other) => {
                        let pair = [Operand::Address(at), Operand::Address(other)];
                        self.emit(line, Opcode::Unify, pair.into_iter().collect());
                    }
                    State::New => {
                        self.state[n] = State::Open;
                        stack.push(Visit::Leave(n, at));
                        self.enter(n, at, &mut stack)?;
                    }
                },
            }
        }
        Ok(())
    }
    /// A node's instruction; what it rests on comes next.
    fn enter(&mut self, n: usize, at: Address, stack: &mut Vec<Visit>) -> Result<(), AsmError> {
        let node = &self.nodes[n];
        let mut operands = Operands::new();
        if node.own == Own::Number {
            operands.push(Operand::Address(self.take(node.at, 1)?)); // the fact
        }
        let first = self.take(node.at, node.from.len())?;
        let span = Span::new(first, node.from.len() as u32).filter(|s| !s.is_empty());
        let stands = matches!(node.opcode, Opcode::Unify | Opcode::Call); // an assertion as it stands
        operands.extend(span.map(|s| if stands { Operand::Address(s.first()) } else { Operand::Range(s) }));
        operands.push(Operand::Address(at));
        if node.own == Own::Label {
            operands.push(Operand::Label(self.program.intern(&node.operand)));
        }
        if let Some(number) = node.operand.parse().ok().filter(|_| node.own == Own::Number) {
            operands.push(Operand::Integer(number));
        }
        if !node.words.is_empty() {
            operands.push(Operand::Text(self.program.intern(&node.words)));
        }
        let i = Instruction { opcode: node.opcode, function: 0, predicate: None, operands };
        if self.program.check_instruction(&i).is_err() {
            let expected = if node.from.is_empty() { "from, and numbers of nodes" } else { "no nodes" };
            return wrong(node.at, format!("{expected} behind {}", node.opcode.name()), "another form");
        }
        self.emit(node.at, node.opcode, i.operands);
        for (k, number) in node.from.iter().enumerate().rev() {
            let Some(&child) = self.named.get(number) else {
                return wrong(node.at, "nodes that are there behind from", format!("{number}"));
            };
            let cell = first.plus(k as u64).unwrap_or(first);
            stack.push(Visit::Enter(child, cell, node.at));
        }
        Ok(())
    }
}
