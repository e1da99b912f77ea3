//! The kernel: our own verifier of Metamath proofs, independent of any grammar.
//!
//! Each proof is run on a stack of (typecode, rope) pairs (see [`super::rope`]). Applying an assertion costs the
//! length of its hypotheses and conclusion as written, whatever stands for its variables, so a proof costs what its
//! DAG costs and a statement of 2^60 symbols is no problem. The kernel reads scopes, hypotheses and `$d`
//! conditions from [`Source`] and nothing else: an assertion may be used if it stands before the theorem, a
//! hypothesis if it is active there. The specification is the Metamath book, chapter 4 and appendix B.
//! Where programs differ the book decides: a mandatory hypothesis in a label list is refused, a label standing
//! twice there and a `Z` after a hypothesis are not. Bounds (stated in `rope.rs`) end in a refusal with a name.

pub use super::kernel_error::{KernelError, KernelErrorKind};
use super::rope::{self, Bound, Item, Ropes};
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId};
use crate::metamath_db::reader::{DisjointIndex, HypKind, LabelRef, Source, FEW_DISJOINT};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::OnceLock;
use std::time::Instant;

/// A proof that was checked and found good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Proved {
    /// Number of steps run (references to hypotheses and marked steps among them).
    pub steps: u64,
    /// Symbols of the longest statement, written out.
    pub longest: u64,
    /// Symbols of all statements that steps made, written out (references not counted again).
    pub total: u64,
}

/// The outcome of one proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The proof is good.
    Proved(Proved),
    /// The proof holds `?`: what it shows of itself may be right, but it proves nothing.
    Incomplete,
}

/// The kernel's report on a whole source.
#[derive(Clone, Debug, Default)]
pub struct KernelReport {
    /// Number of `$p` statements.
    pub theorems: usize,
    /// Those whose proof holds `?`.
    pub incomplete: Vec<AssertionId>,
    /// One defect for each bad proof, in file order.
    pub errors: Vec<KernelError>,
    /// Steps run, in good proofs.
    pub steps: u64,
    /// Symbols of all statements made in one proof, written out: the most over all proofs, bad ones as far as they
    /// were run.
    pub largest: u64,
    /// Wall time, the making of the templates included.
    pub seconds: f64,
}

struct Template {
    essentials: Range<u32>,
    conclusion: Range<u32>,
    floats: Range<u32>,
    disjoint: Range<u32>,
    hyps: u32,
    typecode: SymbolId,
    /// Whether a result may be substituted for a variable: some `$f` has its typecode.
    shared: bool,
    /// Whether this one went over [`rope::MAX_TEMPLATES`]: it is not here, and whatever needs it is refused.
    missing: bool,
}
struct Float {
    place: u32,
    typecode: SymbolId,
}
struct Essential {
    place: u32,
    typecode: SymbolId,
    items: Range<u32>,
}

/// All assertions of a source, with their variables numbered: made once, read by all threads.
pub struct Kernel<'s> {
    source: &'s Source,
    templates: Vec<Template>,
    floats: Vec<Float>,
    essentials: Vec<Essential>,
    disjoint: Vec<(u32, u32)>,
    items: Vec<Item>,
    /// All `$d` statements by pairs, made when a proof needs it.
    index: OnceLock<DisjointIndex>,
}

/// The work that the proofs of a source have cost so far.
#[derive(Default)]
struct Spent {
    next: AtomicUsize,
    work: AtomicU64,
}

fn range<T>(v: &[T], r: &Range<u32>) -> Range<usize> {
    debug_assert!(r.end as usize <= v.len());
    r.start as usize..r.end as usize
}

