//! Assignment, propagation over two watched literals, and clause learning.

use crate::util::stop::poll;

/// A clause that is false under the assignment, by its number.
pub struct Conflict(usize);

/// Literals are `2 · variable`, plus 1 for the complement.
type Literal = usize;

fn literal(l: i32) -> Literal {
    2 * (l.unsigned_abs() as usize - 1) + usize::from(l < 0)
}
fn number(l: Literal) -> i32 {
    let v = (l / 2 + 1) as i32;
    if l % 2 == 1 {
        -v
    } else {
        v
    }
}

/// Clauses and the assignment so far.
pub struct Clauses {
    clauses: Vec<Vec<Literal>>,
    watched: Vec<Vec<usize>>,
    value: Vec<Option<bool>>,
    level: Vec<usize>,
    reason: Vec<Option<usize>>,
    trail: Vec<Literal>,
    /// Length of the trail at each decision.
    decided: Vec<usize>,
    propagated: usize,
    /// No variable before it is open.
    first_open: usize,
    /// How often, and how lately, each variable took part in a conflict.
    activity: Vec<u64>,
    /// The amount added to a variable's activity at the next conflict.
    weight: u64,
    /// The work of the search so far.
    pub work: u64,
    /// The number of literals in the clauses learnt.
    pub learnt: usize,
    /// Whether the first open variable is decided next, and not the most active one.
    pub in_order: bool,
}

