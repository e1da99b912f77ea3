//! The choices of a content proof in the form in which the search meets them: training examples, and test cases of
//! models.
//!
//! A content proof is followed from its root. What a move leaves open carries metavariables where the search would have
//! them. Of parts that share metavariables, the one that the search would take first is shown with them; the others are
//! shown as they are once that one is proved (as in [`crate::wake_sleep::ranking::examples`]).

use super::translate::chained;
use crate::dsl::theory::library::{PremiseId, Task, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::inference::closure::is_substituted;
use crate::wake_sleep::inference::moves::apart::Apart;
use crate::wake_sleep::inference::moves::readings::{Move, Moves};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof};
use crate::wake_sleep::inference::search::select;
use crate::wake_sleep::ranking::examples::rename;
use crate::wake_sleep::ranking::features::Context;
use smallvec::SmallVec;

/// The number of metavariables reserved for the sequent. A move's own metavariables come after them.
const BASE: u32 = 24;

/// A move that could be made, with the member of Γ that it takes apart.
pub type Candidate = (u32, Option<TermId>);

/// One decision of a content proof.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The sequent, with metavariables `0..` in order of appearance.
    pub sequent: TermId,
    /// The moves above the sequent.
    pub context: Context,
    /// The move that the proof makes.
    pub made: Candidate,
    /// The number of the node.
    pub node: u32,
}

/// A part of a move as a feature: the move's first assertion, and a number for its place among that assertion's moves
/// and for the part.
pub fn asks(moves: &Moves, number: u32, part: usize) -> (PremiseId, u8) {
    let first = moves.all[number as usize].readings[0].premise;
    let which = moves.by_premise[first.index()].iter().position(|&n| n == number).unwrap_or(0);
    (first, (which * 8 + part.min(7)).min(255) as u8)
}

