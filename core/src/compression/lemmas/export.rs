//! The library as Metamath text: alone, or in its place in the database with all proofs rewritten.

use crate::compression::corpus::CorpusItem;
use crate::compression::full::{
    human_formulas, own_text, proof_bytes, proof_text, share_equal, with_formulas, Form, FullError,
};
use crate::compression::lemmas::instance::Places;
use crate::compression::lemmas::learn::Learned;
use crate::compression::lemmas::passes::Sourced;
use crate::dsl::theory::library::{ElaborateError, Elaborated, Lemma, Proof, Task, Theory};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use crate::threads::each_in_arena;
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

/// One lemma's text.
#[derive(Clone, Debug)]
pub struct LemmaText {
    /// Its name.
    pub name: String,
    /// The outermost block after which it stands.
    pub block: u32,
    /// A comment and the `${ … $}` block.
    pub text: String,
    /// Bytes of the block without the comment, runs of white space counted as one.
    pub bytes: usize,
}

/// The reason why something could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportError {
    /// The lemma or theorem.
    pub name: String,
    /// Why.
    pub why: FullError,
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.why)
    }
}
impl std::error::Error for ExportError {}

/// A database with a library in place.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The whole database.
    pub text: Vec<u8>,
    /// Labels and letters of the corpus's proofs before.
    pub bytes_before: usize,
    /// The size afterwards.
    pub proof_bytes: usize,
    /// Bytes of the lemmas ([`LemmaText::bytes`]).
    pub lemma_bytes: usize,
    /// Number of proofs that changed.
    pub changed: usize,
}

const WIDTH: usize = 79;

/// Words on lines of at most 79 columns.
fn wrap(out: &mut String, indent: usize, words: impl Iterator<Item = impl AsRef<str>>) {
    let mut column = out.len() - out.rfind('\n').map_or(0, |i| i + 1);
    let mut first = column == 0;
    if first {
        out.extend(std::iter::repeat_n(' ', indent));
        column = indent;
    }
    for w in words {
        let w = w.as_ref();
        if !first && column + 1 + w.len() > WIDTH {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent + 2));
            column = indent + 2;
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(w);
        column += w.len();
        first = false;
    }
}

fn formula(theory: &Theory, arena: &Arena, t: TermId, out: &mut Vec<String>) {
    let mut symbols: Vec<SymbolId> = Vec::new();
    theory.db.grammar.print_statement(arena, t, &mut symbols, &|head, out| out.extend(head.as_variable()));
    out.extend(symbols.iter().map(|&s| theory.db.source.symbol(s).to_owned()));
}

/// `$d` pairs as few statements: each takes a pair that no other has and all that is apart from what it holds.
fn cliques(pairs: &[(SymbolId, SymbolId)]) -> Vec<Vec<SymbolId>> {
    let apart = |x: SymbolId, y: SymbolId| pairs.binary_search(&(x.min(y), x.max(y))).is_ok();
    let mut all: Vec<SymbolId> = pairs.iter().flat_map(|p| [p.0, p.1]).collect();
    all.sort_unstable();
    all.dedup();
    let mut groups: Vec<Vec<SymbolId>> = Vec::new();
    for &(x, y) in pairs {
        if groups.iter().any(|g| g.contains(&x) && g.contains(&y)) {
            continue;
        }
        let mut group = vec![x, y];
        for &v in &all {
            if !group.contains(&v) && group.iter().all(|&g| apart(g, v)) {
                group.push(v);
            }
        }
        group.sort_unstable();
        groups.push(group);
    }
    groups
}

/// Appends `$d` statements, given as groups of variables, at an indent.
type Distinct<'a> = dyn Fn(&mut String, usize, &[Vec<&str>]) + 'a;

/// How a lemma is written.
pub(in crate::compression) struct Style<'a> {
    /// Its proof.
    pub form: Form,
    /// Its `$d` statements.
    pub distinct: &'a Distinct<'a>,
    /// The comment's lines at an indent.
    pub comment: &'a dyn Fn(usize) -> String,
}

