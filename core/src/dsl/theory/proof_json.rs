//! Proofs as text: one JSON object a proof, steps by label (`docs/formats.md`).
//!
//! `{"task": "syl", "steps": [["syl.1", []], ["a1i", [0]], …]}`; children are numbers of earlier steps, the last step
//! is the root. A statement that is no theorem of the database has `"task": null` and a `"statement"`.

use super::library::{Proof, Rule, Step, Task, Theory};
use crate::metamath_db::grammar::Parser;
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId, TermId};
use crate::metamath_db::statement::{StatementKey, StatementKeys};
use crate::metamath_db::terms::term::Arena;
use serde::{Deserialize, Serialize};

/// A statement in words: how a task that is no theorem of the database is written.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Statement {
    /// Labels and formulas of the hypotheses.
    pub hyps: Vec<(String, String)>,
    /// The formula to prove, typecode first.
    pub conclusion: String,
    /// Pairs of variables that are distinct.
    #[serde(default)]
    pub disjoint: Vec<(String, String)>,
    /// Only what stands before this theorem is a premise; `None` for the whole database.
    #[serde(default)]
    pub before: Option<String>,
}

impl Statement {
    /// The key of the statement.
    pub fn key(&self) -> StatementKey {
        let mut keys = StatementKeys::default();
        self.hyps.iter().for_each(|h| keys.hypothesis(h.1.split_ascii_whitespace()));
        keys.conclusion(self.conclusion.split_ascii_whitespace())
    }
}

#[derive(Serialize, Deserialize)]
struct ProofText {
    task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statement: Option<Statement>,
    steps: Vec<(String, Vec<u32>)>,
}

