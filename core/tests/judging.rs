//! The judges on small files written for this: `judging/pass/*.mm` are accepted by both, each file in `judging/fail/`
//! is refused by at least one, and the table says by which and why. Then every proof of every good file (and of the
//! databases in the folder that METADREAM_DATABASES names) is written again and judged again, as a whole and as
//! slices; and thousands of mutants of the good files are judged: what the kernel accepts, metamath-rs accepts.

use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::judges::check::{check_source, knife_check, CheckReport};
use metadream_core::metamath_db::judges::kernel;
use metadream_core::metamath_db::judges::kernel::Outcome;
use metadream_core::metamath_db::judges::slice;
use metadream_core::metamath_db::judges::slice::{HypText, Statement, Theorem};
use metadream_core::metamath_db::proof::Proofs;
use metadream_core::metamath_db::reader::{LabelRef, Source};
use metadream_core::metamath_db::writer::{compressed, normal, LabelOrder, Node};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Knife {
    Accepts,
    Refuses,
    /// Not asked within this process: it would end it.
    NotAsked,
}
use Knife::{Accepts, NotAsked, Refuses};

/// File, what our refusal says (empty: we accept), what metamath-rs says.
const FAIL: &[(&str, &str, Knife)] = &[
    ("bad_label", "label `a/b` may hold", Refuses),
    ("constant_in_block", "$c is allowed in the outermost block only", Refuses),
    ("control_character", "byte 0x00 found", Refuses),
    ("disjoint_clash", "their substitutions share `x`", Refuses),
    ("disjoint_single", "at least two variables", Refuses),
    ("disjoint_twice", "stands twice in one $d", Refuses),
    // valid, but its statements have up to 2^31 symbols: the kernel is content, the verdict is a refusal by bound
    ("doubling_30", "", NotAsked),
    ("doubling_ill_formed", "the stack holds fewer statements", NotAsked),
    ("duplicate_float", "has an active $f statement already", Refuses),
    ("duplicate_label", "label `ax1` is used twice", Refuses),
    ("essential_of_another", "hypothesis `h` is not active here", Refuses),
    // the notation that some programs write between labels; metamath-rs knows it
    ("explicit_notation", "`wp=wp` is no label", Accepts),
    ("explicit_notation_mixed", "`wp=wp` is no label", Refuses),
    ("forward_reference", "`u` does not stand before", Refuses),
    ("glued_parenthesis", "`(ax1` is no label", Refuses),
    ("identity_of_axiom", "step number 1 names no", Refuses),
    ("inactive_essential", "hypothesis `min` is not active", Refuses),
    ("inactive_essential_compressed", "hypothesis `min` is not active", Refuses),
    ("inactive_float", "hypothesis `ww` is not active", Refuses),
    ("include", "`$[` is refused", Refuses),
    ("include_path", "`$[` is refused", Refuses),
    // metamath-rs skips what it does not know among the letters
    ("junk_digits", "`0` found, A-Z or ? expected", Accepts),
    ("junk_letters", "`a` found, A-Z or ? expected", Accepts),
    ("junk_punctuation", "`!` found, A-Z or ? expected", Accepts),
    ("label_is_symbol", "both a label and a math symbol", Refuses),
    ("late_disjoint_needed", "needs `$d x y $.`", Refuses),
    // the book, appendix B: the list holds assertions and hypotheses that are not mandatory
    ("mandatory_essential_in_list", "mandatory hypothesis `h` may not", Accepts),
    ("mandatory_in_list", "mandatory hypothesis `wq` may not", Accepts),
    ("missing_disjoint", "needs `$d x y $.`", Refuses),
    ("missing_dummy_disjoint", "needs `$d x y $.`", Refuses),
    ("missing_essential", "hypothesis `min` of `mp` needs typecode `|-`", Refuses),
    ("missing_hypothesis", "`mp` needs 4 hypotheses", Refuses),
    ("nested_comment", "comments do not nest", Refuses),
    ("no_letters", "no proof steps", Refuses),
    ("no_proof", "an empty proof", Refuses),
    ("non_ascii_comment", "byte 0xe9 found", Refuses),
    ("non_ascii_symbol", "byte 0xe9 found", Refuses),
    ("number_out_of_range", "step number 4 names no", Refuses),
    ("number_too_large", "this number is too large", Refuses),
    ("number_unfinished", "without its last letter", Refuses),
    ("packed_notation", "`1:wp` is no label", Accepts),
    ("self_reference", "`t` does not stand before", Refuses),
    ("seventy_variables", "needs `$d u1 u69 $.`", Refuses),
    ("stack_overflow", "2 statements on the stack", Refuses),
    ("stack_underflow", "`ax1` needs 2 hypotheses", Refuses),
    ("truncated_proof", "this $p statement is not ended", Refuses),
    ("truncated_statement", "this $a statement is not ended", Refuses),
    ("unclosed_block", "is not closed at the end", Refuses),
    ("unclosed_comment", "this comment is never closed", Refuses),
    ("unclosed_list", "`ABC` is no label", Refuses),
    ("undeclared_symbol", "symbol `foo` is not declared", Refuses),
    ("unknown_label", "`nothing` is no label", Refuses),
    ("unknown_proof", "the proof is incomplete", Refuses),
    ("unknown_step", "the proof is incomplete", Refuses),
    ("variable_typecode", "`p` found where a constant", Refuses),
    ("wrong_conclusion", "the proof proves another statement", Refuses),
    ("wrong_conclusion_typecode", "the proof proves another statement", Refuses),
    ("wrong_hypothesis", "is not hypothesis `maj` of `mp`", Refuses),
    ("wrong_typecode", "hypothesis `wp` of `ax1` needs typecode `wff`", Refuses),
    ("z_first", "Z must directly follow", Refuses),
    ("z_in_number", "without its last letter", Refuses),
    ("z_twice", "Z must directly follow", Refuses),
];

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "mm") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            out.insert(name, std::fs::read(path).unwrap());
        }
    }
    out
}
fn fixtures(kind: &str) -> BTreeMap<String, Vec<u8>> {
    files(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/judging").join(kind))
}
/// The good fixtures, and real databases where there are some.
fn good() -> BTreeMap<String, Vec<u8>> {
    let mut out = fixtures("pass");
    if let Some(folder) = std::env::var_os("METADREAM_DATABASES") {
        // the two large ones take minutes in a test build
        out.extend(files(Path::new(&folder)).into_iter().filter(|(_, text)| text.len() < 1_000_000));
    }
    out
}

fn first(r: &CheckReport) -> &str {
    r.first_errors.first().or(r.first_incomplete.first()).map_or("", |f| &f.message)
}
fn knife(text: &[u8]) -> Result<(), String> {
    let report = knife_check(text)?;
    match report.notes.first() {
        Some(n) if report.errors + report.incomplete > 0 => Err(n.message.clone()),
        _ => Ok(()),
    }
}

#[test]
fn good_files_are_accepted_by_both() {
    for (name, text) in good() {
        let r = check_source(text.clone(), 2);
        assert!(r.accepted, "{name}: {}", first(&r));
        assert_eq!(knife(&text), Ok(()), "{name}");
    }
}

#[test]
fn bad_files_are_refused_as_the_table_says() {
    let fail = fixtures("fail");
    let listed: Vec<&str> = FAIL.iter().map(|f| f.0).collect();
    assert_eq!(fail.keys().map(String::as_str).collect::<Vec<_>>(), listed, "files and table differ");
    for (name, refusal, knife_says) in FAIL {
        let text = &fail[*name];
        let r = check_source(text.clone(), 1);
        assert_eq!(r.accepted, refusal.is_empty(), "{name}: {}", first(&r));
        assert!(first(&r).contains(refusal), "{name}: {}", first(&r));
        assert!(!r.accepted || *knife_says != Accepts, "{name} is accepted by both");
        if *knife_says != NotAsked {
            let said = knife(text);
            assert_eq!(said.is_ok(), *knife_says == Accepts, "{name}: {said:?}");
        }
    }
}

#[test]
fn every_prefix_of_a_file_is_judged_without_a_crash() {
    let text = &fixtures("pass")["compressed"];
    for end in 0..text.len() {
        check_source(text[..end].to_vec(), 1);
        assert!(knife_check(&text[..end]).is_ok(), "metamath-rs panicked on the first {end} bytes");
    }
}

#[test]
fn valid_bombs_are_accepted_quickly_and_refused_as_slices() {
    let text = fixtures("fail")["doubling_30"].clone();
    let start = std::time::Instant::now();
    let source = Source::read(text).unwrap();
    let t = source.assertion("t").unwrap();
    let Ok(Outcome::Proved(size)) = kernel::verify_one(&source, t) else { panic!("not proved") };
    assert!(size.longest > 1 << 31 && size.total > 1 << 32, "{size:?}");
    let verdict = slice::judge(&source, &Theorem::of(&source, t).unwrap(), &[]);
    assert!(verdict.kernel.is_ok() && verdict.knife.as_ref().is_err_and(|e| e.contains("not asked")), "{verdict:?}");
    assert!(start.elapsed().as_secs_f64() < 1.0);
}

fn label(source: &Source, l: LabelRef) -> &str {
    match l {
        LabelRef::Hyp(h) => source.hyp_label(h),
        LabelRef::Assertion(a) => source.label(a),
    }
}
/// The source with every proof made anew; `None` in place of proofs that are too long.
fn rewritten(source: &Source, compress: bool) -> Vec<u8> {
    let proofs = Proofs::decode(source);
    assert!(proofs.errors.is_empty(), "{:?}", proofs.errors);
    let (mut out, mut at) = (Vec::new(), 0);
    for i in 0..source.assertions.len() {
        let a = AssertionId::from(i);
        let Some(span) = &source.assertions[i].proof else { continue };
        let nodes: Vec<Node<'_>> =
            proofs.theorem(a).map(|(l, children)| Node { label: label(source, l.get()), children }).collect();
        let root = nodes.len() as u32 - 1;
        let own: Vec<&str> = source.frame(a).iter().map(|&h| source.hyp_label(h)).collect();
        let text = match compress {
            true => compressed(&nodes, root, &own, LabelOrder::FirstUse, 6),
            false => normal(&nodes, root, 6),
        };
        let text = text.unwrap();
        assert!(text.lines().all(|l| l.len() <= 79), "{text}");
        out.extend_from_slice(&source.text[at..span.start as usize]);
        out.push(b'\n');
        out.extend_from_slice(text.as_bytes());
        out.push(b' ');
        at = span.end as usize;
    }
    out.extend_from_slice(&source.text[at..]);
    out
}

#[test]
fn proofs_written_again_are_accepted_by_both() {
    for (name, text) in good() {
        let source = Source::read(text).unwrap();
        for compress in [true, false] {
            let again = rewritten(&source, compress);
            let r = check_source(again.clone(), 1);
            assert!(r.accepted, "{name}: {}", first(&r));
            assert_eq!(knife(&again), Ok(()), "{name}");
        }
    }
}

#[test]
fn every_theorem_passes_as_a_slice() {
    for (name, text) in good() {
        let source = Source::read(text).unwrap();
        for a in (0..source.assertions.len()).map(AssertionId::from) {
            let Some(theorem) = Theorem::of(&source, a) else { continue };
            let verdict = slice::judge(&source, &theorem, &[]);
            assert!(verdict.accepted(), "{name} {}: {verdict:?}", source.label(a));
            assert_eq!(verdict.statement_hash, Statement::of(&source, a).hash());
        }
    }
}

#[test]
fn slices_hold_to_what_was_asked() {
    let source = Source::read(fixtures("pass")["compressed"].clone()).unwrap();
    let id = source.assertion("id").unwrap();
    let theorem = Theorem::of(&source, id).unwrap();
    let refused = |t: &Theorem<'_>, extra: &[Statement<'_>]| {
        let v = slice::judge(&source, t, extra);
        assert!(!v.accepted());
        v.kernel.and(v.knife).unwrap_err()
    };
    let with = |proof: &'static str| Theorem { proof: proof.into(), ..theorem.clone() };
    assert!(refused(&with("wp id"), &[]).contains("which it is to prove"));
    assert!(refused(&with("( ) ?"), &[]).contains("incomplete"));
    assert!(refused(&with("wp $. bad $a |- p $."), &[]).contains("no assertion"));
    assert!(refused(&with("( wi ) A $. bad $a |- p"), &[]).contains("found in the proof"));
    assert!(refused(&with("wp nothing"), &[]).contains("no assertion"));
    let early = Theorem { before: source.assertion("mp"), ..theorem.clone() };
    assert!(refused(&early, &[]).contains("does not stand before"));
    let mut other = theorem.clone();
    other.statement.conclusion = vec!["|-", "p"];
    assert!(refused(&other, &[]).contains("another statement"));
    let mut unknown = theorem.clone();
    unknown.statement.conclusion.push("$.");
    assert!(refused(&unknown, &[]).contains("is not one of the database's"));
    let mut labelled = theorem.clone();
    labelled.statement.label = "x $a |- p $. y";
    assert!(refused(&labelled, &[]).contains("may hold letters"));
    // a learned lemma, used under its own label; and one that is named as the theorem is
    let mut lemma = Statement::of(&source, id);
    lemma.label = "lemma-1";
    let mut goal = with("wp lemma-1");
    goal.statement.label = "new";
    assert!(slice::judge(&source, &goal, &[lemma.clone()]).accepted());
    // with a $d between its variables it may not be used, for want of that $d in the theorem
    lemma.hyps.push(HypText { label: "wq", floating: true, symbols: vec!["wff", "q"] });
    lemma.conclusion = vec!["|-", "(", "p", "->", "q", ")"];
    lemma.disjoint.push(("p", "q"));
    let goal = Theorem { proof: "wp wp lemma-1".into(), ..goal };
    assert!(refused(&goal, &[lemma.clone()]).contains("share `p`"));
}

