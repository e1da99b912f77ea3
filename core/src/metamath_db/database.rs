//! A loaded database: the source's tables, a tree for every statement, every proof as a DAG.

pub mod syntax_theorems;

use super::grammar::{Grammar, Judgement, Parser, MAX_DEPTH, MAX_VARIABLES};
use super::ids::{AssertionId, HypId, SymbolId, TermId};
use super::proof::{Proofs, StepLabel};
use super::reader::{HypKind, LabelRef, ReadError, ReadErrorKind, Source};
use super::statement::{StatementKey, StatementKeys};
use crate::metamath_db::database::syntax_theorems::SyntaxTheorems;
use crate::metamath_db::judges::kernel::{verify_all, KernelError};
use crate::metamath_db::read_error::ITEMS_A_BYTE;
use crate::metamath_db::read_error::MAX_SOURCE_ITEMS;
use crate::metamath_db::terms::term::{Arena, Children, Head};
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Instant;

/// A statement as a scheme: its mandatory variables are the metavariables `0..variables.len()`, in the order of
/// its `$f` hypotheses.
#[derive(Clone, Debug)]
pub struct Scheme {
    /// The typecode, `|-` for logical statements.
    pub typecode: SymbolId,
    /// Whether the typecode is a provable one (so this can be a proof step's formula).
    pub logical: bool,
    /// The conclusion's tree (of a logical one as a statement, see [`super::grammar::Judgement`]). `None` if it, or a
    /// hypothesis, has none in the grammar (or is too deep).
    pub conclusion: Option<TermId>,
    /// Statements of the `$e` hypotheses with a provable typecode, as a range of [`Database::hyp_terms`]; empty when one
    /// has no tree.
    hyps: Range<u32>,
    /// Terms of the other `$e` hypotheses, which say only of which kind something is; behind `hyps`.
    typings: Range<u32>,
    /// Variables by metavariable number, as a range of a pool.
    variables: Range<u32>,
    /// `$d` pairs of metavariable numbers, smaller first, as a range of a pool.
    disjoint: Range<u32>,
}

/// Most nodes of a term that is written as text.
pub const MAX_SHOWN: u32 = 1 << 20;

/// Most nodes of a proof step's formula: a proof with a larger one is judged by the kernel and left alone otherwise.
pub const MAX_STEP: u32 = 1 << 16;

/// Times of [`Database::load`], in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadSeconds {
    /// Reading the source into tables.
    pub read: f64,
    /// Parsing every statement to a tree.
    pub trees: f64,
    /// Decoding every proof.
    pub proofs: f64,
}

/// A database in memory. Immutable once loaded; shared by threads.
pub struct Database {
    /// Tables of the source.
    pub source: Source,
    /// Productions of the syntax axioms.
    pub grammar: Grammar,
    /// Terms of all statements.
    pub arena: Arena,
    /// Decoded proofs.
    pub proofs: Proofs,
    /// Theorems that say that something is a formula, a class and so on, for shorter syntax proofs.
    pub syntax_theorems: SyntaxTheorems,
    /// Statements that have no tree: label and reason's place.
    pub unparsed: Vec<AssertionId>,
    /// Proofs that the kernel refused, where it was asked ([`Database::load_judged`]).
    pub refused: Vec<KernelError>,
    /// Statements of which something has more than one tree: the first is taken.
    pub several_trees: Vec<AssertionId>,
    /// Number of formulas with more than one tree.
    pub ambiguous: usize,
    /// Times of loading.
    pub seconds: LoadSeconds,
    schemes: Vec<Scheme>,
    hyp_terms: Vec<TermId>,
    variables: Vec<SymbolId>,
    disjoint: Vec<(u16, u16)>,
    essential_trees: Vec<Option<TermId>>,
    keys: OnceLock<Vec<StatementKey>>,
}

