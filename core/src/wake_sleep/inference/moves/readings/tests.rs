use super::*;
use crate::dsl::theory::library::Lemma;
use crate::metamath_db::database::Database;
use std::sync::Arc;

/// The fixture: propositional axioms, equality with its twins, a quantifier.
const SOURCE: &str = include_str!("../../fixture.mm");

fn theory() -> Theory {
    Theory::new(Arc::new(Database::load(SOURCE.into()).unwrap_or_else(|e| panic!("{e}"))))
}

fn moves(theory: &Theory) -> Moves {
    Moves::new(theory, &Tables::new(theory), &|p| theory.premise(p).is_some())
}

/// The moves of which the assertion with this label is a twin.
fn of<'m>(moves: &'m Moves, theory: &Theory, label: &str) -> Vec<&'m Move> {
    let p = theory.find(label).unwrap_or_else(|| panic!("{label}"));
    moves.by_premise[p.index()].iter().map(|&n| &moves.all[n as usize]).collect()
}

#[test]
fn connectives_are_found_and_glue_has_no_readings() {
    let theory = theory();
    let moves = moves(&theory);
    assert!(moves.connectives.implication.is_some() && moves.connectives.conjunctions.len() == 1);
    assert!(moves.connectives.equivalence.is_some() && moves.connectives.negation.is_some());
    // The lifting of a formula into a context and the pairing of two are no choices, so they are no moves; a cut is
    // one.
    for label in ["ax-1", "a1i", "adantr", "simpl", "jca", "ex", "imp"] {
        assert!(of(&moves, &theory, label).is_empty(), "{label}");
    }
    let [cut] = of(&moves, &theory, "syl")[..] else { panic!("one move") };
    assert!(cut.glue && cut.parts.len() == 2 && of(&moves, &theory, "mpd")[0].readings.len() > 1);
}

#[test]
fn closed_form_inference_and_deduction_are_one_move() {
    let theory = theory();
    let moves = moves(&theory);
    let [m] = of(&moves, &theory, "feqd")[..] else { panic!("one move") };
    let labels: Vec<&str> = m.readings.iter().map(|r| theory.label(r.premise)).collect();
    // Each twin serves in either orientation.
    assert_eq!(labels, ["feq", "feq", "feqd", "feqd", "feqi", "feqi"]);
    assert!(m.parts.len() == 1 && m.parts[0].inherits && m.parts[0].added.is_empty());
    assert_eq!(m.strong().count(), 4);
    assert_eq!(m.readings[2].contexts.len(), 1);
    assert_eq!(m.readings[4].inherits.as_slice(), [false]);
}

