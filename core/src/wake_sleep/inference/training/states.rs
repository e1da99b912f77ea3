//! Human proofs as data: each node of their content proofs as a row of texts, for those who train provers.
//!
//! A row holds the sequent to be proved, the action of the proof there, and the sequents that the action leaves. Each
//! row stands behind all rows that lead to it. Members of Γ are sorted by their texts, so that a row does not depend on
//! which other proofs are requested.

use super::model::Model;
use super::nats_to_go::{to_go, words, Nats, Words};
use super::translate::{decided_by_node, Translator};
use crate::dsl::theory::library::{Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::threads::each_in_arena;
use crate::util::stop;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::proof::{By, ContentProof, Node};
use crate::wake_sleep::inference::text::Texts;
use crate::wake_sleep::ranking::ranker::{usable_or_discouraged, usable_premises};
use std::sync::Arc;

/// One node of a content proof.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The length of the shortest path from the root; 0 for the root.
    pub depth: u32,
    /// The sequent to be proved.
    pub sequent: Words,
    /// The opcode of the action in content programs (docs/isa.md).
    pub opcode: &'static str,
    /// The first assertion of the move, the label of the hypothesis, or the member of Γ that is used.
    pub name: Option<String>,
    /// The member of Γ that a move takes apart.
    pub takes: Option<String>,
    /// The decision in the words of a content program: opcode and fields.
    pub instruction: String,
    /// The values of the variables of the move's first assertion, by name, in order of the move's metavariables.
    pub substitution: Vec<(String, String)>,
    /// The sequents that remain to be proved; empty if none remain.
    pub next: Vec<Words>,
    /// Whether the action is a choice, that is, it does not follow from the context alone.
    pub decision: bool,
    /// The number of choices at this node and below it, each node counted once.
    pub steps_to_go: u32,
    /// −ln p, in nats, that a model gives to the choices here and below as a search meets them: these, and facts that give an
    /// unknown its value. `None`: no model was given, or a choice is none of its candidates.
    pub nats_to_go: Option<f32>,
}

/// The states of one theorem's proof.
#[derive(Clone, PartialEq, Debug)]
pub struct ProofStates {
    /// The hypotheses of the theorem.
    pub hypotheses: Vec<String>,
    /// The pairs of variables of its `$d` conditions, the earlier name first, sorted.
    pub distinct: Vec<(String, String)>,
    /// The title of the section in which the theorem stands.
    pub section: Option<String>,
    /// The nodes of the proof, the root first; `None` if the proof was not translated.
    pub rows: Option<Vec<Row>>,
}

/// Translates human proofs of one theory into states.
pub struct States {
    theory: Arc<Theory>,
    tables: Tables,
    moves: Moves,
    /// For each premise, whether it may serve as a closure fact.
    usable: Vec<bool>,
}