impl<'s> Kernel<'s> {
    /// Numbers the variables of every assertion.
    pub fn new(source: &'s Source) -> Kernel<'s> {
        let mut k = Kernel {
            source,
            templates: Vec::with_capacity(source.assertions.len()),
            floats: Vec::new(),
            essentials: Vec::new(),
            disjoint: Vec::new(),
            items: Vec::new(),
            index: OnceLock::new(),
        };
        let mut bindable = vec![false; source.symbols.len()];
        for (i, h) in source.hyps.iter().enumerate() {
            if h.is_floating() {
                bindable[source.hyp_typecode(HypId::from(i)).index()] = true;
            }
        }
        let mut slot_of = vec![0; source.symbols.len()];
        for i in 0..source.assertions.len() {
            k.add_template(AssertionId::from(i), &mut slot_of, &bindable);
        }
        k
    }
    fn add_template(&mut self, a: AssertionId, slot_of: &mut [u32], bindable: &[bool]) {
        let s = self.source;
        let (floats, essentials) = (self.floats.len() as u32, self.essentials.len() as u32);
        let frame = s.frame(a);
        let size = |r: &Range<u32>| (r.end - r.start) as usize;
        let symbols: usize = frame.iter().map(|h| size(&s.hyps[h.index()].expression)).sum();
        let missing = self.items.len() + symbols + size(&s.assertions[a.index()].expression) > rope::MAX_TEMPLATES;
        let frame = if missing { &[] } else { frame };
        for (place, &h) in frame.iter().enumerate() {
            if let HypKind::Floating { variable } = s.hyps[h.index()].kind {
                slot_of[variable.index()] = self.floats.len() as u32 - floats;
                self.floats.push(Float { place: place as u32, typecode: s.hyp_typecode(h) });
            }
        }
        for (place, &h) in frame.iter().enumerate() {
            if !s.hyps[h.index()].is_floating() {
                let items = self.add_items(&s.hyps[h.index()].expression, slot_of);
                self.essentials.push(Essential { place: place as u32, typecode: s.hyp_typecode(h), items });
            }
        }
        let from = self.items.len() as u32;
        let conclusion =
            if missing { from..from } else { self.add_items(&s.assertions[a.index()].expression, slot_of) };
        let disjoint = self.disjoint.len() as u32;
        let pairs = if missing { [].iter() } else { s.mandatory_disjoint(a).iter() };
        self.disjoint.extend(pairs.map(|&(x, y)| (slot_of[x.index()], slot_of[y.index()])));
        self.templates.push(Template {
            essentials: essentials..self.essentials.len() as u32,
            conclusion,
            floats: floats..self.floats.len() as u32,
            disjoint: disjoint..self.disjoint.len() as u32,
            hyps: frame.len() as u32,
            typecode: s.typecode(a),
            shared: bindable[s.typecode(a).index()],
            missing,
        });
    }
    /// The symbols after the typecode. The reader has seen to it that each variable has a `$f` in the frame.
    fn add_items(&mut self, expression: &Range<u32>, slot_of: &[u32]) -> Range<u32> {
        let from = self.items.len() as u32;
        for &symbol in &self.source.expression(expression)[1..] {
            self.items.push(if self.source.symbols[symbol.index()].is_variable {
                Item::variable(slot_of[symbol.index()])
            } else {
                Item::constant(symbol.0)
            });
        }
        from..self.items.len() as u32
    }

    /// Checks one proof.
    ///
    /// # Errors
    /// The first defect of the proof, with its place.
    pub fn verify_one(&self, theorem: AssertionId) -> Result<Outcome, KernelError> {
        Checker::new(self).check(theorem)
    }

    /// The first of these that is a theorem whose proof is not good, and why (`None`: it holds `?`). What they may cost
    /// together is what a whole source may ([`Kernel::verify_all`]); what would cost more is refused.
    pub fn first_refused(&self, theorems: &[AssertionId]) -> Option<(AssertionId, Option<KernelError>)> {
        let mut checker = Checker::new(self);
        let mut left = self.source_work();
        theorems.iter().find_map(|&theorem| {
            let offset = self.source.assertions[theorem.index()].proof.as_ref()?.start;
            let found = checker.check(theorem);
            let kind = KernelErrorKind::TooLarge(Bound::Source);
            match (found, left.checked_sub(checker.ropes.work())) {
                (Ok(Outcome::Incomplete), _) => Some((theorem, None)),
                (Err(e), _) => Some((theorem, Some(e))),
                (Ok(_), None) => Some((theorem, Some(KernelError { theorem, step: 0, offset, kind }))),
                (Ok(_), Some(rest)) => {
                    left = rest;
                    None
                }
            }
        })
    }

    /// Checks all proofs, on `threads` threads (1 or more; none is started for 1), until they have cost
    /// [`rope::MAX_SOURCE_WORK`] and [`rope::WORK_A_BYTE`] in all: the rest is refused.
    pub fn verify_all(&self, threads: usize) -> KernelReport {
        let start = Instant::now();
        let spent = Spent::default();
        let mut parts = if threads <= 1 {
            vec![self.verify_chunks(&spent)]
        } else {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.verify_chunks(&spent))).collect();
                workers.into_iter().map(|w| w.join().unwrap_or_else(|p| std::panic::resume_unwind(p))).collect()
            })
        };
        let mut chunks: Vec<Chunk> = parts.drain(..).flatten().collect();
        chunks.sort_unstable_by_key(|c| c.from);
        let mut out = self.joined(chunks);
        out.seconds = start.elapsed().as_secs_f64();
        out
    }
    fn source_work(&self) -> u64 {
        rope::MAX_SOURCE_WORK + rope::WORK_A_BYTE * self.source.text.len() as u64
    }
    /// Chunks are taken in order and ended when begun, so those that are there hold all of a source up to the bound,
    /// and where it is reached does not depend on the threads.
    fn joined(&self, chunks: Vec<Chunk>) -> KernelReport {
        let mut out = KernelReport::default();
        let mut left = Some(self.source_work());
        let mut behind = 0;
        for chunk in chunks {
            left = left.and_then(|left| left.checked_sub(chunk.work));
            if left.is_none() {
                break;
            }
            behind = (chunk.from + CHUNK).min(self.source.assertions.len());
            let more = chunk.report;
            out.theorems += more.theorems;
            out.steps += more.steps;
            out.largest = out.largest.max(more.largest);
            out.incomplete.extend(more.incomplete);
            out.errors.extend(more.errors);
        }
        for (a, assertion) in self.source.assertions.iter().enumerate().skip(behind) {
            let Some(proof) = &assertion.proof else { continue };
            let kind = KernelErrorKind::TooLarge(Bound::Source);
            out.theorems += 1;
            out.errors.push(KernelError { theorem: a.into(), step: 0, offset: proof.start, kind });
        }
        out
    }
    fn verify_chunks(&self, spent: &Spent) -> Vec<Chunk> {
        let mut out = Vec::new();
        let mut checker = Checker::new(self);
        let n = self.source.assertions.len();
        loop {
            let from = spent.next.fetch_add(CHUNK, Ordering::SeqCst);
            if from >= n || spent.work.load(Ordering::SeqCst) > self.source_work() {
                return out;
            }
            let mut chunk = Chunk { from, work: 0, report: KernelReport::default() };
            for a in from..(from + CHUNK).min(n) {
                if self.source.assertions[a].proof.is_some() && chunk.work <= self.source_work() {
                    chunk.add(&mut checker, AssertionId::from(a));
                }
            }
            spent.work.fetch_add(chunk.work, Ordering::SeqCst);
            out.push(chunk);
        }
    }
}

