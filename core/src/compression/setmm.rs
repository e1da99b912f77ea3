//! Lemmas and proofs as set.mm's maintainers want them: wrapped as `WRITE SOURCE / REWRAP` leaves them, proofs as
//! `SAVE PROOF / COMPRESSED` writes them, each comment before its `$p`. Nothing here can write `$a`, `$c` or `$v`.

use super::export::{cliques, formula, mandatory_labels, steps_text, wrap, ExportError};
use super::full::{needed_disjoint, proof_text, Form, FullError};
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
    let mark = arena.len();
    let text = written(theory, places, arena, l, comment);
    arena.truncate(mark);
    text.map_err(|why| ExportError { name: l.name.clone(), why })
}

fn written(theory: &Theory, places: &Places, arena: &mut Arena, l: &Lemma, comment: &str) -> Result<String, FullError> {
    let task = theory.lemma_task(l, arena);
    let steps = theory.elaborate(&task, &l.proof, arena).map_err(FullError::Elaborate)?;
    let position = places.position(l.block);
    let mut disjoint = needed_disjoint(theory, arena, &steps);
    disjoint.extend(&task.disjoint);
    disjoint.sort_unstable();
    disjoint.dedup();
    let mandatory = mandatory_labels(theory, l, &task, position)?;
    let mandatory: Vec<&str> = mandatory.iter().map(String::as_str).collect();
    let scoped = !disjoint.is_empty() || !task.hyps.is_empty();
    let indent = if scoped { 4 } else { 2 };
    let proof = proof_text(theory, arena, &steps, &task, position, &mandatory, (Form::AsMetamathExe, indent + 2))?;
    let mut out = String::new();
    if scoped {
        out.push_str("  ${\n");
    }
    let groups: Vec<String> = cliques(&disjoint)
        .iter()
        .map(|g| format!("$d {} $.", g.iter().map(|&v| theory.db.source.symbol(v)).collect::<Vec<_>>().join(" ")))
        .collect();
    distinct_lines(&mut out, indent, &groups);
    let mut words: Vec<String> = Vec::new();
    for (label, &h) in task.hyp_labels.iter().zip(&task.hyps) {
        words.clear();
        words.extend([label.clone(), "$e".to_owned()]);
        formula(theory, arena, h, &mut words);
        words.push("$.".to_owned());
        wrap(&mut out, indent, words.iter());
        out.push('\n');
    }
    out.push_str(&paragraph(indent, comment));
    words.clear();
    words.extend([l.name.clone(), "$p".to_owned()]);
    formula(theory, arena, task.goal, &mut words);
    words.push("$=".to_owned());
    wrap(&mut out, indent, words.iter());
    let _ = writeln!(out, "{}$.", proof.text);
    if scoped {
        out.push_str("  $}\n");
    }
    Ok(out)
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
    Ok(out.into_iter().map(|(start, _, end, text)| (start, end, text)).collect())
}
