//! Addresses and 512-bit cells (docs/isa.md, "Cells and addresses").

use crate::metamath_db::ids::TermId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Slots in one page.
pub const PAGE_SLOTS: u32 = 256;
/// Addressable slots.
pub const SLOTS: u64 = 1 << 31;
/// First slot of the machine's half of the space; it counts the metavariables in use.
pub const SYSTEM: Address = Address(1 << 30);

/// page:block:slot, packed: bits 0–3 slot, 4–7 block, 8–30 page of 64 bits, of which the upper 33 are zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u32);

impl Address {
    /// The first address.
    pub const ZERO: Address = Address(0);
    /// From the packed form; none if outside the space.
    #[inline]
    pub fn from_packed(packed: u64) -> Option<Address> {
        (packed < SLOTS).then_some(Address(packed as u32))
    }
    /// From page (below 2^23), block and slot (below 16); none if outside.
    pub fn new(page: u32, block: u32, slot: u32) -> Option<Address> {
        (page < 1 << 23 && block < 16 && slot < 16).then_some(Address(page << 8 | block << 4 | slot))
    }
    /// The packed form.
    #[inline]
    pub fn packed(self) -> u64 {
        u64::from(self.0)
    }
    /// The page's number.
    #[inline]
    pub fn page(self) -> u32 {
        self.0 >> 8
    }
    /// The place within the page (block and slot).
    #[inline]
    pub fn offset(self) -> u8 {
        self.0 as u8
    }
    /// The address `n` slots further; none if outside the space.
    pub fn plus(self, n: u64) -> Option<Address> {
        Address::from_packed(self.packed().checked_add(n)?)
    }
    /// Whether it lies in the machine's half of the space.
    #[inline]
    pub fn is_system(self) -> bool {
        self >= SYSTEM
    }
    /// Where the value of metavariable `m` stands.
    pub fn of_meta(m: u32) -> Option<Address> {
        SYSTEM.plus(u64::from(m) + 1)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.page(), self.0 >> 4 & 15, self.0 & 15)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = String;
    fn from_str(s: &str) -> Result<Address, String> {
        let expected = || format!("page:block:slot (below 8388608, 16, 16), not \"{s}\"");
        let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
        let parts: Vec<&str> = s.split(':').collect();
        match parts[..] {
            [p, b, t] if digits(p) && digits(b) && digits(t) => {
                let n = |x: &str| x.parse::<u32>().map_err(|_| expected());
                Address::new(n(p)?, n(b)?, n(t)?).ok_or_else(expected)
            }
            _ => Err(expected()),
        }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A range of slots: first address and number. The last slot is inside the space.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    first: Address,
    len: u32,
}

impl Span {
    /// `len` slots from `first` on; none if they leave the space.
    pub fn new(first: Address, len: u32) -> Option<Span> {
        (first.packed() + u64::from(len) <= SLOTS).then_some(Span { first, len })
    }
    /// The program's half of the space.
    pub fn program() -> Span {
        Span { first: Address(0), len: SYSTEM.0 }
    }
    /// The first address.
    #[inline]
    pub fn first(self) -> Address {
        self.first
    }
    /// The number of slots.
    #[inline]
    pub fn len(self) -> u32 {
        self.len
    }
    /// Whether there is no slot in it.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
    /// Whether `a` is in it.
    pub fn contains(self, a: Address) -> bool {
        a >= self.first && a.packed() - self.first.packed() < u64::from(self.len)
    }
}

/// Type tag of a cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Tag {
    /// Never written.
    Empty = 0,
    /// Truth value.
    Bool = 1,
    /// 64-bit integer.
    Int = 2,
    /// Address.
    Ref = 3,
    /// Two addresses.
    Pair = 4,
    /// A term.
    Term = 5,
    /// A goal: open, or with the step that was taken.
    Goal = 6,
    /// A term that a judge accepted.
    Fact = 7,
    /// At most 24 bytes.
    Bytes = 8,
}

