//! Forward closure: assertions are applied to facts, round by round, until a budget is used up or nothing new is
//! derived.
//!
//! A premise is applied only if its hypotheses determine all its variables, so that its conclusion is ground. Rounds
//! are semi-naive (Bancilhon 1986): each application uses at least one fact of the last round. The budget counts
//! matches of a hypothesis with a fact whose heads agree.

use super::search::Prepared;
use crate::dsl::theory::library::{Premise, PremiseId, Task};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashSet;

/// The largest number of symbols of a derived formula.
pub const MAX_FORMULA: u32 = 200;

/// A derived fact.
#[derive(Clone, Debug)]
pub struct Deduced {
    /// The formula that was derived.
    pub formula: TermId,
    /// The premise that derives it.
    pub premise: PremiseId,
    /// The facts that its hypotheses are. Numbers below the number of given facts stand for these; the others count
    /// derived facts.
    pub children: Vec<u32>,
}

/// A premise that can be applied forward.
struct Rule<'t> {
    id: PremiseId,
    premise: Premise<'t>,
}

struct Closure<'p> {
    task: &'p Task,
    arena: &'p mut Arena,
    /// The given facts, then the derived ones.
    known: Vec<TermId>,
    set: FxHashSet<TermId>,
    derived: Vec<Deduced>,
    given: usize,
    left: u64,
    limit: usize,
}

impl Prepared {
    /// Derives facts from ground `facts` within a task: at most `limit` new facts, by at most `applications` matches.
    /// The terms are made in `arena`. Also returns the number of matches.
    pub fn deduce(
        &self,
        task: &Task,
        facts: &[TermId],
        limit: usize,
        applications: u64,
        arena: &mut Arena,
    ) -> (Vec<Deduced>, u64) {
        let rules = self.forward_rules(task);
        let mut c = Closure {
            task,
            arena,
            known: facts.to_vec(),
            set: facts.iter().copied().collect(),
            derived: Vec::new(),
            given: facts.len(),
            left: applications,
            limit,
        };
        let mut last = 0;
        while last < c.known.len() && !c.over() {
            let end = c.known.len();
            for rule in &rules {
                let mut values = vec![None; rule.premise.variables.len()];
                c.assign(rule, (last, end), &mut Vec::new(), &mut values);
                if c.over() {
                    break;
                }
            }
            last = end;
        }
        (c.derived, applications - c.left)
    }
    /// The premises whose hypotheses determine their conclusion, the most used first.
    fn forward_rules(&self, task: &Task) -> Vec<Rule<'_>> {
        let mut rules: Vec<Rule<'_>> = Vec::new();
        for p in (0..self.usable.len() as u32).filter(|&p| self.usable[p as usize]) {
            let id = PremiseId(p);
            let Some(premise) = self.theory.premise(id).filter(|x| !x.hyps.is_empty()) else { continue };
            let mut own = smallvec::SmallVec::new();
            premise.hyps.iter().for_each(|&h| self.theory.arena.metas(h, &mut own));
            let mut wanted = smallvec::SmallVec::new();
            self.theory.arena.metas(premise.conclusion, &mut wanted);
            let determined = wanted.iter().all(|m| own.contains(m)) && own.len() >= premise.variables.len();
            if determined && self.theory.stands_before(id, task) {
                rules.push(Rule { id, premise });
            }
        }
        rules.sort_by_key(|r| (std::cmp::Reverse(self.habits.uses[r.id.index()]), r.id));
        rules
    }
}

impl Closure<'_> {
    fn over(&self) -> bool {
        self.left == 0 || self.derived.len() >= self.limit
    }
    /// Chooses facts for the next hypothesis; when all hypotheses have one, derives the conclusion. At least one fact
    /// must be of the last round `(last, end)`.
    fn assign(
        &mut self,
        rule: &Rule<'_>,
        (last, end): (usize, usize),
        chosen: &mut Vec<u32>,
        values: &mut Vec<Option<TermId>>,
    ) {
        let Some(&h) = rule.premise.hyps.get(chosen.len()) else {
            if chosen.iter().any(|&k| k as usize >= last) {
                self.derive(rule, chosen, values);
            }
            return;
        };
        let must = chosen.len() + 1 == rule.premise.hyps.len() && chosen.iter().all(|&k| (k as usize) < last);
        for k in if must { last } else { 0 }..end {
            if self.over() {
                return;
            }
            let fact = self.known[k];
            let head = self.arena.head(h);
            if head.as_meta().is_none() && head != self.arena.head(fact) {
                continue;
            }
            self.left -= 1;
            let mut bound = Vec::new();
            if self.matched(h, fact, values, &mut bound) {
                chosen.push(k as u32);
                self.assign(rule, (last, end), chosen, values);
                chosen.pop();
            }
            bound.into_iter().for_each(|m: u32| values[m as usize] = None);
        }
    }
    /// Matches a hypothesis with a ground fact, one way; the numbers of newly bound metavariables go to `bound`.
    fn matched(&self, pattern: TermId, fact: TermId, values: &mut [Option<TermId>], bound: &mut Vec<u32>) -> bool {
        let mut stack = vec![(pattern, fact)];
        while let Some((p, t)) = stack.pop() {
            if self.arena.is_ground(p) {
                if p != t {
                    return false;
                }
            } else if let Some(m) = self.arena.head(p).as_meta() {
                if self.arena.head(t).is_judgement() {
                    return false;
                }
                match values[m as usize] {
                    Some(v) if v != t => return false,
                    Some(_) => {}
                    None => {
                        values[m as usize] = Some(t);
                        bound.push(m);
                    }
                }
            } else {
                if self.arena.head(p) != self.arena.head(t) {
                    return false;
                }
                stack.extend(self.arena.children(p).iter().copied().zip(self.arena.children(t).iter().copied()));
            }
        }
        true
    }
    fn derive(&mut self, rule: &Rule<'_>, chosen: &[u32], values: &[Option<TermId>]) {
        let Some(values) = values.iter().copied().collect::<Option<Vec<TermId>>>() else { return };
        let formula = self.arena.instantiate(rule.premise.conclusion, &values);
        if self.arena.size(formula) > MAX_FORMULA || !self.apart(rule, &values) || !self.set.insert(formula) {
            return;
        }
        self.derived.push(Deduced { formula, premise: rule.id, children: chosen.to_vec() });
        self.known.push(formula);
        debug_assert_eq!(self.known.len(), self.given + self.derived.len());
    }
    /// Whether the rule's `$d` conditions hold under those of the task.
    fn apart(&self, rule: &Rule<'_>, values: &[TermId]) -> bool {
        rule.premise.disjoint.iter().all(|&(a, b)| {
            let (left, right) = (self.arena.variables(values[a as usize]), self.arena.variables(values[b as usize]));
            left.iter().all(|x| {
                right.iter().all(|y| x != y && self.task.disjoint.binary_search(&(*x.min(y), *x.max(y))).is_ok())
            })
        })
    }
}
