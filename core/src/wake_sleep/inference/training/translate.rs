//! Translation of human proofs into content proofs: their decisions, without the glue between.
//!
//! The steps of a proof are instances of assertions, and so of moves. A content proof is searched backward from the
//! theorem with these instances as the only moves. All terms are ground, so this is a walk over the sequents that come
//! up, some hundreds in a proof. What the search closes without a choice is closed in the same way
//! ([`crate::wake_sleep::inference::closure`]), whatever the human proof does there. Content is tried before glue,
//! later steps before earlier ones.

use crate::dsl::theory::library::{canonical_key, Elaborated, PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::closers::{Question, Tables};
use crate::wake_sleep::inference::closure::{givens, occurs, Allowed, Closer, Given};
use crate::wake_sleep::inference::moves::apart::Apart;
use crate::wake_sleep::inference::moves::readings::{formula_readings, Moves, Reading};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, sequent, Connectives, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof, Node};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// The largest number of sequents that are examined for one proof.
const FUEL: u32 = 20_000;
/// The greatest depth of a chain of sequents.
const DEPTH: u32 = 400;

/// A step of a proof as an instance of a move.
struct Instance {
    number: u32,
    values: Vec<TermId>,
    takes: Option<TermId>,
    /// For each part of the move, the formulas added to Γ, and the goal.
    parts: SmallVec<[(Terms, TermId); 3]>,
    /// For each part, whether it may use Γ: as in the move, or as in the step's own assertion if the move's stands
    /// later.
    inherits: SmallVec<[bool; 3]>,
    /// The values of the move's `apart` metavariables.
    apart: Terms,
    /// The conjuncts of the value of the move's `whole`.
    whole: Option<Terms>,
    /// The formulas that must be in Γ: antecedents of the step's formula that the move leaves out.
    needs: Terms,
}

/// An instance whose goal is no literal, listed under one of the literals into which the goal is taken apart.
#[derive(Clone)]
struct Compound {
    instance: u32,
    goal: TermId,
    /// The antecedents of the goal.
    needs: Terms,
    glue: bool,
}

/// Depths of goals, sorted.
type Depths = SmallVec<[u32; 4]>;

enum State {
    /// Its proof is in progress, at this depth.
    Open(u32),
    Failed,
    /// It failed because it leads back to the goals at these depths. This holds while the last of them, the goal of
    /// this number, is in progress.
    FailedBelow(Depths, u32),
    Done(u32),
}

/// Translates proofs of one theory.
pub struct Translator<'a> {
    theory: &'a Theory,
    moves: &'a Moves,
    tables: &'a Tables,
    /// The premises that may serve as closure facts; `None` for all premises of the moves.
    usable: Option<&'a [bool]>,
}

/// The state of one proof's translation.
struct Walk<'a, 'b> {
    by: &'a Translator<'a>,
    arena: &'b mut Arena,
    task: &'b Task,
    connectives: Connectives,
    instances: Vec<Instance>,
    /// The instances that answer each goal, content first.
    answering: FxHashMap<TermId, Vec<u32>>,
    /// For each literal, the instances whose goal gives it together with others, or under antecedents.
    compound: FxHashMap<TermId, Vec<Compound>>,
    given: Rc<[Given]>,
    closer: Closer<'b>,
    allowed: Allowed<'b>,
    states: FxHashMap<TermId, State>,
    nodes: Vec<Node>,
    fuel: u32,
    /// The number of goals that were begun.
    begun: u32,
    /// For each depth, the number of the goal in progress.
    above: Vec<u32>,
    /// The depths to which the failures below the last goal lead back.
    back: Depths,
    question: Question,
    apart: Apart,
}