/// Assertions that a thread checks in one go.
const CHUNK: usize = 64;

struct Chunk {
    from: usize,
    work: u64,
    report: KernelReport,
}

impl Chunk {
    fn add(&mut self, checker: &mut Checker<'_, '_>, theorem: AssertionId) {
        self.report.theorems += 1;
        match checker.check(theorem) {
            Ok(Outcome::Proved(p)) => self.report.steps += p.steps,
            Ok(Outcome::Incomplete) => self.report.incomplete.push(theorem),
            Err(e) => self.report.errors.push(e),
        }
        self.report.largest = self.report.largest.max(checker.done.total);
        self.work += checker.ropes.work();
    }
}

/// Checks all proofs of a source on `threads` threads.
///
/// ```
/// use metadream_core::metamath_db::judges::kernel::verify_all;
/// use metadream_core::metamath_db::reader::Source;
///
/// let text = "$c |- wff ( -> ) $. $v p $. wp $f wff p $. wi $a wff ( p -> p ) $. ax $a |- ( p -> p ) $.";
/// let good = format!("{text} th $p |- ( p -> p ) $= wp ax $.");
/// let report = verify_all(&Source::read(good.into()).unwrap(), 1);
/// assert_eq!((report.theorems, report.errors.len()), (1, 0));
///
/// let bad = format!("{text} th $p |- ( p -> p ) $= wp wi $.");
/// assert_eq!(verify_all(&Source::read(bad.into()).unwrap(), 1).errors.len(), 1);
/// ```
pub fn verify_all(source: &Source, threads: usize) -> KernelReport {
    let start = Instant::now();
    let mut report = Kernel::new(source).verify_all(threads);
    report.seconds = start.elapsed().as_secs_f64();
    report
}

