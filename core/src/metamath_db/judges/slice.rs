//! Slices: one theorem with all that its proof needs, as a small database of its own, and the verdict on it.
//!
//! A proof found by search counts only if it passes here. Used assertions become `$a`, each in its own block; then
//! the theorem comes in a block with its hypotheses, its `$d` conditions and its proof. The text is made from
//! names that were checked one by one and from keywords written here, so nothing given from outside can add a
//! `$a`, `$c` or `$[`. The statement is pinned by hash before and compared with what *both* judges read.

use super::kernel::{self, Outcome};
use super::knife;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::reader::{LabelRef, Source};
pub use crate::metamath_db::statement::{HypText, Statement};
use hashbrown::HashSet;
use std::borrow::Cow;

/// A statement written out in a proof may have so many symbols before metamath-rs is not asked any more.
pub const MAX_STATEMENT: u64 = 100_000;
/// All statements of a proof together may have so many symbols before metamath-rs is not asked any more.
pub const MAX_PROOF: u64 = 50_000_000;

/// A theorem to be judged.
#[derive(Clone, Debug, Default)]
pub struct Theorem<'a> {
    /// The statement to be proved: label, conclusion, mandatory hypotheses, mandatory `$d` pairs.
    pub statement: Statement<'a>,
    /// `$f` hypotheses of the dummy variables of the proof.
    pub dummies: Vec<HypText<'a>>,
    /// `$d` pairs of which at least one variable is a dummy.
    pub dummy_disjoint: Vec<(&'a str, &'a str)>,
    /// The proof, normal or compressed: what stands between `$=` and `$.`.
    pub proof: Cow<'a, str>,
    /// Assertions of the source from this one on may not be used; `None`: all may.
    pub before: Option<AssertionId>,
}

impl<'a> Theorem<'a> {
    /// A theorem of a source with its own proof; `None` for an axiom.
    pub fn of(source: &'a Source, a: AssertionId) -> Option<Theorem<'a>> {
        let proof = without_comments(source.str(source.assertions[a.index()].proof.as_ref()?));
        let statement = Statement::of(source, a);
        let mut seen: HashSet<&str> = statement.hyps.iter().map(|h| h.label).collect();
        let mut dummies = Vec::new();
        for label in labels(&proof) {
            let Some(LabelRef::Hyp(h)) = source.lookup(label.as_bytes()) else { continue };
            let (label, hyp) = (source.hyp_label(h), &source.hyps[h.index()]);
            if seen.insert(label) {
                let symbols = source.expression(&hyp.expression).iter().map(|&s| source.symbol(s)).collect();
                dummies.push(HypText { label, floating: hyp.is_floating(), symbols });
            }
        }
        let mut theorem = Theorem { statement, dummies, dummy_disjoint: Vec::new(), proof, before: Some(a) };
        theorem.add_dummy_disjoint(source, a);
        Some(theorem)
    }
    fn add_dummy_disjoint(&mut self, source: &'a Source, a: AssertionId) {
        if self.dummies.is_empty() {
            return;
        }
        let mut mine: HashSet<&str> = HashSet::new();
        let floats = self.statement.hyps.iter().chain(&self.dummies).filter(|h| h.floating);
        mine.extend(floats.filter_map(|h| h.symbols.get(1)));
        let dummies: HashSet<&str> = self.dummies.iter().filter_map(|h| h.symbols.get(1).copied()).collect();
        for group in source.active_disjoint(a) {
            let names: Vec<&str> = group.iter().map(|&v| source.symbol(v)).filter(|v| mine.contains(v)).collect();
            for (i, &x) in names.iter().enumerate() {
                let others = names[..i].iter().filter(|y| dummies.contains(x) || dummies.contains(*y));
                self.dummy_disjoint.extend(others.map(|&y| (x.min(y), x.max(y))));
            }
        }
        self.dummy_disjoint.sort_unstable();
        self.dummy_disjoint.dedup();
    }
}

/// A proof of a source without its comments (the reader has checked that each ends).
fn without_comments(proof: &str) -> Cow<'_, str> {
    let Some(first) = proof.find("$(") else { return Cow::Borrowed(proof) };
    let mut out = proof[..first].to_owned();
    for part in proof[first..].split("$(").skip(1) {
        out.push_str(part.split_once("$)").map_or("", |(_, rest)| rest));
    }
    Cow::Owned(out)
}

/// The labels that a proof names (of a compressed proof: its label list). Comments are not expected.
fn labels(proof: &str) -> impl Iterator<Item = &str> {
    let mut tokens = proof.split_ascii_whitespace().peekable();
    let compressed = tokens.next_if_eq(&"(").is_some();
    tokens.take_while(move |t| !compressed || *t != ")")
}

