//! Tests of compression on a small database of our own.

use super::corpus::CorpusItem;
use super::shuffled::Shuffled;
use crate::compression::full::{human_formulas, proof_bytes, proof_text, share_equal, with_formulas, Form};
use crate::compression::lemmas::export::{database_text, library_mm, library_text, share_rewritten};
use crate::compression::lemmas::learn::{learn, learn_more, proves_itself, Learned, Options};
use crate::compression::lemmas::passes::Sourced;
use crate::compression::lemmas::price::Price;
use crate::compression::maintain::shorten;
use crate::compression::reuse::missed;
use crate::compression::reuse::missed::Missed;
use crate::compression::reuse::size::{Frame, Sizer};
use crate::dsl::theory::library::{Proof, Rule, Step, Theory};
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::AssertionId;
use crate::metamath_db::judges::check::{check_source, knife_check};
use std::sync::Arc;

/// Hilbert's implication with a quantifier; `a1i` and `syl` are proved inline again and again, `mp2` is there to be
/// found, `twin1` and `twin2` have one proof.
pub(super) const FIXTURE: &str = "$c ( ) -> A. wff setvar |- $. $v p q r s x y $.
wp $f wff p $. wq $f wff q $. wr $f wff r $. ws $f wff s $. vx $f setvar x $. vy $f setvar y $.
wi $a wff ( p -> q ) $. wal $a wff A. x p $.
${ min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $}
ax1 $a |- ( p -> ( q -> p ) ) $.
ax2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
${ $d x p $. ax5 $a |- ( p -> A. x p ) $. $}
${ mp2.1 $e |- p $. mp2.2 $e |- q $. mp2.3 $e |- ( p -> ( q -> r ) ) $.
mp2 $p |- r $= ( wi mp ) BCEABCGDFHH $. $}
${ t1.1 $e |- p $. t1 $p |- ( q -> p ) $= wp wq wp wi t1.1 wp wq ax1 mp $. $}
${ t2.1 $e |- p $. t2 $p |- ( q -> ( r -> p ) ) $=
wr wp wi wq wr wp wi wi wp wr wp wi t2.1 wp wr ax1 mp wr wp wi wq ax1 mp $. $}
${ t3.1 $e |- ( p -> q ) $. t3 $p |- ( r -> ( p -> q ) ) $= wp wq wi wr wp wq wi wi t3.1 wp wq wi wr ax1 mp $. $}
${ t4.1 $e |- p $. t4.2 $e |- q $. t4.3 $e |- ( p -> ( q -> r ) ) $.
t4 $p |- r $= wq wr t4.2 wp wq wr wi t4.1 t4.3 mp mp $. $}
${ twin1.1 $e |- ( p -> q ) $. twin1.2 $e |- ( q -> r ) $. twin1 $p |- ( p -> r ) $=
wp wq wi wp wr wi twin1.1 wp wq wr wi wi wp wq wi wp wr wi wi wq wr wi wp wq wr wi wi twin1.2
wq wr wi wp ax1 mp wp wq wr ax2 mp mp $. $}
${ twin2.1 $e |- ( q -> r ) $. twin2.2 $e |- ( r -> s ) $. twin2 $p |- ( q -> s ) $=
wq wr wi wq ws wi twin2.1 wq wr ws wi wi wq wr wi wq ws wi wi wr ws wi wq wr ws wi wi twin2.2
wr ws wi wq ax1 mp wq wr ws ax2 mp mp $. $}
${ $d x p $. q1.1 $e |- p $. q1 $p |- A. x p $= wp wp vx wal q1.1 wp vx ax5 mp $. $}
${ $d y q $. q2.1 $e |- q $. q2 $p |- A. y q $= wq wq vy wal q2.1 wq vy ax5 mp $. $}
${ $d y q $. q3.1 $e |- q $. q3 $p |- ( p -> A. y q ) $= wq vy wal wp wq vy wal wi wq wq vy wal q3.1 wq vy ax5 mp
wq vy wal wp ax1 mp $. $}
";

fn theory() -> Theory {
    Theory::new(Arc::new(Database::load(FIXTURE.as_bytes().to_vec()).expect("good fixture")))
}

fn corpus(theory: &Theory) -> Vec<(CorpusItem, Proof)> {
    (0..theory.db.len())
        .map(AssertionId::from)
        .filter(|&a| theory.db.is_logical(a))
        .filter_map(|a| Some((a, theory.human_proof(a)?)))
        .map(|(a, proof)| {
            let name = theory.db.source.label(a).to_owned();
            (CorpusItem { name, block: theory.db.source.assertions[a.index()].outer_block, limit: a }, proof)
        })
        .collect()
}

fn run(theory: &mut Theory, options: &Options) -> Learned {
    let items = corpus(theory);
    learn(theory, &items, options, &mut |_, _, _| true)
}