#[test]
fn an_equivalence_answers_each_side_from_the_other() {
    let theory = theory();
    let moves = moves(&theory);
    let found = of(&moves, &theory, "eqcom");
    // The formula itself, and its negation. Each side from the other is the same move but for its orientation.
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|m| m.takes.is_none()));
    assert_eq!(found.iter().map(|m| m.parts.len()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn orientation_is_no_choice() {
    let more = "
${ eqtr2d.1 $e |- ( ph -> A = B ) $.  eqtr2d.2 $e |- ( ph -> B = C ) $.  eqtr2d $a |- ( ph -> C = A ) $. $}
${ eqtr4d.1 $e |- ( ph -> A = B ) $.  eqtr4d.2 $e |- ( ph -> C = B ) $.  eqtr4d $a |- ( ph -> A = C ) $. $}
${ eqcomd.1 $e |- ( ph -> A = B ) $.  eqcomd $a |- ( ph -> B = A ) $. $}
";
    let theory = Theory::new(Arc::new(Database::load((SOURCE.to_owned() + more).into()).expect("it is read")));
    let moves = moves(&theory);
    let [m] = of(&moves, &theory, "eqtr4d")[..] else { panic!("one move") };
    let labels: Vec<&str> = m.readings.iter().map(|r| theory.label(r.premise)).collect();
    // Each twin is there twice: with the goal's sides exchanged, the parts are exchanged.
    assert_eq!(labels, ["eqtr", "eqtr", "eqtrd", "eqtrd", "eqtr2d", "eqtr2d", "eqtr4d", "eqtr4d"]);
    assert!(m.even && m.readings[0].since == 0 && m.readings[4..].iter().all(|r| r.since > 0));
    // An element is replaced by an equal one in either orientation: the equivalence, a side from the other, the
    // negation.
    assert_eq!(of(&moves, &theory, "eleq1").len(), 3);
    assert!(of(&moves, &theory, "eqcomd").is_empty());
    let [relation] = &moves.connectives.symmetries[..] else { panic!("one relation") };
    assert_eq!(relation.theorems.iter().map(|&p| theory.label(p)).collect::<Vec<_>>(), ["eqcom", "eqcomd"]);
    // The relation is available to what stands behind its first proof.
    let at = |label: &str| crate::metamath_db::ids::AssertionId(theory.find(label).expect("it is there").0);
    assert!(moves.connectives.before(at("eqcom")).symmetries.is_empty());
    assert_eq!(moves.connectives.before(at("eqtr")).symmetries.len(), 1);
}

#[test]
fn a_bare_consequent_takes_a_member_apart() {
    let theory = theory();
    let moves = moves(&theory);
    // The quantified formula is a member of Γ, or is proved like any antecedent.
    let [asked, spec] = of(&moves, &theory, "ax-sp")[..] else { panic!("two moves") };
    assert!(spec.takes.is_some() && spec.parts.is_empty());
    assert!(asked.takes.is_none() && asked.parts.len() == 1 && !asked.parts[0].restricted);
    let [_, exlim] = of(&moves, &theory, "exlimdv")[..] else { panic!("two moves") };
    assert!(exlim.parts[0].restricted);
    assert!(exlim.takes.is_some() && exlim.parts.len() == 1 && exlim.parts[0].inherits);
    assert_eq!(exlim.parts[0].added.len(), 1);
    // x must not occur in the context, nor in the conclusion.
    assert_eq!((exlim.apart.len(), exlim.disjoint.len()), (1, 1));
    assert_eq!(moves.before(0), 0);
}

/// The theory with copies of theorems as learned lemmas, which stand before all theorems.
pub(in crate::wake_sleep::inference) fn with_lemmas(theory: &Theory, labels: &[&str]) -> Theory {
    let mut out = theory.clone();
    for (label, n) in labels.iter().zip(1..) {
        let a = theory.db.source.assertion(label).unwrap_or_else(|| panic!("{label}"));
        let p = theory.premise(a.into()).unwrap_or_else(|| panic!("{label}"));
        out.lemmas.push(Lemma {
            name: format!("md{n}"),
            conclusion: p.conclusion,
            hyps: p.hyps.to_vec(),
            variables: p.variables.to_vec(),
            disjoint: p.disjoint.to_vec(),
            proof: theory.human_proof(a).unwrap_or_else(|| panic!("{label}")),
            block: 0,
        });
    }
    out
}

#[test]
fn a_lemma_is_a_twin_and_stands_before_the_theorem_that_says_the_same() {
    let plain = theory();
    let theory = with_lemmas(&plain, &["tfcl2"]);
    let later = theory.find("tfcl2").expect("it is there");
    // The moves that answer the goal of tfcl2 at its place.
    let found = |theory: &Theory| {
        let mut moves = moves(theory);
        let [number] = moves.by_premise[later.index()][..] else { panic!("one move") };
        let m = moves.all[number as usize].clone();
        let values: Vec<TermId> = m.variables.iter().map(|&v| moves.arena.variable(v)).collect();
        let goal = moves.arena.instantiate(m.goal, &values);
        let late = moves.before(later.0)..moves.before(theory.db.len() as u32);
        let mut out = Vec::new();
        moves.fitting(&moves.arena, goal, false, &late, &mut Query::default(), &mut out);
        let labels: Vec<String> = m.readings.iter().map(|r| theory.label(r.premise).to_owned()).collect();
        (labels, out.contains(&number))
    };
    assert_eq!(found(&plain), (vec!["tfcl2".to_owned()], false));
    assert_eq!(found(&theory), (vec!["tfcl2".to_owned(), "md1".to_owned()], true));
}