/// A lemma's block, and where its comment stands in it. The arena is left as it was.
///
/// # Errors
/// When its proof does not elaborate or has no syntax proof at its place.
pub(in crate::compression) fn block(
    theory: &Theory,
    places: &Places,
    arena: &mut Arena,
    l: &Lemma,
    style: &Style<'_>,
) -> Result<(String, Range<usize>), ExportError> {
    let mark = arena.len();
    let result = block_at(theory, places, arena, l, style);
    arena.truncate(mark);
    result.map_err(|why| ExportError { name: l.name.clone(), why })
}

fn block_at(
    theory: &Theory,
    places: &Places,
    arena: &mut Arena,
    l: &Lemma,
    style: &Style<'_>,
) -> Result<(String, Range<usize>), FullError> {
    let task = theory.lemma_task(l, arena);
    let steps = theory.elaborate(&task, &l.proof, arena).map_err(FullError::Elaborate)?;
    let position = places.position(l.block);
    let mut disjoint = theory.needed_disjoint(&steps, arena);
    disjoint.extend(&task.disjoint);
    disjoint.sort_unstable();
    disjoint.dedup();
    let mandatory = mandatory_labels(theory, l, &task, position)?;
    let mandatory: Vec<&str> = mandatory.iter().map(String::as_str).collect();
    let scoped = !disjoint.is_empty() || !task.hyps.is_empty();
    let indent = if scoped { 4 } else { 2 };
    let proof = proof_text(theory, arena, &steps, &task, position, &mandatory, (style.form, indent + 2))?;
    let mut out = String::new();
    if scoped {
        out.push_str("  ${\n");
    }
    let cliques = cliques(&disjoint);
    let symbols = |g: &Vec<SymbolId>| g.iter().map(|&v| theory.db.source.symbol(v)).collect();
    (style.distinct)(&mut out, indent, &cliques.iter().map(symbols).collect::<Vec<_>>());
    let mut words: Vec<String> = Vec::new();
    for (label, &h) in task.hyp_labels.iter().zip(&task.hyps) {
        words.clear();
        words.extend([label.clone(), "$e".to_owned()]);
        formula(theory, arena, h, &mut words);
        words.push("$.".to_owned());
        wrap(&mut out, indent, words.iter());
        out.push('\n');
    }
    let comment = out.len();
    out.push_str(&(style.comment)(indent));
    let comment = comment..out.len();
    words.clear();
    words.extend([l.name.clone(), "$p".to_owned()]);
    formula(theory, arena, task.goal, &mut words);
    words.push("$=".to_owned());
    wrap(&mut out, indent, words.iter());
    let _ = writeln!(out, "{}$.", proof.text);
    if scoped {
        out.push_str("  $}\n");
    }
    Ok((out, comment))
}

/// Writes one lemma; `uses` goes into its comment. The arena is left as it was.
///
/// # Errors
/// As [`block`].
pub fn lemma_text(
    theory: &Theory,
    places: &Places,
    arena: &mut Arena,
    l: &Lemma,
    uses: Option<usize>,
    form: Form,
) -> Result<LemmaText, ExportError> {
    let distinct = |out: &mut String, indent: usize, groups: &[Vec<&str>]| {
        for names in groups {
            wrap(out, indent, ["$d"].iter().chain(names).chain(&["$."]));
            out.push('\n');
        }
    };
    let times = uses.map_or(String::new(), |n| format!("  Used {n} times."));
    let comment = |indent: usize| format!("{}$( Lemma made by compression.{times} $)\n", " ".repeat(indent));
    let (text, comment) = block(theory, places, arena, l, &Style { form, distinct: &distinct, comment: &comment })?;
    let bytes = folded_len(&[&text[..comment.start], &text[comment.end..]].concat());
    Ok(LemmaText { name: l.name.clone(), block: l.block, text, bytes })
}

/// Length with runs of white space counted as one.
pub(in crate::compression) fn folded_len(text: &str) -> usize {
    text.split_ascii_whitespace().map(|w| w.len() + 1).sum()
}

