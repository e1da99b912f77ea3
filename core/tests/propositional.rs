//! The propositional closer against brute force, on the starter database and on a small one that goes on to predicates.

use metadream_core::dsl::theory::library::{PremiseId, Task, Theory};
use metadream_core::dsl::theory::proof_json::Statement;
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::{SymbolId, TermId};
use metadream_core::metamath_db::terms::term::{Arena, Head};
use metadream_core::wake_sleep::closers::{closers, Closer, Site};
use metadream_core::wake_sleep::ranking::examples::Random;
use std::path::Path;
use std::sync::Arc;

fn starter() -> Theory {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metamath_db/starter.mm");
    theory(std::fs::read(path).expect("starter.mm"))
}

fn theory(text: Vec<u8>) -> Theory {
    Theory::new(Arc::new(Database::load(text).expect("good file")))
}

/// Rules as axioms, under labels that say nothing; then one axiom that is more than propositional.
fn small() -> Theory {
    let head = "$c ( ) -> -. /\\ <-> A. = wff setvar |- $. $v ph ps ch th x y $.
        p $f wff ph $. q $f wff ps $. r $f wff ch $. s $f wff th $. vx $f setvar x $. vy $f setvar y $.
        n $a wff -. ph $. i $a wff ( ph -> ps ) $. a $a wff ( ph /\\ ps ) $. b $a wff ( ph <-> ps ) $.
        all $a wff A. x ph $. eq $a wff x = y $.";
    let rules = [
        ("ph", ""),
        ("( ph -> ( ps -> ph ) )", ""),
        ("( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) )", ""),
        ("( ( -. ph -> -. ps ) -> ( ps -> ph ) )", ""),
        ("( ph -> ph )", ""),
        ("( ( ph /\\ ps ) <-> -. ( ph -> -. ps ) )", ""),
        ("( ph -> ps )", "ps"),
        ("( ph -> ch )", "( ph -> ps ) | ( ps -> ch )"),
        ("( ph -> ch )", "( ph -> ps ) | ( ph -> ( ps -> ch ) )"),
        ("( ps -> ( ph -> ch ) )", "( ph -> ( ps -> ch ) )"),
        ("( ( ph /\\ ps ) -> ch )", "( ph -> ( ps -> ch ) )"),
        ("( ph -> ( ps -> ch ) )", "( ( ph /\\ ps ) -> ch )"),
        ("( ph -> ( ps /\\ ch ) )", "( ph -> ps ) | ( ph -> ch )"),
        ("( ( ph /\\ ps ) -> ph )", ""),
        ("( ( ph /\\ ps ) -> ps )", ""),
        ("( -. ph -> ( ph -> ps ) )", ""),
        ("( ( ph -> ps ) -> ch )", "( -. ph -> ch ) | ( ps -> ch )"),
        ("( -. ( ph -> ps ) -> ch )", "( ph -> ( -. ps -> ch ) )"),
        ("( -. -. ph -> ps )", "( ph -> ps )"),
        ("( ph -> -. -. ps )", "( ph -> ps )"),
        ("( ph -> -. ( ps -> ch ) )", "( ph -> ps ) | ( ph -> -. ch )"),
        ("( ph -> -. ps )", "( ps -> -. ph )"),
        ("( ph -> ps )", "( -. ps -> -. ph )"),
        ("( ph <-> ps )", "( ph -> ps ) | ( ps -> ph )"),
        ("( ph -> ( ps <-> ch ) )", "( ph -> ( ps -> ch ) ) | ( ph -> ( ch -> ps ) )"),
        ("( ( ph <-> ps ) -> ch )", "( ( ph -> ps ) -> ( ( ps -> ph ) -> ch ) )"),
        ("ps", "( ph -> ps ) | ( -. ph -> ps )"),
        ("-. -. ph", "ph"),
        ("-. ( ph -> ps )", "ph | -. ps"),
        ("-. ph", "( ph -> -. ph )"),
        ("( ph /\\ ps )", "ph | ps"),
    ];
    let mut text = head.to_owned();
    for (n, (conclusion, hyps)) in rules.iter().enumerate() {
        let hyps = if n == 0 { "ps | ( ps -> ph )" } else { hyps };
        let each = hyps.split(" | ").filter(|h| !h.is_empty()).enumerate();
        let hyps: Vec<String> = each.map(|(k, h)| format!("r{n}.{k} $e |- {h} $.")).collect();
        text += &format!("\n${{ {} r{n} $a |- {conclusion} $. $}}", hyps.join(" "));
    }
    text += "\n${ g.0 $e |- ph $. g $a |- A. x ph $. $}\n";
    theory(text.into_bytes())
}

