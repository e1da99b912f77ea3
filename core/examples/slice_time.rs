//! Judges every theorem of a database as a slice: `slice_time FILE [EVERY]`.
use metadream_core::metamath_db::judges::slice;
use metadream_core::metamath_db::reader::Source;
use std::time::Instant;

fn main() {
    let path = std::env::args().nth(1).expect("a .mm file");
    let every: usize = std::env::args().nth(2).map_or(1, |s| s.parse().expect("a number"));
    let source = Source::read(std::fs::read(&path).expect("readable")).unwrap_or_else(|e| panic!("{path}:{e}"));
    let (mut times, mut refused) = (Vec::new(), 0);
    for a in (0..source.assertions.len()).step_by(every) {
        let t = Instant::now();
        let Some(theorem) = slice::Theorem::of(&source, a.into()) else { continue };
        let verdict = slice::judge(&source, &theorem, &[]);
        times.push(t.elapsed().as_secs_f64() * 1e3);
        if !verdict.accepted() {
            refused += 1;
            if refused <= 5 {
                println!("{}: {verdict:?}", source.label(a.into()));
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let n = times.len();
    let sum: f64 = times.iter().sum();
    println!(
        "{n} slices, {refused} refused, mean {:.3} ms, median {:.3}, p99 {:.3}, {:.0}/s",
        sum / n as f64,
        times[n / 2],
        times[n * 99 / 100],
        n as f64 / sum * 1e3
    );
}
