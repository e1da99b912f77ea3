//! Whole databases: every statement has a tree, every proof replays to its statement's tree, every human proof
//! follows from its labels alone. The repository's own files always; those in `METADREAM_DATABASES` (a folder) too.

use metadream_core::dsl::theory::library::{ElaborateError, Theory};
use metadream_core::metamath_db::database::Database;
use metadream_core::metamath_db::ids::AssertionId;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn databases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = vec![root.join("../metamath_db/starter.mm")];
    if let Ok(folder) = std::env::var("METADREAM_DATABASES") {
        for name in ["set", "iset", "nf", "ql", "hol"] {
            out.push(Path::new(&folder).join(format!("{name}.mm")));
        }
    }
    out
}

fn load(path: &Path) -> Database {
    let text = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Database::load(text).unwrap_or_else(|e| panic!("{}:{e}", path.display()))
}

const SMALL: &str = "$c ( ) -> wff |- $. $v p q r $. wp $f wff p $. wq $f wff q $. wr $f wff r $.
    wi $a wff ( p -> q ) $. ${ min $e |- p $. maj $e |- ( p -> q ) $. mp $a |- q $. $}
    ax-1 $a |- ( p -> ( q -> p ) ) $.
    ax-2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
    ${ a1i.1 $e |- p $. a1i $p |- ( q -> p ) $= wp wq wp wi a1i.1 wp wq ax-1 mp $. $}
    id $p |- ( p -> p ) $= wp wp wp wi wi wp wp wi wp wp ax-1 wp wp wp wi wp wi wi wp wp wp wi wi wp wp wi wi wp wp
      wp wi ax-1 wp wp wp wi wp ax-2 mp mp $.";

fn replays(db: Database) {
    assert!(db.unparsed.is_empty(), "no tree: {}", db.source.label(db.unparsed[0]));
    assert_eq!(db.ambiguous, 0);
    let theory = Theory::new(Arc::new(db));
    let mut arena = theory.arena.clone();
    let base = arena.len();
    for i in 0..theory.db.len() {
        let a = AssertionId::from(i);
        if theory.db.proofs.nodes[i].is_empty() {
            continue;
        }
        let label = theory.db.source.label(a);
        let steps = theory.db.steps(a, &mut arena).unwrap_or_else(|e| panic!("{label}: step {} {}", e.0, e.1));
        let values = theory.db.own_values(a, &mut arena);
        let goal = theory.db.scheme(a).conclusion.map(|c| arena.instantiate(c, &values));
        assert_eq!(goal, steps.last().copied(), "{label}");
        if let (Some(task), Some(proof)) = (theory.task(a, &mut arena), theory.human_proof(a)) {
            if theory.db.is_logical(a) {
                match theory.elaborate(&task, &proof, &mut arena) {
                    // two or three proofs of set.mm use dummies that only their own block declares
                    Ok(_) | Err(ElaborateError::NoDummy { .. } | ElaborateError::Disjoint { .. }) => {}
                    Err(e) => panic!("{label}: {e}"),
                }
            }
        }
        arena.truncate(base);
    }
}

#[test]
fn small_database_replays() {
    let db = Database::load(SMALL.as_bytes().to_vec()).expect("good");
    assert_eq!(db.proofs.errors, []);
    assert_eq!(db.proof_length(db.source.assertion("id").expect("there")), 5);
    replays(db);
}

#[test]
fn databases_replay() {
    for path in databases() {
        replays(load(&path));
    }
}
