//! Loads databases and prints what was found and how long it took.
fn main() {
    for f in std::env::args().skip(1) {
        let b = std::fs::read(&f).expect("readable file");
        match metadream_core::metamath_db::database::Database::load(b) {
            Ok(db) => {
                println!(
                    "{f} {} assertions, {} terms, {} nodes {} MB, unparsed {}, ambiguous {}, undecoded {}, {:?}",
                    db.len(),
                    db.arena.len(),
                    db.proofs.labels.len(),
                    db.proofs.bytes() >> 20,
                    db.unparsed.len(),
                    db.ambiguous,
                    db.proofs.errors.len(),
                    db.seconds
                );
                for a in db.unparsed.iter().take(5) {
                    println!("  unparsed {}", db.source.label(*a));
                }
                let t = std::time::Instant::now();
                let mut arena = db.arena.clone();
                let n = arena.len();
                let (mut bad, mut differ, mut steps) = (0, 0, 0);
                for i in 0..db.len() {
                    let a = metadream_core::metamath_db::ids::AssertionId::from(i);
                    if db.proofs.nodes[i].is_empty() {
                        continue;
                    }
                    match db.steps(a, &mut arena) {
                        Ok(s) => {
                            steps += db.proof_length(a);
                            let v = db.own_values(a, &mut arena);
                            let c = db.scheme(a).conclusion;
                            if c.map(|c| arena.instantiate(c, &v)) != s.last().copied() {
                                differ += 1;
                                if differ < 4 {
                                    println!("  differs {}", db.source.label(a));
                                }
                            }
                        }
                        Err(e) => {
                            bad += 1;
                            if bad < 4 {
                                println!("  step {} {e:?}", db.source.label(a));
                            }
                        }
                    }
                    arena.truncate(n);
                }
                println!("  replay {:?} bad {bad} differ {differ} logical steps {steps}", t.elapsed());
            }
            Err(e) => println!("{f}:{e}"),
        }
    }
}
