//! Glue by shape: short proofs of what follows by connectives alone, on small databases and, on demand, on a large one.

use metadream_core::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::TermId;
use metadream_core::metamath_db::terms::term::{Arena, Head};
use metadream_core::wake_sleep::inference::glue::Glue;
use metadream_core::wake_sleep::ranking::examples::Random;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn theory(text: Vec<u8>) -> Theory {
    Theory::new(Arc::new(Database::load(text).expect("good file")))
}

/// Each theorem: label, hypotheses, conclusion.
const THEOREMS: &[(&str, &str, &str)] = &[
    ("ax-mp", "ph | ( ph -> ps )", "ps"),
    ("ax-1", "", "( ph -> ( ps -> ph ) )"),
    ("ax-2", "", "( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) )"),
    ("ax-3", "", "( ( -. ph -> -. ps ) -> ( ps -> ph ) )"),
    ("df-an", "", "( ( ph /\\ ps ) <-> -. ( ph -> -. ps ) )"),
    ("biimpi", "( ph <-> ps )", "( ph -> ps )"),
    ("biimpri", "( ph <-> ps )", "( ps -> ph )"),
    ("id", "", "( ph -> ph )"),
    ("idi", "ph", "ph"),
    ("a1i", "ph", "( ps -> ph )"),
    ("syl", "( ph -> ps ) | ( ps -> ch )", "( ph -> ch )"),
    ("mpd", "( ph -> ps ) | ( ph -> ( ps -> ch ) )", "( ph -> ch )"),
    ("ex", "( ( ph /\\ ps ) -> ch )", "( ph -> ( ps -> ch ) )"),
    ("imp", "( ph -> ( ps -> ch ) )", "( ( ph /\\ ps ) -> ch )"),
    ("adantr", "( ph -> ps )", "( ( ph /\\ ch ) -> ps )"),
    ("adantl", "( ph -> ps )", "( ( ch /\\ ph ) -> ps )"),
    ("simpl", "", "( ( ph /\\ ps ) -> ph )"),
    ("simpr", "", "( ( ph /\\ ps ) -> ps )"),
    ("jca", "( ph -> ps ) | ( ph -> ch )", "( ph -> ( ps /\\ ch ) )"),
    ("syl2anc", "( ph -> ps ) | ( ph -> ch ) | ( ( ps /\\ ch ) -> th )", "( ph -> th )"),
    ("mpbid", "( ph -> ps ) | ( ph -> ( ps <-> ch ) )", "( ph -> ch )"),
    ("sylibr", "( ph -> ps ) | ( ch <-> ps )", "( ph -> ch )"),
    ("mp2an", "ph | ps | ( ( ph /\\ ps ) -> ch )", "ch"),
    ("con3i", "( ph -> ps )", "( -. ps -> -. ph )"),
];

/// The theorems as axioms, behind the language of predicates.
fn small() -> Theory {
    let mut text = "$c ( ) -> -. /\\ <-> A. = wff setvar |- $. $v ph ps ch th x y $.
        p $f wff ph $. q $f wff ps $. r $f wff ch $. s $f wff th $. vx $f setvar x $. vy $f setvar y $.
        wn $a wff -. ph $. wi $a wff ( ph -> ps ) $. wa $a wff ( ph /\\ ps ) $. wb $a wff ( ph <-> ps ) $.
        all $a wff A. x ph $. eq $a wff x = y $."
        .to_owned();
    for (label, hyps, conclusion) in THEOREMS {
        let each = hyps.split(" | ").filter(|h| !h.is_empty()).enumerate();
        let hyps: Vec<String> = each.map(|(k, h)| format!("{label}.{k} $e |- {h} $.")).collect();
        text += &format!("\n${{ {} {label} $a |- {conclusion} $. $}}", hyps.join(" "));
    }
    theory(text.into_bytes())
}

/// A question in words: hypotheses with ` | ` between them, and a goal.
fn read(theory: &Theory, arena: &mut Arena, hyps: &str, goal: &str) -> (Vec<TermId>, TermId) {
    let mut one = |text: &str| theory.parse_formula(&format!("|- {text}"), arena).expect(text);
    let hyps = hyps.split(" | ").filter(|h| !h.is_empty()).map(&mut one).collect();
    (hyps, one(goal))
}

fn task(theory: &Theory, hyps: &[TermId], goal: TermId) -> Task {
    Task {
        name: "asked".into(),
        goal,
        hyps: hyps.to_vec(),
        hyp_labels: (0..hyps.len()).map(|k| format!("h.{k}")).collect(),
        disjoint: Vec::new(),
        limit: theory.db.len().into(),
        block: u32::MAX,
    }
}