fn mandatory_labels(theory: &Theory, l: &Lemma, task: &Task, position: u32) -> Result<Vec<String>, FullError> {
    let source = &theory.db.source;
    let float = |&v: &SymbolId| {
        let h = theory.float_at(v, position).ok_or_else(|| FullError::NoFloat(source.symbol(v).to_owned()))?;
        Ok(source.hyp_label(h).to_owned())
    };
    let floats = l.variables.iter().map(float).collect::<Result<Vec<_>, FullError>>()?;
    Ok(floats.into_iter().chain(task.hyp_labels.iter().cloned()).collect())
}

/// Writes lemmas in their order (which must be one of dependency), each with its uses.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn library_text(theory: &Theory, lemmas: &[Lemma], uses: &[usize]) -> Result<Vec<LemmaText>, ExportError> {
    texts(theory, lemmas, uses, Form::AsMetamathExe)
}

fn texts(theory: &Theory, lemmas: &[Lemma], uses: &[usize], form: Form) -> Result<Vec<LemmaText>, ExportError> {
    let places = Places::new(theory);
    let mut arena = theory.arena.clone();
    let write = |(i, l): (usize, &Lemma)| lemma_text(theory, &places, &mut arena, l, uses.get(i).copied(), form);
    lemmas.iter().enumerate().map(write).collect()
}

/// A library as one text, sorted by place, each lemma with the outermost block after which it stands. A lemma uses
/// no lemma of a later place, so this is an order of dependency too.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn library_mm(theory: &Theory, lemmas: &[Lemma], uses: &[usize]) -> Result<String, ExportError> {
    let mut texts = library_text(theory, lemmas, uses)?;
    texts.sort_by_key(|t| t.block); // stable: the order within a place stays
    Ok(texts.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join("\n"))
}

/// The database with the whole library of the theory in place and the proofs of a corpus of its theorems
/// rewritten. Comments inside the replaced proofs are lost.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn database_text(
    theory: &Theory,
    corpus: &[(CorpusItem, Proof)],
    learned: &Learned,
    threads: usize,
) -> Result<Exported, ExportError> {
    let uses: Vec<usize> = std::iter::repeat_n(0, theory.lemmas.len() - learned.lemmas.len())
        .chain(learned.report.uses.iter().map(|u| u.1))
        .collect();
    let all: Vec<usize> = (0..corpus.len()).collect();
    let written = write_proofs(theory, corpus, learned, &all, threads);
    with_written(theory, written.iter(), &uses)
}

/// A theorem's proof as it is written now.
#[derive(Clone, Debug)]
pub struct Written {
    theorem: AssertionId,
    /// Bytes of the human proof.
    before: usize,
    /// Text and bytes, if it is another.
    changed: Option<(String, usize)>,
    /// Why it stays as it was, though it was to be another.
    pub left: Option<FullError>,
}

/// Writes these proofs of a corpus, by their numbers. One that cannot be written stays as it was.
pub fn write_proofs(
    theory: &Theory,
    corpus: &[(CorpusItem, Proof)],
    learned: &Learned,
    which: &[usize],
    threads: usize,
) -> Vec<Written> {
    let write = |arena: &mut Arena, i: usize| rewritten_proof(theory, arena, corpus, learned, which[i]);
    each_in_arena(which.len(), threads, &theory.arena, write)
}

/// The database with the whole library and with written proofs; `uses` by lemma goes into comments.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn with_written<'a>(
    theory: &Theory,
    written: impl Iterator<Item = &'a Written>,
    uses: &[usize],
) -> Result<Exported, ExportError> {
    let source = &theory.db.source;
    let (mut edits, lemma_bytes) = lemma_edits(theory, uses, Form::Shortest)?;
    let mut out = Exported { text: Vec::new(), bytes_before: 0, proof_bytes: 0, lemma_bytes, changed: 0 };
    for w in written {
        out.bytes_before += w.before;
        let Some((text, bytes)) = &w.changed else {
            out.proof_bytes += w.before;
            continue;
        };
        out.proof_bytes += bytes;
        out.changed += 1;
        if let Some(span) = &source.assertions[w.theorem.index()].proof {
            edits.push((span.start, span.end, 0, Cow::Borrowed(text)));
        }
    }
    out.text = spliced(&source.text, edits);
    Ok(out)
}

