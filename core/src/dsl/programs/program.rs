//! Programs and their binary form (docs/isa.md, "Instructions").

use super::directive::{self, Directive, DirectiveKind};
pub use super::operand::{BlockId, Operand, StringId};
use crate::dsl::isa::{expected_forms, MapKind, Opcode, Slot, SpawnMode};
use crate::dsl::memory::cell::{Address, Span};
use crate::util::text::is_name_char;
use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::fmt;

/// When an instruction is executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Predicate {
    /// The bool cell that decides.
    pub cell: Address,
    /// Execute if the cell is this.
    pub expected: bool,
}

/// Operands of one instruction.
pub type Operands = SmallVec<[Operand; 4]>;

/// One instruction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instruction {
    /// The operation.
    pub opcode: Opcode,
    /// Which variant of it: an index into [`Opcode::functions`].
    pub function: u8,
    /// When to do it; none = always.
    pub predicate: Option<Predicate>,
    /// With what.
    pub operands: Operands,
}

impl Instruction {
    /// An instruction without predicate.
    pub fn new(opcode: Opcode, function: u8, operands: &[Operand]) -> Instruction {
        Instruction { opcode, function, predicate: None, operands: operands.into() }
    }
    /// Whether it is a decision about a sequent, answered by inference in context.
    pub fn is_content(&self) -> bool {
        self.opcode.is_content() || self.opcode == Opcode::Hypothesize && self.operands.len() == 3
    }
}

/// A run of instructions with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Its name.
    pub name: StringId,
    /// Index of its first instruction.
    pub start: u32,
    /// Number of instructions.
    pub len: u32,
}

/// A program: strings, directives, blocks that lie one after the other, instructions. The first block is the entry.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Program {
    strings: Vec<String>,
    /// Where each string stands in `strings`.
    index: BTreeMap<String, u32>,
    directives: Vec<Directive>,
    blocks: Vec<Block>,
    instructions: Vec<Instruction>,
}

/// A defect of a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProgramError {
    /// The file's frame: magic, version, lengths, hash.
    Frame(&'static str),
    /// A string, block or name.
    Table(String),
    /// An instruction: its index and what is wrong.
    Instruction(u32, String),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProgramError::Frame(what) => write!(f, "program file: {what}"),
            ProgramError::Table(what) => write!(f, "program: {what}"),
            ProgramError::Instruction(i, what) => write!(f, "instruction {i}: {what}"),
        }
    }
}

impl std::error::Error for ProgramError {}

fn is_name(s: &str) -> bool {
    !s.is_empty() && s.chars().all(is_name_char)
}

