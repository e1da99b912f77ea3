//! Statements that the closers prove, judged, on a small database of set.mm's statements; and statements that they must
//! not prove.

use super::*;
use crate::dsl::theory::library::Task;
use crate::dsl::theory::proof_json::Statement;
use crate::metamath_db::database::Database;
use std::sync::{Arc, OnceLock};

fn theory() -> &'static Theory {
    static THEORY: OnceLock<Theory> = OnceLock::new();
    THEORY.get_or_init(|| {
        let text = match std::env::var("METADREAM_NUMBERS_DATABASE") {
            Ok(path) => std::fs::read(path).expect("a database"),
            Err(_) => include_bytes!("fixture.mm").to_vec(),
        };
        Theory::new(Arc::new(Database::load(text).unwrap_or_else(|e| panic!("{e}"))))
    })
}

fn closer() -> &'static Numbers {
    static CLOSER: OnceLock<Numbers> = OnceLock::new();
    CLOSER.get_or_init(|| Numbers::new(theory()).expect("arithmetic"))
}

fn task(hyps: &[&str], goal: &str, arena: &mut Arena) -> Task {
    let hyps = hyps.iter().enumerate().map(|(i, h)| (format!("h{i}"), format!("|- {h}"))).collect();
    let statement =
        Statement { hyps, conclusion: format!("|- {goal}"), disjoint: vec![("G".into(), "y".into())], before: None };
    theory().statement_task("goal", &statement, arena).unwrap_or_else(|e| panic!("{goal}: {e}"))
}

/// The number of steps of the proof, which both judges must accept.
fn proved(hyps: &[&str], goal: &str) -> Option<usize> {
    let mut arena = theory().arena.clone();
    let task = task(hyps, goal, &mut arena);
    let allowed = |_: crate::dsl::theory::library::PremiseId| true;
    let mut site = Site { theory: theory(), task: &task, arena: &mut arena, allowed: &allowed };
    let proof = closer().close(task.goal, &mut site)?;
    let judged = theory().judge(&task, &proof, &mut arena).unwrap_or_else(|e| panic!("{goal}: {e}"));
    assert!(judged.verdict.accepted(), "{goal}");
    Some(proof.len())
}

/// Checks that a proof is made, but violates a `$d` condition and so is not elaborated.
fn refused(hyps: &[&str], goal: &str) {
    let mut arena = theory().arena.clone();
    let task = task(hyps, goal, &mut arena);
    let mut site = Site { theory: theory(), task: &task, arena: &mut arena, allowed: &|_| true };
    let proof = closer().close(task.goal, &mut site).expect("a try");
    assert!(theory().elaborate(&task, &proof, &mut arena).is_err(), "{goal}");
}

fn all(hyps: &[&str], goals: &[&str]) {
    let failed: Vec<&&str> = goals.iter().filter(|g| proved(hyps, g).is_none()).collect();
    assert!(failed.is_empty(), "not proved: {failed:#?}");
}

fn none(hyps: &[&str], goals: &[&str]) {
    for goal in goals {
        assert_eq!(proved(hyps, goal), None, "{goal}");
    }
}

#[test]
fn nothing_is_missing() {
    assert_eq!(closer().missing(), Vec::<&str>::new());
}

#[test]
fn claims_are_read_as_expressions() {
    let read = |hyps: &[&str], goal: &str| {
        let mut arena = theory().arena.clone();
        let task = task(hyps, goal, &mut arena);
        claim(theory(), &task, &arena).map(|v| v.to_string())
    };
    let said = |hyps: &[&str], goal: &str| read(hyps, goal).unwrap_or_default().replace('"', "");
    assert_eq!(said(&[], "( 2 + ; 1 0 ) = 5"), "[=,[+,2,10],5]");
    assert_eq!(
        said(&["( ph -> A e. RR )"], "( ph -> 0 < ( sqrt ` A ) )"),
        "[->,[->,[wff,ph],[in,[variable,A],RR]],[->,[wff,ph],[<,0,[sqrt,[variable,A]]]]]"
    );
    assert_eq!(said(&[], "( x e. NN -> 2 || x )"), "[->,[in,[variable,x],NN],[||,2,[variable,x]]]");
    assert_eq!(said(&[], "( _i ^ 2 ) =/= -u ; A B"), "[=/=,[^,[_i],2],[-u,[dec,[variable,A],[variable,B]]]]");
    assert_eq!(read(&[], "A e. B"), None);
    let nested = |n: usize| format!("{}1{} = 1", "( ".repeat(n), " + 1 )".repeat(n));
    assert!(read(&[], &nested(50)).is_some());
    assert_eq!(read(&[], &nested(5_000)), None);
    // A hypothesis with a set variable holds for all values of the variable.
    assert_eq!(read(&["x = 1"], "( x + x ) = 2"), None);
}

