//! Human proofs as content proofs: what they decide, without the glue between.
//!
//! The steps of a proof are instances of assertions, and so of moves. A content proof is searched backward from the
//! theorem with these instances as the only moves: all is ground, so this is a walk over the sequents that come up, a few
//! hundred a proof. Content is tried before glue, later steps before earlier ones. Price: set.mm's 37,759 proofs in about a
//! minute on two threads.

use super::proof::{By, ContentProof, Node};
use super::readings::{formula_readings, Moves};
use super::sequents::{consequent, context, Connectives, Terms};
use crate::dsl::library::{Elaborated, PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;
use crate::wake_sleep::closers::{Question, Tables};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Sequents that may be looked at for one proof.
const FUEL: u32 = 20_000;
/// Deepest chain of sequents.
const DEPTH: u32 = 400;

/// A step of a proof as a move.
struct Instance {
    number: u32,
    values: Vec<TermId>,
    takes: Option<TermId>,
    /// What joins Γ and the goal, by part of the move.
    parts: SmallVec<[(Terms, TermId); 3]>,
    /// Values of the move's `apart` metavariables.
    apart: Terms,
    /// The conjuncts of the value of the move's `whole`.
    whole: Option<Terms>,
}

/// A task's hypothesis as something that answers a goal.
struct Given {
    number: u32,
    parts: Terms,
}

#[derive(Clone, Copy)]
enum State {
    Open,
    Failed,
    Done(u32),
}

/// What proofs are translated by.
pub struct Translator<'a> {
    theory: &'a Theory,
    moves: &'a Moves,
    tables: &'a Tables,
}

/// One proof's translation.
struct Walk<'a, 'b> {
    by: &'a Translator<'a>,
    arena: &'b mut Arena,
    task: &'b Task,
    connectives: Connectives,
    instances: Vec<Instance>,
    /// By goal, instances: content first.
    answering: FxHashMap<TermId, Vec<u32>>,
    given: FxHashMap<TermId, Vec<Given>>,
    states: FxHashMap<TermId, State>,
    nodes: Vec<Node>,
    fuel: u32,
    /// Whether something failed only because it leads back to what is being proved.
    circular: bool,
    question: Question,
}

