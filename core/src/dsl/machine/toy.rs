//! A small propositional calculus and a judge for the tests.

use crate::dsl::formulas::logic::{Assertions, Judge, Justification, ProofObject, Reference, Scheme};
use crate::dsl::formulas::unify::substitute;
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use smallvec::smallvec;

/// Labels by assertion number.
const LABELS: [&str; 7] = ["wi", "wn", "ax-mp", "ax-1", "ax-2", "apart", "idlemma"];
const VARIABLES: [&str; 3] = ["wph", "wps", "wch"];

/// ax-mp, ax-1, ax-2, and `apart`: `( ?0 -> ?1 )` with `$d ?0 ?1`; own hypothesis `h1`: `wps`.
pub(crate) struct Toy {
    schemes: Vec<Scheme>,
    hypothesis: TermId,
}

pub(crate) fn imp(a: &mut Arena, x: TermId, y: TermId) -> TermId {
    a.make(Head::syntax(AssertionId(0)), &[x, y])
}

impl Toy {
    pub(crate) fn new() -> (Toy, Arena) {
        let mut a = Arena::new();
        let m: Vec<TermId> = (0..3).map(|i| a.meta(i)).collect();
        let m01 = imp(&mut a, m[0], m[1]);
        let m12 = imp(&mut a, m[1], m[2]);
        let m02 = imp(&mut a, m[0], m[2]);
        let m10 = imp(&mut a, m[1], m[0]);
        let ax1 = imp(&mut a, m[0], m10);
        let left = imp(&mut a, m[0], m12);
        let right = imp(&mut a, m01, m02);
        let ax2 = imp(&mut a, left, right);
        let m00 = imp(&mut a, m[0], m[0]);
        let scheme = |metavariables, conclusion, hypotheses: &[TermId], distinct: &[(u32, u32)]| Scheme {
            metavariables,
            conclusion,
            hypotheses: hypotheses.into(),
            distinct: distinct.into(),
        };
        let none = scheme(0, m[0], &[], &[]);
        let schemes = vec![
            none.clone(),
            none,
            scheme(2, m[1], &[m[0], m01], &[]),
            scheme(2, ax1, &[], &[]),
            scheme(3, ax2, &[], &[]),
            scheme(2, m01, &[], &[(0, 1)]),
            scheme(1, m00, &[], &[]),
        ];
        let hypothesis = a.variable(SymbolId(1));
        (Toy { schemes, hypothesis }, a)
    }
}

impl Assertions for Toy {
    fn lookup(&self, label: &str) -> Option<Reference> {
        if label == "h1" {
            return Some(Reference::Hypothesis(0));
        }
        let i = LABELS.iter().position(|l| *l == label).filter(|&i| i >= 2)?;
        Some(Reference::Assertion(AssertionId::from(i)))
    }
    fn scheme(&self, id: AssertionId) -> Scheme {
        self.schemes[id.index()].clone()
    }
    fn hypothesis(&self, index: u32) -> Option<TermId> {
        (index == 0).then_some(self.hypothesis)
    }
    fn head(&self, name: &str) -> Option<(Head, usize)> {
        if let Some(i) = LABELS.iter().take(2).position(|l| *l == name) {
            return Some((Head::syntax(AssertionId::from(i)), 2 - i));
        }
        let i = VARIABLES.iter().position(|v| *v == name)?;
        Some((Head::variable(SymbolId::from(i)), 0))
    }
    fn head_name(&self, head: Head) -> String {
        match head.kind() {
            HeadKind::Syntax(a) => LABELS[a.index()].into(),
            HeadKind::Variable(v) => VARIABLES[v.index()].into(),
            HeadKind::Meta(m) => format!("?{m}"),
            HeadKind::Judgement(_) => unreachable!("the toy has one judgement"),
        }
    }
}

/// Checks every step by substitution; refuses whatever uses `idlemma`, so that refusals can be tested.
impl Judge for Toy {
    fn name(&self) -> String {
        "toy".into()
    }
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String> {
        for (n, step) in proof.steps.iter().enumerate() {
            let (conclusion, hypotheses) = match step.by {
                Justification::Hypothesis(_) => (self.hypothesis, smallvec![]),
                Justification::Assertion(AssertionId(6)) => return Err("idlemma is not known".into()),
                Justification::Assertion(id) => {
                    let s = self.scheme(id);
                    let mut instance = |t| substitute(arena, t, &step.substitution);
                    let hypotheses = s.hypotheses.iter().map(|&h| instance(h)).collect();
                    (instance(s.conclusion), hypotheses)
                }
            };
            let hypotheses: Vec<TermId> = smallvec::SmallVec::<[TermId; 4]>::into_vec(hypotheses);
            let premises = step.premises.iter().map(|&p| {
                assert!((p as usize) < n);
                proof.steps[p as usize].conclusion
            });
            if conclusion != step.conclusion || !premises.eq(hypotheses) {
                return Err(format!("step {n} does not fit"));
            }
        }
        match proof.steps.last() {
            Some(last) if last.conclusion == proof.goal => Ok(()),
            _ => Err("the goal is not proved".into()),
        }
    }
}
