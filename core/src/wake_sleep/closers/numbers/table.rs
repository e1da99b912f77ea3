//! The arithmetic of a theory as the number closers use it: its symbols, and lemmas with their expected statements.
//!
//! `lemmas.txt` gives the label and the statement of every lemma. A lemma is used only if the theory has a premise of
//! that label that states the same up to names of variables, with hypotheses in the same order. Steps that need a
//! missing lemma are not made. `$d` conditions are checked when the proof is elaborated. Tables of digits (`( 7 + 5 ) =
//! ; 1 2`, `2 < 3`) are found by their statements.

use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Head};
use rustc_hash::FxHashMap;

const LEMMAS: &str = include_str!("lemmas.txt");

/// A syntax axiom with `N` parts, and the child that each part is, in reading order.
#[derive(Clone, Copy, Debug)]
pub struct Shape<const N: usize> {
    /// The axiom.
    pub head: Head,
    place: [usize; N],
}

impl<const N: usize> Shape<N> {
    /// The parts of a term of this shape, in reading order.
    #[inline]
    pub fn read(&self, arena: &Arena, t: TermId) -> Option<[TermId; N]> {
        if arena.head(t) != self.head {
            return None;
        }
        let children = arena.children(t);
        Some(self.place.map(|k| children[k]))
    }
    /// The term of this shape with the given parts.
    pub fn make(&self, arena: &mut Arena, parts: [TermId; N]) -> TermId {
        let mut children = parts;
        for (part, &k) in parts.iter().zip(&self.place) {
            children[k] = *part;
        }
        arena.make(self.head, &children)
    }
}

/// Sets of numbers, the larger ones first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Set {
    CC,
    RR,
    QQ,
    ZZ,
    NN0,
    RRp,
    NN,
}

/// All these sets.
pub const SETS: [Set; 7] = [Set::CC, Set::RR, Set::QQ, Set::ZZ, Set::NN0, Set::RRp, Set::NN];
/// The symbols of the sets, in the same order.
pub const SET_NAMES: [&str; 7] = ["CC", "RR", "QQ", "ZZ", "NN0", "RR+", "NN"];

macro_rules! constants {
    ($($name:ident $text:literal),* $(,)?) => {
        /// Class constants.
        #[derive(Clone, Copy, Debug)]
        #[allow(missing_docs)]
        pub struct Constants { $(pub $name: Head),* }
        impl Constants {
            fn find(constant: &mut dyn FnMut(&str) -> Option<Head>) -> Option<Constants> {
                Some(Constants { $($name: constant($text)?),* })
            }
        }
    };
}

constants! {
    plus "+", times "x.", minus "-", over "/", power "^", less "<", at_most "<_", divides "||", modulo "mod", gcd "gcd",
    lcm "lcm", abs "abs", sqrt "sqrt", factorial "!", floor "|_", exp "exp", log "log", sine "sin", cosine "cos",
    i "_i", pi "_pi", ten "10", upto "...", extended "RR*",
}

/// The shapes and constants of arithmetic.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Symbols {
    pub implies: Shape<2>,
    pub and: Shape<2>,
    pub and3: Shape<3>,
    pub iff: Shape<2>,
    pub eq: Shape<2>,
    pub element: Shape<2>,
    pub differs: Shape<2>,
    pub related: Shape<3>,
    /// `( A F B )`.
    pub op: Shape<3>,
    pub neg: Shape<1>,
    pub dec: Shape<2>,
    /// `( F ` A )`.
    pub value: Shape<2>,
    pub maps: Shape<3>,
    /// `( x e. A |-> B )`.
    pub mapping: Shape<3>,
    /// `A. x e. A ph`.
    pub all: Shape<3>,
    /// A set variable as a class.
    pub class: Shape<1>,
    pub universe: Head,
    pub truth: Head,
    pub digits: [Head; 10],
    pub sets: [Head; 7],
    pub is: Constants,
}

/// A lemma that the theory has.
#[derive(Clone, Copy, Debug)]
pub struct Lemma {
    /// The premise.
    pub premise: PremiseId,
}

/// The table to which a closed statement about two digits belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DigitTable {
    /// `( a + b ) = c`.
    Sum,
    /// `( a x. b ) = c`.
    Product,
    /// `a < b`, where b may be ten.
    Less,
}

/// Symbols, lemmas and digit tables of a theory.
pub struct Table {
    /// Its symbols.
    pub symbols: Symbols,
    lemmas: FxHashMap<&'static str, Lemma>,
    digits: FxHashMap<(DigitTable, u8, u8), Vec<PremiseId>>,
}

/// Parses formulas into a scratch arena.
struct Reader<'a> {
    theory: &'a Theory,
    arena: Arena,
}

