//! The instruction set: opcodes, their functions and operand lists (docs/isa.md).

use serde::{Deserialize, Serialize};

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant = $code),* }
        impl $name {
            /// All of them, by code.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// Their names, by code.
            pub const NAMES: &'static [&'static str] = &[$($text),*];
            /// From the code.
            pub fn from_code(code: u8) -> Option<$name> {
                match code { $($code => Some($name::$variant),)* _ => None }
            }
            /// The name in assembly.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }
    };
}

closed! {
    /// The opcodes of all three levels. Those of Level 2 are answered by handlers.
    Opcode {
        /// Copy.
        Mov = 0x01 "MOV",
        /// Read by content.
        Readk = 0x02 "READK",
        /// Write by content.
        Writek = 0x03 "WRITEK",
        /// Add a typed edge.
        Link = 0x04 "LINK",
        /// Compare.
        Cmp = 0x05 "CMP",
        /// Select from a range.
        Scan = 0x06 "SCAN",
        /// Fold a range.
        Reduce = 0x07 "REDUCE",
        /// Apply to a range.
        Map = 0x08 "MAP",
        /// Relational join.
        Join = 0x09 "JOIN",
        /// Unify: the proof step.
        Unify = 0x0A "UNIFY",
        /// Commit a fact.
        Assert = 0x0B "ASSERT",
        /// Run a block on a snapshot.
        Spawn = 0x0C "SPAWN",
        /// Stop.
        Halt = 0x0D "HALT",
        /// Remove repetitions.
        Dedup = 0x20 "DEDUP",
        /// Order along links.
        Toposort = 0x21 "TOPOSORT",
        /// Breadth first.
        Bfs = 0x22 "BFS",
        /// Depth first.
        Dfs = 0x23 "DFS",
        /// Cheapest paths.
        Dijkstra = 0x24 "DIJKSTRA",
        /// Reduced row echelon form.
        Gaussj = 0x25 "GAUSSJ",
        /// Row echelon form.
        Gausselim = 0x26 "GAUSSELIM",
        /// Satisfiability.
        Satcheck = 0x27 "SATCHECK",
        /// Search policy.
        Plan = 0x40 "PLAN",
        /// Propose statements.
        Hypothesize = 0x41 "HYPOTHESIZE",
        /// Ranked premises.
        Retrieve = 0x42 "RETRIEVE",
        /// Goal to proof by tactics.
        Verify = 0x43 "VERIFY",
        /// Missing hypotheses.
        Abduce = 0x44 "ABDUCE",
        /// Forward closure.
        Deduce = 0x45 "DEDUCE",
        /// A learned composite by name.
        Call = 0x46 "CALL",
        /// A theorem answers a sequent.
        Apply = 0x47 "APPLY",
        /// A member of the context is the sequent.
        Member = 0x48 "MEMBER",
        /// A hypothesis of the task answers a sequent.
        Hyp = 0x49 "HYP",
        /// A member of the context answers a sequent.
        Use = 0x4A "USE",
        /// A sequent taken apart.
        Split = 0x4B "SPLIT",
        /// A sequent from a part of its context.
        Weaken = 0x4C "WEAKEN",
        /// A decision procedure.
        Close = 0x4D "CLOSE",
        /// A case distinction.
        Cases = 0x4E "CASES",
        /// A theorem's decisions once more.
        Replay = 0x4F "REPLAY",
        /// An equality from those of parts.
        Congr = 0x50 "CONGR",
        /// Equals replaced.
        Rewrite = 0x51 "REWRITE",
    }
}

closed! {
    /// The content that MOV makes from its source.
    MovKind {
        /// The content unchanged.
        Copy = 0 "copy",
        /// An open goal with the source's term.
        Goal = 1 "goal",
        /// A plain term with the source's term.
        Term = 2 "term",
    }
}

closed! {
    /// How READK and WRITEK match.
    ReadMode {
        /// Same tag and value.
        Exact = 0 "exact",
        /// Cells that the key is an instance of.
        Generalisations = 1 "gen",
        /// Cells that are instances of the key.
        Instances = 2 "inst",
        /// Cells that have a common instance with the key.
        Unifiable = 3 "unify",
        /// By embedding: declared.
        Near = 4 "near",
    }
}

closed! {
    /// Kinds of links.
    LinkKind {
        /// Goal to subgoal; no cycles.
        Subgoal = 0 "subgoal",
        /// Fact to premise; no cycles.
        Premise = 1 "premise",
        /// Before to after; no cycles.
        Before = 2 "before",
        /// Anything; cycles allowed.
        Edge = 3 "edge",
    }
}

impl LinkKind {
    /// Whether the links of this kind may not form a cycle.
    pub fn is_acyclic(self) -> bool {
        self != LinkKind::Edge
    }
}

