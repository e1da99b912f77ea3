//! Content proofs as programs of decisions, one line for each node, root first (docs/isa.md, "Content programs").
//!
//! A line holds what matching does not determine: which reading of an assertion, which member is taken apart, and the
//! values that neither the consequent nor that member fixes. Symmetric relations may be written in either orientation.
//! [`Texts::decide`] applies one decision to a sequent, and [`Texts::follow`] reads a whole text back as the content
//! proof that was written.

mod decide;
mod fields;
mod readings;
mod replay;
mod rewriting;
mod tree;

use super::proof::{By, ContentProof, Node};
use crate::dsl::formulas::sequent::{show, GAP};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};
pub(super) use decide::parts;
pub use decide::{serves, Made};
use rustc_hash::FxHashMap;

/// The number of levels that indentation shows.
const DEEPEST: usize = 40;

/// A content proof as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentText {
    /// The text, one line for each node.
    pub text: String,
    /// The number of its decisions.
    pub decisions: u64,
}

/// The refusal of a decision with a fault and a claim.
pub(super) fn refusal(kind: FaultKind, claim: impl Into<String>) -> Refusal {
    Refusal { kind, address: None, claim: claim.into() }
}

/// Reads and writes the texts of content proofs of one task.
pub struct Texts<'a> {
    /// The premises.
    pub theory: &'a Theory,
    /// The moves that the nodes refer to.
    pub moves: &'a Moves,
    /// The truth tables of the connectives.
    pub tables: &'a Tables,
    /// The task to be proved.
    pub task: &'a Task,
    /// Whether a premise may be used.
    pub allowed: &'a dyn Fn(PremiseId) -> bool,
}

/// The reader and writer of the formulas of one text.
struct Words<'a, 'b> {
    by: &'a Texts<'a>,
    arena: &'b mut Arena,
    /// The connectives that stand before the task.
    connectives: Connectives,
    /// The task's variables, sorted.
    own: Vec<SymbolId>,
    /// A cache of the formulas that were read, by text.
    known: FxHashMap<String, TermId>,
}

/// The nodes in the order in which the text numbers them, each with its depth.
fn root_first(proof: &ContentProof) -> Vec<(u32, usize)> {
    let Some(root) = proof.nodes.len().checked_sub(1) else { return Vec::new() };
    let mut seen = vec![false; proof.nodes.len()];
    let (mut stack, mut out) = (vec![(root as u32, 0)], Vec::new());
    while let Some((n, depth)) = stack.pop() {
        if !std::mem::replace(&mut seen[n as usize], true) {
            out.push((n, depth));
            stack.extend(proof.nodes[n as usize].children.iter().rev().map(|&c| (c, depth + 1)));
        }
    }
    out
}

impl Texts<'_> {
    /// Writes the text of a proof. `deciders` gives for each node the name of the decision procedure that closes it.
    pub fn write(&self, proof: &ContentProof, deciders: &[Option<&str>], arena: &mut Arena) -> String {
        let order = root_first(proof);
        let mut number = vec![0; proof.nodes.len()];
        order.iter().zip(1..).for_each(|(&(n, _), k)| number[n as usize] = k);
        let mut words = Words::new(self, arena);
        let mut out = String::new();
        for (n, depth) in order {
            let node = &proof.nodes[n as usize];
            let mut fields = words.decision(proof, node, deciders.get(n as usize).copied().flatten());
            if !node.children.is_empty() {
                let from = node.children.iter().map(|&c| format!(" {}", number[c as usize]));
                fields.insert(1, format!("from{}", from.collect::<String>()));
            }
            out += &GAP.repeat(depth.min(DEEPEST));
            out += &format!("{}{GAP}{}{GAP}:{GAP}{}\n", number[n as usize], fields.join(GAP), words.sequent(node));
        }
        out
    }
}

impl Texts<'_> {
    /// By node of a proof, its decision as a line of a content program says it, without numbers and sequents: the opcode and
    /// its fields, separated by two blanks. A decision procedure's name is a question mark where it is not known.
    pub fn decisions(&self, proof: &ContentProof, arena: &mut Arena) -> Vec<String> {
        let mut words = Words::new(self, arena);
        proof.nodes.iter().map(|node| words.decision(proof, node, None).join(GAP)).collect()
    }
}

