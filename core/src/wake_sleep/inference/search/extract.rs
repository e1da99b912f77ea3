//! Extraction of the content proof from a solved root.
//!
//! The solved steps are applied once more, from the root on, with the metavariables of each cluster as metavariables of
//! the whole proof. Sequents were taken apart as far as they were known when they came up. Where a metavariable became
//! a conjunction or an implication later, a [`By::Split`] joins what was proved.

use super::apply::Open;
use super::*;
use crate::dsl::theory::library::MAX_STEPS;
use crate::metamath_db::terms::term::HeadKind;
use crate::wake_sleep::inference::moves::sequents::sequent;
use crate::wake_sleep::inference::proof::{By, Node};

/// The numbers of the nodes that together prove one sequent of a cluster.
type Group = SmallVec<[u32; 2]>;

/// A node over the metavariables of the whole proof.
struct Draft {
    sequent: TermId,
    by: By,
    /// For each part: its context, its formula, and the nodes that prove it.
    parts: SmallVec<[(Terms, TermId, Group); 3]>,
    /// The children of a node without parts.
    children: Group,
    /// The number of the cluster, if a chain of closure facts proves the sequent.
    chained: Option<u32>,
}

/// The state of an extraction.
#[derive(Default)]
struct Extraction {
    drafts: Vec<Draft>,
    /// The nodes of clusters with one ground sequent, by cluster.
    shared: FxHashMap<u32, u32>,
    /// The bindings of the metavariables of the whole proof.
    bindings: Bindings,
    /// The typecodes of these metavariables.
    types: Vec<Option<SymbolId>>,
}

/// The state of writing the ground nodes.
struct Writer<'a, 'b> {
    arena: &'a mut Arena,
    chains: &'a mut Chains<'b>,
    allowed: &'a mut Allowed<'b>,
    /// The nodes of sequents that chains of closure facts prove, by sequent.
    chained: FxHashMap<TermId, u32>,
    connectives: &'a Connectives,
    bindings: Bindings,
    known: FxHashMap<(TermId, u32), TermId>,
    nodes: Vec<Node>,
    /// The weakenings that were written, by child and sequent.
    weaker: FxHashMap<(u32, TermId), u32>,
}

impl Extraction {
    fn push(&mut self, sequent: TermId, by: By, children: Group) -> u32 {
        self.drafts.push(Draft { sequent, by, parts: SmallVec::new(), children, chained: None });
        self.drafts.len() as u32 - 1
    }
}

