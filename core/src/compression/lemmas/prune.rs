//! Lemmas that lose when all is settled, put back into the proofs that use them.
//!
//! The learner decides by estimates, speculatively ([`Options::margin`](super::learn::Options::margin)), and later passes bring
//! uses and take uses away. Here the price is the real one: for each lemma with few uses its users are written with its
//! proof in its place, equal formulas shared, or, where it was put in for something else, with derivations that earlier
//! passes saw ([`super::derivations`]). If all together come out smaller than with the lemma and its text, that is how they
//! stay. Lemmas are weighed side by side, and the worst goes first; of those that touch the same proofs one goes at a time.
//! Price: the proofs of few-use lemmas are written once more.

use super::derivations::{self, Version};
use super::instance::Places;
use super::learn::Learned;
use super::passes::{new_lemmas, Sourced};
use super::price::Price;
use crate::compression::corpus::CorpusItem;
use crate::compression::full::{human_formulas, share_equal, with_formulas, Form};
use crate::compression::lemmas::export::{lemma_text, steps_text};
use crate::dsl::theory::library::{Lemma, PremiseId, Proof, Rule, Step, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::threads::each_in_arena;
use rustc_hash::{FxHashMap, FxHashSet};
use std::iter::once;
use std::sync::OnceLock;

/// Most proofs that use a lemma that is weighed: with more it pays, whatever its text.
const FEW: usize = 16;

/// A place that uses a lemma: a theorem's proof or another lemma's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum User {
    /// A theorem's proof, by its place in the corpus.
    Theorem(usize),
    /// A new lemma's own proof.
    Lemma(usize),
}

/// A user's proof without the lemma; for a theorem with the origins of its steps.
struct Inlined {
    user: User,
    proof: Proof,
    origins: Vec<u32>,
    /// New lemmas that it did not use before.
    brought: Vec<usize>,
}

/// Puts new lemmas that lose back into the proofs that use them, and returns how many. They are left in the library,
/// unused ([`super::passes::drop_unused`]).
pub fn prune_lemmas(
    theory: &mut Theory,
    corpus: &[(CorpusItem, Proof)],
    learned: &mut Learned,
    history: &[Vec<Sourced>],
    price: Price,
    threads: usize,
) -> usize {
    let split = theory.lemmas.len() - learned.lemmas.len();
    let mut weigh: Vec<usize> = (0..learned.lemmas.len()).collect();
    let mut gone: FxHashSet<usize> = FxHashSet::default();
    while !weigh.is_empty() {
        let now = Weighing::new(theory, corpus, learned, (history, &gone), price);
        let found = each_in_arena(weigh.len(), threads, &theory.arena, |arena, i| now.without(arena, weigh[i]));
        let mut pruned: Vec<(usize, i64, Vec<Inlined>)> =
            weigh.iter().zip(found).filter_map(|(&l, found)| found.map(|(saved, users)| (l, saved, users))).collect();
        pruned.sort_by_key(|x| std::cmp::Reverse(x.1));
        let mut touched: FxHashSet<User> = FxHashSet::default();
        let mut later = Vec::new();
        for (l, _, users) in pruned {
            if touched.contains(&User::Lemma(l)) || users.iter().any(|u| touched.contains(&u.user)) {
                later.push(l);
                continue;
            }
            // another derivation may need a lemma that goes, too
            let brought: Vec<usize> = users.iter().flat_map(|u| u.brought.iter().copied()).collect();
            if brought.iter().any(|k| gone.contains(k)) {
                later.push(l);
                continue;
            }
            gone.insert(l);
            touched.insert(User::Lemma(l));
            touched.extend(brought.into_iter().map(User::Lemma));
            for u in users {
                touched.insert(u.user);
                match u.user {
                    User::Theorem(i) => (learned.rewritten[i], learned.origins[i]) = (u.proof, u.origins),
                    User::Lemma(k) => learned.lemmas[k].proof = u.proof,
                }
            }
        }
        theory.lemmas.truncate(split);
        theory.lemmas.extend(learned.lemmas.iter().cloned());
        weigh = later;
    }
    gone.len()
}

/// Lemmas and all that bears on what they are worth.
struct Weighing<'a> {
    theory: &'a Theory,
    corpus: &'a [(CorpusItem, Proof)],
    learned: &'a Learned,
    /// Number of the first new lemma.
    first: usize,
    /// For each theorem its proofs after earlier passes.
    history: &'a [Vec<Sourced>],
    gone: &'a FxHashSet<usize>,
    price: Price,
    places: Places,
    users: Vec<Vec<User>>,
    /// The present cost of each theorem's proof, computed on demand.
    costs: Vec<OnceLock<Option<usize>>>,
}

