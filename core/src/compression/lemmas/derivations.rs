//! A proof without one of its lemmas, from derivations that the passes saw.
//!
//! Each pass over a theorem's proof keeps its formulas or leaves some out; it never brings one in that the human proof had not.
//! So for every formula there is the derivation that the proof has now, and those that it had in the human proof and after
//! each pass. A lemma is taken out by going from the root along the newest derivations that do not use it.

use super::passes::Sourced;
use crate::compression::full::share_equal;
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use crate::metamath_db::ids::TermId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Steps looked at for each formula of the human proof before it is given up (derivations of two passes can go in a circle).
const EFFORT: usize = 8;

/// One proof of a theorem, with the step of the human proof that each of its steps comes from.
pub type Version<'a> = (&'a Proof, &'a [u32]);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done(u32),
}

struct Builder<'a> {
    versions: &'a [Version<'a>],
    /// By step of the human proof: the first with the same formula.
    first: Vec<u32>,
    /// By such a step: versions and their steps that derive it.
    options: Vec<SmallVec<[(u32, u32); 4]>>,
    marks: Vec<Mark>,
    fuel: usize,
    out: Sourced,
}

/// A proof by the first version's derivations, with the next versions' where these use what is `banned`; `None` if there is
/// none. `formulas`: those of the human proof. The versions prove the same formula at their last steps.
pub fn without(versions: &[Version<'_>], formulas: &[TermId], banned: &dyn Fn(PremiseId) -> bool) -> Option<Sourced> {
    let mut same: FxHashMap<TermId, u32> = FxHashMap::default();
    let first: Vec<u32> = formulas.iter().zip(0..).map(|(&t, i)| *same.entry(t).or_insert(i)).collect();
    let mut options: Vec<SmallVec<[(u32, u32); 4]>> = vec![SmallVec::new(); formulas.len()];
    for ((proof, origins), v) in versions.iter().zip(0..) {
        for ((step, &o), i) in proof.steps.iter().zip(*origins).zip(0..) {
            if !matches!(step.rule, Rule::Premise(p) if banned(p)) {
                options[first[o as usize] as usize].push((v, i));
            }
        }
    }
    let root = first[*versions.first()?.1.last()? as usize];
    let out = Sourced { proof: Proof::default(), origins: Vec::new() };
    let (marks, fuel) = (vec![Mark::New; formulas.len()], EFFORT * formulas.len());
    let mut b = Builder { versions, first, options, marks, fuel, out };
    b.derive(root)?;
    // what a derivation that was given up has left is needed by nothing
    let derived: Vec<TermId> = b.out.origins.iter().map(|&o| formulas[o as usize]).collect();
    let (proof, kept) = share_equal(&b.out.proof, &derived);
    Some(Sourced { proof, origins: kept.iter().map(|&k| b.out.origins[k as usize]).collect() })
}

impl Builder<'_> {
    /// The step of the new proof that derives a formula.
    fn derive(&mut self, formula: u32) -> Option<u32> {
        match self.marks[formula as usize] {
            Mark::Done(n) => return Some(n),
            Mark::Open => return None,
            Mark::New => self.marks[formula as usize] = Mark::Open,
        }
        for i in 0..self.options[formula as usize].len() {
            self.fuel = self.fuel.checked_sub(1)?;
            let (v, at) = self.options[formula as usize][i];
            let (proof, origins) = self.versions[v as usize];
            let step = &proof.steps[at as usize];
            let children: Option<SmallVec<[u32; 4]>> =
                step.children.iter().map(|&c| self.derive(self.first[origins[c as usize] as usize])).collect();
            if let Some(children) = children {
                let n = self.out.proof.steps.len() as u32;
                self.out.proof.steps.push(Step { rule: step.rule, children });
                self.out.origins.push(formula);
                self.marks[formula as usize] = Mark::Done(n);
                return Some(n);
            }
        }
        self.marks[formula as usize] = Mark::New;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(steps: &[(u32, &[u32])]) -> Proof {
        let step = |&(p, children): &(u32, &[u32])| Step {
            rule: Rule::Premise(PremiseId(p)),
            children: SmallVec::from_slice(children),
        };
        Proof { steps: steps.iter().map(step).collect() }
    }

    #[test]
    fn the_newest_derivations_that_do_not_use_it_are_taken() {
        // formulas 1 and 3 are the same; the lemmas 8 and 9 each stand for a part
        let formulas = [10, 11, 12, 11, 13].map(TermId);
        let human = proof(&[(0, &[]), (1, &[0]), (2, &[1]), (1, &[0]), (3, &[2, 3])]);
        let older = proof(&[(1, &[]), (8, &[0])]);
        let now = proof(&[(9, &[])]);
        let own = [0, 1, 2, 3, 4];
        let versions: [Version<'_>; 3] = [(&now, &[4]), (&older, &[3, 4]), (&human, &own)];
        let out = |banned: &[u32]| without(&versions, &formulas, &|p| banned.contains(&p.0));
        assert_eq!(out(&[]).map(|s| s.proof), Some(now.clone()));
        assert_eq!(out(&[9]).map(|s| (s.proof, s.origins)), Some((older.clone(), vec![1, 4])));
        // all shared: the formula that stands twice is derived once
        let all = out(&[8, 9]).expect("the human proof");
        assert_eq!(all.proof, proof(&[(1, &[]), (2, &[0]), (3, &[1, 0])]));
        assert_eq!(all.origins, [1, 2, 4]);
        assert!(out(&[3, 8, 9]).is_none());
    }

    #[test]
    fn derivations_that_need_each_other_are_passed_over() {
        let formulas = [10, 11, 12].map(TermId);
        let human = proof(&[(0, &[]), (1, &[0]), (2, &[1, 0])]);
        // here formula 0 is derived from formula 1, which the human proof derives from it
        let now = proof(&[(4, &[]), (5, &[0]), (2, &[0, 1])]);
        let versions: [Version<'_>; 2] = [(&now, &[1, 0, 2]), (&human, &[0, 1, 2])];
        let out = without(&versions, &formulas, &|p| p.0 == 4).expect("a proof");
        assert_eq!(out.proof, human);
    }
}