impl Search<'_> {
    /// Extracts the proof of a solved root.
    pub(super) fn extract_proof(&mut self, root: u32) -> Result<ContentProof, Unfit> {
        let mut w = Extraction::default();
        let groups = self.extract(root, &[], &mut w).ok_or(Unfit::Large)?;
        self.bind_dummies(&mut w).ok_or(Unfit::Large)?;
        let Extraction { drafts, bindings, .. } = w;
        let mut writer = Writer {
            arena: self.arena,
            chains: &mut self.chains,
            allowed: &mut self.allowed,
            chained: FxHashMap::default(),
            connectives: &self.connectives,
            bindings,
            known: FxHashMap::default(),
            nodes: Vec::new(),
            weaker: FxHashMap::default(),
        };
        let mut number: Vec<u32> = Vec::with_capacity(drafts.len());
        for d in drafts {
            let chained = d.chained;
            let n = writer.write(d, &number).ok_or(chained.map_or(Unfit::Large, Unfit::Step))?;
            number.push(n);
        }
        let nodes: Group = groups[0].iter().map(|&n| number[n as usize]).collect();
        let goal = self.task.goal;
        let last = writer.serve(&[], goal, nodes);
        let mut nodes = writer.nodes;
        if last as usize + 1 < nodes.len() {
            nodes.truncate(last as usize + 1);
        }
        Ok(ContentProof { nodes })
    }
    /// Binds metavariables that are still unbound to variables that occur nowhere else.
    fn bind_dummies(&mut self, w: &mut Extraction) -> Option<()> {
        let (theory, task) = (&self.shared.theory, self.task);
        let position = theory.position(task);
        let mut used: FxHashSet<SymbolId> = self.fresh.clone();
        used.extend(&self.own);
        for m in 0..w.types.len() as u32 {
            if w.bindings.is_bound(m) {
                continue;
            }
            let typecode = w.types[m as usize]?;
            let dummy = theory.outer_variables(typecode, position).map(|x| x.0).find(|v| !used.contains(v));
            // Without such a variable, any other will do if no `$d` condition forbids it, which is checked later.
            let dummy = dummy.or_else(|| theory.outer_variables(typecode, position).map(|x| x.0).next())?;
            used.insert(dummy);
            w.bindings.bind(m, (self.arena.variable(dummy), 0));
        }
        Some(())
    }
    /// Appends the proof of a solved cluster whose metavariables are `names`; returns the nodes of each of its goals.
    fn extract(&mut self, at: u32, names: &[TermId], w: &mut Extraction) -> Option<SmallVec<[Group; 2]>> {
        if let Some(&n) = w.shared.get(&at) {
            return Some(SmallVec::from_elem(SmallVec::from_elem(n, 1), 1));
        }
        if w.drafts.len() > MAX_STEPS {
            return None;
        }
        let c = &self.clusters[at as usize];
        let action = &c.actions[c.solved? as usize];
        let (step, children, goal) = (action.step, action.children.clone(), action.goal);
        let (s, single) = (c.goals[usize::from(goal)], c.metas == 0 && c.goals.len() == 1);
        let own = match step {
            Step::Split => {
                let mut all = Group::new();
                for k in children {
                    all.extend(self.extract(k, &[], w)?.swap_remove(0));
                }
                return Some(SmallVec::from_elem(all, 1));
            }
            Step::Weaken(k) => {
                let below = self.extract(k, &[], w)?.swap_remove(0);
                w.push(s, By::Weaken, below)
            }
            Step::Closed => {
                let proof = self.clusters[at as usize].closed.clone()?;
                w.push(s, By::Closed { proof, propositional: false }, Group::new())
            }
            _ => return self.extract_step(at, goal, step, names, w),
        };
        debug_assert!(single);
        w.shared.insert(at, own);
        Some(SmallVec::from_elem(SmallVec::from_elem(own, 1), 1))
    }
    fn extract_step(
        &mut self,
        at: u32,
        goal: u8,
        step: Step,
        names: &[TermId],
        w: &mut Extraction,
    ) -> Option<SmallVec<[Group; 2]>> {
        let open = self.apply(at, goal, step)?;
        let global = self.globals(at, goal, step, names, w);
        let mut of: Vec<Group> = vec![Group::new(); open.left.len()];
        let components = self.components(&open)?;
        let mut covered = vec![false; open.left.len()];
        for c in &components {
            let below: SmallVec<[TermId; 8]> = c.names.iter().map(|&n| global[n as usize]).collect();
            let groups = self.extract(c.child, &below, w)?;
            for &(i, place) in &c.inside {
                of[i] = groups[usize::from(place)].clone();
                covered[i] = true;
            }
        }
        for i in (0..open.left.len()).filter(|&i| !covered[i]) {
            let s = self.arena.instantiate(open.left[i].0, &global);
            of[i].push(w.push(s, By::Member, Group::new()));
        }
        let c = &self.clusters[at as usize];
        let (others, selected, single) = (c.goals.len() - 1, usize::from(goal), c.metas == 0 && c.goals.len() == 1);
        let s = c.goals[selected];
        let groups = open.ends.iter().scan(0, |from, &to| Some(std::mem::replace(from, to)..to));
        let mut groups: Vec<Group> = groups.map(|range| of[range].iter().flatten().copied().collect()).collect();
        let behind = groups.split_off(others);
        let mut draft = self.draft(step, s, &open, behind, &global);
        draft.chained = (step == Step::Substituted).then_some(at);
        w.drafts.push(draft);
        let own = w.drafts.len() as u32 - 1;
        if single {
            w.shared.insert(at, own);
        }
        let mut out: SmallVec<[Group; 2]> = groups.into_iter().collect();
        out.insert(selected, Group::from_elem(own, 1));
        Some(out)
    }
    /// For each metavariable of an application, its name in the whole proof. Copies the application's bindings.
    fn globals(&mut self, at: u32, goal: u8, step: Step, names: &[TermId], w: &mut Extraction) -> Vec<TermId> {
        let c = &self.clusters[at as usize];
        let (s, base) = (c.goals[usize::from(goal)], c.metas);
        let mut global: Vec<TermId> = names.to_vec();
        // The parts of a compound have its typecode.
        let kind = match self.arena.head(consequent(self.arena, s)).kind() {
            HeadKind::Syntax(a) if step == Step::Congruence => Some(self.shared.theory.db.source.typecode(a)),
            _ => None,
        };
        while kind.is_some() && global.len() < self.bindings.len() {
            global.push(self.arena.meta(w.types.len() as u32));
            w.types.push(kind);
        }
        if let Step::Move { number, .. } = step {
            for &v in &self.shared.moves.all[number as usize].variables {
                global.push(self.arena.meta(w.types.len() as u32));
                w.types.push(self.shared.theory.typecode(v));
            }
        }
        debug_assert!(names.len() == base as usize && global.len() == self.bindings.len());
        w.bindings.grow(w.types.len());
        for v in 0..global.len() as u32 {
            if self.bindings.is_bound(v) {
                let own = self.arena.meta(v);
                let value = self.bindings.resolve(self.arena, (own, 0));
                let value = self.arena.instantiate(value, &global);
                if let Some(m) = self.arena.head(global[v as usize]).as_meta() {
                    w.bindings.bind(m, (value, 0));
                }
            }
        }
        global
    }
    /// The node of a step. The application's bindings are gone by now; the values come from the whole proof's bindings.
    fn draft(&mut self, step: Step, s: TermId, open: &Open, groups: Vec<Group>, global: &[TermId]) -> Draft {
        let arena = &mut *self.arena;
        let mut there = |t: TermId| arena.instantiate(t, global);
        let parts = open.parts.iter().zip(groups);
        let parts: SmallVec<[(Terms, TermId, Group); 3]> =
            parts.map(|((members, t), g)| (members.iter().map(|&e| there(e)).collect(), there(*t), g)).collect();
        let formulas = || parts.iter().map(|p| p.1).collect();
        let member = |k: u8| open.all[usize::from(k)];
        let by = match step {
            Step::Move { number, member: taken, .. } => By::Move {
                number,
                values: global[global.len() - self.shared.moves.all[number as usize].variables.len()..].to_vec(),
                taken: (taken != NO_MEMBER).then(|| there(member(taken))),
                kept: open.kept.iter().map(|&e| there(e)).collect(),
            },
            Step::Given(k) => By::Hyp { number: self.given[k as usize].number, parts: formulas() },
            Step::Use { member: k, .. } => By::Use { member: there(member(k)), parts: formulas() },
            Step::Same | Step::Follows => By::Closed { proof: Box::default(), propositional: true },
            Step::Congruence => By::Split,
            _ => By::Member,
        };
        Draft { sequent: there(s), by, parts, children: Group::new(), chained: None }
    }
}