impl States {
    /// Derives the moves of a theory.
    pub fn new(theory: Arc<Theory>) -> States {
        let (tables, any, usable) = (Tables::new(&theory), usable_or_discouraged(&theory), usable_premises(&theory));
        let moves = Moves::new(&theory, &tables, &|p| any[p.index()]);
        States { theory, tables, moves, usable }
    }
    /// The states of the human proofs of some theorems, in the order of `labels`. The result does not depend on the number
    /// of threads. `model` is the model that prices the choices in nats, and the premises that it may use.
    ///
    /// # Errors
    /// A label that names no theorem, or a theorem without a proof.
    pub fn of(
        &self,
        labels: &[String],
        model: Option<(&Model, &[bool])>,
        threads: usize,
    ) -> Result<Vec<ProofStates>, String> {
        let mut found = self.translated(labels, threads)?;
        if let Some((model, usable)) = model {
            let nats = Nats::new(model, usable, &self.usable);
            let costs = each_in_arena(labels.len(), threads, &model.moves.arena, |arena, i| {
                stop::poll();
                let sequents: Vec<&Words> = found[i].rows.iter().flatten().map(|row| &row.sequent).collect();
                nats.to_go(&labels[i], &sequents, arena)
            });
            for (theorem, costs) in found.iter_mut().zip(costs) {
                let rows = theorem.rows.iter_mut().flatten();
                rows.zip(costs.into_iter().flatten()).for_each(|(row, cost)| row.nats_to_go = cost);
            }
        }
        Ok(found)
    }
    fn translated(&self, labels: &[String], threads: usize) -> Result<Vec<ProofStates>, String> {
        let translator = Translator::new(&self.theory, &self.moves, &self.tables).closing_by(&self.usable);
        let found = each_in_arena(labels.len(), threads, &self.moves.arena, |arena, i| {
            stop::poll();
            self.one(&translator, &labels[i], arena)
        });
        found.into_iter().collect()
    }
    fn one(&self, translator: &Translator<'_>, label: &str, arena: &mut Arena) -> Result<ProofStates, String> {
        let (theory, source) = (&self.theory, &self.theory.db.source);
        let task = theory.find_task(label, arena)?;
        let proof = theory.human_proof(task.limit).ok_or_else(|| format!("`{label}` has no proof"))?;
        let name = |v| source.symbol(v).to_owned();
        let sorted = |x: String, y: String| if x <= y { (x, y) } else { (y, x) };
        let mut distinct: Vec<_> = task.disjoint.iter().map(|&(x, y)| sorted(name(x), name(y))).collect();
        distinct.sort_unstable();
        Ok(ProofStates {
            hypotheses: task.hyps.iter().map(|&h| theory.db.show(arena, h)).collect(),
            distinct,
            section: source.section_title(source.assertions[task.limit.index()].section).map(str::to_owned),
            rows: translator.translate(&task, &proof, arena).map(|content| self.rows(&task, &content, arena)),
        })
    }
    fn rows(&self, task: &Task, proof: &ContentProof, arena: &mut Arena) -> Vec<Row> {
        let decided = decided_by_node(proof, &self.moves);
        let depths = depths(proof);
        let steps = to_go(proof, |n| u32::from(decided[n].is_some()));
        let words: Vec<Words> = proof.nodes.iter().map(|n| words(&self.theory, arena, n.sequent)).collect();
        let allowed = |_| true;
        let (theory, moves, tables) = (&*self.theory, &self.moves, &self.tables);
        let mut decisions = Texts { theory, moves, tables, task, allowed: &allowed }.decisions(proof, arena);
        let mut row = |n: usize| {
            let node = &proof.nodes[n];
            let (opcode, name, takes) = self.done(task, node, arena);
            Row {
                depth: depths[n],
                sequent: words[n].clone(),
                opcode,
                name,
                takes,
                instruction: std::mem::take(&mut decisions[n]),
                substitution: self.substitution(node, arena),
                next: node.children.iter().map(|&k| words[k as usize].clone()).collect(),
                decision: decided[n].is_some(),
                steps_to_go: steps[n],
                nats_to_go: None,
            }
        };
        (0..proof.nodes.len()).rev().map(&mut row).collect()
    }
    fn substitution(&self, node: &Node, arena: &Arena) -> Vec<(String, String)> {
        let By::Move { number, values, .. } = &node.by else { return Vec::new() };
        let first = &self.moves.all[*number as usize].readings[0];
        let variables = self.theory.premise(first.premise).map(|p| p.variables).unwrap_or_default();
        let db = &self.theory.db;
        let pair = |(&own, &t): (&u16, &TermId)| {
            variables.get(usize::from(own)).map(|&v| (db.source.symbol(v).to_owned(), db.show(arena, t)))
        };
        first.metas.iter().zip(values).filter_map(pair).collect()
    }
    /// The opcode of a node, the name of what it uses, and the member of Γ that it takes apart.
    fn done(&self, task: &Task, node: &Node, arena: &Arena) -> (&'static str, Option<String>, Option<String>) {
        let show = |t: TermId| self.theory.db.show(arena, t);
        match &node.by {
            By::Move { number, taken, .. } => {
                let first = self.moves.all[*number as usize].readings[0].premise;
                ("APPLY", Some(self.theory.label(first).to_owned()), taken.map(show))
            }
            By::Hyp { number, .. } => ("HYP", task.hyp_labels.get(*number as usize).cloned(), None),
            By::Use { member, .. } => ("USE", Some(show(*member)), None),
            By::Member => ("MEMBER", None, None),
            By::Weaken => ("WEAKEN", None, None),
            By::Split => ("SPLIT", None, None),
            By::Closed { .. } => ("CLOSE", None, None),
        }
    }
}

