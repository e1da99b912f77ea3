//! The upper bound that the search prunes with.
//!
//! A finished pattern with body cost B (parameters free), k parameters and matches L saves, at a match e that occurs w(e)
//! times, `B - symbol - k app + reused(e)`: its name and applications replace its body, and arguments that occur twice in
//! the body are written once. Its utility is the sum of w(e) times that, less B for the body itself. So *B is the same at
//! all matches*, and the matches of a completion all have `room(e) >= B`, where room(e) is what the body may still cost
//! there. With the matches sorted by room, the best completion takes a prefix of them and B = room of its last one:
//!
//! ```text
//! utility <= max over prefixes  sum w * (room(last) - symbol - k app) + sum w * more(e) - room(last)
//! ```
//!
//! where more(e) bounds what reuse can save at e. A sum of the sizes of all matches, which ignores that they share one
//! body, is far weaker: it lets one large match vouch for many small ones. The simple sum is kept as a second bound,
//! because it is better where reuse is not possible and rooms differ little; the smaller one counts.

use super::corpus::Corpus;
use super::expr::Id;

/// Sums over a prefix of the matches; see the module's head.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Cost of the decided part of the body.
    cost: i64,
    /// The cost of a use beyond its arguments: its name and one application a parameter.
    call: i64,
    weight: i64,
    more: i64,
    simple: i64,
    shared: i64,
}

impl Tally {
    /// No matches yet, for a pattern whose decided part costs `cost` and that has `params` parameters.
    pub fn new(corpus: &Corpus, cost: i64, params: usize) -> Tally {
        let c = corpus.exprs.costs();
        let call = c.symbol + c.app * params as i64;
        Tally { cost, call, weight: 0, more: 0, simple: 0, shared: i64::MIN }
    }
    /// One more match; `room` may not be larger than before.
    pub fn add(&mut self, corpus: &Corpus, e: Id, room: i64, reused: i64) {
        let w = corpus.weight[e as usize];
        let most = corpus.repeats[e as usize].min(reused + room - self.cost).max(reused);
        self.weight += w;
        self.more += w * most;
        self.simple += w * (room + reused - self.call).max(0);
        self.shared = self.shared.max(self.weight * (room - self.call).max(0) + self.more - room);
    }
    /// The bound over all matches added.
    pub fn bound(&self) -> i64 {
        // where the body costs less than a call, only reuse saves
        let small = if self.cost < self.call { self.more - self.cost } else { i64::MIN };
        (self.simple - self.cost).min(self.shared.max(small))
    }
}