/// A formula over a theory's connectives, by labels. A leaf is an atom or, beyond them, a metavariable.
enum Formula {
    Leaf(usize),
    Of(&'static str, Vec<Formula>),
}

/// The oracle: what the connectives of both databases mean.
fn meaning(label: &str, parts: &[bool]) -> bool {
    match (label, parts) {
        ("wn" | "n", [x]) => !x,
        ("wi" | "i", [x, y]) => !x || *y,
        ("wb" | "b", [x, y]) => x == y,
        ("wa" | "a", [x, y]) => *x && *y,
        ("wo", [x, y]) => *x || *y,
        ("wxo", [x, y]) => x != y,
        ("w3a", [x, y, z]) => *x && *y && *z,
        ("wtru", []) => true,
        ("wfal", []) => false,
        _ => panic!("{label}"),
    }
}

type Signature = &'static [(&'static str, usize)];
const STARTER: Signature = &[
    ("wn", 1),
    ("wi", 2),
    ("wi", 2),
    ("wb", 2),
    ("wa", 2),
    ("wo", 2),
    ("wxo", 2),
    ("w3a", 3),
    ("wtru", 0),
    ("wfal", 0),
];
const SMALL: Signature = &[("n", 1), ("i", 2), ("i", 2), ("a", 2), ("b", 2)];

impl Formula {
    fn random(random: &mut Random, signature: Signature, leaves: usize, depth: usize) -> Formula {
        if depth == 0 || random.below(4) == 0 {
            return Formula::Leaf(random.below(leaves));
        }
        let (label, places) = signature[random.below(signature.len())];
        let part = |_| Formula::random(random, signature, leaves, depth - 1);
        Formula::Of(label, (0..places).map(part).collect())
    }
    fn value(&self, leaves: &[bool]) -> bool {
        match self {
            Formula::Leaf(i) => leaves[*i],
            Formula::Of(label, parts) => meaning(label, &parts.iter().map(|p| p.value(leaves)).collect::<Vec<_>>()),
        }
    }
    fn term(&self, theory: &Theory, arena: &mut Arena, leaves: &[TermId]) -> TermId {
        match self {
            Formula::Leaf(i) => leaves[*i],
            Formula::Of(label, parts) => {
                let parts: Vec<TermId> = parts.iter().map(|p| p.term(theory, arena, leaves)).collect();
                arena.make(Head::syntax(theory.db.source.assertion(label).expect("a connective")), &parts)
            }
        }
    }
}

fn symbol(theory: &Theory, name: &str) -> SymbolId {
    theory.db.source.find_symbol(name.as_bytes()).expect("a symbol")
}

/// A task of a theory's end with these hypotheses.
fn task(theory: &Theory, goal: TermId, hyps: Vec<TermId>, before: Option<&str>) -> Task {
    let limit = before.map_or(theory.db.len(), |l| theory.db.source.assertion(l).expect("a label").index());
    let hyp_labels = (0..hyps.len()).map(|k| format!("h.{k}")).collect();
    Task { name: "asked".into(), goal, hyps, hyp_labels, disjoint: Vec::new(), limit: limit.into(), block: u32::MAX }
}

fn closer(theory: &Theory) -> Box<dyn Closer> {
    closers(theory).into_iter().find(|c| c.name() == "propositional").expect("the propositional closer")
}

const ATOMS: usize = 2;

/// Whether some values of two metavariables, each a function of the atoms, make all goals follow from the hypotheses.
fn satisfiable(hyps: &[Formula], goals: &[Formula]) -> bool {
    let functions = 1usize << (1 << ATOMS);
    (0..functions * functions).any(|choice| {
        (0..1usize << ATOMS).all(|point| {
            let atoms = (0..ATOMS).map(|i| point >> i & 1 == 1);
            let metas = [choice % functions, choice / functions].into_iter().map(|f| f >> point & 1 == 1);
            let leaves: Vec<bool> = atoms.chain(metas).collect();
            !hyps.iter().all(|h| h.value(&leaves)) || goals.iter().all(|g| g.value(&leaves))
        })
    })
}

/// A cluster is refuted exactly if no substitution of its metavariables, by whatever formulas, makes it follow.
#[test]
fn refuted_is_what_no_substitution_satisfies() {
    for (theory, signature, before) in [(starter(), STARTER, None), (small(), SMALL, Some("g"))] {
        let (mut random, closer, mut arena) = (Random(3), closer(&theory), theory.arena.clone());
        let mut leaves: Vec<TermId> = ["ph", "ps"].map(|v| arena.variable(symbol(&theory, v))).into();
        leaves.extend([arena.meta(0), arena.meta(1)]);
        let mut refuted = 0;
        for _ in 0..1500 {
            let mut some = |n, leaves, depth| -> Vec<Formula> {
                (0..n).map(|_| Formula::random(&mut random, signature, leaves, depth)).collect()
            };
            let (hyps, goals) = (some(1, ATOMS, 2), some(2, ATOMS + 2, 3));
            let mut terms =
                |all: &[Formula]| -> Vec<TermId> { all.iter().map(|f| f.term(&theory, &mut arena, &leaves)).collect() };
            let (given, asked) = (terms(&hyps), terms(&goals));
            let task = task(&theory, asked[0], given, before);
            let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed: &|_| true };
            let said = closer.refutes(&asked, &mut site);
            refuted += usize::from(said);
            assert_eq!(said, !satisfiable(&hyps, &goals), "{:?}", asked.iter().map(|&t| theory.db.show(&arena, t)));
        }
        assert!((200..1300).contains(&refuted), "{refuted}");
    }
}