/// Checks the proof of one theorem. Making the templates costs a pass over the source: to check many, keep a
/// [`Kernel`].
///
/// # Errors
/// The first defect of the proof, with its place.
pub fn verify_one(source: &Source, theorem: AssertionId) -> Result<Outcome, KernelError> {
    Kernel::new(source).verify_one(theorem)
}

/// A statement on the stack: its typecode and the rest.
type Entry = (SymbolId, Item);

/// The effect of a label or number of a proof.
#[derive(Clone, Copy)]
enum Step {
    Push(Entry),
    Apply(AssertionId),
    Unknown,
}

/// In place of a typecode, until [`Checker::prepare`]: the theorem's `$e` of this number.
const ESSENTIAL: SymbolId = SymbolId(u32::MAX);

type Check<T> = Result<T, KernelErrorKind>;

impl From<Bound> for KernelErrorKind {
    fn from(b: Bound) -> Self {
        KernelErrorKind::TooLarge(b)
    }
}

/// Runs proofs; all its memory is kept from one proof to the next.
struct Checker<'k, 's> {
    kernel: &'k Kernel<'s>,
    ropes: Ropes,
    theorem: AssertionId,
    stack: Vec<Entry>,
    steps: Vec<Step>,
    tokens: Vec<Range<u32>>,
    variables: Vec<SymbolId>,
    index_of: Vec<(u32, u32)>,
    stamp: u32,
    allowed: Vec<u64>,
    allowed_known: bool,
    right: Vec<u64>,
    left: Vec<u64>,
    done: Proved,
    at: u32,
}

impl<'k, 's> Checker<'k, 's> {
    fn new(kernel: &'k Kernel<'s>) -> Self {
        Checker {
            kernel,
            ropes: Ropes::default(),
            theorem: AssertionId(0),
            stack: Vec::new(),
            steps: Vec::new(),
            tokens: Vec::new(),
            variables: Vec::new(),
            index_of: vec![(0, 0); kernel.source.symbols.len()],
            stamp: 0,
            allowed: Vec::new(),
            allowed_known: false,
            right: Vec::new(),
            left: Vec::new(),
            done: Proved::default(),
            at: 0,
        }
    }

    fn check(&mut self, theorem: AssertionId) -> Result<Outcome, KernelError> {
        self.theorem = theorem;
        self.stack.clear();
        self.steps.clear();
        self.variables.clear();
        self.stamp += 1;
        self.allowed_known = false;
        self.done = Proved::default();
        let Some(proof) = self.kernel.source.assertions[theorem.index()].proof.clone() else {
            return Ok(Outcome::Proved(self.done)); // an axiom
        };
        self.at = proof.start;
        self.proof(proof).map_err(|kind| KernelError { theorem, step: self.done.steps as u32, offset: self.at, kind })
    }

