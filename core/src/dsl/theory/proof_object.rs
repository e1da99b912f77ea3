//! Proof objects: a proof written out with its syntax steps, and what the judges say about it.
//!
//! Whatever proposes a proof gives logical steps only. Here they are elaborated, the substitutions turned into
//! syntax proofs, and the whole judged as a slice (`metamath_db/slice.rs`), whose statement comes from the task and
//! not from the proof.

use super::library::{Elaborated, Lemma, PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::database::syntax_theorems::Spelling;
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId, TermId};
use crate::metamath_db::judges::slice::{judge_text, slice, HypText, Statement, Theorem, Verdict};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use crate::metamath_db::writer::{compressed, normal, LabelOrder, Node, UNKNOWN};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;

/// A proof with all its steps, syntax included.
#[derive(Clone, Debug, Default)]
pub struct FullProof {
    /// Label and children of each step, children in frame order; the last step is the root.
    pub nodes: Vec<(String, Vec<u32>)>,
    /// `$f` hypotheses of dummy variables.
    pub dummies: Vec<HypId>,
    /// The `$d` pairs with a dummy that the proof needs, as variables.
    pub dummy_disjoint: Vec<(SymbolId, SymbolId)>,
}

impl FullProof {
    /// Bytes of its labels, each with a space, and letters as a compressed proof of a theorem with these hypotheses.
    fn length(&self, mandatory: &[&str]) -> Result<usize, String> {
        let nodes: Vec<Node<'_>> = self.nodes.iter().map(|n| Node { label: &n.0, children: &n.1 }).collect();
        let root = (nodes.len() as u32).checked_sub(1).ok_or("an empty proof")?;
        let text = compressed(&nodes, root, mandatory, LabelOrder::FirstUse, 0).map_err(|e| e.to_string())?;
        let (labels, letters) = text.split_once(')').unwrap_or(("", &text));
        let bytes = |text: &str, each: usize| text.split_ascii_whitespace().map(|w| w.len() + each).sum::<usize>();
        Ok(bytes(labels, 1) + bytes(letters, 0))
    }
}

/// Label, whether floating, symbols.
type OwnedHyp = (String, bool, Vec<SymbolId>);

/// A statement whose names are owned, to be lent as [`Statement`].
struct OwnedStatement {
    label: String,
    conclusion: Vec<SymbolId>,
    hyps: Vec<OwnedHyp>,
    disjoint: Vec<(SymbolId, SymbolId)>,
}

impl OwnedStatement {
    fn lend<'a>(&'a self, theory: &'a Theory) -> Statement<'a> {
        let names = |s: &[SymbolId]| s.iter().map(|&s| theory.db.source.symbol(s)).collect::<Vec<_>>();
        let mut out = Statement { label: &self.label, conclusion: names(&self.conclusion), ..Statement::default() };
        for (label, floating, symbols) in &self.hyps {
            out.push_hyp(label, *floating, names(symbols));
        }
        out.disjoint =
            self.disjoint.iter().map(|&(x, y)| (theory.db.source.symbol(x), theory.db.source.symbol(y))).collect();
        out.normalise();
        out
    }
}

/// A proof with the judges' verdict.
pub struct Judged {
    /// The verdicts of the kernel and of metamath-rs.
    pub verdict: Verdict,
    /// The slice that they judged; empty if none could be made.
    pub slice: String,
    /// The proof as a compressed proof of the theorem.
    pub compressed: String,
    /// The proof as a sequence of labels; empty when that would be too long.
    pub normal: String,
    /// The proof object.
    pub object: FullProof,
}

struct Maker<'a, 's, 'k> {
    theory: &'a Theory,
    arena: &'a Arena,
    position: u32,
    spelling: &'s mut Spelling<'k>,
    /// Whether metavariables and open steps are written as [`UNKNOWN`] steps.
    draft: bool,
    out: FullProof,
    terms: FxHashMap<TermId, u32>,
    seen: FxHashMap<(String, Vec<u32>), u32>,
}

