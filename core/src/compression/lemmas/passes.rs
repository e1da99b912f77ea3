//! The passes over a database's proofs: missed uses of theorems, new lemmas, missed uses of the new lemmas.
//!
//! A proof goes through the passes with its *origins*: for each step the step of the human proof that proves the same
//! formula. So every pass, and the writer at the end, can have the formulas again without keeping them, and no pass
//! brings in a dummy variable or a `$d` condition that the human proof had not.

use super::learn::Learned;
use crate::compression::corpus::CorpusItem;
use crate::compression::full::human_formulas;
use crate::compression::reuse::missed::{Missed, Options, Place, Worker};
use crate::dsl::theory::library::{Lemma, PremiseId, Proof, Rule, Step, Theory};
use crate::metamath_db::ids::{AssertionId, TermId};
use rustc_hash::FxHashMap;

/// A theorem's proof on its way through the passes.
#[derive(Clone, Debug)]
pub struct Sourced {
    /// The proof as it is now.
    pub proof: Proof,
    /// For each step the step of the human proof with the same formula.
    pub origins: Vec<u32>,
}

impl Sourced {
    /// The proof where each use of a subproof of at most so many steps has a copy of its own, so that a fragment may go over
    /// a step that is used more than once. (Equal formulas are shared again by [`crate::compression::lemmas::export::share_rewritten`].)
    pub fn unshared(&self, most: usize) -> Sourced {
        struct Copying<'a> {
            from: &'a Sourced,
            small: Vec<bool>,
            number: Vec<Option<u32>>,
            to: Sourced,
        }
        impl Copying<'_> {
            fn step(&mut self, i: usize) -> u32 {
                if let Some(n) = self.number[i].filter(|_| !self.small[i]) {
                    return n;
                }
                let step = &self.from.proof.steps[i];
                // what stands before and is not small is there already
                let children = step.children.iter().map(|&c| self.step(c as usize)).collect();
                self.to.proof.steps.push(Step { rule: step.rule, children });
                self.to.origins.push(self.from.origins[i]);
                *self.number[i].insert(self.to.origins.len() as u32 - 1)
            }
        }
        let steps = &self.proof.steps;
        let mut sizes: Vec<usize> = Vec::with_capacity(steps.len());
        for s in steps {
            let below: usize = s.children.iter().map(|&c| sizes[c as usize]).sum();
            sizes.push(if matches!(s.rule, Rule::Premise(_)) { below.saturating_add(1) } else { 0 });
        }
        let small = sizes.iter().map(|n| (1..=most).contains(n)).collect();
        let to = Sourced { proof: Proof::default(), origins: Vec::with_capacity(steps.len()) };
        let mut copying = Copying { from: self, small, number: vec![None; steps.len()], to };
        for i in 0..steps.len() {
            if !copying.small[i] || i + 1 == steps.len() {
                copying.step(i);
            }
        }
        copying.to
    }
}

/// All human proofs of a database's logical theorems, in its order.
pub fn human_corpus(theory: &Theory) -> Vec<(CorpusItem, Proof)> {
    let item = |a: AssertionId| {
        let proof = theory.db.is_logical(a).then(|| theory.human_proof(a)).flatten()?;
        let block = theory.db.source.assertions[a.index()].outer_block;
        Some((CorpusItem { name: theory.db.source.label(a).to_owned(), block, limit: a }, proof))
    };
    (0..theory.db.len()).map(AssertionId::from).filter_map(item).collect()
}

/// Shortens these proofs, by their numbers, by what stands before them, lemmas included, and by sharing equal formulas.
/// Returns how many became shorter.
pub fn use_what_is_there(
    theory: &Theory,
    items: &[(CorpusItem, Proof)],
    proofs: &mut [Sourced],
    which: &[usize],
    threads: usize,
    options: Options,
) -> usize {
    if which.is_empty() {
        return 0;
    }
    let missed = Missed::new(theory, options);
    let now = &*proofs;
    let found = missed.all(which, threads, |&i: &usize, worker: &mut Worker| {
        let a = items[i].0.limit;
        if !missed.may_change(a) {
            return None;
        }
        let known = human_formulas(theory, a, &mut worker.arena)?;
        let formulas: Vec<TermId> = now[i].origins.iter().map(|&o| known[o as usize]).collect();
        let place = Place::theorem(theory, a, &mut worker.arena);
        let shorter = missed.shorten(&place, &now[i].proof, &formulas, worker)?;
        let origin: FxHashMap<TermId, u32> = known.iter().copied().zip(0..).collect();
        let origins = shorter.steps.iter().map(|s| origin.get(&s.formula).copied()).collect::<Option<_>>()?;
        Some(Sourced { proof: shorter.proof, origins })
    });
    let mut changed = 0;
    for (&i, new) in which.iter().zip(found) {
        if let Some(new) = new {
            proofs[i] = new;
            changed += 1;
        }
    }
    changed
}

