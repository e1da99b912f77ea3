//! Operands of instructions (docs/isa.md, "Operands").

use crate::dsl::isa::Slot;
use crate::dsl::memory::cell::{Address, Span};

/// Index into a program's strings.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StringId(pub u32);

/// Index into a program's blocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlockId(pub u32);

/// One operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// A cell.
    Address(Address),
    /// The cell that the ref in this cell points to.
    Indirect(Address),
    /// A range of cells.
    Range(Span),
    /// So many cells from where the ref in this cell points to.
    IndirectRange(Address, u32),
    /// An integer literal.
    Integer(i64),
    /// The label of an assertion or of one of the task's own hypotheses.
    Label(StringId),
    /// A term literal.
    Term(StringId),
    /// A text literal.
    Text(StringId),
    /// A block of this program.
    Block(BlockId),
}

impl Slot {
    /// Whether the operand fits.
    pub fn takes(self, o: Operand) -> bool {
        use Operand as O;
        let place = matches!(o, O::Address(_) | O::Indirect(_));
        match self {
            Slot::Place => place,
            Slot::Value => place || matches!(o, O::Integer(_) | O::Term(_) | O::Text(_)),
            Slot::Span => matches!(o, O::Range(_) | O::IndirectRange(_, _)),
            Slot::Number => place || matches!(o, O::Integer(_)),
            Slot::Integer => matches!(o, O::Integer(_)),
            Slot::Label => matches!(o, O::Label(_)),
            Slot::Block => matches!(o, O::Block(_)),
            Slot::Words => matches!(o, O::Text(_)),
        }
    }
}