#[test]
fn decimals() {
    all(
        &[],
        &[
            "( 3 + 4 ) = 7",
            "( 5 + 5 ) = ; 1 0",
            "( ; 1 7 x. ; 1 8 ) = ; ; 3 0 6",
            "( ; ; 9 9 9 + ; 1 1 ) = ; ; ; 1 0 1 0",
            "( 3 - 8 ) = -u 5",
            "( ( 1 / 2 ) + ( 2 / 3 ) ) = ( 7 / 6 )",
            "( 1 + ( 1 / ( 1 + ( 1 / ( 1 + 1 ) ) ) ) ) = ( 5 / 3 )",
            "( 2 ^ ; 1 0 ) = ; ; ; 1 0 2 4",
            "( abs ` ( 3 - 8 ) ) = 5",
            "( sqrt ` ; ; 1 9 6 ) = ; 1 4",
            "( ! ` 5 ) = ; ; 1 2 0",
            "( |_ ` ( ; 1 7 / 3 ) ) = 5",
            "( |_ ` -u ( ; 1 7 / 3 ) ) = -u 6",
            "( ; ; 1 8 0 gcd ; ; 1 6 8 ) = ; 1 2",
            "( ; 1 2 lcm ; 1 8 ) = ; 3 6",
            "( ( ; 1 7 x. ; 1 8 ) mod 4 ) = 2",
            "( ( 5 ^ ; ; ; 2 0 0 5 ) mod ; ; 1 0 0 ) = ; 2 5",
            "; 9 9 < ; ; 1 0 0",
            "( 1 / 3 ) < ( 1 / 2 )",
            "-u 3 <_ ( 2 x. 5 )",
            "7 =/= ; 1 2",
            "3 || ; 1 2",
            "; ; 1 2 0 e. NN0",
            "( 3 / 4 ) e. QQ",
        ],
    );
    none(
        &[],
        &["( 3 + 4 ) = 8", "( ; 1 7 mod 4 ) = 2", "3 < 2", "3 || ; 1 3", "7 =/= 7", "-u 1 e. NN0", "( 1 / 0 ) e. CC"],
    );
}

#[test]
fn closure() {
    let hyps = ["( ph -> A e. RR )", "( ph -> N e. NN )", "( ph -> ( B e. ZZ /\\ 0 < A ) )", "( ph -> F : NN --> RR )"];
    all(
        &hyps,
        &[
            "( ph -> ( ( A + N ) x. B ) e. CC )",
            "( ph -> ( N ^ 2 ) e. NN )",
            "( ph -> ( A / N ) e. RR )",
            "( ph -> ( abs ` A ) e. RR )",
            "( ph -> ( F ` N ) e. CC )",
            "( ph -> ( A x. N ) =/= 0 )",
            "( ph -> A e. RR+ )",
            "( ( ph /\\ C e. CC ) -> ( C + A ) e. CC )",
            "( ( A e. CC /\\ B e. CC /\\ C e. CC ) -> ( ( A x. B ) - C ) e. CC )",
        ],
    );
    none(&hyps, &["( ph -> C e. CC )", "( ph -> ( A / B ) e. RR )", "( ph -> A e. ZZ )"]);
}

