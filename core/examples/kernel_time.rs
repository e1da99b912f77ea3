//! Times the kernel beside metamath-rs's passes: `kernel_time FILE`.
use metadream_core::metamath_db::judges::kernel;
use metadream_core::metamath_db::reader::Source;
use metamath_rs::database::{Database, DbOptions};
use std::time::Instant;

/// Processor time of this thread, in seconds (Linux; 0 elsewhere).
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

fn main() {
    let path = std::env::args().nth(1).expect("a .mm file");
    let bytes = std::fs::read(&path).expect("readable");
    let t = Instant::now();
    let source = Source::read(bytes.clone()).unwrap_or_else(|e| panic!("{path}:{e}"));
    println!("read {:.3} s", t.elapsed().as_secs_f64());
    let t = Instant::now();
    let k = kernel::Kernel::new(&source);
    println!("templates {:.3} s", t.elapsed().as_secs_f64());
    drop(k);
    for threads in [1, 2, 1, 2] {
        let c = cpu();
        let r = kernel::verify_all(&source, threads);
        println!("this thread's processor time {:.3} s", cpu() - c);
        println!(
            "kernel {threads}: {:.3} s, {} theorems, {} steps, {} errors",
            r.seconds,
            r.theorems,
            r.steps,
            r.errors.len()
        );
        for e in r.errors.iter().take(3) {
            let (line, column) = source.place(e.offset);
            println!("  {line}:{column} {} step {}: {}", source.label(e.theorem), e.step, e.message(&source));
        }
    }
    let t = Instant::now();
    let mut db = Database::new(DbOptions { autosplit: false, incremental: false, jobs: 1, ..Default::default() });
    db.parse("x".into(), vec![("x".into(), bytes)]);
    println!("metamath-rs parse {:.3} s", t.elapsed().as_secs_f64());
    let t = Instant::now();
    db.name_pass();
    db.scope_pass();
    println!("name+scope {:.3} s", t.elapsed().as_secs_f64());
    let (t, c) = (Instant::now(), cpu());
    db.verify_pass();
    println!("this thread's processor time {:.3} s", cpu() - c);
    println!("verify {:.3} s, {} diagnostics", t.elapsed().as_secs_f64(), db.diag_notations().len());
}
