//! Answers made shorter before they are shown: of the proofs that are known the one with the fewest bytes wins.
//!
//! *Closed goals race.* A decision procedure proves whole classes of goals, and at length. So each goal of a found proof
//! that one closed with more than [`BRIEF`] steps is searched once more, in a graph of its own in which procedures may
//! close goals with at most [`BRIEF`] steps; the longest first, until [`Options::minimise`] expansions are used up.
//! *Missed uses.* Then what is proved twice is proved once, and steps are replaced by applications of anything that the
//! task may use ([`crate::compression::missed`]), the best first, as long as the proof becomes shorter. At most
//! [`MEASURED`] steps are laid out for that, so that all of it is counted and the answer is the same each time.
//! *Kept.* A proof takes another's place only if it has fewer bytes as a compressed proof, or as many and fewer steps
//! ([`Size::beats`]), needs no `$d` condition between the task's own variables that the task has not, nor one of a dummy
//! variable that the theorem's place lacks where the old one did without, and rests on no axiom, definitions aside, that
//! the old one did not rest on. Price on set.mm: some milliseconds, and once a tenth of a second for the axioms.

use super::{Context, Options, Prepared, Rules, Search, SearchResult, StopReason};
use crate::compression::full::share_equal;
use crate::compression::missed::{Background, Missed, Options as MissedOptions, Place, Premises, Worker};
use crate::compression::size::{Frame, Size, Sizer};
use crate::dsl::library::{Elaborated, PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::index::Query;
use crate::metamath_db::term::{Arena, Head};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// Steps of a procedure's proof that is not searched again.
pub const BRIEF: usize = 8;
/// Steps that are laid out to measure proofs.
const MEASURED: usize = 400_000;
/// Steps of a proof in which missed uses are looked for.
const MOST_STEPS: usize = 2_000;
/// Of what is left, the expansions that one goal may use.
const SHARE: u64 = 2;

/// What became of a found proof.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Minimised {
    /// Steps that apply a premise, before and after.
    pub steps: [usize; 2],
    /// Bytes of the compressed proof, before and after: labels and parentheses with a space behind each, and letters;
    /// lemmas of the library count as labels.
    pub bytes: [usize; 2],
    /// Expansions that were used.
    pub expansions: u64,
    /// Thread CPU seconds.
    pub seconds: f64,
}

/// A goal that a decision procedure closed.
pub(super) struct Closed {
    goal: TermId,
    steps: usize,
}

/// A proof that fits the task.
struct Answer {
    proof: Proof,
    steps: Vec<Elaborated>,
    size: Size,
    /// Steps that a search chose.
    decisions: u64,
}

impl Answer {
    fn beats(&self, other: &Answer) -> bool {
        self.size.beats(&other.size)
    }
}

struct Work<'a> {
    shared: &'a Prepared,
    task: &'a Task,
    rules: &'a Rules,
    options: &'a Options,
    arena: &'a mut Arena,
    sizer: Sizer,
    place: Place,
    /// Pairs of variables that the theorem's place keeps apart; `None` for a statement, which may state any.
    active: Option<Vec<(SymbolId, SymbolId)>>,
}

