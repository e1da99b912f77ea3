//! The result of a decision on a sequent. The machine's instructions and the reader of whole texts share this code.

mod follow;

use super::fields::Fields;
use super::readings::Question;
use super::{refusal, Texts, Words};
use crate::dsl::isa::Opcode;
use crate::dsl::machine::obligation::FaultKind;
use crate::dsl::machine::obligation::Refusal;
use crate::dsl::programs::content::Decision;
use crate::dsl::theory::library::{PremiseId, Task};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::metamath_db::terms::unify::Bindings;
use crate::wake_sleep::inference::moves::meaning::{around, passes, Meaning};
use crate::wake_sleep::inference::moves::readings::denied;
use crate::wake_sleep::inference::moves::sequents::{consequent, context, sequent, Connectives, Terms};
use crate::wake_sleep::inference::proof::{By, ContentProof, Node};
use rustc_hash::FxHashMap;

/// The result of a decision on a sequent: nodes, and sequents that remain open.
#[derive(Clone, Debug)]
pub struct Made {
    /// The sequent that the decision answers.
    pub answers: TermId,
    /// The nodes in order; the last one answers the sequent. Among children, the numbers below `left.len()` stand for
    /// the answers of the open sequents; larger ones stand for the nodes.
    pub nodes: Vec<Node>,
    /// The sequents that remain open, in the form in which the decision leaves them.
    pub left: Vec<TermId>,
}

/// The reason for a node, and the sequents that it leaves open.
type Answer = (By, Vec<TermId>);

/// The sequents into which a sequent is taken apart.
pub(in crate::wake_sleep::inference) fn parts(c: &Connectives, arena: &mut Arena, s: TermId) -> Terms {
    let (goal, members) = (consequent(arena, s), Terms::from(context(arena, s)));
    let mut out = Terms::new();
    c.sequents(arena, &members, goal, &mut out);
    out
}

/// Whether a proof of one sequent proves another, once both are taken apart.
pub fn serves(c: &Connectives, arena: &mut Arena, answers: TermId, asked: TermId) -> bool {
    let own = parts(c, arena, answers);
    answers == asked || parts(c, arena, asked).iter().all(|s| own.contains(s))
}

impl Texts<'_> {
    /// Applies a decision to the sequent `asked`. Nodes closed by decision procedures are without their proofs. `arena`
    /// must be grown from [`super::Moves::arena`].
    ///
    /// # Errors
    /// The fault, with what was expected and what was found.
    pub fn decide(&self, asked: TermId, decision: &Decision, arena: &mut Arena) -> Result<Made, Refusal> {
        Words::new(self, arena).decide(asked, decision)
    }
    /// Applies a move to a sequent, with the values that its consequent determines, or else its consequent and the
    /// first member of Γ that the move can take apart. `arena` must be grown from [`super::Moves::arena`].
    ///
    /// # Errors
    /// The fault, with what was expected.
    pub fn moved(&self, asked: TermId, number: u32, arena: &mut Arena) -> Result<Made, Refusal> {
        Words::new(self, arena).moved(asked, number)
    }
    /// Whether a sequent's consequent is a member of Γ; the numbers of the task's hypotheses, and of the members of Γ, that
    /// have a reading which answers it, of the first `most` of each. Nothing is built.
    pub fn given(&self, asked: TermId, most: usize, arena: &mut Arena) -> (bool, Vec<u32>, Vec<u32>) {
        let base = arena.len();
        let mut words = Words::new(self, arena);
        let mut out = (false, Vec::new(), Vec::new());
        if let [answers] = parts(&words.connectives, words.arena, asked)[..] {
            let (goal, members) = (consequent(words.arena, answers), Terms::from(context(words.arena, answers)));
            out.0 = members.contains(&goal);
            let mut answering = |all: &[TermId]| -> Vec<u32> {
                let read = |t: TermId| !words.formula_readings(t, goal, None).is_empty();
                let told: Vec<bool> = all.iter().take(most).copied().map(read).collect();
                (0u32..).zip(told).filter(|x| x.1).map(|x| x.0).collect()
            };
            out.1 = answering(&self.task.hyps);
            out.2 = answering(&members);
        }
        arena.truncate(base);
        out
    }
    /// The moves that [`Texts::moved`] accepts for a sequent, sorted, among candidates: each a move's number with the member
    /// of Γ that it takes apart. Nothing is built. `arena` must be grown from [`super::Moves::arena`] and is left as it is.
    pub fn answering(&self, asked: TermId, candidates: &[(u32, Option<TermId>)], arena: &mut Arena) -> Vec<u32> {
        let base = arena.len();
        let mut words = Words::new(self, arena);
        let mut out: Vec<u32> = Vec::new();
        if let [answers] = parts(&words.connectives, words.arena, asked)[..] {
            let (goal, members) = (consequent(words.arena, answers), Terms::from(context(words.arena, answers)));
            let kept = words.arena.len();
            for &(number, taken) in candidates {
                if out.last() != Some(&number) && words.is_answered(number, (goal, taken), &members) {
                    out.push(number);
                }
                words.arena.truncate(kept);
            }
        }
        arena.truncate(base);
        out.sort_unstable();
        out.dedup();
        out
    }
    /// Applies all instructions of a content program without a machine, beginning at the cell of its goal.
    ///
    /// # Errors
    /// The number of the instruction that is refused, and the reason.
    pub fn follow(
        &self,
        program: &crate::dsl::programs::program::Program,
        arena: &mut Arena,
    ) -> Result<ContentProof, (usize, Refusal)> {
        crate::wake_sleep::inference::text::decide::follow::Follow::new(self, arena).program(program)
    }
}

