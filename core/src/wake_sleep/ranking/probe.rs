//! A fingerprint of the feature code, computed on a small database, which shows whether a model was trained on the same
//! kind of features.

use super::examples::choices;
use super::features::Featurizer;
use super::ranker::DIM;
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::AssertionId;
use crate::util::text::hex;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const TEXT: &str = "
$c ( ) -> -. wff |- $. $v ph ps ch $.
wph $f wff ph $. wps $f wff ps $. wch $f wff ch $.
wn $a wff -. ph $. wi $a wff ( ph -> ps ) $.
${ min $e |- ph $. maj $e |- ( ph -> ps ) $. $( Modus ponens. $) ax-mp $a |- ps $. $}
ax-1 $a |- ( ph -> ( ps -> ph ) ) $.
ax-2 $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.
ax-3 $a |- ( ( -. ph -> -. ps ) -> ( ps -> ph ) ) $.
${ a1i.1 $e |- ph $. a1i $p |- ( ps -> ph ) $= wph wps wph wi a1i.1 wph wps ax-1 ax-mp $. $}
$( Principle of identity. $)
id $p |- ( ph -> ph ) $= wph wph wph wi wi wph wph wi wph wph ax-1 wph wph wph wi wph wi wi wph wph wph wi wi wph wph
  wi wi wph wph wph wi ax-1 wph wph wph wi wph ax-2 ax-mp ax-mp $.
";

/// SHA-256 of the features of the goals and premises of the small database.
pub fn features_sha256() -> String {
    let mut hash = Sha256::new();
    hash.update((DIM as u64).to_le_bytes());
    for row in rows() {
        hash.update((row.len() as u64).to_le_bytes());
        row.iter().for_each(|f| hash.update(f.to_le_bytes()));
    }
    hex(&hash.finalize())
}

fn rows() -> Vec<Vec<u32>> {
    let Ok(db) = Database::load(TEXT.as_bytes().to_vec()) else { return Vec::new() };
    let theory = Theory::new(Arc::new(db));
    let featurizer = Featurizer::new(&theory, 19);
    let mut arena = theory.arena.clone();
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    for a in (0..theory.db.len()).map(AssertionId::from) {
        featurizer.premise(&theory, PremiseId::from(a), &mut row);
        rows.push(row.clone());
        let (Some(task), Some(proof)) = (theory.task(a, &mut arena), theory.human_proof(a)) else { continue };
        let hyps = featurizer.hyps(&arena, &task.hyps);
        for c in choices(&theory, &featurizer, &task, &proof, &mut arena).unwrap_or_default() {
            featurizer.goal(&arena, c.goal, &hyps, c.context, &mut row);
            rows.push(row.clone());
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_database_has_its_proofs() {
        let rows = rows();
        // Eight statements, two steps of a1i and five of id.
        assert_eq!(rows.len(), 8 + 2 + 5);
        assert_eq!(features_sha256(), features_sha256());
    }
}
