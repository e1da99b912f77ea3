//! Lemmas that a database's maintainers might take: candidates from the learner, sifted, measured one beside the other.
//!
//! The learner's lemmas are unfolded, so that each stands for itself. What exists already is left out; what exists in
//! another form is marked ([`super::variants`]). Then every proof outside mathboxes is tried with all that is left ([`crate::compression::reuse::missed`]),
//! so uses are counted by formulas and bytes are real; each saving belongs to the lemma whose use made it.

use super::neighbours::Neighbours;
use super::setmm::{block_text, edits, Edits};
use super::variants::{Connectives, Variant};
use crate::compression::corpus::CorpusItem;
use crate::compression::lemmas::export::ExportError;
use crate::compression::lemmas::instance::{first_after, Places};
use crate::compression::lemmas::learn::{learn, Options};
use crate::compression::lemmas::passes::human_corpus;
use crate::compression::reuse::missed::{Missed, Options as MissedOptions, Place, Premises, Shorter, Worker};
use crate::dsl::theory::library::{canonical_key, Lemma, PremiseId, Proof, Rule, Task, Theory};
use crate::metamath_db::ids::{AssertionId, HypId, SymbolId, TermId};
use crate::metamath_db::terms::term::Arena;
use rustc_hash::{FxHashMap, FxHashSet};

/// Why a candidate is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Left {
    /// Its proof uses what is marked "(New usage is discouraged.)".
    Discouraged,
    /// It is an instance of a theorem that stands before its place or behind it.
    Exists,
    /// Its proof did not verify.
    Refused,
}

/// A lemma with what is known of it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Steps that apply it.
    pub uses: usize,
    /// Theorems whose proofs use it.
    pub sites: usize,
    /// Sections (innermost headings, by number) of these.
    pub sections: Vec<u32>,
    /// Bytes that its uses save, labels and letters.
    pub gross: usize,
    /// Bytes of its text with comment, runs of white space counted as one.
    pub text: usize,
}

/// A theory whose library is the proposals, and the proofs that they shorten.
pub struct Proposals {
    /// The database with the proposed lemmas.
    pub theory: Theory,
    /// By lemma an assertion that another form of it (closed, inference, deduction) is an instance of.
    pub variant_of: Vec<Option<Variant>>,
    /// How many candidates were left out, by reason.
    pub left: Vec<(Left, usize)>,
    /// Proofs that a run found for theorems that have none in the database, lemmas unfolded.
    found: Vec<(Task, Proof)>,
    shortened: Vec<(AssertionId, Shorter)>,
    arena: Arena,
}

/// Candidates from the human proofs of some theorems. Those in mathboxes, and those marked as to be kept, are no part of
/// it.
pub fn learned(theory: &Theory, within: impl Fn(AssertionId) -> bool, options: &Options) -> Proposals {
    let mut new = theory.clone();
    let premises = Premises::new(theory, MissedOptions { effort: 4096, ..MissedOptions::default() });
    let corpus: Vec<(CorpusItem, Proof)> = {
        let missed = Missed::with(theory, &premises);
        let usable = |a: AssertionId| missed.may_change(a) && !missed.in_mathbox(a) && within(a);
        human_corpus(theory).into_iter().filter(|(item, _)| usable(item.limit)).collect()
    };
    let mut left: FxHashMap<Left, usize> = FxHashMap::default();
    let mut worker = Worker::new(Arena::new());
    learn(&mut new, &corpus, options, &mut |t, arena, lemma| {
        std::mem::swap(arena, &mut worker.arena);
        let verdict = sift(t, &premises, lemma, &mut worker);
        std::mem::swap(arena, &mut worker.arena);
        let verdict = verdict.or_else(|| t.check_lemma(lemma, arena).err().map(|_| Left::Refused));
        verdict.iter().for_each(|&v| *left.entry(v).or_insert(0) += 1);
        verdict.is_none()
    });
    finished(new, &premises, left)
}

