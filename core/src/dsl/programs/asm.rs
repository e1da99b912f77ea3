//! Assembler and disassembler (docs/isa.md, "Assembly"). The two round-trip.

use super::content;
pub use super::cursor::AsmError;
use super::cursor::{quoted, Cursor};
use super::directive::{self, DirectiveKind};
use super::macros::{Line, Macros};
use super::program::{BlockId, Instruction, Operand, Operands, Predicate, Program};
use crate::dsl::isa::{expected_forms, Opcode};
use crate::dsl::memory::cell::{Address, Span};
use std::collections::BTreeMap;

struct Assembler {
    program: Program,
    blocks: BTreeMap<String, BlockId>,
    instructions: Vec<(Instruction, (usize, usize, String))>,
    /// By directive, its line, and the beginning of the line.
    directives: Vec<(usize, usize, String)>,
}

/// Assembles a text.
///
/// # Errors
/// The first place where the text is not as expected, and what was expected there.
///
/// ```
/// use metadream_core::dsl::programs::asm::{assemble, disassemble};
///
/// let program = assemble(".block main\n    MOV.term 1:0:0, '(wi wph wps)\n    HALT #0\n").unwrap();
/// assert_eq!(program.instructions().len(), 2);
/// assert_eq!(assemble(&disassemble(&program)).unwrap(), program);
///
/// let wrong = assemble(".block main\n    MOVE 1:0:0, 7\n").unwrap_err();
/// assert_eq!((wrong.line, wrong.column), (2, 5));
/// ```
pub fn assemble(text: &str) -> Result<Program, AsmError> {
    assemble_with_lines(text).map(|a| a.0)
}

/// Assembles a text; with the line (from 1) of each instruction.
///
/// # Errors
/// The first place where the text is not as expected, and what was expected there.
pub fn assemble_with_lines(text: &str) -> Result<(Program, Vec<usize>), AsmError> {
    assemble_with(&Macros::default(), text)
}

/// Assembles a text that may call macros defined elsewhere, or a content program; with the line (from 1) of each instruction, which for those
/// of a macro is the line of the call.
///
/// # Errors
/// The first place where the text is not as expected, and what was expected there.
pub fn assemble_with(macros: &Macros, text: &str) -> Result<(Program, Vec<usize>), AsmError> {
    if content::is_content(text) {
        return content::assemble(text);
    }
    let (_, lines) = macros.expand(text)?;
    let blocks = block_names(&lines)?;
    let mut a = Assembler { program: Program::new(), blocks, instructions: Vec::new(), directives: Vec::new() };
    let mut origins = Vec::new();
    for l in &lines {
        let mut c = Cursor { text: &l.text, at: 0, line: l.line };
        c.skip_space();
        if !c.at_end() {
            a.line(&mut c).map_err(|e| l.place(e))?;
            origins.resize(a.instructions.len(), l);
        }
    }
    if a.program.blocks().is_empty() {
        return Err(AsmError {
            line: text.lines().count().max(1),
            column: 1,
            expected: ".block name".into(),
            found: "the end of the text".into(),
        });
    }
    if let Err((n, expected)) = directive::check(a.program.directives(), a.program.strings()) {
        let (line, column, found) = a.directives[n].clone();
        return Err(AsmError { line, column, expected, found: format!("\"{}\"", found.escape_debug()) });
    }
    for ((i, (line, column, found)), origin) in a.instructions.iter().zip(origins) {
        let wrong = |expected| origin.place(AsmError { line: *line, column: *column, expected, found: found.clone() });
        a.program.check_instruction(i).map_err(wrong)?;
    }
    let lines = a.instructions.iter().map(|i| i.1 .0).collect();
    Ok((a.program, lines))
}

/// Names of all blocks, in order, so that operands can name blocks that come later.
fn block_names(lines: &[Line]) -> Result<BTreeMap<String, BlockId>, AsmError> {
    let mut names = BTreeMap::new();
    for l in lines {
        let mut c = Cursor { text: &l.text, at: 0, line: l.line };
        c.skip_space();
        if !c.rest().starts_with(".block") {
            continue;
        }
        c.at += ".block".len();
        c.skip_space();
        let at = c.at;
        let name = c.name("a block name")?;
        let id = BlockId(names.len() as u32);
        if names.insert(name.to_string(), id).is_some() {
            return c.error_at(at, "a block name that is not taken");
        }
    }
    Ok(names)
}

