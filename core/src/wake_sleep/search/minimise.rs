//! Shorter proofs: of all proofs of a task that are known, the one with the fewest bytes is returned.
//!
//! *Closed goals.* A decision procedure proves whole classes of goals, often by long proofs. So each goal of a found
//! proof that one closed with more than [`BRIEF`] steps is searched once more, the longest first. This search has a
//! graph of its own, in which procedures may close goals with few steps only. *Other ways.* Then the goals with the
//! longest proofs are searched once more, the whole first, without the premise of their last step. All of this takes at
//! most [`Options::minimise`] expansions; each goal may use one [`SHARE`]th of what is left. *Missed uses.* Formulas
//! that are proved twice are proved once. Then steps are replaced by applications of any premise that the task may use
//! ([`crate::compression::reuse::missed`]), the best first, as long as the proof becomes shorter. This is done to the
//! proof as it was found and to the result of the searches. At most [`MEASURED`] steps are laid out for each, so the
//! bound is a count and the answer is reproducible. *Acceptance.* A proof replaces another one only if it has fewer
//! bytes as a compressed proof, or equal bytes and fewer steps ([`Size::beats`]). It must need no `$d` condition
//! between the task's own variables that the task lacks. It must need none of a dummy variable that is missing at the
//! theorem's place, unless the old proof does. It must depend on no axiom, definitions aside, that the old proof does
//! not depend on.

use super::{Context, Options, Prepared, Rules, Search, SearchResult, StopReason, NAT};
use crate::compression::full::share_equal;
use crate::compression::reuse::missed::{Background, Missed, Options as MissedOptions, Place, Premises, Worker};
use crate::compression::reuse::size::{Frame, Size, Sizer};
use crate::dsl::theory::library::{Elaborated, PremiseId, Proof, Rule, Step, Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::{Arena, Head};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// A procedure's proof with at most this many steps is not searched again.
const BRIEF: usize = 2;
/// The largest number of steps of a procedure's proof within such a search.
const LONGEST_CLOSED: usize = 8;
/// The smallest number of steps of the proof of any other goal that is searched again.
const LONG: usize = 3;
/// The largest number of such other goals.
const OTHERS: usize = 8;
/// Each goal may use one part in this many of the expansions that are left.
const SHARE: u64 = 3;
/// The cost of a step in these searches. It is higher than elsewhere, because they look for few steps.
const STEP_COST: i32 = 3 * NAT / 2;
/// The number of steps that may be laid out to measure proofs.
const MEASURED: usize = 200_000;
/// The largest number of steps of a proof in which missed uses are looked for.
const MOST_STEPS: usize = 2_000;

/// The effect of minimisation on a found proof.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Minimised {
    /// The number of steps that apply a premise, before and after.
    pub steps: [usize; 2],
    /// The bytes of the compressed proof, before and after: labels and parentheses with a space behind each, and
    /// letters. Lemmas of the library count as labels.
    pub bytes: [usize; 2],
    /// The number of expansions used.
    pub expansions: u64,
    /// Seconds of thread CPU.
    pub seconds: f64,
}

/// A goal of a found proof that is searched once more.
pub(super) struct Again {
    goal: TermId,
    /// The number of steps that apply a premise in its present proof.
    steps: usize,
    /// A premise that must not prove it this time.
    without: Option<PremiseId>,
}

/// A proof that fits the task, with its size and what it depends on.
#[derive(Clone)]
struct Answer {
    proof: Proof,
    steps: Vec<Elaborated>,
    size: Size,
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
    /// The pairs of variables with a `$d` condition at the theorem's place; `None` for a statement from elsewhere,
    /// which may add any.
    active: Option<Vec<(SymbolId, SymbolId)>>,
}