/// Makes the text of a slice. `extra` are assertions that the source does not have (learned lemmas): they are
/// taken as `$a`, after those of the source; the caller answers for their proofs.
///
/// # Errors
/// Why no slice can be made: the reason of a refusal.
pub fn slice(source: &Source, theorem: &Theorem<'_>, extra: &[Statement<'_>]) -> Result<String, String> {
    let (used, lemmas) = resolve(source, theorem, extra)?;
    let mut w =
        Writer { source, constants: Vec::new(), variables: Vec::new(), declared: HashSet::new(), body: String::new() };
    let mut taken: HashSet<&str> = labels(&theorem.proof).collect();
    taken.insert(theorem.statement.label);
    taken.extend(theorem.statement.hyps.iter().map(|h| h.label));
    let mut fresh = 0;
    let statements: Vec<Statement<'_>> = used.iter().map(|&a| Statement::of(source, a)).collect();
    for s in statements.iter().chain(lemmas) {
        w.body.push_str("${\n");
        w.disjoint(&s.disjoint)?;
        for h in &s.hyps {
            let mut label = format!("slice.{fresh}");
            while taken.contains(label.as_str()) {
                fresh += 1;
                label = format!("slice.{fresh}");
            }
            fresh += 1;
            w.labelled(&label, if h.floating { "$f" } else { "$e" }, &h.symbols)?;
            w.body.push_str(" $.\n");
        }
        w.labelled(s.label, "$a", &s.conclusion)?;
        w.body.push_str(" $. $}\n");
    }
    w.theorem(theorem)?;
    Ok(w.finish())
}

/// The assertions that a proof names: of the source, in order, and extra ones.
fn resolve<'e, 'a>(
    source: &Source,
    theorem: &Theorem<'_>,
    extra: &'e [Statement<'a>],
) -> Result<(Vec<AssertionId>, Vec<&'e Statement<'a>>), String> {
    let own: HashSet<&str> = theorem.statement.hyps.iter().chain(&theorem.dummies).map(|h| h.label).collect();
    let (mut used, mut lemmas) = (Vec::new(), Vec::new());
    let mut seen: HashSet<&str> = HashSet::new();
    for label in labels(&theorem.proof) {
        if own.contains(label) || !seen.insert(label) {
            continue;
        }
        if label == theorem.statement.label {
            return Err(format!("the proof uses `{label}`, which it is to prove"));
        }
        if let Some(lemma) = extra.iter().find(|s| s.label == label) {
            lemmas.push(lemma);
            continue;
        }
        match source.assertion(label) {
            Some(a) if theorem.before.is_some_and(|limit| a >= limit) => {
                return Err(format!("`{label}` does not stand before the theorem"));
            }
            Some(a) => used.push(a),
            None => return Err(format!("`{}` is no assertion and no hypothesis given", short(label))),
        }
    }
    used.sort_unstable();
    Ok((used, lemmas))
}

fn short(name: &str) -> String {
    name.chars().take(60).collect::<String>().escape_debug().to_string()
}

struct Writer<'s> {
    source: &'s Source,
    constants: Vec<&'s str>,
    variables: Vec<&'s str>,
    declared: HashSet<u32>,
    body: String,
}

impl<'s> Writer<'s> {
    fn symbol(&mut self, name: &str) -> Result<(), String> {
        let Some(id) = self.source.find_symbol(name.as_bytes()) else {
            return Err(format!("symbol `{}` is not one of the database's", short(name)));
        };
        let known = self.source.symbol(id); // our own reader's token: no white space, no `$`
        if self.declared.insert(id.0) {
            let is_variable = self.source.symbols[id.index()].is_variable;
            if is_variable { &mut self.variables } else { &mut self.constants }.push(known);
        }
        self.body.push(' ');
        self.body.push_str(known);
        Ok(())
    }
    fn labelled(&mut self, label: &str, keyword: &str, symbols: &[&str]) -> Result<(), String> {
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if label.is_empty() || !label.bytes().all(good) {
            return Err(format!("label `{}` may hold letters, digits, `-`, `_` and `.` only", short(label)));
        }
        self.body.push_str(label);
        self.body.push(' ');
        self.body.push_str(keyword);
        symbols.iter().try_for_each(|s| self.symbol(s))
    }
    fn disjoint(&mut self, pairs: &[(&str, &str)]) -> Result<(), String> {
        for (x, y) in pairs {
            self.body.push_str("$d");
            self.symbol(x)?;
            self.symbol(y)?;
            self.body.push_str(" $.\n");
        }
        Ok(())
    }
    fn theorem(&mut self, t: &Theorem<'_>) -> Result<(), String> {
        check_proof_text(&t.proof)?;
        self.body.push_str("${\n");
        self.disjoint(&t.statement.disjoint)?;
        self.disjoint(&t.dummy_disjoint)?;
        for h in t.statement.hyps.iter().chain(&t.dummies) {
            self.labelled(h.label, if h.floating { "$f" } else { "$e" }, &h.symbols)?;
            self.body.push_str(" $.\n");
        }
        self.labelled(t.statement.label, "$p", &t.statement.conclusion)?;
        self.body.push_str(" $=\n");
        self.body.push_str(&t.proof);
        self.body.push_str(" $.\n$}\n");
        Ok(())
    }
    fn finish(self) -> String {
        let mut out = String::with_capacity(self.body.len() + 256);
        for (keyword, names) in [("$c ", &self.constants), ("$v ", &self.variables)] {
            if !names.is_empty() {
                out.push_str(keyword);
                out.push_str(&names.join(" "));
                out.push_str(" $.\n");
            }
        }
        out.push_str(&self.body);
        out
    }
}