impl Assembler {
    fn line(&mut self, c: &mut Cursor) -> Result<(), AsmError> {
        if c.peek() == Some('.') {
            let at = c.at;
            let word = c.take_while(|c| !c.is_whitespace() && c != ';');
            let directive = DirectiveKind::from_name(word).filter(|_| self.program.blocks().is_empty());
            match (directive, word) {
                (Some(kind), _) => {
                    let made = directive::read(kind, c, &mut |word| self.program.intern(word))?;
                    self.program.push_directive(made);
                    self.directives.push((c.line, c.text[..at].chars().count() + 1, word.to_owned()));
                }
                (None, ".block") => {
                    c.skip_space();
                    self.program.begin_block(c.name("a block name")?);
                }
                (None, _) => return c.error_at(at, ".block name"),
            }
        } else {
            let start = (c.line, c.at);
            let instruction = self.instruction(c)?;
            let column = c.text[..start.1].chars().count() + 1;
            let found = c.text[start.1..c.at].trim_end().to_string();
            self.program.push(instruction.clone());
            self.instructions.push((instruction, (start.0, column, found)));
        }
        c.skip_space();
        match c.at_end() {
            true => Ok(()),
            false => c.error("the end of the line or a comment"),
        }
    }
    fn instruction(&mut self, c: &mut Cursor) -> Result<Instruction, AsmError> {
        if self.program.blocks().is_empty() {
            return c.error(".block name before the first instruction");
        }
        let mut predicate = None;
        if let Some(mark @ ('?' | '!')) = c.peek() {
            c.at += 1;
            let cell = c.address()?;
            let expected = mark == '?';
            predicate = Some(Predicate { cell, expected });
            c.skip_space();
        }
        let at = c.at;
        let word = c.take_while(|c| c.is_ascii_alphanumeric());
        let Some(&opcode) = Opcode::ALL.iter().find(|o| o.name() == word) else {
            return c.error_at(at, "an opcode");
        };
        let mut function = 0;
        if c.eat('.') {
            let at = c.at;
            let word = c.take_while(|c| c.is_ascii_alphanumeric());
            let names = opcode.functions();
            function = match names.iter().position(|n| *n == word) {
                Some(i) => i as u8,
                None => return c.error_at(at, format!("one of {}", names.join(" "))),
            };
        }
        let mut operands = Operands::new();
        c.skip_space();
        while !c.at_end() {
            if !operands.is_empty() {
                if !c.eat(',') {
                    return c.error(", or the end of the line");
                }
                c.skip_space();
            }
            if operands.len() == super::program::MAX_OPERANDS {
                return c.error(expected_forms(opcode));
            }
            operands.push(self.operand(c)?);
            c.skip_space();
        }
        Ok(Instruction { opcode, function, predicate, operands })
    }
    fn operand(&mut self, c: &mut Cursor) -> Result<Operand, AsmError> {
        let at = c.at;
        match c.peek() {
            Some('0'..='9') => {
                let first = c.address()?;
                if !c.eat('*') {
                    return Ok(Operand::Address(first));
                }
                let len = c.number("a number of slots")?;
                match Span::new(first, len) {
                    Some(span) => Ok(Operand::Range(span)),
                    None => c.error_at(at, "a range inside the space"),
                }
            }
            Some('[') => {
                c.at += 1;
                let cell = c.address()?;
                if !c.eat(']') {
                    return c.error("]");
                }
                match c.eat('*') {
                    true => Ok(Operand::IndirectRange(cell, c.number("a number of slots")?)),
                    false => Ok(Operand::Indirect(cell)),
                }
            }
            Some('#') => {
                c.at += 1;
                Ok(Operand::Integer(c.number("an integer of 64 bits")?))
            }
            Some('@') => {
                c.at += 1;
                let name = c.name("a label")?;
                Ok(Operand::Label(self.program.intern(name)))
            }
            Some('\'') => {
                c.at += 1;
                let term = c.term()?;
                Ok(Operand::Term(self.program.intern(&term)))
            }
            Some('"') => {
                c.at += 1;
                let text = c.text_of_any_length()?;
                Ok(Operand::Text(self.program.intern(&text)))
            }
            Some('%') => {
                c.at += 1;
                let name = c.name("a block name")?;
                match self.blocks.get(name) {
                    Some(&id) => Ok(Operand::Block(id)),
                    None => c.error_at(at, "the name of a block"),
                }
            }
            _ => c.error("an operand"),
        }
    }
}

/// The assembly text of a program.
pub fn disassemble(p: &Program) -> String {
    let mut out = directives_text(p);
    for b in p.blocks() {
        out.push_str(&format!(".block {}\n", p.string(b.name)));
        for i in &p.instructions()[b.start as usize..(b.start + b.len) as usize] {
            out.push_str(&format!("    {}\n", instruction_text(p, i)));
        }
    }
    out
}