/// For each node, the length of the shortest path from the root.
fn depths(proof: &ContentProof) -> Vec<u32> {
    let mut out = vec![u32::MAX; proof.nodes.len()];
    if let Some(root) = out.last_mut() {
        *root = 0;
    }
    for (n, node) in proof.nodes.iter().enumerate().rev() {
        for &k in &node.children {
            out[k as usize] = out[k as usize].min(out[n].saturating_add(1));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use crate::metamath_db::ids::AssertionId;

    #[test]
    fn rows_lead_from_the_root_to_what_is_closed() {
        let source = include_str!("../fixture.mm");
        let theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let states = States::new(Arc::new(theory));
        let labels = ["tfcl2".to_owned(), "tmix".to_owned()];
        let found = states.of(&labels, None, 1).expect("both are proved");
        assert_eq!(found, states.of(&labels, None, 2).expect("both are proved"));
        let rows = found[0].rows.as_ref().expect("it is translated");
        let told = |r: &Row| (r.opcode, r.name.clone().unwrap_or_default(), r.depth, r.steps_to_go, r.decision);
        assert_eq!(told(&rows[0]), ("APPLY", "fcl".into(), 0, 2, true));
        assert_eq!(told(&rows[1]), ("APPLY", "fcl".into(), 1, 1, true));
        assert_eq!(told(&rows[2]), ("MEMBER", String::new(), 2, 0, false));
        assert_eq!(rows[2].sequent, (vec!["A e. B".to_owned()], "A e. B".to_owned()));
        assert_eq!(rows[1].next, [rows[2].sequent.clone()]);
        assert_eq!(found[1].hypotheses, ["( ph -> A = B )"]);
        assert_eq!(rows[1].instruction, "APPLY fcl");
        let value = |(x, t): &(String, String)| format!("{x} := {t}");
        assert_eq!(rows[1].substitution.iter().map(value).collect::<Vec<_>>(), ["A := A", "B := B"]);
        assert!(rows.iter().all(|r| r.nats_to_go.is_none()));
        assert!(states.of(&["eqid".to_owned()], None, 1).is_err_and(|why| why.contains("no proof")));
    }

    #[test]
    fn nats_to_go_add_up() {
        let source = include_str!("../fixture.mm");
        let mut theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let mut arena = std::mem::take(&mut theory.arena);
        let all = (0..theory.db.len()).map(AssertionId::from);
        let corpus: Vec<_> = all.filter_map(|a| Some((theory.task(a, &mut arena)?, theory.human_proof(a)?))).collect();
        theory.arena = arena;
        let (theory, usable) = (Arc::new(theory.clone()), vec![true; theory.len()]);
        let (model, _) = Model::fit(theory.clone(), &usable, &corpus, (5, 7));
        let states = States::new(theory);
        let labels = ["tfcl2".to_owned(), "tmix".to_owned()];
        let found = states.of(&labels, Some((&model, &usable)), 2).expect("both are proved");
        for rows in found.iter().map(|t| t.rows.as_ref().expect("it is translated")) {
            let nats = |row: &Row| row.nats_to_go.expect("all choices are candidates");
            assert!(nats(&rows[0]) > 0.0);
            for row in rows {
                // no node of these proofs is shared
                let below: f32 =
                    row.next.iter().map(|s| nats(rows.iter().find(|r| r.sequent == *s).expect("a row"))).sum();
                assert!(nats(row) >= below && (row.opcode == "APPLY" || nats(row) - below < 1e-4));
            }
        }
        let without = states.of(&labels, None, 1).expect("both are proved");
        let first = |t: &[ProofStates]| t[0].rows.as_ref().map(|rows| rows[0].instruction.clone());
        assert_eq!(first(&found), first(&without));
    }
}