impl Reader<'_> {
    fn formula(&mut self, text: &str) -> Option<TermId> {
        self.theory.parse_formula(&format!("|- {text}"), &mut self.arena).ok()
    }
    fn shape<const N: usize>(&mut self, text: &str, parts: [&str; N], class: bool) -> Option<Shape<N>> {
        let t = if class { self.formula(&format!("{text} = X"))? } else { self.formula(text)? };
        let t = if class { self.class_side(t)? } else { t };
        let mut place = [0; N];
        for (slot, part) in place.iter_mut().zip(parts) {
            let v = self.theory.db.source.find_symbol(part.as_bytes())?;
            *slot = self.arena.children(t).iter().position(|&c| self.arena.head(c).as_variable() == Some(v))?;
        }
        (self.arena.children(t).len() == N).then_some(Shape { head: self.arena.head(t), place })
    }
    /// The side of `A = X` that is not `X`.
    fn class_side(&self, t: TermId) -> Option<TermId> {
        let x = self.theory.db.source.find_symbol(b"X")?;
        self.arena.children(t).iter().copied().find(|&c| self.arena.head(c).as_variable() != Some(x))
    }
    fn constant(&mut self, text: &str) -> Option<Head> {
        let t = self.formula(&format!("{text} = X"))?;
        let c = self.class_side(t)?;
        self.arena.children(c).is_empty().then(|| self.arena.head(c))
    }
    fn symbols(&mut self) -> Option<Symbols> {
        let mut digits = [Head::meta(0); 10];
        for (d, slot) in digits.iter_mut().enumerate() {
            *slot = self.constant(&d.to_string())?;
        }
        let mut sets = [Head::meta(0); 7];
        for (slot, text) in sets.iter_mut().zip(SET_NAMES) {
            *slot = self.constant(text)?;
        }
        let truth = self.formula("T.")?;
        Some(Symbols {
            implies: self.shape("( ph -> ps )", ["ph", "ps"], false)?,
            and: self.shape("( ph /\\ ps )", ["ph", "ps"], false)?,
            and3: self.shape("( ph /\\ ps /\\ ch )", ["ph", "ps", "ch"], false)?,
            iff: self.shape("( ph <-> ps )", ["ph", "ps"], false)?,
            eq: self.shape("A = B", ["A", "B"], false)?,
            element: self.shape("A e. B", ["A", "B"], false)?,
            differs: self.shape("A =/= B", ["A", "B"], false)?,
            related: self.shape("A R B", ["A", "R", "B"], false)?,
            op: self.shape("( A F B )", ["A", "F", "B"], true)?,
            neg: self.shape("-u A", ["A"], true)?,
            dec: self.shape("; A B", ["A", "B"], true)?,
            value: self.shape("( F ` A )", ["F", "A"], true)?,
            maps: self.shape("F : A --> B", ["F", "A", "B"], false)?,
            mapping: self.shape("( x e. A |-> B )", ["x", "A", "B"], true)?,
            all: self.shape("A. x e. A ph", ["x", "A", "ph"], false)?,
            class: self.shape("x", ["x"], true)?,
            universe: self.constant("_V")?,
            truth: self.arena.head(truth),
            digits,
            sets,
            is: Constants::find(&mut |text| self.constant(text))?,
        })
    }
    /// The premise of this label, if it states `text`.
    fn lemma(&mut self, label: &str, text: &str) -> Option<Lemma> {
        let premise = self.theory.find(label)?;
        let (hyps, conclusion) = match text.split_once(" => ") {
            Some((hyps, conclusion)) => (hyps.split(" & ").collect(), conclusion),
            None => (Vec::new(), text),
        };
        let found = self.theory.premise(premise)?;
        if found.hyps.len() != hyps.len() {
            return None;
        }
        let mut names = FxHashMap::default();
        let wanted: Option<Vec<TermId>> = hyps.iter().chain([&conclusion]).map(|h| self.formula(h)).collect();
        let pairs = wanted?.into_iter().zip(found.hyps.iter().copied().chain([found.conclusion]));
        let mut same = true;
        for (w, f) in pairs {
            same &= says(&self.arena, w, f, &mut names);
        }
        let mut images: Vec<TermId> = names.values().copied().collect();
        images.sort_unstable();
        images.dedup();
        (same && images.len() == names.len()).then_some(Lemma { premise })
    }
}

/// Whether a scheme equals a formula up to the names of variables.
fn says(arena: &Arena, wanted: TermId, scheme: TermId, names: &mut FxHashMap<Head, TermId>) -> bool {
    let (head, other) = (arena.head(wanted), arena.head(scheme));
    if head.as_variable().is_some() {
        return other.as_meta().is_some() && *names.entry(head).or_insert(scheme) == scheme;
    }
    let (a, b) = (arena.children(wanted), arena.children(scheme));
    head == other && a.len() == b.len() && a.iter().zip(b).all(|(&x, &y)| says(arena, x, y, names))
}