/// The assembly text of a program's directives.
pub fn directives_text(p: &Program) -> String {
    p.directives().iter().map(|d| directive::text(p.strings(), d) + "\n").collect()
}

/// The assembly text of one instruction.
pub fn instruction_text(p: &Program, i: &Instruction) -> String {
    parts(p, i).into_iter().map(|part| part.text).collect()
}

/// The kind of a part of an instruction's text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PartKind {
    /// Opcode, signs, sizes.
    Fixed,
    /// An address.
    Address(Address),
    /// A whole literal, and its sign.
    Literal(char),
}

/// A part of an instruction's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The part's kind.
    pub kind: PartKind,
    /// Its text.
    pub text: String,
}

/// An instruction's text in parts: those that a macro may have as parameters, and what is between them.
pub fn parts(p: &Program, i: &Instruction) -> Vec<Part> {
    let mut out = Vec::new();
    let fixed = |text: &str| Part { kind: PartKind::Fixed, text: text.to_owned() };
    let address = |a: Address| Part { kind: PartKind::Address(a), text: a.to_string() };
    if let Some(q) = i.predicate {
        out.extend([fixed(if q.expected { "?" } else { "!" }), address(q.cell), fixed(" ")]);
    }
    out.push(fixed(i.opcode.name()));
    if i.function != 0 {
        if let Some(f) = i.opcode.functions().get(usize::from(i.function)) {
            out.push(fixed(&format!(".{f}")));
        }
    }
    for (n, &o) in i.operands.iter().enumerate() {
        out.push(fixed(if n == 0 { " " } else { ", " }));
        match o {
            Operand::Address(a) => out.push(address(a)),
            Operand::Indirect(a) => out.extend([fixed("["), address(a), fixed("]")]),
            Operand::Range(s) => out.extend([address(s.first()), fixed(&format!("*{}", s.len()))]),
            Operand::IndirectRange(a, len) => out.extend([fixed("["), address(a), fixed(&format!("]*{len}"))]),
            literal => out.push(literal_part(p, literal)),
        }
    }
    out
}