impl Maker<'_, '_, '_> {
    fn node(&mut self, label: String, children: Vec<u32>) -> u32 {
        let key = (label, children);
        if let Some(&n) = self.seen.get(&key).filter(|_| key.0 != UNKNOWN) {
            return n;
        }
        self.out.nodes.push(key.clone());
        let n = self.out.nodes.len() as u32 - 1;
        self.seen.insert(key, n);
        n
    }
    /// The syntax proof of a term.
    fn term(&mut self, t: TermId) -> Result<u32, String> {
        if let Some(&n) = self.terms.get(&t) {
            return Ok(n);
        }
        let n = match self.arena.head(t).kind() {
            HeadKind::Meta(_) if self.draft => return Ok(self.node(UNKNOWN.to_owned(), Vec::new())),
            HeadKind::Meta(m) => return Err(format!("metavariable ?{m} is left in the proof")),
            HeadKind::Variable(v) => {
                let float = self.theory.float_at(v, self.position).ok_or("a variable has no $f here")?;
                self.node(self.theory.db.source.hyp_label(float).to_owned(), Vec::new())
            }
            HeadKind::Syntax(a) => {
                let (label, below) = self.spelling.step(self.arena, t, a);
                let children = below.into_iter().map(|c| self.term(c)).collect::<Result<Vec<u32>, _>>()?;
                self.node(self.theory.db.source.label(label).to_owned(), children)
            }
            HeadKind::Judgement(_) => return Err("a statement stands where a formula is due".to_owned()),
        };
        self.terms.insert(t, n);
        Ok(n)
    }
    /// The syntax proof of a scheme's instance, by those of the substitution.
    fn instance(&mut self, scheme: TermId, floats: &[u32]) -> Result<u32, String> {
        match self.arena.head(scheme).kind() {
            HeadKind::Meta(m) => floats.get(m as usize).copied().ok_or_else(|| format!("?{m} has no value")),
            HeadKind::Syntax(a) => {
                let children = self.arena.children(scheme).to_vec();
                let children =
                    children.into_iter().map(|c| self.instance(c, floats)).collect::<Result<Vec<u32>, _>>()?;
                Ok(self.node(self.theory.db.source.label(a).to_owned(), children))
            }
            _ => self.term(scheme),
        }
    }
    fn step(&mut self, s: &Elaborated, task: &Task, own: &[u32]) -> Result<u32, String> {
        let p = match s.rule {
            Rule::Hyp(k) => return Ok(self.node(task.hyp_labels[k as usize].clone(), Vec::new())),
            Rule::Premise(p) => p,
        };
        let floats = s.values.iter().map(|&v| self.term(v)).collect::<Result<Vec<u32>, _>>()?;
        let typings =
            self.theory.typings(p).iter().map(|&t| self.instance(t, &floats)).collect::<Result<Vec<u32>, _>>()?;
        let children = self.theory.in_frame_order(p, &floats, own, &typings);
        Ok(self.node(self.theory.label(p).to_owned(), children))
    }
}