impl Prepared {
    /// The shortest proof of a task that is known, given one, and how many of its steps were chosen.
    fn minimised(
        &self,
        (task, rules, options): (&Task, &Rules, &Options),
        (proof, decisions, closed): (Proof, u64, Vec<Closed>),
        arena: &mut Arena,
    ) -> (Proof, u64, Option<Minimised>) {
        let start = cpu_time::ThreadTime::now();
        let mut work = Work::new((self, task, rules, options), arena);
        let Some(found) = work.weighed(proof.clone(), decisions, None) else { return (proof, decisions, None) };
        let before = (found.proof.len(), found.size.bytes());
        let mut expansions = 0;
        let raced = work.race(found, closed, &mut expansions);
        let merged = work.merged(raced);
        let best = work.shortened(merged);
        let after = (best.proof.len(), best.size.bytes());
        let (steps, bytes) = ([before.0, after.0], [before.1, after.1]);
        let seconds = start.elapsed().as_secs_f64();
        (best.proof, best.decisions, Some(Minimised { steps, bytes, expansions, seconds }))
    }
    /// The result of another search with its proof made shorter, if that is asked for.
    pub fn shortened(
        &self,
        task: &Task,
        options: &Options,
        mut result: SearchResult,
        arena: &mut Arena,
    ) -> SearchResult {
        let rules = Rules::new(self, task, options, arena);
        match result.proof.take() {
            None => result,
            Some(proof) => self.answered((task, &rules, options), result, (proof, Vec::new()), arena),
        }
    }
    /// A result with its proof, made shorter if that is asked for.
    pub(super) fn answered(
        &self,
        (task, rules, options): (&Task, &Rules, &Options),
        mut result: SearchResult,
        (proof, closed): (Proof, Vec<Closed>),
        arena: &mut Arena,
    ) -> SearchResult {
        let found = (proof, result.decisions, closed);
        let (proof, decisions, minimised) = match options.minimise {
            0 => (found.0, found.1, None),
            _ => self.minimised((task, rules, options), found, arena),
        };
        (result.proof, result.decisions, result.minimised) = (Some(proof), decisions, minimised);
        result
    }
    fn background(&self) -> &Background {
        self.background.get_or_init(|| Background::new(&self.theory))
    }
}

impl Search<'_> {
    /// The goals of an extracted proof that procedures closed at length, the longest first; `shared`: clusters that are in
    /// the proof.
    pub(super) fn closed_at_length(&self, shared: &FxHashMap<u32, u32>) -> Vec<Closed> {
        let mut all: Vec<(usize, u32)> = Vec::new();
        for &at in shared.keys() {
            let steps = self.clusters[at as usize].closed.as_ref().map_or(0, |p| p.len());
            if steps > BRIEF {
                all.push((steps, at));
            }
        }
        all.sort_unstable_by_key(|&(steps, at)| (std::cmp::Reverse(steps), at));
        all.into_iter().map(|(steps, at)| Closed { goal: self.clusters[at as usize].goals[0], steps }).collect()
    }
}