/// `(start, end, order among edits of one place, new text)`.
pub(in crate::compression) type Edit<'a> = (u32, u32, usize, Cow<'a, str>);

/// The library's lemmas as insertions at their places, and their bytes.
fn lemma_edits<'a>(theory: &Theory, uses: &[usize], form: Form) -> Result<(Vec<Edit<'a>>, usize), ExportError> {
    let lemmas = texts(theory, &theory.lemmas, uses, form)?;
    let bytes = lemmas.iter().map(|l| l.bytes).sum();
    let insertion = |(i, l): (usize, LemmaText)| {
        let end = theory.db.source.outer_ends[l.block as usize];
        (end, end, i, Cow::Owned(format!("\n\n{}", l.text.trim_end_matches('\n'))))
    };
    Ok((lemmas.into_iter().enumerate().map(insertion).collect(), bytes))
}

/// New text with lines that end as those of a database do.
pub(in crate::compression) fn ended_as<'a>(database: &[u8], new: Cow<'a, str>) -> Cow<'a, str> {
    let first = database.iter().position(|&c| c == b'\n');
    match first.and_then(|i| i.checked_sub(1)) {
        Some(i) if database[i] == b'\r' => Cow::Owned(new.replace('\n', "\r\n")),
        _ => new,
    }
}

/// The text with edits made; what is new gets its line ends.
pub(in crate::compression) fn spliced(text: &[u8], mut edits: Vec<Edit<'_>>) -> Vec<u8> {
    edits.sort_by_key(|e| (e.0, e.2));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0usize;
    for (start, end, _, new) in edits {
        out.extend_from_slice(&text[at..start as usize]);
        out.extend_from_slice(ended_as(text, new).as_bytes());
        at = end as usize;
    }
    out.extend_from_slice(&text[at..]);
    out
}

/// The database with the library in place and these proofs in their theorems, whether they were rewritten by
/// [`crate::compression::lemmas::learn`] or found by search. Also the number of proofs that were left as they were, because the new one
/// cannot be written, or would need a `$d` condition on a dummy variable that its theorem's place does not have.
///
/// # Errors
/// The first lemma that cannot be written.
pub fn database_with(
    theory: &Theory,
    proofs: &[(Task, Proof)],
    threads: usize,
) -> Result<(Vec<u8>, usize), ExportError> {
    let source = &theory.db.source;
    let (mut edits, _) = lemma_edits(theory, &[], Form::AsMetamathExe)?;
    let mut kept = 0;
    let write = |arena: &mut Arena, i: usize| found_text(theory, arena, &proofs[i].0, &proofs[i].1);
    for (found, (task, _)) in each_in_arena(proofs.len(), threads, &theory.arena, write).into_iter().zip(proofs) {
        let span = source.assertions.get(task.limit.index()).and_then(|a| a.proof.as_ref());
        match (found, span) {
            (Ok(Some(text)), Some(span)) => edits.push((span.start, span.end, 0, Cow::Owned(text))),
            _ => kept += 1,
        }
    }
    Ok((spliced(&source.text, edits), kept))
}

/// The text of a proof for its theorem; `None` if its place lacks a `$d` condition.
fn found_text(theory: &Theory, arena: &mut Arena, task: &Task, proof: &Proof) -> Result<Option<String>, FullError> {
    let Some(steps) = placed_steps(theory, arena, task, proof)? else { return Ok(None) };
    steps_text(theory, arena, task.limit, task, &steps, Form::AsMetamathExe).map(|t| Some(t.0))
}

