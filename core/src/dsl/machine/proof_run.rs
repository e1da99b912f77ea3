//! A found proof as a program of the machine: one UNIFY a step, then ASSERT, which goes to both judges.
//!
//! This is how every proof that search returns is run: the trace, the log and the fact come from the machine, and
//! the machine's proof object must be the proof that search gave.

use crate::dsl::formulas::logic::{Judge, ProofObject};
use crate::dsl::formulas::terms;
use crate::dsl::log::hash::Sha2;
use crate::dsl::log::{Log, Origin};
use crate::dsl::machine::{Machine, StopReason};
use crate::dsl::memory::cell::Content;
use crate::dsl::programs::directive::DirectiveKind;
use crate::dsl::programs::proof_program::{proof_program, Layout, ProofNode};
use crate::dsl::theory::library::{Proof, Rule, Task, Theory};
use crate::dsl::theory::proof_object::Judged;
use crate::dsl::theory::task_view::{logical, TaskView, BOTH_JUDGES};
use crate::metamath_db::terms::term::Arena;
use crate::util::text::hex;
use std::cell::RefCell;

/// Instructions that one proof may take on the machine.
const BUDGET: u64 = 1 << 22;

/// A directive and its words.
pub type Said = (DirectiveKind, Vec<String>);

/// The results of a run.
pub struct ProofRun {
    /// The program, in assembly.
    pub program: String,
    /// The machine's proof object, as JSON.
    pub proof: String,
    /// The trace, as JSON Lines.
    pub trace: String,
    /// SHA-256 of the trace.
    pub trace_sha256: String,
    /// Merkle root of the log's records.
    pub log_sha256: String,
    /// Records of the log.
    pub log_records: u64,
    /// The log: one session, encoded.
    pub log: Vec<u8>,
    /// The judges' verdicts at ASSERT.
    pub judged: Judged,
}

/// Both judges on the machine's proof object, which must prove the task's own goal.
struct TaskJudge<'a> {
    theory: &'a Theory,
    task: &'a Task,
    judged: RefCell<Option<(Judged, String)>>,
}

impl Judge for TaskJudge<'_> {
    fn name(&self) -> String {
        BOTH_JUDGES.to_owned()
    }
    fn judge(&self, arena: &mut Arena, proof: &ProofObject) -> Result<(), String> {
        if proof.goal != self.task.goal {
            return Err("the proof object proves another statement".to_owned());
        }
        let proof = logical(proof);
        let judged = self.theory.judge(self.task, &proof, arena)?;
        let verdict = judged.verdict.clone();
        let text = self.theory.proof_json(self.task, &proof, arena);
        *self.judged.borrow_mut() = Some((judged, text));
        verdict.kernel.map_err(|e| format!("kernel: {e}"))?;
        verdict.knife.map_err(|e| format!("metamath-rs: {e}"))
    }
}

