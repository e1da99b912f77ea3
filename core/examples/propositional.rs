//! Closes a database's theorems before a label by the propositional closer alone, and says which stay open.
use metadream_core::dsl::library::*;
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
use metadream_core::wake_sleep::{closers::*, ranker::*};
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let db = Database::load(std::fs::read(&args[1]).expect("readable")).expect("good file");
    let th = Theory::new(std::sync::Arc::new(db));
    let end = th.db.source.assertion(&args[2]).expect("a label");
    let stride: usize = args[3].parse().expect("a number");
    let mut arena = th.arena.clone();
    let usable = usable_premises(&th);
    let t = Instant::now();
    let closers = closers(&th);
    println!("prepared {:?}", t.elapsed());
    let (mut n, mut closed, mut steps, mut human, mut invalid, mut bad) = (0, 0, 0, 0, 0, 0);
    let mut times = Vec::new();
    let only = std::env::var("ONLY").ok();
    for i in (0..end.0).filter(|i| th.db.source.assertions[*i as usize].proof.is_some()).step_by(stride) {
        let Some(task) = th.task(AssertionId(i), &mut arena) else { continue };
        let Some(proof) = th.human_proof(AssertionId(i)) else { continue };
        if only.as_ref().is_some_and(|o| *o != task.name) {
            continue;
        }
        let key = canonical_key(&arena, task.goal, &task.hyps);
        let mut same = std::collections::HashSet::new();
        for p in (0..i).map(PremiseId) {
            if let Some(x) = th.premise(p) {
                if canonical_key(&th.arena, x.conclusion, x.hyps) == key {
                    same.insert(p.0);
                }
            }
        }
        let allowed = |p: PremiseId| usable[p.index()] && th.stands_before(p, &task) && !same.contains(&p.0);
        let mut site = Site { theory: &th, task: &task, arena: &mut arena, allowed: &allowed };
        n += 1;
        if closers.iter().any(|c| c.refutes(&[task.goal], &mut site)) {
            invalid += 1;
        }
        let t = Instant::now();
        let found = closers.iter().find_map(|c| c.close(task.goal, &mut site));
        let s = t.elapsed().as_secs_f64();
        times.push((s, found.is_some()));
        match found {
            Some(p) => {
                if p.steps.iter().any(|s| matches!(s.rule, Rule::Premise(q) if !allowed(q)))
                    || th.elaborate(&task, &p, &mut arena).is_err()
                {
                    bad += 1;
                    println!("BAD {}", task.name);
                }
                closed += 1;
                steps += p.len();
                human += proof.len();
                println!("closed {} {} human {} {:.2} ms", task.name, p.len(), proof.len(), s * 1e3);
            }
            None => println!(
                "open {} human {} {:.2} ms  {}",
                task.name,
                proof.len(),
                s * 1e3,
                th.db.show(&arena, task.goal)
            ),
        }
        arena.truncate(th.arena.len());
    }
    let q = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        [v[v.len() / 2], v[v.len() * 9 / 10], v[v.len() - 1]].map(|x| x * 1e3)
    };
    println!("{closed} of {n} closed, steps {steps} human {human}, refuted {invalid}, bad {bad}");
    println!(
        "ms closed {:?} open {:?}",
        q(times.iter().filter(|x| x.1).map(|x| x.0).collect()),
        q(times.iter().filter(|x| !x.1).map(|x| x.0).collect())
    );
}