/// The moves that may answer a sequent of a task, by number: all that unify by their outer shape. `allowed` says which
/// moves the task may use.
pub fn candidates(
    moves: &Moves,
    theory: &Theory,
    task: &Task,
    allowed: &dyn Fn(u32) -> bool,
    arena: &Arena,
    s: TermId,
) -> Vec<Candidate> {
    let late = moves.before(task.limit.0)..moves.before(theory.db.len() as u32);
    let (mut query, mut found, mut out) = (Query::default(), Vec::new(), Vec::new());
    let usable = |found: &mut Vec<u32>, member: Option<TermId>, out: &mut Vec<Candidate>| {
        found.retain(|&n| allowed(n));
        out.extend(found.drain(..).map(|n| (n, member)));
    };
    moves.fitting(arena, consequent(arena, s), false, &late, &mut query, &mut found);
    usable(&mut found, None, &mut out);
    for &member in context(arena, s) {
        moves.fitting(arena, member, true, &late, &mut query, &mut found);
        usable(&mut found, Some(member), &mut out);
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// The state of following one proof.
struct Follow<'a, 'b> {
    moves: &'a Moves,
    task: &'b Task,
    connectives: Connectives,
    proof: &'b ContentProof,
    /// For each node, whether it holds no choice.
    chained: Vec<bool>,
    arena: &'b mut Arena,
    bindings: Bindings,
    /// For each node, the form in which it is first met.
    seen: Vec<Option<(TermId, Context)>>,
    stack: Vec<u32>,
    apart: Apart,
}

/// The choices of a proof of a task, without what the search closes at once.
pub fn choices(moves: &Moves, task: &Task, proof: &ContentProof, arena: &mut Arena) -> Vec<Choice> {
    let mut f = Follow {
        moves,
        task,
        connectives: moves.connectives.before(task.limit),
        proof,
        chained: chained(proof, moves),
        arena,
        bindings: Bindings::default(),
        seen: vec![None; proof.nodes.len()],
        stack: Vec::new(),
        apart: Apart::default(),
    };
    let mut out = Vec::new();
    let Some(root) = proof.nodes.len().checked_sub(1) else { return out };
    f.meet(root as u32, None, Context::default());
    while let Some(n) = f.stack.pop() {
        f.follow(n, &mut out);
    }
    out
}

impl Follow<'_, '_> {
    /// Meets a node for the first time; as its own sequent if `sequent` is `None`.
    fn meet(&mut self, node: u32, sequent: Option<TermId>, context: Context) {
        if self.seen[node as usize].is_none() {
            let own = self.proof.nodes[node as usize].sequent;
            self.seen[node as usize] = Some((sequent.unwrap_or(own), context));
            self.stack.push(node);
        }
    }
    fn follow(&mut self, n: u32, out: &mut Vec<Choice>) {
        let node = &self.proof.nodes[n as usize];
        let Some((mut s, context)) = self.seen[n as usize] else { return };
        let By::Move { number, taken, values, .. } = &node.by else {
            // A child that proves the formula as a whole is chosen for the sequent itself.
            for &c in &node.children {
                let said = self.proof.nodes[c as usize].sequent;
                let whole = matches!(node.by, By::Split) && !self.is_literal(said);
                self.meet(c, Some(s).filter(|_| whole), context);
            }
            return;
        };
        let m = &self.moves.all[*number as usize];
        let bare = self.arena.head(consequent(self.arena, s)).as_meta().is_some();
        if bare || (taken.is_some() && !self.arena.is_ground(s)) {
            s = node.sequent;
        }
        let forced =
            |f: &mut Self| f.arena.is_ground(s) || is_substituted(f.moves, &f.connectives, f.arena, s, node.sequent);
        if self.chained[n as usize] && forced(self) {
            return;
        }
        if !(self.arena.is_ground(s) && m.parts.is_empty() && taken.is_none()) {
            out.push(Choice { sequent: s, context, made: (*number, *taken), node: n });
        }
        let open = if self.is_literal(node.sequent) { self.open(m, values, s, *taken) } else { None };
        let asking =
            |k| Context { parent: Some(asks(self.moves, *number, k)), grandparent: context.parent.map(|p| p.0) };
        let contexts: SmallVec<[Context; 4]> = (0..m.parts.len()).map(asking).collect();
        for (k, &child) in node.children.iter().enumerate() {
            let parts = match self.proof.nodes[child as usize].by {
                By::Split if self.proof.nodes[child as usize].children.len() > 1 => {
                    self.proof.nodes[child as usize].children.clone()
                }
                _ => SmallVec::from_slice(&[child]),
            };
            let seen = open.as_ref().map(|o| &o[k]).filter(|o| o.len() == parts.len());
            for (i, part) in parts.into_iter().enumerate() {
                self.meet(part, seen.and_then(|o| o[i]), contexts[k]);
            }
        }
    }
    /// Whether a sequent is not taken apart further: its consequent is no implication and no conjunction.
    fn is_literal(&mut self, s: TermId) -> bool {
        let mut found = Terms::new();
        let (goal, members) = (consequent(self.arena, s), Terms::from(context(self.arena, s)));
        self.connectives.sequents(self.arena, &members, goal, &mut found);
        found[..] == [s]
    }
    /// For each part of a move, the sequents that it leaves. The sequent with metavariables that the search takes first
    /// is given; for the others there is `None`. Returns `None` if the move does not fit.
    fn open(
        &mut self,
        m: &Move,
        values: &[TermId],
        s: TermId,
        taken: Option<TermId>,
    ) -> Option<Vec<SmallVec<[Option<TermId>; 2]>>> {
        let asked = consequent(self.arena, s);
        // The orientation comes from the proof's values: with metavariables a goal may have another one than without.
        let said = self.arena.instantiate(m.goal, values);
        let goal = self.connectives.ways(self.arena, asked).into_iter().find(|&goal| {
            self.bindings.reset(BASE as usize);
            self.bindings.unify(self.arena, (said, 0), (goal, 0))
        })?;
        let takes = m.taken().find(|&t| Some(self.arena.instantiate(t, values)) == taken);
        self.bindings.reset(BASE as usize + m.variables.len());
        let both = [Some((m.goal, goal)), takes.zip(taken)];
        if !both.into_iter().flatten().all(|(x, t)| self.bindings.unify(self.arena, (x, BASE), (t, 0))) {
            return None;
        }
        for k in self.moves.eigenvariables(m) {
            let meta = self.arena.meta(u32::from(k));
            if let Some(unbound) = self.bindings.walk(self.arena, (meta, BASE)).1 {
                self.bindings.bind(unbound, (values[usize::from(k)], 0));
            }
        }
        if m.whole.is_some() {
            return None; // A part mentions the Γ of the proof.
        }
        let whole = Terms::from(context(self.arena, s));
        let mut apart = Terms::new();
        for &k in &m.apart {
            let meta = self.arena.meta(u32::from(k));
            apart.push(self.bindings.resolve(self.arena, (meta, BASE)));
        }
        let kept = self.apart.kept(self.arena, self.task, &whole, (taken, &apart));
        let mut out = Vec::new();
        for part in &m.parts {
            let mut members: Terms = match (part.inherits, part.restricted) {
                (true, true) => kept.clone(),
                (true, false) => whole.clone(),
                (false, _) => Terms::new(),
            };
            for &t in &part.added {
                members.push(self.bindings.resolve(self.arena, (t, BASE)));
            }
            let goal = self.bindings.resolve(self.arena, (part.goal, BASE));
            let mut sequents = Terms::new();
            self.connectives.sequents(self.arena, &members, goal, &mut sequents);
            out.push(sequents);
        }
        Some(self.first_open(&out))
    }
    /// Keeps the one sequent with metavariables that is taken first.
    fn first_open(&mut self, parts: &[Terms]) -> Vec<SmallVec<[Option<TermId>; 2]>> {
        let mut places: Vec<(usize, usize, TermId)> = Vec::new();
        for (k, sequents) in parts.iter().enumerate() {
            for (i, &s) in sequents.iter().enumerate() {
                if self.arena.is_ground(s) {
                    continue;
                }
                let mut names = SmallVec::new();
                let renamed = rename(self.arena, s, &mut names);
                if names.len() <= 16 {
                    places.push((k, i, renamed));
                }
            }
        }
        let mut out: Vec<SmallVec<[Option<TermId>; 2]>> =
            parts.iter().map(|p| SmallVec::from_elem(None, p.len())).collect();
        let goals: Vec<TermId> = places.iter().map(|p| p.2).collect();
        if !goals.is_empty() {
            let (k, i, s) = places[select(self.arena, &goals)];
            out[k][i] = Some(s);
        }
        out
    }
}
