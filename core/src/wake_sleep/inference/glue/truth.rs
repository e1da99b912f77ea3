//! Truth values of a question's formulas under many assignments of its atoms at once, 64 to a word.
//!
//! Few atoms are evaluated under all assignments. For more atoms there is a sample: assignments with few false atoms,
//! with few true atoms, and others spread evenly. A formula that fails under none of these may still not follow. That
//! costs search time only, since every step of a proof is a theorem.

use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::closers::propositional::tables::{apply, Tables, PATTERNS};
use crate::wake_sleep::ranking::examples::Random;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The largest number of atoms for which all assignments are evaluated.
const EXACT: usize = 9;
/// The number of words of 64 assignments that are sampled for more atoms.
const WORDS: usize = 16;

/// The truth values computed so far.
pub struct Truth<'a> {
    tables: &'a Tables,
    words: usize,
    pool: Vec<u64>,
    known: FxHashMap<TermId, u32>,
}

impl<'a> Truth<'a> {
    /// Creates the table for formulas over the variables `0..atoms`.
    pub fn new(tables: &'a Tables, arena: &mut Arena, atoms: usize) -> Truth<'a> {
        let words = if atoms <= EXACT { 1 << atoms.saturating_sub(PATTERNS.len()) } else { WORDS };
        let mut pool = vec![0; atoms * words];
        if atoms <= EXACT {
            for i in 0..atoms {
                for w in 0..words {
                    let high = || ((w >> (i - PATTERNS.len()) & 1) as u64).wrapping_neg();
                    pool[i * words + w] = PATTERNS.get(i).copied().unwrap_or_else(high);
                }
            }
        } else {
            sample(atoms, &mut pool);
        }
        let known = (0..atoms).map(|i| (arena.variable(SymbolId(i as u32)), (i * words) as u32)).collect();
        Truth { tables, words, pool, known }
    }
    /// The offset of a formula's values in the pool; computes them if they are new.
    pub fn of(&mut self, arena: &Arena, t: TermId) -> usize {
        if let Some(&at) = self.known.get(&t) {
            return at as usize;
        }
        let parts: SmallVec<[usize; 4]> = arena.children(t).iter().map(|&c| self.of(arena, c)).collect();
        let at = self.pool.len();
        let values = self.table(arena.head(t));
        for w in 0..self.words {
            let inner: SmallVec<[u64; 4]> = parts.iter().map(|&p| self.pool[p + w]).collect();
            self.pool.push(apply(values, &inner));
        }
        self.known.insert(t, at as u32);
        at
    }
    fn table(&self, head: Head) -> u8 {
        self.tables.get(head).map_or(0, |t| t.values)
    }
    /// Whether the formula with values at `goal` is true under every evaluated assignment that makes all of `given`
    /// true.
    pub fn follows(&self, given: impl Iterator<Item = usize> + Clone, goal: usize) -> bool {
        (0..self.words).all(|w| given.clone().fold(!self.pool[goal + w], |v, g| v & self.pool[g + w]) == 0)
    }
}

/// Fills in the sampled assignments of many atoms. See the module head.
fn sample(atoms: usize, pool: &mut [u64]) {
    let mut random = Random(1);
    let few = |a: usize| {
        // No atom, then each one, then each pair of atoms.
        let pairs = (0..atoms).flat_map(|i| (i..atoms).map(move |j| (i, j)));
        std::iter::once(false).chain(pairs.map(move |(i, j)| a == i || a == j)).collect::<Vec<bool>>()
    };
    for a in 0..atoms {
        let odd = few(a);
        for n in 0..WORDS * 64 {
            let value = match n % 4 {
                0 | 1 => odd.get(n / 4 * 2 + n % 4).map(|x| !x),
                2 => odd.get(n / 4).copied(),
                _ => None,
            };
            let value = value.unwrap_or_else(|| random.below(2) == 1);
            pool[a * WORDS + n / 64] |= u64::from(value) << (n % 64);
        }
    }
}