fn starter(statement: u32) -> Options {
    Options { price: Price::Steps { statement }, bare_conclusions: true, ..Options::starter() }
}

#[test]
fn lemmas_come_out_and_every_proof_still_stands() {
    let mut t = theory();
    assert_eq!(t.db.proofs.errors.len(), 0);
    let before = corpus(&t);
    let l = run(&mut t, &Options { reuse_theorems: false, ..starter(1) });
    assert!(!l.lemmas.is_empty() && l.report.steps_after < l.report.steps_before);
    assert_eq!(l.report.steps_before, before.iter().map(|p| p.1.len()).sum::<usize>());
    assert_eq!(l.report.steps_after, l.rewritten.iter().map(Proof::len).sum::<usize>());
    all_stand(&t, &before, &l);
}

/// The lemmas prove themselves, and the rewritten proofs what they proved before, by as much.
fn all_stand(t: &Theory, before: &[(CorpusItem, Proof)], l: &Learned) {
    let mut arena = t.arena.clone();
    for lemma in &l.lemmas {
        assert!(proves_itself(t, &mut arena, lemma), "{}", lemma.name);
    }
    for ((item, old), new) in before.iter().zip(&l.rewritten) {
        let task = t.task(item.limit, &mut arena).expect("a tree");
        let steps = t.elaborate(&task, new, &mut arena).unwrap_or_else(|e| panic!("{}: {e}", item.name));
        assert_eq!(steps.last().map(|s| s.formula), Some(task.goal));
        assert!(new.steps.iter().all(|s| match s.rule {
            Rule::Premise(p) => t.stands_before(p, &task),
            Rule::Hyp(_) => true,
        }));
        assert_eq!(t.unfold(new).len(), old.len(), "{}", item.name);
    }
}

#[test]
fn a_shuffled_library_has_the_sizes_that_are_asked_for_and_follows_from_its_seed() {
    let made = |seed| {
        let mut t = theory();
        let before = corpus(&t);
        let shuffled = Some(Shuffled { sizes: vec![2, 3, 2], seed });
        let l = run(&mut t, &Options { shuffled, reuse_theorems: false, ..starter(1) });
        all_stand(&t, &before, &l);
        let mut sizes: Vec<usize> = l.lemmas.iter().map(|l| t.unfold(&l.proof).len()).collect();
        sizes.sort_unstable();
        assert_eq!(sizes.len(), 3);
        assert!(sizes[0] == 2 && l.report.uses.iter().all(|u| u.1 > 0));
        library_mm(&t, &l.lemmas, &[]).expect("it can be written")
    };
    assert_eq!(made(1), made(1));
    assert!((2..9).any(|seed| made(seed) != made(1)));
}

#[test]
fn a_known_theorem_is_used_and_no_lemma_made_for_it() {
    let mut t = theory();
    let l = run(&mut t, &starter(1));
    let uses = |item: &str, label: &str| {
        let i = corpus(&t).iter().position(|c| c.0.name == item).expect("an item");
        l.rewritten[i].steps.iter().filter(|s| matches!(s.rule, Rule::Premise(p) if t.label(p) == label)).count()
    };
    assert_eq!(uses("t4", "mp2"), 1);
    assert_eq!(uses("t2", "t1"), 2);
    assert_eq!(uses("t1", "t1"), 0);
    assert!(l.report.reused_theorems > 0);
    let mut t = theory();
    let l = run(&mut t, &Options { reuse_theorems: false, ..starter(1) });
    assert_eq!(l.report.reused_theorems, 0);
    let a1i = |l: &crate::dsl::theory::library::Lemma| l.proof.len() == 2 && l.hyps.len() == 1 && l.disjoint.is_empty();
    assert!(l.lemmas.iter().any(a1i));
}

#[test]
fn disjoint_conditions_are_inherited_and_whole_proofs_recur() {
    let mut t = theory();
    let l = run(&mut t, &Options { reuse_theorems: false, ..starter(0) });
    assert!(l.lemmas.iter().any(|l| l.disjoint == [(0, 1)]), "{:?}", l.lemmas);
    let i = corpus(&t).iter().position(|c| c.0.name == "twin2").expect("an item");
    assert_eq!(l.rewritten[i].len(), 1);
}

