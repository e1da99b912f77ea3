//! A library for a corpus: the best abstraction again and again, then each once more beside all the others.
//!
//! After each abstraction the corpus is rewritten as a whole ([`super::rewrite`]). The cheapest few libraries of each length
//! are continued, at so many times the price. When the library is full, abstractions
//! that no other one names are taken out one at a time, the corpus is rewritten with the rest, and the search says what
//! is best in that place; what costs clearly less (corpus and bodies together) stays. This ends: the cost falls each time.
//! Without limits ([`learn_all`]) one library is continued, at the price of one search an abstraction.

use super::corpus::Corpus;
use super::expr::{Exprs, Id, Node, ParseError, Symbol};
use super::rewrite::{Abstraction, Forms};
use super::search::{search, Effort, Query};

/// How a library is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most abstractions.
    pub count: usize,
    /// The options of each search.
    pub query: Query,
    /// How often the whole library is gone through again.
    pub rounds: usize,
    /// How many replacements of an abstraction are tried each time.
    pub tried: usize,
    /// How many libraries of each length are continued while it grows.
    pub width: usize,
    /// A replacement must save more than one part in so many of what corpus and bodies cost.
    pub least_part: i64,
}

/// A library and what it does to the corpus it was learnt from.
#[derive(Clone, Debug)]
pub struct Library {
    /// In an order in which each names earlier ones only.
    pub abstractions: Vec<Abstraction>,
    /// Cost of the corpus before and after; bodies are not in it.
    pub costs: (i64, i64),
    /// Cost of all bodies.
    pub bodies: i64,
    /// The counts of all searches together.
    pub effort: Effort,
}

/// A name that is no symbol yet.
fn fresh_name(exprs: &Exprs, taken: &[Abstraction]) -> String {
    let used = |name: &str| taken.iter().any(|a| a.name == name) || exprs.has_symbol(name);
    let mut n = taken.len();
    loop {
        let name = format!("fn_{n}");
        if !used(&name) {
            return name;
        }
        n += 1;
    }
}

/// All programs with a library, in the order in which it stands; `query` says which arguments may be used twice.
pub fn apply(exprs: &Exprs, roots: &[Id], library: &[Abstraction], query: &Query) -> Result<Forms, ParseError> {
    let mut forms = Forms::new(exprs.clone(), roots.to_vec());
    if query.reuse_opaque_only {
        forms = forms.reuse_only(query.opaque.clone());
    }
    forms.add(library)?;
    Ok(forms)
}

/// Learns a library from programs.
///
/// ```
/// use metadream_core::compression::exact::expr::{Costs, Exprs};
/// use metadream_core::compression::exact::learn::{learn, Options};
/// use metadream_core::compression::exact::search::Query;
///
/// let mut exprs = Exprs::new(Costs::default());
/// let texts = ["(f (g a b) (h c))", "(f (g a b) (h d))", "(f (g a b) (h e))"];
/// let programs: Vec<_> = texts.iter().map(|text| exprs.parse(text, false).unwrap()).collect();
/// let query = Query { arity: 1, ..Query::default() };
/// let options = Options { count: 1, query, rounds: 0, tried: 1, width: 1, least_part: 100 };
/// let library = learn(&exprs, &programs, &options).unwrap();
/// assert_eq!(library.abstractions[0].body, "(f (g a b) (h #0))");
/// assert!(library.costs.1 < library.costs.0);
/// ```
///
/// # Errors
/// A body that cannot be read again.
pub fn learn(exprs: &Exprs, roots: &[Id], options: &Options) -> Result<Library, ParseError> {
    let before: i64 = roots.iter().map(|&r| exprs.cost(r)).sum();
    let mut learner = Learner { exprs, roots, options, effort: Effort::none() };
    let Draft { mut library, mut total, .. } = learner.grow()?;
    // a replacement goes to the end, so the next round comes first to what was not tried since
    let mut in_vain = 0;
    'rounds: for _ in 0..options.rounds {
        for i in (0..library.len()).rev() {
            if in_vain == library.len() {
                break 'rounds;
            }
            in_vain += 1;
            let below = total - total / options.least_part.max(1);
            if let Some((better, cost)) = learner.exchange(&library, i, below)? {
                (library, total, in_vain) = (better, cost, 0);
            }
        }
    }
    let after = apply(exprs, roots, &library, &options.query)?.cost();
    let bodies = bodies(exprs, &library)?;
    Ok(Library { abstractions: library, costs: (before, after), bodies, effort: learner.effort })
}

