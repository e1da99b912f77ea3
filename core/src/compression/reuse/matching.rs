//! Matches premises with the formulas that a proof holds.
//!
//! For each shape ([`super::patterns`]) the formulas of a proof that have it are the rows of a table, with what stands at the
//! shape's open places as columns. To apply a premise is then to bind its variables by the goal's columns, and to join the
//! tables of its hypotheses, that with the fewest fitting rows first. Terms are compared by number alone; nothing is made in
//! the arena and no tree is walked, but when a table is laid out, once for a proof.

use super::patterns::{Atom, Entry, Patterns, Shape, NONE};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Query;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::ops::Range;

const UNBOUND: TermId = TermId(u32::MAX);

/// Tables with more rows are looked up by columns in order. (Tests have small proofs, and both ways to see.)
const SMALL: u32 = if cfg!(test) { 2 } else { 12 };

/// One way to apply a premise.
pub struct Match<'a> {
    /// The formulas' nodes that prove the hypotheses.
    pub children: &'a [u32],
    /// The substitution.
    pub values: &'a [TermId],
}

/// The formulas that have a shape.
#[derive(Clone, Copy)]
struct Table {
    shape: Shape,
    /// Its rows: places in [`Matcher::rows`].
    start: u32,
    end: u32,
    /// Where its cells begin, row by row; [`NONE`] until it is laid out.
    cells: u32,
    /// Number of its first column.
    columns: u32,
}

/// The formulas of a proof, ready to be matched. Reusable memory.
#[derive(Default)]
pub struct Matcher {
    formulas: Vec<TermId>,
    number: FxHashMap<TermId, u32>,
    /// By formula: the node that proves it; [`NONE`] if none does any more.
    node: Vec<u32>,
    /// By formula: whether it may not prove a hypothesis of the present goal.
    barred: Vec<bool>,
    forbidden: Vec<bool>,
    /// By shape.
    table: Vec<u32>,
    tables: Vec<Table>,
    rows: Vec<u32>,
    cells: Vec<TermId>,
    /// By column of a table: whether its rows are in `sorted`, by value.
    ordered: Vec<bool>,
    sorted: Vec<u32>,
    /// Ranges of `sorted` by column and value.
    equal: FxHashMap<(u32, TermId), (u32, u32)>,
    /// By probe: the goal for which it was counted and how many rows fit.
    counts: Vec<(u32, u32)>,
    /// Number of the present goal.
    turn: u32,
    /// By shape: entries with this conclusion that the proof may use, as a range of `usable`.
    usable_of: FxHashMap<Shape, (u32, u32)>,
    usable: Vec<u32>,
    /// The terms at the open places of the present goal.
    goal: Vec<TermId>,
    values: Vec<TermId>,
    children: Vec<u32>,
    /// Rows that are still to be tried, by hypothesis.
    options: Vec<u32>,
    fuel: u32,
    pairs: Vec<(u32, u32)>,
}

/// A question to the premises.
#[derive(Clone, Copy)]
pub struct Wanted {
    /// The sum of the values' sizes must be less.
    pub weight: u64,
    /// Formulas tried before the premise is given up.
    pub effort: u32,
}