/// The labels of a proof's steps, from the root; every proof is elaborated against its question.
fn labels(theory: &Theory, hyps: &[TermId], goal: TermId, proof: &Proof, arena: &mut Arena) -> Vec<String> {
    theory.elaborate(&task(theory, hyps, goal), proof, arena).expect("it fits");
    let mut labels: Vec<String> = proof.premises().map(|p| theory.label(p).to_owned()).collect();
    labels.reverse();
    labels
}

fn ask(theory: &Theory, glue: &Glue, hyps: &str, goal: &str) -> Option<String> {
    let mut arena = theory.arena.clone();
    let (hyps, goal) = read(theory, &mut arena, hyps, goal);
    let proof = glue.prove(&hyps, goal, &mut arena, &|_| true)?;
    Some(labels(theory, &hyps, goal, &proof, &mut arena).join(" "))
}

#[test]
fn one_theorem_where_one_does_it() {
    let theory = small();
    let glue = Glue::new(&theory, &|_| true);
    assert_eq!(glue.len(), THEOREMS.len() - 1, "all but the one that says nothing");
    let asked = [
        ("ph | ps", "ph", ""),
        ("( ph -> A. x ps ) | ( A. x ps -> x = y )", "( ph -> x = y )", "syl"),
        ("x = y | ( ph -> ch ) | ( ph -> ps ) | ( ( ps /\\ ch ) -> x = x )", "( ph -> x = x )", "syl2anc"),
        ("( ph -> ( ps <-> ch ) ) | ( ph -> ps )", "( ph -> ch )", "mpbid"),
        ("( ( ph /\\ ( ps -> x = y ) ) -> ch )", "( ( ( ph /\\ ( ps -> x = y ) ) /\\ th ) -> ch )", "adantr"),
        ("( ( ph /\\ ps ) -> A. x ch )", "( ph -> ( ps -> A. x ch ) )", "ex"),
        ("x = y", "( ( ph /\\ -. ps ) -> x = y )", "a1i"),
        ("( x = y <-> ps ) | ( ( ph /\\ th ) -> ps )", "( ( ph /\\ th ) -> x = y )", "sylibr"),
        ("", "( ( ph /\\ ps ) -> ps )", "simpr"),
    ];
    for (hyps, goal, found) in asked {
        assert_eq!(ask(&theory, &glue, hyps, goal).as_deref(), Some(found), "{hyps} |- {goal}");
    }
}

#[test]
fn few_theorems_where_one_does_not() {
    let theory = small();
    let glue = Glue::new(&theory, &|_| true);
    let asked = [
        ("( ph -> ch )", "( ( ( ph /\\ ps ) /\\ th ) -> ch )", 2),
        ("", "( ( ( ph /\\ ps ) /\\ th ) -> ps )", 2),
        ("( ( ph /\\ ps ) -> x = y )", "( ( ( ph /\\ th ) /\\ ps ) -> x = y )", 4),
        ("( ( ( ps /\\ ch ) /\\ x = y ) -> th ) | x = y", "( ( ch /\\ ps ) -> th )", 6),
        ("( ph -> ( ps -> ch ) ) | ( ph -> ( ch -> ps ) )", "( ph -> ( ps <-> ch ) )", 0),
    ];
    for (hyps, goal, most) in asked {
        let found = ask(&theory, &glue, hyps, goal);
        let steps = found.as_ref().map_or(0, |f| f.split(' ').count());
        assert!(steps <= most && (steps > 0) == (most > 0), "{hyps} |- {goal}: {found:?}");
    }
    assert_eq!(ask(&theory, &glue, "ph", "ps"), None);
    assert_eq!(ask(&theory, &glue, "( ph -> ps )", "( ps -> ph )"), None);
}

/// A random formula of a few connectives.
fn random(random: &mut Random, theory: &Theory, arena: &mut Arena, leaves: &[TermId], depth: usize) -> TermId {
    if depth == 0 || random.below(4) == 0 {
        return leaves[random.below(leaves.len())];
    }
    let (label, places) = [("wn", 1), ("wi", 2), ("wi", 2), ("wa", 2), ("wb", 2)][random.below(5)];
    let parts: Vec<TermId> = (0..places).map(|_| self::random(random, theory, arena, leaves, depth - 1)).collect();
    arena.make(Head::syntax(theory.db.source.assertion(label).expect("a connective")), &parts)
}

/// What is found follows and fits; what does not follow has no proof; what follows often has one.
#[test]
fn what_is_found_fits_and_follows() {
    let theory = small();
    let (mut rng, glue, mut arena) = (Random(7), Glue::new(&theory, &|_| true), theory.arena.clone());
    let atoms = ["ph", "A. x ( ph -> ps )", "x = y"].map(|t| theory.parse_formula(&format!("|- {t}"), &mut arena));
    let leaves: Vec<TermId> = atoms.into_iter().map(|t| t.expect("a formula")).collect();
    let (mut follow, mut found) = (0, 0);
    for round in 0..400 {
        let hyps: Vec<TermId> = (0..round % 4).map(|_| random(&mut rng, &theory, &mut arena, &leaves, 2)).collect();
        let goal = random(&mut rng, &theory, &mut arena, &leaves, 3);
        let valid = glue.follows(&hyps, goal, &arena) == Some(true);
        follow += usize::from(valid);
        let before = arena.len();
        if let Some(proof) = glue.prove(&hyps, goal, &mut arena, &|_| true) {
            assert_eq!(arena.len(), before);
            assert!(valid, "{}", theory.db.show(&arena, goal));
            found += 1;
            labels(&theory, &hyps, goal, &proof, &mut arena);
        }
    }
    assert!(follow > 100 && found * 10 > follow * 4, "{found} of {follow}");
}