impl Tag {
    /// All tags, by number.
    pub const ALL: [Tag; 9] =
        [Tag::Empty, Tag::Bool, Tag::Int, Tag::Ref, Tag::Pair, Tag::Term, Tag::Goal, Tag::Fact, Tag::Bytes];
    /// The name in lower case.
    pub fn name(self) -> &'static str {
        ["empty", "bool", "int", "ref", "pair", "term", "goal", "fact", "bytes"][self as usize]
    }
}

/// Value, inline words and tag: what a cell says, without where that came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Content {
    /// As the tag says.
    pub value: u64,
    /// As the tag says.
    pub inline: [u64; 3],
    /// The type.
    pub tag: Tag,
}

impl Content {
    /// The content of an unwritten slot.
    pub const EMPTY: Content = Content { value: 0, inline: [0; 3], tag: Tag::Empty };
    #[inline]
    fn plain(tag: Tag, value: u64) -> Content {
        Content { value, inline: [0; 3], tag }
    }
    /// A truth value.
    #[inline]
    pub fn bool(b: bool) -> Content {
        Content::plain(Tag::Bool, u64::from(b))
    }
    /// An integer.
    #[inline]
    pub fn int(i: i64) -> Content {
        Content::plain(Tag::Int, i as u64)
    }
    /// An address.
    pub fn reference(a: Address) -> Content {
        Content::plain(Tag::Ref, a.packed())
    }
    /// Two addresses.
    pub fn pair(a: Address, b: Address) -> Content {
        Content::plain(Tag::Pair, a.packed() | b.packed() << 32)
    }
    /// A term.
    pub fn term(t: TermId) -> Content {
        Content::plain(Tag::Term, u64::from(t.0))
    }
    /// An open goal.
    pub fn goal(t: TermId) -> Content {
        Content::plain(Tag::Goal, u64::from(t.0))
    }
    /// A goal with the step that was taken.
    pub fn goal_with(t: TermId, step: StepTaken) -> Content {
        Content { inline: step.pack(), ..Content::goal(t) }
    }
    /// A fact with the number of its proof object.
    pub fn fact(t: TermId, proof: u32) -> Content {
        Content { inline: [u64::from(proof), 0, 0], ..Content::plain(Tag::Fact, u64::from(t.0)) }
    }
    /// Bytes; none if more than 24.
    pub fn bytes(b: &[u8]) -> Option<Content> {
        let mut padded = [0u8; 24];
        padded.get_mut(..b.len())?.copy_from_slice(b);
        let word = |i: usize| u64::from_le_bytes(padded[i..i + 8].try_into().expect("8 bytes"));
        Some(Content { inline: [word(0), word(8), word(16)], ..Content::plain(Tag::Bytes, b.len() as u64) })
    }
    /// The truth value, if it is one.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        (self.tag == Tag::Bool).then_some(self.value != 0)
    }
    /// The integer, if it is one.
    #[inline]
    pub fn as_int(self) -> Option<i64> {
        (self.tag == Tag::Int).then_some(self.value as i64)
    }
    /// The address, if it is one.
    pub fn as_ref(self) -> Option<Address> {
        (self.tag == Tag::Ref).then(|| Address::from_packed(self.value))?
    }
    /// The two addresses, if it is a pair.
    pub fn as_pair(self) -> Option<(Address, Address)> {
        let half = |v: u64| Address::from_packed(v & u64::from(u32::MAX));
        (self.tag == Tag::Pair).then(|| Some((half(self.value)?, half(self.value >> 32)?)))?
    }
    /// The term of a term, goal or fact.
    pub fn as_term(self) -> Option<TermId> {
        matches!(self.tag, Tag::Term | Tag::Goal | Tag::Fact).then_some(TermId(self.value as u32))
    }
    /// The step that closes or reduces a goal; none if it is open or no goal.
    pub fn step(self) -> Option<StepTaken> {
        (self.tag == Tag::Goal).then(|| StepTaken::unpack(self.inline))?
    }
    /// Whether it is a goal without a step.
    pub fn is_open_goal(self) -> bool {
        self.tag == Tag::Goal && self.step().is_none()
    }
    /// The number of the proof object of a fact.
    pub fn as_proof(self) -> Option<u32> {
        (self.tag == Tag::Fact).then_some(self.inline[0] as u32)
    }
    /// The bytes, if it holds bytes.
    pub fn as_bytes(self) -> Option<Vec<u8>> {
        if self.tag != Tag::Bytes {
            return None;
        }
        let all: Vec<u8> = self.inline.iter().flat_map(|w| w.to_le_bytes()).collect();
        all.get(..self.value as usize).map(<[u8]>::to_vec)
    }
    /// The 64-bit key of exact content reads: of tag and value, and of the inline words for bytes.
    pub fn key(self) -> u64 {
        let mut h = (self.value ^ (self.tag as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        if self.tag == Tag::Bytes {
            for w in self.inline {
                h = (h.rotate_left(29) ^ w).wrapping_mul(0x517c_c1b7_2722_0a95);
            }
        }
        h ^ h >> 32
    }
    /// Whether exact reads take the two for equal.
    pub fn same(self, other: Content) -> bool {
        self.tag == other.tag && self.value == other.value && (self.tag != Tag::Bytes || self.inline == other.inline)
    }
}

/// The step recorded in a goal cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepTaken {
    /// Reduced by an assertion: its number, the first subgoal, the first of its metavariables.
    Assertion {
        /// The assertion's number.
        id: u32,
        /// Address of the first subgoal; meaningless if there is none.
        first: Address,
        /// First of the metavariables that stand for the assertion's variables.
        metas: u32,
    },
    /// Closed by the task's own hypothesis with this index.
    Hypothesis(u32),
    /// Closed by another goal or a fact.
    Shared(Address),
    /// Answered by a decision about a sequent.
    Decided {
        /// The decision's number.
        id: u32,
        /// Address of the first sequent that it leaves; meaningless if there is none.
        first: Address,
        /// How many it leaves.
        count: u32,
    },
}