/// Learns a library with no limit on its length and on the number of parameters: abstractions are added as long as each
/// saves more than its body costs, then those whose uses later ones took are put back. Bodies may have one parameter more
/// each time, as long as that makes corpus and bodies together cheaper.
///
/// # Errors
/// A body that does not parse.
pub fn learn_all(exprs: &Exprs, roots: &[Id], query: &Query) -> Result<Library, ParseError> {
    let price = |l: &Library| l.costs.1 + l.bodies;
    let mut best = learn_paying(exprs, roots, &Query { arity: 0, ..query.clone() })?;
    let mut effort = best.effort;
    for arity in 1..=usize::from(u8::MAX) {
        let next = learn_paying(exprs, roots, &Query { arity, ..query.clone() })?;
        effort.add(next.effort);
        if price(&next) >= price(&best) {
            break;
        }
        best = next;
    }
    Ok(Library { effort, ..best })
}

fn learn_paying(exprs: &Exprs, roots: &[Id], query: &Query) -> Result<Library, ParseError> {
    let options = Options { count: usize::MAX, query: query.clone(), rounds: 0, tried: 0, width: 1, least_part: 1 };
    let before: i64 = roots.iter().map(|&r| exprs.cost(r)).sum();
    let mut learner = Learner { exprs, roots, options: &options, effort: Effort::none() };
    let Draft { mut library, mut total, mut forms } = learner.grow()?;
    for i in (0..library.len()).rev() {
        let Some(rest) = without(exprs, &library, i)? else { continue };
        let more = bodies(exprs, &rest)?;
        // bodies that named it match what they matched with it, so the forms say what can be gained
        if forms.cost_without(&library[i].name) + more > total {
            continue;
        }
        let other = apply(exprs, roots, &rest, query)?;
        if other.cost() + more <= total {
            (library, total, forms) = (rest, other.cost() + more, other);
        }
    }
    let bodies = bodies(exprs, &library)?;
    Ok(Library { costs: (before, total - bodies), abstractions: library, bodies, effort: learner.effort })
}

/// A library that grows, and the corpus in all the ways in which it can be written with it.
#[derive(Clone)]
struct Draft {
    library: Vec<Abstraction>,
    forms: Forms,
    /// Cost of the corpus and of all bodies.
    total: i64,
}

impl Draft {
    fn with(&self, exprs: &Exprs, a: Abstraction) -> Result<Draft, ParseError> {
        let mut more = self.clone();
        more.total -= more.forms.cost();
        more.forms.add(std::slice::from_ref(&a))?;
        more.total += more.forms.cost() + bodies(exprs, std::slice::from_ref(&a))?;
        more.library.push(a);
        Ok(more)
    }
}

fn bodies(exprs: &Exprs, library: &[Abstraction]) -> Result<i64, ParseError> {
    let mut scratch = exprs.fresh();
    library.iter().map(|a| scratch.parse(&a.body, true).map(|e| scratch.cost(e))).sum()
}

struct Learner<'a> {
    exprs: &'a Exprs,
    roots: &'a [Id],
    options: &'a Options,
    effort: Effort,
}

