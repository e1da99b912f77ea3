//! Looking up words and labels in a source.

use super::ids::{AssertionId, HypId, SymbolId};
use super::reader::{LabelRef, Source};

/// The object that a word names. Labels and math symbols are disjoint, so there is at most one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// A constant.
    Constant(SymbolId),
    /// A variable.
    Variable(SymbolId),
    /// A `$f` or `$e`.
    Hypothesis(HypId),
    /// A `$a` or `$p`.
    Assertion(AssertionId),
}

impl Source {
    /// Looks up the object that a word names; `None` if the word is unused.
    ///
    /// ```
    /// use metadream_core::metamath_db::{names::Named, reader::Source};
    ///
    /// let text = "$c |- wff $. $v p $. wp $f wff p $. ax $a |- p $.";
    /// let source = Source::read(text.into()).unwrap();
    /// assert!(matches!(source.named("|-"), Some(Named::Constant(_))));
    /// assert!(matches!(source.named("p"), Some(Named::Variable(_))));
    /// assert_eq!(source.named("unused"), None);
    /// assert!(matches!(source.named("ax"), Some(Named::Assertion(_))));
    /// ```
    pub fn named(&self, word: &str) -> Option<Named> {
        if let Some(s) = self.find_symbol(word.as_bytes()) {
            return Some(if self.symbols[s.index()].is_variable { Named::Variable(s) } else { Named::Constant(s) });
        }
        Some(match self.lookup(word.as_bytes())? {
            LabelRef::Hyp(h) => Named::Hypothesis(h),
            LabelRef::Assertion(a) => Named::Assertion(a),
        })
    }
    /// The first `$a` or `$p` after the statement with this label, which may be of any kind. `None` if the label is
    /// unknown or no `$a` or `$p` follows.
    pub fn behind(&self, label: &str) -> Option<AssertionId> {
        let position = match self.lookup(label.as_bytes())? {
            LabelRef::Hyp(h) => self.hyps[h.index()].position,
            LabelRef::Assertion(a) => self.assertions[a.index()].position,
        };
        let next = self.assertions.partition_point(|a| a.position <= position);
        (next < self.assertions.len()).then(|| next.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_one_thing_and_statements_have_something_behind_them() {
        let text = "$c wff |- ! $. $v p $. wp $f wff p $. neg $a wff ! p $. ${ h $e |- p $. rule $a |- ! p $. $}";
        let s = Source::read(text.as_bytes().to_vec()).expect("a database");
        let what = |w| s.named(w);
        assert!(matches!((what("!"), what("p")), (Some(Named::Constant(_)), Some(Named::Variable(_)))));
        assert!(matches!((what("wp"), what("h")), (Some(Named::Hypothesis(_)), Some(Named::Hypothesis(_)))));
        assert_eq!((what("neg"), what("free")), (Some(Named::Assertion(0.into())), None));
        let behind = |label: &str| s.behind(label).map(|a| s.label(a));
        assert_eq!(
            ["wp", "neg", "h", "rule", "free"].map(behind),
            [Some("neg"), Some("rule"), Some("rule"), None, None]
        );
    }
}
