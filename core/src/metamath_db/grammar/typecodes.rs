//! Which typecodes are provable (`|-`) and which belong to the grammar (`wff`, `class`, …).
//!
//! Nothing in Metamath marks them, so they are told apart by what they are used for: a typecode with variables (`$f`) is of
//! the grammar, `|-` without variables is provable. Of the others, one whose first axiom says something of a formula that
//! what stands before it can already build is provable (`true ( p -> p )`), and one whose axioms make new formulas is of the
//! grammar (hol.mm and ql.mm have a `wff` without variables). A symbol that stands within formulas is no typecode at all:
//! a statement that begins with it lacks its typecode.

use super::{Grammar, Parser};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::read_error::{ITEMS_A_BYTE, MAX_SOURCE_ITEMS};
use crate::metamath_db::reader::{HypKind, Source};
use crate::metamath_db::terms::term::{Arena, Head};
use rustc_hash::FxHashMap;

/// By symbol: `Some(true)` for a provable typecode, `Some(false)` for one of the grammar, `None` for what is neither.
pub fn provable(source: &Source) -> Vec<Option<bool>> {
    let mut kinds: Vec<Option<bool>> = vec![None; source.symbols.len()];
    for i in (0..source.hyps.len()).filter(|&i| source.hyps[i].is_floating()) {
        kinds[source.hyp_typecode(i.into()).index()] = Some(false);
    }
    if let Some(turnstile) = source.find_symbol(b"|-") {
        kinds[turnstile.index()].get_or_insert(true);
    }
    let of_assertions = (0..source.assertions.len()).map(|a| source.typecode(a.into()));
    let of_hyps = (0..source.hyps.len()).map(|h| source.hyp_typecode(h.into()));
    let mut open: Vec<SymbolId> = of_assertions.chain(of_hyps).filter(|t| kinds[t.index()].is_none()).collect();
    if open.is_empty() {
        return kinds;
    }
    open.sort_unstable();
    open.dedup();
    by_first_axiom(source, &open, &mut kinds);
    let within = within_formulas(source);
    for t in open {
        match kinds[t.index()] {
            Some(true) if within[t.index()] => kinds[t.index()] = None,
            None if !within[t.index()] => kinds[t.index()] = Some(true), // there are only `$p` and `$e` of it
            _ => {}
        }
    }
    kinds
}

/// Decides the typecodes that have an axiom. Linear in the source, but for the parsing of one axiom of each typecode.
fn by_first_axiom(source: &Source, open: &[SymbolId], kinds: &mut [Option<bool>]) {
    let mut left = vec![false; kinds.len()];
    open.iter().for_each(|t| left[t.index()] = true);
    let axioms = || (0..source.assertions.len()).map(AssertionId::from).filter(|&a| is_axiom(source, a));
    let Some(last) = axioms().rfind(|&a| left[source.typecode(a).index()]) else { return };
    let proofs = with_proofs(source);
    let mut before = Grammar::empty(source);
    (0..kinds.len()).filter(|&i| kinds[i] == Some(false)).for_each(|i| before.add_type(SymbolId::from(i)));
    let mut parser = Parser::default();
    let most = MAX_SOURCE_ITEMS + ITEMS_A_BYTE * source.text.len() as u64;
    for a in axioms().take_while(|&a| a <= last) {
        let typecode = source.typecode(a);
        if std::mem::take(&mut left[typecode.index()]) {
            let says = source.expression(&source.assertions[a.index()].expression).len() > 2;
            let may_say = (says || proofs[typecode.index()]) && parser.spent <= most;
            let known = may_say && can_build(source, &before, a, &mut parser);
            kinds[typecode.index()] = Some(known);
            if !known {
                before.add_type(typecode);
            }
        }
        before.add(source, a);
    }
}

fn is_axiom(source: &Source, a: AssertionId) -> bool {
    source.assertions[a.index()].proof.is_none()
}

