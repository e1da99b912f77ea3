//! Models independent of the database that they were trained on: statements by content, and how a model is fitted to
//! another database.
//!
//! A premise of the database gets the weights of the model's statement with the same content ([`StatementKey`]);
//! labels, comments, proofs and places may differ. A statement that the model does not have is ranked like the most
//! similar one of the model (by the cosine of the features of statement and comment, ties by place), and has no uses.

use super::column::{Column, Postings};
use super::examples::Habits;
use super::features::{Codes, Featurizer};
use super::ranker::{Network, Ranker, DIM};
use crate::dsl::theory::library::{PremiseId, Theory};
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::{AssertionId, SymbolId};
use crate::metamath_db::statement::StatementKey;
use crate::wake_sleep::ranking::skeletons::{LikenessColumns, Skeletons};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The mark for "no statement".
const NONE: u32 = u32::MAX;

/// In [`Statements::flags`]: the proof was in the training data of some stage.
pub const SEEN: u8 = 1;
/// In [`Statements::flags`]: the proof was in the training data of the first stage, so its premises were counted.
pub const COUNTED: u8 = 2;

/// The statements of the database that a model was trained on, in file order.
#[derive(Clone, Default)]
pub struct Statements {
    /// The key of each statement's content, 16 bytes each.
    pub keys: Column<u8>,
    /// The labels, each with a line end. They distinguish statements with the same content.
    pub labels: Column<u8>,
    /// The flags of each statement's proof.
    pub flags: Column<u8>,
    /// The number of uses of each statement in the first stage's training proofs.
    pub uses: Column<u32>,
    /// The typecodes with their numbers, one on each line.
    pub typecodes: Column<u8>,
    /// The features of the statements, which find the most similar one.
    pub alike: Postings,
    /// The number of features of each statement.
    pub lengths: Column<u32>,
}

/// The correspondence between the statements of a database and of a model.
pub struct Matched {
    /// For each assertion of the database, the model's number.
    model: Vec<u32>,
    /// For each statement of the model, the assertion.
    own: Vec<u32>,
}

impl Matched {
    /// The share of the database's statements that the model has.
    pub fn share(&self) -> f64 {
        let known = self.model.iter().filter(|&&m| m != NONE).count();
        known as f64 / self.model.len().max(1) as f64
    }
    /// The database's assertion for a statement of the model, if there is one.
    pub fn own(&self, statement: u32) -> Option<AssertionId> {
        self.own.get(statement as usize).filter(|&&a| a != NONE).map(|&a| AssertionId(a))
    }
    /// Whether the database has exactly the model's statements, in the same order.
    fn is_identity(&self) -> bool {
        self.model.len() == self.own.len() && self.model.iter().zip(0..).all(|(&m, i)| m == i)
    }
}

