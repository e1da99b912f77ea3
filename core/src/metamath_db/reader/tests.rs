//! Tests of the reader's tables and of the sources that it refuses.

use super::*;

const SMALL: &str = "$c ( ) -> wff |- $. $v p q r $. wp $f wff p $. wq $f wff q $. wr $f wff r $.
    wi $a wff ( p -> q ) $. ${ $d p q $. min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $}
    $( A comment. (New usage
    is discouraged.) $) ax $a |- ( p -> ( q -> p ) ) $.
    ${ h $e |- p $. t $p |- ( q -> p ) $= wp wq wp wi h wp wq ax mp $. $}";

fn read(s: &str) -> Source {
    Source::read(s.as_bytes().to_vec()).unwrap()
}
fn kind(s: &str) -> ReadErrorKind {
    match Source::read(s.as_bytes().to_vec()) {
        Err(e) => e.kind,
        Ok(_) => panic!("accepted: {s}"),
    }
}

#[test]
fn frames_scopes_and_disjointness() {
    let s = read(SMALL);
    let mp = s.assertion("mp").unwrap();
    let labels = |a| s.frame(a).iter().map(|&h| s.hyp_label(h)).collect::<Vec<_>>();
    assert_eq!(labels(mp), ["wp", "wq", "min", "maj"]);
    assert_eq!(s.mandatory_disjoint(mp).len(), 1);
    let t = s.assertion("t").unwrap();
    assert_eq!(labels(t), ["wp", "wq", "h"]);
    assert!(s.mandatory_disjoint(t).is_empty() && s.active_disjoint(t).count() == 0);
    let LabelRef::Hyp(min) = s.lookup(b"min").unwrap() else { panic!() };
    assert!(!s.hyps[min.index()].active_at(s.assertions[t.index()].position));
    assert!(s.hyps[min.index()].active_at(s.assertions[mp.index()].position));
    assert!(s.comment_says(s.assertion("ax").unwrap(), "(New usage is discouraged.)"));
    assert_eq!(s.str(s.assertions[t.index()].proof.as_ref().unwrap()).split_whitespace().count(), 9);
}

#[test]
fn what_the_specification_forbids_is_refused() {
    use ReadErrorKind as K;
    assert_eq!(kind("$c a $. $c a $."), K::DuplicateSymbol("a".into()));
    assert_eq!(kind("${ $c a $. $}"), K::NotInOutermostBlock("$c"));
    assert_eq!(kind("$c a"), K::UnclosedStatement("$c"));
    assert_eq!(kind("$c $."), K::EmptyStatement("$c"));
    assert_eq!(kind("${"), K::UnclosedBlock);
    assert_eq!(kind("$}"), K::BlockEndWithoutStart);
    assert_eq!(kind("$( x"), K::UnclosedComment);
    assert_eq!(kind("$( $( x $) $)"), K::CommentInComment);
    assert_eq!(kind("$( x$) $)"), K::CommentInComment);
    assert_eq!(kind("$[ f.mm $]"), K::Include);
    assert_eq!(kind("$c a \u{e9} $."), K::BadCharacter(0xc3));
    assert_eq!(kind("$c w $. $v p $. f $f w p $. g $f w p $."), K::FloatTwice("p".into()));
    assert_eq!(kind("$c w $. $v p $. a $a w p $."), K::NoTypecode("p".into()));
    assert_eq!(kind("$c w $. $v p $. a $a p $."), K::NotAConstant("p".into()));
    assert_eq!(kind("$c w $. $v p $. $d p $."), K::FewDisjoint);
    assert_eq!(kind("$c w $. $v p $. $d p p $."), K::DisjointTwice("p".into()));
    assert_eq!(kind("$c w $. a $a w $. a $a w $."), K::DuplicateLabel("a".into()));
    assert_eq!(kind("$c w $. w $a w $."), K::LabelIsSymbol("w".into()));
    assert_eq!(kind("$c w $. a $p w $= $."), K::EmptyProof);
    assert_eq!(kind("$c w $. a! $a w $."), K::BadLabel("a!".into()));
    assert_eq!(kind("$c w $. $a w $."), K::MissingLabel("$a"));
    assert_eq!(kind("$c w $. a $a w $p w $."), K::UnexpectedKeyword("$p"));
    let e = Source::read(b"$c w $.\n  $d w $.".to_vec()).err().unwrap();
    assert_eq!((e.line, e.column, e.kind), (2, 6, K::NotAVariable("w".into())));
}
