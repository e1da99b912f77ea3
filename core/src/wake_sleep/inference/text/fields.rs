//! The operands of a decision, and the formulas in them.

use super::{refusal, Words};
use crate::dsl::formulas::sequent::GAP;
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::content::Decision;
use crate::dsl::theory::library::PremiseId;
use crate::metamath_db::ids::TermId;
use crate::wake_sleep::inference::moves::sequents::Terms;

/// The operands of an instruction, split into words.
pub(super) struct Fields<'t> {
    /// The name of its opcode.
    name: &'static str,
    /// Pairs of a word and the text behind it. For a value, the word is the variable, and the text begins with `:= `.
    operands: Vec<(&'t str, &'t str)>,
    /// The sequent that the instruction states as its answer, if any: the members of Γ and the consequent.
    pub sequent: Option<(Vec<&'t str>, &'t str)>,
}

impl<'t> Fields<'t> {
    /// Splits the operands of a decision. If `first`, the first operand belongs to the opcode itself and is returned
    /// apart.
    pub fn of(d: &'t Decision, first: bool) -> Result<(&'t str, Fields<'t>), Refusal> {
        let all: Vec<&str> = d.words.split(GAP).map(str::trim).filter(|f| !f.is_empty()).collect();
        let (said, sequent) = match all.iter().position(|f| *f == ":") {
            None => (&all[..], None),
            Some(colon) => {
                let expected = || refusal(FaultKind::Operand, "expected a sequent behind ':'");
                let (&goal, members) = all[colon + 1..].split_last().ok_or_else(expected)?;
                let bare = |m: &&'t str| m.strip_suffix(" ,").unwrap_or(m);
                (&all[..colon], Some((members.iter().map(bare).collect(), goal)))
            }
        };
        let (own, rest) = match (first, said) {
            (true, [own, rest @ ..]) => (*own, rest),
            (true, []) => return Err(refusal(FaultKind::Operand, format!("{} takes an operand", d.opcode.name()))),
            (false, rest) => ("", rest),
        };
        let operands = rest.iter().map(|f| f.split_once(' ').map_or((*f, ""), |(w, r)| (w, r.trim()))).collect();
        Ok((own, Fields { name: d.opcode.name(), operands, sequent }))
    }
    /// Refuses operands other than these words and, if `values`, values.
    pub fn only(&self, words: &[&str], values: bool) -> Result<(), Refusal> {
        let good = |o: &&(&str, &str)| words.contains(&o.0) || values && o.1.starts_with(":= ");
        match self.operands.iter().find(|o| !good(o)) {
            Some((word, _)) => Err(refusal(FaultKind::Operand, format!("{} takes no '{word}'", self.name))),
            None => Ok(()),
        }
    }
    /// The texts behind all occurrences of a word.
    pub fn all<'s>(&'s self, word: &'s str) -> impl Iterator<Item = &'t str> + 's {
        self.operands.iter().filter(move |o| o.0 == word && !o.1.starts_with(":= ")).map(|o| o.1)
    }
    /// The values: each variable with its text.
    pub fn values(&self) -> impl Iterator<Item = (&'t str, &'t str)> + '_ {
        self.operands.iter().filter_map(|o| Some((o.0, o.1.strip_prefix(":= ")?)))
    }
    /// The number of the intended reading, from 1, if the instruction gives it.
    pub fn place(&self) -> Result<Option<usize>, Refusal> {
        let wrong = |t: &str| refusal(FaultKind::Operand, format!("expected the number of a reading, found '{t}'"));
        self.all("reading").next().map(|t| t.parse().map_err(|_| wrong(t))).transpose()
    }
}

impl Words<'_, '_> {
    /// Reads a statement with its typecode.
    pub(super) fn statement(&mut self, text: &str) -> Result<TermId, Refusal> {
        if let Some(&known) = self.known.get(text) {
            return Ok(known);
        }
        let parsed = self.by.theory.parse_statement(text, false, self.arena);
        let t = parsed.map_err(|why| refusal(FaultKind::Term, why))?;
        self.known.insert(text.to_owned(), t);
        Ok(t)
    }
    /// Reads a formula of the main typecode, which is not written.
    pub(super) fn formula(&mut self, text: &str) -> Result<TermId, Refusal> {
        let source = &self.by.theory.db.source;
        let main = self.by.theory.db.grammar.provable().first().map(|&s| source.symbol(s).to_owned());
        let main = main.ok_or_else(|| refusal(FaultKind::Term, "the database proves nothing"))?;
        self.statement(&format!("{main} {text}")).or_else(|why| self.statement(text).map_err(|_| why))
    }
    /// Reads the formulas behind all occurrences of a word.
    pub(super) fn formulas(&mut self, fields: &Fields<'_>, word: &str) -> Result<Terms, Refusal> {
        fields.all(word).map(|t| self.formula(t)).collect()
    }
    /// Reads a member of Γ.
    pub(super) fn member(&mut self, text: &str) -> Result<TermId, Refusal> {
        let t = self.formula(text)?;
        Ok(self.connectives.oriented(self.arena, t))
    }
    /// Reads the members of Γ behind all occurrences of a word.
    pub(super) fn members(&mut self, fields: &Fields<'_>, word: &str) -> Result<Terms, Refusal> {
        fields.all(word).map(|t| self.member(t)).collect()
    }
    /// Reads a value and the number of the assertion's metavariable that `name` names.
    pub(super) fn value(&mut self, premise: PremiseId, name: &str, text: &str) -> Result<(u16, TermId), Refusal> {
        let theory = self.by.theory;
        let variables = theory.premise(premise).map_or(&[][..], |p| p.variables);
        let at = variables.iter().position(|&v| theory.db.source.symbol(v) == name);
        let none = || refusal(FaultKind::Operand, format!("'{}' has no variable '{name}'", theory.label(premise)));
        let at = at.ok_or_else(none)?;
        let typecode = theory.typecode(variables[at]).map_or("", |t| theory.db.source.symbol(t));
        let t = self.statement(&format!("{typecode} {text}"))?;
        let bare = self.arena.head(t).is_judgement().then(|| self.arena.children(t)[0]);
        Ok((at as u16, bare.unwrap_or(t)))
    }
}