#[test]
fn rings() {
    let hyps = ["( ph -> A e. RR )", "( ph -> B e. CC )", "( ph -> C e. NN )"];
    all(
        &hyps,
        &[
            "( ph -> ( ( A + B ) ^ 2 ) = ( ( ( A ^ 2 ) + ( 2 x. ( A x. B ) ) ) + ( B ^ 2 ) ) )",
            "( ph -> ( ( A + B ) x. ( A - B ) ) = ( ( A ^ 2 ) - ( B ^ 2 ) ) )",
            "( ph -> ( ( A / C ) x. C ) = A )",
            "( ph -> ( ( A / 2 ) + ( A / 3 ) ) = ( 5 x. ( A / 6 ) ) )",
            "( ph -> -u ( A - B ) = ( B - A ) )",
            "( ph -> ( A x. 0 ) = ( B - B ) )",
            "( ( A e. CC /\\ B e. CC ) -> ( A + B ) = ( B + A ) )",
        ],
    );
    none(&hyps, &["( ph -> ( A + B ) = ( A - B ) )", "( ph -> ( A x. D ) = ( D x. A ) )"]);
}

#[test]
fn combinations() {
    let hyps =
        ["( ph -> X e. RR )", "( ph -> Y e. RR )", "( ph -> ( X + Y ) = 7 )", "( ph -> ( ( 2 x. X ) + Y ) = 3 )"];
    all(&hyps, &["( ph -> X = -u 4 )", "( ph -> Y = ; 1 1 )", "( ph -> ( X x. Y ) = -u ; 4 4 )", "( ph -> X < Y )"]);
    none(&hyps, &["( ph -> X = 4 )", "( ph -> Y < X )"]);
    let hyps = ["( ph -> X e. RR )", "( ph -> ( X x. ( ( 1 / 2 ) + ( 2 / 3 ) ) ) = 1 )"];
    all(&hyps, &["( ph -> X = ( 6 / 7 ) )"]);
    let hyps = [
        "( ph -> P e. CC )",
        "( ph -> Q e. CC )",
        "( ph -> R e. CC )",
        "( ph -> X e. CC )",
        "( ph -> ( ( X - P ) x. ( X - Q ) ) = ( ( R - P ) x. ( R - Q ) ) )",
        "( ph -> X =/= R )",
    ];
    all(&hyps, &["( ph -> X = ( ( P + Q ) - R ) )"]);
}

#[test]
fn inequalities() {
    let hyps = ["( ph -> X e. RR )", "( ph -> Y e. RR )", "( ph -> 1 < X )", "( ph -> X <_ Y )"];
    all(
        &hyps,
        &[
            "( ph -> 2 < ( X + Y ) )",
            "( ph -> 1 <_ Y )",
            "( ph -> 1 <_ ( ( ( ( X x. Y ) - 1 ) ^ 2 ) + ( ( X + Y ) ^ 2 ) ) )",
            "( ph -> ( 2 x. ( X x. Y ) ) <_ ( ( X ^ 2 ) + ( Y ^ 2 ) ) )",
            "( ph -> ( ( ; 3 6 x. ( X x. Y ) ) - ( 9 x. ( X ^ 2 ) ) ) <_ ( ; 3 6 x. ( Y ^ 2 ) ) )",
        ],
    );
    none(&hyps, &["( ph -> X < 2 )", "( ph -> Y <_ X )"]);
}

#[test]
fn functions() {
    let hyps = [
        "F = ( x e. RR |-> ( ( x ^ 2 ) - ( 4 x. ( sqrt ` x ) ) ) )",
        "( ph -> A. y e. NN ( G ` y ) = ( ( 2 x. y ) - 1 ) )",
        "( ( ph /\\ z e. RR ) -> ( H ` z ) = ( z ^ 2 ) )",
        "( ph -> X e. NN )",
        "Q = ( x e. RR* |-> ( 6 / x ) )",
    ];
    all(
        &hyps,
        &[
            "( ph -> ( Q ` 2 ) = 3 )",
            "( ph -> ( F ` 4 ) = 8 )",
            "( ph -> ( F ` ( 2 + 2 ) ) = 8 )",
            "( ph -> ( F ` ( 1 + ( F ` 4 ) ) ) = ; 6 9 )",
            "( ph -> ( G ` ; 1 0 ) = ; 1 9 )",
            "( ph -> ( G ` ( G ` ; 1 0 ) ) = ; 3 7 )",
        ],
    );
    none(&hyps, &["( ph -> ( F ` 4 ) = 9 )", "( ph -> ( G ` 0 ) = -u 1 )"]);
    // The bound variable is not kept apart from `ph`, nor from `X`.
    refused(&hyps, "( ph -> ( H ` 3 ) = 9 )");
    refused(&hyps, "( ph -> ( G ` ( X + 1 ) ) = ( ( 2 x. X ) + 1 ) )");
}

