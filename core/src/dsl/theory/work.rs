//! Work variables: what worksheets write for a part of a formula that is not known (`&W1`), as mmj2 does.
//!
//! `&`, the first letters of a typecode that no other one begins with, and a number. In a draft they are metavariables.

use super::draft::{Draft, DraftError};
use super::library::{Theory, MAX_FORMULA};
use crate::metamath_db::grammar::MAX_DEPTH;
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Children, HeadKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// The work variables of a worksheet: number `k` is metavariable `k` of its formulas.
#[derive(Clone, Debug, Default)]
pub struct WorkVariables {
    names: FxHashMap<String, usize>,
    /// Their typecodes.
    pub types: Vec<SymbolId>,
}

impl Theory {
    /// Returns the prefix of the names of a typecode's work variables, such as `&W` for `wff`.
    pub fn work_prefix(&self, typecode: SymbolId) -> String {
        let letters = |t: SymbolId| -> String {
            let name = self.db.source.symbol(t).chars();
            name.filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect()
        };
        let own = letters(typecode);
        let others = self.db.grammar.types().iter().filter(|&&t| t != typecode).map(|&t| letters(t));
        let shared = others.map(|o| own.bytes().zip(o.bytes()).take_while(|(x, y)| x == y).count()).max().unwrap_or(0);
        format!("&{}", if own.is_empty() { "X" } else { &own[..own.len().min(shared + 1)] })
    }
    /// The typecode of a word that looks like a work variable and is no symbol; `None` for other words.
    fn work_type(&self, word: &str) -> Option<Result<SymbolId, String>> {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let inner = letters.strip_prefix('&')?;
        let shape = !inner.is_empty() && inner.bytes().all(|c| c.is_ascii_alphabetic()) && letters.len() < word.len();
        if !shape || self.db.source.find_symbol(word.as_bytes()).is_some() {
            return None;
        }
        let types = self.db.grammar.types();
        let found = types.iter().copied().find(|&t| self.work_prefix(t).eq_ignore_ascii_case(letters));
        Some(found.ok_or_else(|| {
            let known = types.iter().map(|&t| format!("{}1 ({})", self.work_prefix(t), self.db.source.symbol(t)));
            format!("`{word}` is no work variable; here they are {}", known.collect::<Vec<_>>().join(", "))
        }))
    }
    /// Parses a statement that may hold work variables. It is read with variables that it does not hold in their places.
    ///
    /// # Errors
    /// As [`Theory::parse_statement`]; a work variable of no kind, or more of a kind than the database has variables; more
    /// symbols than [`MAX_FORMULA`], or a tree deeper than [`MAX_DEPTH`].
    pub fn parse_work(
        &self,
        text: &str,
        proved: bool,
        work: &mut WorkVariables,
        arena: &mut Arena,
    ) -> Result<TermId, String> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        if words.len() > MAX_FORMULA as usize {
            return Err(format!("a formula of {} symbols; at most {MAX_FORMULA} are read", words.len()));
        }
        let read = self.parse_words(&words, proved, work, arena)?;
        match arena.depth(read) > MAX_DEPTH {
            true => Err(format!("a formula whose parts are nested deeper than {MAX_DEPTH}")),
            false => Ok(read),
        }
    }
    fn parse_words(
        &self,
        words: &[&str],
        proved: bool,
        work: &mut WorkVariables,
        arena: &mut Arena,
    ) -> Result<TermId, String> {
        let mut own: FxHashMap<&str, (SymbolId, TermId)> = FxHashMap::default();
        let mut used: FxHashSet<SymbolId> =
            words.iter().filter_map(|w| self.db.source.find_symbol(w.as_bytes())).collect();
        for &word in words {
            let Some(typecode) = self.work_type(word) else { continue };
            let typecode = typecode?;
            if own.contains_key(word) {
                continue;
            }
            let free = (0..self.db.source.symbols.len()).map(SymbolId::from);
            let free = free.filter(|v| self.typecode(*v) == Some(typecode)).find(|v| !used.contains(v));
            let stand_in =
                free.ok_or_else(|| format!("`{word}`: more work variables than the database has variables"))?;
            used.insert(stand_in);
            let number = *work.names.entry(word.to_ascii_uppercase()).or_insert(work.types.len());
            if number == work.types.len() {
                work.types.push(typecode);
            }
            own.insert(word, (stand_in, arena.meta(number as u32)));
        }
        if own.is_empty() {
            return self.parse_statement(&words.join(" "), proved, arena);
        }
        let stood_in = words.iter().map(|w| own.get(w).map_or(*w, |(v, _)| self.db.source.symbol(*v)));
        let read = self.parse_statement(&stood_in.collect::<Vec<_>>().join(" "), proved, arena);
        let read = read.map_err(|said| match words.first() {
            Some(first) if own.contains_key(first) => format!("{}; found `{first}`", self.typecodes_expected()),
            _ if said.ends_with("grammar") => format!("`{}` does not follow the database's grammar", words.join(" ")),
            _ => said, // of a symbol or a typecode, which stands here as it was written
        })?;
        if arena.depth(read) > MAX_DEPTH {
            return Ok(read); // its depth is the caller's complaint
        }
        let values = own.values().copied().collect();
        Ok(replaced(read, &values, arena, &mut FxHashMap::default()))
    }
    /// Checks that all that a draft's formulas are made of stands before its task.
    ///
    /// # Errors
    /// The first step whose formula uses what is behind.
    pub fn check_place(&self, draft: &Draft, arena: &Arena) -> Result<(), DraftError> {
        let source = &self.db.source;
        let Some(limit) = source.assertions.get(draft.task.limit.index()) else { return Ok(()) };
        let mut seen = FxHashSet::default();
        for (step, s) in draft.steps.iter().enumerate() {
            let mut stack: Vec<TermId> = s.formula.into_iter().collect();
            while let Some(t) = stack.pop() {
                if !seen.insert(t) {
                    continue;
                }
                let behind = match arena.head(t).kind() {
                    HeadKind::Syntax(a) if a >= draft.task.limit => Some(format!("`{}`", source.label(a))),
                    HeadKind::Variable(v) if self.float_at(v, limit.position).is_none() => {
                        Some(format!("the variable `{}`", source.symbol(v)))
                    }
                    _ => None,
                };
                if let Some(what) = behind {
                    let message =
                        format!("step {}: its formula uses {what}, which does not stand before the theorem", s.name);
                    return Err(DraftError { step, message });
                }
                stack.extend_from_slice(arena.children(t));
            }
        }
        Ok(())
    }
}