impl Database {
    /// Reads a source, parses its statements, decodes its proofs.
    ///
    /// # Errors
    /// The errors of [`Source::read`]; a grammar under which a formula has infinitely many trees, or which takes more
    /// than [`MAX_SOURCE_ITEMS`] to parse. Statements without a tree and proofs that cannot be decoded are not errors:
    /// they are listed in [`Database::unparsed`] and [`Proofs::errors`].
    ///
    /// ```
    /// use metadream_core::metamath_db::database::Database;
    ///
    /// let text = "$c |- wff ( -> ) $. $v p $. wp $f wff p $. wi $a wff ( p -> p ) $. ax $a |- ( p -> p ) $.";
    /// let db = Database::load(text.into()).unwrap();
    /// assert_eq!(db.len(), 2); // the syntax axiom and the logical one
    /// assert!(db.unparsed.is_empty());
    ///
    /// let wrong = Database::load("$c |- $. ax $a |- nothing $.".into()).err().unwrap();
    /// assert!(wrong.to_string().contains("nothing"));
    /// ```
    pub fn load(text: Vec<u8>) -> Result<Database, ReadError> {
        Database::load_with(text, |_, _| Vec::new())
    }
    /// Reads a source whose proofs will be learned from: the kernel checks all of them, on `threads` threads. The
    /// proofs that it refuses are listed in [`Database::refused`] and left out, as if they could not be decoded.
    ///
    /// # Errors
    /// Those of [`Database::load`].
    pub fn load_judged(text: Vec<u8>, threads: usize) -> Result<Database, ReadError> {
        Database::load_with(text, |source, proofs| {
            let errors = verify_all(source, threads).errors;
            errors.iter().for_each(|e| proofs.leave_out(e.theorem));
            errors
        })
    }
    fn load_with(
        text: Vec<u8>,
        judge: impl FnOnce(&Source, &mut Proofs) -> Vec<KernelError>,
    ) -> Result<Database, ReadError> {
        let t0 = Instant::now();
        let source = Source::read(text)?;
        let read = t0.elapsed().as_secs_f64();
        let mut db = Database::parse(source)?;
        db.seconds.read = read;
        let t1 = Instant::now();
        db.proofs = Proofs::decode(&db.source);
        db.refused = judge(&db.source, &mut db.proofs);
        db.syntax_theorems = SyntaxTheorems::new(&db);
        db.seconds.proofs = t1.elapsed().as_secs_f64();
        Ok(db)
    }
    fn parse(source: Source) -> Result<Database, ReadError> {
        let t0 = Instant::now();
        let grammar = Grammar::new(&source);
        if let Some(chain) = grammar.cycle() {
            return Err(cyclic(&source, &chain));
        }
        let n = source.hyps.len();
        let mut db = Database {
            source,
            grammar,
            arena: Arena::new(),
            proofs: Proofs::default(),
            syntax_theorems: SyntaxTheorems::default(),
            unparsed: Vec::new(),
            refused: Vec::new(),
            several_trees: Vec::new(),
            ambiguous: 0,
            seconds: LoadSeconds::default(),
            schemes: Vec::new(),
            hyp_terms: Vec::new(),
            variables: Vec::new(),
            disjoint: Vec::new(),
            essential_trees: vec![None; n],
            keys: OnceLock::new(),
        };
        let mut parser = Parser::default();
        let mut types = Types::new(&db.source);
        for i in 0..db.source.assertions.len() {
            let before = parser.ambiguous;
            db.add_scheme(i.into(), &mut parser, &mut types);
            if parser.ambiguous > before {
                db.several_trees.push(i.into());
            }
            if parser.spent > MAX_SOURCE_ITEMS + ITEMS_A_BYTE * db.source.text.len() as u64 {
                return Err(db.source.error_at(i.into(), ReadErrorKind::GrammarWork));
            }
        }
        db.ambiguous = parser.ambiguous;
        db.seconds.trees = t0.elapsed().as_secs_f64();
        Ok(db)
    }
    fn add_scheme(&mut self, id: AssertionId, parser: &mut Parser, types: &mut Types) {
        types.activate(&self.source, self.source.assertions[id.index()].position);
        let typecode = self.source.typecode(id);
        let logical = self.grammar.is_provable(typecode);
        let frame: Vec<HypId> = self.source.frame(id).to_vec();
        let first_variable = self.variables.len();
        for &h in &frame {
            if let HypKind::Floating { variable } = self.source.hyps[h.index()].kind {
                types.number[variable.index()] = (id.0, (self.variables.len() - first_variable) as u32);
                self.variables.push(variable);
            }
        }
        let few = self.variables.len() - first_variable <= MAX_VARIABLES;
        let range = self.source.assertions[id.index()].expression.clone();
        let number = |types: &Types, v: SymbolId| Some(types.number[v.index()]).filter(|n| n.0 == id.0).map(|n| n.1);
        let conclusion = few.then(|| self.tree(&range, parser, types)).flatten();
        let conclusion = conclusion.map(|t| self.schematic(t, &|v| number(types, v)));
        let first_hyp = self.hyp_terms.len();
        let mut complete = conclusion.is_some();
        let mut typings: Vec<TermId> = Vec::new();
        for &h in &frame {
            if self.source.hyps[h.index()].is_floating() {
                continue;
            }
            if self.essential_trees[h.index()].is_none() && few {
                let range = self.source.hyps[h.index()].expression.clone();
                self.essential_trees[h.index()] = self.tree(&range, parser, types);
            }
            match self.essential_trees[h.index()] {
                Some(t) => {
                    let t = self.schematic(t, &|v| number(types, v));
                    match self.is_typing(h) {
                        true => typings.push(t),
                        false => self.hyp_terms.push(t),
                    }
                }
                None => complete = false,
            }
        }
        let end = self.hyp_terms.len();
        self.hyp_terms.extend(typings);
        if !complete {
            self.hyp_terms.truncate(first_hyp);
            self.unparsed.push(id);
        }
        let first_pair = self.disjoint.len();
        for &(x, y) in self.source.mandatory_disjoint(id).iter().filter(|_| few) {
            if let (Some(x), Some(y)) = (number(types, x), number(types, y)) {
                self.disjoint.push((x.min(y) as u16, x.max(y) as u16));
            }
        }
        self.schemes.push(Scheme {
            typecode,
            logical,
            conclusion: if complete { conclusion } else { None },
            hyps: first_hyp as u32..end.min(self.hyp_terms.len()) as u32,
            typings: end.min(self.hyp_terms.len()) as u32..self.hyp_terms.len() as u32,
            variables: first_variable as u32..self.variables.len() as u32,
            disjoint: first_pair as u32..self.disjoint.len() as u32,
        });
    }
    /// The tree of an expression with database variables as leaves: a statement where its typecode is provable, else a
    /// term.
    fn tree(&mut self, range: &Range<u32>, parser: &mut Parser, types: &Types) -> Option<TermId> {
        let symbols = self.source.expression(range);
        let (judgement, t) = self.grammar.parse_any(symbols, &types.leaf, &mut self.arena, parser)?;
        if self.arena.depth(t) > MAX_DEPTH {
            return None;
        }
        if self.grammar.is_type(judgement.typecode) {
            return Some(t);
        }
        self.grammar.found(judgement);
        self.grammar.judged(judgement, t, &mut self.arena)
    }
    /// Database variables replaced by the metavariable numbers of the scheme under construction.
    fn schematic(&mut self, t: TermId, number: &dyn Fn(SymbolId) -> Option<u32>) -> TermId {
        if let Some(v) = self.arena.head(t).as_variable() {
            return number(v).map_or(t, |i| self.arena.meta(i));
        }
        let old: Children = self.arena.children(t).into();
        if old.is_empty() {
            return t;
        }
        let new: Children = old.iter().map(|&c| self.schematic(c, number)).collect();
        self.arena.make(self.arena.head(t), &new)
    }
    /// The key of each assertion's statement; computed on the first call.
    pub fn statement_keys(&self) -> &[StatementKey] {
        self.keys.get_or_init(|| {
            let mut keys = StatementKeys::default();
            (0..self.len()).map(|i| keys.of(&self.source, i.into())).collect()
        })
    }
    /// Number of assertions.
    pub fn len(&self) -> usize {
        self.schemes.len()
    }
    /// Whether there is no assertion.
    pub fn is_empty(&self) -> bool {
        self.schemes.is_empty()
    }
    /// The scheme of an assertion.
    pub fn scheme(&self, a: AssertionId) -> &Scheme {
        &self.schemes[a.index()]
    }
    /// Whether a `$e` hypothesis says only of which kind something is (`term s`): each substitution's syntax proof proves
    /// it.
    pub fn is_typing(&self, h: HypId) -> bool {
        !self.source.hyps[h.index()].is_floating() && self.grammar.is_type(self.source.hyp_typecode(h))
    }
    /// The tree of a `$e` hypothesis with database variables: a statement, or a term where [`Database::is_typing`].
    pub fn essential_term(&self, h: HypId) -> Option<TermId> {
        self.essential_trees[h.index()]
    }
    /// Whether a hypothesis is a `$e` with a provable typecode.
    pub fn needs_proof(&self, h: HypId) -> bool {
        !self.source.hyps[h.index()].is_floating() && !self.is_typing(h)
    }
    /// Terms of the `$e` hypotheses that [`Database::is_typing`] says so of, in order.
    pub fn typings(&self, a: AssertionId) -> &[TermId] {
        let r = &self.schemes[a.index()].typings;
        &self.hyp_terms[r.start as usize..r.end as usize]
    }
    /// Statements of an assertion's `$e` hypotheses that need a proof, in order: those with a provable typecode.
    pub fn hyps(&self, a: AssertionId) -> &[TermId] {
        let r = &self.schemes[a.index()].hyps;
        &self.hyp_terms[r.start as usize..r.end as usize]
    }
    /// The mandatory variables of an assertion, by metavariable number.
    pub fn variables(&self, a: AssertionId) -> &[SymbolId] {
        let r = &self.schemes[a.index()].variables;
        &self.variables[r.start as usize..r.end as usize]
    }
    /// The mandatory `$d` pairs of an assertion, as metavariable numbers.
    pub fn disjoint(&self, a: AssertionId) -> &[(u16, u16)] {
        let r = &self.schemes[a.index()].disjoint;
        &self.disjoint[r.start as usize..r.end as usize]
    }
    /// All `$e` hypotheses of an assertion as statements, in order.
    pub fn essential_statements(&self, a: AssertionId, arena: &mut Arena) -> Vec<TermId> {
        let (mut hyps, mut typings) = (self.hyps(a).iter(), self.typings(a).iter());
        let statement = |h: HypId| {
            let &t = (if self.is_typing(h) { &mut typings } else { &mut hyps }).next()?;
            let typecode = self.source.hyp_typecode(h);
            match self.is_typing(h) {
                true => self.grammar.judged(Judgement { typecode, formula: typecode }, t, arena),
                false => Some(t),
            }
        };
        self.essentials(a).filter_map(statement).collect()
    }
    /// The `$e` hypotheses of an assertion, in order.
    pub fn essentials(&self, a: AssertionId) -> impl Iterator<Item = HypId> + '_ {
        self.source.frame(a).iter().copied().filter(|h| !self.source.hyps[h.index()].is_floating())
    }
    /// A logical statement with a tree, so one that can be a premise or a task.
    pub fn is_logical(&self, a: AssertionId) -> bool {
        let s = self.scheme(a);
        s.logical && s.conclusion.is_some()
    }
    /// The formulas of one proof's nodes (trees with database variables, made in `arena`, which must have grown
    /// from a clone of [`Database::arena`]), in node order. Also the cross-check of parser and proofs: each step
    /// must fit its hypotheses.
    ///
    /// # Errors
    /// The number of the first node that does not fit, with what was expected.
    pub fn steps(&self, theorem: AssertionId, arena: &mut Arena) -> Result<Vec<TermId>, (usize, &'static str)> {
        let mut terms: Vec<TermId> = Vec::new();
        let mut values: Vec<TermId> = Vec::new();
        for (i, (label, children)) in self.proofs.theorem(theorem).enumerate() {
            let term = match label.get() {
                LabelRef::Hyp(h) => match self.source.hyps[h.index()].kind {
                    HypKind::Floating { variable } => arena.variable(variable),
                    HypKind::Essential => self.essential_trees[h.index()].ok_or((i, "hypothesis without a tree"))?,
                },
                LabelRef::Assertion(a) => {
                    values.clear();
                    let frame = self.source.frame(a);
                    values.extend(
                        frame
                            .iter()
                            .zip(children)
                            .filter(|(h, _)| self.source.hyps[h.index()].is_floating())
                            .map(|(_, &c)| terms[c as usize]),
                    );
                    let (mut hyps, mut typings) = (self.hyps(a).iter(), self.typings(a).iter());
                    for (&h, &c) in frame.iter().zip(children) {
                        let all = if self.is_typing(h) { &mut typings } else { &mut hyps };
                        let scheme = if self.source.hyps[h.index()].is_floating() { None } else { all.next() };
                        if scheme.is_some_and(|&s| arena.instantiate(s, &values) != terms[c as usize]) {
                            return Err((i, "a hypothesis does not fit"));
                        }
                    }
                    let conclusion = self.scheme(a).conclusion.ok_or((i, "statement without a tree"))?;
                    arena.instantiate(conclusion, &values)
                }
            };
            if arena.size(term) > MAX_STEP || arena.depth(term) > 2 * MAX_DEPTH {
                return Err((i, "a formula too large to be worked with"));
            }
            terms.push(term);
        }
        Ok(terms)
    }
    /// A theorem's own variables as terms, by metavariable number: the values that turn its scheme into its goal.
    pub fn own_values(&self, theorem: AssertionId, arena: &mut Arena) -> Vec<TermId> {
        self.variables(theorem).iter().map(|&v| arena.variable(v)).collect()
    }
    /// The text of a statement, its typecode first; metavariables print as `?n`.
    pub fn show_statement(&self, arena: &Arena, t: TermId) -> String {
        let text = self.show(arena, t);
        match self.grammar.provable().first().filter(|_| !arena.head(t).is_judgement()) {
            Some(&main) => format!("{} {text}", self.source.symbol(main)),
            None => text,
        }
    }
    /// The text of a term, of a statement without the main typecode; metavariables print as `?n`. One of more than
    /// [`MAX_SHOWN`] nodes is only named as such.
    pub fn show(&self, arena: &Arena, t: TermId) -> String {
        if arena.size(t) > MAX_SHOWN {
            return format!("[a formula of more than {MAX_SHOWN} parts]");
        }
        let mut out = Vec::new();
        let metas = std::cell::RefCell::new(Vec::new());
        self.grammar.print(arena, t, &mut out, &|head, out| match head.as_variable() {
            Some(v) => out.push(v),
            None => {
                metas.borrow_mut().push(head.as_meta().unwrap_or(0));
                out.push(SymbolId(u32::MAX));
            }
        });
        let mut next = metas.into_inner().into_iter();
        let word = |s: &SymbolId| match s.0 {
            u32::MAX => format!("?{}", next.next().unwrap_or(0)),
            _ => self.source.symbol(*s).to_owned(),
        };
        out.iter().map(word).collect::<Vec<_>>().join(" ")
    }
    /// Number of a proof's logical steps, each DAG node once, quoted hypotheses not counted.
    pub fn proof_length(&self, theorem: AssertionId) -> usize {
        let logical = |label: StepLabel| matches!(label.get(), LabelRef::Assertion(a) if self.scheme(a).logical);
        self.proofs.theorem(theorem).filter(|(label, _)| logical(*label)).count()
    }
}