/// What metamath-rs accepts and the specification forbids, as our refusals say it.
const DEVIATIONS: &[&str] = &["A-Z or ? expected", "may not stand in the label list"];

/// xorshift: the same numbers everywhere.
struct Random(u64);
impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn mutate(text: &[u8], r: &mut Random) -> Vec<u8> {
    let mut out = text.to_vec();
    let words: Vec<(usize, usize)> = {
        let mut at = 0;
        text.split(|b| *b <= b' ')
            .filter_map(|w| {
                let s = at;
                at += w.len() + 1;
                (!w.is_empty()).then_some((s, s + w.len()))
            })
            .collect()
    };
    let (s, e) = words[r.below(words.len())];
    let (s2, e2) = words[r.below(words.len())];
    match r.below(6) {
        0 => drop(out.drain(s..e)),
        1 => drop(out.splice(s..e, text[s2..e2].iter().copied())),
        2 => drop(out.splice(s..s, [&text[s2..e2], b" "].concat())),
        3 => {
            let i = s + r.below(e - s);
            out[i] = b"ABCDEFUZ?$(){}. pqxy1"[r.below(21)];
        }
        4 => out.swap(s + r.below(e - s), s2 + r.below(e2 - s2)),
        _ => drop(out.drain(s..(s + 1 + r.below(40)).min(text.len()))),
    }
    out
}