impl Theory {
    /// Runs a proof as a program on a fresh machine. `origin` says which database and library this is; name, program
    /// and terms are filled in. `arena` has grown from [`Theory::arena`]. `directives`: what stands at the head of the program
    /// (docs/isa.md), none: nothing; the goal and the statement's hash are added to them.
    ///
    /// # Errors
    /// One line: the proof does not fit, the machine faults, or a judge refuses.
    pub fn run_proof(
        &self,
        task: &Task,
        proof: &Proof,
        arena: &mut Arena,
        origin: Origin,
        directives: Option<&[Said]>,
    ) -> Result<ProofRun, String> {
        self.check_premises(task, proof)?;
        let view = TaskView::new(self, task.clone());
        let judge = TaskJudge { theory: self, task, judged: RefCell::new(None) };
        let nodes = self.program_nodes(task, proof, &view, arena)?;
        let root = nodes.len() as u32 - 1;
        let mut program = proof_program(None, &nodes, root, Layout::default(), 0).map_err(|e| e.to_string())?;
        for (kind, words) in directives.map_or(Ok(Vec::new()), |d| self.carried(task, d, arena))? {
            program.direct(kind, &words);
        }
        if directives.is_some() {
            // as it is written and read back, so that the file has the trace's digest
            program = crate::dsl::programs::asm::assemble(&crate::dsl::programs::asm::disassemble(&program))
                .map_err(|e| e.to_string())?;
        }
        let mut machine = Machine::new(&view, &judge, std::mem::take(arena));
        let (name, terms) = (task.name.clone(), self.arena.len() as u64);
        machine.begin_session(Log::memory(), Origin { name, terms, program: program.digest(), ..origin });
        machine.load(Layout::default().goal, Content::goal(task.goal))?;
        let outcome = machine.run(&program, BUDGET);
        let mut trace = Vec::new();
        let written = machine.trace().write_jsonl(&mut trace).map_err(|e| e.to_string());
        let trace_sha256 = hex(&machine.trace().hash());
        let log = outcome.as_ref().ok().map(|o| machine.end_session(o)).unwrap_or_default();
        *arena = machine.into_arena();
        written?;
        match outcome.map_err(|e| e.to_string())?.stop {
            StopReason::Halted(0) => {}
            StopReason::Fault(f) => return Err(f.to_string()),
            other => return Err(format!("the program stopped by {}", other.name())),
        }
        let (judged, proof) = judge.judged.into_inner().ok_or("ASSERT did not ask the judges")?;
        let trace = String::from_utf8(trace).map_err(|e| e.to_string())?;
        let program = crate::dsl::programs::asm::disassemble(&program);
        let (log_sha256, log_records) = (hex(&log.root(&Sha2)), log.len());
        Ok(ProofRun { program, proof, trace, trace_sha256, log_sha256, log_records, log: log.bytes(), judged })
    }
    /// The directives of a proof's program: the given ones, the goal, and the hash of the statement as it is judged.
    fn carried(&self, task: &Task, given: &[Said], arena: &Arena) -> Result<Vec<Said>, String> {
        let hash = hex(&self.statement_hash(task, arena)?);
        let mut out = given.to_vec();
        let goal = vec![Layout::default().goal.to_string(), self.db.show_statement(arena, task.goal)];
        out.push((DirectiveKind::Goal, goal));
        out.push((DirectiveKind::Statement, vec![hash]));
        Ok(out)
    }
    /// A proof (JSON) as steps with the values that unification would leave open: what a handler's derivation is made
    /// of. Own hypotheses keep their labels.
    ///
    /// # Errors
    /// One line: the text is no proof, or the proof does not fit its goal.
    pub fn proof_nodes(&self, text: &str) -> Result<Vec<ProofNode>, String> {
        let mut arena = self.arena.clone();
        let (task, proof) = self.read_proof(text, &mut arena)?;
        self.task_nodes(&task, &proof, &mut arena)
    }
    /// Returns the steps of a task's proof as nodes of a proof program.
    ///
    /// # Errors
    /// One line: the proof does not fit its goal.
    pub fn task_nodes(&self, task: &Task, proof: &Proof, arena: &mut Arena) -> Result<Vec<ProofNode>, String> {
        let view = TaskView::new(self, task.clone());
        self.program_nodes(task, proof, &view, arena)
    }
    /// The proof's steps as the program maker wants them; variables that unification leaves open get their dummies.
    fn program_nodes(
        &self,
        task: &Task,
        proof: &Proof,
        view: &TaskView<&Theory>,
        arena: &mut Arena,
    ) -> Result<Vec<ProofNode>, String> {
        let hyps: Vec<_> = task.hyps.iter().map(|&h| (h, 0)).collect();
        let open = self.unify_proof(proof, &hyps, Some((task.goal, 0)), 0, arena).map_err(|e| e.to_string())?;
        let steps = self.elaborate(task, proof, arena).map_err(|e| e.to_string())?;
        let mut nodes = Vec::new();
        for (i, s) in steps.iter().enumerate() {
            let label = match s.rule {
                Rule::Premise(p) => self.label(p).to_owned(),
                Rule::Hyp(k) => task.hyp_labels[k as usize].clone(),
            };
            let mut values = Vec::new();
            for (k, &v) in s.values.iter().enumerate() {
                if !open.bindings.is_bound(open.offsets[i] + k as u32) {
                    let literal = terms::print(arena, view, v, 256).ok_or("a dummy without a name")?;
                    values.push((k as u32, literal));
                }
            }
            nodes.push(ProofNode { label, premises: s.children.to_vec(), variables: s.values.len() as u32, values });
        }
        Ok(nodes)
    }
}
