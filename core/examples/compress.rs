//! Compresses the human proofs of databases: `compress FILE.mm [--price bytes|STEPS] [--threads N] [--no-share] [-o OUT.mm]`.
use metadream_core::compression::corpus::CorpusItem;
use metadream_core::compression::export::{database_text, share_rewritten};
use metadream_core::compression::learn::{learn, Options};
use metadream_core::compression::price::Price;
use metadream_core::dsl::library::{Proof, Theory};
use metadream_core::metamath_db::check::{check_source, knife_check};
use metadream_core::metamath_db::{database::Database, ids::AssertionId};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let mut options = Options::default();
    let mut files = Vec::new();
    let mut output = None;
    let mut share = true;
    while let Some(a) = args.next() {
        if a == "--price" {
            options.price = match args.next().as_deref() {
                Some("bytes") | None => Price::Bytes,
                Some(n) => Price::Steps { statement: n.parse().expect("a number of steps, or bytes") },
            };
        } else if a == "--threads" {
            options.threads = args.next().and_then(|n| n.parse().ok()).expect("a number of threads");
        } else if a == "--no-share" {
            share = false;
        } else if a == "-o" {
            output = args.next();
        } else {
            files.push(a);
        }
    }
    for f in files {
        compress(&f, &options, output.as_deref(), share);
    }
}

fn compress(file: &str, options: &Options, output: Option<&str>, share: bool) {
    let t0 = Instant::now();
    let db = Database::load(std::fs::read(file).expect("readable file")).expect("a good database");
    let mut theory = Theory::new(Arc::new(db));
    let mut steps = 0;
    let mut corpus: Vec<(CorpusItem, Proof)> = Vec::new();
    for i in 0..theory.db.len() {
        let a = AssertionId::from(i);
        if !theory.db.is_logical(a) {
            continue;
        }
        let Some(proof) = theory.human_proof(a) else { continue };
        let name = theory.db.source.label(a).to_owned();
        let block = theory.db.source.assertions[i].outer_block;
        steps += proof.len();
        corpus.push((CorpusItem { name, block, limit: a }, proof));
    }
    println!("{file}: {} proofs, loaded in {:.2} s", corpus.len(), t0.elapsed().as_secs_f64());
    let mut learned = learn(&mut theory, &corpus, options, &mut |_, _, _| true);
    let unshared = learned.report.steps_after;
    if share {
        share_rewritten(&theory, &corpus, &mut learned, options.threads);
    }
    let r = &learned.report;
    println!(
        "  lemmas {} gross {:.2} % net {:.2} %; first evaluation {:.1} s, all {:.1} s, {} evaluations; reused {} + {} steps; {:?}; shared {}, promised {:.0}",
        learned.lemmas.len(),
        100.0 * (1.0 - r.steps_after as f64 / steps as f64),
        100.0 * (1.0 - (r.steps_after + r.lemma_steps) as f64 / steps as f64),
        r.first_seconds,
        r.seconds,
        r.evaluations,
        r.reused_theorems,
        r.reused_lemmas,
        r.refusals,
        unshared - r.steps_after,
        r.promised
    );
    let t1 = Instant::now();
    let e = database_text(&theory, &corpus, &learned, options.threads).unwrap_or_else(|e| panic!("{e}"));
    println!(
        "  bytes {} -> {} + {} = {:+.2} %; {} proofs changed; written in {:.1} s, {:.1} s in all",
        e.bytes_before,
        e.proof_bytes,
        e.lemma_bytes,
        100.0 * ((e.proof_bytes + e.lemma_bytes) as f64 / e.bytes_before as f64 - 1.0),
        e.changed,
        t1.elapsed().as_secs_f64(),
        t0.elapsed().as_secs_f64()
    );
    let kernel = check_source(e.text.clone(), options.threads);
    let knife = knife_check(&e.text).map(|k| k.errors);
    println!(
        "  kernel accepts: {}, {} errors; metamath-rs errors: {knife:?}",
        kernel.accepted,
        kernel.errors + kernel.incomplete
    );
    if let Some(o) = output {
        std::fs::write(o, &e.text).expect("a writable file");
    }
}
