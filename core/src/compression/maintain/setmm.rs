//! Lemmas and proofs as set.mm's maintainers want them: wrapped as `WRITE SOURCE / REWRAP` leaves them, proofs as
//! `SAVE PROOF / COMPRESSED` writes them, each comment before its `$p`. Nothing here can write `$a`, `$c` or `$v`.

use crate::compression::full::{Form, FullError};
use crate::compression::lemmas::export::{block, ended_as, steps_text, ExportError, Style};
use crate::compression::lemmas::instance::Places;
use crate::compression::reuse::missed::Shorter;
use crate::dsl::theory::library::{Lemma, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::terms::term::Arena;
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

/// A comment of one paragraph: two spaces between sentences and before a parenthesis that follows one, lines after the
/// first three columns further in.
fn paragraph(indent: usize, text: &str) -> String {
    let mut out = format!("{}$(", " ".repeat(indent));
    let mut column = indent + 2;
    let mut gap = 1;
    let pieces = unbroken(text);
    for (i, piece) in pieces.iter().enumerate() {
        // the closing `$)` stays with the last word
        let tail = if i + 1 == pieces.len() { 3 } else { 0 };
        if column + gap + piece.len() + tail > WIDTH {
            let _ = write!(out, "\n{}{piece}", " ".repeat(indent + 3));
            column = indent + 3 + piece.len();
        } else {
            let _ = write!(out, "{}{piece}", " ".repeat(gap));
            column += gap + piece.len();
        }
        let next_begins = pieces
            .get(i + 1)
            .is_some_and(|next| next.starts_with(|c: char| c.is_ascii_uppercase() || OPENING.contains(c)));
        gap = if next_begins && ends_sentence(piece) { 2 } else { 1 };
    }
    out.push_str(" $)\n");
    out
}

const OPENING: &str = "(['\"";
const CLOSING: &str = ".,;)?!:]'\"";

/// Whether a sentence ends with this; a point behind a capital letter is that of an initial.
fn ends_sentence(piece: &str) -> bool {
    let bare = piece.strip_suffix([')', '\'', '"']).unwrap_or(piece);
    let initial = |text: &str| text.ends_with(|c: char| c.is_ascii_uppercase());
    match bare.strip_suffix('.') {
        Some(before) => !initial(before),
        None => bare.ends_with(['?', '!', ':']),
    }
}

/// The words of a comment, those joined that no line may part: formulas between back quotes, `~` and its label,
/// punctuation that stands by itself and what it belongs to.
fn unbroken(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let (mut math, mut join) = (false, false);
    for word in text.split_ascii_whitespace() {
        let is_closing_mark = word.len() == 1 && CLOSING.contains(word) && !math;
        match out.last_mut().filter(|_| join || is_closing_mark) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => out.push(word.to_owned()),
        }
        math ^= word == "`";
        join = math || word == "~";
    }
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

#[cfg(test)]
mod tests {
    use super::paragraph;

    /// What metamath-exe's rewrapping leaves as it is.
    #[test]
    fn comments_are_wrapped_as_rewrapping_leaves_them() {
        let text = "Deduce ` ( A u. B ) C_ C ` from ` A C_ C ` and ` B C_ C ` , by N. Megill. Compare ~ unssd . (Contributed by X, 1-Jan-2000.)";
        let wrapped = "    $( Deduce ` ( A u. B ) C_ C ` from ` A C_ C ` and ` B C_ C ` , by N.\n       Megill.  Compare ~ unssd .  (Contributed by X, 1-Jan-2000.) $)\n";
        assert_eq!(paragraph(4, text), wrapped);
        let long = format!("Infer ` {} ` . (Contributed by X.)", ["( ph -> ps )"; 5].join(" /\\ "));
        let lines: Vec<String> = paragraph(2, &long).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "  $( Infer");
        assert!(lines[1].starts_with("     ` (") && lines[1].ends_with("` ."), "{lines:?}");
    }
}