#[test]
fn roots_and_absolute_values() {
    let hyps = [
        "( ph -> X e. RR )",
        "( ph -> Y e. RR )",
        "( ph -> ( X + Y ) = ; 1 3 )",
        "( ph -> ( X x. Y ) = ; 2 4 )",
        "( ph -> X < 2 )",
        "( ph -> ( ( 1 / 5 ) x. ( abs ` ( 9 + ( 2 x. Z ) ) ) ) < 1 )",
        "( ph -> Z e. RR )",
    ];
    all(
        &hyps,
        &[
            "( ph -> ( sqrt ` ( ( X ^ 2 ) + ( Y ^ 2 ) ) ) = ; 1 1 )",
            "( ph -> ( abs ` ( X - 2 ) ) = ( 2 - X ) )",
            "( ph -> -u 7 < Z )",
            "( ph -> Z < -u 2 )",
            "( ph -> ( ( X + ( 7 x. _i ) ) x. ( X - ( 7 x. _i ) ) ) = ( ( X ^ 2 ) + ; 4 9 ) )",
            "( ph -> ( ( sqrt ` 2 ) x. ( sqrt ` 2 ) ) = 2 )",
            "( ph -> ( ( 1 + ( X ^ 2 ) ) ^ -u 2 ) = ( 1 / ( ( 1 + ( X ^ 2 ) ) ^ 2 ) ) )",
        ],
    );
    let hyps = ["( ph -> B e. NN0 )", "( ph -> ( ( ( 3 x. ( B ^ 2 ) ) + ( 2 x. B ) ) + 1 ) = ; 5 7 )"];
    all(&hyps, &["( ph -> B = 4 )"]);
}

#[test]
fn remainders() {
    let hyps = ["( ph -> N e. NN0 )", "( ph -> ( N mod 7 ) = 5 )", "( ph -> M e. NN )"];
    all(
        &hyps,
        &[
            "( ph -> ( ( 5 x. N ) mod 7 ) = 4 )",
            "( ph -> ( ( ( 2 x. N ) + 4 ) mod 7 ) = 0 )",
            "( ph -> ( ( 3 x. ( ( 7 x. M ) + 3 ) ) mod 7 ) = 2 )",
            "( ph -> ( ( ( N + 1 ) ^ 2 ) mod 7 ) = 1 )",
        ],
    );
    none(&hyps, &["( ph -> ( N mod 7 ) = 4 )", "( ph -> ( M mod 7 ) = 4 )"]);
    let hyps = [
        "( ph -> A e. NN )",
        "( ph -> B e. NN0 )",
        "( ph -> ( ( A + B ) mod ; 1 0 ) = 2 )",
        "( ph -> ( ( ( 2 x. A ) + B ) mod ; 1 0 ) = 1 )",
        "( ph -> ( C mod 8 ) = 7 )",
        "( ph -> C e. ZZ )",
        "( ph -> 6 || ( C + 5 ) )",
        "( ph -> ( ( B x. 7 ) mod ; ; 3 9 8 ) = 1 )",
        "( ph -> B < ; ; 3 9 8 )",
    ];
    all(
        &hyps,
        &[
            "( ph -> ( ( A - B ) mod ; 1 0 ) = 6 )",
            "( ph -> ( C mod 4 ) = 3 )",
            "( ph -> 3 || ( ( C + ( 6 x. A ) ) + 2 ) )",
            "( ph -> ( C mod 6 ) = 1 )",
            "( ph -> B = ; 5 7 )",
        ],
    );
    none(&hyps, &["( ph -> ( C mod 4 ) = 1 )", "( ph -> 5 || ( C + 5 ) )", "( ph -> B = ; 5 8 )"]);
}

/// A small pseudo-random generator (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

