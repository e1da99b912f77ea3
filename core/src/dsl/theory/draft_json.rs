//! Drafts as they come in: steps with names, labels and formulas, and the proofs that take the place of open steps.

use super::draft::{Draft, DraftError, DraftStep, OPEN_LABEL, STEP_LABEL};
use super::library::{PremiseId, Proof, Rule, Step, Task, Theory};
use super::work::WorkVariables;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::metamath_db::terms::unify::Bindings;
use serde::Deserialize;
use smallvec::SmallVec;

/// A step as a worksheet has it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Its name there.
    pub name: String,
    /// The label of the premise applied; `None` for an open step.
    pub label: Option<String>,
    /// Earlier steps.
    pub children: Vec<u32>,
    /// Its formula, typecode first, with work variables for what is not known.
    pub formula: Option<String>,
}

/// Hypotheses of which all orders are tried.
const MOST_ORDERED: usize = 6;

#[derive(Deserialize)]
struct ProofText {
    steps: Vec<(String, Vec<u32>)>,
    #[serde(default)]
    roots: Vec<u32>,
}

impl DraftError {
    /// One line that names the step as its author did.
    pub fn said(&self, draft: &Draft) -> String {
        match draft.steps.get(self.step).map(|s| s.name.as_str()) {
            Some(name) if !name.is_empty() => format!("step {name}: {}", self.message),
            _ => format!("step {}: {}", self.step + 1, self.message),
        }
    }
}

impl Theory {
    /// The draft of a task from its steps; the last one proves the goal.
    ///
    /// # Errors
    /// The first step that names what is not there, or what may not be used, or whose formula cannot be read.
    pub fn draft_from(&self, task: Task, given: &[Given], arena: &mut Arena) -> Result<Draft, DraftError> {
        let mut steps: Vec<DraftStep> = Vec::with_capacity(given.len());
        let mut work = WorkVariables::default();
        for (i, g) in given.iter().enumerate() {
            let wrong = |text: String| DraftError { step: i, message: format!("step {}: {text}", g.name) };
            let rule = g.label.as_ref().map(|l| self.rule_of(l, &task)).transpose().map_err(wrong)?;
            if g.children.iter().any(|&c| c as usize >= i) {
                return Err(wrong("it uses a step that is not before it".to_owned()));
            }
            let proved = !matches!(rule, Some(Rule::Hyp(_)));
            let formula = g.formula.as_ref().map(|f| self.parse_work(f, proved, &mut work, arena));
            let formula = formula.transpose().map_err(wrong)?;
            let given: SmallVec<[u32; 4]> = g.children.iter().copied().collect();
            let children = match rule {
                Some(Rule::Premise(p)) => self.in_order(p, formula, given, &steps, work.types.len(), arena),
                _ => given,
            };
            steps.push(DraftStep { name: g.name.clone(), rule, children, formula, values: Vec::new() });
        }
        match steps.is_empty() {
            true => Err(DraftError { step: 0, message: "a draft without steps".to_owned() }),
            false => Ok(Draft { task, steps, work: work.types }),
        }
    }
    /// The steps given for a premise's hypotheses, in another order where the given one does not fit what is written down:
    /// worksheets may list them in any.
    fn in_order(
        &self,
        p: PremiseId,
        formula: Option<TermId>,
        given: SmallVec<[u32; 4]>,
        steps: &[DraftStep],
        work: usize,
        arena: &Arena,
    ) -> SmallVec<[u32; 4]> {
        let Some(premise) = self.premise(p).filter(|x| x.hyps.len() == given.len()) else { return given };
        let fits = |order: &[u32]| {
            let mut b = Bindings::new(premise.variables.len() + work);
            let shift = premise.variables.len() as u32; // of the work variables
            let own = formula.is_none_or(|f| b.unify(arena, (premise.conclusion, 0), (f, shift)));
            let mut known = order.iter().zip(premise.hyps).filter_map(|(&c, &h)| Some((h, steps[c as usize].formula?)));
            own && known.all(|(h, f)| b.unify(arena, (h, 0), (f, shift)))
        };
        if given.len() < 2 || given.len() > MOST_ORDERED || fits(&given) {
            return given;
        }
        let mut order = given.clone();
        order.sort_unstable();
        loop {
            if fits(&order) {
                return order;
            }
            // the next permutation
            let Some(i) = (0..order.len() - 1).rev().find(|&i| order[i] < order[i + 1]) else { return given };
            let j = (i + 1..order.len()).rev().find(|&j| order[j] > order[i]).unwrap_or(i + 1);
            order.swap(i, j);
            order[i + 1..].reverse();
        }
    }
    fn rule_of(&self, label: &str, task: &Task) -> Result<Rule, String> {
        if let Some(k) = task.hyp_labels.iter().position(|h| h == label) {
            return Ok(Rule::Hyp(k as u32));
        }
        let found = self.find(label).filter(|&p| self.premise(p).is_some());
        let p = found.ok_or_else(|| format!("`{label}` names no statement that proves anything"))?;
        match self.stands_before(p, task) {
            true => Ok(Rule::Premise(p)),
            false => Err(format!("`{label}` does not stand before {}", task.name)),
        }
    }
    /// Reads a proof or a frontier (JSON: `steps`, label and children) that is to take the place of an open step: labels
    /// are those of premises, of the task's hypotheses, [`STEP_LABEL`] and the number of one of the steps `using`, and
    /// [`OPEN_LABEL`] and a number for what stays open. With it, which
    /// of its steps prove what was asked for (`roots`; where these are missing, the last one).
    ///
    /// # Errors
    /// One line: not JSON of this form, an unknown label, a child that is not an earlier step.
    pub fn read_spliced(&self, draft: &Draft, text: &str, using: &[usize]) -> Result<(Proof, Vec<u32>), String> {
        let text: ProofText = serde_json::from_str(text).map_err(|e| format!("not a proof in JSON: {e}"))?;
        let own = draft.task.hyp_labels.len();
        let mut proof = Proof::default();
        for (i, (label, children)) in text.steps.iter().enumerate() {
            if children.iter().any(|&c| c as usize >= i) {
                return Err(format!("step {i} (`{label}`) uses a step that is not before it"));
            }
            let number = |prefix: &str| label.strip_prefix(prefix).and_then(|n| n.parse::<usize>().ok());
            let rule = if let Some(k) = draft.task.hyp_labels.iter().position(|h| h == label) {
                Rule::Hyp(k as u32)
            } else if let Some(k) = number(STEP_LABEL).and_then(|n| using.iter().position(|&u| u == n)) {
                Rule::Hyp((own + k) as u32)
            } else if let Some(k) = number(OPEN_LABEL) {
                Rule::Hyp((own + using.len() + k) as u32)
            } else {
                Rule::Premise(self.find(label).ok_or_else(|| format!("step `{label}` names no statement"))?)
            };
            proof.steps.push(Step { rule, children: children.iter().copied().collect() });
        }
        let last = (proof.steps.len() as u32).checked_sub(1).ok_or("a proof without steps")?;
        Ok((proof, if text.roots.is_empty() { vec![last] } else { text.roots }))
    }
}