/// A term with other terms in the places of variables.
fn replaced(
    t: TermId,
    values: &FxHashMap<SymbolId, TermId>,
    arena: &mut Arena,
    known: &mut FxHashMap<TermId, TermId>,
) -> TermId {
    if let Some(&made) = known.get(&t) {
        return made;
    }
    let head = arena.head(t);
    let made = match head.as_variable() {
        Some(v) => values.get(&v).copied().unwrap_or(t),
        None => {
            let old: Children = arena.children(t).into();
            let new: Children = old.iter().map(|&c| replaced(c, values, arena, known)).collect();
            arena.make(head, &new)
        }
    };
    known.insert(t, made);
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    const TEXT: &str = "$c ( ) -> |- wff type term [ ] $. $v p q r s t $. wp $f wff p $. wq $f wff q $. wr $f wff r $.
        ts $f term s $. tt $f type t $. wi $a wff ( p -> q ) $. wb $a wff [ s t ] $. ax $a |- ( p -> ( q -> p ) ) $.";

    fn theory() -> Theory {
        Theory::new(Arc::new(Database::load(TEXT.as_bytes().to_vec()).expect("a database")))
    }

    #[test]
    fn a_prefix_names_one_typecode() {
        let t = theory();
        let prefix = |name: &str| t.work_prefix(t.db.source.find_symbol(name.as_bytes()).expect("a typecode"));
        assert_eq!(["wff", "term", "type"].map(prefix), ["&W", "&TE", "&TY"]);
    }

    #[test]
    fn work_variables_are_metavariables_of_all_formulas_together() {
        let t = theory();
        let (mut arena, mut work) = (t.arena.clone(), WorkVariables::default());
        let mut read =
            |text: &str| t.parse_work(text, true, &mut work, &mut arena).map(|f| t.db.show_statement(&arena, f));
        assert_eq!(read("|- ( &W1 -> ( &W7 -> &W1 ) )").as_deref(), Ok("|- ( ?0 -> ( ?1 -> ?0 ) )"));
        assert_eq!(read("|- ( p -> [ &te1 &TY1 ] )").as_deref(), Ok("|- ( p -> [ ?2 ?3 ] )"));
        assert_eq!(read("|- ( &W7 -> &W2 )").as_deref(), Ok("|- ( ?1 -> ?4 )"));
        for (text, said) in [
            ("|- ( &X1 -> p )", "&W1 (wff), &TE1 (term), &TY1 (type)"),
            ("|- [ &W1 &TY1 ]", "does not follow"),
            ("|- ( &W1 -> ( p -> ( q -> ( &W2 -> &W3 ) ) ) )", "more work variables"),
        ] {
            let complaint = read(text).err().unwrap_or_default();
            assert!(complaint.contains(said), "{complaint}");
        }
        let deep = format!("|- {}p{}", "( p -> ".repeat(5000), " )".repeat(5000));
        assert!(read(&deep).is_err_and(|e| e.contains("nested deeper")));
    }
}