impl Prepared {
    /// The shortest known proof of a task, given one proof and the goals in it that procedures closed.
    fn minimised(
        &self,
        (task, rules, options): (&Task, &Rules, &Options),
        (proof, closed): (Proof, Vec<Again>),
        arena: &mut Arena,
    ) -> (Proof, Option<Minimised>) {
        let start = cpu_time::ThreadTime::now();
        let mut work = Work::new((self, task, rules, options), arena);
        let Some(found) = work.weighed(proof.clone(), None) else { return (proof, None) };
        let before = (found.proof.len(), found.size.bytes());
        let mut expansions = 0;
        let raced = work.race(found.clone(), closed, &mut expansions);
        let other = (raced.proof != found.proof).then(|| work.brief(raced));
        let found = work.brief(found);
        let best = other.filter(|other| other.beats(&found)).unwrap_or(found);
        let after = (best.proof.len(), best.size.bytes());
        let (steps, bytes) = ([before.0, after.0], [before.1, after.1]);
        let seconds = start.elapsed().as_secs_f64();
        (best.proof, Some(Minimised { steps, bytes, expansions, seconds }))
    }
    /// The result of another search with its proof made shorter, if [`Options::minimise`] is above 0.
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
    /// The result with the given proof, made shorter if [`Options::minimise`] is above 0.
    pub(super) fn answered(
        &self,
        (task, rules, options): (&Task, &Rules, &Options),
        mut result: SearchResult,
        (proof, closed): (Proof, Vec<Again>),
        arena: &mut Arena,
    ) -> SearchResult {
        let (proof, minimised) = match options.minimise {
            0 => (proof, None),
            _ => self.minimised((task, rules, options), (proof, closed), arena),
        };
        (result.proof, result.minimised) = (Some(proof), minimised);
        result
    }
    fn background(&self) -> &Background {
        self.background.get_or_init(|| Background::new(&self.theory))
    }
}

impl Search<'_> {
    /// The premises for a goal of a cluster, ranked by cost. For the root, the first cluster, the avoided premise is
    /// left out.
    pub(in crate::wake_sleep) fn ranked_for(&mut self, at: u32, goal: TermId, context: Context) -> Vec<(i32, u32)> {
        let mut candidates = self.rank(goal, context);
        if let Some(p) = self.avoided.filter(|_| at == 0) {
            candidates.retain(|c| c.1 != p.0);
        }
        candidates
    }
    /// The goals of an extracted proof that procedures closed with long proofs, the longest first. `shared` maps the
    /// clusters of the proof to their steps.
    pub(super) fn closed_at_length(&self, shared: &FxHashMap<u32, u32>) -> Vec<Again> {
        let mut all: Vec<(usize, u32)> = Vec::new();
        for &at in shared.keys() {
            let steps = self.clusters[at as usize].closed.as_ref().map_or(0, |p| p.len());
            if steps > BRIEF {
                all.push((steps, at));
            }
        }
        all.sort_unstable_by_key(|&(steps, at)| (std::cmp::Reverse(steps), at));
        all.into_iter()
            .map(|(steps, at)| Again { goal: self.clusters[at as usize].goals[0], steps, without: None })
            .collect()
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
    /// A proof as an answer, if it fits the task and needs no `$d` condition or axiom that `old` does not need.
    fn weighed(&mut self, proof: Proof, old: Option<&Answer>) -> Option<Answer> {
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
        Some(Answer { proof, steps, size })
    }
    /// Whether steps need a `$d` condition that the theorem's place lacks.
    fn lacking(&self, steps: &[Elaborated]) -> bool {
        let Some(active) = &self.active else { return false };
        let needed = self.shared.theory.needed_disjoint(steps, self.arena);
        needed.iter().any(|pair| active.binary_search(pair).is_err())
    }
    /// Searches goals of a proof once more: those with long proofs by procedures, then those with the longest proofs.
    fn race(&mut self, found: Answer, closed: Vec<Again>, expansions: &mut u64) -> Answer {
        let best = self.all_again(found, closed, expansions);
        if best.steps.len() > MOST_STEPS {
            return best;
        }
        let mut others = long_goals(&best.steps);
        others.truncate(OTHERS);
        self.all_again(best, others, expansions)
    }
    fn all_again(&mut self, mut best: Answer, goals: Vec<Again>, expansions: &mut u64) -> Answer {
        for goal in goals {
            let budget = self.options.minimise.saturating_sub(*expansions).div_ceil(SHARE);
            if budget == 0 {
                break;
            }
            let Some(at) = best.steps.iter().position(|s| s.formula == goal.goal) else { continue };
            let Some(found) = self.searched(&goal, budget, expansions) else { continue };
            let proof = replaced(&best.proof, at, &found);
            let new = self.weighed(proof, Some(&best));
            best = new.filter(|new| new.beats(&best)).unwrap_or(best);
        }
        best
    }
    /// A proof of a goal without the procedures' long proofs.
    fn searched(&mut self, again: &Again, budget: u64, expansions: &mut u64) -> Option<Proof> {
        let task = Task { goal: again.goal, ..self.task.clone() };
        let options = Options {
            expansions: budget,
            seconds: None,
            patient: false,
            step_cost: STEP_COST,
            longest_closed: LONGEST_CLOSED.min(again.steps / 2),
            frontier: false,
            graph: 0,
            ..self.options.clone()
        };
        let mut s = Search::under(self.shared, &task, self.rules.clone(), &options, self.arena);
        s.avoided = again.without;
        let root = s.cluster(&[(task.goal, Context::default())], 0, Vec::new());
        let reason = s.run(root, cpu_time::ThreadTime::now());
        *expansions += s.expansions;
        let found = if reason == StopReason::Solved { s.extract_proof(root) } else { None };
        found.map(|x| x.0)
    }
    fn brief(&mut self, answer: Answer) -> Answer {
        let merged = self.merged(answer);
        self.shortened(merged)
    }
    /// The answer with each formula proved once, if that is no longer.
    fn merged(&mut self, old: Answer) -> Answer {
        let formulas: Vec<TermId> = old.steps.iter().map(|s| s.formula).collect();
        let (proof, kept) = share_equal(&old.proof, &formulas);
        if kept.len() == formulas.len() {
            return old;
        }
        let new = self.weighed(proof, Some(&old));
        new.filter(|new| new.size.bytes() <= old.size.bytes()).unwrap_or(old)
    }
    /// The answer with missed uses of the task's premises.
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
        let new = found.and_then(|found| self.weighed(found.proof, Some(&old)));
        new.filter(|new| new.beats(&old)).unwrap_or(old)
    }
    /// The premises that the task may use and that may prove a step from other steps, in order.
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
    /// The formulas of the steps and of the task's hypotheses.
    fn formulas<'s>(&'s self, steps: &'s [Elaborated]) -> impl Iterator<Item = TermId> + 's {
        steps.iter().map(|s| s.formula).chain(self.task.hyps.iter().copied())
    }
}

