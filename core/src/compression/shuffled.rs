//! Random fragments of a corpus, drawn without regard to what they save: a control for learned libraries.
//!
//! A library of such lemmas, as many and of the same sizes, makes a search as much wider as the learned one does. What
//! the learned one proves more is owed to what was learned, not to there being more entries. Price: a draw looks at one
//! fragment's neighbours; a fragment without a statement of its own is drawn again.

use super::corpus::Corpus;
use crate::compression::fragment::{Fragment, HOLE};

/// Fragments drawn for one lemma, at most.
pub const TRIES: usize = 1_000;

/// The parameters of the draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shuffled {
    /// Steps of each lemma.
    pub sizes: Vec<usize>,
    /// All draws follow from it.
    pub seed: u64,
}

/// Random numbers (splitmix64: Steele, Lea and Flood 2014).
pub struct Draws(u64);

impl Draws {
    /// All of them follow from the seed.
    pub fn new(seed: u64) -> Draws {
        Draws(seed)
    }
    /// A number below `end`, which is at least 1.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ z >> 31) % end as u64) as usize
    }
    /// A connected fragment of so many steps around a random step of the corpus: it grows by a random neighbour below what it
    /// has. `None` where that ends too soon.
    pub fn fragment(&mut self, corpus: &Corpus, size: usize) -> Option<Fragment> {
        let root = self.below(corpus.nodes().max(1) as usize) as u32;
        let label = corpus.premise(root)?;
        let mut out = Fragment::single(label, corpus.children(root).len());
        let mut nodes = vec![root];
        while out.len() < size {
            let mut below: Vec<(usize, usize, u32)> = Vec::new();
            for (k, &n) in nodes.iter().enumerate() {
                let open = |x: &(usize, &u32)| out.children[k][x.0] == HOLE && corpus.crosses(n, *x.1);
                below.extend(corpus.children(n).iter().enumerate().filter(open).map(|(i, &c)| (k, i, c)));
            }
            if below.is_empty() {
                return None;
            }
            let (k, position, child) = below[self.below(below.len())];
            out.extend(k, position, corpus.premise(child)?, corpus.children(child).len());
            nodes.push(child);
        }
        Some(out)
    }
}