impl Matcher {
    /// Takes in the formulas of a proof, each once.
    pub fn prepare(
        &mut self,
        patterns: &Patterns,
        arena: &Arena,
        formulas: impl Iterator<Item = TermId>,
        query: &mut Query,
        found: &mut Vec<u32>,
    ) {
        self.tables.drain(..).for_each(|t| self.table[t.shape as usize] = NONE);
        self.table.resize(patterns.shapes(), NONE);
        self.formulas.clear();
        self.number.clear();
        self.cells.clear();
        self.ordered.clear();
        self.sorted.clear();
        self.equal.clear();
        self.counts.resize(patterns.probes(), (0, 0));
        self.usable_of.clear();
        self.usable.clear();
        self.pairs.clear();
        for (t, f) in formulas.zip(0..) {
            self.formulas.push(t);
            self.number.insert(t, f);
            found.clear();
            patterns.hyps.query(arena, t, query, found);
            for &shape in &*found {
                let table = &mut self.table[shape as usize];
                if *table == NONE {
                    *table = self.tables.len() as u32;
                    self.tables.push(Table { shape, start: 0, end: 0, cells: NONE, columns: 0 });
                }
                self.tables[*table as usize].end += 1;
                self.pairs.push((*table, f));
            }
        }
        let mut next = 0;
        for t in &mut self.tables {
            (t.start, t.end, next) = (next, next, next + t.end);
        }
        self.rows.clear();
        self.rows.resize(self.pairs.len(), 0);
        for &(table, f) in &self.pairs {
            let end = &mut self.tables[table as usize].end;
            self.rows[*end as usize] = f;
            *end += 1;
        }
    }
    /// Which nodes prove the formulas now; those that are not named are not proved any more.
    pub fn proved_by(&mut self, nodes: &[(u32, TermId)]) {
        self.node.clear();
        self.node.resize(self.formulas.len(), NONE);
        for (n, t) in nodes {
            if let Some(&f) = self.number.get(t) {
                self.node[f as usize] = *n;
            }
        }
    }
    /// A node, and all that use it, may not prove its hypotheses.
    pub fn forbid(&mut self, node: u32, users: &[SmallVec<[u32; 4]>]) {
        self.forbidden.clear();
        self.forbidden.resize(users.len(), false);
        let mut stack: SmallVec<[u32; 32]> = SmallVec::from_elem(node, 1);
        while let Some(n) = stack.pop() {
            if !std::mem::replace(&mut self.forbidden[n as usize], true) {
                stack.extend_from_slice(&users[n as usize]);
            }
        }
        self.barred.clear();
        self.barred.extend(self.node.iter().map(|&n| n == NONE || self.forbidden[n as usize]));
    }
    /// The entries with a conclusion of this shape for whose hypotheses the proof has formulas of the right shapes, and
    /// that `may_use` allows, to be asked for by [`Matcher::entry`]. They are remembered: what may be used must not
    /// depend on the goal.
    pub fn usable(
        &mut self,
        patterns: &Patterns,
        arena: &Arena,
        shape: Shape,
        may_use: impl Fn(&Entry) -> bool,
    ) -> Range<u32> {
        if let Some(&(from, to)) = self.usable_of.get(&shape) {
            return from..to;
        }
        let from = self.usable.len() as u32;
        for e in patterns.concluding(shape) {
            let entry = patterns.entry(e);
            let hyps = patterns.hyps(entry);
            if hyps.iter().all(|h| self.table[h.shape as usize] != NONE) && may_use(entry) {
                self.usable.push(e);
                hyps.iter().for_each(|h| self.lay_out(patterns, arena, h.shape));
            }
        }
        let to = self.usable.len() as u32;
        self.usable_of.insert(shape, (from, to));
        from..to
    }
    /// One of the usable entries.
    pub fn entry<'p>(&self, patterns: &'p Patterns, usable: u32) -> &'p Entry {
        patterns.entry(self.usable[usable as usize])
    }
    fn lay_out(&mut self, patterns: &Patterns, arena: &Arena, shape: Shape) {
        let table = &mut self.tables[self.table[shape as usize] as usize];
        if table.cells != NONE {
            return;
        }
        (table.cells, table.columns) = (self.cells.len() as u32, self.ordered.len() as u32);
        for &f in &self.rows[table.start as usize..table.end as usize] {
            patterns.cells(arena, shape, self.formulas[f as usize], &mut self.cells);
        }
        self.ordered.resize(self.ordered.len() + patterns.width(shape) as usize, false);
    }
    /// Takes a goal that has this shape.
    pub fn aim(&mut self, patterns: &Patterns, arena: &Arena, shape: Shape, goal: TermId) {
        self.turn += 1;
        self.goal.clear();
        patterns.cells(arena, shape, goal, &mut self.goal);
    }
    /// Calls `found` for each way to prove the goal by a premise from the formulas that are there, until it says no or
    /// so many formulas were tried.
    pub fn solve(
        &mut self,
        patterns: &Patterns,
        arena: &Arena,
        entry: &Entry,
        wanted: Wanted,
        found: &mut dyn FnMut(Match<'_>) -> bool,
    ) {
        let (hyps, probes) = (patterns.hyps(entry), patterns.probes_of(entry));
        let mut best: Option<(usize, u32)> = None;
        for (i, &p) in probes.iter().enumerate() {
            let fit = self.count(patterns, p);
            if fit == 0 {
                return;
            }
            if fit != NONE && best.is_none_or(|b| fit < b.1) {
                best = Some((i, fit));
            }
        }
        self.values.clear();
        self.values.resize(usize::from(entry.variables), UNBOUND);
        for (c, &t) in patterns.columns(patterns.conclusion(entry)).iter().zip(&self.goal) {
            let value = &mut self.values[usize::from(c.meta)];
            if c.twin.is_some() && *value != t {
                return;
            }
            *value = t;
        }
        self.children.clear();
        self.children.resize(hyps.len(), NONE);
        self.options.clear();
        self.fuel = wanted.effort;
        let join = Join { patterns, arena, hyps, weight: wanted.weight };
        if join.too_heavy(self) {
            return;
        }
        let Some((first, _)) = best else {
            join.end(self, found);
            return;
        };
        self.fitting(patterns, hyps[first], usize::MAX);
        join.each(self, first, 0, found);
    }
    /// How many rows fit a hypothesis when only the goal is known; [`NONE`] for a mere variable that the goal does not
    /// have.
    fn count(&mut self, patterns: &Patterns, number: u32) -> u32 {
        let (turn, count) = self.counts[number as usize];
        if turn == self.turn {
            return count;
        }
        let probe = patterns.probe(number);
        let count = if Some(probe.shape) == patterns.bare && patterns.bound(probe).is_empty() {
            NONE
        } else {
            let bound = patterns.bound(probe).iter().map(|&(column, at)| (column, self.goal[at as usize])).collect();
            let mut count = 0;
            self.rows_that_fit(patterns, probe.shape, &bound, patterns.twins(probe), &mut |_, _| {
                count += 1;
                true
            });
            count
        };
        self.counts[number as usize] = (self.turn, count);
        count
    }
    /// Appends the rows that fit a hypothesis, at most so many, to the options.
    fn fitting(&mut self, patterns: &Patterns, hyp: Atom, most: usize) {
        let mut bound = Bound::new();
        let mut twins: SmallVec<[(u32, u32); 4]> = SmallVec::new();
        for (c, i) in patterns.columns(hyp).iter().zip(0..) {
            let value = self.values[usize::from(c.meta)];
            if value != UNBOUND {
                bound.push((i, value));
            } else if let Some(twin) = c.twin {
                twins.push((i, u32::from(twin)));
            }
        }
        let stop = self.options.len().saturating_add(most);
        self.rows_that_fit(patterns, hyp.shape, &bound, &twins, &mut |options, row| {
            options.push(row);
            options.len() < stop
        });
    }
    /// Calls `each` for the rows of a table with these values in columns, and equal ones in others, until it says no.
    #[inline]
    fn rows_that_fit(
        &mut self,
        patterns: &Patterns,
        shape: Shape,
        bound: &Bound,
        twins: &[(u32, u32)],
        each: &mut impl FnMut(&mut Vec<u32>, u32) -> bool,
    ) {
        let table = self.tables[self.table[shape as usize] as usize];
        let width = patterns.width(shape);
        let mut range = 0..table.end - table.start;
        let large = range.end > SMALL && !bound.is_empty();
        if large {
            range = self.fewest(table, width, bound);
        }
        for i in range {
            let row = if large { self.sorted[i as usize] } else { i };
            let at = (table.cells + row * width) as usize;
            let cells = &self.cells[at..at + width as usize];
            if bound.iter().all(|&(i, value)| cells[i as usize] == value)
                && twins.iter().all(|&(i, twin)| cells[i as usize] == cells[twin as usize])
                && !self.barred[self.rows[(table.start + row) as usize] as usize]
                && !each(&mut self.options, row)
            {
                return;
            }
        }
    }
    /// The fewest rows, as a range of `sorted`, that one of some columns' values leaves.
    fn fewest(&mut self, table: Table, width: u32, bound: &Bound) -> Range<u32> {
        let mut best = 0..u32::MAX;
        for &(i, value) in bound {
            let column = table.columns + i;
            if !std::mem::replace(&mut self.ordered[column as usize], true) {
                let cell = |row: u32| self.cells[(table.cells + row * width + i) as usize];
                let mut order: SmallVec<[(TermId, u32); 64]> =
                    (0..table.end - table.start).map(|row| (cell(row), row)).collect();
                order.sort_unstable();
                for same in order.chunk_by(|a, b| a.0 == b.0) {
                    let from = self.sorted.len() as u32;
                    self.sorted.extend(same.iter().map(|x| x.1));
                    self.equal.insert((column, same[0].0), (from, self.sorted.len() as u32));
                }
            }
            let Some(&(from, to)) = self.equal.get(&(column, value)) else { return 0..0 };
            if to - from < best.end - best.start {
                best = from..to;
            }
        }
        best
    }
}