/// Takes new lemmas that nothing uses any more out of the theory and of what was learned. In earlier proofs (`history`)
/// their steps get a number that no premise has.
pub fn drop_unused(theory: &mut Theory, learned: &mut Learned, history: &mut [Vec<Sourced>]) {
    let first = theory.len() - learned.lemmas.len();
    let mut uses = vec![0usize; learned.lemmas.len()];
    let bodies = learned.lemmas.iter().map(|l| &l.proof);
    new_lemmas(learned.rewritten.iter().chain(bodies), first).for_each(|l| uses[l] += 1);
    // each stands behind what it uses
    for l in (0..uses.len()).rev() {
        if uses[l] == 0 {
            new_lemmas(std::iter::once(&learned.lemmas[l].proof), first).for_each(|u| uses[u] -= 1);
        }
    }
    let mut next = first as u32;
    let mut number = Vec::with_capacity(uses.len());
    for &n in &uses {
        number.push(if n > 0 { next } else { u32::MAX });
        next += u32::from(n > 0);
    }
    let renumber = |proof: &mut Proof| {
        for s in &mut proof.steps {
            if let Rule::Premise(p) = &mut s.rule {
                if let Some(&new) = p.index().checked_sub(first).and_then(|l| number.get(l)) {
                    *p = PremiseId(new);
                }
            }
        }
    };
    learned.rewritten.iter_mut().for_each(renumber);
    history.iter_mut().flatten().for_each(|s| renumber(&mut s.proof));
    let old = std::mem::take(&mut learned.lemmas);
    if let Some(f) = &mut learned.report.followed {
        let gone = |x: (&Lemma, &usize)| *x.1 == 0 && Some(&x.0.name) == f.label.as_ref();
        if old.iter().zip(&uses).any(gone) {
            (f.outcome, f.label) = ("dropped", None);
            "later passes left it without uses".clone_into(&mut f.why);
        }
    }
    theory.lemmas.truncate(first - theory.db.len());
    learned.lemmas = old.into_iter().zip(&uses).filter(|x| *x.1 > 0).map(|x| x.0).collect();
    learned.lemmas.iter_mut().for_each(|l| renumber(&mut l.proof));
    theory.lemmas.extend(learned.lemmas.iter().cloned());
    learned.decisions.clear();
    let used = uses.iter().filter(|n| **n > 0);
    learned.report.uses = learned.lemmas.iter().zip(used).map(|(l, &n)| (l.name.clone(), n)).collect();
    learned.report.lemma_steps = learned.lemmas.iter().map(|l| l.proof.len()).sum();
    learned.report.steps_after = learned.rewritten.iter().map(Proof::len).sum();
}

/// The new lemmas that proofs use, each as often as it is used.
pub(in crate::compression) fn new_lemmas<'a>(
    proofs: impl Iterator<Item = &'a Proof> + 'a,
    first: usize,
) -> impl Iterator<Item = usize> + 'a {
    proofs.flat_map(|p| &p.steps).filter_map(move |s| match s.rule {
        Rule::Premise(p) => p.index().checked_sub(first),
        Rule::Hyp(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::full::share_equal;

    #[test]
    fn copies_of_small_shared_steps_are_shared_again() {
        let step = |p: u32, children: &[u32]| Step { rule: Rule::Premise(PremiseId(p)), children: children.into() };
        let hyp = Step { rule: Rule::Hyp(0), children: Default::default() };
        // the leaf 1 and what step 2 makes of it and a hypothesis are both used twice
        let steps = vec![hyp, step(1, &[]), step(2, &[0, 1]), step(3, &[2, 1]), step(4, &[3, 2])];
        let shared = Sourced { proof: Proof { steps }, origins: vec![0, 1, 2, 3, 4] };
        let formulas = |s: &Sourced| s.origins.iter().map(|&o| TermId(o)).collect::<Vec<_>>();
        assert_eq!(shared.unshared(0).proof, shared.proof);
        let labels = |s: &Sourced| -> Vec<u32> {
            let premise = |s: &Step| if let Rule::Premise(p) = s.rule { p.0 } else { 0 };
            s.proof.steps.iter().map(premise).collect()
        };
        for (most, copies) in [(1, vec![0, 1, 2, 1, 3, 4]), (2, vec![0, 1, 2, 1, 3, 1, 2, 4])] {
            let copied = shared.unshared(most);
            assert_eq!(labels(&copied), copies);
            let (again, kept) = share_equal(&copied.proof, &formulas(&copied));
            assert_eq!(again, shared.proof);
            assert_eq!(kept.len(), shared.origins.len());
        }
    }
}