impl Writer<'_, '_> {
    fn ground(&mut self, t: TermId) -> TermId {
        self.bindings.resolve_shared(self.arena, (t, 0), &mut self.known)
    }
    /// A literal of a sequent with its metavariables replaced, oriented.
    fn literal(&mut self, t: TermId) -> TermId {
        let t = self.ground(t);
        self.connectives.oriented(self.arena, t)
    }
    /// Members of Γ with their metavariables replaced, taken apart.
    fn members(&mut self, members: &[TermId]) -> Terms {
        let members: Terms = members.iter().map(|&e| self.ground(e)).collect();
        self.connectives.literals(self.arena, &members)
    }
    fn push(&mut self, sequent: TermId, by: By, children: SmallVec<[u32; 3]>) -> u32 {
        self.nodes.push(Node { sequent, by, children });
        self.nodes.len() as u32 - 1
    }
    /// Writes a draft as a ground node; `number` maps earlier drafts to nodes.
    fn write(&mut self, d: Draft, number: &[u32]) -> Option<u32> {
        let members = Terms::from(context(self.arena, d.sequent));
        let (goal, members) = (self.literal(consequent(self.arena, d.sequent)), self.members(&members));
        let s = sequent(self.arena, goal, members.clone());
        if d.chained.is_some() {
            return self.chain(s);
        }
        let mut children: SmallVec<[u32; 3]> = d.children.iter().map(|&k| number[k as usize]).collect();
        for (context, formula, nodes) in d.parts {
            let (context, formula) = (self.members(&context), self.ground(formula));
            let nodes = nodes.iter().map(|&k| number[k as usize]).collect();
            children.push(self.serve(&context, formula, nodes));
        }
        let by = match d.by {
            By::Move { number, values, taken, kept } => By::Move {
                number,
                values: values.into_iter().map(|t| self.ground(t)).collect(),
                taken: taken.map(|t| self.literal(t)),
                kept: self.members(&kept),
            },
            By::Hyp { number, parts } => By::Hyp { number, parts: parts.iter().map(|&t| self.ground(t)).collect() },
            By::Use { member, parts } => {
                By::Use { member: self.literal(member), parts: parts.iter().map(|&t| self.ground(t)).collect() }
            }
            By::Member if !members.contains(&goal) => return Some(self.members_of(s, goal, &members)),
            by => by,
        };
        Some(self.push(s, by, children))
    }
    /// The node of a sequent that closure facts prove; `None` if the chain no longer holds with all values known.
    fn chain(&mut self, s: TermId) -> Option<u32> {
        if let Some(&known) = self.chained.get(&s) {
            return Some(known);
        }
        let (by, served) = self.chains.reason(self.arena, self.allowed, s)?;
        let mut children: SmallVec<[u32; 3]> = SmallVec::new();
        for (members, formula) in served {
            let mut found = Terms::new();
            self.connectives.sequents(self.arena, &members, formula, &mut found);
            let nodes = found.iter().map(|&t| self.chain(t)).collect::<Option<Group>>()?;
            children.push(self.serve(&members, formula, nodes));
        }
        let made = self.push(s, by, children);
        self.chained.insert(s, made);
        Some(made)
    }
    /// The node of a member of Γ that became a conjunction, and so was taken apart.
    fn members_of(&mut self, s: TermId, goal: TermId, members: &[TermId]) -> u32 {
        let mut found = Terms::new();
        self.connectives.sequents(self.arena, members, goal, &mut found);
        let children = found.iter().map(|&part| self.push(part, By::Member, SmallVec::new())).collect();
        self.push(s, By::Split, children)
    }
    /// A node that serves a ground formula in a context, from the nodes of the sequents into which it is taken apart.
    fn serve(&mut self, context: &[TermId], formula: TermId, nodes: Group) -> u32 {
        let mut found = Terms::new();
        self.connectives.sequents(self.arena, context, formula, &mut found);
        let literal = ContentProof::literal(self.connectives, self.arena, context, formula);
        let children: SmallVec<[u32; 3]> = nodes.iter().map(|&n| self.fit(n, &found, literal)).collect();
        if let [one] = children[..] {
            let own = self.nodes[one as usize].sequent;
            if own == literal || found[..] == [own] {
                return one;
            }
        }
        self.push(literal, By::Split, children)
    }
    /// A node for the wanted sequent: `n` itself, or a weakening if it proves the same in a subset of Γ.
    fn fit(&mut self, n: u32, wanted: &[TermId], literal: TermId) -> u32 {
        let own = self.nodes[n as usize].sequent;
        if own == literal || wanted.contains(&own) {
            return n;
        }
        let (arena, goal) = (&*self.arena, consequent(self.arena, own));
        let larger = |&&s: &&TermId| {
            consequent(arena, s) == goal && context(arena, own).iter().all(|e| context(arena, s).contains(e))
        };
        let Some(&s) = wanted.iter().chain([&literal]).find(larger) else { return n };
        if let Some(&known) = self.weaker.get(&(n, s)) {
            return known;
        }
        let made = self.push(s, By::Weaken, SmallVec::from_elem(n, 1));
        self.weaker.insert((n, s), made);
        made
    }
}
