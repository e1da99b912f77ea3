//! The check that each node of a content proof follows from its children.
//!
//! Symmetric relations are compared up to orientation: a node's goal may be the instance of its move's goal with the
//! sides exchanged, and so may what the move takes apart and what a hypothesis answers. So a node fits every twin of a
//! move, whatever its orientation, and the writer exchanges the sides by the theorem that proves the symmetry.

use super::{By, ContentProof, Node};
use crate::dsl::theory::library::{Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, HeadKind};
use crate::wake_sleep::closers::{Question, Tables};
use crate::wake_sleep::inference::moves::readings::{formula_readings, Move, Moves, Reading};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};

/// The state of a check.
struct Check<'a> {
    theory: &'a Theory,
    moves: &'a Moves,
    tables: &'a Tables,
    task: &'a Task,
    connectives: Connectives,
    /// The task's own variables.
    own: Vec<SymbolId>,
    arena: &'a mut Arena,
    proof: &'a ContentProof,
}

/// A fault of a content proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The number of the node; `None` if the root does not serve the goal.
    pub node: Option<usize>,
    /// The reason, in words.
    pub why: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.node {
            Some(i) => write!(f, "node {i}: {}", self.why),
            None => write!(f, "the root: {}", self.why),
        }
    }
}

type Verdict = Result<(), String>;

fn want(holds: bool, what: &str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(what.to_owned())
    }
}

impl ContentProof {
    /// Checks each node against its children, and that the last node serves the task's goal. `arena` holds the proof's
    /// terms.
    ///
    /// # Errors
    /// The first node that does not hold, with the reason.
    pub fn check(
        &self,
        theory: &Theory,
        moves: &Moves,
        tables: &Tables,
        task: &Task,
        arena: &mut Arena,
    ) -> Result<(), Fault> {
        let mut check = self.check_behind(0, theory, moves, tables, task, arena)?;
        let of_root = |why| Fault { node: None, why };
        let Some(last) = self.nodes.len().checked_sub(1) else { return Err(of_root("it has no nodes".to_owned())) };
        check.serves(last as u32, &[], task.goal).map_err(of_root)
    }
    /// Checks each node against its children, except the first `given` nodes, which count as proved.
    ///
    /// # Errors
    /// The first node that does not hold, with the reason.
    pub fn check_nodes(
        &self,
        given: usize,
        theory: &Theory,
        moves: &Moves,
        tables: &Tables,
        task: &Task,
        arena: &mut Arena,
    ) -> Result<(), Fault> {
        self.check_behind(given, theory, moves, tables, task, arena).map(|_| ())
    }
    fn check_behind<'a>(
        &'a self,
        given: usize,
        theory: &'a Theory,
        moves: &'a Moves,
        tables: &'a Tables,
        task: &'a Task,
        arena: &'a mut Arena,
    ) -> Result<Check<'a>, Fault> {
        let mut own = arena.variables(task.goal);
        task.hyps.iter().for_each(|&h| own.extend(arena.variables(h)));
        let connectives = moves.connectives.before(task.limit);
        let mut check = Check { theory, moves, tables, task, connectives, own, arena, proof: self };
        for (i, node) in self.nodes.iter().enumerate().skip(given) {
            check.node(i as u32, node).map_err(|why| Fault { node: Some(i), why })?;
        }
        Ok(check)
    }
}