/// A proof's steps as its theorem's place allows them; `None` if it lacks a `$d` condition or variables for the dummies.
pub(in crate::compression) fn placed_steps(
    theory: &Theory,
    arena: &mut Arena,
    task: &Task,
    proof: &Proof,
) -> Result<Option<Vec<Elaborated>>, FullError> {
    let steps = match theory.elaborate(task, proof, arena) {
        Ok(steps) => steps,
        Err(ElaborateError::NoDummy { .. } | ElaborateError::Disjoint { .. }) => return Ok(None),
        Err(why) => return Err(FullError::Elaborate(why)),
    };
    let active: Vec<&[SymbolId]> = theory.db.source.active_disjoint(task.limit).collect();
    let lacks = |&(x, y): &(SymbolId, SymbolId)| !active.iter().any(|g| g.contains(&x) && g.contains(&y));
    Ok((!theory.needed_disjoint(&steps, arena).iter().any(lacks)).then_some(steps))
}

/// Shares steps of equal formulas in these rewritten proofs of database theorems, by their numbers: some steps prove a
/// formula again. It comes after learning, as shared steps end fragments.
pub fn share_rewritten(
    theory: &Theory,
    corpus: &[(CorpusItem, Proof)],
    proofs: &mut [Sourced],
    which: &[usize],
    threads: usize,
) {
    let now = &*proofs;
    let found = each_in_arena(which.len(), threads, &theory.arena, |arena, i| {
        let i = which[i];
        let known = human_formulas(theory, corpus[i].0.limit, arena)?;
        let formulas: Vec<TermId> = now[i].origins.iter().map(|&o| known[o as usize]).collect();
        let (proof, kept) = share_equal(&now[i].proof, &formulas);
        (kept.len() < formulas.len()).then_some((proof, kept))
    });
    for (&i, shared) in which.iter().zip(found) {
        if let Some((proof, kept)) = shared {
            let origins = kept.iter().map(|&k| proofs[i].origins[k as usize]).collect();
            proofs[i] = Sourced { proof, origins };
        }
    }
}

fn rewritten_proof(
    theory: &Theory,
    arena: &mut Arena,
    corpus: &[(CorpusItem, Proof)],
    learned: &Learned,
    i: usize,
) -> Written {
    let (item, proof) = &corpus[i];
    let a = item.limit;
    let source = &theory.db.source;
    let before = source.assertions[a.index()].proof.as_ref().map_or(0, |s| proof_bytes(source.str(s)));
    if learned.rewritten[i] == *proof {
        let anew = own_text(theory, a, source.proof_indent(a)).filter(|t| t.bytes < before);
        return Written { theorem: a, before, changed: anew.map(|t| (t.text, t.bytes)), left: None };
    }
    match theorem_text(theory, arena, a, &learned.rewritten[i], &learned.origins[i]) {
        Ok(t) => Written { theorem: a, before, changed: Some(t), left: None },
        Err(why) => Written { theorem: a, before, changed: None, left: Some(why) },
    }
}

pub(in crate::compression) fn theorem_text(
    theory: &Theory,
    arena: &mut Arena,
    a: AssertionId,
    proof: &Proof,
    origins: &[u32],
) -> Result<(String, usize), FullError> {
    let task = theory.task(a, arena).ok_or(FullError::Malformed)?;
    let known = human_formulas(theory, a, arena).ok_or(FullError::Trees)?;
    let formulas: Vec<TermId> = origins.iter().map(|&o| known[o as usize]).collect();
    let steps = with_formulas(theory, proof, &formulas, arena)?;
    steps_text(theory, arena, a, &task, &steps, Form::Shortest)
}

/// The text of a theorem's new proof, as it stands between `$=` and `$.`, and its bytes.
pub(in crate::compression) fn steps_text(
    theory: &Theory,
    arena: &Arena,
    a: AssertionId,
    task: &Task,
    steps: &[Elaborated],
    form: Form,
) -> Result<(String, usize), FullError> {
    let source = &theory.db.source;
    let mandatory: Vec<&str> = source.frame(a).iter().map(|&h| source.hyp_label(h)).collect();
    let position = source.assertions[a.index()].position;
    let text = proof_text(theory, arena, steps, task, position, &mandatory, (form, source.proof_indent(a)))?;
    Ok((text.text, text.bytes))
}