impl Theory {
    /// Interleaves what stands for the hypotheses of a premise as its frame has them: the floating ones, those that need a
    /// proof, and those of [`Theory::typings`].
    pub fn in_frame_order(&self, p: PremiseId, floats: &[u32], essentials: &[u32], typings: &[u32]) -> Vec<u32> {
        if self.lemma(p).is_some() {
            return floats.iter().chain(essentials).copied().collect();
        }
        let (mut f, mut e, mut t) = (floats.iter(), essentials.iter(), typings.iter());
        let frame = self.db.source.frame(AssertionId(p.0));
        let next = |&h: &HypId| match self.db.source.hyps[h.index()].is_floating() {
            true => f.next(),
            false if self.db.is_typing(h) => t.next(),
            false => e.next(),
        };
        frame.iter().filter_map(next).copied().collect()
    }
    /// Writes elaborated steps out with their syntax proofs.
    ///
    /// # Errors
    /// One line: a term that has no syntax proof here.
    pub fn proof_object(&self, task: &Task, steps: &[Elaborated], arena: &Arena) -> Result<FullProof, String> {
        self.object(task, steps, false, arena)
    }
    /// Writes out steps that may hold metavariables and whose hypotheses may be labelled [`UNKNOWN`].
    pub(in crate::dsl) fn draft_object(
        &self,
        task: &Task,
        steps: &[Elaborated],
        arena: &Arena,
    ) -> Result<FullProof, String> {
        self.object(task, steps, true, arena)
    }
    fn object(&self, task: &Task, steps: &[Elaborated], draft: bool, arena: &Arena) -> Result<FullProof, String> {
        let position = self.position(task);
        let mandatory = self.mandatory_labels(task, arena)?;
        let mandatory: Vec<&str> = mandatory.iter().map(String::as_str).collect();
        let mut out = self.db.syntax_theorems.shortest(position, |spelling| {
            let object = self.spelled(task, steps, draft, arena, (position, spelling))?;
            Ok::<_, String>((object.length(&mandatory)?, object))
        })?;
        self.add_dummies(task, steps, arena, position, &mut out);
        Ok(out)
    }
    fn spelled(
        &self,
        task: &Task,
        steps: &[Elaborated],
        draft: bool,
        arena: &Arena,
        (position, spelling): (u32, &mut Spelling<'_>),
    ) -> Result<FullProof, String> {
        let mut m = Maker {
            theory: self,
            arena,
            position,
            spelling,
            draft,
            out: FullProof::default(),
            terms: FxHashMap::default(),
            seen: FxHashMap::default(),
        };
        let mut number: Vec<u32> = Vec::with_capacity(steps.len());
        for s in steps {
            let own: Vec<u32> = s.children.iter().map(|&c| number[c as usize]).collect();
            let n = m.step(s, task, &own)?;
            number.push(n);
        }
        let mut out = m.out;
        // sharing may have put the root before other nodes: it must be the last
        let root = number.last().copied().ok_or("an empty proof")?;
        out.nodes.truncate(root as usize + 1);
        Ok(out)
    }
    fn add_dummies(&self, task: &Task, steps: &[Elaborated], arena: &Arena, position: u32, out: &mut FullProof) {
        let mut own: FxHashSet<SymbolId> = arena.variables(task.goal).into_iter().collect();
        for &h in &task.hyps {
            own.extend(arena.variables(h));
        }
        let mut dummies: Vec<SymbolId> = Vec::new();
        let values: FxHashSet<TermId> = steps.iter().flat_map(|s| s.values.iter().copied()).collect();
        for v in values {
            dummies.extend(arena.variables(v).into_iter().filter(|v| !own.contains(v)));
        }
        dummies.sort_unstable();
        dummies.dedup();
        out.dummies.extend(dummies.iter().filter_map(|&d| self.float_at(d, position)));
        out.dummies.sort_unstable();
        let dummy = |v: &SymbolId| dummies.binary_search(v).is_ok();
        let needed = self.needed_disjoint(steps, arena);
        out.dummy_disjoint.extend(needed.into_iter().filter(|(x, y)| x != y && (dummy(x) || dummy(y))));
    }
    /// The `$d` pairs that elaborated steps need: smaller variable first, sorted.
    pub fn needed_disjoint(&self, steps: &[Elaborated], arena: &Arena) -> Vec<(SymbolId, SymbolId)> {
        let mut out = Vec::new();
        for s in steps {
            let Rule::Premise(p) = s.rule else { continue };
            let Some(premise) = self.premise(p) else { continue };
            for &(x, y) in premise.disjoint {
                let (left, right) = (arena.variables(s.values[x as usize]), arena.variables(s.values[y as usize]));
                out.extend(left.iter().flat_map(|&u| right.iter().map(move |&v| (u.min(v), u.max(v)))));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
    /// Labels of a task's mandatory hypotheses, in frame order.
    pub(in crate::dsl) fn mandatory_labels(&self, task: &Task, arena: &Arena) -> Result<Vec<String>, String> {
        let names = self.task_names(task, arena)?;
        Ok(names.lend(self).hyps.iter().map(|h| h.label.to_owned()).collect())
    }
    fn task_names(&self, task: &Task, arena: &Arena) -> Result<OwnedStatement, String> {
        let position = self.position(task);
        let mut variables = arena.variables(task.goal);
        for &h in &task.hyps {
            variables.extend(arena.variables(h));
        }
        variables.sort_unstable();
        variables.dedup();
        let mut floats: Vec<HypId> = variables.iter().filter_map(|&v| self.float_at(v, position)).collect();
        floats.sort_unstable();
        let mut hyps: Vec<(HypId, OwnedHyp)> = Vec::new();
        for f in floats {
            let symbols = self.db.source.expression(&self.db.source.hyps[f.index()].expression).to_vec();
            hyps.push((f, (self.db.source.hyp_label(f).to_owned(), true, symbols)));
        }
        let after = HypId(u32::MAX);
        for (label, &h) in task.hyp_labels.iter().zip(&task.hyps) {
            let place = match self.db.source.lookup(label.as_bytes()) {
                Some(crate::metamath_db::reader::LabelRef::Hyp(h)) => h,
                _ => after,
            };
            hyps.push((place, (label.clone(), false, self.symbols_of(h, arena))));
        }
        hyps.sort_by_key(|h| h.0); // stable: hypotheses without a place keep their order
        let conclusion = self.symbols_of(task.goal, arena);
        let disjoint =
            task.disjoint.iter().copied().filter(|(x, y)| variables.contains(x) && variables.contains(y)).collect();
        let hyps = hyps.into_iter().map(|h| h.1).collect();
        Ok(OwnedStatement { label: task.name.clone(), conclusion, hyps, disjoint })
    }
    fn symbols_of(&self, t: TermId, arena: &Arena) -> Vec<SymbolId> {
        let mut out = Vec::new();
        self.db.grammar.print_statement(arena, t, &mut out, &|head, out| out.extend(head.as_variable()));
        out
    }
    fn lemma_names(&self, l: &Lemma, arena: &Arena) -> Result<OwnedStatement, String> {
        let formula = |t: TermId| {
            let mut out = Vec::new();
            let leaf = |head: Head, out: &mut Vec<SymbolId>| {
                out.extend(head.as_meta().and_then(|m| l.variables.get(m as usize)));
            };
            self.db.grammar.print_statement(arena, t, &mut out, &leaf);
            out
        };
        let mut hyps: Vec<OwnedHyp> = Vec::new();
        for &v in &l.variables {
            let f = self.outer_float(v).ok_or("a variable has no $f")?;
            let symbols = self.db.source.expression(&self.db.source.hyps[f.index()].expression).to_vec();
            hyps.push((self.db.source.hyp_label(f).to_owned(), true, symbols));
        }
        hyps.extend((1..).zip(&l.hyps).map(|(i, &h)| (format!("{}.{i}", l.name), false, formula(h))));
        let disjoint = l.disjoint.iter().map(|&(a, b)| (l.variables[a as usize], l.variables[b as usize])).collect();
        Ok(OwnedStatement { label: l.name.clone(), conclusion: formula(l.conclusion), hyps, disjoint })
    }
    /// A lemma's statement as a task: what stands before it may be used.
    pub fn lemma_task(&self, l: &Lemma, arena: &mut Arena) -> Task {
        let values: Vec<TermId> = l.variables.iter().map(|&v| arena.variable(v)).collect();
        let after = |a: &crate::metamath_db::reader::Assertion| a.outer_block <= l.block;
        let limit = self.db.source.assertions.partition_point(after);
        let mut disjoint: Vec<(SymbolId, SymbolId)> = l
            .disjoint
            .iter()
            .map(|&(a, b)| (l.variables[a as usize], l.variables[b as usize]))
            .map(|(x, y)| (x.min(y), x.max(y)))
            .collect();
        disjoint.sort_unstable();
        Task {
            name: l.name.clone(),
            goal: arena.instantiate(l.conclusion, &values),
            hyps: l.hyps.iter().map(|&h| arena.instantiate(h, &values)).collect(),
            hyp_labels: (1..=l.hyps.len()).map(|i| format!("{}.{i}", l.name)).collect(),
            disjoint,
            limit: AssertionId::from(limit),
            block: l.block + 1,
        }
    }
    /// Elaborates a proof, writes it out and asks both judges. The statement judged is the task's.
    ///
    /// # Errors
    /// One line: why the proof does not even fit its goal, or uses what does not stand before it.
    pub fn judge(&self, task: &Task, proof: &Proof, arena: &mut Arena) -> Result<Judged, String> {
        self.check_premises(task, proof)?;
        let steps = self.elaborate(task, proof, arena).map_err(|e| e.to_string())?;
        self.judge_steps(task, proof, &steps, arena)
    }
    /// SHA-256 of a task's statement as it is judged.
    ///
    /// # Errors
    /// One line: it cannot be written out.
    pub fn statement_hash(&self, task: &Task, arena: &Arena) -> Result<[u8; 32], String> {
        Ok(self.task_names(task, arena)?.lend(self).hash())
    }
    /// Judges steps that are elaborated already.
    pub(in crate::dsl) fn judge_steps(
        &self,
        task: &Task,
        proof: &Proof,
        steps: &[Elaborated],
        arena: &Arena,
    ) -> Result<Judged, String> {
        let object = self.proof_object(task, steps, arena)?;
        let names = self.task_names(task, arena)?;
        let statement = names.lend(self);
        let nodes: Vec<Node<'_>> = object.nodes.iter().map(|n| Node { label: &n.0, children: &n.1 }).collect();
        let mandatory: Vec<&str> = statement.hyps.iter().map(|h| h.label).collect();
        let root = nodes.len() as u32 - 1;
        let text = compressed(&nodes, root, &mandatory, LabelOrder::FirstUse, 2).map_err(|e| e.to_string())?;
        let long = normal(&nodes, root, 2).unwrap_or_default();
        let mut used: Vec<PremiseId> = proof
            .steps
            .iter()
            .filter_map(|s| match s.rule {
                Rule::Premise(p) => Some(p),
                Rule::Hyp(_) => None,
            })
            .collect();
        used.sort_unstable();
        used.dedup();
        let lemmas: Vec<OwnedStatement> =
            used.iter().filter_map(|&p| self.lemma(p)).map(|l| self.lemma_names(l, arena)).collect::<Result<_, _>>()?;
        let extra: Vec<Statement<'_>> = lemmas.iter().map(|l| l.lend(self)).collect();
        let source = &self.db.source;
        let float = |&h: &HypId| HypText {
            label: source.hyp_label(h),
            floating: true,
            symbols: source.expression(&source.hyps[h.index()].expression).iter().map(|&s| source.symbol(s)).collect(),
        };
        let theorem = Theorem {
            statement,
            dummies: object.dummies.iter().map(float).collect(),
            dummy_disjoint: object.dummy_disjoint.iter().map(|&(x, y)| (source.symbol(x), source.symbol(y))).collect(),
            proof: Cow::Borrowed(&text),
            before: (task.limit.index() < self.db.len()).then_some(task.limit),
        };
        let (verdict, slice) = match slice(source, &theorem, &extra) {
            Ok(text) => (judge_text(text.clone().into_bytes(), &theorem.statement), text),
            Err(reason) => {
                let statement_hash = theorem.statement.hash();
                (Verdict { kernel: Err(reason.clone()), knife: Err(reason), statement_hash }, String::new())
            }
        };
        Ok(Judged { verdict, slice, compressed: text.clone(), normal: long, object })
    }
}
