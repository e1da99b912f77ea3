//! Tests of whole databases compressed: what the estimate alone does not find.

use super::measure::compress;
use crate::compression::lemmas::learn::Options;
use crate::dsl::theory::library::{Rule, Theory};
use crate::metamath_db::database::Database;
use crate::metamath_db::judges::check::{check_source, knife_check};
use std::fmt::Write;
use std::sync::Arc;

/// Implication, conjunction and one constant a theorem: so no theorem says what another one says.
fn database(theorems: usize, theorem: impl Fn(usize) -> (&'static str, &'static str, &'static str)) -> Theory {
    let mut text = "$c ( ) -> & wff |- $. $v p q r s $.
wp $f wff p $. wq $f wff q $. wr $f wff r $. ws $f wff s $.
wi $a wff ( p -> q ) $. wa $a wff ( p & q ) $.
identity $a |- ( p -> p ) $.
${ syl.1 $e |- ( p -> q ) $. syl.2 $e |- ( q -> r ) $. syl $a |- ( p -> r ) $. $}
${ both.1 $e |- p $. both.2 $e |- q $. both $a |- ( p & q ) $. $}
"
    .to_owned();
    for n in 0..theorems {
        let (hyps, claim, proof) = theorem(n);
        let hyps = hyps.replace('@', &n.to_string());
        let proof = proof.replace('@', &n.to_string());
        write!(
            text,
            "$c K{n} $. k{n} $a wff K{n} $. ${{ in{n}.1 $e |- p $. in{n} $a |- ( K{n} & p ) $. $}}
${{ {hyps} th{n} $p |- ( K{n} & {claim} ) $= {proof} $. $}}\n"
        )
        .expect("a string");
    }
    Theory::new(Arc::new(Database::load(text.into_bytes()).expect("good")))
}

fn options(prune: bool) -> Options {
    Options { prune, ..Options::default() }
}

/// Compresses and asks both judges; the text and its bytes.
fn compressed(theory: &mut Theory, options: &Options) -> (Vec<u8>, usize) {
    let done = compress(theory, options).unwrap_or_else(|e| panic!("{e}"));
    assert!(check_source(done.text.clone(), 1).accepted);
    assert_eq!(knife_check(&done.text).unwrap_or_else(|e| panic!("{e}")).errors, 0);
    (done.text, done.figures.bytes_after())
}

#[test]
fn fragments_that_say_the_same_pay_together_for_a_lemma_that_none_pays_for() {
    let chain = |n: usize| {
        let hyps = "a@ $e |- ( p -> q ) $. b@ $e |- ( q -> r ) $. c@ $e |- ( r -> s ) $.";
        let proof = match n % 2 {
            0 => "wp ws wi wp wr ws wp wq wr a@ b@ syl c@ syl in@",
            _ => "wp ws wi wp wq ws a@ wq wr ws b@ c@ syl syl in@",
        };
        (hyps, "( p -> s )", proof)
    };
    let only_together = [32, 40].into_iter().any(|n| {
        let mut alone = database(n, chain);
        let (_, more) = compressed(&mut alone, &options(false));
        let mut half = database(n / 2, |_| chain(0));
        compressed(&mut half, &options(true));
        let mut together = database(n, chain);
        let (text, less) = compressed(&mut together, &options(true));
        let threads = Options { threads: 5, ..options(true) };
        assert_eq!(text, compressed(&mut database(n, chain), &threads).0);
        alone.lemmas.is_empty() && half.lemmas.is_empty() && !together.lemmas.is_empty() && less < more
    });
    assert!(only_together);
}

#[test]
fn a_fragment_goes_over_a_step_that_its_proof_uses_twice() {
    let twice = |_| {
        let proof = "( wi wa identity both in@ ) AADZIBEZEIJAFZIBKCGGH";
        ("a@ $e |- q $.", "( ( p -> p ) & ( ( p -> p ) & q ) )", proof)
    };
    let identity = |t: &Theory| {
        let used = |l: &crate::dsl::theory::library::Lemma| {
            l.proof.steps.iter().any(|s| matches!(s.rule, Rule::Premise(p) if t.label(p) == "identity"))
        };
        t.lemmas.iter().any(used)
    };
    let (mut without, mut with) = (database(40, twice), database(40, twice));
    let (_, after) = compressed(&mut without, &options(false));
    assert!(!without.lemmas.is_empty() && !identity(&without));
    let (_, less) = compressed(&mut with, &options(true));
    assert!(identity(&with) && less < after);
}
