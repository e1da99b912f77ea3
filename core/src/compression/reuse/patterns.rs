//! Premises as questions to tables of formulas ([`super::matching`]).
//!
//! A formula of a premise is a *shape*, in which metavariables are not told apart, and the metavariables at its open
//! places, its *columns*. Most premises need a formula of a shape that a given proof does not have, and many conclusions
//! have one shape, so that a goal is compared with shapes and not with premises.

use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::index::Index;
use crate::metamath_db::terms::term::Arena;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::ops::Range;

/// No such number.
pub(in crate::compression) const NONE: u32 = u32::MAX;

/// Number of a shape.
pub type Shape = u32;

/// An open place of a premise's formula.
#[derive(Clone, Copy)]
pub struct Column {
    /// The metavariable that stands there.
    pub meta: u16,
    /// An earlier column with the same metavariable.
    pub twin: Option<u16>,
}

/// Columns in pairs.
type Pairs = SmallVec<[(u32, u32); 4]>;

/// A formula of a premise.
#[derive(Clone, Copy)]
pub struct Atom {
    /// Its shape.
    pub shape: Shape,
    start: u32,
    end: u32,
}

/// The places of a hypothesis in its conclusion: which of its columns stand where in the goal. Premises of one conclusion often
/// have the same.
#[derive(Clone, Copy)]
pub struct Probe {
    /// The hypothesis's shape.
    pub shape: Shape,
    bound: u32,
    twins: u32,
    end: u32,
}

/// The content of a place of a shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A metavariable.
    Open,
    /// A term without metavariables.
    Ground,
    /// A syntax axiom above metavariables.
    Inner,
}

/// A premise that may be applied.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The premise.
    pub premise: PremiseId,
    /// Number of its variables.
    pub variables: u16,
    atoms: u32,
    probes: u32,
    hyps: u16,
}

/// The usable premises of a theory. See the module head.
#[derive(Clone)]
pub struct Patterns {
    /// Shapes of conclusions.
    pub conclusions: Index,
    /// Shapes of hypotheses.
    pub hyps: Index,
    /// The shape of a mere metavariable, if some formula is one.
    pub bare: Option<Shape>,
    /// By conclusion and premise.
    entries: Vec<Entry>,
    /// By shape: where the entries with this conclusion begin.
    start: Vec<u32>,
    /// Of each entry the conclusion, then the hypotheses.
    atoms: Vec<Atom>,
    columns: Vec<Column>,
    /// Of each entry's hypotheses.
    probe_of: Vec<u32>,
    probes: Vec<Probe>,
    /// Of each probe columns with those of the goal that hold the same, then columns with earlier ones that do.
    pairs: Vec<(u32, u32)>,
    /// Of each shape the marks in preorder.
    marks: Vec<Mark>,
    marks_start: Vec<u32>,
    /// Number of columns of each shape.
    widths: Vec<u32>,
}

/// Shapes as they are numbered.
#[derive(Default)]
struct Shapes {
    number: FxHashMap<Vec<u32>, Shape>,
    first: Vec<TermId>,
    key: Vec<u32>,
}

impl Shapes {
    fn of(&mut self, arena: &Arena, t: TermId) -> Shape {
        self.key.clear();
        spell(arena, t, &mut self.key);
        if let Some(&n) = self.number.get(&self.key) {
            return n;
        }
        let n = self.first.len() as Shape;
        self.number.insert(self.key.clone(), n);
        self.first.push(t);
        n
    }
}

