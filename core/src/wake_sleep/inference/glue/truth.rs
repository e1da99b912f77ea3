//! Values of a question's formulas at many assignments of its atoms at once.
//!
//! All assignments for few atoms. For more there are those at which few atoms are false, those at which few are true,
//! and others spread evenly: what fails at none of them may still not follow, which costs a search its time and no proof
//! its truth.

use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use crate::wake_sleep::closers::propositional::tables::{apply, Tables, PATTERNS};
use crate::wake_sleep::ranking::examples::Random;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// With so many atoms all assignments are looked at.
const EXACT: usize = 9;
/// Words of 64 assignments for more atoms.
const WORDS: usize = 16;

/// The values that were worked out.
pub struct Truth<'a> {
    tables: &'a Tables,
    words: usize,
    pool: Vec<u64>,
    known: FxHashMap<TermId, u32>,
}

impl<'a> Truth<'a> {
    /// Values of formulas over the variables `0..atoms`.
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
    /// Where a formula's values begin.
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
    /// Whether the formula with values at `goal` is true wherever those of `given` are, as far as is looked at.
    pub fn follows(&self, given: impl Iterator<Item = usize> + Clone, goal: usize) -> bool {
        (0..self.words).all(|w| given.clone().fold(!self.pool[goal + w], |v, g| v & self.pool[g + w]) == 0)
    }
}

/// Fills in the values of many atoms. See the module head.
fn sample(atoms: usize, pool: &mut [u64]) {
    let mut random = Random(1);
    let few = |a: usize| {
        // none, then one, then two of the atoms
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