closed! {
    /// Relations of CMP, SCAN and JOIN.
    Relation {
        /// Equal.
        Eq = 0 "eq",
        /// Not equal.
        Ne = 1 "ne",
        /// Less.
        Lt = 2 "lt",
        /// Less or equal.
        Le = 3 "le",
        /// Greater.
        Gt = 4 "gt",
        /// Greater or equal.
        Ge = 5 "ge",
        /// A link of the kind subgoal goes from the one cell to the other.
        Subgoal = 6 "subgoal",
        /// A link of the kind premise.
        Premise = 7 "premise",
        /// A link of the kind before.
        Before = 8 "before",
        /// A link of the kind edge.
        Edge = 9 "edge",
    }
}

impl Relation {
    /// The kind of link that the relation asks for; none for those that compare contents.
    pub fn link(self) -> Option<LinkKind> {
        LinkKind::from_code((self as u8).checked_sub(Relation::Subgoal as u8)?)
    }
}

closed! {
    /// Folds of REDUCE.
    Fold {
        /// Sum of ints.
        Sum = 0 "sum",
        /// Product of ints.
        Product = 1 "product",
        /// Least int.
        Min = 2 "min",
        /// Greatest int.
        Max = 3 "max",
        /// Conjunction of bools.
        All = 4 "all",
        /// Disjunction of bools.
        Any = 5 "any",
        /// Number of written cells.
        Count = 6 "count",
    }
}

closed! {
    /// Functions of MAP.
    MapKind {
        /// The cell itself.
        Copy = 0 "copy",
        /// Sum; a ref moves on.
        Add = 1 "add",
        /// Difference; a ref moves back.
        Sub = 2 "sub",
        /// Product.
        Mul = 3 "mul",
        /// Euclidean quotient.
        Div = 4 "div",
        /// Euclidean remainder.
        Mod = 5 "mod",
        /// Negative.
        Neg = 6 "neg",
        /// Complement.
        Not = 7 "not",
        /// Conjunction.
        And = 8 "and",
        /// Disjunction.
        Or = 9 "or",
        /// The content of the cell that a ref points to.
        Deref = 10 "deref",
        /// A term with its bindings applied.
        Resolve = 11 "resolve",
    }
}

impl MapKind {
    /// Whether it takes a second argument.
    pub fn is_binary(self) -> bool {
        use MapKind::{Add, And, Div, Mod, Mul, Or, Sub};
        matches!(self, Add | Sub | Mul | Div | Mod | And | Or)
    }
}

closed! {
    /// How SPAWN runs its block.
    SpawnMode {
        /// Once; adopt on success.
        Once = 0 "once",
        /// As long as a cell is true; adopt on success.
        While = 1 "while",
        /// Once; always drop.
        Test = 2 "test",
    }
}

closed! {
    /// The candidates that RETRIEVE ranks.
    RetrieveKind {
        /// Premises whose conclusion unifies with the goal.
        Premise = 0 "premise",
        /// Statements that share most features with the goal.
        Neighbour = 1 "neighbour",
    }
}

closed! {
    /// The number type of the unknowns of SATCHECK's atoms.
    Numbers {
        /// Rational numbers.
        Rational = 0 "rational",
        /// Integers.
        Integer = 1 "integer",
    }
}