impl Learner<'_> {
    /// The best abstractions for a corpus beside a library, best first.
    fn best(&mut self, forms: &Forms, library: &[Abstraction], above: i64, wanted: usize) -> Vec<Abstraction> {
        let (exprs, roots) = forms.rewritten();
        let query = Query { above, wanted, ..self.options.query.clone() };
        let reusable: Vec<bool> = (0..exprs.len() as Id).map(|e| query.reusable(&exprs, e)).collect();
        let corpus = Corpus::new(exprs, roots, query.arity, |e| reusable[e as usize]);
        let (found, effort) = search(&corpus, &query);
        self.effort.add(effort);
        let name = fresh_name(self.exprs, library);
        found.into_iter().map(|f| Abstraction { name: name.clone(), arity: f.arity, body: f.body }).collect()
    }
    /// The cheapest library that adding one abstraction after the other leads to, when the cheapest few are continued at
    /// each length. Of equals those that come first in their own search count first, whatever they continue.
    fn grow(&mut self) -> Result<Draft, ParseError> {
        let width = self.options.width.max(1);
        let forms = apply(self.exprs, self.roots, &[], &self.options.query)?;
        let total = self.roots.iter().map(|&r| self.exprs.cost(r)).sum();
        let mut kept = vec![Draft { library: Vec::new(), forms, total }];
        for length in 0..self.options.count {
            let mut next: Vec<(usize, Draft)> = Vec::new();
            for draft in &kept {
                if draft.library.len() < length {
                    next.push((0, draft.clone()));
                    continue;
                }
                let found = self.best(&draft.forms, &draft.library, self.options.query.above, width);
                if found.is_empty() {
                    next.push((0, draft.clone()));
                }
                for (rank, a) in found.into_iter().enumerate() {
                    next.push((rank, draft.with(self.exprs, a)?));
                }
            }
            next.sort_by_key(|(rank, draft)| (draft.total, *rank));
            next.truncate(width);
            kept = next.into_iter().map(|(_, draft)| draft).collect();
            if kept.iter().all(|draft| draft.library.len() <= length) {
                break;
            }
        }
        Ok(kept.swap_remove(0))
    }
    /// The library with its `i`-th abstraction replaced by one that makes all cost least, if that is less than `below`.
    fn exchange(
        &mut self,
        library: &[Abstraction],
        i: usize,
        below: i64,
    ) -> Result<Option<(Vec<Abstraction>, i64)>, ParseError> {
        let Some(rest) = without(self.exprs, library, i)? else { return Ok(None) };
        let forms = apply(self.exprs, self.roots, &rest, &self.options.query)?;
        let base = forms.cost() + bodies(self.exprs, &rest)?;
        let mut best: Option<(Vec<Abstraction>, i64)> = None;
        for a in self.best(&forms, library, (base - below).max(0), self.options.tried) {
            let (mut with, mut library) = (forms.clone(), rest.clone());
            library.push(a);
            with.add(&library[rest.len()..])?;
            let cost = with.cost() + bodies(self.exprs, &library)?;
            if cost < best.as_ref().map_or(below, |b| b.1) {
                best = Some((library, cost));
            }
        }
        Ok(best)
    }
}

/// A library without its `i`-th abstraction: where later bodies name it, its body is put. `None` where a body names it with
/// fewer arguments than it has parameters.
fn without(exprs: &Exprs, library: &[Abstraction], i: usize) -> Result<Option<Vec<Abstraction>>, ParseError> {
    let mut arena = exprs.fresh();
    let body = arena.parse(&library[i].body, true)?;
    let name = arena.symbol(&library[i].name);
    let mut rest = library[..i].to_vec();
    for a in &library[i + 1..] {
        let e = arena.parse(&a.body, true)?;
        let Some(e) = inline(&mut arena, e, name, library[i].arity, body) else { return Ok(None) };
        rest.push(Abstraction { body: arena.show(e), ..a.clone() });
    }
    Ok(Some(rest))
}

fn inline(arena: &mut Exprs, e: Id, name: Symbol, arity: usize, body: Id) -> Option<Id> {
    let (mut head, mut args) = (e, Vec::new());
    while let Node::App(f, x) = arena.node(head) {
        args.push(x);
        head = f;
    }
    let mut done = Vec::with_capacity(args.len());
    for x in args.into_iter().rev() {
        done.push(inline(arena, x, name, arity, body)?);
    }
    Some(match arena.node(head) {
        Node::Prim(s) if s == name => {
            if done.len() < arity {
                return None;
            }
            let rest = done.split_off(arity);
            let called = arena.instantiate(body, &done, 0);
            arena.apply(called, rest)
        }
        Node::Lam(b, tag) => {
            let b = inline(arena, b, name, arity, body)?;
            let head = arena.add(Node::Lam(b, tag));
            arena.apply(head, done)
        }
        _ => arena.apply(head, done),
    })
}

/// Whether an abstraction of a library can be exchanged: what no library that [`learn`] went through to the end allows.
#[cfg(test)]
pub(super) fn can_exchange(exprs: &Exprs, roots: &[Id], library: &Library, options: &Options) -> bool {
    let mut learner = Learner { exprs, roots, options, effort: Effort::none() };
    let total = library.costs.1 + library.bodies;
    let below = total - total / options.least_part.max(1);
    (0..library.abstractions.len())
        .any(|i| learner.exchange(&library.abstractions, i, below).expect("bodies parse").is_some())
}

/// The cost of a library and the corpus when one abstraction is taken out: written anew, and as the forms foresee it.
#[cfg(test)]
pub(super) fn costs_without(exprs: &Exprs, roots: &[Id], library: &[Abstraction], i: usize) -> Option<(i64, i64)> {
    let query = Query::default();
    let rest = without(exprs, library, i).expect("bodies parse")?;
    let anew = apply(exprs, roots, &rest, &query).expect("bodies parse").cost();
    Some((anew, apply(exprs, roots, library, &query).expect("bodies parse").cost_without(&library[i].name)))
}
