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

#[derive(Clone)]
struct Rule {
    symbol: Symbol,
    arity: usize,
    body: Id,
    /// Classes below this number were matched.
    done: usize,
}

/// A corpus with all uses of a library; see the module's head.
#[derive(Clone, Default)]
pub struct Forms {
    exprs: Exprs,
    roots: Vec<Id>,
    /// By class: forms beside its own top.
    more: FxHashMap<Id, Vec<Node>>,
    rules: Vec<Rule>,
    /// By symbol: the only arguments that a use may have twice; `None` if there is no such limit.
    reusable: Option<Vec<bool>>,
    /// By class: what its cheapest form costs, and that form.
    best: Vec<Option<(i64, Node)>>,
}

/// Matches of one body at one class that are considered.
const MOST_MATCHES: usize = 16;
/// Classes may become this many times the expressions of the corpus; later matches are left out.
const MOST_CLASSES: usize = 16;

struct Matcher<'a> {
    forms: &'a mut Forms,
    agenda: Vec<(Id, Id, u32)>,
    args: Vec<Option<Id>>,
    found: Vec<Vec<Id>>,
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
        let symbol = self.exprs.symbol(&abstraction.name);
        self.rules.push(Rule { symbol, arity: abstraction.arity, body, done: 0 });
        loop {
            let mut idle = true;
            for rule in 0..self.rules.len() {
                while self.rules[rule].done < self.exprs.len() && self.exprs.len() < most {
                    let class = self.rules[rule].done as Id;
                    self.rules[rule].done += 1;
                    self.match_at(rule, class);
                    idle = false;
                }
            }
            if idle {
                return Ok(());
            }
        }
    }
    fn match_at(&mut self, rule: usize, class: Id) {
        let (body, arity, symbol) = (self.rules[rule].body, self.rules[rule].arity, self.rules[rule].symbol);
        let mut matcher =
            Matcher { forms: self, agenda: vec![(body, class, 0)], args: vec![None; arity], found: Vec::new() };
        matcher.solve();
        for args in matcher.found {
            let name = self.exprs.add(Node::Prim(symbol));
            let form = match args.split_last() {
                None => Node::Prim(symbol),
                Some((&last, first)) => Node::App(self.exprs.apply(name, first.iter().copied()), last),
            };
            let more = self.more.entry(class).or_default();
            if !more.contains(&form) {
                more.push(form);
            }
        }
    }
    fn forms(&self, class: Id) -> impl Iterator<Item = Node> + '_ {
        let more = self.more.get(&class).map_or(&[][..], Vec::as_slice);
        std::iter::once(self.exprs.node(class)).chain(more.iter().copied())
    }
    fn choose(&mut self) {
        let mut best = vec![None; self.exprs.len()];
        for i in 0..self.roots.len() {
            self.choose_at(self.roots[i], &mut best);
        }
        self.best = best;
    }
    fn choose_at(&self, class: Id, best: &mut Vec<Option<(i64, Node)>>) -> i64 {
        if let Some((cost, _)) = best[class as usize] {
            return cost;
        }
        let c = self.exprs.costs();
        let mut cheapest: Option<(i64, Node)> = None;
        for form in self.forms(class) {
            let cost = match form {
                Node::App(f, x) => c.app + self.choose_at(f, best) + self.choose_at(x, best),
                Node::Lam(b) => c.lam + self.choose_at(b, best),
                Node::Param(_) => 0,
                Node::Prim(_) | Node::Var(_) => c.symbol,
            };
            if cheapest.is_none_or(|(least, _)| cost < least) {
                cheapest = Some((cost, form));
            }
        }
        best[class as usize] = cheapest;
        cheapest.map_or(0, |(cost, _)| cost)
    }
    /// What all programs cost at least.
    pub fn cost(&self) -> i64 {
        let of = |&r: &Id| self.best.get(r as usize).copied().flatten().map_or(self.exprs.cost(r), |b| b.0);
        self.roots.iter().map(of).sum()
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
            Node::Lam(b) => Node::Lam(self.write(b, out, memo)),
            leaf => leaf,
        };
        let done = out.add(node);
        memo.insert(class, done);
        done
    }
}

impl Matcher<'_> {
    /// Finds all ways to match what is on the agenda; leaves agenda and arguments as they were.
    fn solve(&mut self) {
        if self.found.len() >= MOST_MATCHES {
            return;
        }
        let Some((pattern, class, depth)) = self.agenda.pop() else {
            if let Some(args) = self.args.iter().copied().collect::<Option<Vec<Id>>>() {
                self.found.push(args);
            }
            return;
        };
        match self.forms.exprs.node(pattern) {
            Node::Param(i) => self.bind(i as usize, class, depth),
            Node::App(f, x) => {
                let forms: Vec<Node> = self.forms.forms(class).collect();
                for form in forms {
                    if let Node::App(g, y) = form {
                        self.with(&[(x, y, depth), (f, g, depth)]);
                    }
                }
            }
            Node::Lam(b) => {
                if let Node::Lam(c) = self.forms.exprs.node(class) {
                    self.with(&[(b, c, depth + 1)]);
                }
            }
            leaf => {
                if self.forms.forms(class).any(|form| form == leaf) {
                    self.solve();
                }
            }
        }
        self.agenda.push((pattern, class, depth));
    }
    fn with(&mut self, goals: &[(Id, Id, u32)]) {
        let before = self.agenda.len();
        self.agenda.extend_from_slice(goals);
        self.solve();
        self.agenda.truncate(before);
    }
    fn bind(&mut self, param: usize, class: Id, depth: u32) {
        let Some(arg) = self.forms.exprs.lower(class, depth) else { return };
        match self.args[param] {
            Some(bound) if bound == arg && self.forms.may_repeat(arg) => self.solve(),
            Some(_) => {}
            None => {
                self.args[param] = Some(arg);
                self.solve();
                self.args[param] = None;
            }
        }
    }
}