/// By symbol whether some `$p` or `$e` has it as its typecode.
fn with_proofs(source: &Source) -> Vec<bool> {
    let mut found = vec![false; source.symbols.len()];
    let proved = (0..source.assertions.len()).map(AssertionId::from).filter(|&a| !is_axiom(source, a));
    proved.for_each(|a| found[source.typecode(a).index()] = true);
    let essential = (0..source.hyps.len()).filter(|&h| !source.hyps[h].is_floating());
    essential.for_each(|h| found[source.hyp_typecode(h.into()).index()] = true);
    found
}

/// Whether an axiom's formula is one of the grammar that stands before it.
fn can_build(source: &Source, before: &Grammar, a: AssertionId, parser: &mut Parser) -> bool {
    let body = &source.expression(&source.assertions[a.index()].expression)[1..];
    let mut arena = Arena::new();
    let mut variables: FxHashMap<SymbolId, (SymbolId, TermId)> = FxHashMap::default();
    for &h in source.frame(a) {
        if let HypKind::Floating { variable } = source.hyps[h.index()].kind {
            variables.insert(variable, (source.hyp_typecode(h), arena.make(Head::variable(variable), &[])));
        }
    }
    let leaf = |s: SymbolId| variables.get(&s).copied();
    before.derives(body, &leaf, &mut arena, parser)
}

/// By symbol whether it stands within the formulas of the axioms.
fn within_formulas(source: &Source) -> Vec<bool> {
    let mut within = vec![false; source.symbols.len()];
    for a in source.assertions.iter().filter(|a| a.proof.is_none()) {
        source.expression(&a.expression)[1..].iter().for_each(|s| within[s.index()] = true);
    }
    within
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The symbols that are provable typecodes, and those of the grammar.
    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        let source = Source::read(text.as_bytes().to_vec()).expect("good text");
        let kinds = provable(&source);
        let of = |kind: bool| {
            let all = (0..kinds.len()).filter(|&i| kinds[i] == Some(kind));
            all.map(|i| source.symbol(SymbolId::from(i)).to_owned()).collect::<Vec<_>>()
        };
        (of(true), of(false))
    }

    const LOGIC: &str = "$c ( ) -> -. |- wff true term [ ] $. $v p q s $. wp $f wff p $. wq $f wff q $. ts $f term s $.
wi $a wff ( p -> q ) $. wn $a wff -. p $. wb $a wff [ s ] $. a1 $a |- ( p -> ( q -> p ) ) $.\n";

    #[test]
    fn typecodes_are_told_by_their_use() {
        let with = |more: &str| told(&format!("{LOGIC}{more}"));
        let kinds = |provable: &[&str]| {
            let words = |w: &[&str]| w.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
            (words(provable), words(&["wff", "term"]))
        };
        assert_eq!(with(""), kinds(&["|-"]));
        // a second judgement, by an axiom, a hypothesis or a theorem
        assert_eq!(with("t $a true ( p -> p ) $."), kinds(&["|-", "true"]));
        assert_eq!(with("${ h $e true p $. l $a |- p $. $}"), kinds(&["|-", "true"]));
        assert_eq!(with("t $p true p $= ? $."), kinds(&["|-", "true"]));
        // a hypothesis that says only of which kind something is
        assert_eq!(with("${ h $e term s $. e $a |- [ s ] $. $}"), kinds(&["|-"]));
        // a typecode that is missing
        assert_eq!(with("bad $p -. ( p -> p ) $= ? $."), kinds(&["|-"]));
        assert_eq!(with("bad $a -. ( p -> p ) $."), kinds(&["|-"]));
    }

    #[test]
    fn a_kind_without_variables_is_none_that_is_proved() {
        // as in ql.mm: formulas have no variables; also where a theorem or a hypothesis says that something is one
        let ql = "$c = |- wff term $. $v a b $. ta $f term a $. tb $f term b $. wb $a wff a = b $. ax $a |- a = a $.\n";
        for more in ["", "w $p wff a = a $= ? $.", "${ h $e wff a = b $. ax2 $a |- b = a $. $}"] {
            let expected = (vec!["|-".to_owned()], vec!["wff".to_owned(), "term".to_owned()]);
            assert_eq!(told(&format!("{ql}{more}")), expected, "{more}");
        }
    }
}