/// A proof may hold labels, parentheses and letters; no `$`, no `?`, none of other programs' notations.
fn check_proof_text(proof: &str) -> Result<(), String> {
    let good =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'(' | b')') || b.is_ascii_whitespace();
    match proof.bytes().find(|&b| !good(b)) {
        Some(b'?') => Err("the proof is incomplete (`?`)".into()),
        Some(b) => Err(format!("`{}` found in the proof, labels and letters expected", (b as char).escape_default())),
        None => Ok(()),
    }
}

/// The verdicts of both judges on a slice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Our reader and kernel.
    pub kernel: Result<(), String>,
    /// metamath-rs.
    pub knife: Result<(), String>,
    /// SHA-256 of the statement that was asked for.
    pub statement_hash: [u8; 32],
}

impl Verdict {
    /// Whether both judges accept.
    pub fn accepted(&self) -> bool {
        self.kernel.is_ok() && self.knife.is_ok()
    }
}

/// Makes the slice of a theorem and asks both judges: see [`judge_text`].
pub fn judge(source: &Source, theorem: &Theorem<'_>, extra: &[Statement<'_>]) -> Verdict {
    match slice(source, theorem, extra) {
        Ok(text) => judge_text(text.into_bytes(), &theorem.statement),
        Err(reason) => {
            let statement_hash = theorem.statement.hash();
            Verdict { kernel: Err(reason.clone()), knife: Err(reason), statement_hash }
        }
    }
}

/// Asks both judges whether the text proves `wanted`. What each of them read is compared with `wanted` by hash;
/// metamath-rs is asked only after the kernel has accepted and measured the proof.
pub fn judge_text(text: Vec<u8>, wanted: &Statement<'_>) -> Verdict {
    let statement_hash = wanted.hash();
    let mut wanted = wanted.clone();
    wanted.normalise();
    let (kernel, knife) = match kernel_says(text.clone(), &wanted, &statement_hash) {
        Err(reason) => (Err(reason), Err("not asked: the kernel refuses".into())),
        Ok(size) => (
            Ok(()),
            match too_large(&size) {
                Some(bound) => Err(bound),
                None => knife::judge_slice(&text, &wanted),
            },
        ),
    };
    Verdict { kernel, knife, statement_hash }
}

/// Why metamath-rs, which writes statements out, is not asked about a proof of this size.
pub fn too_large(size: &kernel::Proved) -> Option<String> {
    (size.longest > MAX_STATEMENT || size.total > MAX_PROOF).then(|| {
        format!(
            "not asked: a statement of {} symbols (bound {MAX_STATEMENT}), {} in all (bound {MAX_PROOF})",
            size.longest, size.total
        )
    })
}

fn kernel_says(text: Vec<u8>, wanted: &Statement<'_>, hash: &[u8; 32]) -> Result<kernel::Proved, String> {
    let slice = Source::read(text).map_err(|e| e.to_string())?;
    let theorem = slice.assertion(wanted.label).ok_or("no such label in the slice")?;
    if slice.assertions[theorem.index()].proof.is_none() {
        return Err("the label names no theorem".into());
    }
    let read = Statement::of(&slice, theorem);
    if let Some(what) = wanted.difference(&read, true) {
        return Err(format!("the slice has {what}"));
    }
    if read.hash() != *hash {
        return Err("the slice has another statement (hash)".into());
    }
    match kernel::verify_one(&slice, theorem) {
        Ok(Outcome::Proved(size)) => Ok(size),
        Ok(Outcome::Incomplete) => Err("the proof is incomplete (`?`)".into()),
        Err(e) => Err(e.message(&slice)),
    }
}