impl<'a> Weighing<'a> {
    fn new(
        theory: &'a Theory,
        corpus: &'a [(CorpusItem, Proof)],
        learned: &'a Learned,
        (history, gone): (&'a [Vec<Sourced>], &'a FxHashSet<usize>),
        price: Price,
    ) -> Weighing<'a> {
        let first = theory.len() - learned.lemmas.len();
        let mut users: Vec<Vec<User>> = vec![Vec::new(); learned.lemmas.len()];
        let theorems = learned.rewritten.iter().enumerate().map(|(i, p)| (User::Theorem(i), p));
        let lemmas = learned.lemmas.iter().enumerate().map(|(k, l)| (User::Lemma(k), &l.proof));
        for (user, proof) in theorems.chain(lemmas) {
            for l in new_lemmas(once(proof), first) {
                if users[l].last() != Some(&user) {
                    users[l].push(user);
                }
            }
        }
        let costs = vec![OnceLock::new(); corpus.len()];
        Weighing { theory, corpus, learned, first, history, gone, price, places: Places::new(theory), users, costs }
    }
    fn proof(&self, user: User) -> &'a Proof {
        match user {
            User::Theorem(i) => &self.learned.rewritten[i],
            User::Lemma(k) => &self.learned.lemmas[k].proof,
        }
    }
    /// The users of a lemma without it, if that is cheaper, and by how much.
    fn without(&self, arena: &mut Arena, l: usize) -> Option<(i64, Vec<Inlined>)> {
        let users = &self.users[l];
        if users.is_empty() || users.len() > FEW {
            return None;
        }
        let number = PremiseId((self.theory.len() - self.learned.lemmas.len() + l) as u32);
        let lemma = &self.learned.lemmas[l];
        let mut saved = self.lemma_cost(arena, lemma)?;
        let mut out = Vec::with_capacity(users.len());
        // short proofs first: most lemmas pay, and one of them may be enough to tell
        let mut in_turn = users.clone();
        in_turn.sort_by_key(|&u| self.proof(u).len());
        for user in in_turn {
            let mark = arena.len();
            let one = match user {
                User::Theorem(i) => self.theorem(arena, i, number, lemma),
                User::Lemma(k) => self.lemma(arena, k, number, lemma),
            };
            arena.truncate(mark);
            let (change, mut one) = one?;
            saved -= change;
            if saved <= 0 {
                return None;
            }
            let before: FxHashSet<usize> = new_lemmas(once(self.proof(user)), self.first).collect();
            one.brought = new_lemmas(once(&one.proof), self.first).filter(|k| !before.contains(k)).collect();
            out.push(one);
        }
        Some((saved, out))
    }
    /// A theorem's proof without a lemma, and by how much it grows.
    fn theorem(&self, arena: &mut Arena, i: usize, number: PremiseId, lemma: &Lemma) -> Option<(i64, Inlined)> {
        let now = (&self.learned.rewritten[i], self.learned.origins[i].as_slice());
        let known = human_formulas(self.theory, self.corpus[i].0.limit, arena)?;
        let before = (*self.costs[i].get_or_init(|| self.theorem_cost(arena, i, now, &known)))?;
        // the learner put it in where it says what the proof says; the search for missed uses need not have
        let earlier = self.history.get(i).map_or(&[][..], Vec::as_slice);
        let of_learner = earlier.iter().any(|s| s.proof.steps.iter().any(|s| s.rule == Rule::Premise(number)));
        let new = of_learner.then(|| self.inlined(arena, i, number, lemma, &known)).flatten();
        let new = new.or_else(|| self.rederived(i, number, &known))?;
        let after = self.theorem_cost(arena, i, (&new.proof, &new.origins), &known)?;
        let inlined = Inlined { user: User::Theorem(i), proof: new.proof, origins: new.origins, brought: Vec::new() };
        Some((after as i64 - before as i64, inlined))
    }
    fn theorem_cost(
        &self,
        arena: &mut Arena,
        i: usize,
        (proof, origins): Version<'_>,
        known: &[TermId],
    ) -> Option<usize> {
        if let Price::Steps { .. } = self.price {
            return Some(proof.len());
        }
        let a = self.corpus[i].0.limit;
        let formulas: Vec<TermId> = origins.iter().map(|&o| known[o as usize]).collect();
        let steps = with_formulas(self.theory, proof, &formulas, arena).ok()?;
        let task = self.theory.task(a, arena)?;
        Some(steps_text(self.theory, arena, a, &task, &steps, Form::Shortest).ok()?.1)
    }
    /// A theorem's proof with a lemma's own in its place, if it says nothing that the human proof does not say: that might
    /// need a variable or a `$d` condition that it has not.
    fn inlined(
        &self,
        arena: &mut Arena,
        i: usize,
        number: PremiseId,
        lemma: &Lemma,
        known: &[TermId],
    ) -> Option<Sourced> {
        let proof = inlined(&self.learned.rewritten[i], number, lemma);
        let task = self.theory.task(self.corpus[i].0.limit, arena)?;
        let steps = self.theory.elaborate(&task, &proof, arena).ok()?;
        let formulas: Vec<TermId> = steps.iter().map(|s| s.formula).collect();
        let origin: FxHashMap<TermId, u32> = known.iter().copied().zip(0..).collect();
        let (proof, kept) = share_equal(&proof, &formulas);
        let origins = kept.iter().map(|&k| origin.get(&formulas[k as usize]).copied()).collect::<Option<Vec<u32>>>()?;
        Some(Sourced { proof, origins })
    }
    /// A theorem's proof where other derivations take the place of a lemma's uses.
    fn rederived(&self, i: usize, number: PremiseId, known: &[TermId]) -> Option<Sourced> {
        let human = &self.corpus[i].1;
        let own: Vec<u32> = (0..human.steps.len() as u32).collect();
        let mut versions: Vec<Version<'_>> = vec![(&self.learned.rewritten[i], &self.learned.origins[i])];
        let earlier = self.history.get(i).map_or(&[][..], Vec::as_slice);
        versions.extend(earlier.iter().rev().map(|s| (&s.proof, s.origins.as_slice())));
        versions.push((human, &own));
        let gone = |p: PremiseId| {
            p == number
                || p.index() >= self.theory.len()
                || p.index().checked_sub(self.first).is_some_and(|l| self.gone.contains(&l))
        };
        derivations::without(&versions, known, &gone)
    }
    /// The change of cost where a lemma is inlined in another lemma's proof, and the lemma then.
    fn lemma(&self, arena: &mut Arena, k: usize, number: PremiseId, lemma: &Lemma) -> Option<(i64, Inlined)> {
        let old = &self.learned.lemmas[k];
        let new = Lemma { proof: inlined(&old.proof, number, lemma), ..old.clone() };
        let change = self.lemma_cost(arena, &new)? - self.lemma_cost(arena, old)?;
        Some((change, Inlined { user: User::Lemma(k), proof: new.proof, origins: Vec::new(), brought: Vec::new() }))
    }
    fn lemma_cost(&self, arena: &mut Arena, l: &Lemma) -> Option<i64> {
        match self.price {
            Price::Steps { statement } => Some(l.proof.len() as i64 + i64::from(statement)),
            _ => Some(lemma_text(self.theory, &self.places, arena, l, None, Form::Shortest).ok()?.bytes as i64),
        }
    }
}

/// A proof with a lemma's own proof in place of each of its uses.
fn inlined(proof: &Proof, number: PremiseId, lemma: &Lemma) -> Proof {
    let mut out = Proof::default();
    let mut at: Vec<u32> = Vec::with_capacity(proof.steps.len());
    for s in &proof.steps {
        let children = s.children.iter().map(|&c| at[c as usize]);
        if s.rule != Rule::Premise(number) {
            out.steps.push(Step { rule: s.rule, children: children.collect() });
            at.push(out.steps.len() as u32 - 1);
            continue;
        }
        let hyps: Vec<u32> = children.collect();
        let mut inner: Vec<u32> = Vec::with_capacity(lemma.proof.steps.len());
        for step in &lemma.proof.steps {
            if let Rule::Hyp(h) = step.rule {
                inner.push(hyps[h as usize]);
                continue;
            }
            let children = step.children.iter().map(|&c| inner[c as usize]).collect();
            out.steps.push(Step { rule: step.rule, children });
            inner.push(out.steps.len() as u32 - 1);
        }
        at.extend(inner.last());
    }
    out
}