impl<'a, 'b> Words<'a, 'b> {
    fn new(by: &'a Texts<'a>, arena: &'b mut Arena) -> Self {
        let formulas = by.task.hyps.iter().chain([&by.task.goal]);
        let mut own: Vec<SymbolId> = formulas.flat_map(|&t| arena.variables(t)).collect();
        own.sort_unstable();
        own.dedup();
        let connectives = by.moves.connectives.before(by.task.limit);
        Words { by, arena, connectives, own, known: FxHashMap::default() }
    }
    fn show(&self, t: TermId) -> String {
        self.by.theory.db.show(self.arena, t)
    }
    fn sequent(&self, node: &Node) -> String {
        show(&self.by.theory.db, self.arena, node.sequent)
    }
    /// The words of a node's line: the opcode and its operands, with the members of Γ that a WEAKEN drops.
    fn decision(&mut self, proof: &ContentProof, node: &Node, decider: Option<&str>) -> Vec<String> {
        let mut fields = self.fields(node, decider);
        if let (By::Weaken, [child]) = (&node.by, &node.children[..]) {
            let kept = context(self.arena, proof.nodes[*child as usize].sequent);
            let lost = context(self.arena, node.sequent).iter().filter(|m| !kept.contains(m));
            fields.extend(lost.map(|&m| format!("drops {}", self.show(m))));
        }
        fields
    }
    /// The opcode of a node and its operands.
    fn fields(&mut self, node: &Node, decider: Option<&str>) -> Vec<String> {
        let goal = consequent(self.arena, node.sequent);
        let opcode = match &node.by {
            By::Move { number, values, taken, kept } => return self.apply(node, *number, values, *taken, kept),
            By::Hyp { number, parts } => {
                let (hyps, labels) = (&self.by.task.hyps, &self.by.task.hyp_labels);
                let label = labels.get(*number as usize).map_or("?", String::as_str);
                let opcode = format!("HYP {label}");
                return hyps.get(*number as usize).map_or_else(Vec::new, |&h| self.reading(opcode, h, goal, parts));
            }
            By::Use { member, parts } => {
                let opcode = format!("USE {}", self.show(*member));
                return self.reading(opcode, *member, goal, parts);
            }
            By::Member => "MEMBER".to_owned(),
            By::Weaken => "WEAKEN".to_owned(),
            By::Split => "SPLIT".to_owned(),
            By::Closed { propositional: true, .. } => "CLOSE propositional".to_owned(),
            By::Closed { .. } => format!("CLOSE {}", decider.unwrap_or("?")),
        };
        vec![opcode]
    }
    /// The words of a line that uses a hypothesis or a member of Γ.
    fn reading(&mut self, opcode: String, formula: TermId, goal: TermId, parts: &Terms) -> Vec<String> {
        let mut out = vec![opcode];
        match self.formula_readings(formula, goal, Some(parts.len())).iter().position(|p| p == parts) {
            Some(0) => {}
            Some(k) => out.push(format!("reading {}", k + 1)),
            None => out.extend(parts.iter().map(|&t| format!("part {}", self.show(t)))),
        }
        out
    }
    fn apply(
        &mut self,
        node: &Node,
        number: u32,
        values: &[TermId],
        taken: Option<TermId>,
        kept: &Terms,
    ) -> Vec<String> {
        let (goal, members) = (consequent(self.arena, node.sequent), Terms::from(context(self.arena, node.sequent)));
        let Some(premise) = self.named(number) else { return vec!["APPLY ?".to_owned()] };
        let mut out = vec![format!("APPLY {}", self.by.theory.label(premise))];
        let direction = self.direction(number, premise);
        if !direction.is_empty() {
            out.push(format!("answers {direction}"));
        }
        let exchanged = self.exchanges(number, premise, goal, values);
        if exchanged {
            out.push("exchanged".to_owned());
        }
        out.extend(taken.iter().map(|&t| format!("takes {}", self.show(t))));
        let lost = members.iter().filter(|&m| Some(*m) != taken && !kept.contains(m));
        out.extend(lost.map(|&m| format!("drops {}", self.show(m))));
        let said = self.said((number, exchanged), premise, goal, taken);
        let given = self.given(number, premise, values, &said);
        for &(name, value) in &given {
            out.push(format!("{} := {}", self.variable(premise, name), self.show(value)));
        }
        let (count, direction) = (node.children.len(), &direction);
        let asked = readings::Question { goal, taken, count, direction, exchanged, given: &given };
        let found = self.fitting(premise, &asked).0;
        let leaves = |f: &&readings::Fitting| self.by.moves.all[f.1 as usize].parts.len() == asked.count;
        if found.iter().find(leaves).map(|f| f.1) != Some(number) {
            let place = found.iter().find(|f| f.1 == number);
            out.extend(place.map(|f| format!("reading {}", f.0)));
        }
        out
    }
}

#[cfg(test)]
mod tests;