impl Check<'_> {
    fn node(&mut self, i: u32, node: &Node) -> Verdict {
        want(self.arena.is_ground(node.sequent), "its sequent is not ground")?;
        want(node.children.iter().all(|&k| k < i), "a child stands behind it")?;
        let (goal, members) = (consequent(self.arena, node.sequent), Terms::from(context(self.arena, node.sequent)));
        match &node.by {
            By::Move { number, values, taken, kept } => {
                let m = self.moves.all.get(*number as usize).ok_or("no such move")?;
                self.apply(m, (goal, &members), (values, *taken, kept), node)
            }
            By::Hyp { number, parts } => {
                let &h = self.task.hyps.get(*number as usize).ok_or("no such hypothesis")?;
                self.reads(h, goal, parts)?;
                self.serve_all(node, parts, &members)
            }
            By::Use { member, parts } => {
                want(members.contains(member), "what it uses is not in the context")?;
                self.reads(*member, goal, parts)?;
                self.serve_all(node, parts, &members)
            }
            By::Member => want(members.contains(&goal) && node.children.is_empty(), "it is no member"),
            By::Weaken => {
                let [child] = node.children[..] else { return Err("it weakens not one node".to_owned()) };
                let below = self.proof.nodes[child as usize].sequent;
                let part = context(self.arena, below).iter().all(|e| members.contains(e));
                want(consequent(self.arena, below) == goal && part, "its child does not say more")
            }
            By::Closed { proof, propositional } => {
                want(node.children.is_empty(), "it has children")?;
                if proof.steps.is_empty() && *propositional {
                    return want(self.follows(goal, &members), "it does not follow by connectives");
                }
                let goal = self.connectives.formula(self.arena, node.sequent);
                let asked = Task { goal, ..self.task.clone() };
                self.theory.elaborate(&asked, proof, self.arena).map(|_| ()).map_err(|e| e.to_string())
            }
            By::Split => {
                let own = self.sequents(&[node.sequent]);
                let below: Terms = node.children.iter().map(|&k| self.proof.nodes[k as usize].sequent).collect();
                let said = self.sequents(&below);
                let all = own.iter().all(|s| said.contains(s));
                let holds = all || self.congruence(goal, &members, &below) || self.entailed(goal, &members, &below);
                want(holds, "its children do not say what it says")
            }
        }
    }
    /// Whether a formula follows by connectives from `members` and the task's hypotheses.
    fn follows(&mut self, goal: TermId, members: &[TermId]) -> bool {
        if self.connectives.as_equivalence(self.arena, goal).is_some_and(|(x, y)| x == y) {
            return true;
        }
        let mut question = Question::default();
        let main = members.iter().chain(&self.task.hyps).filter(|&&h| !self.arena.head(h).is_judgement());
        let given: Vec<TermId> = main.copied().collect();
        let given = self.connectives.all_ways(self.arena, &given);
        let goals = self.connectives.ways(self.arena, goal);
        let (arena, tables) = (&*self.arena, self.tables);
        goals.into_iter().any(|goal| {
            let related = tables.related(&mut question, arena, goal, &given);
            tables.follows(&mut question, arena, &related, &[goal]) == Some(true)
        })
    }
    /// Whether a consequent follows by connectives from the sequents `below`.
    fn entailed(&mut self, goal: TermId, members: &[TermId], below: &[TermId]) -> bool {
        let mut given = Terms::from(members);
        for &s in below {
            given.push(self.connectives.formula(self.arena, s));
        }
        self.follows(goal, &given)
    }
    /// Whether a consequent is an equivalence of compounds, and `below` are the equivalences of its parts.
    fn congruence(&mut self, goal: TermId, members: &[TermId], below: &[TermId]) -> bool {
        let Some((x, y)) = self.connectives.as_equivalence(self.arena, goal) else { return false };
        let (is, head) = (self.arena.head(goal), self.arena.head(x));
        if head != self.arena.head(y) || self.tables.get(head).is_none() {
            return false;
        }
        let left: Terms = self.arena.children(x).into();
        let right: Terms = self.arena.children(y).into();
        left.iter().zip(&right).filter(|(a, b)| a != b).all(|(&a, &b)| {
            let part = self.arena.make(is, &[a, b]);
            below.contains(&self.connectives.sequent(self.arena, part, members.into()))
        })
    }
    /// The sequents into which some sequents are taken apart, sorted.
    fn sequents(&mut self, sequents: &[TermId]) -> Terms {
        let mut out = Terms::new();
        for &s in sequents {
            let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
            self.connectives.sequents(self.arena, &members, goal, &mut out);
        }
        out.sort_unstable();
        out.dedup();
        out
    }
    fn apply(
        &mut self,
        m: &Move,
        (goal, members): (TermId, &[TermId]),
        (values, taken, kept): (&[TermId], Option<TermId>, &Terms),
        node: &Node,
    ) -> Verdict {
        want(values.len() == m.variables.len(), "it has not a value for each metavariable")?;
        for (&v, &t) in m.variables.iter().zip(values) {
            let same = self.typecode(t) == self.theory.typecode(v);
            want(self.arena.is_ground(t) && same, "a value is of another kind")?;
        }
        let said = self.instance(m.goal, values);
        want(said == goal, "the move's goal is not the consequent")?;
        let takes = m.takes.map(|t| self.instance(t, values));
        want(takes == taken && taken.is_none_or(|t| members.contains(&t)), "it does not take apart what it says")?;
        want(kept.iter().all(|e| members.contains(e)), "it passes on what is not in the context")?;
        for &(a, b) in &m.disjoint {
            want(self.apart(values[usize::from(a)], values[usize::from(b)]), "a $d condition is broken")?;
        }
        for &k in &m.apart {
            let free = kept.iter().all(|&e| self.apart(e, values[usize::from(k)]));
            want(free, "it passes on a member that has a variable of a value")?;
        }
        if let Some(w) = m.whole {
            let said = self.connectives.literals(self.arena, &[values[usize::from(w)]]);
            want(said == *kept, "what stands for the context is another formula")?;
        }
        let there = m.readings.iter().filter(|r| r.is_there(self.theory, self.task));
        let mut verdict = Err("no assertion of the move stands before the task".to_owned());
        for r in there {
            verdict = self.twin(m, r, (members, kept), values, node);
            if verdict.is_ok() {
                break;
            }
        }
        verdict
    }
    /// The instance of a move's formula with these values, oriented.
    fn instance(&mut self, t: TermId, values: &[TermId]) -> TermId {
        let t = self.arena.instantiate(t, values);
        self.connectives.oriented(self.arena, t)
    }
    /// Whether the children of a node serve the parts of its move according to one twin.
    fn twin(
        &mut self,
        m: &Move,
        twin: &Reading,
        (members, kept): (&[TermId], &Terms),
        values: &[TermId],
        node: &Node,
    ) -> Verdict {
        want(node.children.len() == m.parts.len(), "it has not a child for each part")?;
        for ((part, &inherits), &child) in m.parts.iter().zip(&twin.inherits).zip(&node.children) {
            let mut around: Terms = part.added.iter().map(|&t| self.arena.instantiate(t, values)).collect();
            if inherits {
                around.extend_from_slice(if part.restricted { kept } else { members });
            }
            let formula = self.arena.instantiate(part.goal, values);
            self.serves(child, &around, formula)?;
        }
        Ok(())
    }
    /// Whether two terms share no variable, and the task's `$d` conditions keep its own variables in them apart.
    fn apart(&self, a: TermId, b: TermId) -> bool {
        let (left, right) = (self.arena.variables(a), self.arena.variables(b));
        let apart = |x: SymbolId, y: SymbolId| {
            let told = || self.task.disjoint.binary_search(&(x.min(y), x.max(y))).is_ok();
            x != y && (!self.own.contains(&x) || !self.own.contains(&y) || told())
        };
        left.iter().all(|&x| right.iter().all(|&y| apart(x, y)))
    }
    fn typecode(&self, t: TermId) -> Option<SymbolId> {
        match self.arena.head(t).kind() {
            HeadKind::Syntax(a) => Some(self.theory.db.source.typecode(a)),
            HeadKind::Variable(v) => self.theory.typecode(v),
            _ => None,
        }
    }
    /// Whether a formula has a reading that answers `goal` and leaves `parts`.
    fn reads(&mut self, formula: TermId, goal: TermId, parts: &[TermId]) -> Verdict {
        let readings = formula_readings(self.arena, &self.connectives, formula);
        let (arena, c) = (&mut *self.arena, &self.connectives);
        let said = c.literals(arena, parts);
        let same =
            |(answers, left): &(TermId, Terms)| c.oriented(arena, *answers) == goal && c.literals(arena, left) == said;
        want(readings.iter().any(same), "the formula does not answer that")
    }
    fn serve_all(&mut self, node: &Node, parts: &[TermId], members: &[TermId]) -> Verdict {
        want(node.children.len() == parts.len(), "it has not a child for each part")?;
        parts.iter().zip(&node.children).try_for_each(|(&t, &child)| self.serves(child, members, t))
    }
    /// Whether a node serves a formula in a context.
    fn serves(&mut self, child: u32, members: &[TermId], formula: TermId) -> Verdict {
        let own = self.proof.nodes[child as usize].sequent;
        let literal = ContentProof::literal(&self.connectives, self.arena, members, formula);
        let mut found = Terms::new();
        self.connectives.sequents(self.arena, members, formula, &mut found);
        want(own == literal || found[..] == [own], "a child does not serve its part")
    }
}