/// A head within a statement: the statement's head, the place of a child, and the child's head.
type Tip = (Head, usize, Head);

/// The heads of a statement and of its children, without metavariables. An instance of the statement has all of them.
fn tips(arena: &Arena, t: TermId) -> impl Iterator<Item = Tip> + '_ {
    let head = arena.head(t);
    let below = arena.children(t).iter().enumerate().map(move |(i, &c)| (head, i, arena.head(c)));
    let own = std::iter::once((head, usize::MAX, head)).chain(below);
    own.filter(|tip| tip.2.as_meta().is_none())
}

/// The goals whose proofs have at least [`LONG`] steps, each formula once, the longest first.
fn long_goals(steps: &[Elaborated]) -> Vec<Again> {
    let mut seen = FxHashSet::default();
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (i, s) in steps.iter().enumerate() {
        let n = needed(steps, i);
        if n >= LONG && seen.insert(s.formula) {
            out.push((n, i));
        }
    }
    out.sort_unstable_by_key(|&(n, i)| std::cmp::Reverse((n, i)));
    let again = |(n, i): (usize, usize)| Again { goal: steps[i].formula, steps: n, without: premise_of(&steps[i]) };
    out.into_iter().map(again).collect()
}

fn premise_of(step: &Elaborated) -> Option<PremiseId> {
    match step.rule {
        Rule::Premise(p) => Some(p),
        Rule::Hyp(_) => None,
    }
}

/// The number of steps that apply a premise in the proof of a step.
fn needed(steps: &[Elaborated], root: usize) -> usize {
    let (mut seen, mut stack, mut count) = (vec![false; root + 1], vec![root], 0);
    while let Some(i) = stack.pop() {
        if !std::mem::replace(&mut seen[i], true) {
            count += usize::from(matches!(steps[i].rule, Rule::Premise(_)));
            stack.extend(steps[i].children.iter().map(|&c| c as usize));
        }
    }
    count
}

/// The place of a statement that is no theorem of the database.
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

/// The proof with another proof of the same formula in place of a step, without steps that are no longer used.
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
