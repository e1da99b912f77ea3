//! Search and machine agree, and search is repeatable, on the starter database.

use metadream_core::dsl::library::{PremiseId, Theory};
use metadream_core::dsl::log::Origin;
use metadream_core::dsl::unify::{self, VecBindings};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::{AssertionId, TermId};
use metadream_core::metamath_db::unify::Bindings;
use metadream_core::wake_sleep::examples::{rename, Habits};
use metadream_core::wake_sleep::ranker::{premise_index, usable_premises, Ranker};
use metadream_core::wake_sleep::search::{Options, Prepared, SearchResult, StopReason};
use std::path::Path;
use std::sync::Arc;

fn starter() -> Theory {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../metamath_db/starter.mm");
    let text = std::fs::read(path).expect("starter.mm");
    Theory::new(Arc::new(Database::load(text).expect("good file")))
}

fn conclusions(theory: &Theory) -> Vec<(PremiseId, TermId, u32)> {
    (0..theory.len() as u32)
        .map(PremiseId)
        .filter_map(|p| theory.premise(p).map(|x| (p, x.conclusion, x.variables.len() as u32)))
        .collect()
}

/// The bulk unification of the search and the machine's give the same answer and the same term, for every pair of
/// the starter's statements; and the index finds every premise that unifies.
#[test]
fn bulk_unification_and_the_machines_agree() {
    let theory = starter();
    let all = conclusions(&theory);
    let index = premise_index(&theory, &|_| true);
    let mut arena = theory.arena.clone();
    let base = arena.len();
    let (mut same, mut bulk) = (0, Bindings::default());
    for &(p, goal, n) in all.iter().step_by(3) {
        let mut found = Vec::new();
        index.query(&arena, goal, &mut Default::default(), &mut found);
        for &(q, conclusion, m) in &all {
            bulk.reset((n + m) as usize);
            let fits = bulk.unify(&arena, (goal, 0), (conclusion, n));
            let apart: Vec<TermId> = (0..m).map(|i| arena.meta(n + i)).collect();
            let shifted = arena.instantiate(conclusion, &apart);
            let mut one = VecBindings::new();
            let agrees = unify::unify(&arena, &mut one, goal, shifted).is_ok();
            assert_eq!(fits, agrees, "{} and {}", theory.label(p), theory.label(q));
            assert!(!fits || found.contains(&q.0), "the index misses {} for {}", theory.label(q), theory.label(p));
            if fits {
                let (x, y) = (bulk.resolve(&mut arena, (goal, 0)), unify::resolve(&mut arena, &one, goal));
                let (x, y) =
                    (rename(&mut arena, x, &mut Default::default()), rename(&mut arena, y, &mut Default::default()));
                assert_eq!(x, y, "{} and {}", theory.label(p), theory.label(q));
                same += 1;
            }
        }
        arena.truncate(base);
    }
    assert!(same > 1000, "{same}");
}

fn searched(theory: &Arc<Theory>, expansions: u64) -> Vec<SearchResult> {
    let usable = usable_premises(theory);
    let habits = Habits::new(theory, &[]);
    let mut ranker = Ranker::new(theory, 12, 1);
    ranker.embedding.fill(0.0);
    let prepared = Prepared::new(theory.clone(), Arc::new(ranker), Arc::new(habits), &usable);
    let options = Options { expansions, ..Options::default() };
    let mut arena = prepared.arena();
    let mut out = Vec::new();
    for i in (0..theory.db.len()).map(AssertionId::from) {
        if !theory.db.is_logical(i) || theory.is_proved(i.into()) {
            continue;
        }
        let task = theory.task(i, &mut arena).expect("tree");
        let result = prepared.search(&task, &options, &mut arena);
        if let Some(proof) = &result.proof {
            let run = theory.run_proof(&task, proof, &mut arena, Origin::default());
            assert!(run.is_ok_and(|r| r.judged.verdict.accepted()), "{}", task.name);
        }
        out.push(result);
        arena.truncate(theory.arena.len());
    }
    out
}

#[test]
fn search_is_repeatable_within_its_budget_and_its_proofs_run() {
    let theory = Arc::new(starter());
    let (first, second) = (searched(&theory, 150), searched(&theory, 150));
    for (a, b) in first.iter().zip(&second) {
        assert_eq!((&a.proof, a.reason, a.expansions), (&b.proof, b.reason, b.expansions));
        assert!(a.expansions <= 150 && (a.reason == StopReason::Solved) == a.proof.is_some());
    }
    assert!(first.iter().filter(|r| r.proof.is_some()).count() > 60);
}