impl Program {
    /// An empty program; add a block first.
    pub fn new() -> Program {
        Program::default()
    }
    /// The string's index, added if new.
    pub fn intern(&mut self, s: &str) -> StringId {
        if let Some(&i) = self.index.get(s) {
            return StringId(i);
        }
        self.push_string(s.to_string())
    }
    fn push_string(&mut self, s: String) -> StringId {
        let i = self.strings.len() as u32;
        self.index.entry(s.clone()).or_insert(i);
        self.strings.push(s);
        StringId(i)
    }
    /// Begins a new block; instructions pushed from now on belong to it.
    pub fn begin_block(&mut self, name: &str) -> BlockId {
        let name = self.intern(name);
        self.blocks.push(Block { name, start: self.instructions.len() as u32, len: 0 });
        BlockId(self.blocks.len() as u32 - 1)
    }
    /// Appends to the last block.
    ///
    /// # Panics
    /// If no block was begun.
    pub fn push(&mut self, i: Instruction) {
        self.blocks.last_mut().expect("begin_block comes first").len += 1;
        self.instructions.push(i);
    }
    /// The string.
    pub fn string(&self, s: StringId) -> &str {
        self.strings.get(s.0 as usize).map_or("", String::as_str)
    }
    /// All strings.
    pub fn strings(&self) -> &[String] {
        &self.strings
    }
    /// Appends a directive with these words.
    pub fn direct(&mut self, kind: DirectiveKind, words: &[String]) {
        let words = words.iter().map(|w| self.intern(w)).collect();
        self.directives.push(Directive { kind, words });
    }
    /// Appends a directive.
    pub fn push_directive(&mut self, d: Directive) {
        self.directives.push(d);
    }
    /// The program's directives: its task, and the definitions that it carries.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }
    /// The blocks; the first is the entry.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
    /// All instructions, block after block.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }
    /// Name of a block.
    pub fn block_name(&self, b: BlockId) -> &str {
        self.blocks.get(b.0 as usize).map_or("", |b| self.string(b.name))
    }
    /// SHA-256 of the binary form.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// Whether every table index, name and operand list is as docs/isa.md says.
    pub fn check(&self) -> Result<(), ProgramError> {
        if self.blocks.is_empty() {
            return Err(ProgramError::Table("a program needs a block".into()));
        }
        let mut next = 0u32;
        let mut names = std::collections::BTreeSet::new();
        for b in &self.blocks {
            let name = self.strings.get(b.name.0 as usize).map_or("", String::as_str);
            if !is_name(name) || !names.insert(name) {
                return Err(ProgramError::Table(format!(
                    "block name {name:?}: letters, digits, . - _, each name once"
                )));
            }
            if b.start != next {
                return Err(ProgramError::Table(format!("block {name} leaves a gap")));
            }
            next = next.checked_add(b.len).ok_or(ProgramError::Frame("too many instructions"))?;
        }
        if next as usize != self.instructions.len() {
            return Err(ProgramError::Table("the blocks do not cover the instructions".into()));
        }
        directive::check(&self.directives, &self.strings)
            .map_err(|(n, expected)| ProgramError::Table(format!("directive {n}: expected {expected}")))?;
        for (i, instruction) in self.instructions.iter().enumerate() {
            self.check_instruction(instruction).map_err(|what| ProgramError::Instruction(i as u32, what))?;
        }
        Ok(())
    }
    /// Whether one instruction is as docs/isa.md says; the error says what was expected.
    pub fn check_instruction(&self, i: &Instruction) -> Result<(), String> {
        let functions = i.opcode.functions();
        if usize::from(i.function) >= functions.len().max(1) {
            return Err(format!("{} has no function {}", i.opcode.name(), i.function));
        }
        let fits =
            |form: &&&[Slot]| form.len() == i.operands.len() && form.iter().zip(&i.operands).all(|(s, &o)| s.takes(o));
        let Some(form) = i.opcode.forms().iter().find(|f| fits(f)) else {
            return Err(expected_forms(i.opcode));
        };
        for (&o, &slot) in i.operands.iter().zip(*form) {
            self.check_operand(o, slot)?;
        }
        match i.opcode {
            Opcode::Map => {
                let binary = MapKind::from_code(i.function).is_some_and(MapKind::is_binary);
                let name = functions[usize::from(i.function)];
                match (binary, i.operands.len()) {
                    (true, 2) => Err(format!("MAP.{name} needs a second argument")),
                    (false, 3) => Err(format!("MAP.{name} takes no second argument")),
                    _ => Ok(()),
                }
            }
            Opcode::Spawn if (i.function == SpawnMode::While as u8) != (i.operands.len() == 4) => {
                Err("SPAWN takes a condition with .while, and only then".into())
            }
            _ => Ok(()),
        }
    }
    fn check_operand(&self, o: Operand, slot: Slot) -> Result<(), String> {
        let string = |s: StringId| self.strings.get(s.0 as usize).ok_or("no such string".to_string());
        match o {
            Operand::Label(s) if !is_name(string(s)?) => Err("label: letters, digits, . - _".into()),
            Operand::Text(s) if string(s)?.len() > 24 && slot != Slot::Words => Err("text: at most 24 bytes".into()),
            Operand::Term(s) => crate::dsl::formulas::terms::normalise(string(s)?).and_then(|n| {
                if n == *string(s)? {
                    Ok(())
                } else {
                    Err(format!("term literal is not in its normal form {n}"))
                }
            }),
            Operand::Block(b) if b.0 as usize >= self.blocks.len() => Err("no such block".into()),
            _ => Ok(()),
        }
    }