#[test]
fn what_the_kernel_accepts_of_mutants_metamath_rs_accepts() {
    let mut r = Random(0x9e37_79b9_7f4a_7c15);
    let (mut both, mut knife_only, mut neither) = (0, 0, 0);
    // mutants of each file; 120 make some 2,000 in all
    let rounds = std::env::var("METADREAM_MUTANTS").map_or(120, |n| n.parse().unwrap());
    for (name, text) in fixtures("pass") {
        for _ in 0..rounds {
            let mutant = mutate(&text, &mut r);
            let ours = check_source(mutant.clone(), 1);
            let theirs = knife(&mutant);
            match (ours.accepted, theirs.is_ok()) {
                (true, true) => both += 1,
                (false, true) => {
                    knife_only += 1;
                    let known = DEVIATIONS.iter().any(|d| first(&ours).contains(d));
                    assert!(known, "{name}: {}:\n{}", first(&ours), String::from_utf8_lossy(&mutant));
                }
                (false, false) => neither += 1,
                (true, false) => {
                    panic!("{name}: only the kernel accepts ({theirs:?}):\n{}", String::from_utf8_lossy(&mutant))
                }
            }
        }
    }
    println!("mutants: both accept {both}, metamath-rs alone {knife_only}, neither {neither}");
    assert!(both > 100 && neither > 1000);
}
