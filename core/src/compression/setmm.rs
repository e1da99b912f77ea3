//! Lemmas and proofs as set.mm's maintainers want them: wrapped as `WRITE SOURCE / REWRAP` leaves them, proofs as
//! `SAVE PROOF / COMPRESSED` writes them, each comment before its `$p`. Nothing here can write `$a`, `$c` or `$v`.

use super::export::{block, ended_as, steps_text, ExportError, Style};
use super::full::{Form, FullError};
use super::instance::Places;
use super::missed::Shorter;
use crate::dsl::library::{Lemma, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::term::Arena;
use std::fmt::Write;

const WIDTH: usize = 79;

/// Changes of a text: byte range and what takes its place, sorted, disjoint.
pub type Edits = Vec<(u32, u32, String)>;

/// A lemma's block with its comment, which is one paragraph. The arena is left as it was.
///
/// # Errors
/// When its proof does not elaborate or has no syntax proof at its place.
pub fn block_text(
    theory: &Theory,
    places: &Places,
    arena: &mut Arena,
    l: &Lemma,
    comment: &str,
) -> Result<String, ExportError> {
    let distinct = |out: &mut String, indent: usize, groups: &[Vec<&str>]| {
        let groups: Vec<String> = groups.iter().map(|g| format!("$d {} $.", g.join(" "))).collect();
        distinct_lines(out, indent, &groups);
    };
    let comment = |indent: usize| paragraph(indent, comment);
    let style = Style { form: Form::AsMetamathExe, distinct: &distinct, comment: &comment };
    Ok(block(theory, places, arena, l, &style)?.0)
}

/// `$d` statements, as many on a line as fit, two spaces between them.
fn distinct_lines(out: &mut String, indent: usize, groups: &[String]) {
    let mut column = 0;
    for g in groups {
        if column > 0 && column + 2 + g.len() <= WIDTH {
            out.push_str("  ");
            column += 2;
        } else {
            if column > 0 {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        out.push_str(g);
        column += g.len();
    }
    if column > 0 {
        out.push('\n');
    }
}

/// A comment of one paragraph: two spaces between a sentence and a parenthesis, lines after the first three columns
/// further in.
fn paragraph(indent: usize, text: &str) -> String {
    let mut out = format!("{}$(", " ".repeat(indent));
    let mut column = indent + 2;
    let mut gap = 1;
    let mut words = text.split_ascii_whitespace().peekable();
    while let Some(word) = words.next() {
        // the closing `$)` stays with the last word
        let tail = if words.peek().is_none() { 3 } else { 0 };
        if column + gap + word.len() + tail > WIDTH {
            let _ = write!(out, "\n{}{word}", " ".repeat(indent + 3));
            column = indent + 3 + word.len();
        } else {
            let _ = write!(out, "{}{word}", " ".repeat(gap));
            column += gap + word.len();
        }
        let next_opens = words.peek().is_some_and(|next| next.starts_with('('));
        gap = if word.ends_with('.') && next_opens { 2 } else { 1 };
    }
    out.push_str(" $)\n");
    out
}

/// Lemma texts put in at their places, and new proofs of theorems, whose terms are in `arena`.
///
/// # Errors
/// The first proof that cannot be written.
pub fn edits(
    theory: &Theory,
    arena: &Arena,
    texts: &[String],
    shortened: &[(AssertionId, Shorter)],
) -> Result<Edits, ExportError> {
    let source = &theory.db.source;
    let mut out: Vec<(u32, usize, u32, String)> = Vec::new();
    for (i, (l, text)) in theory.lemmas.iter().zip(texts).enumerate() {
        let end = source.outer_ends[l.block as usize];
        out.push((end, i, end, format!("\n\n{}", text.trim_end_matches('\n'))));
    }
    let mut scratch = arena.clone();
    for (a, shorter) in shortened {
        let error = |why| ExportError { name: source.label(*a).to_owned(), why };
        let mark = scratch.len();
        let task = theory.task(*a, &mut scratch).ok_or_else(|| error(FullError::Malformed))?;
        let text = steps_text(theory, &scratch, *a, &task, &shorter.steps, Form::AsMetamathExe).map_err(error)?.0;
        scratch.truncate(mark);
        if let Some(span) = &source.assertions[a.index()].proof {
            out.push((span.start, 0, span.end, text));
        }
    }
    out.sort_unstable();
    let ended = |text: String| ended_as(&source.text, text.into()).into_owned();
    Ok(out.into_iter().map(|(start, _, end, text)| (start, end, ended(text))).collect())
}