/// Candidates from a theory's own library, as a run has learned it, with the proofs that the run found; their terms are in
/// the theory's arena. Of theorems that the database proves, its own proofs count.
pub fn from_library(theory: &Theory, found: &[(Task, Proof)]) -> Proposals {
    let premises = Premises::new(theory, MissedOptions { effort: 4096, ..MissedOptions::default() });
    let mut left: FxHashMap<Left, usize> = FxHashMap::default();
    let mut new = theory.clone();
    new.lemmas = unfolded(&mut new);
    // a copy of the grown arena: the unfolded lemmas' terms are there, and not all of them in the theory's
    let mut worker = Worker::new(new.arena.clone());
    new.lemmas.retain(|lemma| {
        let verdict = sift(theory, &premises, lemma, &mut worker);
        verdict.iter().for_each(|&v| *left.entry(v).or_insert(0) += 1);
        verdict.is_none()
    });
    let open = |task: &Task| theory.db.proofs.nodes.get(task.limit.index()).is_some_and(std::ops::Range::is_empty);
    let found = found.iter().filter(|x| open(&x.0)).map(|(task, proof)| (task.clone(), theory.unfold(proof)));
    Proposals { found: found.collect(), ..finished(new, &premises, left) }
}

fn finished(mut theory: Theory, premises: &Premises, left: FxHashMap<Left, usize>) -> Proposals {
    theory.lemmas = unfolded(&mut theory);
    let connectives = Connectives::new(&theory);
    let missed = Missed::with(&theory, premises);
    let mut worker = Worker::new(theory.arena.clone());
    let variant = |l: &Lemma| {
        let task = theory.lemma_task(l, &mut worker.arena);
        connectives.variant(&missed, &task, &mut worker)
    };
    let variant_of = theory.lemmas.iter().map(variant).collect();
    let mut left: Vec<_> = left.into_iter().collect();
    left.sort_unstable();
    Proposals { theory, variant_of, left, found: Vec::new(), shortened: Vec::new(), arena: Arena::new() }
}

/// All lemmas with proofs over assertions of the database, each at the place that this allows, with readable variables.
fn unfolded(theory: &mut Theory) -> Vec<Lemma> {
    let places = Places::new(theory);
    let mut arena = std::mem::take(&mut theory.arena);
    let one = |l: &Lemma| {
        let proof = theory.unfold(&l.proof);
        let premises = proof.steps.iter().filter_map(|s| match s.rule {
            Rule::Premise(p) => Some(theory.block(p)),
            Rule::Hyp(_) => None,
        });
        let block = premises.max().unwrap_or(0).max(l.block);
        readable(theory, &mut arena, &places, &Lemma { proof, block, ..l.clone() })
    };
    let out = theory.lemmas.iter().map(one).collect();
    theory.arena = arena;
    out
}

/// A lemma whose variables are, as far as there are enough, those with names of one or two letters (`A`, `ph`), in file
/// order.
fn readable(theory: &Theory, arena: &mut Arena, places: &Places, l: &Lemma) -> Lemma {
    let position = places.position(l.block);
    let name = |v: SymbolId| theory.db.source.symbol(v);
    let lettered = |v: SymbolId| name(v).len() <= 2 && name(v).bytes().all(|c| c.is_ascii_alphabetic());
    let mut taken: FxHashMap<SymbolId, usize> = FxHashMap::default();
    let mut chosen: Vec<(HypId, SymbolId, usize)> = Vec::with_capacity(l.variables.len());
    for (old, &v) in l.variables.iter().enumerate() {
        let Some(typecode) = theory.typecode(v) else { return l.clone() };
        let mut all: Vec<(HypId, SymbolId)> = places.variables(typecode, position).collect();
        all.sort_by_key(|x| !lettered(x.1));
        let next = taken.entry(typecode).or_insert(0);
        let Some(&(float, variable)) = all.get(*next) else { return l.clone() };
        *next += 1;
        chosen.push((float, variable, old));
    }
    chosen.sort_unstable();
    let mut values = vec![TermId(0); chosen.len()];
    let mut number = vec![0u16; chosen.len()];
    for (new, &(_, _, old)) in chosen.iter().enumerate() {
        values[old] = arena.meta(new as u32);
        number[old] = new as u16;
    }
    let pair = |&(x, y): &(u16, u16)| {
        let (x, y) = (number[x as usize], number[y as usize]);
        (x.min(y), x.max(y))
    };
    let mut disjoint: Vec<(u16, u16)> = l.disjoint.iter().map(pair).collect();
    disjoint.sort_unstable();
    Lemma {
        conclusion: arena.instantiate(l.conclusion, &values),
        hyps: l.hyps.iter().map(|&h| arena.instantiate(h, &values)).collect(),
        variables: chosen.iter().map(|c| c.1).collect(),
        disjoint,
        ..l.clone()
    }
}