/// Columns with the values that they must have.
type Bound = SmallVec<[(u32, TermId); 8]>;

/// A premise whose hypotheses are looked for.
struct Join<'a> {
    patterns: &'a Patterns,
    arena: &'a Arena,
    hyps: &'a [Atom],
    weight: u64,
}

impl Join<'_> {
    /// Matches the rest of the hypotheses; whether to go on.
    fn next(&self, m: &mut Matcher, found: &mut dyn FnMut(Match<'_>) -> bool) -> bool {
        if self.too_heavy(m) {
            return true;
        }
        let mark = m.options.len();
        let mut best: Option<usize> = None;
        for (i, &h) in self.hyps.iter().enumerate() {
            if m.children[i] != NONE || self.unknown(m, h) {
                continue;
            }
            let (from, most) = (m.options.len(), m.options.len() - mark);
            m.fitting(self.patterns, h, if best.is_some() { most } else { usize::MAX });
            let fit = m.options.len() - from;
            if fit == 0 {
                m.options.truncate(mark);
                return true;
            }
            if best.is_none() || fit < most {
                best = Some(i);
                m.options.drain(mark..from);
            } else {
                m.options.truncate(from);
            }
        }
        let Some(i) = best else { return self.end(m, found) };
        let go_on = self.each(m, i, mark, found);
        m.options.truncate(mark);
        go_on
    }
    /// A hypothesis of which nothing is known is left, or none.
    fn end(&self, m: &Matcher, found: &mut dyn FnMut(Match<'_>) -> bool) -> bool {
        let complete = !m.children.contains(&NONE) && !m.values.contains(&UNBOUND);
        !complete || found(Match { children: &m.children, values: &m.values })
    }
    /// Goes on with each row that fits a hypothesis: the options behind a mark.
    fn each(&self, m: &mut Matcher, hyp: usize, mark: usize, found: &mut dyn FnMut(Match<'_>) -> bool) -> bool {
        let columns = self.patterns.columns(self.hyps[hyp]);
        let table = m.tables[m.table[self.hyps[hyp].shape as usize] as usize];
        let open: SmallVec<[(u16, u32); 8]> = columns
            .iter()
            .zip(0..)
            .filter(|(c, _)| m.values[usize::from(c.meta)] == UNBOUND)
            .map(|(c, i)| (c.meta, i))
            .collect();
        for k in mark..m.options.len() {
            if m.fuel == 0 {
                return false;
            }
            m.fuel -= 1;
            let row = m.options[k];
            m.children[hyp] = m.node[m.rows[(table.start + row) as usize] as usize];
            for &(meta, i) in &open {
                m.values[usize::from(meta)] = m.cells[(table.cells + row * columns.len() as u32 + i) as usize];
            }
            let go_on = self.next(m, found);
            m.children[hyp] = NONE;
            open.iter().for_each(|&(meta, _)| m.values[usize::from(meta)] = UNBOUND);
            if !go_on {
                return false;
            }
        }
        true
    }
    /// Whether a hypothesis is a mere variable of which nothing is known.
    fn unknown(&self, m: &Matcher, h: Atom) -> bool {
        Some(h.shape) == self.patterns.bare && m.values[usize::from(self.patterns.columns(h)[0].meta)] == UNBOUND
    }
    /// Whether the values, each open one as light as can be, are too heavy.
    fn too_heavy(&self, m: &Matcher) -> bool {
        if self.weight == u64::MAX {
            return false;
        }
        let size = |&v: &TermId| if v == UNBOUND { 1 } else { u64::from(self.arena.size(v)) };
        m.values.iter().map(size).sum::<u64>() >= self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compression::full::human_formulas;
    use crate::compression::tests::FIXTURE;
    use crate::dsl::theory::library::{Premise, PremiseId, Theory};
    use crate::metamath_db::database::Database;
    use crate::metamath_db::ids::AssertionId;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    /// Its hypothesis has a variable twice that the conclusion does not have.
    const TWICE: &str = "${ twice.1 $e |- ( p -> p ) $. twice $a |- ( q -> ( r -> q ) ) $. $}\n";

    type Found = (PremiseId, Vec<u32>, Vec<TermId>);

    /// One-way matching of trees, the substitution as it grows.
    fn fits(arena: &Arena, scheme: TermId, t: TermId, values: &mut [TermId]) -> bool {
        if let Some(m) = arena.head(scheme).as_meta() {
            let value = &mut values[m as usize];
            let free = *value == UNBOUND;
            if free {
                *value = t;
            }
            return free || *value == t;
        }
        let pairs = arena.children(scheme).iter().zip(arena.children(t));
        arena.head(scheme) == arena.head(t) && pairs.into_iter().all(|(&s, &t)| fits(arena, s, t, values))
    }

    /// All ways to prove a goal by a premise, by trying every formula for every hypothesis.
    fn tried(arena: &Arena, p: PremiseId, premise: Premise<'_>, goal: TermId, formulas: &[TermId]) -> BTreeSet<Found> {
        let mut values = vec![UNBOUND; premise.variables.len()];
        let mut ways = Vec::new();
        if fits(arena, premise.conclusion, goal, &mut values) {
            ways.push((Vec::new(), values));
        }
        for &h in premise.hyps {
            let mut more = Vec::new();
            for (children, values) in ways {
                for (&t, n) in formulas.iter().zip(0..).filter(|x| *x.0 != goal) {
                    let mut values: Vec<TermId> = values.clone();
                    if fits(arena, h, t, &mut values) {
                        more.push(([children.as_slice(), &[n]].concat(), values));
                    }
                }
            }
            ways = more;
        }
        ways.into_iter().map(|(children, values)| (p, children, values)).collect()
    }

    fn joined(t: &Theory, arena: &Arena, formulas: &[TermId]) -> Vec<BTreeSet<Found>> {
        let patterns = Patterns::new(t, (0..t.len() as u32).map(PremiseId));
        let (mut m, mut query, mut shapes) = (Matcher::default(), Query::default(), Vec::new());
        m.prepare(&patterns, arena, formulas.iter().copied(), &mut query, &mut shapes);
        let nodes: Vec<(u32, TermId)> = (0..).zip(formulas.iter().copied()).collect();
        m.proved_by(&nodes);
        let nobody = vec![SmallVec::new(); formulas.len()];
        let mut all = Vec::new();
        for &(n, goal) in &nodes {
            m.forbid(n, &nobody);
            shapes.clear();
            patterns.conclusions.query(arena, goal, &mut query, &mut shapes);
            let mut found = BTreeSet::new();
            for &shape in &shapes {
                let usable = m.usable(&patterns, arena, shape, |_| true);
                m.aim(&patterns, arena, shape, goal);
                for k in usable {
                    let entry = m.entry(&patterns, k);
                    let wanted = Wanted { weight: u64::MAX, effort: u32::MAX };
                    m.solve(&patterns, arena, entry, wanted, &mut |w| {
                        found.insert((entry.premise, w.children.to_vec(), w.values.to_vec()));
                        true
                    });
                }
            }
            all.push(found);
        }
        all
    }

    #[test]
    fn joins_give_what_trying_all_formulas_gives() {
        let text = [FIXTURE, TWICE].concat();
        let t = Theory::new(Arc::new(Database::load(text.into_bytes()).expect("good text")));
        let mut applied = BTreeSet::new();
        for a in (0..t.db.len()).map(AssertionId::from) {
            let mut arena = t.arena.clone();
            let Some(mut formulas) = human_formulas(&t, a, &mut arena) else { continue };
            formulas.sort_unstable();
            formulas.dedup();
            let found = joined(&t, &arena, &formulas);
            for (&goal, found) in formulas.iter().zip(found) {
                let all = (0..t.len() as u32).map(PremiseId).filter_map(|p| Some((p, t.premise(p)?)));
                let known = |p: Premise<'_>| !p.hyps.iter().any(|&h| lonely(&t, p, h));
                let tried = all.filter(|x| known(x.1)).flat_map(|(p, x)| tried(&arena, p, x, goal, &formulas));
                let found: BTreeSet<Found> = found.into_iter().filter(|f| t.premise(f.0).is_some_and(known)).collect();
                applied.extend(found.iter().map(|f| f.0));
                assert_eq!(found, tried.collect(), "{}", t.db.source.label(a));
            }
        }
        // axioms without hypotheses and rules with several
        assert!(applied.len() > 6, "{applied:?}");
    }

    /// Whether a hypothesis is a mere variable that neither the conclusion nor another hypothesis has: of such a one nothing
    /// is known, and it is not looked for.
    fn lonely(t: &Theory, p: Premise<'_>, h: TermId) -> bool {
        let Some(m) = t.arena.head(h).as_meta() else { return false };
        let mut metas = SmallVec::new();
        std::iter::once(&p.conclusion).chain(p.hyps).filter(|x| **x != h).for_each(|&x| t.arena.metas(x, &mut metas));
        !metas.contains(&m)
    }
}