impl Words<'_, '_> {
    fn decide(&mut self, asked: TermId, d: &Decision) -> Result<Made, Refusal> {
        use Opcode::{Cases, Close, Hypothesize, Rewrite, Use};
        let own = matches!(d.opcode, Use | Close | Cases | Hypothesize | Rewrite);
        let (operand, fields) = Fields::of(d, own)?;
        let answers = self.answers(asked, d.opcode, &fields)?;
        let goal = consequent(self.arena, answers);
        let members = Terms::from(context(self.arena, answers));
        let label = d.label.as_deref().unwrap_or("");
        let taken: &[&str] = match d.opcode {
            Opcode::Apply => &["answers", "exchanged", "takes", "drops", "reading"],
            Opcode::Hyp | Opcode::Use => &["part", "reading"],
            Opcode::Weaken => &["drops"],
            Opcode::Rewrite => &["to"],
            _ => &[],
        };
        fields.only(taken, d.opcode == Opcode::Apply)?;
        let (by, left) = match d.opcode {
            Opcode::Plan => return Ok(Made { answers, nodes: Vec::new(), left: Vec::new() }),
            Opcode::Rewrite => return self.rewrite(operand, answers, &fields),
            Opcode::Congr => return self.congr(answers),
            Opcode::Replay => return self.replay(label, answers),
            Opcode::Cases | Opcode::Hypothesize => (By::Split, self.with_formula(d.opcode, operand, goal, &members)?),
            Opcode::Apply => self.apply_label(label, goal, &members, d.leaves, &fields)?,
            Opcode::Hyp | Opcode::Use => {
                let named = if d.opcode == Opcode::Hyp { label } else { operand };
                self.by_formula(d, named, goal, &members, &fields)?
            }
            Opcode::Member => {
                let text = self.show(goal);
                self.is_member(goal, &members, &text)?;
                (By::Member, Vec::new())
            }
            Opcode::Split => (By::Split, self.split(answers, goal, &members, d.leaves)?),
            Opcode::Weaken => {
                let dropped = self.members(&fields, "drops")?;
                let kept: Terms = members.iter().copied().filter(|m| !dropped.contains(m)).collect();
                if kept.len() == members.len() {
                    return Err(refusal(FaultKind::Operand, "expected members of Γ behind drops, and found none"));
                }
                (By::Weaken, vec![sequent(self.arena, goal, kept)])
            }
            Opcode::Close => {
                (By::Closed { proof: Box::default(), propositional: operand == "propositional" }, Vec::new())
            }
            _ => return Err(refusal(FaultKind::Operand, format!("{} decides no sequent", d.opcode.name()))),
        };
        let children = (0..left.len() as u32).collect();
        Ok(Made { answers, nodes: vec![Node { sequent: answers, by, children }], left })
    }
    fn moved(&mut self, asked: TermId, number: u32) -> Result<Made, Refusal> {
        let found = parts(&self.connectives, self.arena, asked);
        let [answers] = found[..] else {
            return Err(refusal(FaultKind::Unify, "expected SPLIT: it is several sequents"));
        };
        let goal = consequent(self.arena, answers);
        let members = Terms::from(context(self.arena, answers));
        let takes = self.by.moves.all[number as usize].takes.is_some();
        let candidates: Vec<Option<TermId>> = match takes {
            true => members.iter().map(|&m| Some(m)).collect(),
            false => vec![None],
        };
        let mut why = refusal(FaultKind::Unify, "the move does not answer this");
        for (taken, turned) in candidates.into_iter().flat_map(|t| [(t, false), (t, true)]) {
            let Some(values) = self.said_by(number, turned, goal, taken) else { continue };
            let Some(values) = values.into_iter().collect::<Option<Vec<TermId>>>() else {
                why = refusal(FaultKind::Unify, "the move asks for a value: write the decision out");
                continue;
            };
            let mut kept: Terms = members.iter().copied().filter(|m| Some(*m) != taken).collect();
            match self.applied(number, &values, (goal, taken), &members, &mut kept) {
                Ok(left) => {
                    let by = By::Move { number, values, taken, kept };
                    let children = (0..left.len() as u32).collect();
                    return Ok(Made { answers, nodes: vec![Node { sequent: answers, by, children }], left });
                }
                Err(because) => why = because,
            }
        }
        Err(why)
    }
    /// The sequents that a case distinction or a cut leaves.
    fn with_formula(
        &mut self,
        opcode: Opcode,
        formula: &str,
        goal: TermId,
        members: &Terms,
    ) -> Result<Vec<TermId>, Refusal> {
        let formula = self.formula(formula)?;
        let with = |t: TermId| -> Terms { members.iter().copied().chain([t]).collect() };
        let then = self.literal(&with(formula), goal);
        if opcode == Opcode::Hypothesize {
            return Ok(vec![self.literal(members, formula), then]);
        }
        let none = || refusal(FaultKind::Unify, "the database has a negation");
        let not = denied(self.arena, self.connectives.negation.ok_or_else(none)?, formula);
        Ok(vec![then, self.literal(&with(not), goal)])
    }
    /// Applies a hypothesis of the task or a member of Γ.
    fn by_formula(
        &mut self,
        d: &Decision,
        named: &str,
        goal: TermId,
        members: &Terms,
        fields: &Fields<'_>,
    ) -> Result<Answer, Refusal> {
        if d.opcode == Opcode::Use {
            let member = self.member(named)?;
            self.is_member(member, members, named)?;
            let parts = self.read_formula(member, goal, d.leaves, fields)?;
            let left = self.literals(members, &parts);
            return Ok((By::Use { member, parts }, left));
        }
        let found = self.by.task.hyp_labels.iter().position(|l| l == named);
        let number = found.ok_or_else(|| refusal(FaultKind::Label, format!("the task has no hypothesis '{named}'")))?;
        let parts = self.read_formula(self.by.task.hyps[number], goal, d.leaves, fields)?;
        let left = self.literals(members, &parts);
        Ok((By::Hyp { number: number as u32, parts }, left))
    }
    /// The sequent that an instruction answers: the one that it states, if a proof of that proves `asked`; else the
    /// only sequent into which `asked` is taken apart.
    fn answers(&mut self, asked: TermId, opcode: Opcode, fields: &Fields<'_>) -> Result<TermId, Refusal> {
        if let Some((members, goal)) = &fields.sequent {
            let goal = self.statement(goal)?;
            let members = members.iter().map(|m| self.formula(m)).collect::<Result<Terms, _>>()?;
            let said = self.connectives.sequent(self.arena, goal, members);
            if !serves(&self.connectives, self.arena, said, asked) {
                let claim = format!("expected what answers {}, found another sequent", self.shown(asked));
                return Err(refusal(FaultKind::Unify, claim));
            }
            return Ok(said);
        }
        let found = parts(&self.connectives, self.arena, asked);
        Ok(match found[..] {
            [one] => one,
            _ if opcode == Opcode::Split => asked,
            _ => {
                let claim = format!("expected SPLIT for {}, which is {} sequents", self.shown(asked), found.len());
                return Err(refusal(FaultKind::Unify, claim));
            }
        })
    }
    fn shown(&self, s: TermId) -> String {
        crate::dsl::formulas::sequent::show(&self.by.theory.db, self.arena, s)
    }
    fn is_member(&self, t: TermId, members: &[TermId], text: &str) -> Result<(), Refusal> {
        match members.contains(&t) {
            true => Ok(()),
            false => Err(refusal(FaultKind::Unify, format!("expected a member of Γ, found '{text}'"))),
        }
    }
    fn literal(&mut self, members: &[TermId], formula: TermId) -> TermId {
        ContentProof::literal(&self.connectives, self.arena, members, formula)
    }
    pub(super) fn literals(&mut self, members: &[TermId], formulas: &[TermId]) -> Vec<TermId> {
        formulas.iter().map(|&t| self.literal(members, t)).collect()
    }
    fn split(&mut self, answers: TermId, goal: TermId, members: &Terms, leaves: usize) -> Result<Vec<TermId>, Refusal> {
        let found = parts(&self.connectives, self.arena, answers);
        if found[..] != [answers] {
            return Ok(found.to_vec());
        }
        let mut bindings = Bindings::default();
        let parts = self.meaning(&mut bindings, &mut FxHashMap::default()).part_equivalences(goal, 0);
        let nothing = || {
            let claim = "expected a conjunction, antecedents, or an equivalence of formulas with one connective";
            refusal(FaultKind::Unify, claim)
        };
        match parts {
            Some(parts) => Ok(self.literals(members, &parts)),
            None if leaves == 1 => Ok(vec![answers]), // The answer may be stronger.
            None => Err(nothing()),
        }
    }
    pub(super) fn meaning<'m>(
        &'m mut self,
        bindings: &'m mut Bindings,
        variables: &'m mut FxHashMap<TermId, std::sync::Arc<[crate::metamath_db::terms::term::Head]>>,
    ) -> Meaning<'m> {
        let task: &Task = self.by.task;
        Meaning {
            tables: self.by.tables,
            task,
            own: Some(&self.own),
            connectives: &self.connectives,
            arena: self.arena,
            bindings,
            variables,
        }
    }
    /// The parts that a reading of a hypothesis or member of Γ leaves.
    fn read_formula(
        &mut self,
        formula: TermId,
        goal: TermId,
        leaves: usize,
        fields: &Fields<'_>,
    ) -> Result<Terms, Refusal> {
        let said = self.formulas(fields, "part")?;
        if !said.is_empty() {
            return Ok(said);
        }
        let place = fields.place()?;
        let own = self.formula_readings(formula, goal, Some(leaves));
        let all = if own.is_empty() && place.is_none() { self.formula_readings(formula, goal, None) } else { own };
        let found = all.into_iter().nth(place.unwrap_or(1).wrapping_sub(1));
        found.ok_or_else(|| {
            refusal(FaultKind::Unify, format!("expected a reading of {} that answers this", self.show(formula)))
        })
    }
    fn apply_label(
        &mut self,
        label: &str,
        goal: TermId,
        members: &Terms,
        leaves: usize,
        fields: &Fields<'_>,
    ) -> Result<Answer, Refusal> {
        let premise = self.by.theory.find(label).filter(|p| self.by.theory.stands_before(*p, self.by.task));
        let none = || refusal(FaultKind::Label, format!("no assertion before the task is labelled '{label}'"));
        let premise = premise.ok_or_else(none)?;
        let taken = fields.all("takes").next().map(|t| self.member(t)).transpose()?;
        if let Some(t) = taken {
            let text = self.show(t);
            self.is_member(t, members, &text)?;
        }
        let dropped = self.members(fields, "drops")?;
        let given =
            fields.values().map(|(name, text)| self.value(premise, name, text)).collect::<Result<Vec<_>, _>>()?;
        let direction = fields.all("answers").next().unwrap_or("");
        let place = fields.place()?;
        let exchanged = fields.all("exchanged").next().is_some();
        let asked = Question { goal, taken, count: leaves, direction, exchanged, given: &given };
        let (number, values) = self.chosen(premise, &asked, place)?;
        let mut kept: Terms = members.iter().copied().collect();
        kept.retain(|m| Some(*m) != taken && !dropped.contains(m));
        let left = self.applied(number, &values, (goal, taken), members, &mut kept)?;
        Ok((By::Move { number, values, taken, kept }, left))
    }
    /// The move of an assertion that an instruction means, with its values.
    fn chosen(
        &mut self,
        premise: PremiseId,
        asked: &Question<'_>,
        place: Option<usize>,
    ) -> Result<(u32, Vec<TermId>), Refusal> {
        let (found, missing) = self.fitting(premise, asked);
        let meant = |f: &&super::readings::Fitting| place.is_none_or(|k| f.0 == k);
        // Of several, the first that leaves as many parts as there are places; else the first, which is then refused.
        let right = found.iter().filter(meant).find(|f| self.by.moves.all[f.1 as usize].parts.len() == asked.count);
        if let Some(f) = right.or_else(|| found.iter().find(meant)) {
            return Ok((f.1, f.2.clone()));
        }
        let label = self.by.theory.label(premise);
        let claim = match missing.first() {
            Some(&m) if place.is_none() => {
                let name = self.variable(premise, m);
                format!("expected a value for {name} of '{label}': {name} := ...")
            }
            _ => format!("no reading of '{label}' answers this with these operands"),
        };
        Err(refusal(FaultKind::Unify, claim))
    }
    /// Whether a move answers a goal with values that the goal and the member that it takes apart determine.
    fn is_answered(&mut self, number: u32, (goal, taken): (TermId, Option<TermId>), members: &Terms) -> bool {
        [false, true].into_iter().any(|turned| {
            let said = self.said_by(number, turned, goal, taken);
            let Some(values) = said.and_then(|v| v.into_iter().collect::<Option<Vec<TermId>>>()) else { return false };
            let mut kept: Terms = members.iter().copied().filter(|m| Some(*m) != taken).collect();
            self.fits(number, &values, (goal, taken), &mut kept).is_ok()
        })
    }
    /// The sequents that a move leaves. Members that a `$d` condition forbids are removed from `kept`.
    pub(super) fn applied(
        &mut self,
        number: u32,
        values: &[TermId],
        (goal, taken): (TermId, Option<TermId>),
        members: &Terms,
        kept: &mut Terms,
    ) -> Result<Vec<TermId>, Refusal> {
        let passed = self.fits(number, values, (goal, taken), kept)?;
        let moves = self.by.moves;
        let m = &moves.all[number as usize];
        let mut left = Vec::with_capacity(m.parts.len());
        for (k, part) in m.parts.iter().enumerate() {
            let mut own: Terms = part.added.iter().map(|&t| self.arena.instantiate(t, values)).collect();
            own.extend_from_slice(around(passed >> k & 1 == 1, part.restricted, members, kept));
            let formula = self.arena.instantiate(part.goal, values);
            left.push(self.literal(&own, formula));
        }
        Ok(left)
    }
    /// Whether a move answers a goal with these values: a bit mask of the parts that Γ is passed to. Members that a `$d`
    /// condition forbids are removed from `kept`.
    fn fits(
        &mut self,
        number: u32,
        values: &[TermId],
        (goal, taken): (TermId, Option<TermId>),
        kept: &mut Terms,
    ) -> Result<u64, Refusal> {
        let (moves, theory) = (self.by.moves, self.by.theory);
        let m = &moves.all[number as usize];
        let none = || {
            refusal(FaultKind::Label, format!("no twin of '{}' may be used here", theory.label(m.readings[0].premise)))
        };
        let passed = passes(m, self.by.task.limit, &|p| self.may_use(p)).ok_or_else(none)?;
        let (mut bindings, mut variables, mut apart) = (Bindings::default(), FxHashMap::default(), Vec::new());
        bindings.reset(0);
        let said = self.arena.instantiate(m.goal, values);
        let turned = said != goal && self.connectives.same(self.arena, said, goal);
        let mut meaning = self.meaning(&mut bindings, &mut variables);
        let fits = meaning.fits((m, turned), 0, goal, taken)
            && values.iter().zip(0..).all(|(&v, k)| {
                let meta = meaning.arena.meta(k);
                meaning.bindings.unify(meaning.arena, (meta, 0), (v, 0))
            });
        if !fits {
            return Err(refusal(FaultKind::Unify, "expected values with which the reading answers this"));
        }
        meaning.drop_members(m, 0, kept, &mut apart);
        if meaning.conditions(m, 0, &mut apart).is_none() {
            return Err(refusal(FaultKind::Distinct, "a $d condition keeps variables of two values apart"));
        }
        Ok(passed)
    }
}