    /// The binary form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 * self.instructions.len() + 256);
        let word = |out: &mut Vec<u8>, n: usize| {
            out.extend_from_slice(&u32::try_from(n).expect("below 2^32").to_le_bytes());
        };
        out.extend_from_slice(magic(!self.directives.is_empty()));
        for n in [self.strings.len(), self.blocks.len(), self.instructions.len(), self.directives.len()] {
            word(&mut out, n);
        }
        for s in &self.strings {
            word(&mut out, s.len());
            out.extend_from_slice(s.as_bytes());
        }
        for b in &self.blocks {
            for n in [b.name.0, b.start, b.len] {
                word(&mut out, n as usize);
            }
        }
        for d in &self.directives {
            word(&mut out, d.kind as usize);
            word(&mut out, d.words.len());
            d.words.iter().for_each(|s| word(&mut out, s.0 as usize));
        }
        for i in &self.instructions {
            out.extend_from_slice(&encode_instruction(i));
        }
        let hash: [u8; 32] = Sha256::digest(&out).into();
        out.extend_from_slice(&hash);
        out
    }
    /// From the binary form; refuses whatever [`Program::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Program, ProgramError> {
        let mut reader = Reader { bytes, at: 0 };
        let body = bytes.len().checked_sub(32).ok_or(ProgramError::Frame("too short"))?;
        let hash: [u8; 32] = Sha256::digest(&bytes[..body]).into();
        let begins = reader.take(8)?;
        if ![magic(false), magic(true)].contains(&begins) {
            return Err(ProgramError::Frame("not a program of version 1 or 2"));
        }
        if bytes[body..] != hash {
            return Err(ProgramError::Frame("content hash differs"));
        }
        let counts = [reader.word()?, reader.word()?, reader.word()?, reader.word()?];
        if begins != magic(counts[3] != 0) {
            return Err(ProgramError::Frame("the version does not fit the number of directives"));
        }
        let mut program = Program::new();
        for _ in 0..counts[0] {
            let len = reader.word()? as usize;
            let text = std::str::from_utf8(reader.take(len)?);
            let text = text.map_err(|_| ProgramError::Frame("a string is not UTF-8"))?;
            program.push_string(text.to_string());
        }
        for _ in 0..counts[1] {
            let (name, start, len) = (StringId(reader.word()?), reader.word()?, reader.word()?);
            program.blocks.push(Block { name, start, len });
        }
        for _ in 0..counts[3] {
            let kind = DirectiveKind::from_code(reader.word()?).ok_or(ProgramError::Frame("an unknown directive"))?;
            let words = (0..reader.word()?).map(|_| reader.word().map(StringId)).collect::<Result<_, _>>()?;
            program.push_directive(Directive { kind, words });
        }
        for i in 0..counts[2] {
            let raw: &[u8; 64] = reader.take(64)?.try_into().expect("64 bytes");
            let decoded = decode_instruction(raw);
            program.instructions.push(decoded.map_err(|e| ProgramError::Instruction(i, e))?);
        }
        if reader.at != body {
            return Err(ProgramError::Frame("bytes left over"));
        }
        program.check()?;
        Ok(program)
    }
}

/// How a program file begins, with directives or without.
fn magic(directives: bool) -> &'static [u8] {
    match directives {
        true => b"MDPG\x02\x00\x00\x00",
        false => b"MDPG\x01\x00\x00\x00",
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ProgramError> {
        let end = self.at.checked_add(n).ok_or(ProgramError::Frame("too short"))?;
        let part = self.bytes.get(self.at..end).ok_or(ProgramError::Frame("too short"))?;
        self.at = end;
        Ok(part)
    }
    fn word(&mut self) -> Result<u32, ProgramError> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("4 bytes")))
    }
}

/// Most operands that one instruction can have.
pub const MAX_OPERANDS: usize = 6;

/// The 64 bytes of an instruction.
///
/// # Panics
/// If it has more than [`MAX_OPERANDS`] operands, which [`Program::check`] excludes.
pub fn encode_instruction(i: &Instruction) -> [u8; 64] {
    assert!(i.operands.len() <= MAX_OPERANDS);
    let mut b = [0u8; 64];
    b[0] = i.opcode as u8;
    b[1] = i.function;
    if let Some(p) = i.predicate {
        b[2] = if p.expected { 1 } else { 2 };
        b[8..16].copy_from_slice(&p.cell.packed().to_le_bytes());
    }
    b[3] = i.operands.len() as u8;
    let mut kinds = 0u32;
    for (n, &o) in i.operands.iter().enumerate() {
        let (kind, payload) = match o {
            Operand::Address(a) => (1, a.packed()),
            Operand::Indirect(a) => (2, a.packed()),
            Operand::Range(s) => (3, s.first().packed() | u64::from(s.len()) << 32),
            Operand::IndirectRange(a, len) => (4, a.packed() | u64::from(len) << 32),
            Operand::Integer(v) => (5, v as u64),
            Operand::Label(s) => (6, u64::from(s.0)),
            Operand::Term(s) => (7, u64::from(s.0)),
            Operand::Text(s) => (8, u64::from(s.0)),
            Operand::Block(s) => (9, u64::from(s.0)),
        };
        kinds |= kind << (4 * n);
        b[16 + 8 * n..24 + 8 * n].copy_from_slice(&payload.to_le_bytes());
    }
    b[4..7].copy_from_slice(&kinds.to_le_bytes()[..3]);
    b
}