/// The refusal of a grammar in which `chain` leads from a typecode to itself.
fn cyclic(source: &Source, chain: &[AssertionId]) -> ReadError {
    let last = chain.iter().copied().max().unwrap_or(chain[0]); // what stands last in the file closes the circle
    let names: Vec<String> = chain.iter().filter(|&&a| a != last).map(|&a| format!("`{}`", source.label(a))).collect();
    let with = if names.is_empty() { String::new() } else { format!(" (with {})", names.join(", ")) };
    let typecode = source.symbol(source.typecode(last)).to_owned();
    source.error_at(last, ReadErrorKind::CyclicGrammar(source.label(last).to_owned(), typecode, with))
}

/// Typecodes of the variables as one walks down the file.
struct Types {
    leaf: Vec<Option<(SymbolId, TermId)>>,
    floats: Vec<HypId>,
    next: usize,
    local: Vec<HypId>,
    /// By symbol: an assertion and the variable's number in it.
    number: Vec<(u32, u32)>,
}

impl Types {
    fn new(source: &Source) -> Types {
        let floats = (0..source.hyps.len()).map(HypId::from).filter(|h| source.hyps[h.index()].is_floating());
        Types {
            leaf: vec![None; source.symbols.len()],
            floats: floats.collect(),
            next: 0,
            local: Vec::new(),
            number: vec![(u32::MAX, 0); source.symbols.len()],
        }
    }
    fn activate(&mut self, source: &Source, position: u32) {
        self.local.retain(|h| source.hyps[h.index()].active_until > position);
        while let Some(&h) = self.floats.get(self.next) {
            let hyp = &source.hyps[h.index()];
            if hyp.position >= position {
                break;
            }
            if let HypKind::Floating { variable } = hyp.kind {
                self.leaf[variable.index()] = Some((source.hyp_typecode(h), TermId(u32::MAX)));
            }
            self.next += 1;
        }
    }
}

