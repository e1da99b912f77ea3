//! Search and machine agree, and search is repeatable, on the starter database.

use metadream_core::dsl::formulas::unify;
use metadream_core::dsl::formulas::unify::VecBindings;
use metadream_core::dsl::log::replay::Replay;
use metadream_core::dsl::log::{Origin, Record};
use metadream_core::dsl::theory::library::{PremiseId, Proof, Rule, Task, Theory};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::{AssertionId, TermId};
use metadream_core::metamath_db::terms::unify::Bindings;
use metadream_core::wake_sleep::ranking::examples::{rename, Habits};
use metadream_core::wake_sleep::ranking::ranker::{premise_index, usable_premises, Ranker};
use metadream_core::wake_sleep::ranking::skeletons::Skeletons;
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

/// The log of a proof's run gives its workspace and its terms again, from the theory alone.
fn replays(theory: &Theory, mut log: &[u8]) {
    let mut arena = theory.arena.clone();
    let mut replay = Replay::with_arena(&mut arena);
    while !log.is_empty() {
        let (record, n) = Record::read(log).expect("a record");
        replay.apply(record).expect("it fits");
        log = &log[n..];
    }
    assert_eq!((replay.begun, replay.ended), (1, 1));
}

/// Searches all statements of the starter that have no proof; `known`: proofs whose skeletons are replayed. Each proof
/// is run and judged.
fn searched(theory: &Arc<Theory>, options: &Options, known: &[(Task, Proof)]) -> Vec<(Task, SearchResult)> {
    let usable = usable_premises(theory);
    let habits = Habits::new(theory, &[]);
    let ranker = Ranker::new(theory, 12);
    let mut arena = theory.arena.clone();
    let mut tasks = Vec::new();
    for i in (0..theory.db.len()).map(AssertionId::from) {
        if theory.db.is_logical(i) && !theory.is_proved(i.into()) {
            tasks.push(theory.task(i, &mut arena).expect("tree"));
        }
    }
    let mut grown = (**theory).clone();
    grown.arena = arena.clone();
    let skeletons = (!known.is_empty()).then(|| Arc::new(Skeletons::new(&grown, &ranker, known)));
    let prepared = Prepared::new(theory.clone(), Arc::new(ranker), Arc::new(habits), &usable).with_skeletons(skeletons);
    let mut arena = prepared.arena();
    let search = |known: Task| {
        let task = theory.find_task(&known.name, &mut arena).expect("tree");
        let result = prepared.search(&task, options, &mut arena);
        if let Some(proof) = &result.proof {
            let run = theory.run_proof(&task, proof, &mut arena, Origin::default(), None);
            let run = run.unwrap_or_else(|e| panic!("{}: {e}", task.name));
            assert!(run.judged.verdict.accepted(), "{}", task.name);
            replays(theory, &run.log);
        }
        arena.truncate(theory.arena.len());
        (known, result)
    };
    tasks.into_iter().map(search).collect()
}

fn within(expansions: u64) -> Options {
    Options { expansions, ..Options::default() }
}

fn repeatable(theory: &Arc<Theory>, options: &Options, known: &[(Task, Proof)]) -> Vec<(Task, SearchResult)> {
    let (first, second) = (searched(theory, options, known), searched(theory, options, known));
    for ((_, a), (_, b)) in first.iter().zip(&second) {
        assert_eq!((&a.proof, a.reason, a.expansions), (&b.proof, b.reason, b.expansions));
        assert!(a.expansions <= options.expansions && (a.reason == StopReason::Solved) == a.proof.is_some());
    }
    first
}

fn solved(results: &[(Task, SearchResult)]) -> usize {
    results.iter().filter(|r| r.1.proof.is_some()).count()
}

#[test]
fn search_is_repeatable_within_its_budget_and_its_proofs_run() {
    let theory = Arc::new(starter());
    assert!(solved(&repeatable(&theory, &within(150), &[])) > 60);
}

/// How many of a goal's premises are kept is a matter of memory alone.
#[test]
fn search_is_the_same_however_few_candidates_are_kept() {
    let theory = Arc::new(starter());
    let known = |results: Vec<(Task, SearchResult)>| -> Vec<_> {
        let of = |(task, r): (Task, SearchResult)| {
            let cost = r.frontier.map(|f| (f.cost, f.proof, f.open));
            (task.name, r.proof, r.reason, r.expansions, r.applications, r.clusters, cost)
        };
        results.into_iter().map(of).collect()
    };
    let kept =
        |kept| known(searched(&theory, &Options { kept, frontier: true, analogues_after: 3, ..within(100) }, &[]));
    let all = kept(usize::MAX);
    assert_eq!(all, kept(5));
    assert_eq!(all, kept(32));
}

