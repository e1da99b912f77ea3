//! A library for a corpus: the best abstraction again and again, then each once more beside all the others.
//!
//! After each abstraction the corpus is rewritten as a whole ([`super::rewrite`]). When the library is full, abstractions
//! that no other one names are taken out one at a time, the corpus is rewritten with the rest, and the search says what
//! is best in that place; what costs less (corpus and bodies together) stays. This ends: the cost falls each time.

use super::corpus::Corpus;
use super::expr::{Exprs, Id, ParseError};
use super::rewrite::{Abstraction, Forms};
use super::search::{search, Effort, Query};

/// How a library is made.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most abstractions.
    pub count: usize,
    /// What is searched for each time.
    pub query: Query,
    /// How often the whole library is gone through again.
    pub rounds: usize,
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
    /// What all searches did together.
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

/// All programs with a library, in the order in which it stands.
pub fn apply(exprs: &Exprs, roots: &[Id], library: &[Abstraction]) -> Result<Forms, ParseError> {
    let mut forms = Forms::new(exprs.clone(), roots.to_vec());
    for a in library {
        forms.add(a)?;
    }
    Ok(forms)
}

/// Learns a library from programs.
pub fn learn(exprs: &Exprs, roots: &[Id], options: &Options) -> Result<Library, ParseError> {
    let before = roots.iter().map(|&r| exprs.cost(r)).sum();
    let mut learner = Learner { exprs, roots, options, effort: Effort { complete: true, ..Effort::default() } };
    let mut forms = Forms::new(exprs.clone(), roots.to_vec());
    let mut library: Vec<Abstraction> = Vec::new();
    while library.len() < options.count {
        let Some((a, _)) = learner.best(&forms, &library, options.query.above) else { break };
        forms.add(&a)?;
        library.push(a);
    }
    let mut total = forms.cost() + bodies(exprs, &library)?;
    for _ in 0..options.rounds {
        let mut gained = false;
        for i in (0..library.len()).rev() {
            if let Some((better, cost)) = learner.exchange(&library, i, total)? {
                (library, total, gained) = (better, cost, true);
            }
        }
        if !gained {
            break;
        }
    }
    let after = apply(exprs, roots, &library)?.cost();
    let bodies = bodies(exprs, &library)?;
    Ok(Library { abstractions: library, costs: (before, after), bodies, effort: learner.effort })
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
    fn best(&mut self, forms: &Forms, library: &[Abstraction], above: i64) -> Option<(Abstraction, i64)> {
        let (exprs, roots) = forms.rewritten();
        let query = Query { above, ..self.options.query.clone() };
        let reusable = |exprs: &Exprs| (0..exprs.len() as Id).map(|e| query.reusable(exprs, e)).collect::<Vec<_>>();
        let reusable = reusable(&exprs);
        let corpus = Corpus::new(exprs, roots, query.arity, |e| reusable[e as usize]);
        let (found, effort) = search(&corpus, &query);
        self.effort.expanded += effort.expanded;
        self.effort.finished += effort.finished;
        self.effort.complete &= effort.complete;
        let best = found.into_iter().next()?;
        let name = fresh_name(self.exprs, library);
        Some((Abstraction { name, arity: best.arity, body: best.body }, best.utility))
    }
    /// The library with its `i`-th abstraction replaced by the best one beside the others, if that costs less in all.
    fn exchange(
        &mut self,
        library: &[Abstraction],
        i: usize,
        total: i64,
    ) -> Result<Option<(Vec<Abstraction>, i64)>, ParseError> {
        let named = |a: &Abstraction| a.body.split(['(', ')', ' ']).any(|t| t == library[i].name);
        if library[i + 1..].iter().any(named) {
            return Ok(None);
        }
        let mut rest = library.to_vec();
        rest.remove(i);
        let forms = apply(self.exprs, self.roots, &rest)?;
        let without = forms.cost() + bodies(self.exprs, &rest)?;
        let Some((a, _)) = self.best(&forms, library, (without - total).max(0)) else { return Ok(None) };
        rest.push(a);
        let cost = apply(self.exprs, self.roots, &rest)?.cost() + bodies(self.exprs, &rest)?;
        Ok((cost < total).then_some((rest, cost)))
    }
}
