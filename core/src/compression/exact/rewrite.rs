//! A corpus in all the ways in which a library can write it, and the cheapest of them.
//!
//! Each expression is a class of equal forms: its own top, and for each use of an abstraction one application more. A
//! use `(f a b)` of a two-parameter abstraction puts the form `App((f a), b)` into the class that it replaces, and the
//! partial application `(f a)` becomes a class of its own, so that a later abstraction can match it or take it as an
//! argument. Bodies are matched against all forms, hence uses of different abstractions are chosen together, whatever
//! the order in which they were learnt. Arguments are proper parts of what they come from (a body is never a lone
//! parameter), so the forms are acyclic and one pass finds the cheapest.
//!
//! Nothing is removed from the forms, so the cheapest is never dearer than replacing one abstraction after the other.

use super::expr::{Exprs, Id, Node, Symbol};
use super::spine::Spines;
use rustc_hash::FxHashMap;

/// A named body with parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abstraction {
    /// Its name, a symbol of the corpus.
    pub name: String,
    /// How many parameters it has.
    pub arity: usize,
    /// Its body as text: `#0`, `#1`, ... are the parameters; names of earlier abstractions may occur.
    pub body: String,
}

#[derive(Clone, Copy)]
struct Rule {
    symbol: Symbol,
    arity: usize,
    body: Id,
    /// The condition on classes that may match ([`Spines::wanted`]).
    wanted: u64,
    /// Classes below this number were matched.
    done: usize,
}

/// A corpus with all uses of a library; see the module's head.
#[derive(Clone, Default)]
pub struct Forms {
    exprs: Exprs,
    roots: Vec<Id>,
    /// Forms beside the classes' own tops.
    more: More,
    spines: Spines,
    rules: Vec<Rule>,
    /// By symbol: the only arguments that a use may have twice; `None` if there is no such limit.
    reusable: Option<Vec<bool>>,
    /// By class: what its cheapest form costs, and that form.
    best: Vec<Option<(i64, Node)>>,
}

/// A list of forms for each class, in one flat array: a copy of it is two moves of memory.
#[derive(Clone, Default)]
struct More {
    /// By class: its first and its last form, counted from 1; 0 if it has none.
    ends: Vec<(u32, u32)>,
    /// Each form, and the number of its class's next one.
    forms: Vec<(Node, u32)>,
}

impl More {
    fn first(&self, class: Id) -> u32 {
        self.ends.get(class as usize).map_or(0, |e| e.0)
    }
    /// A form and the number of the next one.
    fn at(&self, number: u32) -> (Node, u32) {
        self.forms[number as usize - 1]
    }
    /// Adds a form; false if it is there already.
    fn add(&mut self, class: Id, form: Node) -> bool {
        let mut number = self.first(class);
        while number != 0 {
            let (there, next) = self.at(number);
            if there == form {
                return false;
            }
            number = next;
        }
        if self.ends.len() <= class as usize {
            self.ends.resize(class as usize + 1, (0, 0));
        }
        self.forms.push((form, 0));
        let new = self.forms.len() as u32;
        match &mut self.ends[class as usize] {
            (0, _) => self.ends[class as usize] = (new, new),
            (_, last) => self.forms[std::mem::replace(last, new) as usize - 1].1 = new,
        }
        true
    }
}

/// Dearer than what any corpus costs, and small enough to be added up.
const NEVER: i64 = i64::MAX >> 20;
/// Matches of one body at one class that are considered.
const MOST_MATCHES: usize = 16;
/// Classes may become this many times the expressions of the corpus; later matches are left out.
const MOST_CLASSES: usize = 16;

/// The state of one match; kept from match to match for its memory.
#[derive(Default)]
struct Match {
    /// The rest that must be matched: a pattern, the class that must have it, lambdas of the body around it.
    agenda: Vec<(Id, Id, u32)>,
    args: Vec<Option<Id>>,
    /// The arguments of each match found, one match after the other, and how many matches that are.
    found: Vec<Id>,
    count: usize,
}

