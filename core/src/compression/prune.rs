//! Lemmas that lose when all is settled, put back into the proofs that use them.
//!
//! The learner decides by estimates, and later passes take uses away. Here the price is the real one: for each lemma
//! with few uses its users are written with its proof in its place, equal formulas shared. If all together come out
//! smaller than with the lemma and its text, that is how they stay. Lemmas are weighed side by side; of those that
//! touch the same proofs one goes at a time. Price: the proofs of few-use lemmas are written once more.

use super::corpus::CorpusItem;
use super::export::{in_parts, lemma_text, steps_text, theorem_text};
use super::full::{human_formulas, share_equal, with_formulas, Form};
use super::instance::Places;
use super::learn::Learned;
use super::price::Price;
use crate::dsl::library::{Lemma, PremiseId, Proof, Rule, Step, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;
use rustc_hash::{FxHashMap, FxHashSet};

/// Most proofs that use a lemma that is weighed: with more it pays, whatever its text.
const FEW: usize = 16;

/// What holds a lemma's uses.
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
}

/// Puts new lemmas that lose back into the proofs that use them, and returns how many. They are left in the library,
/// unused ([`super::passes::drop_unused`]).
pub fn inline_losers(
    theory: &mut Theory,
    corpus: &[(CorpusItem, Proof)],
    learned: &mut Learned,
    price: Price,
    threads: usize,
) -> usize {
    let split = theory.lemmas.len() - learned.lemmas.len();
    let mut weigh: Vec<usize> = (0..learned.lemmas.len()).collect();
    let mut gone = 0;
    while !weigh.is_empty() {
        let now = Weighing::new(theory, corpus, learned, price);
        let found = in_parts(theory, weigh.len(), threads, |arena, i| now.without(arena, weigh[i]));
        let mut touched: FxHashSet<User> = FxHashSet::default();
        let mut later = Vec::new();
        for (&l, users) in weigh.iter().zip(found) {
            let Some(users) = users else { continue };
            if touched.contains(&User::Lemma(l)) || users.iter().any(|u| touched.contains(&u.user)) {
                later.push(l);
                continue;
            }
            gone += 1;
            touched.insert(User::Lemma(l));
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
    gone
}

struct Weighing<'a> {
    theory: &'a Theory,
    corpus: &'a [(CorpusItem, Proof)],
    learned: &'a Learned,
    price: Price,
    places: Places,
    users: Vec<Vec<User>>,
}

impl<'a> Weighing<'a> {
    fn new(theory: &'a Theory, corpus: &'a [(CorpusItem, Proof)], learned: &'a Learned, price: Price) -> Weighing<'a> {
        let first = theory.len() - learned.lemmas.len();
        let mut users: Vec<Vec<User>> = vec![Vec::new(); learned.lemmas.len()];
        let theorems = learned.rewritten.iter().enumerate().map(|(i, p)| (User::Theorem(i), p));
        let lemmas = learned.lemmas.iter().enumerate().map(|(k, l)| (User::Lemma(k), &l.proof));
        for (user, proof) in theorems.chain(lemmas) {
            for s in &proof.steps {
                let Rule::Premise(p) = s.rule else { continue };
                let Some(l) = p.index().checked_sub(first) else { continue };
                if users[l].last() != Some(&user) {
                    users[l].push(user);
                }
            }
        }
        Weighing { theory, corpus, learned, price, places: Places::new(theory), users }
    }
    /// The users of a lemma without it, if that is cheaper.
    fn without(&self, arena: &mut Arena, l: usize) -> Option<Vec<Inlined>> {
        let users = &self.users[l];
        if users.is_empty() || users.len() > FEW {
            return None;
        }
        let number = PremiseId((self.theory.len() - self.learned.lemmas.len() + l) as u32);
        let lemma = &self.learned.lemmas[l];
        let mut saved = self.lemma_cost(arena, lemma)?;
        let mut out = Vec::with_capacity(users.len());
        for &user in users {
            let mark = arena.len();
            let one = match user {
                User::Theorem(i) => self.theorem(arena, i, number, lemma),
                User::Lemma(k) => self.lemma(arena, k, number, lemma),
            };
            arena.truncate(mark);
            let (change, one) = one?;
            saved -= change;
            out.push(one);
        }
        (saved > 0).then_some(out)
    }
    /// A theorem's proof with a lemma's in its place, and by how much it grows.
    fn theorem(&self, arena: &mut Arena, i: usize, number: PremiseId, lemma: &Lemma) -> Option<(i64, Inlined)> {
        let a = self.corpus[i].0.limit;
        let (old, origins) = (&self.learned.rewritten[i], &self.learned.origins[i]);
        let before = match self.price {
            Price::Steps { .. } => old.len(),
            _ => theorem_text(self.theory, arena, a, old, origins).ok()?.1,
        };
        let task = self.theory.task(a, arena)?;
        let steps = self.theory.elaborate(&task, &inlined(old, number, lemma), arena).ok()?;
        let known = human_formulas(self.theory, a, arena)?;
        let formulas: Vec<TermId> = steps.iter().map(|s| s.formula).collect();
        // what the human proof never says might need a variable or a `$d` condition that it has not
        let origin: FxHashMap<TermId, u32> = known.iter().copied().zip(0..).collect();
        let (proof, kept) = share_equal(&inlined(old, number, lemma), &formulas);
        let formulas: Vec<TermId> = kept.iter().map(|&k| formulas[k as usize]).collect();
        let origins = formulas.iter().map(|f| origin.get(f).copied()).collect::<Option<Vec<u32>>>()?;
        let after = match self.price {
            Price::Steps { .. } => proof.len(),
            _ => {
                let steps = with_formulas(self.theory, &proof, &formulas, arena).ok()?;
                steps_text(self.theory, arena, a, &task, &steps, Form::Shortest).ok()?.1
            }
        };
        Some((after as i64 - before as i64, Inlined { user: User::Theorem(i), proof, origins }))
    }
    /// The same for a lemma's own proof.
    fn lemma(&self, arena: &mut Arena, k: usize, number: PremiseId, lemma: &Lemma) -> Option<(i64, Inlined)> {
        let old = &self.learned.lemmas[k];
        let new = Lemma { proof: inlined(&old.proof, number, lemma), ..old.clone() };
        let change = self.lemma_cost(arena, &new)? - self.lemma_cost(arena, old)?;
        Some((change, Inlined { user: User::Lemma(k), proof: new.proof, origins: Vec::new() }))
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