impl<'a> Translator<'a> {
    /// For a theory with these moves.
    pub fn new(theory: &'a Theory, moves: &'a Moves, tables: &'a Tables) -> Translator<'a> {
        Translator { theory, moves, tables }
    }
    /// The content proof of a task from a proof of it; `arena` is grown from [`Moves::arena`]. `None`: the proof does not fit,
    /// or none was found from its steps within the bounds.
    pub fn translate(&self, task: &Task, proof: &Proof, arena: &mut Arena) -> Option<ContentProof> {
        let steps = self.theory.elaborate(task, proof, arena).ok()?;
        let mut walk = Walk {
            by: self,
            connectives: self.moves.connectives.before(task.limit),
            arena,
            task,
            instances: Vec::new(),
            answering: FxHashMap::default(),
            given: FxHashMap::default(),
            states: FxHashMap::default(),
            nodes: Vec::new(),
            fuel: FUEL,
            circular: false,
            question: Question::default(),
        };
        walk.take_hyps();
        walk.take_steps(&steps);
        walk.serve(&Terms::new(), task.goal, 0)?;
        Some(ContentProof { nodes: walk.nodes })
    }
}

impl Walk<'_, '_> {
    fn take_hyps(&mut self) {
        for (k, &h) in self.task.hyps.iter().enumerate() {
            for (goal, parts) in formula_readings(self.arena, &self.connectives, h) {
                self.given.entry(goal).or_default().push(Given { number: k as u32, parts });
            }
        }
    }
    /// Makes the instances of the moves that the steps are, and lists them by what they answer.
    fn take_steps(&mut self, steps: &[Elaborated]) {
        let mut glue: Vec<(TermId, u32)> = Vec::new();
        for s in steps.iter().rev() {
            let Rule::Premise(p) = s.rule else { continue };
            for &number in &self.by.moves.by_premise[p.index()] {
                let before = self.instances.len() as u32;
                let Some(goal) = self.instance(p, number, &s.values) else { continue };
                if self.by.moves.all[number as usize].glue {
                    glue.push((goal, before));
                } else {
                    self.answering.entry(goal).or_default().push(before);
                }
            }
        }
        for (goal, n) in glue {
            self.answering.entry(goal).or_default().push(n);
        }
    }
    fn instance(&mut self, p: PremiseId, number: u32, given: &[TermId]) -> Option<TermId> {
        let moves = self.by.moves;
        let m = &moves.all[number as usize];
        let reading = m.readings.iter().find(|r| r.premise == p)?;
        let values: Vec<TermId> = reading.metas.iter().map(|&k| given[usize::from(k)]).collect();
        let arena = &mut *self.arena;
        let goal = arena.instantiate(m.goal, &values);
        let takes = m.takes.map(|t| arena.instantiate(t, &values));
        let parts = m.parts.iter().map(|part| {
            let mut added = Terms::new();
            for &t in &part.added {
                let t = arena.instantiate(t, &values);
                self.connectives.conjuncts(arena, t, &mut added);
            }
            (added, arena.instantiate(part.goal, &values))
        });
        let parts = parts.collect();
        let whole = m.whole.map(|w| {
            let mut members = Terms::new();
            self.connectives.conjuncts(arena, values[usize::from(w)], &mut members);
            members
        });
        let apart = m.apart.iter().map(|&k| values[usize::from(k)]).collect();
        self.instances.push(Instance { number, values, takes, parts, apart, whole });
        Some(goal)
    }
    /// The node that serves a formula in a context.
    fn serve(&mut self, members: &[TermId], formula: TermId, depth: u32) -> Option<u32> {
        let mut sequents = Terms::new();
        self.connectives.sequents(self.arena, members, formula, &mut sequents);
        if let [one] = sequents[..] {
            return self.prove(one, depth);
        }
        let children = sequents.iter().map(|&s| self.prove(s, depth)).collect::<Option<_>>()?;
        let whole = ContentProof::literal(&self.connectives, self.arena, members, formula);
        Some(self.push(whole, By::Split, children))
    }
    fn push(&mut self, sequent: TermId, by: By, children: SmallVec<[u32; 3]>) -> u32 {
        self.nodes.push(Node { sequent, by, children });
        self.nodes.len() as u32 - 1
    }
    fn prove(&mut self, s: TermId, depth: u32) -> Option<u32> {
        match self.states.get(&s) {
            Some(State::Done(n)) => return Some(*n),
            Some(State::Failed) => return None,
            Some(State::Open) => {
                self.circular = true;
                return None;
            }
            None => {}
        }
        if depth >= DEPTH {
            return None;
        }
        self.fuel = self.fuel.checked_sub(1)?;
        let outer = std::mem::replace(&mut self.circular, false);
        self.states.insert(s, State::Open);
        let found = self.at_once(s).or_else(|| self.derive(s, depth));
        match (found, self.circular) {
            (Some(n), _) => _ = self.states.insert(s, State::Done(n)),
            (None, false) => _ = self.states.insert(s, State::Failed),
            // below another goal it may be found
            (None, true) => _ = self.states.remove(&s),
        }
        self.circular = (self.circular && found.is_none()) || outer;
        found
    }
    /// What the search closes without a choice.
    fn at_once(&mut self, s: TermId) -> Option<u32> {
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        if members.contains(&goal) {
            return Some(self.push(s, By::Member, SmallVec::new()));
        }
        let fact = self.answering.get(&goal).into_iter().flatten().copied().find(|&n| {
            let i = &self.instances[n as usize];
            i.parts.is_empty() && i.takes.is_none() && i.whole.is_none()
        });
        if let Some(n) = fact {
            return Some(self.push_move(s, n, Terms::new(), SmallVec::new()));
        }
        let given: Terms = members.iter().chain(&self.task.hyps).copied().collect();
        let tables = self.by.tables;
        let related = tables.related(&mut self.question, self.arena, goal, &given);
        let follows = tables.follows(&mut self.question, self.arena, &related, &[goal]) == Some(true);
        let closed = || By::Closed { proof: Box::default(), propositional: true };
        follows.then(|| self.push(s, closed(), SmallVec::new()))
    }
    fn push_move(&mut self, s: TermId, instance: u32, kept: Terms, children: SmallVec<[u32; 3]>) -> u32 {
        let i = &self.instances[instance as usize];
        let by = By::Move { number: i.number, values: i.values.clone(), taken: i.takes, kept };
        self.push(s, by, children)
    }
    fn derive(&mut self, s: TermId, depth: u32) -> Option<u32> {
        let goal = consequent(self.arena, s);
        let instances = self.answering.get(&goal).cloned().unwrap_or_default();
        let content = |w: &Self, n: &u32| !w.by.moves.all[w.instances[*n as usize].number as usize].glue;
        let (content, glue): (Vec<u32>, Vec<u32>) = instances.into_iter().partition(|n| content(self, n));
        let found = content.into_iter().find_map(|n| self.apply(s, n, depth));
        let found = found.or_else(|| self.use_given(s, depth));
        found.or_else(|| glue.into_iter().find_map(|n| self.apply(s, n, depth)))
    }
    /// Applies a move's instance.
    fn apply(&mut self, s: TermId, n: u32, depth: u32) -> Option<u32> {
        let whole = Terms::from(context(self.arena, s));
        let i = &self.instances[n as usize];
        let parts = &self.by.moves.all[i.number as usize].parts;
        if i.takes.is_some_and(|t| !whole.contains(&t)) {
            return None;
        }
        let kept = whole.iter().copied().filter(|&e| Some(e) != i.takes && self.is_apart(e, &i.apart));
        let mut kept: Terms = kept.collect();
        if let Some(said) = &i.whole {
            if !said.iter().all(|t| kept.contains(t)) {
                return None;
            }
            kept.retain(|t| said.contains(t));
        }
        let mut children = SmallVec::new();
        for (k, part) in parts.iter().enumerate() {
            let (mut members, goal) = self.instances[n as usize].parts[k].clone();
            if part.inherits {
                members.extend_from_slice(if part.restricted { &kept } else { &whole });
            }
            children.push(self.serve(&members, goal, depth + 1)?);
        }
        Some(self.push_move(s, n, kept, children))
    }
    /// Answers a sequent by a hypothesis of the task, or by a member of Γ that says more than a literal.
    fn use_given(&mut self, s: TermId, depth: u32) -> Option<u32> {
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        for k in 0..self.given.get(&goal).map_or(0, Vec::len) {
            let (number, parts) = (self.given[&goal][k].number, self.given[&goal][k].parts.clone());
            if let Some(children) = self.serve_all(&members, &parts, depth) {
                return Some(self.push(s, By::Hyp { number, parts }, children));
            }
        }
        for &member in &members {
            let c = &self.connectives;
            if c.as_implication(self.arena, member).is_none() && c.as_equivalence(self.arena, member).is_none() {
                continue;
            }
            for (answered, parts) in formula_readings(self.arena, &self.connectives, member) {
                if answered == goal {
                    if let Some(children) = self.serve_all(&members, &parts, depth) {
                        return Some(self.push(s, By::Use { member, parts }, children));
                    }
                }
            }
        }
        None
    }
    fn serve_all(&mut self, members: &[TermId], parts: &[TermId], depth: u32) -> Option<SmallVec<[u32; 3]>> {
        parts.iter().map(|&p| self.serve(members, p, depth + 1)).collect()
    }
    /// Whether a member of Γ shares no variable with these values, and is known to be distinct from theirs.
    fn is_apart(&self, member: TermId, values: &[TermId]) -> bool {
        is_apart(self.arena, self.task, member, values)
    }
}

/// Whether a formula shares no variable with some values, and the task keeps its own variables apart from theirs.
pub fn is_apart(arena: &Arena, task: &Task, member: TermId, values: &[TermId]) -> bool {
    if values.is_empty() {
        return true;
    }
    let own = arena.variables(member);
    let known = |v| {
        let in_task = |&t: &TermId| arena.variables(t).binary_search(&v).is_ok();
        task.hyps.iter().chain([&task.goal]).any(in_task)
    };
    values.iter().flat_map(|&t| arena.variables(t)).all(|v| {
        own.iter().all(|&w| {
            let told = || task.disjoint.binary_search(&(v.min(w), v.max(w))).is_ok();
            v != w && (told() || !known(v) || !known(w))
        })
    })
}

/// The choices that a content proof holds, by the number of the move: moves that leave something, or take a member apart.
pub fn decided<'a>(proof: &'a ContentProof, moves: &'a Moves) -> impl Iterator<Item = u32> + 'a {
    proof.nodes.iter().filter_map(|n| match n.by {
        By::Move { number, taken, .. } if taken.is_some() || !moves.all[number as usize].parts.is_empty() => {
            Some(number)
        }
        _ => None,
    })
}

/// How many choices a content proof holds.
pub fn decisions(proof: &ContentProof, moves: &Moves) -> usize {
    decided(proof, moves).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    /// By theorem, its steps and the moves of its content proof that are choices, by label.
    fn translated(label: &str) -> (usize, Vec<String>) {
        let source = include_str!("fixture.mm");
        let theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let tables = Tables::new(&theory);
        let moves = Moves::new(&theory, &tables, &|p| theory.premise(p).is_some());
        let mut arena = moves.arena.clone();
        let a = theory.db.source.assertion(label).expect("it is there");
        let (task, proof) = (theory.task(a, &mut arena).expect("a task"), theory.human_proof(a).expect("a proof"));
        let found =
            Translator::new(&theory, &moves, &tables).translate(&task, &proof, &mut arena).expect("a content proof");
        let named = |n: &Node| match &n.by {
            By::Move { number, .. } => Some(theory.label(moves.all[*number as usize].readings[0].premise).to_owned()),
            _ => None,
        };
        assert_eq!(decisions(&found, &moves), found.nodes.iter().filter_map(named).count());
        (proof.len(), found.nodes.iter().filter_map(named).collect())
    }

    #[test]
    fn glue_is_no_decision() {
        assert_eq!(translated("tfcl2"), (3, vec!["fcl".into(), "fcl".into()]));
        // mpbid, adantr, syl and simpr are not chosen
        let (steps, content) = translated("tmix");
        assert_eq!(steps, 6);
        assert_eq!(content, ["feq", "eleq1"]);
        // and what is glue altogether holds no choice
        assert_eq!(translated("syl"), (4, vec![]));
    }
}