    fn proof(&mut self, proof: Range<u32>) -> Check<Outcome> {
        if self.kernel.templates[self.theorem.index()].missing {
            return Err(Bound::Templates.into());
        }
        for &h in self.kernel.source.frame(self.theorem) {
            if let HypKind::Floating { variable } = self.kernel.source.hyps[h.index()].kind {
                self.variable_index(variable);
            }
        }
        let mut from = proof.start;
        match next_token(&self.kernel.source.text, &mut from, proof.end) {
            Some(t) if self.token(&t) == b"(" => self.compressed(from, proof.end),
            _ => self.normal(proof),
        }
    }
    fn token(&self, t: &Range<u32>) -> &'s [u8] {
        &self.kernel.source.text[t.start as usize..t.end as usize]
    }
    /// The number of a variable in this proof, given on first use.
    fn variable_index(&mut self, variable: SymbolId) -> u32 {
        let e = &mut self.index_of[variable.index()];
        if e.0 != self.stamp {
            *e = (self.stamp, self.variables.len() as u32);
            self.variables.push(variable);
        }
        e.1
    }

    fn normal(&mut self, proof: Range<u32>) -> Check<Outcome> {
        let text = &self.kernel.source.text;
        let mut at = proof.start;
        self.tokens.clear();
        while let Some(t) = next_token(text, &mut at, proof.end) {
            self.tokens.push(t);
        }
        let mut incomplete = false;
        for i in 0..self.tokens.len() {
            let t = self.tokens[i].clone();
            self.at = t.start;
            let label = self.token(&t);
            incomplete |= label == b"?";
            let step = if label == b"?" { Step::Unknown } else { self.label(label, false)? };
            self.steps.push(step);
        }
        if incomplete {
            return Ok(Outcome::Incomplete);
        }
        self.prepare()?;
        for i in 0..self.steps.len() {
            self.at = self.tokens[i].start;
            self.run(self.steps[i])?;
        }
        self.conclude()
    }

    /// Looks up the effect of a label. [`Checker::prepare`] makes the rope of an `$e` later.
    fn label(&mut self, label: &[u8], in_list: bool) -> Check<Step> {
        let s = self.kernel.source;
        match s.lookup(label) {
            None => Err(KernelErrorKind::UnknownLabel),
            Some(LabelRef::Assertion(a)) if a < self.theorem => Ok(Step::Apply(a)),
            Some(LabelRef::Assertion(a)) => Err(KernelErrorKind::NotBefore(a)),
            Some(LabelRef::Hyp(h)) => {
                let hyp = &s.hyps[h.index()];
                if !hyp.active_at(s.assertions[self.theorem.index()].position) {
                    return Err(KernelErrorKind::Inactive(h));
                }
                match hyp.kind {
                    HypKind::Floating { variable } => {
                        let known = self.variables.len() as u32;
                        let index = self.variable_index(variable);
                        if in_list && index < known && s.frame(self.theorem).binary_search(&h).is_ok() {
                            return Err(KernelErrorKind::MandatoryInList(h));
                        }
                        Ok(Step::Push((s.hyp_typecode(h), Item::variable(index))))
                    }
                    HypKind::Essential if in_list => Err(KernelErrorKind::MandatoryInList(h)),
                    HypKind::Essential => {
                        // its place among the essential hypotheses; `prepare` has the rope ready at that place
                        let inactive = KernelErrorKind::Inactive(h);
                        let place = s.frame(self.theorem).binary_search(&h).map_err(|_| inactive)? as u32;
                        let k = self.kernel;
                        let mine = &k.essentials[range(&k.essentials, &k.templates[self.theorem.index()].essentials)];
                        let number = mine.binary_search_by_key(&place, |e| e.place).map_err(|_| inactive)?;
                        Ok(Step::Push((ESSENTIAL, Item::constant(number as u32))))
                    }
                }
            }
        }
    }

    /// Empties the arena for the variables now known, and puts in the `$e` hypotheses.
    fn prepare(&mut self) -> Check<()> {
        let k = self.kernel;
        self.ropes.clear(self.variables.len());
        let t = &k.templates[self.theorem.index()];
        self.identity(t);
        let essentials = &k.essentials[range(&k.essentials, &t.essentials)];
        if essentials.is_empty() {
            return Ok(());
        }
        let mut entries = Vec::with_capacity(essentials.len());
        for e in essentials {
            entries.push((e.typecode, self.ropes.substitute(&k.items[range(&k.items, &e.items)], true)?));
        }
        for step in &mut self.steps {
            if let Step::Push((ESSENTIAL, number)) = *step {
                *step = Step::Push(entries[number.as_constant().unwrap_or(0) as usize]);
            }
        }
        Ok(())
    }
    /// The substitution of the theorem's own variables for themselves.
    fn identity(&mut self, t: &Template) {
        let slots = self.ropes.slots();
        slots.clear();
        slots.extend((0..t.floats.end - t.floats.start).map(Item::variable));
    }

    fn compressed(&mut self, from: u32, end: u32) -> Check<Outcome> {
        let s = self.kernel.source;
        let mut at = from;
        let mut essential = 0;
        for &h in s.frame(self.theorem) {
            let entry = match s.hyps[h.index()].kind {
                HypKind::Floating { variable } => (s.hyp_typecode(h), Item::variable(self.variable_index(variable))),
                HypKind::Essential => {
                    essential += 1;
                    (ESSENTIAL, Item::constant(essential - 1))
                }
            };
            self.steps.push(Step::Push(entry));
        }
        loop {
            let Some(t) = next_token(&s.text, &mut at, end) else { return Err(KernelErrorKind::UnclosedList) };
            self.at = t.start;
            let label = self.token(&t);
            if label == b")" {
                break;
            }
            let step = self.label(label, true)?;
            self.steps.push(step);
        }
        self.prepare()?;
        self.letters(at, end)
    }

    fn letters(&mut self, from: u32, end: u32) -> Check<Outcome> {
        use KernelErrorKind as K;
        let text = &self.kernel.source.text;
        let mut number = 0u32;
        let (mut digits, mut after_step, mut incomplete) = (false, false, false);
        let mut at = from;
        while at < end {
            let b = text[at as usize];
            self.at = at;
            at += 1;
            match b {
                b'A'..=b'T' => {
                    let n = number * 20 + u32::from(b - b'A');
                    (number, digits, after_step) = (0, false, true);
                    if !incomplete {
                        let step = *self.steps.get(n as usize).ok_or(K::NumberOutOfRange(n))?;
                        self.run(step)?;
                    }
                }
                b'U'..=b'Y' => {
                    number = number * 5 + u32::from(b - b'U') + 1;
                    (digits, after_step) = (true, false);
                    if number >= u32::MAX / 100 {
                        return Err(K::NumberTooLarge);
                    }
                }
                b'Z' if digits => return Err(K::UnfinishedNumber),
                b'Z' if !after_step => return Err(K::NothingToMark),
                b'Z' => {
                    after_step = false;
                    if let Some(&top) = self.stack.last() {
                        if self.steps.len() >= rope::MAX_STACK {
                            return Err(Bound::Stack.into());
                        }
                        self.steps.push(Step::Push(top));
                    }
                }
                b'?' if digits => return Err(K::UnfinishedNumber),
                b'?' => (after_step, incomplete) = (false, true),
                // the reader has checked that this begins a comment and that the comment ends
                b'$' => at = skip_comment(text, at, end),
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => {}
                _ => return Err(K::BadCharacter(b)),
            }
        }
        if digits {
            return Err(K::UnfinishedNumber);
        }
        if incomplete {
            return Ok(Outcome::Incomplete);
        }
        if self.done.steps == 0 {
            return Err(K::EmptyProof);
        }
        self.conclude()
    }

    #[inline]
    fn run(&mut self, step: Step) -> Check<()> {
        self.done.steps += 1;
        match step {
            Step::Push(entry) => {
                if self.stack.len() >= rope::MAX_STACK {
                    return Err(Bound::Stack.into());
                }
                self.stack.push(entry);
                Ok(())
            }
            Step::Apply(a) => self.apply(a),
            Step::Unknown => Err(KernelErrorKind::UnknownLabel),
        }
    }

    fn apply(&mut self, a: AssertionId) -> Check<()> {
        let k = self.kernel;
        let t = &k.templates[a.index()];
        if t.missing {
            return Err(Bound::Templates.into());
        }
        let Some(base) = self.stack.len().checked_sub(t.hyps as usize) else {
            return Err(KernelErrorKind::Underflow(a));
        };
        let slots = self.ropes.slots();
        slots.clear();
        for f in &k.floats[range(&k.floats, &t.floats)] {
            let (typecode, item) = self.stack[base + f.place as usize];
            if typecode != f.typecode {
                return Err(self.at_hyp(a, f.place, KernelErrorKind::WrongTypecode));
            }
            slots.push(item);
        }
        for e in &k.essentials[range(&k.essentials, &t.essentials)] {
            let (typecode, item) = self.stack[base + e.place as usize];
            if typecode != e.typecode {
                return Err(self.at_hyp(a, e.place, KernelErrorKind::WrongTypecode));
            }
            if !self.ropes.matches(&k.items[range(&k.items, &e.items)], item)? {
                return Err(self.at_hyp(a, e.place, KernelErrorKind::HypothesisMismatch));
            }
        }
        if !t.disjoint.is_empty() {
            self.check_disjoint(a, &k.disjoint[range(&k.disjoint, &t.disjoint)])?;
        }
        let item = self.ropes.substitute(&k.items[range(&k.items, &t.conclusion)], t.shared)?;
        let length = self.ropes.length(item) + 1;
        self.done.longest = self.done.longest.max(length);
        self.done.total = self.done.total.saturating_add(length);
        self.stack.truncate(base);
        self.stack.push((t.typecode, item));
        Ok(())
    }
    #[cold]
    fn at_hyp(&self, a: AssertionId, place: u32, kind: fn(AssertionId, HypId) -> KernelErrorKind) -> KernelErrorKind {
        kind(a, self.kernel.source.frame(a)[place as usize])
    }

    /// The `$d` conditions of an applied assertion, under the substitution in the slots.
    fn check_disjoint(&mut self, a: AssertionId, pairs: &[(u32, u32)]) -> Check<()> {
        let words = self.ropes.words();
        self.ropes.spend(pairs.len() * words)?;
        for (n, &(i, j)) in pairs.iter().enumerate() {
            let (x, y) = (self.ropes.slots()[i as usize], self.ropes.slots()[j as usize]);
            self.left.clear();
            self.left.extend_from_slice(self.ropes.variables(x)?);
            self.right.clear();
            self.right.extend_from_slice(self.ropes.variables(y)?);
            if let Some(v) = common(&self.left, &self.right) {
                let (p, q) = self.kernel.source.mandatory_disjoint(a)[n];
                return Err(KernelErrorKind::DisjointShared(a, p, q, self.variables[v]));
            }
            let few = self.kernel.source.active_disjoint_size(self.theorem) <= FEW_DISJOINT;
            let missing = if few && words <= rope::FEW_WORDS { self.lacking() } else { self.lacking_by_index()? };
            if let Some((v, w)) = missing {
                return Err(KernelErrorKind::DisjointMissing(a, self.variables[v], self.variables[w]));
            }
        }
        Ok(())
    }
    /// Variables of the left and the right set that the theorem has no `$d` for.
    fn lacking(&mut self) -> Option<(usize, usize)> {
        self.allow();
        let words = self.ropes.words();
        bits(&self.left).find_map(|v| {
            let allowed = &self.allowed[v * words..(v + 1) * words];
            let u = (0..words).find(|&u| self.right[u] & !allowed[u] != 0)?;
            Some((v, u * 64 + (self.right[u] & !allowed[u]).trailing_zeros() as usize))
        })
    }
    /// The same, for a theorem of many variables or with many active `$d`.
    fn lacking_by_index(&mut self) -> Check<Option<(usize, usize)>> {
        let source = self.kernel.source;
        let index = self.kernel.index.get_or_init(|| DisjointIndex::new(source));
        for v in bits(&self.left) {
            for w in bits(&self.right) {
                let mut work = 0;
                let holds = index.holds(source, self.theorem, self.variables[v], self.variables[w], &mut work);
                self.ropes.spend(work)?;
                if !holds {
                    return Ok(Some((v, w)));
                }
            }
        }
        Ok(None)
    }
    /// The theorem's own `$d` conditions (dummy variables' too), as a bit matrix, made when first needed.
    fn allow(&mut self) {
        if std::mem::replace(&mut self.allowed_known, true) {
            return;
        }
        let words = self.ropes.words();
        self.allowed.clear();
        self.allowed.resize(self.variables.len() * words, 0);
        let mut group: Vec<usize> = Vec::new();
        for variables in self.kernel.source.active_disjoint(self.theorem) {
            group.clear();
            let mine = variables.iter().map(|v| self.index_of[v.index()]).filter(|e| e.0 == self.stamp);
            group.extend(mine.map(|e| e.1 as usize));
            for &x in &group {
                for &y in group.iter().filter(|&&y| y != x) {
                    self.allowed[x * words + y / 64] |= 1 << (y % 64);
                }
            }
        }
    }

    fn conclude(&mut self) -> Check<Outcome> {
        let [(typecode, item)] = self.stack[..] else {
            return Err(KernelErrorKind::StackNotSingle(self.stack.len()));
        };
        let k = self.kernel;
        let t = &k.templates[self.theorem.index()];
        self.identity(t);
        if typecode != t.typecode || !self.ropes.matches(&k.items[range(&k.items, &t.conclusion)], item)? {
            return Err(KernelErrorKind::WrongConclusion);
        }
        Ok(Outcome::Proved(self.done))
    }
}

