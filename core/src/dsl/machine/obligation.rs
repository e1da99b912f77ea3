//! Claims that opcodes leave, faults, and who discharges a claim (docs/isa.md, "Execution").

use crate::dsl::isa::Opcode;
use crate::dsl::memory::cell::Address;
use crate::dsl::memory::workspace::Link;
use crate::metamath_db::ids::TermId;
use serde::Serialize;
use std::fmt;

/// One hit of a content read, with what makes it one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// The cell.
    pub address: Address,
    /// Values of the pattern's metavariables; empty for exact reads.
    pub substitution: Vec<(u32, TermId)>,
}

/// The claim of an executed opcode.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// `to` holds what `from` held (or what the literal says).
    Equal {
        /// The source; none for a literal.
        from: Option<Address>,
        /// The target.
        to: Address,
    },
    /// These cells match the key.
    Matches(Vec<Witness>),
    /// Both ends exist, no forbidden cycle.
    Linked(Link),
    /// Running it again gives the same result.
    Rerun,
    /// The substitution makes the two terms equal.
    Unified {
        /// The new bindings, in order of metavariable.
        bindings: Vec<(u32, TermId)>,
        /// Addresses of the subgoals.
        subgoals: Vec<Address>,
        /// `$d` conditions, as pairs of terms whose variables must stay apart.
        distinct: Vec<(TermId, TermId)>,
    },
    /// The checker of a Level-1 opcode accepted the result with this certificate, a line each part.
    Certified(Vec<String>),
    /// A judge accepted the proof object with this number.
    Proof {
        /// Its number.
        proof: u32,
        /// The judge's name.
        judge: String,
    },
    /// A handler answered.
    Answered {
        /// The parts of the claim beyond its writes, one a line.
        detail: Vec<String>,
        /// Whether a checker confirmed it.
        checked: bool,
        /// The judge that accepted what was derived, if something was.
        judge: Option<String>,
    },
    /// A composite was called; its steps were executed twice.
    Called {
        /// The steps as assembly, with their bindings.
        detail: Vec<String>,
        /// The judge that accepted the lemmas' proofs again, if there are lemmas.
        judge: Option<String>,
    },
    /// A sequent follows from what a decision leaves; other code confirmed it.
    Decided {
        /// The decision's number.
        decision: u32,
        /// The sequent that is answered, then details of the decision, one a line.
        detail: Vec<String>,
    },
    /// A child ran; its own obligations stand for it.
    Child {
        /// Its status.
        status: u16,
        /// Whether its diff was adopted.
        adopted: bool,
        /// Steps used.
        steps: u64,
    },
}

/// Who discharges a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Discharge {
    /// The machine checked it before it committed.
    Checked,
    /// Whoever runs the program again.
    Replay,
    /// The judge accepted.
    Judge,
    /// The child's own obligations.
    Child,
}

impl Claim {
    /// Who discharges it.
    pub fn discharge(&self) -> Discharge {
        match self {
            Claim::Rerun | Claim::Answered { checked: false, judge: None, .. } => Discharge::Replay,
            Claim::Proof { .. } | Claim::Answered { judge: Some(_), .. } | Claim::Called { judge: Some(_), .. } => {
                Discharge::Judge
            }
            Claim::Child { .. } => Discharge::Child,
            _ => Discharge::Checked,
        }
    }
    /// The name in traces.
    pub fn name(&self) -> &'static str {
        match self {
            Claim::Equal { .. } => "equal",
            Claim::Matches(_) => "matches",
            Claim::Linked(_) => "linked",
            Claim::Rerun => "rerun",
            Claim::Unified { .. } => "unified",
            Claim::Certified(_) => "certified",
            Claim::Proof { .. } => "proof",
            Claim::Answered { .. } => "answered",
            Claim::Called { .. } => "called",
            Claim::Child { .. } => "child",
            Claim::Decided { .. } => "decided",
        }
    }
}

impl Claim {
    /// Whether there is more to it than instruction and time, which every written cell names. The others need no
    /// place in the obligation table when nobody looks at the trace.
    pub fn holds_data(&self) -> bool {
        !matches!(self, Claim::Equal { .. } | Claim::Rerun)
    }
}

/// Whom the machine believes (docs/isa.md, "Obligations").
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Nobody: every claim is checked when it is made.
    #[default]
    None,
    /// The kernel: what it checks again at ASSERT is not checked before.
    Kernel,
}

