//! Missed uses in a database's proofs: `shorten FILE [LIMIT] [THREADS]`.
use metadream_core::compression::reuse::missed::{Missed, Options};
use metadream_core::dsl::theory::library::Theory;
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a .mm file");
    let limit = args.next().map_or(usize::MAX, |n| n.parse().expect("a number"));
    let threads = args.next().map_or(2, |n| n.parse().expect("a number"));
    let db = Database::load(std::fs::read(&path).expect("readable")).unwrap_or_else(|e| panic!("{path}:{e}"));
    let theory = Theory::new(Arc::new(db));
    let start = Instant::now();
    let missed = Missed::new(&theory, Options::default());
    let all: Vec<AssertionId> = (0..theory.db.len()).map(AssertionId::from).filter(|&a| missed.may_change(a)).collect();
    let step = (all.len() / limit.max(1)).max(1);
    let mut all: Vec<AssertionId> = all.into_iter().step_by(step).collect();
    if let Ok(label) = std::env::var("ONLY") {
        all = vec![theory.db.source.assertion(&label).expect("a label")];
    }
    println!("{} theorems, index in {:.1} s", all.len(), start.elapsed().as_secs_f64());
    let start = Instant::now();
    let found = missed.all(&all, threads, |&a, w| {
        let t0 = Instant::now();
        (missed.theorem(a, w).map(|s| (s.before, s.after, s.shared, s.used.len())), t0.elapsed().as_secs_f64())
    });
    let seconds = start.elapsed().as_secs_f64();
    let changed: Vec<_> = found.iter().filter_map(|f| f.0).collect();
    let sum = |f: &dyn Fn(&(_, _, usize, usize)) -> usize| changed.iter().map(f).sum::<usize>();
    println!(
        "{} changed, steps {} -> {}, bytes {} -> {}, shared {}, used {}, {seconds:.1} s",
        changed.len(),
        sum(&|c: &(metadream_core::compression::reuse::size::Size, _, _, _)| c.0.steps),
        sum(&|c: &(_, metadream_core::compression::reuse::size::Size, _, _)| c.1.steps),
        sum(&|c| c.0.bytes()),
        sum(&|c| c.1.bytes()),
        sum(&|c| c.2),
        sum(&|c| c.3),
    );
    let mut slow: Vec<_> = found.iter().zip(&all).map(|(f, a)| (f.1, theory.db.source.label(*a))).collect();
    slow.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("slowest: {:?}", &slow[..slow.len().min(8)]);
}