/// An answer uses only what is allowed, and is the same whatever was asked before.
#[test]
fn answers_do_not_depend_on_what_was_asked_before() {
    let theory = small();
    let asked = [
        ("( ph -> ps ) | ( ps -> ch )", "( ph -> ch )"),
        ("( ph -> ps )", "( ( ph /\\ ch ) -> ps )"),
        ("( ph -> ps ) | ( ph -> ch ) | ( ( ps /\\ ch ) -> th )", "( ph -> th )"),
        ("x = y", "( ph -> ( ps -> x = y ) )"),
    ];
    let limits: Vec<PremiseId> = ["id", "syl", "ex", "mpbid", "con3i"].map(|l| theory.find(l).expect("a label")).into();
    let banned = theory.find("a1i").expect("a label");
    let questions = || asked.iter().flat_map(|a| limits.iter().map(move |&l| (a, l)));
    let answer = |glue: &Glue, ((hyps, goal), limit): (&(&str, &str), PremiseId)| {
        let mut arena = theory.arena.clone();
        let (hyps, goal) = read(&theory, &mut arena, hyps, goal);
        let allowed = |p: PremiseId| p < limit && p != banned;
        let found = glue.prove(&hyps, goal, &mut arena, &allowed);
        found.map(|proof| {
            assert!(proof.premises().all(allowed));
            labels(&theory, &hyps, goal, &proof, &mut arena)
        })
    };
    let (one, other) = (Glue::new(&theory, &|_| true), Glue::new(&theory, &|_| true));
    let forth: Vec<_> = questions().map(|q| answer(&one, q)).collect();
    let mut back: Vec<_> = questions().collect::<Vec<_>>().into_iter().rev().map(|q| answer(&other, q)).collect();
    back.reverse();
    assert_eq!(forth, back);
    assert!(forth.iter().filter(|f| f.is_some()).count() > 12);
}

/// A database without connectives has no glue: only what is given is proved.
#[test]
fn a_database_without_connectives_has_none() {
    let text = "$c term |- = wff $. $v a b c $. ta $f term a $. tb $f term b $. tc $f term c $.
        weq $a wff a = b $.";
    let text = text.to_owned() + "\n${ s.1 $e |- a = b $. sym $a |- b = a $. $}";
    let theory = theory(text.into_bytes());
    let glue = Glue::new(&theory, &|_| true);
    assert!(glue.is_empty());
    assert_eq!(ask(&theory, &glue, "a = b", "a = b").as_deref(), Some(""));
    assert_eq!(ask(&theory, &glue, "a = b", "b = a"), None);
}

/// The theorems found for typical questions. Run it on demand:
/// `GLUE_DATABASE=set.mm cargo test --release --test glue -- --ignored --nocapture`.
#[test]
#[ignore = "needs a large database"]
fn typical_questions() {
    let path = std::env::var("GLUE_DATABASE").expect("GLUE_DATABASE is the path of a database");
    let theory = theory(std::fs::read(Path::new(&path)).expect("a file"));
    let begun = Instant::now();
    let discouraged = |p: PremiseId| theory.comment(p).is_some_and(|c| c.contains("(New usage is discouraged.)"));
    let glue = Glue::new(&theory, &|p| !discouraged(p));
    println!("{} theorems, {:.0} ms", glue.len(), begun.elapsed().as_secs_f64() * 1e3);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/glue/typical.txt");
    for line in std::fs::read_to_string(file).expect("typical.txt").lines() {
        let Some((hyps, goal)) = line.split_once(" |- ") else { continue };
        let mut arena = theory.arena.clone();
        let (given, asked) = read(&theory, &mut arena, hyps.trim(), goal);
        let begun = Instant::now();
        let found = glue.prove(&given, asked, &mut arena, &|_| true);
        let first = begun.elapsed().as_secs_f64() * 1e3;
        let begun = Instant::now();
        let again = glue.prove(&given, asked, &mut arena, &|_| true);
        let second = begun.elapsed().as_secs_f64() * 1e3;
        assert_eq!(found, again);
        let said = found.map_or("-".into(), |p| labels(&theory, &given, asked, &p, &mut arena).join(" "));
        println!("{first:7.2} {second:6.3} ms  {said:40} {line}");
    }
}
