//! REPLAY: applies the decisions of a theorem's proof to another sequent, where they fit.

use super::decide::{parts, Made};
use super::tree::{Found, Tree};
use super::{refusal, Words};
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::theory::library::PremiseId;
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::closers::Question;
use crate::wake_sleep::inference::moves::readings::formula_readings;
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof};
use crate::wake_sleep::inference::training::translate::Translator;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The largest number of decisions of one REPLAY.
const MAX_NODES: usize = 4000;

/// The state of a replay.
struct Replay<'w, 'a, 'b> {
    words: &'w mut Words<'a, 'b>,
    proof: &'w ContentProof,
    /// The metavariable of each variable of the theorem.
    metas: FxHashMap<SymbolId, u32>,
    lifted: FxHashMap<TermId, TermId>,
    /// The values of the theorem's variables known so far.
    bindings: Bindings,
    tree: Tree,
    known: FxHashMap<(u32, TermId), Found>,
}

impl Words<'_, '_> {
    /// The result of replaying a theorem's proof on a sequent.
    pub(super) fn replay(&mut self, label: &str, answers: TermId) -> Result<Made, Refusal> {
        let (theory, by) = (self.by.theory, self.by);
        let known = theory.find(label).filter(|p| theory.stands_before(*p, by.task) && p.index() < theory.db.len());
        let id = known.map(|p| AssertionId(p.0));
        let none =
            || refusal(FaultKind::Label, format!("no theorem before the task with a proof is labelled '{label}'"));
        let human = id.and_then(|id| Some((theory.human_proof(id)?, theory.task(id, self.arena)?)));
        let (human, task) = human.ok_or_else(none)?;
        let made = Translator::new(theory, by.moves, by.tables).translate(&task, &human, self.arena);
        let proof =
            made.ok_or_else(|| refusal(FaultKind::Unproved, format!("the proof of '{label}' is made of decisions")))?;
        let mut replay = Replay {
            words: self,
            proof: &proof,
            metas: FxHashMap::default(),
            lifted: FxHashMap::default(),
            bindings: Bindings::default(),
            tree: Tree::default(),
            known: FxHashMap::default(),
        };
        let root = proof.nodes.len() as u32 - 1;
        let Found::Node(_) = replay.node(root, answers) else {
            return Err(refusal(FaultKind::Unify, format!("the first decision of '{label}' fits")));
        };
        Ok(replay.tree.made(answers))
    }
}

