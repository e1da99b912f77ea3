//! Human proofs as content proofs, written out again and judged: on demand, on a large database.

use metadream_core::compression::reuse::size::{Frame, Sizer};
use metadream_core::dsl::theory::library::{PremiseId, Proof, Task, Theory};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::AssertionId;
use metadream_core::metamath_db::terms::term::Arena;
use metadream_core::wake_sleep::closers::Tables;
use metadream_core::wake_sleep::inference::glue::Glue;
use metadream_core::wake_sleep::inference::moves::readings::Moves;
use metadream_core::wake_sleep::inference::training::translate::Translator;
use metadream_core::wake_sleep::inference::write::Writer;
use std::sync::Arc;
use std::time::Instant;

fn bytes(theory: &Theory, task: &Task, proof: &Proof, arena: &mut Arena) -> usize {
    let steps = theory.elaborate(task, proof, arena).expect("it fits");
    let formulas = task.hyps.iter().chain([&task.goal]);
    let mut variables: Vec<_> = formulas.flat_map(|&t| arena.variables(t)).collect();
    variables.sort_unstable();
    variables.dedup();
    let frame = Frame::lemma(&variables, task.hyps.len(), theory.position(task));
    let root = (steps.len() as u32 - 1, steps.len());
    Sizer::default().measure(theory, arena, root, |n| &steps[n as usize], &frame).expect("a proof").bytes()
}

fn quantiles(mut all: Vec<f64>) -> String {
    all.sort_by(f64::total_cmp);
    let at = |q: usize| all.get((all.len() - 1) * q / 20).copied().unwrap_or(0.0);
    [1, 5, 10, 15, 19].map(|q| format!("{:.3}", at(q))).join(" ")
}

/// Every `WRITING_STEP`-th human proof: translated, written, compared with the human one. Run it on demand:
/// `WRITING_DATABASE=set.mm cargo test --release --test writing -- --ignored --nocapture`.
#[test]
#[ignore = "needs a large database"]
fn human_proofs_are_written_again() {
    let path = std::env::var("WRITING_DATABASE").expect("WRITING_DATABASE is the path of a database");
    let number = |name: &str, default: usize| std::env::var(name).map_or(default, |s| s.parse().expect("a number"));
    let (step, first) = (number("WRITING_STEP", 400), number("WRITING_FIRST", 17));
    let theory = Theory::new(Arc::new(Database::load(std::fs::read(path).expect("a file")).expect("good file")));
    let discouraged = |p: PremiseId| theory.comment(p).is_some_and(|c| c.contains("(New usage is discouraged.)"));
    let usable = |p: PremiseId| theory.is_proved(p) && !discouraged(p);
    let tables = Tables::new(&theory);
    let moves = Moves::new(&theory, &tables, &|p| usable(p));
    let glue = Glue::new(&theory, &|p| usable(p));
    let translator = Translator::new(&theory, &moves, &tables);
    let mut arena = moves.arena.clone();
    let (mut tried, mut translated, mut failed, mut ratios, mut seconds) = (0, 0, 0, Vec::new(), Vec::new());
    for a in (first..theory.db.len()).step_by(step).map(AssertionId::from) {
        let before = arena.len();
        let label = theory.db.source.label(a);
        if std::env::var("WRITING_ONLY").is_ok_and(|o| !o.split(',').any(|x| x == label)) {
            continue;
        }
        let human = theory.human_proof(a).filter(|_| theory.db.is_logical(a) && !discouraged(a.into()));
        let Some((human, task)) = human.zip(theory.task(a, &mut arena)) else { continue };
        if human.is_empty() || !human.premises().all(&usable) {
            continue;
        }
        tried += 1;
        if let Some(content) = translator.translate(&task, &human, &mut arena) {
            translated += 1;
            let allowed = |p: PremiseId| theory.stands_before(p, &task);
            let writer = Writer { theory: &theory, moves: &moves, glue: &glue, task: &task, allowed: &allowed };
            let begun = Instant::now();
            let written = writer.write(&content, &mut arena);
            let took = begun.elapsed().as_secs_f64() * 1e3;
            let old = bytes(&theory, &task, &human, &mut arena);
            let (steps, nodes) = (human.len(), content.nodes.len());
            match written {
                Ok(written) => {
                    let judged = theory.judge(&task, &written.proof, &mut arena).expect("it fits");
                    assert!(judged.verdict.accepted(), "{label}");
                    let (new, ratio) = (written.size.bytes(), written.size.bytes() as f64 / old as f64);
                    println!("{label:20} {steps:4} steps {nodes:4} nodes {old:5} -> {new:5} {ratio:5.2} {took:8.1} ms");
                    if ratio > 1.2 && std::env::var("WRITING_SHOW").is_ok() {
                        let labels = |p: &Proof| p.premises().map(|p| theory.label(p)).collect::<Vec<_>>().join(" ");
                        println!("   {}\n   {}", labels(&human), labels(&written.proof));
                    }
                    ratios.push(ratio);
                    seconds.push(took);
                }
                Err(why) => {
                    failed += 1;
                    println!("{label:20} {steps:4} steps {nodes:4} nodes: {why} {took:8.1} ms");
                }
            }
        }
        arena.truncate(before);
    }
    println!("{tried} tried, {translated} translated, {failed} not written");
    println!("bytes / human bytes: {}", quantiles(ratios));
    println!("ms: {}", quantiles(seconds));
}