fn numeral(n: i128) -> String {
    match n {
        ..=-1 => format!("-u {}", numeral(-n)),
        0..=9 => n.to_string(),
        _ => format!("; {} {}", numeral(n / 10), n % 10),
    }
}

/// A random term, with X and Y if `unknowns`, and its value where X is 3 and Y is -5.
fn term(random: &mut Random, depth: u64, unknowns: bool) -> (String, i128) {
    if depth == 0 {
        return match random.below(if unknowns { 4 } else { 2 }) {
            2 => ("X".to_owned(), 3),
            3 => ("Y".to_owned(), -5),
            k => {
                let n = random.below([10, 4000][k as usize]) as i128;
                (numeral(n), n)
            }
        };
    }
    let ((a, x), (b, y)) = (term(random, depth - 1, unknowns), term(random, depth - 1, unknowns));
    match random.below(5) {
        0 => (format!("( {a} + {b} )"), x + y),
        1 => (format!("( {a} - {b} )"), x - y),
        2 | 3 => (format!("( {a} x. {b} )"), x * y),
        _ => (format!("-u {a}"), -x),
    }
}

#[test]
fn random_closed_terms_have_the_values_that_integers_give() {
    let mut random = Random(1);
    for _ in 0..60 {
        let (t, value) = term(&mut random, 3, false);
        all(&[], &[&format!("{t} = {}", numeral(value))]);
        none(&[], &[&format!("{t} = {}", numeral(value + 1 + random.below(9) as i128))]);
    }
}

/// An equal term: operands of sums and products exchanged, differences as sums, products distributed over sums.
fn rewritten(t: &str) -> String {
    let words: Vec<&str> = t.split(' ').collect();
    fn read(words: &[&str], at: &mut usize) -> String {
        let word = words[*at];
        *at += 1;
        match word {
            ";" => {
                let (a, b) = (read(words, at), read(words, at));
                format!("; {a} {b}")
            }
            "-u" => format!("( 0 - {} )", read(words, at)),
            "(" => {
                let a = read(words, at);
                let op = words[*at];
                *at += 1;
                let b = read(words, at);
                *at += 1;
                match op {
                    "-" => format!("( -u {b} + {a} )"),
                    "x." => format!("( ( {b} x. ( {a} + 2 ) ) - ( 2 x. {b} ) )"),
                    _ => format!("( {b} {op} {a} )"),
                }
            }
            _ => word.to_owned(),
        }
    }
    read(&words, &mut 0)
}

#[test]
fn random_identities_are_proved_and_others_are_not() {
    let hyps = ["( ph -> X e. CC )", "( ph -> Y e. RR )"];
    let mut random = Random(2);
    for _ in 0..25 {
        let (t, value) = term(&mut random, 2, true);
        let other = rewritten(&t);
        all(&hyps, &[&format!("( ph -> {t} = {other} )")]);
        none(&hyps, &[&format!("( ph -> {t} = ( {other} + 1 ) )")]);
        // Terms with different values are not equal.
        let (u, at_point) = term(&mut random, 2, true);
        if value != at_point {
            none(&hyps, &[&format!("( ph -> {t} = {u} )")]);
        }
    }
}

#[test]
fn random_remainders_and_divisors() {
    let mut random = Random(3);
    for _ in 0..20 {
        let (a, e, n) = (random.below(99) as i128, random.below(60) as i128, 2 + random.below(97) as i128);
        let power = (0..e).fold(1 % n, |p, _| p * a % n);
        let goal = |r: i128| format!("( ( {} ^ {} ) mod {} ) = {}", numeral(a), numeral(e), numeral(n), numeral(r));
        all(&[], &[&goal(power)]);
        none(&[], &[&goal((power + 1) % n)]);
        let (x, y) = (1 + random.below(5000) as i128, 1 + random.below(5000) as i128);
        let g = (1..=x.min(y)).rev().find(|d| x % d == 0 && y % d == 0).expect("one divides");
        all(&[], &[&format!("( {} gcd {} ) = {}", numeral(x), numeral(y), numeral(g))]);
        all(&[], &[&format!("{} || {}", numeral(g), numeral(x))]);
    }
}