impl Patterns {
    /// The patterns of these premises of a theory.
    pub fn new(theory: &Theory, premises: impl Iterator<Item = PremiseId>) -> Patterns {
        let arena = &theory.arena;
        let (mut shapes, mut atoms, mut columns) = (Shapes::default(), Vec::new(), Vec::new());
        let mut found: Vec<(Shape, Entry)> = Vec::new();
        for p in premises {
            let Some(premise) = theory.premise(p) else { continue };
            let (first, hyps) = (atoms.len() as u32, premise.hyps.len() as u16);
            for &t in std::iter::once(&premise.conclusion).chain(premise.hyps) {
                let start = columns.len();
                fill(arena, t, start, &mut columns);
                let (start, end) = (start as u32, columns.len() as u32);
                atoms.push(Atom { shape: shapes.of(arena, t), start, end });
            }
            let entry = Entry { premise: p, variables: premise.variables.len() as u16, atoms: first, probes: 0, hyps };
            found.push((atoms[first as usize].shape, entry));
        }
        found.sort_by_key(|(shape, e)| (*shape, e.premise));
        let count = shapes.first.len() as Shape;
        let start = (0..=count).map(|s| found.partition_point(|x| x.0 < s) as u32).collect();
        let (mut concludes, mut needed) = (vec![false; count as usize], vec![false; count as usize]);
        for (shape, e) in &found {
            concludes[*shape as usize] = true;
            hyps_of(&atoms, e).iter().for_each(|h| needed[h.shape as usize] = true);
        }
        let index = |wanted: &[bool]| {
            let all = shapes.first.iter().copied().zip(0..);
            Index::build(arena, all.filter(|&(_, s)| wanted[s as usize]))
        };
        let (mut marks, mut marks_start, mut widths) = (Vec::new(), vec![0], Vec::new());
        for &t in &shapes.first {
            let start = marks.len();
            mark(arena, t, &mut marks);
            widths.push(marks[start..].iter().filter(|m| **m == Mark::Open).count() as u32);
            marks_start.push(marks.len() as u32);
        }
        let mut patterns = Patterns {
            conclusions: index(&concludes),
            hyps: index(&needed),
            bare: shapes.first.iter().position(|&t| arena.head(t).as_meta().is_some()).map(|s| s as Shape),
            entries: found.into_iter().map(|x| x.1).collect(),
            start,
            atoms,
            columns,
            probe_of: Vec::new(),
            probes: Vec::new(),
            pairs: Vec::new(),
            marks,
            marks_start,
            widths,
        };
        patterns.add_probes();
        patterns
    }
    fn add_probes(&mut self) {
        let mut number: FxHashMap<(Shape, Shape, Pairs, Pairs), u32> = FxHashMap::default();
        for e in 0..self.entries.len() {
            let entry = self.entries[e];
            self.entries[e].probes = self.probe_of.len() as u32;
            let conclusion = self.conclusion(&entry);
            for i in 0..usize::from(entry.hyps) {
                let hyp = self.hyps(&entry)[i];
                let (mut bound, mut twins) = (Pairs::new(), Pairs::new());
                for (c, i) in self.columns(hyp).iter().zip(0..) {
                    let at = self.columns(conclusion).iter().position(|x| x.meta == c.meta);
                    match (at, c.twin) {
                        (Some(at), _) => bound.push((i, at as u32)),
                        (None, Some(twin)) => twins.push((i, u32::from(twin))),
                        (None, None) => {}
                    }
                }
                let fresh = self.probes.len() as u32;
                let n = *number.entry((conclusion.shape, hyp.shape, bound.clone(), twins.clone())).or_insert(fresh);
                if n == fresh {
                    let start = self.pairs.len() as u32;
                    self.pairs.extend(bound.iter().chain(&twins));
                    let (twins, end) = (start + bound.len() as u32, self.pairs.len() as u32);
                    self.probes.push(Probe { shape: hyp.shape, bound: start, twins, end });
                }
                self.probe_of.push(n);
            }
        }
    }
    /// Number of shapes.
    pub fn shapes(&self) -> usize {
        self.marks_start.len() - 1
    }
    /// The entries whose conclusion has a shape.
    pub fn concluding(&self, shape: Shape) -> Range<u32> {
        self.start[shape as usize]..self.start[shape as usize + 1]
    }
    /// An entry by its number.
    #[inline]
    pub fn entry(&self, e: u32) -> &Entry {
        &self.entries[e as usize]
    }
    /// An entry's conclusion.
    #[inline]
    pub fn conclusion(&self, e: &Entry) -> Atom {
        self.atoms[e.atoms as usize]
    }
    /// An entry's hypotheses.
    #[inline]
    pub fn hyps(&self, e: &Entry) -> &[Atom] {
        hyps_of(&self.atoms, e)
    }
    /// The probes of an entry's hypotheses.
    #[inline]
    pub fn probes_of(&self, e: &Entry) -> &[u32] {
        &self.probe_of[e.probes as usize..][..usize::from(e.hyps)]
    }
    /// Number of probes.
    pub fn probes(&self) -> usize {
        self.probes.len()
    }
    /// A probe by its number.
    #[inline]
    pub fn probe(&self, number: u32) -> Probe {
        self.probes[number as usize]
    }
    /// A probe's columns, each with the column of the goal that holds the same.
    #[inline]
    pub fn bound(&self, p: Probe) -> &[(u32, u32)] {
        &self.pairs[p.bound as usize..p.twins as usize]
    }
    /// A probe's other columns that hold the same as earlier ones, with these.
    #[inline]
    pub fn twins(&self, p: Probe) -> &[(u32, u32)] {
        &self.pairs[p.twins as usize..p.end as usize]
    }
    /// Number of columns of a shape.
    #[inline]
    pub fn width(&self, shape: Shape) -> u32 {
        self.widths[shape as usize]
    }
    /// A formula's columns.
    #[inline]
    pub fn columns(&self, a: Atom) -> &[Column] {
        &self.columns[a.start as usize..a.end as usize]
    }
    /// Appends what stands at the open places of a shape in a formula that has it.
    pub fn cells(&self, arena: &Arena, shape: Shape, t: TermId, out: &mut Vec<TermId>) {
        let (from, to) = (self.marks_start[shape as usize] as usize, self.marks_start[shape as usize + 1] as usize);
        take(arena, t, &mut self.marks[from..to].iter(), out);
    }
}