/// Why a lemma is no proposal; `None` if it is one.
fn sift(theory: &Theory, premises: &Premises, lemma: &Lemma, worker: &mut Worker) -> Option<Left> {
    let source = &theory.db.source;
    let discouraged = |p: PremiseId| {
        p.index() < theory.db.len() && source.comment_says(AssertionId(p.0), "(New usage is discouraged.)")
    };
    let mut used = lemma.proof.steps.iter().filter_map(|s| match s.rule {
        Rule::Premise(p) => Some(p),
        Rule::Hyp(_) => None,
    });
    if used.any(discouraged) {
        return Some(Left::Discouraged);
    }
    let missed = Missed::with(theory, premises);
    let mark = worker.arena.len();
    let task = theory.lemma_task(lemma, &mut worker.arena);
    let found = missed.one_step(&task, worker).map(|_| Left::Exists);
    worker.arena.truncate(mark);
    found
}

impl Proposals {
    /// Keeps these of the lemmas, in this order, under these names.
    pub fn keep(&mut self, chosen: &[(usize, String)]) {
        let all = std::mem::take(&mut self.theory.lemmas);
        let named = |(i, name): &(usize, String)| Some(Lemma { name: name.clone(), ..all.get(*i)?.clone() });
        self.theory.lemmas = chosen.iter().filter_map(named).collect();
        let variants = std::mem::take(&mut self.variant_of);
        self.variant_of = chosen.iter().filter_map(|c| variants.get(c.0).copied()).collect();
        self.shortened.clear();
    }
    /// Shortens all proofs outside mathboxes by the lemmas, and counts what each lemma gives. A proof that would use a
    /// discouraged theorem less often than before stays as it is, so that set.mm's list of these uses stays too.
    pub fn measure(&mut self, threads: usize) -> Vec<Figures> {
        let options = MissedOptions { lemmas_only: true, ..MissedOptions::default() };
        let mut out = vec![Figures::default(); self.theory.lemmas.len()];
        let found = {
            let missed = Missed::new(&self.theory, options);
            let all: Vec<AssertionId> = (0..self.theory.db.len())
                .map(AssertionId::from)
                .filter(|&a| missed.may_change(a) && !missed.in_mathbox(a))
                .collect();
            let one = |&a: &AssertionId, w: &mut Worker| {
                let shorter = missed.theorem(a, w).filter(|s| !s.used.is_empty() && !self.drops_discouraged(a, s))?;
                let formulas = Terms::copied(&shorter, &w.arena, self.theory.arena.len());
                Some((a, shorter, formulas))
            };
            let mut found = missed.all(&all, threads, one);
            found
                .extend(missed.all(&self.found, threads, |(task, proof), w| self.found_proof(&missed, task, proof, w)));
            found
        };
        let mut arena = self.theory.arena.clone();
        self.shortened.clear();
        for (a, mut shorter, terms) in found.into_iter().flatten() {
            terms.into_arena(&mut shorter, &mut arena);
            self.count(a, &shorter, &mut out);
            self.shortened.push((a, shorter));
        }
        self.arena = arena;
        out
    }
    /// A proof that a run found, made shorter; `None` too where its theorem's place lacks a `$d` condition that it needs.
    fn found_proof(
        &self,
        missed: &Missed<'_>,
        task: &Task,
        proof: &Proof,
        w: &mut Worker,
    ) -> Option<(AssertionId, Shorter, Terms)> {
        let a = task.limit;
        if missed.in_mathbox(a) {
            return None;
        }
        let steps = self.theory.elaborate(task, proof, &mut w.arena).ok()?;
        let place = Place::theorem(&self.theory, a, &mut w.arena);
        let holds = |pair| place.disjoint.binary_search(pair).is_ok();
        if !self.theory.needed_disjoint(&steps, &w.arena).iter().all(holds) {
            return None;
        }
        let formulas: Vec<TermId> = steps.iter().map(|s| s.formula).collect();
        let shorter = missed.shorten(&place, proof, &formulas, w).filter(|s| !s.used.is_empty())?;
        let terms = Terms::copied(&shorter, &w.arena, self.theory.arena.len());
        Some((a, shorter, terms))
    }
    fn drops_discouraged(&self, a: AssertionId, shorter: &Shorter) -> bool {
        let source = &self.theory.db.source;
        let marked = |proof: &Proof| {
            let mut out: Vec<u32> = proof
                .steps
                .iter()
                .filter_map(|s| match s.rule {
                    Rule::Premise(p) if p.index() < self.theory.db.len() => Some(p.0),
                    _ => None,
                })
                .filter(|&p| source.comment_says(AssertionId(p), "(New usage is discouraged.)"))
                .collect();
            out.sort_unstable();
            out.dedup();
            out
        };
        let old = self.theory.human_proof(a).unwrap_or_default();
        marked(&old) != marked(&shorter.proof)
    }
    fn count(&self, a: AssertionId, shorter: &Shorter, out: &mut [Figures]) {
        let first = self.theory.db.len();
        for (p, gain) in shorter.used.iter().zip(&shorter.gains) {
            out[p.index() - first].gross += gain;
        }
        let mut seen = FxHashSet::default();
        for s in &shorter.proof.steps {
            let Rule::Premise(p) = s.rule else { continue };
            let Some(i) = p.index().checked_sub(first) else { continue };
            out[i].uses += 1;
            if seen.insert(i) {
                out[i].sites += 1;
                let section = self.theory.db.source.assertions[a.index()].section;
                if !out[i].sections.contains(&section) {
                    out[i].sections.push(section);
                }
            }
        }
    }
    /// Theorems whose proofs use a lemma, in file order.
    pub fn users(&self, lemma: usize) -> Vec<AssertionId> {
        let p = PremiseId((self.theory.db.len() + lemma) as u32);
        let uses = |s: &Shorter| s.proof.steps.iter().any(|s| s.rule == Rule::Premise(p));
        self.shortened.iter().filter(|x| uses(&x.1)).map(|x| x.0).collect()
    }
    /// The text of each lemma's block, with these comments.
    ///
    /// # Errors
    /// The first lemma that cannot be written.
    pub fn texts(&self, comments: &[String]) -> Result<Vec<String>, ExportError> {
        let places = Places::new(&self.theory);
        let mut arena = self.theory.arena.clone();
        let write = |(l, c): (&Lemma, &String)| block_text(&self.theory, &places, &mut arena, l, c);
        self.theory.lemmas.iter().zip(comments).map(write).collect()
    }
    /// All changes of the database's text: lemmas with these comments put in, and the proofs that they shorten.
    ///
    /// # Errors
    /// The first lemma or proof that cannot be written.
    pub fn edits(&self, comments: &[String]) -> Result<Edits, ExportError> {
        edits(&self.theory, &self.arena, &self.texts(comments)?, &self.shortened)
    }
    /// The assertion whose statement is most like a lemma's, and how like (0 to 1).
    pub fn nearest(&self) -> Vec<Option<(AssertionId, f64)>> {
        let all = Neighbours::new(&self.theory);
        let lemmas = self.theory.lemmas.iter();
        lemmas.map(|l| all.nearest(&self.theory, &self.theory.arena, (l.conclusion, &l.hyps, &l.variables))).collect()
    }
    /// By lemma the first assertion that states the same under other `$d` conditions, up to names of variables and the
    /// order of hypotheses, and whether the lemma has fewer of them.
    pub fn twins(&self) -> Vec<Option<(AssertionId, bool)>> {
        let theory = &self.theory;
        let mut first: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        for p in 0..theory.db.len() as u32 {
            if let Some(x) = theory.premise(PremiseId(p)).filter(|_| theory.is_proved(PremiseId(p))) {
                first.entry(canonical_key(&theory.arena, x.conclusion, x.hyps)).or_insert(p);
            }
        }
        let twin = |l: &Lemma| {
            let p = *first.get(&canonical_key(&theory.arena, l.conclusion, &l.hyps))?;
            let theirs = theory.premise(PremiseId(p))?.disjoint.len();
            Some((AssertionId(p), l.disjoint.len() < theirs))
        };
        theory.lemmas.iter().map(twin).collect()
    }
    /// Whether a theorem concludes what a lemma concludes, up to the names of variables: under antecedents that are
    /// variables, if they have such.
    pub fn concludes(&self, lemma: usize, theorem: AssertionId) -> bool {
        let arena = &self.theory.arena;
        let connectives = Connectives::new(&self.theory);
        let stated = |t: TermId| {
            let under = connectives.parts(arena, t).filter(|p| arena.head(p.0).as_meta().is_some());
            canonical_key(arena, under.map_or(t, |p| p.1), &[])
        };
        let theirs = self.theory.premise(theorem.into()).map(|x| stated(x.conclusion));
        theirs.is_some_and(|key| key == stated(self.theory.lemmas[lemma].conclusion))
    }
    /// The first assertion behind a lemma's place.
    pub fn before(&self, lemma: usize) -> AssertionId {
        first_after(&self.theory, self.theory.lemmas[lemma].block)
    }
}

