//! Plans: for each node and wanted formula, the cheapest way to write it.

use super::super::glue::{Effort, MAX_HYPS};
use super::super::proof::{By, ContentProof, Node};
use super::context::Derivation;
use super::{WriteError, Writer};
use crate::dsl::theory::library::{PremiseId, Proof, Rule, Step};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head, HeadKind};
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::inference::moves::readings::{Part, Reading, Source};
use crate::wake_sleep::inference::moves::sequents::{consequent, context, Connectives, Terms};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::rc::Rc;

mod exchange;

/// The largest number of twins of a move that are tried with glue. Those that need none are always tried.
const MAX_TWINS: usize = 6;
/// The largest number of facts of one question of glue.
const MAX_FACTS: usize = 10;
/// The largest number of members of a context from which a new conjunction is built.
const MAX_EXACT: usize = 3;
/// The number of plans for one content proof and policy after which the first way found is taken.
const MANY_PLANS: usize = 4000;
/// The estimated bytes of a step, and of each value of its substitution.
const STEP: u32 = 6;
const VALUE: u32 = 2;

/// The ways that are tried for a node.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Facts may be theorems without a context, or proved in the part of the context that they need.
    pub natural: bool,
    /// All facts of a question may be proved in the whole context.
    pub full: bool,
    /// Proofs in a part of a context may be lifted to the whole.
    pub lift: bool,
}

/// The form in which facts enter a question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Without a context, or in the smallest existing part of the context.
    Natural,
    /// Without a context, or in a conjunction of exactly what they need.
    Exact,
    /// In the whole context.
    Full,
    /// In the whole context, with each node as a fact of its own.
    Stepwise,
}

/// A theorem with its substitution.
#[derive(Debug)]
struct Instance {
    premise: PremiseId,
    formula: TermId,
    /// For each hypothesis, the node and the wanted formula.
    children: SmallVec<[(u32, TermId); 3]>,
    cost: u32,
}

/// The origin of a formula.
#[derive(Clone, Debug)]
enum Given {
    /// The task's hypothesis of this number.
    Hyp(u32),
    /// The plan for a node and the formula.
    Node(u32),
    /// An instance of a theorem.
    Instance(Rc<Instance>),
    /// The decision procedure's proof of this node.
    Closed(u32),
}

#[derive(Clone, Debug)]
struct Fact {
    formula: TermId,
    by: Given,
}

#[derive(Debug)]
enum How {
    Hyp(u32),
    Apply(Rc<Instance>),
    /// A proof of glue from facts; `Rule::Hyp(k)` stands for fact `k`.
    Glue(Proof, Vec<Fact>),
}

#[derive(Debug)]
struct Plan {
    cost: u32,
    how: How,
}

/// The state of writing one content proof by one policy.
pub struct Session<'a, 'b> {
    writer: &'a Writer<'a>,
    arena: &'b mut Arena,
    nodes: &'a [Node],
    connectives: Rc<Connectives>,
    policy: Policy,
    /// For each node, the members of its Γ that it needs.
    needs: Vec<Terms>,
    /// For each node that follows by propositional logic, the task's hypotheses that it needs.
    given: Vec<Vec<u32>>,
    /// The variables of the task.
    own: Vec<SymbolId>,
    /// The node of the current question, and the symmetric literals in it.
    asked: u32,
    said: Terms,
    plans: FxHashMap<(u32, TermId), Option<Rc<Plan>>>,
    /// The plans that do not end with the exchange of sides, by node and formula.
    direct: FxHashMap<(u32, TermId), Option<Rc<Plan>>>,
    /// The first node whose children could all be written but which could not, with its wanted formula.
    stuck: Option<(u32, TermId)>,
    out: Proof,
    proved: FxHashMap<TermId, u32>,
}

/// Whether a part of a move receives a member of Γ. Otherwise the move itself adds that formula.
fn passes(part: &Part, kept: &[TermId], member: TermId) -> bool {
    part.inherits && (!part.restricted || kept.contains(&member))
}

