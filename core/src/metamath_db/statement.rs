//! A statement with its mandatory frame, as names: what is pinned before a search and compared after.

use super::ids::AssertionId;
use super::reader::Source;
use sha2::{Digest, Sha256};

/// A hypothesis by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HypText<'a> {
    /// Its label.
    pub label: &'a str,
    /// `$f` or `$e`.
    pub floating: bool,
    /// Its symbols, typecode first.
    pub symbols: Vec<&'a str>,
}

/// An assertion by name: what it says, under which hypotheses and `$d` conditions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Statement<'a> {
    /// Its label.
    pub label: &'a str,
    /// Its symbols, typecode first.
    pub conclusion: Vec<&'a str>,
    /// Its mandatory hypotheses, in order.
    pub hyps: Vec<HypText<'a>>,
    /// Its mandatory `$d` pairs; [`Statement::normalise`] sorts them.
    pub disjoint: Vec<(&'a str, &'a str)>,
}

impl<'a> Statement<'a> {
    /// An assertion of a source.
    pub fn of(source: &'a Source, a: AssertionId) -> Statement<'a> {
        let names = |r| source.expression(r).iter().map(|&s| source.symbol(s)).collect::<Vec<_>>();
        let mut out = Statement {
            label: source.label(a),
            conclusion: names(&source.assertions[a.index()].expression),
            ..Statement::default()
        };
        for &h in source.frame(a) {
            let hyp = &source.hyps[h.index()];
            out.push_hyp(source.hyp_label(h), hyp.is_floating(), names(&hyp.expression));
        }
        let pairs = source.mandatory_disjoint(a).iter();
        out.disjoint.extend(pairs.map(|&(x, y)| (source.symbol(x), source.symbol(y))));
        out.normalise();
        out
    }
    /// Adds a hypothesis.
    pub fn push_hyp(&mut self, label: &'a str, floating: bool, symbols: Vec<&'a str>) {
        self.hyps.push(HypText { label, floating, symbols });
    }
    /// Puts the `$d` pairs in order: each pair's smaller name first, sorted, none twice.
    pub fn normalise(&mut self) {
        for p in &mut self.disjoint {
            *p = (p.0.min(p.1), p.0.max(p.1));
        }
        self.disjoint.sort_unstable();
        self.disjoint.dedup();
    }
    /// Describes the first difference, if there is one. `labels`: whether the hypotheses' labels count.
    pub fn difference(&self, other: &Statement<'_>, labels: bool) -> Option<String> {
        if self.label != other.label {
            return Some(format!("label `{}`, not `{}`", other.label, self.label));
        }
        if self.conclusion != other.conclusion {
            return Some("another statement".into());
        }
        if self.hyps.len() != other.hyps.len() {
            return Some(format!("{} mandatory hypotheses, not {}", other.hyps.len(), self.hyps.len()));
        }
        for (x, y) in self.hyps.iter().zip(&other.hyps) {
            if x.floating != y.floating || x.symbols != y.symbols || (labels && x.label != y.label) {
                return Some(format!("another hypothesis `{}`", y.label));
            }
        }
        (self.disjoint != other.disjoint).then(|| "other $d conditions".into())
    }
    /// SHA-256 of what the statement says: conclusion, mandatory hypotheses in order, sorted `$d` pairs. Labels do
    /// not count.
    pub fn hash(&self) -> [u8; 32] {
        let mut h = Sha256::new();
        let mut line = |tag: &str, symbols: &[&str]| {
            h.update(tag.as_bytes());
            for s in symbols {
                h.update(b" ");
                h.update(s.as_bytes());
            }
            h.update(b"\n");
        };
        for hyp in &self.hyps {
            line(if hyp.floating { "$f" } else { "$e" }, &hyp.symbols);
        }
        let mut pairs: Vec<_> = self.disjoint.iter().map(|&(x, y)| (x.min(y), x.max(y))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        for (x, y) in pairs {
            line("$d", &[x, y]);
        }
        line("$p", &self.conclusion);
        h.finalize().into()
    }
}

/// 128 bits of BLAKE3 of what a statement says: its `$e` hypotheses in order and its conclusion, symbol for symbol. Neither
/// its label, nor its `$d` conditions, nor its place or comment count, so it finds a statement again in another version of
/// a database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StatementKey(pub [u8; 16]);

impl StatementKey {
    /// SHA-256 of keys, in hexadecimal.
    pub fn sha256(keys: &[StatementKey]) -> String {
        let mut h = Sha256::new();
        keys.iter().for_each(|k| h.update(k.0));
        h.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Makes [`StatementKey`]s, one after another.
#[derive(Default)]
pub struct StatementKeys {
    text: Vec<u8>,
}

impl StatementKeys {
    /// Adds a hypothesis, its typecode first.
    pub fn hypothesis<'a>(&mut self, symbols: impl Iterator<Item = &'a str>) {
        self.line(b"$e", symbols);
    }
    /// The key of the statement with this conclusion and the hypotheses added since the last one.
    pub fn conclusion<'a>(&mut self, symbols: impl Iterator<Item = &'a str>) -> StatementKey {
        self.line(b"$p", symbols);
        let hash = blake3::hash(&self.text);
        self.text.clear();
        let mut key = [0; 16];
        key.copy_from_slice(&hash.as_bytes()[..16]);
        StatementKey(key)
    }
    /// The key of an assertion.
    pub fn of(&mut self, source: &Source, a: AssertionId) -> StatementKey {
        let words = |r| source.expression(r).iter().map(|&s| source.symbol(s));
        for &h in source.frame(a) {
            let hyp = &source.hyps[h.index()];
            if !hyp.is_floating() {
                self.hypothesis(words(&hyp.expression));
            }
        }
        self.conclusion(words(&source.assertions[a.index()].expression))
    }
    fn line<'a>(&mut self, tag: &[u8], symbols: impl Iterator<Item = &'a str>) {
        self.text.extend_from_slice(tag);
        for s in symbols {
            self.text.push(b' ');
            self.text.extend_from_slice(s.as_bytes());
        }
        self.text.push(b'\n');
    }
}