impl Table {
    /// Looks up symbols and lemmas. `None` if the theory lacks the symbols of arithmetic.
    pub fn new(theory: &Theory) -> Option<Table> {
        // The cheap test comes first: most databases have no decimals.
        theory.db.source.find_symbol(b"RR+")?;
        theory.db.source.find_symbol(b"||")?;
        let mut reader = Reader { theory, arena: theory.arena.clone() };
        let symbols = reader.symbols()?;
        let mut lemmas = FxHashMap::default();
        for line in LEMMAS.lines() {
            let Some((label, text)) = line.split_once(" : ") else { continue };
            if let Some(lemma) = reader.lemma(label, text) {
                lemmas.insert(label, lemma);
            }
        }
        let mut table = Table { symbols, lemmas, digits: FxHashMap::default() };
        table.find_digits(theory);
        Some(table)
    }
    fn find_digits(&mut self, theory: &Theory) {
        let arena = &theory.arena;
        for p in (0..theory.len() as u32).map(PremiseId) {
            let Some(premise) = theory.premise(p).filter(|x| x.hyps.is_empty()) else { continue };
            let s = &self.symbols;
            let entry = if let Some([left, right]) = s.eq.read(arena, premise.conclusion) {
                let Some([a, f, b]) = s.op.read(arena, left) else { continue };
                let which = match arena.head(f) {
                    f if f == s.is.plus => DigitTable::Sum,
                    f if f == s.is.times => DigitTable::Product,
                    _ => continue,
                };
                let (Some(a), Some(b), Some(_)) = (s.digit(arena, a), s.digit(arena, b), s.numeral(arena, right))
                else {
                    continue;
                };
                (which, a, b)
            } else if let Some([a, r, b]) = s.related.read(arena, premise.conclusion) {
                let (Some(a), Some(b)) = (s.digit(arena, a), s.numeral(arena, b)) else { continue };
                if arena.head(r) != s.is.less
                    || (b == 10
                        && arena.head(s.related.read(arena, premise.conclusion).map_or(r, |x| x[2])) != s.is.ten)
                {
                    continue;
                }
                (DigitTable::Less, a, b as u8)
            } else {
                continue;
            };
            self.digits.entry(entry).or_default().push(p);
        }
    }
    /// A lemma by its label in `lemmas.txt`.
    pub fn lemma(&self, label: &str) -> Option<Lemma> {
        self.lemmas.get(label).copied()
    }
    /// The labels of `lemmas.txt` that the theory lacks.
    #[cfg(test)]
    pub fn missing(&self) -> Vec<&'static str> {
        let labels = LEMMAS.lines().filter_map(|l| l.split_once(" : ")).map(|l| l.0);
        labels.filter(|l| !self.lemmas.contains_key(l)).collect()
    }
    /// The statements that give an entry of a digit table, in file order.
    pub fn digits(&self, table: DigitTable, a: u8, b: u8) -> &[PremiseId] {
        self.digits.get(&(table, a, b)).map_or(&[], |v| v)
    }
}

impl Constants {
    /// The operations whose results are numbers.
    pub fn operations(&self) -> [Head; 8] {
        [self.plus, self.times, self.minus, self.over, self.power, self.modulo, self.gcd, self.lcm]
    }
}

impl Symbols {
    /// The value of a term that is a digit.
    pub fn digit(&self, arena: &Arena, t: TermId) -> Option<u8> {
        let head = arena.head(t);
        self.digits.iter().position(|&d| d == head).map(|d| d as u8)
    }
    /// The value of a decimal numeral without leading zeros, below 10^36.
    pub fn numeral(&self, arena: &Arena, t: TermId) -> Option<i128> {
        if let Some(d) = self.digit(arena, t) {
            return Some(i128::from(d));
        }
        if arena.head(t) == self.is.ten {
            return Some(10);
        }
        let [high, low] = self.dec.read(arena, t)?;
        if arena.depth(t) > 36 || arena.head(high) == self.is.ten {
            return None;
        }
        let (high, low) = (self.numeral(arena, high)?, self.digit(arena, low)?);
        (high > 0).then_some(high * 10 + i128::from(low))
    }
    /// The set of numbers that a term is.
    pub fn set(&self, arena: &Arena, t: TermId) -> Option<Set> {
        let head = arena.head(t);
        self.sets.iter().position(|&s| s == head).map(|i| SETS[i])
    }
}
