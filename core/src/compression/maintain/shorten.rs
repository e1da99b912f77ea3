//! Shorter proofs of a database's theorems as text: what [`crate::compression::reuse::missed`] finds, written as metamath-exe would.

use crate::compression::full::{Form, FullError};
use crate::compression::lemmas::export::{spliced, steps_text, Edit, ExportError};
use crate::compression::reuse::missed::{Missed, Shorter, Worker};
use crate::compression::reuse::size::Size;
use crate::dsl::theory::library::Theory;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::proof::tokens;
use crate::metamath_db::reader::{LabelRef, Source};

/// A theorem with its new proof.
#[derive(Clone, Debug)]
pub struct Shortened {
    /// The theorem.
    pub theorem: AssertionId,
    /// The proof as it stands between `$=` and `$.`.
    pub text: String,
    /// Size before.
    pub before: Size,
    /// Size after.
    pub after: Size,
    /// Steps freed because their formulas were proved elsewhere in the proof.
    pub shared: usize,
    /// Labels of the premises put in, in the order in which that happened, then of syntax theorems used anew.
    pub used: Vec<String>,
    /// Axioms that the proof rests on no more, by label.
    pub axioms_dropped: Vec<String>,
}

/// Theorems whose proofs may be changed, in file order.
pub fn changeable(missed: &Missed<'_>) -> Vec<AssertionId> {
    (0..missed.theory().db.len()).map(AssertionId::from).filter(|&a| missed.may_change(a)).collect()
}

/// Why a statement's proof is left as it is; `None` if it may be changed.
pub fn kept_because(missed: &Missed<'_>, a: AssertionId) -> Option<String> {
    let theory = missed.theory();
    let db = &theory.db;
    let Some(span) = &db.source.assertions[a.index()].proof else {
        return Some("it is an axiom: it has no proof".to_owned());
    };
    if db.unparsed.contains(&a) {
        let why = theory.unparsed_because(a);
        let statement = if why.starts_with("does") { "its statement " } else { "" };
        return Some(format!("{statement}{why}"));
    }
    if !db.scheme(a).logical {
        return Some(format!("it is a syntax theorem (`{}`)", db.source.symbol(db.scheme(a).typecode)));
    }
    if let Some(error) = db.refused.iter().find(|e| e.theorem == a) {
        return Some(format!("its proof is refused: {}", error.message(&db.source)));
    }
    if tokens(db.source.str(span)).any(|t| t.contains('?')) {
        return Some("its proof is incomplete (`?`)".to_owned());
    }
    if !missed.may_change(a) {
        let marked = db.source.comment_says(a, "(Proof modification is discouraged.)");
        let why = if marked { "proof modification is discouraged" } else { "its proof cannot be decoded" };
        return Some(why.to_owned());
    }
    let unread = db.steps(a, &mut theory.arena.clone()).err();
    unread.map(|(_, why)| format!("its proof has a step that cannot be read: {why}"))
}

/// Shortens the proofs of some theorems, each against the database as it is; those that got no shorter are left out.
/// In the order of the input, whatever the number of threads.
///
/// # Errors
/// A proof that cannot be written, which would be a bug.
pub fn shorten(missed: &Missed<'_>, theorems: &[AssertionId], threads: usize) -> Result<Vec<Shortened>, ExportError> {
    let one = |&a: &AssertionId, worker: &mut Worker| {
        let shorter = missed.theorem(a, worker)?;
        let label = || missed.theory().db.source.label(a).to_owned();
        Some(written(missed, a, shorter, worker).map_err(|why| ExportError { name: label(), why }))
    };
    missed.all(theorems, threads, one).into_iter().flatten().collect()
}

fn written(missed: &Missed<'_>, a: AssertionId, shorter: Shorter, worker: &mut Worker) -> Result<Shortened, FullError> {
    let theory = missed.theory();
    let task = theory.task(a, &mut worker.arena).ok_or(FullError::Malformed)?;
    let (text, bytes) = steps_text(theory, &worker.arena, a, &task, &shorter.steps, Form::AsMetamathExe)?;
    debug_assert_eq!(bytes, shorter.after.bytes());
    let mut used: Vec<String> = shorter.used.iter().map(|&p| theory.label(p).to_owned()).collect();
    used.extend(new_syntax(theory, a, &text));
    Ok(Shortened {
        theorem: a,
        text,
        before: shorter.before,
        after: shorter.after,
        shared: shorter.shared,
        used,
        axioms_dropped: missed.axioms_dropped(a, &shorter.proof),
    })
}

/// Labels of the syntax theorems that a compressed proof names and the theorem's own proof does not use.
fn new_syntax(theory: &Theory, a: AssertionId, text: &str) -> Vec<String> {
    let source = &theory.db.source;
    let own: Vec<LabelRef> = theory.db.proofs.theorem(a).map(|(label, _)| label.get()).collect();
    let labels = tokens(text).skip(1).take_while(|&t| t != ")");
    let is_new = |label: &&str| match source.lookup(label.as_bytes()) {
        Some(LabelRef::Assertion(b)) => {
            let theorem = source.assertions[b.index()].proof.is_some() && !theory.db.scheme(b).logical;
            theorem && !own.contains(&LabelRef::Assertion(b))
        }
        _ => false,
    };
    labels.filter(is_new).map(str::to_owned).collect()
}

/// A theorem and its new proof, as it stands between `$=` and `$.`.
pub type Replacement = (AssertionId, String);

/// A theorem's statement from its label to its `$.`, with another proof.
pub fn with_proof(source: &Source, a: AssertionId, proof: &str) -> String {
    let assertion = &source.assertions[a.index()];
    let Some(old) = &assertion.proof else { return source.str(&assertion.span).to_owned() };
    let (start, end) = (assertion.span.start..old.start, old.end..assertion.span.end);
    format!("{}{proof}{}", source.str(&start), source.str(&end))
}

/// The database with these proofs in their theorems; nothing else differs. Comments inside replaced proofs are lost. A
/// proof's text can hold no statement: the label of the first theorem whose text has a `$` is the error.
///
/// # Errors
/// See above.
pub fn database(theory: &Theory, new: &[Replacement]) -> Result<Vec<u8>, String> {
    let source = &theory.db.source;
    let mut edits: Vec<Edit<'_>> = Vec::with_capacity(new.len());
    for (a, text) in new {
        if !text.bytes().all(|c| c != b'$' && (c.is_ascii_graphic() || c == b' ' || c == b'\n')) {
            return Err(source.label(*a).to_owned());
        }
        edits.extend(source.assertions[a.index()].proof.as_ref().map(|s| (s.start, s.end, 0, text.as_str().into())));
    }
    Ok(spliced(&source.text, edits))
}