impl Statements {
    /// The statements of a database, with the flags of each assertion's proof and its number of uses.
    pub fn of(theory: &Theory, featurizer: &Featurizer, flags: Vec<u8>, uses: &[u32]) -> Statements {
        let db = &theory.db;
        let mut labels = Vec::new();
        for i in 0..db.len() {
            labels.extend_from_slice(db.source.label(i.into()).as_bytes());
            labels.push(b'\n');
        }
        let (mut pairs, mut lengths, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for p in 0..db.len() as u32 {
            featurizer.premise(theory, PremiseId(p), &mut row);
            lengths.push(row.len() as u32);
            pairs.extend(row.iter().map(|&f| (f, p)));
        }
        Statements {
            keys: db.statement_keys().iter().flat_map(|k| k.0).collect::<Vec<u8>>().into(),
            labels: labels.into(),
            flags: flags.into(),
            uses: uses[..db.len()].to_vec().into(),
            typecodes: typecodes(theory)
                .map(|(name, n)| format!("{n} {name}\n"))
                .collect::<String>()
                .into_bytes()
                .into(),
            alike: Postings::new(pairs),
            lengths: lengths.into(),
        }
    }
    /// The number of statements.
    pub fn len(&self) -> usize {
        self.flags.len()
    }
    /// Whether there are no statements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether the columns fit together.
    pub fn is_sound(&self) -> bool {
        let n = self.len();
        self.keys.len() == 16 * n
            && self.uses.len() == n
            && self.lengths.len() == n
            && self.alike.is_sound(n)
            && self.labels.iter().filter(|&&b| b == b'\n').count() == n
    }
    /// Matches the statements of a database by content. Of several with the same content, the one with the same label
    /// is taken, else the next in file order.
    pub fn matched(&self, db: &Database) -> Matched {
        let keys = self.keys.as_chunks::<16>().0;
        let (own, n) = (db.statement_keys(), self.len());
        let mut m = Matched { model: vec![NONE; own.len()], own: vec![NONE; n] };
        if own.len() == n && own.iter().zip(keys).all(|(a, b)| a.0 == *b) {
            // Statements with the same content may have exchanged places, which changes nothing here.
            m.model = (0..n as u32).collect();
            m.own.clone_from(&m.model);
            return m;
        }
        let labels: Vec<&[u8]> = self.labels.split(|&b| b == b'\n').collect();
        let mut places: FxHashMap<StatementKey, Vec<u32>> = FxHashMap::default();
        for (k, i) in keys.iter().zip(0..) {
            places.entry(StatementKey(*k)).or_default().push(i);
        }
        for by_label in [true, false] {
            for (i, key) in own.iter().enumerate().filter(|(i, _)| m.model[*i] == NONE).collect::<Vec<_>>() {
                let label = db.source.label(i.into()).as_bytes();
                let free = |&&n: &&u32| m.own[n as usize] == NONE && (!by_label || labels[n as usize] == label);
                if let Some(&n) = places.get(key).and_then(|all| all.iter().find(free)) {
                    (m.model[i], m.own[n as usize]) = (n, i as u32);
                }
            }
        }
        m
    }
    /// For each premise of a theory, the statement like which it is ranked.
    fn ranked_as(&self, theory: &Theory, featurizer: &Featurizer, matched: &Matched) -> Vec<u32> {
        let mut row = Vec::new();
        let mut common = vec![0u32; self.len()];
        let mut alike = |p: u32| {
            featurizer.premise(theory, PremiseId(p), &mut row);
            common.fill(0);
            for at in row.iter().filter_map(|&f| self.alike.find(f)) {
                self.alike.run(at).iter().for_each(|&i| common[i as usize] += 1);
            }
            let mut best = (0.0f64, 0u32);
            for (i, &n) in common.iter().enumerate().filter(|x| *x.1 > 0) {
                let cosine = f64::from(n) / ((row.len() * self.lengths[i] as usize) as f64).sqrt().max(1.0);
                if cosine > best.0 {
                    best = (cosine, i as u32);
                }
            }
            best.1
        };
        let known = |p: u32| matched.model.get(p as usize).copied().filter(|&m| m != NONE);
        (0..theory.len() as u32).map(|p| known(p).unwrap_or_else(|| alike(p))).collect()
    }
    /// The model's numbers for the assertions and typecodes of a database.
    fn codes(&self, theory: &Theory, matched: &Matched) -> Codes {
        let text = String::from_utf8_lossy(&self.typecodes);
        let known: FxHashMap<&str, u32> = text
            .lines()
            .filter_map(|l| l.split_once(' '))
            .filter_map(|(n, name)| Some((name, n.parse().ok()?)))
            .collect();
        let mut out = Codes::default();
        if typecodes(theory).any(|(name, n)| known.get(name) != Some(&n)) {
            let symbols = &theory.db.source.symbols;
            let mut numbers: Vec<u32> = (0..symbols.len() as u32).collect();
            for (name, n) in typecodes(theory) {
                numbers[n as usize] =
                    known.get(name).copied().unwrap_or_else(|| unknown(blake3::hash(name.as_bytes()).as_bytes()));
            }
            out.typecodes = Arc::new(numbers);
        }
        if !matched.is_identity() {
            let keys = theory.db.statement_keys();
            let number = |(&m, key): (&u32, &StatementKey)| if m == NONE { unknown(&key.0) } else { m };
            out.assertions = Arc::new(matched.model.iter().zip(keys).map(number).collect());
        }
        out
    }
}

/// The number in features of an assertion or typecode that the model does not have.
fn unknown(hash: &[u8]) -> u32 {
    hash.iter().take(4).fold(0, |n, &b| n << 8 | u32::from(b)) | 1 << 31
}

/// The typecodes of variables, without repetition, with their numbers.
fn typecodes(theory: &Theory) -> impl Iterator<Item = (&str, u32)> {
    let symbols = 0..theory.db.source.symbols.len();
    let mut all: Vec<SymbolId> = symbols.filter_map(|v| theory.typecode(v.into())).collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter().map(|t| (theory.db.source.symbol(t), t.0))
}

/// A model as its file stores it.
#[derive(Clone)]
pub struct Portable {
    /// The statements of the database that it was trained on.
    pub statements: Statements,
    /// Both stages, with premises by the model's numbers.
    pub ranker: Ranker,
    /// For each training proof, its statement.
    pub theorems: Column<u32>,
    /// The data by which training proofs are compared.
    pub likeness: LikenessColumns,
}

/// A model fitted to a database.
pub struct Fitted {
    /// Both stages, with premises by the database's numbers.
    pub ranker: Ranker,
    /// The use counts.
    pub habits: Habits,
    /// The training proofs.
    pub skeletons: Skeletons,
    /// For each assertion, whether the model was trained on a proof of a statement with this content.
    pub seen: Vec<bool>,
}

impl Portable {
    /// Whether its parts fit together.
    pub fn is_sound(&self) -> bool {
        let (r, n) = (&self.ranker, self.statements.len());
        let network = |x: &Network| {
            let (d, h) = (x.b2.len(), x.b1.len());
            x.embedding.len() == 1 << r.bits
                && x.w1.len() == h * d
                && x.w2.len() == h * d
                && x.premises.len() == n
                && x.bias.len() == n
        };
        self.statements.is_sound()
            && n > 0
            && r.embedding.len() == 1 << r.bits
            && r.premises.len() == n
            && r.premises.width() == DIM
            && r.bias.len() == n
            && r.network.as_ref().is_none_or(network)
            && self.theorems.iter().all(|&t| (t as usize) < n)
            && self.likeness.is_sound(self.theorems.len())
    }
    /// The model fitted to a database. It has no weights for lemmas of a library.
    pub fn fitted(&self, theory: &Theory, matched: &Matched) -> Fitted {
        let s = &self.statements;
        let flags = |bit: u8| -> Vec<bool> {
            let has = |&m: &u32| m != NONE && s.flags[m as usize] & bit != 0;
            matched.model.iter().map(has).collect()
        };
        let mut ranker = Ranker { codes: s.codes(theory, matched), ..self.ranker.clone() };
        if !matched.is_identity() || theory.len() != s.len() {
            let rows = s.ranked_as(theory, &ranker.featurizer(theory), matched);
            let column = |of: &[f32]| rows.iter().map(|&i| of[i as usize]).collect::<Vec<f32>>();
            ranker.premises = ranker.premises.gathered(&rows);
            ranker.bias = column(&ranker.bias);
            if let Some(n) = &mut ranker.network {
                n.premises = n.premises.gathered(&rows);
                n.bias = column(&n.bias);
            }
        }
        let count = |p: usize| matched.model.get(p).filter(|&&m| m != NONE).map_or(0, |&m| s.uses[m as usize]);
        let habits = Habits::seen(theory, (0..theory.len()).map(count).collect(), flags(COUNTED));
        let proved = |t: &u32| {
            let own = matched.own[*t as usize];
            (own != NONE && !theory.db.proofs.nodes[own as usize].is_empty()).then_some(AssertionId(own))
        };
        let skeletons = Skeletons::fitted(theory, self.theorems.iter().map(proved), self.likeness.clone());
        Fitted { ranker, habits, skeletons, seen: flags(SEEN) }
    }
}

/// The number of bits of a feature space with this many rows; `None` if the number is no power of two that is allowed.
pub fn bits_of(rows: usize) -> Option<u32> {
    rows.is_power_of_two().then(|| rows.trailing_zeros()).filter(|&b| b < 31)
}
