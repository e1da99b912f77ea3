//! The propositional closer alone on a database's theorems before a label: what it closes, how long, in how many steps.
//!
//!     cargo run --release --example propositional -- set.mm ax-gen 10
use metadream_core::dsl::theory::library::*;
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
use metadream_core::wake_sleep::closers::*;
use metadream_core::wake_sleep::ranking::ranker::usable_premises;
use std::collections::HashSet;

/// The premises that say what a task says.
fn same(theory: &Theory, task: &Task) -> HashSet<PremiseId> {
    let key = canonical_key(&theory.arena, task.goal, &task.hyps);
    let premises = (0..task.limit.0).map(PremiseId).filter_map(|p| Some((p, theory.premise(p)?)));
    premises.filter(|(_, x)| canonical_key(&theory.arena, x.conclusion, x.hyps) == key).map(|x| x.0).collect()
}

/// Prints a line for one theorem; whether it was closed, and the thread's CPU milliseconds.
fn attempt(theory: &Theory, closer: &dyn Closer, usable: &[bool], task: &Task, human: &Proof) -> (bool, f64) {
    let (same, mut arena) = (same(theory, task), theory.arena.clone());
    let allowed = |p: PremiseId| usable[p.index()] && theory.stands_before(p, task) && !same.contains(&p);
    let mut site = Site { theory, task, arena: &mut arena, allowed: &allowed };
    assert!(!closer.refutes(&[task.goal], &mut site), "a theorem is refuted: {}", task.name);
    let start = cpu_time::ThreadTime::now();
    let found = closer.close(task.goal, &mut site);
    let ms = start.elapsed().as_secs_f64() * 1e3;
    let name = &task.name;
    match &found {
        Some(p) => {
            theory.check_premises(task, p).expect("premises that stand before it");
            theory.elaborate(task, p, &mut arena).expect("a proof of the goal");
            println!("closed {name}: {} steps, the human proof {}, {ms:.2} ms", p.len(), human.len());
        }
        None => println!("open {name}: the human proof {}, {ms:.2} ms", human.len()),
    }
    (found.is_some(), ms)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let db = Database::load(std::fs::read(&args[1]).expect("readable")).expect("good file");
    let mut theory = Theory::new(std::sync::Arc::new(db));
    let mut arena = theory.arena.clone();
    let end = theory.db.source.assertion(&args[2]).expect("a label");
    let every = args[3].parse().expect("a number");
    let theorems = (0..end.0).map(AssertionId).filter(|&a| theory.db.is_logical(a));
    let tasks: Vec<(Task, Proof)> =
        theorems.filter_map(|a| Some((theory.task(a, &mut arena)?, theory.human_proof(a)?))).step_by(every).collect();
    theory.arena = arena; // tasks' terms
    let (usable, closers) = (usable_premises(&theory), closers(&theory));
    let closer = closers.iter().find(|c| c.name() == "propositional").expect("the propositional closer");
    let made: Vec<(bool, f64)> =
        tasks.iter().map(|(task, human)| attempt(&theory, closer.as_ref(), &usable, task, human)).collect();
    let mut times: Vec<f64> = made.iter().map(|x| x.1).collect();
    times.sort_by(f64::total_cmp);
    let closed = made.iter().filter(|x| x.0).count();
    let quantile = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!("{closed} of {} closed; ms: {:.2} {:.2} {:.2}", made.len(), quantile(0.5), quantile(0.9), quantile(1.0));
}