impl Opcode {
    /// 0, 1 or 2.
    pub fn level(self) -> u8 {
        match self as u8 {
            0..=0x1f => 0,
            0x20..=0x3f => 1,
            _ => 2,
        }
    }
    /// Whether it always decides about sequents ([`crate::dsl::programs::program::Instruction::is_content`]).
    pub fn is_content(self) -> bool {
        self as u8 >= Opcode::Apply as u8
    }
    /// Names of its functions, by code; empty if it has none.
    pub fn functions(self) -> &'static [&'static str] {
        match self {
            Opcode::Mov => MovKind::NAMES,
            Opcode::Readk | Opcode::Writek => ReadMode::NAMES,
            Opcode::Link => LinkKind::NAMES,
            Opcode::Cmp | Opcode::Scan | Opcode::Join => Relation::NAMES,
            Opcode::Reduce => Fold::NAMES,
            Opcode::Map => MapKind::NAMES,
            Opcode::Spawn => SpawnMode::NAMES,
            Opcode::Retrieve => RetrieveKind::NAMES,
            Opcode::Toposort | Opcode::Bfs | Opcode::Dfs | Opcode::Dijkstra => LinkKind::NAMES,
            Opcode::Satcheck => Numbers::NAMES,
            _ => &[],
        }
    }
    /// The operand lists that it takes.
    pub fn forms(self) -> &'static [&'static [Slot]] {
        use Slot::{Block, Integer, Label, Number, Place, Span, Value, Words};
        match self {
            Opcode::Mov => &[&[Place, Value]],
            Opcode::Readk => &[&[Place, Value], &[Place, Value, Span], &[Place, Value, Span, Integer]],
            Opcode::Writek => &[&[Place, Span, Value, Value]],
            Opcode::Link => &[&[Place, Place]],
            Opcode::Cmp => &[&[Place, Value, Value]],
            Opcode::Scan => &[&[Place, Span, Value]],
            Opcode::Reduce => &[&[Place, Span]],
            Opcode::Map => &[&[Place, Span], &[Place, Span, Value]],
            Opcode::Join => &[&[Place, Span, Span]],
            Opcode::Unify => &[&[Place, Place, Label], &[Place, Label], &[Value, Value]],
            Opcode::Assert => &[&[Place, Place]],
            Opcode::Call => &[&[Place, Place, Label], &[Place, Label]],
            Opcode::Spawn => &[&[Place, Block, Integer], &[Place, Block, Integer, Place]],
            Opcode::Halt => &[&[Number]],
            Opcode::Dedup => &[&[Place, Place, Span]],
            Opcode::Toposort => &[&[Place, Span]],
            Opcode::Bfs | Opcode::Dfs | Opcode::Dijkstra => &[&[Place, Place, Place, Span, Place]],
            Opcode::Gaussj | Opcode::Gausselim => &[&[Place, Span, Integer]],
            Opcode::Satcheck => &[&[Place, Span], &[Place, Span, Span, Integer]],
            Opcode::Plan => {
                &[&[Place, Value, Integer], &[Place, Value, Integer, Label], &[Place, Place, Integer, Words]]
            }
            Opcode::Verify => &[&[Place, Value, Integer], &[Place, Value, Integer, Label]],
            Opcode::Retrieve => &[&[Place, Value, Integer], &[Place, Value, Integer, Label]],
            Opcode::Hypothesize => {
                &[&[Place, Value, Integer, Integer], &[Place, Value, Integer, Integer, Label], &[Span, Place, Words]]
            }
            Opcode::Abduce => {
                &[&[Place, Value, Span, Integer, Integer], &[Place, Value, Span, Integer, Integer, Label]]
            }
            Opcode::Apply | Opcode::Hyp | Opcode::Replay => {
                &[&[Span, Place, Label, Words], &[Place, Label, Words], &[Span, Place, Label], &[Place, Label]]
            }
            Opcode::Member => &[&[Place, Words], &[Place]],
            Opcode::Use => &[&[Span, Place, Words], &[Place, Words]],
            Opcode::Split | Opcode::Congr => &[&[Span, Place, Words], &[Span, Place]],
            Opcode::Weaken | Opcode::Cases | Opcode::Rewrite => &[&[Span, Place, Words]],
            Opcode::Close => &[&[Place, Words]],
            Opcode::Deduce => &[&[Place, Span, Integer, Integer], &[Place, Span, Integer, Integer, Label]],
        }
    }
}

/// The operands allowed at one place of an opcode's operand list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    /// Address or indirect.
    Place,
    /// Place, integer, term or text.
    Value,
    /// Range or indirect range.
    Span,
    /// Place or integer.
    Number,
    /// Integer literal.
    Integer,
    /// Label.
    Label,
    /// Block.
    Block,
    /// A text of any length: the further operands of a decision.
    Words,
}

impl Slot {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Slot::Place => "place",
            Slot::Value => "value",
            Slot::Span => "range",
            Slot::Number => "number",
            Slot::Integer => "integer",
            Slot::Label => "@label",
            Slot::Block => "%block",
            Slot::Words => "text",
        }
    }
}

/// The operand lists of an opcode, as a message.
pub fn expected_forms(opcode: Opcode) -> String {
    let forms: Vec<String> =
        opcode.forms().iter().map(|f| f.iter().map(|s| s.name()).collect::<Vec<_>>().join(", ")).collect();
    match forms.iter().all(String::is_empty) {
        true => format!("{} takes no operands", opcode.name()),
        false => format!("{} takes {}", opcode.name(), forms.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The opcode table and the function lists of the specification, against the code.
    #[test]
    fn the_specification_lists_these_opcodes_and_functions() {
        let text = include_str!("../../../docs/isa.md");
        let rows: Vec<(u8, String, u8)> = text
            .lines()
            .filter_map(|l| l.strip_prefix("| 0x"))
            .map(|l| {
                let c: Vec<&str> = l.split('|').map(str::trim).collect();
                (u8::from_str_radix(c[0], 16).unwrap(), c[1].to_string(), c[2].parse().unwrap())
            })
            .collect();
        let ours: Vec<(u8, String, u8)> =
            Opcode::ALL.iter().map(|o| (*o as u8, o.name().to_string(), o.level())).collect();
        assert_eq!(rows, ours);
        for o in Opcode::ALL {
            let section = text.split(&format!("\n### {}\n", o.name())).nth(1).expect("a section");
            let section = section.split("\n### ").next().unwrap();
            let own = section.split("\n## ").next().unwrap();
            assert!(own.contains("Effect") && own.contains("Faults") && own.contains("Obligation"));
            let list = o.functions().iter().map(|f| format!("`{f}`")).collect::<Vec<_>>();
            if let Some(listed) = own.split("Functions: ").nth(1) {
                assert_eq!(
                    listed.split_whitespace().collect::<Vec<_>>()[..list.len()].join(" "),
                    format!("{}.", list.join(", "))
                );
            }
        }
    }
}
