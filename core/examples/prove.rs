//! Trains the first stage on one part of a database's proofs and measures recall and search on another.
use metadream_core::dsl::theory::library::*;
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
use metadream_core::wake_sleep::ranking::examples::*;
use metadream_core::wake_sleep::ranking::nats::*;
use metadream_core::wake_sleep::ranking::ranker::*;
use metadream_core::wake_sleep::search::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let b = std::fs::read(&args[1]).expect("readable");
    let (n_test, expansions, epochs): (usize, u64, usize) =
        (args[2].parse().unwrap(), args[3].parse().unwrap(), args[4].parse().unwrap());
    let t = Instant::now();
    let th = Theory::new(std::sync::Arc::new(Database::load(b).expect("good file")));
    let mut arena = th.arena.clone();
    let mut all: Vec<AssertionId> = (0..th.db.len())
        .map(AssertionId::from)
        .filter(|&a| th.db.is_logical(a) && th.db.source.assertions[a.index()].proof.is_some())
        .collect();
    let mut r = Random(7);
    for i in (1..all.len()).rev() {
        all.swap(i, r.below(i + 1));
    }
    let pairs: Vec<(Task, Proof)> =
        all.iter().filter_map(|&a| Some((th.task(a, &mut arena)?, th.human_proof(a)?))).collect();
    let mut theory = th.clone();
    theory.arena = arena; // tasks' terms
    let (test, train) = pairs.split_at(n_test);
    let usable = usable_premises(&theory);
    println!("loaded {:?} {} theorems", t.elapsed(), pairs.len());
    let t = Instant::now();
    let index = premise_index(&theory, &|p| usable[p.index()]);
    println!("index {:?}", t.elapsed());
    let t = Instant::now();
    let mut ranker = Ranker::new(&theory, Ranker::bits_for(&theory));
    let rep = ranker.fit(&theory, &index, train, epochs, 1);
    ranker.temperature = 1.5;
    println!("fit {rep:?} {:?}", t.elapsed());
    let habits = Habits::new(&theory, train);
    let t = Instant::now();
    let (theory, ranker, habits) =
        (std::sync::Arc::new(theory), std::sync::Arc::new(ranker), std::sync::Arc::new(habits));
    let prepared = Prepared::new(theory.clone(), ranker.clone(), habits, &usable);
    println!("prepared {:?}", t.elapsed());
    let t = Instant::now();
    let rc = recall(&ranked(&prepared, &theory, test));
    let p = |k: usize| 100.0 * rc.at[k] as f64 / rc.steps as f64;
    println!("recall {:.1} {:.1} {:.1} nll {:.3} of {} {:?}", p(0), p(1), p(2), rc.nll, rc.steps, t.elapsed());
    let mut arena = theory.arena.clone();
    let (mut solved, mut ex, mut ap, mut sec) = (0, 0, 0, 0.0);
    let mut by = [(0, 0); 6];
    let mut why = std::collections::BTreeMap::new();
    for (task, proof) in test {
        let o = Options { expansions, ..Options::default() };
        let res = prepared.search(task, &o, &mut arena);
        let b = match proof.len() {
            0..=2 => 0,
            3..=5 => 1,
            6..=10 => 2,
            11..=20 => 3,
            21..=50 => 4,
            _ => 5,
        };
        by[b].1 += 1;
        *why.entry(res.reason.name()).or_insert(0) += 1;
        if res.proof.is_some() {
            solved += 1;
            by[b].0 += 1;
        }
        ex += res.expansions;
        ap += res.applications;
        sec += res.seconds;
    }
    println!(
        "solved {solved}/{} {by:?} {why:?} {:.0} exp/s {:.0} app/s {:.2}s a task",
        test.len(),
        ex as f64 / sec,
        ap as f64 / sec,
        sec / test.len() as f64
    );
}