/// Nothing is refuted once an axiom says more than truth tables do: `A. x ph` follows from `ph` then, and not before.
#[test]
fn nothing_is_refuted_after_the_first_axiom_that_is_not_propositional() {
    let theory = small();
    let (closer, mut arena) = (closer(&theory), theory.arena.clone());
    let ask = |text: &str, arena: &mut Arena| theory.parse_formula(text, arena).expect("a formula");
    let (goal, hyp) = (ask("|- A. x ph", &mut arena), ask("|- ph", &mut arena));
    for (before, refuted) in [(Some("g"), true), (None, false)] {
        let task = task(&theory, goal, vec![hyp], before);
        let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed: &|_| true };
        assert_eq!(closer.refutes(&[goal], &mut site), refuted);
    }
}

/// No statement of the starter is refuted: all of them are theorems.
#[test]
fn no_theorem_is_refuted() {
    let theory = starter();
    let (closer, mut arena) = (closer(&theory), theory.arena.clone());
    for a in (0..theory.db.len()).map(metadream_core::metamath_db::ids::AssertionId::from) {
        let Some(task) = theory.task(a, &mut arena).filter(|_| theory.db.is_logical(a)) else { continue };
        let goal = task.goal;
        let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed: &|_| true };
        assert!(!closer.refutes(&[goal], &mut site), "{}", task.name);
    }
}

/// What follows is closed, most of it, with proofs that both judges accept; what does not follow is left alone. Atoms
/// are quantified formulas and equations as well as variables.
#[test]
fn what_follows_is_closed_and_judged() {
    let theory = small();
    let (mut random, closer, mut arena) = (Random(5), closer(&theory), theory.arena.clone());
    let atoms = ["ph", "A. x ( ph -> ps )", "x = y"].map(|t| theory.parse_formula(&format!("|- {t}"), &mut arena));
    let leaves: Vec<TermId> = atoms.into_iter().map(|t| t.expect("a formula")).collect();
    let (mut follow, mut closed) = (0, 0);
    for round in 0..3000 {
        let hyps: Vec<Formula> = (0..round % 3).map(|_| Formula::random(&mut random, SMALL, 3, 2)).collect();
        let goal = Formula::random(&mut random, SMALL, 3, 4);
        let points = (0..8usize).map(|p| (0..3).map(|i| p >> i & 1 == 1).collect::<Vec<bool>>());
        let valid = points.into_iter().all(|p| !hyps.iter().all(|h| h.value(&p)) || goal.value(&p));
        let given = hyps.iter().map(|f| f.term(&theory, &mut arena, &leaves)).collect();
        let term = goal.term(&theory, &mut arena, &leaves);
        let task = task(&theory, term, given, None);
        let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed: &|_| true };
        let Some(proof) = closer.close(term, &mut site) else {
            follow += usize::from(valid);
            continue;
        };
        assert!(valid, "{}", theory.db.show(&arena, term));
        (follow, closed) = (follow + 1, closed + 1);
        if closed % 10 == 0 {
            let judged = theory.judge(&task, &proof, &mut arena).expect("it fits");
            assert!(judged.verdict.accepted(), "{}", theory.db.show(&arena, term));
        } else {
            theory.elaborate(&task, &proof, &mut arena).expect("it fits");
        }
    }
    assert!(follow > 300 && closed * 10 > follow * 9, "{closed} of {follow}");
}

/// A premise that the site forbids is in no proof.
#[test]
fn a_proof_uses_only_what_is_allowed() {
    let theory = small();
    let (closer, mut arena) = (closer(&theory), theory.arena.clone());
    let statement = |conclusion: &str| Statement {
        hyps: Vec::new(),
        conclusion: conclusion.into(),
        disjoint: Vec::new(),
        before: None,
    };
    let text = "|- ( ( ph /\\ ps ) -> ( ps /\\ ( ch -> ph ) ) )";
    let task = theory.statement_task("asked", &statement(text), &mut arena).expect("a task");
    let banned = theory.find("r12").expect("the rule for conjunctions on the right");
    for allowed in [&(|_| true) as &dyn Fn(PremiseId) -> bool, &|p| p != banned] {
        let mut site = Site { theory: &theory, task: &task, arena: &mut arena, allowed };
        if let Some(proof) = closer.close(task.goal, &mut site) {
            let uses = |p: PremiseId| {
                proof.steps.iter().any(|s| s.rule == metadream_core::dsl::theory::library::Rule::Premise(p))
            };
            assert!(allowed(banned) || !uses(banned));
            assert!(theory.judge(&task, &proof, &mut arena).expect("it fits").verdict.accepted());
        } else {
            assert!(!allowed(banned), "with all rules it is closed");
        }
    }
}