impl Replay<'_, '_, '_> {
    /// A term of the theorem's proof with metavariables in place of the theorem's variables.
    fn lift(&mut self, t: TermId) -> TermId {
        if let Some(&known) = self.lifted.get(&t) {
            return known;
        }
        let head = self.words.arena.head(t);
        let new = match head.as_variable() {
            Some(v) => {
                let next = self.metas.len() as u32;
                let meta = *self.metas.entry(v).or_insert(next);
                self.bindings.grow(meta as usize + 1);
                self.words.arena.meta(meta)
            }
            None => {
                let children: Terms = self.words.arena.children(t).into();
                let children: Terms = children.into_iter().map(|c| self.lift(c)).collect();
                self.words.arena.make(head, &children)
            }
        };
        self.lifted.insert(t, new);
        new
    }
    /// Unifies a term of the theorem's proof with a term of the task; returns whether they agree.
    fn matches(&mut self, t: TermId, here: TermId) -> bool {
        let (t, before) = (self.lift(t), self.bindings.clone());
        let fits = self.bindings.unify(self.words.arena, (t, 0), (here, 0));
        if !fits {
            self.bindings = before;
        }
        fits
    }
    /// The instance of a term of the proof; `None` if it is not fully known.
    fn here(&mut self, t: TermId) -> Option<TermId> {
        let t = self.lift(t);
        let t = self.bindings.resolve(self.words.arena, (t, 0));
        self.words.arena.is_ground(t).then_some(t)
    }
    /// Answers a sequent, taken apart, in the way of node `p` of the proof.
    fn node(&mut self, p: u32, s: TermId) -> Found {
        if let Some(&known) = self.known.get(&(p, s)) {
            return known;
        }
        let found = if self.tree.len() >= MAX_NODES { None } else { self.again(p, s) };
        let found = found.unwrap_or_else(|| self.tree.leave(s));
        self.known.insert((p, s), found);
        found
    }
    fn again(&mut self, p: u32, s: TermId) -> Option<Found> {
        let (goal, members) = (consequent(self.words.arena, s), Terms::from(context(self.words.arena, s)));
        if members.contains(&goal) {
            return Some(self.tree.push(s, By::Member, SmallVec::new()));
        }
        let proof = self.proof;
        let source = &proof.nodes[p as usize];
        let said = consequent(self.words.arena, source.sequent);
        let c = self.words.connectives.clone();
        _ = c.ways(self.words.arena, goal).into_iter().any(|goal| self.matches(said, goal));
        match &source.by {
            By::Move { .. } => self.apply(p, s, goal, &members),
            By::Weaken => Some(self.node(source.children[0], s)),
            By::Split => self.split(p, s),
            By::Use { .. } => self.member(p, s, goal, &members),
            By::Closed { propositional: true, .. } if self.follows(goal, &members) => {
                let by = By::Closed { proof: Box::default(), propositional: true };
                Some(self.tree.push(s, by, SmallVec::new()))
            }
            By::Hyp { .. } | By::Member | By::Closed { .. } => self.given(s, goal, &members),
        }
    }
    fn apply(&mut self, p: u32, s: TermId, goal: TermId, members: &Terms) -> Option<Found> {
        let proof = self.proof;
        let source = &proof.nodes[p as usize];
        let By::Move { number, values: theirs, taken: taken_there, .. } = &source.by else { return None };
        let mut candidates: SmallVec<[Option<TermId>; 4]> = SmallVec::from_elem(None, 1);
        if let Some(t) = taken_there {
            let own = self.here(*t);
            let first = own.filter(|t| members.contains(t));
            candidates =
                first.into_iter().chain(members.iter().copied().filter(|&e| Some(e) != first)).map(Some).collect();
        }
        let ways = self.words.by.moves.all[*number as usize].ways();
        let candidates = candidates.into_iter().flat_map(|t| [(t, false), (t, true)].into_iter().take(ways));
        for (taken, turned) in candidates {
            let Some(mut values) = self.words.said_by(*number, turned, goal, taken) else { continue };
            for (k, v) in values.iter_mut().enumerate() {
                if v.is_none() {
                    *v = self.here(theirs[k]);
                }
            }
            let Some(values) = values.into_iter().collect::<Option<Vec<TermId>>>() else { continue };
            let mut kept: Terms = members.iter().copied().filter(|&e| Some(e) != taken).collect();
            let Ok(left) = self.words.applied(*number, &values, (goal, taken), members, &mut kept) else { continue };
            if !self.words.speaks_of(*number, &values, &kept) {
                continue;
            }
            for (&there, &here) in theirs.iter().zip(&values) {
                self.matches(there, here);
            }
            let children = source.children.iter().zip(left).map(|(&c, l)| self.serve(c, l)).collect();
            return Some(self.tree.push(s, By::Move { number: *number, values, taken, kept }, children));
        }
        None
    }
    /// Answers a sequent in the form in which it is left open.
    fn serve(&mut self, p: u32, asked: TermId) -> Found {
        match parts(&self.words.connectives, self.words.arena, asked)[..] {
            [one] => self.node(p, one),
            _ => self.split(p, asked).unwrap_or_else(|| self.tree.leave(asked)),
        }
    }
    fn split(&mut self, p: u32, s: TermId) -> Option<Found> {
        let all = parts(&self.words.connectives, self.words.arena, s);
        let proof = self.proof;
        let source = &proof.nodes[p as usize];
        if all[..] == [s] {
            return match source.children[..] {
                [one] => Some(self.node(one, s)),
                _ => None,
            };
        }
        let places: SmallVec<[Option<u32>; 3]> = match source.by {
            By::Split if source.children.len() == all.len() => source.children.iter().map(|&c| Some(c)).collect(),
            _ => SmallVec::from_elem(None, all.len()),
        };
        let children = all.iter().zip(places).map(|(&q, c)| match c {
            Some(c) => self.node(c, q),
            None => self.tree.leave(q),
        });
        let children = children.collect();
        Some(self.tree.push(s, By::Split, children))
    }
    /// Answers by a member of Γ whose reading leaves as many parts as in the proof.
    fn member(&mut self, p: u32, s: TermId, goal: TermId, members: &Terms) -> Option<Found> {
        let proof = self.proof;
        let source = &proof.nodes[p as usize];
        for &member in members {
            for (answers, left) in formula_readings(self.words.arena, &self.words.connectives, member) {
                let same = self.words.connectives.same(self.words.arena, answers, goal);
                if !same || left.len() != source.children.len() {
                    continue;
                }
                let asked = self.words.literals(members, &left);
                let children = source.children.iter().zip(asked).map(|(&c, l)| self.serve(c, l)).collect();
                return Some(self.tree.push(s, By::Use { member, parts: left }, children));
            }
        }
        None
    }
    /// Answers by a hypothesis of the task that entails the sequent, its antecedents being in Γ.
    fn given(&mut self, s: TermId, goal: TermId, members: &Terms) -> Option<Found> {
        let hyps = &self.words.by.task.hyps;
        for (number, &h) in (0..).zip(hyps) {
            for (answers, left) in formula_readings(self.words.arena, &self.words.connectives, h) {
                let c = &self.words.connectives;
                let known = |t: &TermId| members.iter().any(|&m| c.same(self.words.arena, m, *t));
                if !c.same(self.words.arena, answers, goal) || !left.iter().all(known) {
                    continue;
                }
                let asked = self.words.literals(members, &left);
                let children = asked.into_iter().map(|q| self.tree.push(q, By::Member, SmallVec::new())).collect();
                return Some(self.tree.push(s, By::Hyp { number, parts: left }, children));
            }
        }
        None
    }
    fn follows(&mut self, goal: TermId, members: &Terms) -> bool {
        let (arena, tables, mut question) = (&*self.words.arena, self.words.by.tables, Question::default());
        let hyps = self.words.by.task.hyps.iter();
        let given: Vec<TermId> =
            members.iter().chain(hyps).copied().filter(|&h| !arena.head(h).is_judgement()).collect();
        let related = tables.related(&mut question, arena, goal, &given);
        tables.follows(&mut question, arena, &related, &[goal]) == Some(true)
    }
}

impl Words<'_, '_> {
    /// Whether the value of the move's `whole`, if it has one, is the conjunction of the members passed on.
    fn speaks_of(&mut self, number: u32, values: &[TermId], kept: &Terms) -> bool {
        let Some(w) = self.by.moves.all[number as usize].whole else { return true };
        let said = self.connectives.literals(self.arena, &[values[usize::from(w)]]);
        let mut kept = kept.clone();
        kept.sort_unstable();
        said == kept
    }
    /// Whether the task may use a premise.
    pub(super) fn may_use(&self, p: PremiseId) -> bool {
        self.by.theory.stands_before(p, self.by.task) && (self.by.allowed)(p)
    }
}
