//! A found proof of a theorem beside the one that the database has: bytes of both, and axioms that are new.

use crate::compression::full::{own_text, proof_bytes, share_equal, with_formulas, Form, FullError};
use crate::compression::lemmas::export::{placed_steps, steps_text};
use crate::dsl::theory::library::{Proof, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// A proof as it would stand in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// The text between `$=` and `$.`.
    pub text: String,
    /// Its labels and parentheses, each with a space, and its letters.
    pub bytes: usize,
    /// The text of the database's own proof, as it is written or written anew, whichever is shorter; `None` if it has
    /// none.
    pub before: Option<usize>,
    /// Axioms, definitions too, that the new proof rests on and the old one does not, by label. All where there is no
    /// old one.
    pub new_axioms: Vec<String>,
}

/// Writes a found proof, whose steps apply nothing but assertions of the database, for its theorem; `None` if the
/// theorem's place lacks a `$d` condition or a dummy variable that it needs. The arena is left as it was.
///
/// # Errors
/// A proof that does not prove the task.
pub fn rival(theory: &Theory, task: &Task, proof: &Proof, arena: &mut Arena) -> Result<Option<Rival>, FullError> {
    let mark = arena.len();
    let found = written(theory, task, proof, arena);
    arena.truncate(mark);
    let Some((text, bytes)) = found? else { return Ok(None) };
    let source = &theory.db.source;
    let a = task.limit;
    let own = source.assertions[a.index()].proof.as_ref().filter(|_| theory.human_proof(a).is_some());
    let anew = own_text(theory, a, source.proof_indent(a)).map(|t| t.bytes);
    let before = own.map(|span| anew.unwrap_or(usize::MAX).min(proof_bytes(source.str(span))));
    let old = theory.human_proof(a).map(|p| theory.axioms(p.premises())).unwrap_or_default();
    let new = theory.axioms(proof.premises()).into_iter().filter(|x| old.binary_search(x).is_err());
    let mut new_axioms: Vec<String> = new.map(|x| source.label(x).to_owned()).collect();
    new_axioms.sort_unstable();
    Ok(Some(Rival { text, bytes, before, new_axioms }))
}

/// Text and bytes, formulas that are proved twice proved once.
fn written(
    theory: &Theory,
    task: &Task,
    proof: &Proof,
    arena: &mut Arena,
) -> Result<Option<(String, usize)>, FullError> {
    let Some(steps) = placed_steps(theory, arena, task, proof)? else { return Ok(None) };
    let formulas: Vec<TermId> = steps.iter().map(|s| s.formula).collect();
    let (shared, kept) = share_equal(proof, &formulas);
    let formulas: Vec<TermId> = kept.iter().map(|&k| formulas[k as usize]).collect();
    let shared = with_formulas(theory, &shared, &formulas, arena)?;
    let both = [&steps, &shared].map(|s| steps_text(theory, arena, task.limit, task, s, Form::AsMetamathExe));
    let [plain, shared] = both;
    let (plain, shared) = (plain?, shared?);
    Ok(Some(if shared.1 < plain.1 { shared } else { plain }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::theory::library::Rule;
    use crate::dsl::theory::library::Step;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    #[test]
    fn shorter_by_another_axiom_is_told_apart() {
        let text = "$c wff |- ( -> ) $. $v p q $. wp $f wff p $. wq $f wff q $. wi $a wff ( p -> q ) $.\n\
            id $a |- ( p -> p ) $.\nother $a |- ( p -> p ) $.\n${ again.1 $e |- p $. again $a |- p $. $}\n\
            t $p |- ( q -> q ) $= ( wi id again ) AABACD $.\n";
        let theory = Theory::new(Arc::new(Database::load(text.as_bytes().to_vec()).unwrap()));
        let mut arena = theory.arena.clone();
        let task = theory.find_task("t", &mut arena).unwrap();
        let by = |label: &str| {
            let rule = Rule::Premise(theory.find(label).unwrap());
            Proof { steps: vec![Step { rule, children: Default::default() }] }
        };
        let same = rival(&theory, &task, &by("id"), &mut arena).unwrap().unwrap();
        assert_eq!((same.text.trim(), same.bytes), ("( id ) AB", "( id ) AB".len()));
        assert_eq!(same.before, Some("( wi id again ) AABACD".len()));
        assert!(same.new_axioms.is_empty());
        let other = rival(&theory, &task, &by("other"), &mut arena).unwrap().unwrap();
        assert_eq!(other.new_axioms, ["other"]);
    }
}
