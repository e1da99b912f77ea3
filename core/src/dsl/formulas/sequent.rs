//! Sequents Γ ⊢ C as terms: a head of their own over the consequent and then the members of Γ, which are sorted by id.
//!
//! So equal sequents have one id, and substitution works on them as on any term. What follows from what is not said here.

use crate::metamath_db::database::Database;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head};
use smallvec::SmallVec;

/// The members of a context, or a few terms.
pub type Terms = SmallVec<[TermId; 4]>;

/// The separator, in a text, between the members of Γ and between Γ and the consequent.
pub const GAP: &str = "  ";

/// The name of a sequent's head in term literals.
pub const NAME: &str = "sequent";

/// The head of a sequent: the consequent is its first child, Γ the others. No judgement of a grammar has this number.
pub fn sequent_head() -> Head {
    Head::judgement((1 << 28) + 7)
}

/// The sequent of a consequent and the members of Γ, which have been taken apart.
pub fn sequent(arena: &mut Arena, goal: TermId, mut members: Terms) -> TermId {
    members.sort_unstable();
    members.dedup();
    members.insert(0, goal);
    arena.make(sequent_head(), &members)
}

/// Whether a term is a sequent.
pub fn is_sequent(arena: &Arena, t: TermId) -> bool {
    arena.head(t) == sequent_head()
}

/// C of Γ ⊢ C.
#[inline]
pub fn consequent(arena: &Arena, s: TermId) -> TermId {
    arena.children(s)[0]
}

/// Γ of Γ ⊢ C.
#[inline]
pub fn context(arena: &Arena, s: TermId) -> &[TermId] {
    &arena.children(s)[1..]
}

/// Copies a sequent into another arena.
pub fn carry(from: &Arena, s: TermId, to: &mut Arena) -> TermId {
    let goal = to.import(from, consequent(from, s));
    let members = context(from, s).iter().map(|&m| to.import(from, m)).collect();
    sequent(to, goal, members)
}

/// A sequent as a text: the members of Γ, a ` ,` behind each but the last, then the consequent with its typecode.
pub fn show(db: &Database, arena: &Arena, s: TermId) -> String {
    let members: Vec<String> = context(arena, s).iter().map(|&m| db.show(arena, m)).collect();
    let gap = if members.is_empty() { "" } else { GAP };
    format!("{}{gap}{}", members.join(&format!(" ,{GAP}")), db.show_statement(arena, consequent(arena, s)))
}