/// The members of Γ that each node needs, and the task's hypotheses that each node by propositional logic needs.
fn needs(nodes: &[Node], writer: &Writer<'_>, arena: &mut Arena) -> (Vec<Terms>, Vec<Vec<u32>>) {
    let (hyps, connectives) = (&writer.task.hyps, writer.moves.connectives.before(writer.task.limit));
    let (mut all, mut given): (Vec<Terms>, Vec<Vec<u32>>) = (Vec::new(), Vec::new());
    for node in nodes {
        let (goal, members) = (consequent(arena, node.sequent), Terms::from(context(arena, node.sequent)));
        let mut left = Terms::new(); // Antecedents of the formula that a child proves as a whole.
        if let By::Split = node.by {
            let below = node.children.iter().map(|&c| consequent(arena, nodes[c as usize].sequent));
            below.for_each(|t| _ = connectives.strip(arena, t, &mut left));
            left = connectives.literals(arena, &left);
        }
        let wanted = |m: &TermId| match &node.by {
            By::Member => *m == goal,
            By::Closed { .. } => true,
            By::Use { member, .. } if m == member => true,
            By::Move { taken, .. } if Some(*m) == *taken => true,
            By::Move { number, kept, .. } if writer.moves.all[*number as usize].whole.is_some() => kept.contains(m),
            By::Move { number, kept, .. } => {
                let below = node.children.iter().zip(&writer.moves.all[*number as usize].parts);
                below.into_iter().any(|(&c, p)| passes(p, kept, *m) && all[c as usize].contains(m))
            }
            _ => left.contains(m) || node.children.iter().any(|&c| all[c as usize].contains(m)),
        };
        let mut own: Terms = members.iter().copied().filter(wanted).collect();
        let mut of_task = Vec::new();
        if matches!(node.by, By::Closed { propositional: true, .. }) {
            let known: Vec<TermId> = members.iter().chain(hyps).copied().collect();
            let formulas = connectives.all_ways(arena, &known);
            let goals = connectives.ways(arena, goal);
            if let Some(places) = goals.iter().find_map(|&goal| writer.glue.enough(&formulas, goal, arena)) {
                let origin = |&i: &usize| known.iter().position(|&t| connectives.same(arena, t, formulas[i]));
                let mut places: Vec<usize> = places.iter().filter_map(origin).collect();
                places.sort_unstable();
                places.dedup();
                own = places.iter().filter_map(|&i| members.get(i)).copied().collect();
                of_task = places.iter().filter_map(|&i| i.checked_sub(members.len())).map(|k| k as u32).collect();
            }
        }
        all.push(own);
        given.push(of_task);
    }
    (all, given)
}