/// A search without any other bound ends at that on memory, at the same place each time.
#[test]
fn search_ends_at_its_bound_on_memory() {
    let theory = Arc::new(starter());
    let options = Options { memory_bytes: 300_000, closers: false, ..within(u64::MAX) };
    let results = repeatable(&theory, &options, &[]);
    let ended: Vec<u64> = results.iter().filter(|r| r.1.reason == StopReason::Memory).map(|r| r.1.expansions).collect();
    assert!(ended.len() > 5 && ended.iter().all(|&n| n > 10), "{ended:?}");
}

/// Level-2 composites: what they put into the graph is searched, bounded and judged like all else.
#[test]
fn skeletons_prove_more_and_nothing_wrong() {
    let theory = Arc::new(starter());
    let bare = searched(&theory, &within(150), &[]);
    let known: Vec<(Task, Proof)> = bare.iter().filter_map(|(t, r)| Some((t.clone(), r.proof.clone()?))).collect();
    let soon = Options { replay_after: 50, ..within(150) };
    let replayed = repeatable(&theory, &soon, &known);
    assert!(replayed.iter().any(|r| r.1.replayed > 0));
    assert!(solved(&replayed) > solved(&bare), "{} and {}", solved(&replayed), solved(&bare));
    // what proofs owe to skeletons
    let owed: Vec<u64> = replayed.iter().flat_map(|r| &r.1.reuse.skeletons).map(|x| x.1).collect();
    assert!(!owed.is_empty() && owed.iter().all(|&n| n > 0));
    for (task, result) in &replayed {
        let steps = result.proof.as_ref().map_or(0, Proof::len) as u64;
        assert!(result.reuse.skeletons.iter().map(|x| x.1).sum::<u64>() <= steps, "{}", task.name);
    }
    assert!(bare.iter().all(|r| r.1.reuse.skeletons.is_empty()));
}

/// What skeletons put into the graph is not followed for nothing: neither against the ranker nor again and again.
#[test]
fn steps_of_skeletons_are_doubted_and_wear_out() {
    let theory = Arc::new(starter());
    let known = searched(&theory, &within(150), &[]);
    let known: Vec<(Task, Proof)> = known.into_iter().filter_map(|(t, r)| Some((t, r.proof?))).collect();
    let of = |replay_discount: f32, visit_penalty: i32| {
        let options = Options { replay_after: 50, replay_discount, visit_penalty, ..within(150) };
        let made = searched(&theory, &options, &known);
        made.iter().map(|r| (r.1.expansions, r.1.applications)).collect::<Vec<_>>()
    };
    let (neither, doubted, wearied) = (of(0.0, 0), of(1.0, 0), of(0.0, 4096));
    assert_ne!(neither, doubted);
    assert_ne!(neither, wearied);
    assert_ne!(doubted, wearied);
}

/// A premise's hypotheses that only name something do not stay open: a hypothesis of the task gives the name, or the
/// thing is its own; and a name that is known finds what it stands for.
#[test]
fn hypotheses_that_name_something_close_at_once() {
    let text = "$c |- wff class = ( ) F G $. $v A B C D $.
        ca $f class A $. cb $f class B $. cc $f class C $. cd $f class D $.
        wceq $a wff A = B $. cf $a class ( F A ) $. cg $a class ( G A ) $.
        eqid $a |- A = A $.
        ${ p.1 $e |- B = ( F A ) $. p.2 $e |- C = ( G B ) $. p $a |- ( F A ) = ( F ( G A ) ) $. $}
        ${ t.1 $e |- D = ( F A ) $. t $p |- ( F A ) = ( F ( G A ) ) $= ? $. $}
        ${ q.1 $e |- A = ( F B ) $. q.2 $e |- C = ( G B ) $. q $a |- ( G A ) = A $. $}
        ${ u.1 $e |- D = ( F B ) $. u $p |- ( G D ) = D $= ? $. $}";
    let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).expect("good file"))));
    let found = searched(&theory, &within(2), &[]);
    let rules = |name: &str| -> Vec<Rule> {
        let (_, result) = found.iter().find(|r| r.0.name == name).expect("a task");
        result.proof.as_ref().expect("a proof").steps.iter().map(|s| s.rule).collect()
    };
    let premise = |name: &str| Rule::Premise(theory.find(name).expect("a premise"));
    assert_eq!(rules("t"), [Rule::Hyp(0), premise("eqid"), premise("p")]);
    assert_eq!(rules("u"), [Rule::Hyp(0), premise("eqid"), premise("q")]);
}