impl<'a> Work<'a> {
    fn new(
        (shared, task, rules, options): (&'a Prepared, &'a Task, &'a Rules, &'a Options),
        arena: &'a mut Arena,
    ) -> Work<'a> {
        let theory: &Theory = &shared.theory;
        let (active, place) = match theory.is_theorem(task) {
            true => {
                let place = Place::theorem(theory, task.limit, arena);
                (Some(place.disjoint.clone()), place)
            }
            false => (None, statement_place(theory, task, arena)),
        };
        Work { shared, task, rules, options, arena, sizer: Sizer::default(), place, active }
    }
    /// A proof as an answer, if it fits the task and needs no `$d` condition or axiom that `old` does without.
    fn weighed(&mut self, proof: Proof, decisions: u64, old: Option<&Answer>) -> Option<Answer> {
        let theory = &self.shared.theory;
        let steps = theory.elaborate(self.task, &proof, self.arena).ok()?;
        if old.is_some_and(|old| self.lacking(&steps) && !self.lacking(&old.steps)) {
            return None;
        }
        if old.is_some_and(|old| !self.shared.background().rests_on_no_more(&proof, &old.proof)) {
            return None;
        }
        let root = (steps.len() as u32 - 1, steps.len());
        let size = self.sizer.measure(theory, self.arena, root, |n| &steps[n as usize], &self.place.frame)?;
        Some(Answer { proof, steps, size, decisions })
    }
    /// Whether steps need a `$d` condition that the theorem's place lacks.
    fn lacking(&self, steps: &[Elaborated]) -> bool {
        let Some(active) = &self.active else { return false };
        let needed = self.shared.theory.needed_disjoint(steps, self.arena);
        needed.iter().any(|pair| active.binary_search(pair).is_err())
    }
    /// Searches the goals that were closed at length once more.
    fn race(&mut self, mut best: Answer, closed: Vec<Closed>, expansions: &mut u64) -> Answer {
        for goal in closed {
            let left = self.options.minimise.saturating_sub(*expansions);
            let Some(at) = best.steps.iter().position(|s| s.formula == goal.goal) else { continue };
            let budget = left.div_ceil(SHARE);
            if budget == 0 {
                break;
            }
            let (found, chosen) = self.searched(&goal, budget, expansions);
            let Some(found) = found else { continue };
            let proof = replaced(&best.proof, at, &found);
            if let Some(new) = self.weighed(proof, best.decisions + chosen, Some(&best)).filter(|new| new.beats(&best))
            {
                best = new;
            }
        }
        best
    }
    /// A proof of a closed goal without the procedures' long ones, and how many of its steps were chosen.
    fn searched(&mut self, closed: &Closed, budget: u64, expansions: &mut u64) -> (Option<Proof>, u64) {
        let task = Task { goal: closed.goal, ..self.task.clone() };
        let options = Options {
            expansions: budget,
            seconds: None,
            patient: false,
            beam: 0,
            longest_closed: BRIEF.min(closed.steps / 2),
            frontier: false,
            graph: 0,
            ..self.options.clone()
        };
        let mut s = Search::under(self.shared, &task, self.rules.clone(), &options, self.arena);
        let root = s.cluster(&[(task.goal, Context::default())], 0, Vec::new());
        let reason = s.run(root, cpu_time::ThreadTime::now());
        *expansions += s.expansions;
        let found = if reason == StopReason::Solved { s.extract_proof(root) } else { None };
        (found.map(|x| x.0), s.decisions(root))
    }
    /// What is proved twice proved once, if that is no longer.
    fn merged(&mut self, old: Answer) -> Answer {
        let formulas: Vec<TermId> = old.steps.iter().map(|s| s.formula).collect();
        let (proof, kept) = share_equal(&old.proof, &formulas);
        if kept.len() == formulas.len() {
            return old;
        }
        let new = self.weighed(proof, old.decisions, Some(&old));
        new.filter(|new| new.size.bytes() <= old.size.bytes()).unwrap_or(old)
    }
    /// With missed uses of what the task may use.
    fn shortened(&mut self, old: Answer) -> Answer {
        if old.steps.len() > MOST_STEPS {
            return old;
        }
        let premises = self.fitting(&old.steps);
        let theory = &self.shared.theory;
        let options = MissedOptions { measured: MEASURED, ..MissedOptions::default() };
        let background = self.shared.background().clone();
        let known = Premises::among(theory, options, background, premises.into_iter().map(PremiseId));
        let mut place = self.place.clone();
        place.disjoint.extend(theory.needed_disjoint(&old.steps, self.arena));
        place.disjoint.sort_unstable();
        place.disjoint.dedup();
        let formulas: Vec<TermId> = old.steps.iter().map(|s| s.formula).collect();
        let mut worker = Worker::new(std::mem::take(self.arena));
        std::mem::swap(&mut worker.sizer, &mut self.sizer);
        let found = Missed::with(theory, &known).shorten(&place, &old.proof, &formulas, &mut worker);
        (*self.arena, self.sizer) = (worker.arena, worker.sizer);
        let new = found.and_then(|found| self.weighed(found.proof, old.decisions, Some(&old)));
        new.filter(|new| new.beats(&old)).unwrap_or(old)
    }
    /// The premises that the task may use and that may prove a step from others, in order.
    fn fitting(&self, steps: &[Elaborated]) -> Vec<u32> {
        let (shared, theory) = (self.shared, &self.shared.theory);
        let (mut query, mut found) = (Query::default(), Vec::new());
        if let Some(own) = self.rules.own() {
            found.extend(own);
        } else {
            let late = self.task.limit.0..theory.db.len() as u32;
            let mut seen = FxHashSet::default();
            for s in steps.iter().filter(|s| matches!(s.rule, Rule::Premise(_)) && seen.insert(s.formula)) {
                shared.index.query_outside(self.arena, s.formula, late.clone(), &mut query, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        let there: FxHashSet<Tip> = self.formulas(steps).flat_map(|t| tips(self.arena, t)).collect();
        let proved = |&h: &TermId| tips(&theory.arena, h).all(|tip| there.contains(&tip));
        let may = |&p: &u32| {
            self.rules.permits(shared, self.task, self.options, p)
                && theory.premise(PremiseId(p)).is_some_and(|x| x.hyps.iter().all(proved))
        };
        found.retain(may);
        found
    }
    /// What the steps prove, and the task's hypotheses.
    fn formulas<'s>(&'s self, steps: &'s [Elaborated]) -> impl Iterator<Item = TermId> + 's {
        steps.iter().map(|s| s.formula).chain(self.task.hyps.iter().copied())
    }
}

/// A head within a statement: the statement's, the place of the child below it, and the child's.
type Tip = (Head, usize, Head);

/// The heads of a statement and of its children, metavariables left out: an instance has them all.
fn tips(arena: &Arena, t: TermId) -> impl Iterator<Item = Tip> + '_ {
    let head = arena.head(t);
    let below = arena.children(t).iter().enumerate().map(move |(i, &c)| (head, i, arena.head(c)));
    let own = std::iter::once((head, usize::MAX, head)).chain(below);
    own.filter(|tip| tip.2.as_meta().is_none())
}

/// Where a statement that is no theorem of the database stands.
fn statement_place(theory: &Theory, task: &Task, arena: &Arena) -> Place {
    let mut variables: Vec<SymbolId> = arena.variables(task.goal);
    variables.extend(task.hyps.iter().flat_map(|&h| arena.variables(h)));
    variables.sort_unstable();
    variables.dedup();
    Place {
        limit: task.limit,
        block: task.block,
        before: PremiseId(theory.len() as u32),
        disjoint: task.disjoint.clone(),
        frame: Frame::lemma(&variables, task.hyps.len(), theory.position(task)),
        hyps: task.hyps.clone(),
    }
}

/// A proof with another one, of the same formula, in the place of a step; what is not needed any more is left out.
fn replaced(proof: &Proof, at: usize, by: &Proof) -> Proof {
    let mut steps: Vec<Step> = Vec::with_capacity(proof.steps.len() + by.steps.len());
    let moved =
        |children: &SmallVec<[u32; 4]>, number: &dyn Fn(u32) -> u32| children.iter().map(|&c| number(c)).collect();
    let more = by.steps.len() as u32 - 1;
    steps.extend_from_slice(&proof.steps[..at]);
    let inside = |c: u32| c + at as u32;
    steps.extend(by.steps.iter().map(|s| Step { rule: s.rule, children: moved(&s.children, &inside) }));
    let behind = |c: u32| if c < at as u32 { c } else { c + more };
    steps.extend(proof.steps[at + 1..].iter().map(|s| Step { rule: s.rule, children: moved(&s.children, &behind) }));
    let mut needed = vec![false; steps.len()];
    *needed.last_mut().unwrap_or(&mut false) = true;
    for (i, s) in steps.iter().enumerate().rev() {
        if needed[i] {
            s.children.iter().for_each(|&c| needed[c as usize] = true);
        }
    }
    let mut number = vec![0u32; steps.len()];
    let mut out = Proof::default();
    for (i, s) in steps.into_iter().enumerate().filter(|(i, _)| needed[*i]) {
        number[i] = out.steps.len() as u32;
        out.steps.push(Step { rule: s.rule, children: s.children.iter().map(|&c| number[c as usize]).collect() });
    }
    out
}