fn hyps_of<'a>(atoms: &'a [Atom], e: &Entry) -> &'a [Atom] {
    &atoms[e.atoms as usize + 1..][..e.hyps as usize]
}

/// A shape's key: the heads in preorder.
fn spell(arena: &Arena, t: TermId, out: &mut Vec<u32>) {
    let head = arena.head(t);
    out.push(if head.as_meta().is_some() { NONE } else { head.raw() });
    arena.children(t).iter().for_each(|&c| spell(arena, c, out));
}

/// Appends a formula's columns, which begin at `start`.
fn fill(arena: &Arena, t: TermId, start: usize, out: &mut Vec<Column>) {
    if let Some(m) = arena.head(t).as_meta() {
        let twin = out[start..].iter().position(|c| u32::from(c.meta) == m).map(|i| i as u16);
        out.push(Column { meta: m as u16, twin });
    } else if !arena.is_ground(t) {
        arena.children(t).iter().for_each(|&c| fill(arena, c, start, out));
    }
}

fn mark(arena: &Arena, t: TermId, out: &mut Vec<Mark>) {
    if arena.head(t).as_meta().is_some() {
        out.push(Mark::Open);
    } else if arena.is_ground(t) {
        out.push(Mark::Ground);
    } else {
        out.push(Mark::Inner);
        arena.children(t).iter().for_each(|&c| mark(arena, c, out));
    }
}

fn take(arena: &Arena, t: TermId, marks: &mut std::slice::Iter<'_, Mark>, out: &mut Vec<TermId>) {
    match marks.next() {
        Some(Mark::Open) => out.push(t),
        Some(Mark::Inner) => arena.children(t).iter().for_each(|&c| take(arena, c, marks, out)),
        Some(Mark::Ground) | None => {}
    }
}