impl<'a> Translator<'a> {
    /// Creates the translator of a theory with its moves.
    pub fn new(theory: &'a Theory, moves: &'a Moves, tables: &'a Tables) -> Translator<'a> {
        Translator { theory, moves, tables, usable: None }
    }
    /// Restricts closure facts to the premises that `usable` admits.
    pub fn closing_by(self, usable: &'a [bool]) -> Translator<'a> {
        Translator { usable: Some(usable), ..self }
    }
    /// Translates a proof of a task. `arena` must be grown from [`Moves::arena`]. Returns `None` if the proof does not
    /// fit the task, or if no content proof was found from its steps within the bounds.
    pub fn translate(&self, task: &Task, proof: &Proof, arena: &mut Arena) -> Option<ContentProof> {
        let steps = self.theory.elaborate(task, proof, arena).ok()?;
        let connectives = self.moves.connectives.before(task.limit);
        let given = givens(arena, &connectives, &task.hyps);
        let mut walk = Walk {
            by: self,
            connectives,
            closer: Closer::new(self.theory, arena, self.moves, self.tables, task, given.clone()),
            allowed: Allowed::new(self.moves, task.limit, self.premises(task, arena)),
            given,
            arena,
            task,
            instances: Vec::new(),
            answering: FxHashMap::default(),
            compound: FxHashMap::default(),
            states: FxHashMap::default(),
            nodes: Vec::new(),
            fuel: FUEL,
            begun: 0,
            above: Vec::new(),
            back: Depths::new(),
            question: Question::default(),
            apart: Apart::default(),
        };
        walk.take_steps(&steps);
        let root = walk.serve(&Terms::new(), task.goal, 0)?;
        Some(ContentProof { nodes: reached(walk.nodes, root) })
    }
    /// The premises that may serve as closure facts: those before the task that do not state what the task states.
    fn premises<'b>(&'b self, task: &'b Task, arena: &Arena) -> Box<dyn Fn(PremiseId) -> bool + 'b> {
        let own = canonical_key(arena, task.goal, &task.hyps);
        let says_it = move |p: PremiseId| {
            let premise = self.theory.premise(p);
            premise.is_some_and(|x| canonical_key(&self.theory.arena, x.conclusion, x.hyps) == own)
        };
        let usable = |p: PremiseId| self.usable.is_none_or(|u| u[p.index()]);
        Box::new(move |p| self.theory.stands_before(p, task) && usable(p) && !says_it(p))
    }
}

impl Walk<'_, '_> {
    /// Makes the instances of the moves of all steps, and lists them by what they answer.
    fn take_steps(&mut self, steps: &[Elaborated]) {
        let mut glue: Vec<(TermId, u32)> = Vec::new();
        let moves = self.by.moves;
        for s in steps.iter().rev() {
            let Rule::Premise(p) = s.rule else { continue };
            for &number in &moves.by_premise[p.index()] {
                let m = &moves.all[number as usize];
                for reading in m.readings.iter().filter(|r| r.premise == p) {
                    let before = self.instances.len() as u32;
                    let Some(goal) = self.instance(reading, number, &s.values) else { continue };
                    let mut answers = vec![(goal, before)];
                    if moves.arena.head(m.goal).as_meta().is_some() {
                        self.take_apart(goal, before, &mut answers);
                    }
                    for (goal, n) in answers {
                        if m.glue {
                            glue.push((goal, n));
                        } else {
                            self.answering.entry(goal).or_default().push(n);
                        }
                    }
                }
            }
        }
        for (goal, n) in glue {
            self.answering.entry(goal).or_default().push(n);
        }
    }
    /// Lists an instance that answers any goal under the literals into which its goal is taken apart. If each mention
    /// of the goal in the move is a whole goal of a part, the same move also answers each literal itself.
    fn take_apart(&mut self, goal: TermId, n: u32, answers: &mut Vec<(TermId, u32)>) {
        let mut sequents = Terms::new();
        self.connectives.sequents(self.arena, &[], goal, &mut sequents);
        let m = &self.by.moves.all[self.instances[n as usize].number as usize];
        let within = |t: TermId| occurs(&self.by.moves.arena, t, m.goal);
        let inherits = &self.instances[n as usize].inherits;
        let rests_on_parts = m.parts.iter().zip(inherits).all(|(p, own)| (p.goal == m.goal && *own) || !within(p.goal))
            && !m.parts.iter().any(|p| p.added.iter().any(|&t| within(t)))
            && !m.takes.is_some_and(within);
        let meta = self.by.moves.arena.head(m.goal).as_meta().filter(|&k| m.whole.map(u32::from) != Some(k));
        for s in sequents {
            let (literal, needs) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
            if literal == goal {
                continue;
            }
            let compound = Compound { instance: n, goal, needs: needs.clone(), glue: m.glue };
            self.compound.entry(literal).or_default().push(compound);
            if let Some(k) = meta.filter(|_| rests_on_parts) {
                let old = &self.instances[n as usize];
                let mut values = old.values.clone();
                values[k as usize] = literal;
                let own = m.parts.iter().zip(&old.parts);
                let parts = own.map(|(p, x)| (x.0.clone(), if p.goal == m.goal { literal } else { x.1 })).collect();
                let (apart, whole) = (m.apart.iter().map(|&k| values[usize::from(k)]).collect(), old.whole.clone());
                let (number, takes, inherits) = (old.number, old.takes, old.inherits.clone());
                let new = Instance { number, values, takes, parts, inherits, apart, whole, needs };
                answers.push((literal, self.instances.len() as u32));
                self.instances.push(new);
            }
        }
    }
    /// The instance of a move that a step is by a reading; `None` if another reading gives it in the wanted
    /// orientation.
    fn instance(&mut self, reading: &Reading, number: u32, given: &[TermId]) -> Option<TermId> {
        let (theory, moves) = (self.by.theory, self.by.moves);
        if reading.since > self.task.limit.0 {
            return None;
        }
        let m = &moves.all[number as usize];
        let values: Vec<TermId> = reading.metas.iter().map(|&k| given[usize::from(k)]).collect();
        let inherits = match m.strong().any(|r| r.is_there(theory, self.task)) {
            true => m.parts.iter().map(|part| part.inherits).collect(),
            false => reading.inherits.clone(),
        };
        let (arena, c) = (&mut *self.arena, &self.connectives);
        let said = arena.instantiate(m.goal, &values);
        let goal = c.oriented(arena, said);
        if goal != said && m.even {
            return None;
        }
        let takes = m.takes.map(|t| {
            let t = arena.instantiate(t, &values);
            c.oriented(arena, t)
        });
        let parts = m.parts.iter().map(|part| {
            let mut added = Terms::new();
            for &t in &part.added {
                let t = arena.instantiate(t, &values);
                c.conjuncts(arena, t, &mut added);
            }
            (added, arena.instantiate(part.goal, &values))
        });
        let parts = parts.collect();
        let whole = m.whole.map(|w| c.literals(arena, &[values[usize::from(w)]]));
        let apart = m.apart.iter().map(|&k| values[usize::from(k)]).collect();
        self.instances.push(Instance { number, values, takes, parts, inherits, apart, whole, needs: Terms::new() });
        Some(goal)
    }
    /// The number of a node that serves a formula in a context.
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
            Some(State::Open(at)) => {
                join(&mut self.back, &[*at]);
                return None;
            }
            Some(State::FailedBelow(back, number)) if self.is_above(back, *number) => {
                join(&mut self.back, back);
                return None;
            }
            Some(State::FailedBelow(..)) | None => {}
        }
        if depth >= DEPTH {
            return None;
        }
        self.fuel = self.fuel.checked_sub(1)?;
        self.begun += 1;
        self.above.truncate(depth as usize);
        self.above.push(self.begun);
        let outer = std::mem::take(&mut self.back);
        self.states.insert(s, State::Open(depth));
        let found = self.at_once(s).or_else(|| self.chain(s, depth)).or_else(|| self.derive(s, depth));
        self.above.truncate(depth as usize);
        self.back.retain(|d| *d < depth);
        let state = match (found, self.back.last()) {
            (Some(n), _) => State::Done(n),
            (None, None) => State::Failed,
            (None, Some(&last)) => State::FailedBelow(self.back.clone(), self.above[last as usize]),
        };
        self.states.insert(s, state);
        if found.is_some() {
            self.back.clear();
        }
        join(&mut self.back, &outer);
        found
    }
    /// Whether the goal of a number is still in progress at the last of some depths.
    fn is_above(&self, depths: &Depths, number: u32) -> bool {
        depths.last().is_some_and(|&d| self.above.get(d as usize) == Some(&number))
    }
    /// A node for a sequent that the search closes at once.
    fn at_once(&mut self, s: TermId) -> Option<u32> {
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        if members.contains(&goal) {
            return Some(self.push(s, By::Member, SmallVec::new()));
        }
        let fact = self.answering.get(&goal).into_iter().flatten().copied().find(|&n| {
            let i = &self.instances[n as usize];
            i.parts.is_empty() && i.takes.is_none() && i.whole.is_none() && i.needs.is_empty()
        });
        if let Some(n) = fact {
            return Some(self.push_move(s, n, Terms::new(), SmallVec::new()));
        }
        let given: Terms = members.iter().chain(&self.task.hyps).copied().collect();
        let given = self.connectives.all_ways(self.arena, &given);
        let goals = self.connectives.ways(self.arena, goal);
        let (tables, arena, question) = (self.by.tables, &*self.arena, &mut self.question);
        let follows = goals.into_iter().any(|goal| {
            let related = tables.related(question, arena, goal, &given);
            let mut entails = |given: &[TermId]| tables.follows(question, arena, given, &[goal]) == Some(true);
            // Contradictory formulas need not be related to the goal.
            entails(&related) || (related.len() < given.len() && entails(&given))
        });
        let closed = || By::Closed { proof: Box::default(), propositional: true };
        follows.then(|| self.push(s, closed(), SmallVec::new()))
    }
    /// A node for a sequent that the search closes by a chain of closure facts.
    fn chain(&mut self, s: TermId, depth: u32) -> Option<u32> {
        let (by, served) = self.closer.reason(self.arena, &mut self.allowed, s)?;
        let serve = |(members, goal): &(Terms, TermId)| self.serve(members, *goal, depth + 1);
        let children = served.iter().map(serve).collect::<Option<_>>()?;
        Some(self.push(s, by, children))
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
        let found = found.or_else(|| self.apply_compound(s, false, depth));
        let found = found.or_else(|| glue.into_iter().find_map(|n| self.apply(s, n, depth)));
        found.or_else(|| self.apply_compound(s, true, depth))
    }
    /// Answers a sequent by an instance whose goal contains its literal, among others or under antecedents.
    fn apply_compound(&mut self, s: TermId, glue: bool, depth: u32) -> Option<u32> {
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        for c in self.compound.get(&goal).cloned().unwrap_or_default() {
            if c.glue != glue || !c.needs.iter().all(|t| members.contains(t)) {
                continue;
            }
            let literal = sequent(self.arena, c.goal, members.clone());
            let known = match self.states.get(&literal) {
                Some(State::Done(n)) => Some(*n),
                _ => None,
            };
            if let Some(n) = known.or_else(|| self.apply(literal, c.instance, depth)) {
                self.states.insert(literal, State::Done(n));
                return Some(self.push(s, By::Split, SmallVec::from_slice(&[n])));
            }
        }
        None
    }
    /// Applies the instance of a move.
    fn apply(&mut self, s: TermId, n: u32, depth: u32) -> Option<u32> {
        let whole = Terms::from(context(self.arena, s));
        let i = &self.instances[n as usize];
        let parts = &self.by.moves.all[i.number as usize].parts;
        if i.takes.is_some_and(|t| !whole.contains(&t)) {
            return None;
        }
        let mut kept = self.apart.kept(self.arena, self.task, &whole, (i.takes, &i.apart));
        if let Some(said) = &i.whole {
            if !said.iter().all(|t| kept.contains(t)) {
                return None;
            }
            kept.retain(|t| said.contains(t));
        }
        if !i.needs.iter().all(|t| kept.contains(t)) {
            return None;
        }
        let mut children = SmallVec::new();
        for (k, part) in parts.iter().enumerate() {
            let (mut members, goal) = self.instances[n as usize].parts[k].clone();
            if self.instances[n as usize].inherits[k] {
                members.extend_from_slice(if part.restricted { &kept } else { &whole });
            }
            children.push(self.serve(&members, goal, depth + 1)?);
        }
        Some(self.push_move(s, n, kept, children))
    }
    /// Answers a sequent by a hypothesis of the task, or by a member of Γ that is no literal.
    fn use_given(&mut self, s: TermId, depth: u32) -> Option<u32> {
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        let given = self.given.clone();
        for g in given.iter().filter(|g| g.answers == goal) {
            if let Some(children) = self.serve_all(&members, &g.parts, depth) {
                return Some(self.push(s, By::Hyp { number: g.number, parts: g.parts.clone() }, children));
            }
        }
        for &member in &members {
            let c = &self.connectives;
            if c.as_implication(self.arena, member).is_none() && c.as_equivalence(self.arena, member).is_none() {
                continue;
            }
            for (answered, parts) in formula_readings(self.arena, &self.connectives, member) {
                if self.connectives.same(self.arena, answered, goal) {
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
}

/// Merges depths into others.
fn join(to: &mut Depths, more: &[u32]) {
    to.extend_from_slice(more);
    to.sort_unstable();
    to.dedup();
}

/// The nodes that a root depends on, renumbered.
fn reached(nodes: Vec<Node>, root: u32) -> Vec<Node> {
    let mut used = vec![false; root as usize + 1];
    used[root as usize] = true;
    for n in (0..=root as usize).rev() {
        if used[n] {
            nodes[n].children.iter().for_each(|&k| used[k as usize] = true);
        }
    }
    let mut number = vec![0; used.len()];
    let mut out = Vec::new();
    for (n, mut node) in nodes.into_iter().take(used.len()).enumerate().filter(|(n, _)| used[*n]) {
        node.children.iter_mut().for_each(|k| *k = number[*k as usize]);
        number[n] = out.len() as u32;
        out.push(node);
    }
    out
}

/// For each node, whether no choice is made in it or below it: it belongs to a chain of closure facts that ends in Γ,
/// in hypotheses of the task and in facts.
pub fn chained(proof: &ContentProof, moves: &Moves) -> Vec<bool> {
    let mut out: Vec<bool> = Vec::with_capacity(proof.nodes.len());
    for node in &proof.nodes {
        let own = match &node.by {
            By::Move { number, taken, .. } => {
                taken.is_none() && (moves.all[*number as usize].parts.is_empty() || moves.closure.contains(*number))
            }
            By::Hyp { .. } | By::Use { .. } | By::Member | By::Weaken | By::Closed { .. } | By::Split => true,
        };
        out.push(own && node.children.iter().all(|&k| out[k as usize]));
    }
    out
}

/// For each node, the number of the move that is chosen in it: a move that leaves parts or takes a member apart, and
/// does not belong to a chain of closure facts.
pub fn decided_by_node(proof: &ContentProof, moves: &Moves) -> Vec<Option<u32>> {
    let choice = |(n, chained): (&Node, bool)| match n.by {
        By::Move { number, taken, .. } if taken.is_some() || !moves.all[number as usize].parts.is_empty() => {
            (!chained).then_some(number)
        }
        _ => None,
    };
    proof.nodes.iter().zip(chained(proof, moves)).map(choice).collect()
}

/// The moves chosen in a content proof, by number.
pub fn decided(proof: &ContentProof, moves: &Moves) -> Vec<u32> {
    decided_by_node(proof, moves).into_iter().flatten().collect()
}

/// The number of choices in a content proof.
pub fn decisions(proof: &ContentProof, moves: &Moves) -> usize {
    decided(proof, moves).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    /// A proof that exchanges the sides of an equality twice.
    const MORE: &str = "
${ eqcomd.1 $e |- ( ph -> A = B ) $.  eqcomd $a |- ( ph -> B = A ) $. $}
${ eqtr4d.1 $e |- ( ph -> A = B ) $.  eqtr4d.2 $e |- ( ph -> C = B ) $.  eqtr4d $a |- ( ph -> A = C ) $. $}
${
  tcom.1 $e |- ( ph -> A = B ) $.  tcom.2 $e |- ( ph -> B = C ) $.
  tcom $p |- ( ph -> C = A ) $= wph cA cC wph cA cB cC tcom.1 wph cB cC tcom.2 eqcomd eqtr4d eqcomd $.
$}
";

    /// For a theorem, the number of its steps, and the labels of the moves chosen in its content proof.
    fn translated(label: &str) -> (usize, Vec<String>) {
        let source = include_str!("../fixture.mm").to_owned() + MORE;
        let theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let tables = Tables::new(&theory);
        let moves = Moves::new(&theory, &tables, &|p| theory.premise(p).is_some());
        let mut arena = moves.arena.clone();
        let a = theory.db.source.assertion(label).expect("it is there");
        let (task, proof) = (theory.task(a, &mut arena).expect("a task"), theory.human_proof(a).expect("a proof"));
        let found =
            Translator::new(&theory, &moves, &tables).translate(&task, &proof, &mut arena).expect("a content proof");
        let label = |n: u32| theory.label(moves.all[n as usize].readings[0].premise).to_owned();
        (proof.len(), decided(&found, &moves).into_iter().map(label).collect())
    }

    #[test]
    fn glue_is_no_decision() {
        assert_eq!(translated("tfcl2"), (3, vec!["fcl".into(), "fcl".into()]));
        // mpbid, adantr, syl and simpr are not chosen, and feqd leads from equal parts to equal wholes.
        assert_eq!(translated("tmix"), (6, vec!["eleq1".into()]));
        // The orientation of an equality is no choice.
        assert_eq!(translated("tcom"), (3, vec!["eqtr".into()]));
        // A proof that is all glue holds no choice.
        assert_eq!(translated("syl"), (4, vec![]));
    }
}