#[test]
fn two_runs_are_equal_for_any_number_of_threads_and_a_library_can_grow() {
    let names = |l: &Learned| l.lemmas.iter().map(|x| (x.name.clone(), x.proof.clone())).collect::<Vec<_>>();
    let (mut a, mut b) = (theory(), theory());
    let x = run(&mut a, &Options { threads: 1, ..starter(1) });
    let y = run(&mut b, &Options { threads: 3, ..starter(1) });
    assert_eq!(names(&x), names(&y));
    assert_eq!(x.rewritten, y.rewritten);
    // a second cycle: the first lemmas keep their place, and the new names do not collide
    let before = a.lemmas.len();
    let items: Vec<_> = corpus(&a).into_iter().map(|c| c.0).zip(x.rewritten.clone()).collect();
    let z = learn(&mut a, &items, &Options { price: Price::Steps { statement: 0 }, ..starter(0) }, &mut |_, _, _| true);
    assert_eq!(names(&x), a.lemmas[..before].iter().map(|x| (x.name.clone(), x.proof.clone())).collect::<Vec<_>>());
    let mut all: Vec<&str> = a.lemmas.iter().map(|l| l.name.as_str()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), before + z.lemmas.len());
}

#[test]
fn equal_formulas_are_shared_and_empty_or_bare_proofs_pass() {
    let t = theory();
    let a = t.db.source.assertion("twin1").expect("a theorem");
    let proof = t.human_proof(a).expect("a proof");
    let mut arena = t.arena.clone();
    let formulas = human_formulas(&t, a, &mut arena).expect("formulas");
    assert_eq!(share_equal(&proof, &formulas).0, proof);
    // two steps that prove the same: the second goes
    let mut double = proof.clone();
    let n = double.steps.len() as u32;
    double.steps.insert(0, double.steps[0].clone());
    for s in &mut double.steps {
        s.children.iter_mut().for_each(|c| *c += u32::from(*c > 0));
    }
    let mut known = formulas.clone();
    known.insert(0, formulas[0]);
    assert!(double.steps.len() as u32 == n + 1 && share_equal(&double, &known).0.len() <= proof.len());
    let item = |name: &str| CorpusItem { name: name.to_owned(), block: 1000, limit: a };
    let bare = Proof { steps: vec![Step { rule: Rule::Hyp(0), children: Default::default() }] };
    let items = [(item("empty"), Proof::default()), (item("bare"), bare.clone())];
    let l = learn(&mut theory(), &items, &starter(0), &mut |_, _, _| true);
    assert_eq!(l.rewritten, [Proof::default(), bare]);
}

#[test]
fn no_lemma_for_search_has_a_bare_conclusion() {
    let mut t = theory();
    let l = run(&mut t, &Options { reuse_theorems: false, bare_conclusions: false, ..starter(0) });
    assert!(!l.lemmas.is_empty());
    assert!(l.lemmas.iter().all(|l| t.arena.head(l.conclusion).as_meta().is_none()));
}

#[test]
fn a_judge_that_refuses_keeps_lemmas_out() {
    let mut t = theory();
    let items = corpus(&t);
    let l = learn(&mut t, &items, &starter(1), &mut |_, _, _| false);
    assert!(l.lemmas.is_empty() && t.lemmas.is_empty());
}

#[test]
fn the_exported_database_is_accepted_by_both_judges() {
    for reuse_theorems in [true, false] {
        let mut t = theory();
        let items = corpus(&t);
        let options = Options { reuse_theorems, ..starter(0) };
        let mut l = learn(&mut t, &items, &options, &mut |_, _, _| true);
        assert!(reuse_theorems || l.lemmas.len() >= 2);
        let all: Vec<usize> = (0..items.len()).collect();
        let mut now: Vec<Sourced> =
            l.rewritten.into_iter().zip(l.origins).map(|(proof, origins)| Sourced { proof, origins }).collect();
        share_rewritten(&t, &items, &mut now, &all, 2);
        (l.rewritten, l.origins) = now.into_iter().map(|n| (n.proof, n.origins)).unzip();
        let e = database_text(&t, &items, &l, 2).unwrap_or_else(|e| panic!("{e}"));
        assert!(e.changed > 0 && e.bytes_before > 0);
        let kernel = check_source(e.text.clone(), 1);
        assert!(kernel.accepted && kernel.statements == t.len(), "{:?}", kernel.first_errors);
        assert_eq!(knife_check(&e.text).unwrap_or_else(|e| panic!("{e}")).errors, 0);
        let texts = library_text(&t, &l.lemmas, &[]).unwrap_or_else(|e| panic!("{e}"));
        assert!(texts.iter().all(|t| t.text.lines().all(|line| line.len() <= 79) && t.bytes > 20));
        let all = library_mm(&t, &l.lemmas, &[]).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(all.matches(" $p ").count(), l.lemmas.len());
    }
}