/// Terms of one proof taken out of a worker's arena.
struct Terms {
    arena: Arena,
    map: FxHashMap<u32, TermId>,
    base: usize,
}

impl Terms {
    /// Copies what lies behind `base` in the worker's arena, as it is about to be forgotten.
    fn copied(shorter: &Shorter, from: &Arena, base: usize) -> Terms {
        let mut out = Terms { arena: Arena::new(), map: FxHashMap::default(), base };
        let terms = shorter.steps.iter().flat_map(|s| s.values.iter().chain([&s.formula]));
        for &t in terms.filter(|t| t.index() >= base) {
            if !out.map.contains_key(&t.0) {
                let copy = out.arena.import(from, t);
                out.map.insert(t.0, copy);
            }
        }
        out
    }
    fn into_arena(self, shorter: &mut Shorter, arena: &mut Arena) {
        let place = |t: &mut TermId, arena: &mut Arena| {
            if t.index() >= self.base {
                *t = arena.import(&self.arena, self.map[&t.0]);
            }
        };
        for s in &mut shorter.steps {
            s.values.iter_mut().for_each(|t| place(t, arena));
            place(&mut s.formula, arena);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::theory::library::Step;
    use crate::metamath_db::database::Database;
    use std::sync::Arc;

    /// Readable variables put the class first, so that the lemma's terms are new.
    #[test]
    fn a_library_whose_terms_are_new_is_sifted() {
        let text = "$c wff class ( ) -> = |- $. $v long A p $. wl $f wff long $. cA $f class A $. wp $f wff p $.
            wi $a wff ( long -> p ) $. wceq $a wff A = A $. ax $a |- ( long -> A = A ) $.";
        let mut theory = Theory::new(Arc::new(Database::load(text.as_bytes().to_vec()).unwrap()));
        let ax = theory.find("ax").unwrap();
        let premise = theory.premise(ax).unwrap();
        let proof = Proof { steps: vec![Step { rule: Rule::Premise(ax), children: Default::default() }] };
        let lemma = Lemma {
            name: "lemma1".to_owned(),
            conclusion: premise.conclusion,
            hyps: Vec::new(),
            variables: premise.variables.to_vec(),
            disjoint: Vec::new(),
            proof,
            block: theory.block(ax),
        };
        theory.lemmas.push(lemma);
        let proposals = from_library(&theory, &[]);
        assert!(proposals.theory.lemmas.is_empty());
        assert_eq!(proposals.left, [(Left::Exists, 1)]);
    }
}