impl Forms {
    /// The corpus with no library yet.
    pub fn new(exprs: Exprs, roots: Vec<Id>) -> Forms {
        Forms { exprs, roots, ..Forms::default() }
    }
    /// Only these symbols may be one argument at two places of a body.
    pub fn reuse_only(mut self, symbols: Vec<bool>) -> Forms {
        self.reusable = Some(symbols);
        self
    }
    fn may_repeat(&self, class: Id) -> bool {
        let Some(allowed) = &self.reusable else { return true };
        matches!(self.exprs.node(class), Node::Prim(s) if allowed.get(s as usize).copied().unwrap_or(false))
    }
    /// The arena in which classes are expressions.
    pub fn exprs(&self) -> &Exprs {
        &self.exprs
    }
    /// Adds abstractions and all their uses. Their bodies must parse; each may name abstractions that were added before.
    pub fn add(&mut self, abstractions: &[Abstraction]) -> Result<(), super::expr::ParseError> {
        abstractions.iter().try_for_each(|a| self.add_uses(a))?;
        self.choose();
        Ok(())
    }
    fn add_uses(&mut self, abstraction: &Abstraction) -> Result<(), super::expr::ParseError> {
        let most = MOST_CLASSES * (self.exprs.len() + 64);
        let body = self.exprs.parse(&abstraction.body, true)?;
        self.exprs.check_parameters(body, abstraction.arity)?;
        let symbol = self.exprs.symbol(&abstraction.name);
        self.rules.push(Rule {
            symbol,
            arity: abstraction.arity,
            body,
            wanted: Spines::wanted(&self.exprs, body),
            done: 0,
        });
        let mut state = Match::default();
        loop {
            let mut idle = true;
            for rule in 0..self.rules.len() {
                while self.rules[rule].done < self.exprs.len() && self.exprs.len() < most {
                    let class = self.rules[rule].done as Id;
                    self.rules[rule].done += 1;
                    self.spines.extend(&self.exprs);
                    let may = self.spines.may_match(class, self.rules[rule].wanted);
                    if may || cfg!(debug_assertions) {
                        let before = self.exprs.len();
                        self.match_at(rule, class, &mut state);
                        debug_assert!(may || (state.count, self.exprs.len()) == (0, before), "a match was ruled out");
                    }
                    idle = false;
                }
            }
            if idle {
                return Ok(());
            }
        }
    }
    fn match_at(&mut self, rule: usize, class: Id, state: &mut Match) {
        let Rule { body, arity, symbol, .. } = self.rules[rule];
        state.agenda.clear();
        state.agenda.push((body, class, 0));
        state.args.clear();
        state.args.resize(arity, None);
        state.found.clear();
        state.count = 0;
        self.solve(state);
        for i in 0..state.count {
            let name = self.exprs.add(Node::Prim(symbol));
            let form = match state.found[i * arity..(i + 1) * arity].split_last() {
                None => Node::Prim(symbol),
                Some((&last, first)) => Node::App(self.exprs.apply(name, first.iter().copied()), last),
            };
            if self.more.add(class, form) {
                self.spines.extend(&self.exprs);
                self.spines.form(class, form);
            }
        }
    }
    fn forms(&self, class: Id) -> impl Iterator<Item = Node> + '_ {
        let mut next = self.more.first(class);
        let more = std::iter::from_fn(move || {
            let (form, after) = (next != 0).then(|| self.more.at(next))?;
            next = after;
            Some(form)
        });
        std::iter::once(self.exprs.node(class)).chain(more)
    }
    fn choose(&mut self) {
        let mut best = vec![None; self.exprs.len()];
        for i in 0..self.roots.len() {
            self.choose_at(self.roots[i], None, &mut best);
        }
        self.best = best;
    }
    fn choose_at(&self, class: Id, banned: Option<Symbol>, best: &mut Vec<Option<(i64, Node)>>) -> i64 {
        if let Some((cost, _)) = best[class as usize] {
            return cost;
        }
        let c = self.exprs.costs();
        let mut cheapest: Option<(i64, Node)> = None;
        for form in self.forms(class) {
            let cost = match form {
                Node::App(f, x) => c.app + self.choose_at(f, banned, best) + self.choose_at(x, banned, best),
                Node::Lam(b, _) => c.lam + self.choose_at(b, banned, best),
                Node::Param(_) => 0,
                Node::Prim(s) if Some(s) == banned => NEVER,
                Node::Prim(_) | Node::Var(..) => c.symbol,
            };
            if cheapest.is_none_or(|(least, _)| cost < least) {
                cheapest = Some((cost, form));
            }
        }
        best[class as usize] = cheapest;
        cheapest.map_or(0, |(cost, _)| cost)
    }
    /// A lower bound of the cost of all programs.
    pub fn cost(&self) -> i64 {
        let of = |&r: &Id| self.best.get(r as usize).copied().flatten().map_or(self.exprs.cost(r), |b| b.0);
        self.roots.iter().map(of).sum()
    }
    /// A lower bound of the cost of all programs without one of the abstractions, the forms of the others being what they are.
    pub fn cost_without(&self, name: &str) -> i64 {
        let banned = self.exprs.find_symbol(name);
        let mut best = vec![None; self.exprs.len()];
        self.roots.iter().map(|&r| self.choose_at(r, banned, &mut best)).sum()
    }
    /// The programs, each in its cheapest form, in an arena of their own.
    pub fn rewritten(&self) -> (Exprs, Vec<Id>) {
        let mut out = self.exprs.fresh();
        let mut memo = FxHashMap::default();
        let roots = self.roots.iter().map(|&r| self.write(r, &mut out, &mut memo)).collect();
        (out, roots)
    }
    fn write(&self, class: Id, out: &mut Exprs, memo: &mut FxHashMap<Id, Id>) -> Id {
        if let Some(&done) = memo.get(&class) {
            return done;
        }
        let form = self.best.get(class as usize).copied().flatten().map_or(self.exprs.node(class), |b| b.1);
        let node = match form {
            Node::App(f, x) => Node::App(self.write(f, out, memo), self.write(x, out, memo)),
            Node::Lam(b, tag) => Node::Lam(self.write(b, out, memo), tag),
            leaf => leaf,
        };
        let done = out.add(node);
        memo.insert(class, done);
        done
    }
    /// Finds all ways to match what is on the agenda; leaves agenda and arguments as they were.
    fn solve(&mut self, state: &mut Match) {
        if state.count >= MOST_MATCHES {
            return;
        }
        let Some((pattern, class, depth)) = state.agenda.pop() else {
            if state.args.iter().all(Option::is_some) {
                state.found.extend(state.args.iter().flatten());
                state.count += 1;
            }
            return;
        };
        match self.exprs.node(pattern) {
            Node::Param(i) => self.bind(i as usize, class, depth, state),
            Node::App(f, x) => {
                let (mut form, mut next) = (self.exprs.node(class), self.more.first(class));
                loop {
                    if let Node::App(g, y) = form {
                        self.with(&[(x, y, depth), (f, g, depth)], state);
                    }
                    if next == 0 {
                        break;
                    }
                    (form, next) = self.more.at(next);
                }
            }
            Node::Lam(b, tag) => match self.exprs.node(class) {
                Node::Lam(c, its) if its == tag => self.with(&[(b, c, depth + 1)], state),
                _ => {}
            },
            leaf => {
                if self.forms(class).any(|form| form == leaf) {
                    self.solve(state);
                }
            }
        }
        state.agenda.push((pattern, class, depth));
    }
    fn with(&mut self, goals: &[(Id, Id, u32)], state: &mut Match) {
        let before = state.agenda.len();
        state.agenda.extend_from_slice(goals);
        self.solve(state);
        state.agenda.truncate(before);
    }
    fn bind(&mut self, param: usize, class: Id, depth: u32, state: &mut Match) {
        let Some(arg) = self.exprs.lower(class, depth) else { return };
        match state.args[param] {
            Some(bound) if bound == arg && self.may_repeat(arg) => self.solve(state),
            Some(_) => {}
            None => {
                state.args[param] = Some(arg);
                self.solve(state);
                state.args[param] = None;
            }
        }
    }
}