impl Clauses {
    /// No clauses, nothing assigned.
    pub fn new(variables: usize) -> Clauses {
        let mut c = Clauses {
            clauses: Vec::new(),
            watched: Vec::new(),
            value: Vec::new(),
            level: Vec::new(),
            reason: Vec::new(),
            trail: Vec::new(),
            decided: Vec::new(),
            propagated: 0,
            first_open: 0,
            activity: Vec::new(),
            weight: 1 << 10,
            work: 0,
            learnt: 0,
            in_order: false,
        };
        (0..variables).for_each(|_| c.grow());
        c
    }
    /// One variable more.
    pub fn grow(&mut self) {
        self.watched.extend([Vec::new(), Vec::new()]);
        self.value.push(None);
        self.level.push(0);
        self.reason.push(None);
        self.activity.push(0);
    }
    /// The value of a variable.
    pub fn value(&self, variable: usize) -> Option<bool> {
        self.value[variable]
    }
    /// All values; open ones false.
    pub fn values(&self) -> Vec<bool> {
        self.value.iter().map(|v| v.unwrap_or(false)).collect()
    }
    fn is(&self, l: Literal) -> Option<bool> {
        self.value[l / 2].map(|v| v == l.is_multiple_of(2))
    }
    /// A clause of the formula, before the search; false if it fails at once.
    pub fn add_input(&mut self, clause: &[i32]) -> bool {
        let mut c: Vec<Literal> = clause.iter().map(|&l| literal(l)).collect();
        c.sort_unstable();
        c.dedup();
        if c.windows(2).any(|w| w[0] ^ 1 == w[1]) {
            return true;
        }
        match c[..] {
            [] => false,
            [l] => self.is(l).unwrap_or_else(|| {
                self.assign(l, None);
                true
            }),
            _ => {
                self.push(c);
                true
            }
        }
    }
    fn push(&mut self, c: Vec<Literal>) -> usize {
        self.learnt += c.len();
        let id = self.clauses.len();
        for &l in c.iter().take(2) {
            self.watched[l].push(id);
        }
        self.clauses.push(c);
        id
    }
    /// A clause that is false now. The literals that were assigned last are watched.
    pub fn add_lemma(&mut self, clause: &[i32]) -> Conflict {
        let mut c: Vec<Literal> = clause.iter().map(|&l| literal(l)).collect();
        c.sort_unstable_by_key(|&l| (std::cmp::Reverse(self.level[l / 2]), l));
        Conflict(self.push(c))
    }
    fn assign(&mut self, l: Literal, reason: Option<usize>) {
        self.value[l / 2] = Some(l.is_multiple_of(2));
        self.level[l / 2] = self.decided.len();
        self.reason[l / 2] = reason;
        self.trail.push(l);
    }
    /// Makes an open variable false: the first or the most active one. False if none is open.
    pub fn decide(&mut self) -> bool {
        while self.value.get(self.first_open).is_some_and(Option::is_some) {
            self.first_open += 1;
        }
        self.work += 4 * (self.value.len() - self.first_open) as u64 + 16;
        let mut open = (self.first_open..self.value.len()).filter(|&v| self.value[v].is_none());
        let chosen = match self.in_order {
            true => open.next(),
            false => open.max_by_key(|&v| (self.activity[v], std::cmp::Reverse(v))),
        };
        if let Some(v) = chosen {
            self.decided.push(self.trail.len());
            self.assign(2 * v + 1, None);
        }
        chosen.is_some()
    }
    /// Takes all decisions back.
    pub fn restart(&mut self) {
        self.undo(0);
    }
    /// Counts a conflict's variables; earlier ones fade.
    fn note(&mut self, seen: &[bool]) {
        self.activity.iter_mut().zip(seen).filter(|(_, &s)| s).for_each(|(a, _)| *a += self.weight);
        self.weight += self.weight / 16;
        if self.weight > 1 << 50 {
            self.activity.iter_mut().for_each(|a| *a >>= 40);
            self.weight >>= 40;
        }
    }
    /// Follows units to the end.
    pub fn propagate(&mut self) -> Option<Conflict> {
        while self.propagated < self.trail.len() {
            let failing = self.trail[self.propagated] ^ 1;
            self.propagated += 1;
            poll();
            let list = std::mem::take(&mut self.watched[failing]);
            self.work += 4 * list.len() as u64 + 8;
            for (i, &c) in list.iter().enumerate() {
                if !self.look(c, failing) {
                    self.watched[failing].extend_from_slice(&list[i + 1..]);
                    return Some(Conflict(c));
                }
            }
        }
        None
    }
    /// One clause that watches `failing`; whether it is not false.
    fn look(&mut self, c: usize, failing: Literal) -> bool {
        if self.clauses[c][0] == failing {
            self.clauses[c].swap(0, 1);
        }
        let other = self.clauses[c][0];
        if self.is(other) != Some(true) {
            let free = (2..self.clauses[c].len()).find(|&i| self.is(self.clauses[c][i]) != Some(false));
            self.work += 2 * free.unwrap_or(self.clauses[c].len()) as u64;
            if let Some(i) = free {
                self.clauses[c].swap(1, i);
                let l = self.clauses[c][1];
                self.watched[l].push(c);
                return true;
            }
        }
        self.watched[failing].push(c);
        match self.is(other) {
            None => self.assign(other, Some(c)),
            Some(false) => return false,
            Some(true) => {}
        }
        true
    }
    fn undo(&mut self, level: usize) {
        if let Some(&length) = self.decided.get(level) {
            for l in self.trail.drain(length..) {
                self.value[l / 2] = None;
                self.first_open = self.first_open.min(l / 2);
            }
            self.decided.truncate(level);
            self.propagated = length;
        }
    }
    /// Learns from a conflict, goes back and assigns what was learnt; none if the clauses contradict each other.
    pub fn learn(&mut self, conflict: Conflict) -> Option<Vec<i32>> {
        let top = self.clauses[conflict.0].iter().map(|&l| self.level[l / 2]).max().unwrap_or(0);
        if top == 0 {
            return None;
        }
        self.undo(top);
        let learnt = self.resolve(conflict.0, top);
        let back = learnt.get(1).map_or(0, |&l| self.level[l / 2]);
        self.undo(back);
        let reason = match learnt.len() {
            1 => None,
            _ => Some(self.push(learnt.clone())),
        };
        self.assign(learnt[0], reason);
        Some(learnt.into_iter().map(number).collect())
    }
    /// The clause at the first unique implication point of level `top`: its literal first, then the latest others.
    fn resolve(&mut self, conflict: usize, top: usize) -> Vec<Literal> {
        let mut seen = vec![false; self.value.len()];
        let mut rest = Vec::new();
        let (mut clause, mut open, mut at) = (conflict, 0, self.trail.len());
        let pivot = loop {
            for &l in &self.clauses[clause] {
                let level = self.level[l / 2];
                if level == 0 || std::mem::replace(&mut seen[l / 2], true) {
                    continue;
                }
                match level == top {
                    true => open += 1,
                    false => rest.push(l),
                }
            }
            let pivot = loop {
                at -= 1;
                if seen[self.trail[at] / 2] {
                    break self.trail[at];
                }
            };
            open -= 1;
            match self.reason[pivot / 2] {
                Some(reason) if open > 0 => clause = reason,
                _ => break pivot,
            }
        };
        self.note(&seen);
        rest.sort_unstable_by_key(|&l| (std::cmp::Reverse(self.level[l / 2]), l));
        rest.insert(0, pivot ^ 1);
        rest
    }
}
