//! What the closers prove, on a small database of set.mm's statements, judged; and what they must not prove.

use super::*;
use crate::dsl::library::Task;
use crate::dsl::proof_json::Statement;
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
    let statement = Statement { hyps, conclusion: format!("|- {goal}"), disjoint: Vec::new(), before: None };
    theory().statement_task("goal", &statement, arena).unwrap_or_else(|e| panic!("{goal}: {e}"))
}

/// The number of steps of the proof, which both judges accept.
fn proved(hyps: &[&str], goal: &str) -> Option<usize> {
    let mut arena = theory().arena.clone();
    let task = task(hyps, goal, &mut arena);
    let allowed = |_: crate::dsl::library::PremiseId| true;
    let mut site = Site { theory: theory(), task: &task, arena: &mut arena, allowed: &allowed };
    let proof = closer().close(task.goal, &mut site)?;
    let judged = theory().judge(&task, &proof, &mut arena).unwrap_or_else(|e| panic!("{goal}: {e}"));
    assert!(judged.verdict.accepted(), "{goal}");
    Some(proof.len())
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
}