impl Grammar {
    /// Parses a typed expression (typecode first): what is said of it, and its formula. After a typecode of the grammar comes
    /// a term of this kind; after a provable one a formula of the main kind if it can be one, else of the first that it can.
    pub fn parse_any(
        &self,
        symbols: &[SymbolId],
        leaf: &[Option<(SymbolId, TermId)>],
        arena: &mut Arena,
        parser: &mut Parser,
    ) -> Option<(Judgement, TermId)> {
        let (&typecode, body) = symbols.split_first()?;
        let mut variables: Vec<(SymbolId, SymbolId, TermId)> = body
            .iter()
            .filter_map(|&s| leaf[s.index()].map(|(t, _)| (s, t, arena.make(Head::variable(s), &[]))))
            .collect();
        variables.sort_unstable_by_key(|v| v.0);
        let find =
            |s: SymbolId| variables.binary_search_by_key(&s, |v| v.0).ok().map(|i| (variables[i].1, variables[i].2));
        if self.is_type(typecode) {
            let t = self.parse(body, typecode, &find, arena, parser)?;
            return Some((Judgement { typecode, formula: typecode }, t));
        }
        if !self.is_provable(typecode) {
            return None;
        }
        let main = self.main_formula();
        let others = self.types().iter().copied().filter(|&t| Some(t) != main);
        let formulas: Vec<SymbolId> = main.into_iter().chain(others).collect();
        let (formula, t) = self.parse_as(body, &formulas, &find, arena, parser)?;
        Some((Judgement { typecode, formula }, t))
    }
}