/// A claim with its origin. Ids count from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Obligation {
    /// Its id.
    pub id: u64,
    /// The opcode that left it.
    pub opcode: Opcode,
    /// Index of the instruction.
    pub instruction: u32,
    /// Number of the step.
    pub time: u64,
    /// The claim.
    pub claim: Claim,
}

/// Kinds of faults; the number is the status that a child reports.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u16)]
pub enum FaultKind {
    /// Operands have the types that the opcode takes.
    Operand = 257,
    /// The address is inside the space and the program may write there.
    Address = 258,
    /// The cell has been written.
    Empty = 259,
    /// The cell has the type that the opcode takes.
    Type = 260,
    /// The predicate cell is a bool.
    Predicate = 261,
    /// The result exists in 64 bits.
    Arithmetic = 262,
    /// The label names an assertion that may be used here.
    Label = 263,
    /// The term literal is well formed, and its metavariables are in use.
    Term = 264,
    /// The terms have a common instance.
    Unify = 265,
    /// A `$d` condition can still be met.
    Distinct = 266,
    /// The goal is open.
    Goal = 267,
    /// Everything below the goal is closed and free of metavariables.
    Open = 268,
    /// The judge accepts.
    Refused = 269,
    /// Both ends exist, and no forbidden cycle.
    Link = 270,
    /// There is an empty slot where one is needed.
    Occupied = 271,
    /// Children are nested at most 64 deep.
    Depth = 272,
    /// The opcode has a handler on this machine.
    Unavailable = 273,
    /// The check on the spot confirms the result.
    Obligation = 274,
    /// Sizes stay within the stated bounds.
    Bound = 275,
    /// The steps suffice; the status of a child only.
    Budget = 276,
    /// The handler answers.
    Handler = 277,
    /// The search finds a proof within its budget.
    Unproved = 278,
    /// The head may read, write or link there.
    Mask = 279,
    /// The workspace holds at most as many pages as it was given.
    Pages = 280,
}

impl FaultKind {
    /// All kinds.
    pub const ALL: [FaultKind; 24] = [
        FaultKind::Operand,
        FaultKind::Address,
        FaultKind::Empty,
        FaultKind::Type,
        FaultKind::Predicate,
        FaultKind::Arithmetic,
        FaultKind::Label,
        FaultKind::Term,
        FaultKind::Unify,
        FaultKind::Distinct,
        FaultKind::Goal,
        FaultKind::Open,
        FaultKind::Refused,
        FaultKind::Link,
        FaultKind::Occupied,
        FaultKind::Depth,
        FaultKind::Unavailable,
        FaultKind::Obligation,
        FaultKind::Bound,
        FaultKind::Budget,
        FaultKind::Handler,
        FaultKind::Unproved,
        FaultKind::Mask,
        FaultKind::Pages,
    ];
    /// The status that a child with this fault reports.
    pub fn status(self) -> u16 {
        self as u16
    }
    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<FaultKind> {
        FaultKind::ALL.into_iter().find(|k| k.name() == name)
    }
    /// The name in lower case.
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// A claim that failed, and where. The workspace is as before the instruction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// The kind of the claim that failed.
    pub kind: FaultKind,
    /// The opcode.
    pub opcode: Opcode,
    /// The block's name.
    pub block: String,
    /// Index of the instruction in the program.
    pub instruction: u32,
    /// The address at fault, where there is one.
    pub address: Option<Address>,
    /// The claim that failed, in words.
    pub claim: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (op, kind) = (self.opcode.name(), self.kind.name());
        write!(f, "{op} at {} (%{})", self.instruction, self.block)?;
        if let Some(a) = self.address {
            write!(f, ", cell {a}")?;
        }
        write!(f, ": {kind}: {}", self.claim)
    }
}

impl std::error::Error for Fault {}

/// Why a handler gives no answer: a fault.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Its kind.
    pub kind: FaultKind,
    /// The address at fault, where there is one.
    pub address: Option<Address>,
    /// The claim that failed.
    pub claim: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_lists_these_faults() {
        let text = include_str!("../../../../docs/isa.md");
        let rows: Vec<(u16, String)> = text
            .lines()
            .filter_map(|l| l.strip_prefix("| 2"))
            .filter_map(|l| {
                let c: Vec<&str> = l.split('|').map(str::trim).collect();
                Some((format!("2{}", c[0]).parse().ok()?, c[1].to_string()))
            })
            .filter(|r| r.0 > 256)
            .collect();
        let ours: Vec<(u16, String)> = FaultKind::ALL.iter().map(|k| (k.status(), k.name())).collect();
        assert_eq!(rows, ours);
    }
}