#[test]
fn sizes_are_those_of_the_written_proofs() {
    let t = theory();
    let mut arena = t.arena.clone();
    let mut sizer = Sizer::default();
    for (item, proof) in corpus(&t) {
        let task = t.task(item.limit, &mut arena).expect("a tree");
        let formulas = human_formulas(&t, item.limit, &mut arena).expect("a proof");
        let steps = with_formulas(&t, &proof, &formulas, &arena).expect("fits");
        let source = &t.db.source;
        let mandatory: Vec<&str> = source.frame(item.limit).iter().map(|&h| source.hyp_label(h)).collect();
        let position = source.assertions[item.limit.index()].position;
        let text =
            proof_text(&t, &arena, &steps, &task, position, &mandatory, (Form::AsMetamathExe, 6)).expect("written");
        let frame = Frame::theorem(&t, item.limit);
        let ends = (steps.len() as u32 - 1, steps.len());
        let size = sizer.measure(&t, &arena, ends, |n| &steps[n as usize], &frame).expect("no circle");
        assert_eq!((size.bytes(), size.steps), (text.bytes, proof.len()), "{}", item.name);
    }
}

#[test]
fn missed_uses_are_found_and_kept_apart() {
    let t = theory();
    let missed = Missed::new(&t, Default::default());
    let mut worker = missed::Worker::new(t.arena.clone());
    let mut labels = |name: &str| -> Option<Vec<String>> {
        let shorter = missed.theorem(t.db.source.assertion(name).expect("a label"), &mut worker)?;
        assert!(shorter.after.beats(&shorter.before));
        Some(shorter.used.iter().map(|&p| t.label(p).to_owned()).collect())
    };
    assert_eq!(labels("t4"), Some(vec!["mp2".to_owned()]));
    assert_eq!(labels("t2"), Some(vec!["t1".to_owned(), "t1".to_owned()]));
    assert_eq!(labels("twin2"), Some(vec!["twin1".to_owned()]));
    assert_eq!(labels("t1"), None);
    // q1 says the same as q2, but it stands before it
    assert_eq!(labels("q2"), Some(vec!["q1".to_owned()]));
    assert_eq!(labels("q1"), None);
}

#[test]
fn shortened_proofs_are_accepted_for_any_number_of_threads() {
    let t = theory();
    let missed = Missed::new(&t, Default::default());
    let run = |threads| shorten::shorten(&missed, &shorten::changeable(&missed), threads).expect("written");
    let one = run(1);
    assert!(!one.is_empty());
    let proofs = |s: &[shorten::Shortened]| s.iter().map(|s| (s.theorem, s.text.clone())).collect::<Vec<_>>();
    let text = shorten::database(&t, &proofs(&one)).expect("proofs");
    assert!(check_source(text.clone(), 1).accepted);
    assert_eq!(knife_check(&text).unwrap_or_else(|e| panic!("{e}")).errors, 0);
    assert_eq!(Ok(text), shorten::database(&t, &proofs(&run(3))));
    let cheat = [(one[0].theorem, " ( mp ) A $.  cheat $a |- p ".to_owned())];
    assert!(shorten::database(&t, &cheat).is_err());
    for s in &one {
        assert!(s.after.bytes() < s.before.bytes() || s.after.steps < s.before.steps, "{}", s.text);
        assert_eq!(proof_bytes(&s.text), s.after.bytes(), "{}", s.text);
    }
}

#[test]
fn a_second_cycle_leaves_nothing_that_looking_at_all_proofs_again_would_find() {
    let mut t = theory();
    let items = corpus(&t);
    let (first, later) = items.split_at(items.len() / 2);
    let options = Options { reuse_theorems: false, ..starter(0) };
    let one = learn(&mut t, first, &options, &mut |_, _, _| true);
    assert!(!one.lemmas.is_empty());
    let mut both: Vec<_> = first.iter().map(|x| x.0.clone()).zip(one.rewritten).collect();
    both.extend_from_slice(later);
    let fresh: Vec<bool> = (0..both.len()).map(|i| i >= first.len()).collect();
    let before = t.lemmas.len();
    let two = learn_more(&mut t, &both, &fresh, &options, &mut |_, _, _| true);
    assert!(two.report.steps_after < two.report.steps_before && t.lemmas.len() > before);
    let uses_old = |p: &Proof| {
        p.steps
            .iter()
            .any(|s| matches!(s.rule, Rule::Premise(p) if (t.db.len()..t.db.len() + before).contains(&p.index())))
    };
    assert!(two.rewritten[first.len()..].iter().any(uses_old));
    let rewritten: Vec<_> = both.iter().map(|x| x.0.clone()).zip(two.rewritten).collect();
    let all = learn(&mut t, &rewritten, &options, &mut |_, _, _| true);
    assert!(all.lemmas.is_empty(), "{:?}", all.lemmas);
    assert!(rewritten.iter().zip(&all.rewritten).all(|(x, new)| x.1 == *new));
    // nothing fresh: nothing is done
    let none = learn_more(&mut t, &rewritten, &vec![false; rewritten.len()], &options, &mut |_, _, _| true);
    assert!(none.lemmas.is_empty() && none.report.evaluations == 0);
}