impl StepTaken {
    fn pack(self) -> [u64; 3] {
        match self {
            StepTaken::Assertion { id, first, metas } => [1 | u64::from(id) << 8, first.packed(), u64::from(metas)],
            StepTaken::Hypothesis(i) => [2 | u64::from(i) << 8, 0, 0],
            StepTaken::Shared(a) => [3 | a.packed() << 8, 0, 0],
            StepTaken::Decided { id, first, count } => [4 | u64::from(id) << 8, first.packed(), u64::from(count)],
        }
    }
    fn unpack(words: [u64; 3]) -> Option<StepTaken> {
        let rest = (words[0] >> 8) as u32;
        match words[0] & 255 {
            1 => {
                Some(StepTaken::Assertion { id: rest, first: Address::from_packed(words[1])?, metas: words[2] as u32 })
            }
            2 => Some(StepTaken::Hypothesis(rest)),
            3 => Address::from_packed(u64::from(rest)).map(StepTaken::Shared),
            4 => {
                let first = Address::from_packed(words[1])?;
                Some(StepTaken::Decided { id: rest, first, count: words[2] as u32 })
            }
            _ => None,
        }
    }
}

/// One slot: 512 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[repr(C)]
pub struct Cell {
    /// As the tag says.
    pub value: u64,
    /// As the tag says.
    pub inline: [u64; 3],
    /// The type.
    pub tag: Tag,
    /// Code of the opcode that wrote it, 0 = the host.
    pub opcode: u8,
    /// Zero.
    pub reserved: u16,
    /// Index of the instruction that wrote it.
    pub instruction: u32,
    /// Log pointer: segment.
    pub segment: u32,
    /// Log pointer: record within the segment.
    pub record: u32,
    /// Logical time of the write.
    pub time: u64,
    /// Id of the obligation that the write left, 0 = none.
    pub obligation: u64,
}

const _: () = assert!(std::mem::size_of::<Cell>() == 64);