impl Theory {
    /// Parses a statement (`|- ( ph -> ph )`), variables by name. `proved`: whether it is to be proved, so that its typecode
    /// must be a provable one; a hypothesis may say of which kind something is (`class A`).
    ///
    /// # Errors
    /// A symbol that is not declared, a typecode that is missing, or a formula that has no tree.
    pub fn parse_statement(&self, text: &str, proved: bool, arena: &mut Arena) -> Result<TermId, String> {
        let (source, grammar) = (&self.db.source, &self.db.grammar);
        let mut symbols: Vec<SymbolId> = Vec::new();
        for word in text.split_ascii_whitespace() {
            let unknown = || format!("`{word}` is not a symbol of the database");
            symbols.push(source.find_symbol(word.as_bytes()).ok_or_else(unknown)?);
        }
        let first = *symbols.first().ok_or_else(|| format!("an empty statement; {}", self.typecodes_expected()))?;
        if !grammar.is_provable(first) && (proved || !grammar.is_type(first)) {
            let what = if grammar.is_type(first) { ", which says only of which kind something is" } else { "" };
            return Err(format!("{}; found `{}`{what}", self.typecodes_expected(), source.symbol(first)));
        }
        let leaf: Vec<Option<(SymbolId, TermId)>> =
            (0..source.symbols.len()).map(|i| self.typecode(i.into()).map(|t| (t, TermId(0)))).collect();
        let tree = grammar.parse_any(&symbols, &leaf, arena, &mut Parser::default());
        tree.and_then(|(judgement, t)| grammar.judged(judgement, t, arena))
            .ok_or_else(|| format!("`{text}` does not follow the database's grammar"))
    }
    /// Parses a statement that may be proved.
    ///
    /// # Errors
    /// As [`Theory::parse_statement`].
    pub fn parse_formula(&self, text: &str, arena: &mut Arena) -> Result<TermId, String> {
        self.parse_statement(text, true, arena)
    }
    /// Names, for error messages, the typecodes that a statement may begin with.
    pub fn typecodes_expected(&self) -> String {
        const NAMED: usize = 4;
        let all = self.db.grammar.provable();
        let names: Vec<String> = all.iter().take(NAMED).map(|&t| format!("`{}`", self.db.source.symbol(t))).collect();
        match names.as_slice() {
            [] => "a statement begins with a provable typecode, and this database has none".to_owned(),
            [one] => format!("a statement begins with a provable typecode, here {one}"),
            _ => format!("a statement begins with a provable typecode, here one of {}", names.join(", ")),
        }
    }
    /// A statement as a task.
    ///
    /// # Errors
    /// One line that says which formula, variable or label is wrong.
    pub fn statement_task(&self, name: &str, s: &Statement, arena: &mut Arena) -> Result<Task, String> {
        let source = &self.db.source;
        let mut disjoint = Vec::new();
        for (x, y) in &s.disjoint {
            let find = |v: &String| {
                source
                    .find_symbol(v.as_bytes())
                    .filter(|&v| self.typecode(v).is_some())
                    .ok_or(format!("`{v}` is not a variable"))
            };
            let (x, y) = (find(x)?, find(y)?);
            disjoint.push((x.min(y), x.max(y)));
        }
        disjoint.sort_unstable();
        disjoint.dedup();
        let (limit, block) = match &s.before {
            None => (AssertionId::from(self.db.len()), u32::MAX),
            Some(label) => {
                let a = source.assertion(label).ok_or_else(|| format!("no theorem is labelled `{label}`"))?;
                (a, source.assertions[a.index()].outer_block)
            }
        };
        let mut hyps = Vec::new();
        for (_, h) in &s.hyps {
            hyps.push(self.parse_statement(h, false, arena)?);
        }
        let goal = self.parse_formula(&s.conclusion, arena)?;
        let hyp_labels = s.hyps.iter().map(|h| h.0.clone()).collect();
        Ok(Task { name: name.to_owned(), goal, hyps, hyp_labels, disjoint, limit, block })
    }
    /// A task's statement in words.
    pub fn task_statement(&self, task: &Task, arena: &Arena) -> Statement {
        let show = |t: TermId| self.db.show_statement(arena, t);
        let name = |v: SymbolId| self.db.source.symbol(v).to_owned();
        Statement {
            hyps: task.hyp_labels.iter().zip(&task.hyps).map(|(l, &h)| (l.clone(), show(h))).collect(),
            conclusion: show(task.goal),
            disjoint: task.disjoint.iter().map(|&(x, y)| (name(x), name(y))).collect(),
            before: (task.limit.index() < self.db.len()).then(|| self.db.source.label(task.limit).to_owned()),
        }
    }
    /// The task of a label.
    ///
    /// # Errors
    /// One line: no such label, or no statement that could be proved.
    pub fn find_task(&self, label: &str, arena: &mut Arena) -> Result<Task, String> {
        let a = self.db.source.assertion(label).ok_or_else(|| format!("no theorem is labelled `{label}`"))?;
        self.expect_logical(a)?;
        self.task(a, arena).ok_or_else(|| format!("`{label}` has no tree"))
    }
    /// The logical `$p` that say what a statement says, in file order.
    pub fn theorems_saying(&self, key: StatementKey) -> Vec<AssertionId> {
        let theorem = |&a: &AssertionId| self.db.is_logical(a) && self.db.source.assertions[a.index()].proof.is_some();
        let keys = self.db.statement_keys().iter().enumerate().filter(|k| *k.1 == key);
        keys.map(|k| AssertionId::from(k.0)).filter(theorem).collect()
    }
    /// Explains why a statement has no tree.
    pub fn unparsed_because(&self, a: AssertionId) -> String {
        let (source, grammar) = (&self.db.source, &self.db.grammar);
        let typecode = self.db.scheme(a).typecode;
        if !grammar.is_provable(typecode) && !grammar.is_type(typecode) {
            return format!("`{}` is no typecode", source.symbol(typecode));
        }
        match self.unparsed_hypothesis(a) {
            Some(h) => format!("its hypothesis `{}` does not follow the grammar", source.hyp_label(h)),
            None => "does not follow the grammar".to_owned(),
        }
    }
    /// The first byte of what is wrong with a statement that has no tree: of its label, or of its hypothesis's.
    pub fn unparsed_at(&self, a: AssertionId) -> u32 {
        let source = &self.db.source;
        let label = &source.assertions[a.index()].label;
        self.unparsed_hypothesis(a).map_or(label, |h| &source.hyps[h.index()].label).start
    }
    fn unparsed_hypothesis(&self, a: AssertionId) -> Option<HypId> {
        let source = &self.db.source;
        let untyped = |h: &HypId| !source.hyps[h.index()].is_floating() && self.db.essential_term(*h).is_none();
        source.frame(a).iter().copied().find(untyped)
    }
    /// Whether a statement can be proved or used in proofs.
    ///
    /// # Errors
    /// One line that says why not: its typecode, or that it does not follow the grammar.
    pub fn expect_logical(&self, a: AssertionId) -> Result<(), String> {
        let (label, scheme) = (self.db.source.label(a), self.db.scheme(a));
        let typecode = self.db.source.symbol(scheme.typecode);
        if !scheme.logical {
            return Err(format!("{}; `{label}` has `{typecode}`", self.typecodes_expected()));
        }
        match (scheme.conclusion, self.unparsed_hypothesis(a)) {
            (Some(_), _) => Ok(()),
            (None, Some(h)) => {
                let hypothesis = self.db.source.hyp_label(h);
                Err(format!("the hypothesis `{hypothesis}` of `{label}` does not follow the database's grammar"))
            }
            (None, None) => Err(format!("the statement of `{label}` does not follow the database's grammar")),
        }
    }
    /// Whether a task is a theorem of the database, not a statement of its own.
    pub fn is_task(&self, task: &Task) -> bool {
        task.limit.index() < self.db.len() && self.db.source.label(task.limit) == task.name
    }
    /// A proof as one line of JSON.
    pub fn proof_json(&self, task: &Task, proof: &Proof, arena: &Arena) -> String {
        let of_database = self.is_task(task);
        let text = ProofText {
            task: of_database.then(|| task.name.clone()),
            statement: (!of_database).then(|| self.task_statement(task, arena)),
            steps: proof
                .steps
                .iter()
                .map(|s| {
                    let label = match s.rule {
                        Rule::Premise(p) => self.label(p).to_owned(),
                        Rule::Hyp(k) => task.hyp_labels.get(k as usize).cloned().unwrap_or_default(),
                    };
                    (label, s.children.to_vec())
                })
                .collect(),
        };
        serde_json::to_string(&text).unwrap_or_default()
    }
    /// Reads a proof, with its task's terms made in `arena`.
    ///
    /// # Errors
    /// One line: not JSON of this form, an unknown label, a child that is not an earlier step.
    pub fn read_proof(&self, text: &str, arena: &mut Arena) -> Result<(Task, Proof), String> {
        let p: ProofText = serde_json::from_str(text).map_err(|e| format!("not a proof in JSON: {e}"))?;
        let task = match (&p.task, &p.statement) {
            (Some(label), _) => self.find_task(label, arena)?,
            (None, Some(s)) => self.statement_task("statement", s, arena)?,
            (None, None) => return Err("a proof names its task or gives a statement".to_owned()),
        };
        let mut proof = Proof::default();
        for (i, (label, children)) in p.steps.iter().enumerate() {
            if children.iter().any(|&c| c as usize >= i) {
                return Err(format!("step {i} (`{label}`) uses a step that is not before it"));
            }
            let rule = match task.hyp_labels.iter().position(|h| h == label) {
                Some(k) => Rule::Hyp(k as u32),
                None => Rule::Premise(self.find(label).ok_or_else(|| format!("step `{label}` names no statement"))?),
            };
            proof.steps.push(Step { rule, children: children.iter().copied().collect() });
        }
        if proof.steps.is_empty() {
            return Err("a proof without steps".to_owned());
        }
        Ok((task, proof))
    }
    /// Checks that every premise of a proof stands before its task and is itself proved.
    ///
    /// # Errors
    /// One line that names the first premise that may not be used.
    pub fn check_premises(&self, task: &Task, proof: &Proof) -> Result<(), String> {
        for s in &proof.steps {
            let Rule::Premise(p) = s.rule else { continue };
            if !self.stands_before(p, task) {
                return Err(format!("`{}` does not stand before {}", self.label(p), task.name));
            }
            if !self.is_proved(p) {
                return Err(format!("`{}` is itself not proved", self.label(p)));
            }
        }
        Ok(())
    }
}