impl<'a, 'b> Session<'a, 'b> {
    /// Creates the state; the content proof's terms are in `arena`.
    pub fn new(writer: &'a Writer<'a>, content: &'a ContentProof, policy: Policy, arena: &'b mut Arena) -> Self {
        let (needs, given) = needs(&content.nodes, writer, arena);
        let formulas = writer.task.hyps.iter().chain([&writer.task.goal]);
        let mut own: Vec<SymbolId> = formulas.flat_map(|&t| arena.variables(t)).collect();
        own.sort_unstable();
        own.dedup();
        Session {
            writer,
            arena,
            nodes: &content.nodes,
            connectives: Rc::new(writer.moves.connectives.before(writer.task.limit)),
            policy,
            needs,
            given,
            own,
            asked: 0,
            said: Terms::new(),
            plans: FxHashMap::default(),
            direct: FxHashMap::default(),
            stuck: None,
            out: Proof::default(),
            proved: FxHashMap::default(),
        }
    }
    /// Writes the proof of the task's goal by the last node.
    ///
    /// # Errors
    /// The node that could not be written.
    pub fn write(mut self) -> Result<Proof, WriteError> {
        let root = self.nodes.len() as u32 - 1;
        let goal = self.writer.task.goal;
        if self.plan(root, goal).is_none() {
            let (node, wanted) = self.stuck.unwrap_or((root, goal));
            return Err(WriteError::Node { node: node as usize, wanted });
        }
        self.emit_node(root, goal);
        Ok(self.out)
    }
    /// The cheapest plan for a node and a wanted formula.
    fn plan(&mut self, node: u32, wanted: TermId) -> Option<Rc<Plan>> {
        if let Some(known) = self.plans.get(&(node, wanted)) {
            return known.clone();
        }
        let before = self.stuck;
        let mut best = self.as_asked(node, wanted);
        if let Some(turned) = self.turned(wanted).filter(|_| best.is_none() || self.is_uneven(node)) {
            if let Some(exchange) = self.as_asked(node, turned).and_then(|p| self.exchange(node, turned, &p, wanted)) {
                if best.as_ref().is_none_or(|b| exchange.cost < b.cost) {
                    best = Some(Rc::new(exchange));
                }
            }
        }
        if best.is_some() {
            self.stuck = before;
        }
        self.plans.insert((node, wanted), best.clone());
        best
    }
    /// The cheapest plan for a node and a wanted formula that does not end with the exchange of sides.
    fn as_asked(&mut self, node: u32, wanted: TermId) -> Option<Rc<Plan>> {
        if let Some(known) = self.direct.get(&(node, wanted)) {
            return known.clone();
        }
        let hyp = self.writer.task.hyps.iter().position(|&h| h == wanted);
        let plan = match hyp {
            Some(k) => Some(Plan { cost: 1, how: How::Hyp(k as u32) }),
            None => self.work_out(node, wanted),
        };
        let plan = plan.map(Rc::new);
        self.direct.insert((node, wanted), plan.clone());
        plan
    }
    fn work_out(&mut self, node: u32, wanted: TermId) -> Option<Plan> {
        let c = self.connectives.clone();
        let nodes = self.nodes;
        let (own, need) = (&nodes[node as usize], self.needs[node as usize].clone());
        let goal = consequent(self.arena, own.sequent);
        // The antecedents of the wanted formula before the node's consequent.
        let (mut rest, mut antecedents, mut members) = (wanted, Terms::new(), Terms::new());
        while let Some((a, b)) = c.as_implication(self.arena, rest).filter(|_| !c.same(self.arena, rest, goal)) {
            antecedents.push(a);
            members.extend(c.literals(self.arena, &[a]));
            rest = b;
        }
        if !c.same(self.arena, rest, goal) || !need.iter().all(|m| members.contains(m)) {
            return None;
        }
        let whole = c.conjunction(self.arena, &antecedents);
        let mut best = None;
        let lifted = whole.and_then(|g| {
            let part = self.part(g, &need);
            let lift = self.policy.lift && matches!(own.by, By::Move { .. }) && part != Some(g);
            lift.then(|| self.in_context(part, rest))
        });
        if let Some(f) = lifted.filter(|&f| f != wanted) {
            let fact = Fact { formula: f, by: Given::Node(node) };
            self.by_glue(vec![fact], wanted, Effort::Short, &mut best);
        }
        match &own.by {
            By::Weaken => _ = self.by_child(own.children[0], wanted, &mut best),
            // The only child proves the formula as a whole.
            By::Split if own.children.len() == 1 && self.by_child(own.children[0], wanted, &mut best) => {}
            By::Move { number, values, .. } => self.by_move(node, *number, values, whole, wanted, &mut best),
            _ => self.by_question(node, &[], whole, wanted, &mut best),
        }
        if best.is_none() && self.stuck.is_none() {
            self.stuck = Some((node, wanted));
        }
        best
    }
    /// Takes the plan for a child and the wanted formula, if there is one; returns whether there is.
    fn by_child(&mut self, child: u32, wanted: TermId, best: &mut Option<Plan>) -> bool {
        let Some(plan) = self.plan(child, wanted) else { return false };
        let fact = Fact { formula: wanted, by: Given::Node(child) };
        let step = Step { rule: Rule::Hyp(0), children: SmallVec::new() };
        keep(best, Plan { cost: plan.cost, how: How::Glue(Proof { steps: vec![step] }, vec![fact]) });
        true
    }
    /// Adds plans by the twins of a move.
    fn by_move(
        &mut self,
        node: u32,
        number: u32,
        values: &[TermId],
        whole: Option<TermId>,
        wanted: TermId,
        best: &mut Option<Plan>,
    ) {
        let writer = self.writer;
        let stands = |r: &&Reading| writer.theory.stands_before(r.premise, writer.task) && (writer.allowed)(r.premise);
        // Twins in the other orientation are tried for the formula with its sides exchanged.
        let turned = self.is_turned(number, values, wanted);
        let readings = writer.moves.all[number as usize].readings.iter().filter(stands);
        let readings = readings.filter(|r| turned.is_none_or(|turned| r.turned == turned));
        for (i, reading) in readings.enumerate() {
            if i >= MAX_TWINS && !self.is_direct(reading, values, wanted) {
                continue;
            }
            if best.is_some() && self.plans.len() > MANY_PLANS {
                return;
            }
            let Some(instance) = self.instance(node, reading, values, whole, wanted) else { continue };
            let instance = Rc::new(instance);
            if instance.formula == wanted {
                keep(best, Plan { cost: instance.cost, how: How::Apply(instance) });
                continue;
            }
            let answered = reading.sources.iter().zip(&self.nodes[node as usize].children);
            let answered: SmallVec<[u32; 4]> = answered.filter(|x| *x.0 == Source::Conclusion).map(|x| *x.1).collect();
            let fact = Fact { formula: instance.formula, by: Given::Instance(instance) };
            self.by_question(node, &[(fact, answered)], whole, wanted, best);
        }
        if writer.moves.all[number as usize].glue {
            // The parts of the move entail the formula: another theorem of glue may fit better.
            self.by_question(node, &[], whole, wanted, best);
        }
    }
    /// Whether a twin of a move has the wanted formula as an instance.
    fn is_direct(&self, reading: &Reading, values: &[TermId], wanted: TermId) -> bool {
        self.writer.theory.premise(reading.premise).is_some_and(|premise| {
            let mut known = Values::from_elem(None, premise.variables.len());
            reading.metas.iter().zip(values).for_each(|(&m, &v)| known[usize::from(m)] = Some(v));
            matches(self.arena, premise.conclusion, wanted, &mut known)
        })
    }
    /// The instance of a theorem as a twin of a move, with all its hypotheses planned. Its context is the antecedent of
    /// the wanted formula, or another allowed context.
    fn instance(
        &mut self,
        node: u32,
        reading: &Reading,
        values: &[TermId],
        whole: Option<TermId>,
        wanted: TermId,
    ) -> Option<Instance> {
        let theory = self.writer.theory;
        let premise = theory.premise(reading.premise)?;
        let mut known = Values::from_elem(None, premise.variables.len());
        for (&m, &v) in reading.metas.iter().zip(values) {
            known[usize::from(m)] = Some(v);
        }
        let mut ways: SmallVec<[Values; 4]> = SmallVec::new();
        let mut direct = known.clone();
        if matches(self.arena, premise.conclusion, wanted, &mut direct) {
            ways.push(direct);
        }
        ways.extend(self.anew(node, reading, premise.conclusion, &known, wanted));
        let mut contexts = self.contexts(node, reading, whole);
        if reading.contexts.is_empty() {
            contexts.truncate(1); // All contexts give the same.
        }
        for x in contexts {
            let mut own = known.clone();
            reading.contexts.iter().for_each(|&m| own[usize::from(m)] = Some(x));
            // A variable that occurs nowhere else may have any value.
            for (i, &variable) in premise.variables.iter().enumerate() {
                if own[i].is_none() {
                    own[i] = self.anything(variable, x, &own);
                }
            }
            ways.push(own);
        }
        if known.iter().all(Option::is_some) {
            ways.push(known);
        }
        for way in ways {
            let Some(values) = way.into_iter().collect::<Option<Vec<TermId>>>() else { continue };
            if !self.is_apart(premise.disjoint, &values) {
                continue;
            }
            if let Some(found) = self.with_children(node, reading, premise.conclusion, premise.hyps, &values) {
                return Some(found);
            }
        }
        None
    }
    /// For a move that answers any goal: the values with which it gives the wanted formula as a whole, with its
    /// antecedents.
    fn anew(&self, node: u32, reading: &Reading, conclusion: TermId, known: &Values, wanted: TermId) -> Option<Values> {
        let By::Move { number, .. } = self.nodes[node as usize].by else { return None };
        let moves = self.writer.moves;
        let meta = moves.arena.head(moves.all[number as usize].goal).as_meta()?;
        let own = usize::from(reading.metas[meta as usize]);
        let mut values = known.clone();
        values[own] = None;
        let fits = matches(self.arena, conclusion, wanted, &mut values) && values[own] != known[own];
        fits.then_some(values)
    }
    /// The values that a context may take, in the order in which they are tried.
    fn contexts(&mut self, node: u32, reading: &Reading, whole: Option<TermId>) -> Terms {
        let c = self.connectives.clone();
        let own = &self.nodes[node as usize];
        let mut required = Terms::new();
        let By::Move { number, kept, .. } = &own.by else { return Terms::new() };
        let parts = &self.writer.moves.all[*number as usize].parts;
        for ((source, &child), part) in reading.sources.iter().zip(&own.children).zip(parts) {
            let members = context(self.arena, own.sequent);
            let here = |m: &TermId| members.contains(m) && passes(part, kept, *m);
            let need = self.needs[child as usize].iter().filter(|m| here(m) && !required.contains(m));
            let need: Terms = need.copied().collect();
            if *source != Source::Conclusion {
                required.extend(need);
            }
        }
        let mut out = Terms::new();
        if let Some(g) = whole {
            out.push(g);
            out.extend(self.part(g, &required));
            let mut order = Terms::new();
            c.conjuncts(self.arena, g, &mut order);
            order.retain(|m| required.contains(&c.oriented(self.arena, *m)));
            out.extend(c.conjunction(self.arena, &order));
        }
        if required.is_empty() {
            out.extend(c.truth.map(|t| self.arena.make(t, &[])));
            // Else a tautology over a variable that the task does not have.
            if let Some((implication, a)) = c.implication.zip(c.implication.and_then(as_syntax)) {
                let v = self.fresh(self.writer.theory.db.source.typecode(a), &[]);
                out.extend(v.map(|v| self.arena.make(implication, &[v, v])));
            }
        }
        out
    }
    /// A variable of a typecode; if possible one that neither the task nor the values have.
    fn fresh(&mut self, typecode: SymbolId, values: &[Option<TermId>]) -> Option<TermId> {
        let theory = self.writer.theory;
        let all = || theory.outer_variables(typecode, theory.position(self.writer.task)).map(|x| x.0);
        let mut there: Vec<SymbolId> = values.iter().flatten().flat_map(|&t| self.arena.variables(t)).collect();
        there.extend(&self.own);
        let found = all().find(|v| !there.contains(v)).or_else(|| all().next())?;
        Some(self.arena.variable(found))
    }
    /// A value for a premise's variable that may have any value: the context, if it is a formula.
    fn anything(&mut self, variable: SymbolId, context: TermId, values: &[Option<TermId>]) -> Option<TermId> {
        let typecode = self.writer.theory.typecode(variable)?;
        let c = self.connectives.clone();
        let formula = c.implication.and_then(as_syntax).map(|a| self.writer.theory.db.source.typecode(a));
        if formula == Some(typecode) {
            return Some(context);
        }
        self.fresh(typecode, values)
    }
    fn is_apart(&self, disjoint: &[(u16, u16)], values: &[TermId]) -> bool {
        let own = |v: &SymbolId| self.own.binary_search(v).is_ok();
        disjoint.iter().all(|&(a, b)| {
            let right = self.arena.variables(values[usize::from(b)]);
            self.arena.variables(values[usize::from(a)]).iter().all(|x| {
                right.iter().all(|y| {
                    let said = || self.writer.task.disjoint.binary_search(&(*x.min(y), *x.max(y))).is_ok();
                    x != y && (!own(x) || !own(y) || said())
                })
            })
        })
    }
    fn with_children(
        &mut self,
        node: u32,
        reading: &Reading,
        conclusion: TermId,
        hyps: &[TermId],
        values: &[TermId],
    ) -> Option<Instance> {
        let own = &self.nodes[node as usize];
        let mut cost = STEP + VALUE * values.len() as u32;
        let mut children = SmallVec::new();
        for (&h, k) in hyps.iter().zip(0..) {
            let part = reading.sources.iter().position(|&s| s == Source::Hyp(k))?;
            let (child, formula) = (*own.children.get(part)?, self.arena.instantiate(h, values));
            cost = cost.saturating_add(self.plan(child, formula)?.cost);
            children.push((child, formula));
        }
        let formula = self.arena.instantiate(conclusion, values);
        Some(Instance { premise: reading.premise, formula, children, cost })
    }
    /// Adds plans by one question of glue. Its facts are `first`, each with the children that answer what it leaves,
    /// and if the node is no move, formulas that support the node.
    fn by_question(
        &mut self,
        node: u32,
        first: &[(Fact, SmallVec<[u32; 4]>)],
        whole: Option<TermId>,
        wanted: TermId,
        best: &mut Option<Plan>,
    ) {
        let natural = self.policy.natural;
        let modes = [(Mode::Natural, natural), (Mode::Exact, natural), (Mode::Full, self.policy.full)];
        let modes: SmallVec<[Mode; 4]> = modes.into_iter().filter(|m| m.1).map(|m| m.0).collect();
        let mut asked: SmallVec<[Vec<TermId>; 3]> = SmallVec::new();
        let mut all: SmallVec<[Vec<Fact>; 3]> = SmallVec::new();
        let mut found = false;
        for mode in modes.into_iter().chain([Mode::Stepwise]) {
            if found && mode == Mode::Stepwise {
                return;
            }
            let mut facts: Vec<Fact> = first.iter().map(|f| f.0.clone()).collect();
            self.asked = node;
            self.said = self.symmetric_atoms(facts.iter().map(|f| f.formula).chain([wanted]));
            for &child in first.iter().flat_map(|f| &f.1) {
                self.below(child, whole, mode, &mut facts);
            }
            match &self.nodes[node as usize].by {
                _ if !first.is_empty() => {}
                By::Move { .. } => {
                    let nodes = self.nodes;
                    nodes[node as usize].children.iter().for_each(|&c| self.below(c, whole, mode, &mut facts));
                }
                _ => self.supports(node, whole, mode, &mut facts),
            }
            self.add_exchanges(&mut facts, wanted);
            let formulas: Vec<TermId> = facts.iter().map(|f| f.formula).collect();
            let most = if mode == Mode::Stepwise { MAX_HYPS } else { MAX_FACTS };
            if asked.contains(&formulas) || facts.len() > most {
                continue;
            }
            asked.push(formulas);
            all.push(facts.clone());
            found |= self.by_glue(facts, wanted, Effort::Short, best);
        }
        // Long proofs of glue are used only where there are no short ones.
        if !found && best.is_none() {
            _ = all.into_iter().rev().any(|facts| self.by_glue(facts, wanted, Effort::Any, best));
        }
    }
    /// Appends the facts that a child contributes to its parent's question.
    fn below(&mut self, child: u32, whole: Option<TermId>, mode: Mode, out: &mut Vec<Fact>) {
        let own = &self.nodes[child as usize];
        let of_its_own = matches!(own.by, By::Hyp { .. } | By::Use { .. } | By::Split | By::Closed { .. });
        if mode == Mode::Stepwise && of_its_own {
            let fact = self.as_node(child, whole, mode);
            out.push(fact);
        } else {
            self.supports(child, whole, mode, out);
        }
    }
    /// Appends formulas from which a node follows by propositional logic in a context.
    fn supports(&mut self, node: u32, whole: Option<TermId>, mode: Mode, out: &mut Vec<Fact>) {
        let nodes = self.nodes;
        let own = &nodes[node as usize];
        let hyps = &self.writer.task.hyps;
        match &own.by {
            By::Member => {}
            By::Hyp { number, .. } => {
                let formula = hyps[*number as usize];
                let said = if node == self.asked { formula } else { self.as_said(formula) };
                out.push(match said == formula {
                    true => Fact { formula, by: Given::Hyp(*number) },
                    false => Fact { formula: said, by: Given::Node(node) },
                });
            }
            By::Closed { propositional: true, .. } if mode != Mode::Stepwise => {
                let needed = self.given[node as usize].iter();
                out.extend(needed.map(|&k| Fact { formula: hyps[k as usize], by: Given::Hyp(k) }));
                return;
            }
            By::Closed { .. } => {
                let formula = self.connectives.formula(self.arena, own.sequent);
                out.push(Fact { formula, by: Given::Closed(node) });
            }
            By::Move { number, values, .. } => {
                match self.as_it_stands(node, *number, values).filter(|_| matches!(mode, Mode::Natural | Mode::Exact)) {
                    Some(fact) => {
                        let formula = self.as_said(fact.formula);
                        let turned = formula != fact.formula;
                        out.push(if turned { Fact { formula, by: Given::Node(node) } } else { fact });
                    }
                    None => {
                        let fact = self.as_node(node, whole, mode);
                        out.push(fact);
                        return;
                    }
                }
            }
            By::Use { .. } | By::Weaken | By::Split => {}
        }
        for &child in &own.children {
            self.below(child, whole, mode, out);
        }
    }
    /// The closed twin of a move as a fact, without anything to prove.
    fn as_it_stands(&mut self, node: u32, number: u32, values: &[TermId]) -> Option<Fact> {
        let writer = self.writer;
        let goal = self.as_said(consequent(self.arena, self.nodes[node as usize].sequent));
        let turned = self.is_turned(number, values, goal).unwrap_or(false);
        let closed = writer.moves.all[number as usize].readings.iter().filter(|r| {
            let is_closed_fact = writer
                .theory
                .premise(r.premise)
                .is_some_and(|p| p.hyps.is_empty() && p.variables.len() == r.metas.len() && r.contexts.is_empty());
            is_closed_fact && writer.theory.stands_before(r.premise, writer.task) && (writer.allowed)(r.premise)
        });
        let closed = closed.min_by_key(|r| r.turned != turned)?;
        let instance = Rc::new(self.instance(node, closed, values, None, goal)?);
        Some(Fact { formula: instance.formula, by: Given::Instance(instance) })
    }
    /// A node as a fact in the context, or in the part of it that the node needs.
    fn as_node(&mut self, node: u32, whole: Option<TermId>, mode: Mode) -> Fact {
        let c = self.connectives.clone();
        let need = self.needs[node as usize].clone();
        let goal = self.as_said(consequent(self.arena, self.nodes[node as usize].sequent));
        let there = c.literals(self.arena, whole.as_slice());
        let missing = need.iter().copied().filter(|m| !there.contains(m));
        let all: Terms = whole.into_iter().chain(missing).collect();
        let all = c.conjunction(self.arena, &all).filter(|_| !need.is_empty());
        let part = match mode {
            Mode::Natural => all.and_then(|g| self.part(g, &need)),
            Mode::Exact if need.len() <= MAX_EXACT => all.and_then(|g| self.exact(g, &need)),
            _ => all,
        };
        Fact { formula: self.in_context(part, goal), by: Given::Node(node) }
    }
    /// The smallest part of a conjunction that holds some members; `None` if there are no members.
    fn part(&mut self, mut g: TermId, need: &[TermId]) -> Option<TermId> {
        if need.is_empty() {
            return None;
        }
        let c = self.connectives.clone();
        while c.is_conjunction(self.arena, g) {
            let parts: Terms = self.arena.children(g).into();
            let holds = |t: &TermId| {
                let inner = c.literals(self.arena, &[*t]);
                need.iter().all(|m| inner.contains(m))
            };
            let Some(inner) = parts.into_iter().find(holds) else { break };
            g = inner;
        }
        Some(g)
    }
    /// The conjunction of some members of a conjunction, in its order. If the smallest part that holds them holds no
    /// others, it is that part.
    fn exact(&mut self, g: TermId, need: &[TermId]) -> Option<TermId> {
        let c = self.connectives.clone();
        let part = self.part(g, need)?;
        let mut order = Terms::new();
        c.conjuncts(self.arena, part, &mut order);
        let before = order.len();
        order.retain(|m| need.contains(&c.oriented(self.arena, *m)));
        if order.len() == before {
            return Some(part);
        }
        let mut kept = Terms::new();
        order.into_iter().for_each(|m| {
            if !kept.contains(&m) {
                kept.push(m);
            }
        });
        c.conjunction(self.arena, &kept)
    }
    fn in_context(&mut self, context: Option<TermId>, goal: TermId) -> TermId {
        match (context, self.connectives.implication) {
            (Some(g), Some(implication)) => self.arena.make(implication, &[g, goal]),
            _ => goal,
        }
    }
    /// Builds the plan that glue makes of some facts, and keeps it if it is better; returns whether there is one.
    fn by_glue(&mut self, facts: Vec<Fact>, wanted: TermId, effort: Effort, best: &mut Option<Plan>) -> bool {
        let formulas: Vec<TermId> = facts.iter().map(|f| f.formula).collect();
        let (glue, allowed) = (self.writer.glue, self.writer.allowed);
        let mut found = glue.prove_by(Effort::Short, &formulas, wanted, self.arena, allowed);
        if found.is_none() && effort == Effort::Any {
            let c = self.connectives.clone();
            found = Derivation::new(glue, &c, self.arena, allowed, &formulas).prove(wanted);
            found = found.or_else(|| glue.prove_by(effort, &formulas, wanted, self.arena, allowed));
        }
        let Some(proof) = found else { return false };
        let Some(cost) = self.total(&proof, &facts, None) else { return false };
        keep(best, Plan { cost, how: How::Glue(proof, facts) });
        true
    }
    /// The cost of a proof from some facts; `first` is the cost of the first fact, if it is known.
    fn total(&mut self, proof: &Proof, facts: &[Fact], first: Option<u32>) -> Option<u32> {
        let mut cost = 0u32;
        let mut counted: SmallVec<[u32; 8]> = SmallVec::new();
        for step in &proof.steps {
            let own = match step.rule {
                Rule::Hyp(k) if counted.contains(&k) => 0,
                Rule::Hyp(k) => {
                    counted.push(k);
                    match first.filter(|_| k == 0) {
                        Some(known) => known,
                        None => self.cost(&facts[k as usize])?,
                    }
                }
                Rule::Premise(p) => {
                    STEP + VALUE * self.writer.theory.premise(p).map_or(0, |x| x.variables.len() as u32)
                }
            };
            cost = cost.saturating_add(own);
        }
        Some(cost)
    }
    fn cost(&mut self, fact: &Fact) -> Option<u32> {
        match &fact.by {
            Given::Hyp(_) => Some(1),
            Given::Instance(instance) => Some(instance.cost),
            Given::Node(node) => self.plan(*node, fact.formula).map(|p| p.cost),
            Given::Closed(node) => match &self.nodes[*node as usize].by {
                By::Closed { proof, .. } if !proof.steps.is_empty() => {
                    Some((STEP + 2 * VALUE) * proof.steps.len() as u32)
                }
                _ => None,
            },
        }
    }
    fn push(&mut self, rule: Rule, children: SmallVec<[u32; 4]>) -> u32 {
        self.out.steps.push(Step { rule, children });
        self.out.steps.len() as u32 - 1
    }
    /// Writes the plan for a node and a formula; returns the number of its last step.
    fn emit_node(&mut self, node: u32, wanted: TermId) -> u32 {
        if let Some(&step) = self.proved.get(&wanted) {
            return step;
        }
        let plan = self.plans.get(&(node, wanted)).or_else(|| self.direct.get(&(node, wanted))).cloned().flatten();
        let step = match plan.as_deref().map(|p| &p.how) {
            Some(How::Apply(instance)) => self.emit_instance(instance),
            Some(How::Glue(proof, facts)) => self.emit_proof(proof, Some(facts)),
            Some(How::Hyp(k)) => self.push(Rule::Hyp(*k), SmallVec::new()),
            None => self.push(Rule::Hyp(0), SmallVec::new()), // Unreachable: only planned nodes are part of a plan.
        };
        self.proved.insert(wanted, step);
        step
    }
    fn emit_instance(&mut self, instance: &Instance) -> u32 {
        let children = instance.children.iter().map(|&(node, formula)| self.emit_node(node, formula)).collect();
        self.push(Rule::Premise(instance.premise), children)
    }
    fn emit_fact(&mut self, fact: &Fact) -> u32 {
        if let Some(&step) = self.proved.get(&fact.formula) {
            return step;
        }
        let nodes = self.nodes;
        let step = match &fact.by {
            Given::Hyp(k) => self.push(Rule::Hyp(*k), SmallVec::new()),
            Given::Node(node) => self.emit_node(*node, fact.formula),
            Given::Instance(instance) => self.emit_instance(instance),
            Given::Closed(node) => match &nodes[*node as usize].by {
                By::Closed { proof, .. } => self.emit_proof(proof, None),
                _ => self.push(Rule::Hyp(0), SmallVec::new()), // Unreachable: a closed fact's node is closed.
            },
        };
        self.proved.insert(fact.formula, step);
        step
    }
    /// Copies a proof, with `facts` in place of its hypotheses; `None` stands for the task's own hypotheses.
    fn emit_proof(&mut self, proof: &Proof, facts: Option<&Vec<Fact>>) -> u32 {
        let mut number: Vec<u32> = Vec::with_capacity(proof.steps.len());
        for step in &proof.steps {
            let children = step.children.iter().map(|&c| number[c as usize]).collect();
            number.push(match (step.rule, facts) {
                (Rule::Hyp(k), Some(facts)) => self.emit_fact(&facts[k as usize]),
                (rule, _) => self.push(rule, children),
            });
        }
        number.last().copied().unwrap_or(0)
    }
}

fn as_syntax(head: Head) -> Option<AssertionId> {
    match head.kind() {
        HeadKind::Syntax(a) => Some(a),
        _ => None,
    }
}

/// Keeps the cheaper of two plans, the first of equal ones.
fn keep(best: &mut Option<Plan>, plan: Plan) {
    if best.as_ref().is_none_or(|b| plan.cost < b.cost) {
        *best = Some(plan);
    }
}
