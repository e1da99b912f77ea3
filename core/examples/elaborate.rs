//! Elaborates all human proofs of a database from their labels alone.
use metadream_core::dsl::library::*;
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
fn main() {
    let b = std::fs::read(std::env::args().nth(1).expect("file")).expect("readable");
    let th = Theory::new(std::sync::Arc::new(Database::load(b).expect("good file")));
    let t = std::time::Instant::now();
    let mut arena = th.arena.clone();
    let n = arena.len();
    let (mut good, mut bad) = (0, 0);
    for i in 0..th.db.len() {
        let a = AssertionId::from(i);
        if !th.db.is_logical(a) {
            continue;
        }
        let Some(p) = th.human_proof(a) else { continue };
        let task = th.task(a, &mut arena).expect("tree");
        match th.elaborate(&task, &p, &mut arena) {
            Ok(_) => good += 1,
            Err(e) => {
                bad += 1;
                if bad < 6 {
                    println!("{}: {e}", task.name);
                }
            }
        }
        arena.truncate(n);
    }
    println!("good {good} bad {bad} {:?}", t.elapsed());
}