/// From the 64 bytes; refuses whatever [`encode_instruction`] would not write.
pub fn decode_instruction(b: &[u8; 64]) -> Result<Instruction, String> {
    let word = |i: usize| u64::from_le_bytes(b[i..i + 8].try_into().expect("8 bytes"));
    let opcode = Opcode::from_code(b[0]).ok_or_else(|| format!("unknown opcode 0x{:02X}", b[0]))?;
    let predicate = match b[2] {
        0 => None,
        mode @ (1 | 2) => Some(Predicate {
            cell: Address::from_packed(word(8)).ok_or("predicate address outside the space")?,
            expected: mode == 1,
        }),
        mode => return Err(format!("unknown predicate mode {mode}")),
    };
    let count = usize::from(b[3]);
    if count > MAX_OPERANDS {
        return Err(format!("{count} operands, at most {MAX_OPERANDS}"));
    }
    let kinds = u32::from_le_bytes([b[4], b[5], b[6], 0]);
    let mut operands = Operands::new();
    for n in 0..count {
        operands.push(decode_operand(kinds >> (4 * n) & 15, word(16 + 8 * n))?);
    }
    let instruction = Instruction { opcode, function: b[1], predicate, operands };
    if encode_instruction(&instruction) != *b {
        return Err("reserved bits are not zero".into());
    }
    Ok(instruction)
}

fn decode_operand(kind: u32, payload: u64) -> Result<Operand, String> {
    let address = |p: u64| Address::from_packed(p).ok_or("address outside the space");
    let index = || u32::try_from(payload).map_err(|_| "index outside its table".to_string());
    let (low, high) = (payload & u64::from(u32::MAX), (payload >> 32) as u32);
    Ok(match kind {
        1 => Operand::Address(address(payload)?),
        2 => Operand::Indirect(address(payload)?),
        3 => Operand::Range(Span::new(address(low)?, high).ok_or("range leaves the space")?),
        4 => Operand::IndirectRange(address(low)?, high),
        5 => Operand::Integer(payload as i64),
        6 => Operand::Label(StringId(index()?)),
        7 => Operand::Term(StringId(index()?)),
        8 => Operand::Text(StringId(index()?)),
        9 => Operand::Block(BlockId(index()?)),
        _ => return Err(format!("unknown operand kind {kind}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_are_refused() {
        let mut p = Program::new();
        p.begin_block("main");
        p.push(Instruction::new(Opcode::Halt, 0, &[Operand::Integer(0)]));
        let good = p.encode();
        assert_eq!(Program::decode(&good), Ok(p));
        for i in 0..good.len() {
            assert!(Program::decode(&good[..i]).is_err());
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[i] ^= 1 << bit;
                assert!(Program::decode(&bad).is_err(), "byte {i} bit {bit}");
            }
        }
    }

    #[test]
    fn bad_instructions_are_named() {
        let mut b = encode_instruction(&Instruction::new(Opcode::Halt, 0, &[Operand::Integer(3)]));
        assert!(decode_instruction(&b).is_ok());
        b[40] = 1;
        assert!(decode_instruction(&b).unwrap_err().contains("reserved"));
        b[0] = 0xEE;
        assert!(decode_instruction(&b).unwrap_err().contains("0xEE"));
        let p = Program::new();
        let i = Instruction::new(Opcode::Halt, 0, &[]);
        assert_eq!(p.check_instruction(&i), Err("HALT takes number".into()));
        let i = Instruction::new(Opcode::Halt, 3, &[Operand::Integer(0)]);
        assert!(p.check_instruction(&i).is_err());
    }
}