impl Cell {
    /// An unwritten slot.
    pub const EMPTY: Cell = Cell {
        value: 0,
        inline: [0; 3],
        tag: Tag::Empty,
        opcode: 0,
        reserved: 0,
        instruction: 0,
        segment: 0,
        record: 0,
        time: 0,
        obligation: 0,
    };
    /// Value, inline words and tag.
    #[inline]
    pub fn content(&self) -> Content {
        Content { value: self.value, inline: self.inline, tag: self.tag }
    }
    /// Whether the slot was never written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.tag == Tag::Empty
    }
    /// The 64 bytes, little-endian.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut b = [0u8; 64];
        b[0..8].copy_from_slice(&self.value.to_le_bytes());
        for (i, w) in self.inline.iter().enumerate() {
            b[8 + 8 * i..16 + 8 * i].copy_from_slice(&w.to_le_bytes());
        }
        b[32] = self.tag as u8;
        b[33] = self.opcode;
        b[34..36].copy_from_slice(&self.reserved.to_le_bytes());
        b[36..40].copy_from_slice(&self.instruction.to_le_bytes());
        b[40..44].copy_from_slice(&self.segment.to_le_bytes());
        b[44..48].copy_from_slice(&self.record.to_le_bytes());
        b[48..56].copy_from_slice(&self.time.to_le_bytes());
        b[56..64].copy_from_slice(&self.obligation.to_le_bytes());
        b
    }
    /// From the 64 bytes; none if the tag is unknown.
    pub fn from_bytes(b: &[u8; 64]) -> Option<Cell> {
        let w8 = |i: usize| u64::from_le_bytes(b[i..i + 8].try_into().expect("8 bytes"));
        let w4 = |i: usize| u32::from_le_bytes(b[i..i + 4].try_into().expect("4 bytes"));
        Some(Cell {
            value: w8(0),
            inline: [w8(8), w8(16), w8(24)],
            tag: *Tag::ALL.get(b[32] as usize)?,
            opcode: b[33],
            reserved: u16::from_le_bytes([b[34], b[35]]),
            instruction: w4(36),
            segment: w4(40),
            record: w4(44),
            time: w8(48),
            obligation: w8(56),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_pack_and_print() {
        let a = Address::new((1 << 23) - 1, 15, 15).unwrap();
        assert_eq!(a.packed(), SLOTS - 1);
        assert_eq!(a.plus(1), None);
        assert_eq!(a.to_string().parse(), Ok(a));
        assert!(Address::new(0, 16, 0).is_none());
        assert!("1:2".parse::<Address>().is_err() && "1:+2:3".parse::<Address>().is_err());
        assert_eq!(SYSTEM.to_string(), "4194304:0:0");
        assert!(Span::new(a, 1).is_some() && Span::new(a, 2).is_none());
    }

    #[test]
    fn cells_and_contents_round_trip() {
        let a = Address::new(3, 2, 1).unwrap();
        let step = StepTaken::Assertion { id: 40_000, first: a, metas: 7 };
        let c = Content::goal_with(TermId(9), step);
        assert_eq!((c.step(), c.as_term()), (Some(step), Some(TermId(9))));
        assert!(!c.is_open_goal() && Content::goal(TermId(9)).is_open_goal());
        let decided = StepTaken::Decided { id: 3, first: a, count: 2 };
        for s in [StepTaken::Hypothesis(2), StepTaken::Shared(a), decided] {
            assert_eq!(Content::goal_with(TermId(1), s).step(), Some(s));
        }
        let cell = Cell {
            value: c.value,
            inline: c.inline,
            tag: c.tag,
            opcode: 10,
            reserved: 0,
            instruction: 11,
            segment: 12,
            record: 13,
            time: 14,
            obligation: 15,
        };
        assert_eq!(Cell::from_bytes(&cell.to_bytes()), Some(cell));
        assert_eq!(Content::bytes(b"abc").unwrap().as_bytes().unwrap(), b"abc");
        assert!(Content::bytes(&[0; 25]).is_none());
        assert_eq!(Content::pair(a, SYSTEM).as_pair(), Some((a, SYSTEM)));
        assert_eq!(Content::int(-3).as_int(), Some(-3));
    }
}