fn literal_part(p: &Program, o: Operand) -> Part {
    let (sign, text) = match o {
        Operand::Integer(v) => ('#', format!("#{v}")),
        Operand::Label(s) => ('@', format!("@{}", p.string(s))),
        Operand::Term(s) => ('\'', format!("'{}", p.string(s))),
        Operand::Text(s) => ('"', quoted(p.string(s))),
        Operand::Block(b) => ('%', format!("%{}", p.block_name(b))),
        Operand::Address(_) | Operand::Indirect(_) | Operand::Range(_) | Operand::IndirectRange(..) => {
            unreachable!("no literal")
        }
    };
    Part { kind: PartKind::Literal(sign), text }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::dsl::isa::{MapKind, Slot, SpawnMode};

    /// A small deterministic generator.
    pub(crate) struct Rng(pub(crate) u64);

    impl Rng {
        pub(crate) fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }
        pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
            all[self.below(all.len() as u64) as usize]
        }
        fn address(&mut self) -> Address {
            Address::from_packed(self.below(1 << 31)).unwrap()
        }
        fn operand(&mut self, p: &mut Program, slot: Slot, blocks: u64) -> Operand {
            let (a, n) = (self.address(), self.below(1 << 20) as u32);
            let place = match self.below(2) {
                0 => Operand::Address(a),
                _ => Operand::Indirect(a),
            };
            let integer = Operand::Integer(self.below(1 << 30) as i64 * 5_000_000_029 - (1 << 61));
            match slot {
                Slot::Place => place,
                Slot::Number => self.pick(&[place, integer]),
                Slot::Integer => integer,
                Slot::Span => match Span::new(a, n) {
                    Some(s) if n % 2 == 0 => Operand::Range(s),
                    _ => Operand::IndirectRange(a, n),
                },
                Slot::Label => Operand::Label(p.intern(self.pick(&["ax-mp", "a1i", "x.y_z-9"]))),
                Slot::Block => Operand::Block(BlockId(self.below(blocks) as u32)),
                Slot::Value => match self.below(4) {
                    0 => place,
                    1 => integer,
                    2 => Operand::Term(p.intern(self.pick(&["ph", "?3", "(wi ph (wi ?0 ps))"]))),
                    _ => Operand::Text(p.intern(self.pick(&["", "a;b", "q\"\\\n\t\u{1}é"]))),
                },
                Slot::Words => Operand::Text(p.intern(self.pick(&["", "takes E. x ph  :  ps ,  { x }  |- ch"]))),
            }
        }
        pub(crate) fn program(&mut self) -> Program {
            let mut p = Program::new();
            let blocks = 1 + self.below(4);
            for b in 0..blocks {
                p.begin_block(&format!("b{b}"));
                for _ in 0..self.below(12) {
                    let opcode = self.pick(Opcode::ALL);
                    let functions = opcode.functions().len().max(1) as u64;
                    let function = self.below(functions) as u8;
                    let form = match opcode {
                        Opcode::Map => opcode.forms()[usize::from(MapKind::ALL[function as usize].is_binary())],
                        Opcode::Spawn => opcode.forms()[usize::from(function == SpawnMode::While as u8)],
                        _ => self.pick(opcode.forms()),
                    };
                    let operands = form.iter().map(|&s| self.operand(&mut p, s, blocks)).collect();
                    let predicate =
                        (self.below(3) == 0).then(|| Predicate { cell: self.address(), expected: self.below(2) == 0 });
                    p.push(Instruction { opcode, function, predicate, operands });
                }
            }
            p
        }
    }

    #[test]
    fn text_and_binary_round_trip() {
        let mut rng = Rng(7);
        for _ in 0..300 {
            let p = rng.program();
            p.check().unwrap();
            assert_eq!(Program::decode(&p.encode()).unwrap(), p);
            let text = disassemble(&p);
            let again = assemble(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(disassemble(&again), text);
            assert_eq!(again, p);
        }
    }

    #[test]
    fn layout_and_comments_do_not_matter() {
        let p = assemble("; head\n.block main ; entry\n\t?1:0:0   CMP.eq  1:0:0,#-3 ,'( wi ph  ps ) ; x\n\n HALT #0")
            .unwrap();
        assert_eq!(disassemble(&p), ".block main\n    ?1:0:0 CMP 1:0:0, #-3, '(wi ph ps)\n    HALT #0\n");
    }

    #[test]
    fn errors_have_line_column_and_expectation() {
        let cases = [
            ("", 1, 1, ".block"),
            ("MOV 1:0:0, #1", 1, 1, ".block name before"),
            (".block a\n  FOO 1:0:0", 2, 3, "an opcode"),
            (".block a\n  MOV.up 1:0:0, #1", 2, 7, "one of copy goal term"),
            (".block a\n  MOV 1:0:16, #1", 2, 7, "an address"),
            (".block a\n  MOV 1:0:1", 2, 3, "MOV takes place, value"),
            (".block a\n  MOV 1:0:1 #1", 2, 13, ", or the end"),
            (".block a\n  SPAWN 1:0:1, %b, #1", 2, 16, "the name of a block"),
            (".block a\n  HALT #99999999999999999999", 2, 9, "an integer"),
            (".block a\n.block a", 2, 8, "not taken"),
            (".block a\n MOV 1:0:0, \"abc", 2, 17, "a closing"),
            (".block a\n MOV 1:0:0, '(wi", 2, 14, "a term"),
            (".block a\n MAP.add 1:0:0, 1:0:1*2", 2, 2, "second argument"),
            (".block a\n MOV [1:0:0, #1", 2, 12, "]"),
            (".block a\n MOV 1:0:0, \"\\q\"", 2, 14, "an escape"),
            (".block a\n UNIFY 1:0:0, @", 2, 16, "a label"),
            (".block a extra", 1, 10, "the end of the line"),
            (".blok a", 1, 1, ".block name"),
        ];
        for (text, line, column, expected) in cases {
            let e = assemble(text).unwrap_err();
            assert_eq!((e.line, e.column), (line, column), "{text}: {e}");
            assert!(e.expected.contains(expected), "{text}: {e}");
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        let good =
            ".block m\n ?1:0:0 CMP.lt 1:0:0, #-3, '(wi ph ?1)\n MOV [1:0:1], \"a\\u{1f600}\"\n SPAWN 1:0:0, %m, #5";
        let mut rng = Rng(3);
        for _ in 0..5000 {
            let mut chars: Vec<char> = good.chars().collect();
            for _ in 0..=rng.below(3) {
                let i = rng.below(chars.len() as u64) as usize;
                chars[i] = rng.pick(&['(', ')', '"', '\\', 'é', '#', '*', ':', '9', ' ', '\n', '?', '@']);
            }
            if let Ok(p) = assemble(&chars.iter().collect::<String>()) {
                assert_eq!(assemble(&disassemble(&p)), Ok(p));
            }
        }
    }
}