/// The first variable that is in both sets.
fn common(left: &[u64], right: &[u64]) -> Option<usize> {
    let w = left.iter().zip(right).position(|(l, r)| l & r != 0)?;
    Some(w * 64 + (left[w] & right[w]).trailing_zeros() as usize)
}
/// The members of a set.
fn bits(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(w, &word)| {
        std::iter::successors((word != 0).then_some(word), |&rest| Some(rest & (rest - 1)).filter(|&r| r != 0))
            .map(move |rest| w * 64 + rest.trailing_zeros() as usize)
    })
}

/// The next token of a proof, comments skipped.
fn next_token(text: &[u8], at: &mut u32, end: u32) -> Option<Range<u32>> {
    loop {
        let mut i = *at;
        while i < end && text[i as usize] <= b' ' {
            i += 1;
        }
        let start = i;
        while i < end && text[i as usize] > b' ' {
            i += 1;
        }
        *at = i;
        if start == i {
            return None;
        }
        if &text[start as usize..i as usize] != b"$(" {
            return Some(start..i);
        }
        *at = skip_comment(text, i, end);
    }
}
/// The offset behind the `$)` that follows `at`.
fn skip_comment(text: &[u8], at: u32, end: u32) -> u32 {
    let mut i = at;
    while i < end && !(text[i as usize] == b'$' && text.get(i as usize + 1) == Some(&b')')) {
        i += 1;
    }
    (i + 2).min(end)
}
