//! A model over moves as the columns of its file, and how it is fitted to a database.
//!
//! The file identifies a move by the statement of one of its assertions and by its place among that assertion's moves.
//! So a model fits any database that has most of its statements ([`crate::wake_sleep::ranking::portable`]). A move that
//! the model does not know has no uses and a row of zeros.

use super::model::Model;
use crate::dsl::theory::library::{Proof, Task, Theory};
use crate::metamath_db::ids::AssertionId;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::ranking::column::Column;
use crate::wake_sleep::ranking::examples::Habits;
use crate::wake_sleep::ranking::features::Codes;
use crate::wake_sleep::ranking::ranker::{Ranker, DIM};
use crate::wake_sleep::ranking::skeletons::{LikenessColumns, Skeletons};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The mark for "no move".
const NONE: u32 = u32::MAX;

/// The columns of a model's file.
#[derive(Clone)]
pub struct Columns {
    /// For each move, the statement that identifies it.
    pub statements: Column<u32>,
    /// For each move, its place among that statement's moves.
    pub which: Column<u32>,
    /// For each move, its number of uses.
    pub uses: Column<u32>,
    /// The training theorems, by statement.
    pub theorems: Column<u32>,
    /// For each theorem, the offset of its moves in `made`; one more entry than theorems.
    pub starts: Column<u32>,
    /// The moves of the theorems' proofs, ascending.
    pub made: Column<u32>,
    /// The first stage.
    pub ranker: Ranker,
    /// The data by which training proofs are compared.
    pub likeness: LikenessColumns,
}

impl Columns {
    /// The columns of a model.
    pub fn of(model: &Model) -> Columns {
        let moves = &model.moves;
        let first: Vec<u32> = moves.all.iter().map(|m| m.readings[0].premise.0).collect();
        let which = first.iter().zip(0..).map(|(&p, n)| place(moves, p, n)).collect::<Vec<u32>>();
        let theorems: Vec<u32> = model.skeletons.theorems().iter().map(|t| t.0).collect();
        let (mut starts, mut made) = (vec![0], Vec::new());
        for &t in &theorems {
            made.extend_from_slice(model.habits.used_by(AssertionId(t)));
            starts.push(made.len() as u32);
        }
        Columns {
            statements: first.into(),
            which: which.into(),
            uses: model.habits.uses.clone().into(),
            theorems: theorems.into(),
            starts: starts.into(),
            made: made.into(),
            ranker: model.ranker.clone(),
            likeness: model.skeletons.columns().clone(),
        }
    }
    /// Whether the columns fit together and refer to this many statements.
    pub fn is_sound(&self, statements: usize) -> bool {
        let (n, r) = (self.statements.len(), &self.ranker);
        let rising = self.starts.windows(2).all(|w| w[0] <= w[1]);
        self.which.len() == n
            && self.uses.len() == n
            && r.premises.len() == n
            && r.premises.width() == DIM
            && r.bias.len() == n
            && r.embedding.len() == 1 << r.bits
            && self.starts.len() == self.theorems.len() + 1
            && rising
            && self.starts.last().is_some_and(|&e| e as usize == self.made.len())
            && self.made.iter().all(|&m| (m as usize) < n)
            && self.statements.iter().chain(self.theorems.iter()).all(|&s| (s as usize) < statements)
            && self.likeness.is_sound(self.theorems.len())
    }
    /// The model fitted to a theory. `own` gives for each statement of the model the theory's assertion, if there is
    /// one.
    pub fn fitted(
        &self,
        theory: &Arc<Theory>,
        usable: &[bool],
        codes: Codes,
        own: &dyn Fn(u32) -> Option<AssertionId>,
    ) -> Model {
        let tables = Arc::new(Tables::new(theory));
        let mut moves = Moves::new(theory, &tables, &|p| usable[p.index()]);
        let rows = self.rows(&moves, own);
        let known = rows.iter().zip(0..).all(|(&r, n)| r == n) && rows.len() == self.statements.len();
        let mut ranker = Ranker { codes, ..self.ranker.clone() };
        if !known {
            ranker.premises = ranker.premises.gathered(&rows);
            ranker.bias =
                rows.iter().map(|&r| self.ranker.bias.get(r as usize).copied().unwrap_or(0.3f32.ln())).collect();
        }
        let mut back = vec![NONE; self.statements.len()];
        rows.iter().zip(0..).filter(|x| *x.0 != NONE).for_each(|(&r, n)| back[r as usize] = n);
        let theorem = |&t: &u32| own(t).filter(|a| !theory.db.proofs.nodes[a.index()].is_empty());
        let made = |i: usize| -> Vec<u32> {
            let range = self.starts[i] as usize..self.starts[i + 1] as usize;
            self.made[range].iter().map(|&r| back[r as usize]).filter(|&n| n != NONE).collect()
        };
        let used = (0..self.theorems.len()).filter_map(|i| Some((theorem(&self.theorems[i])?, made(i))));
        let mut habits = Habits::counted(theory, moves.all.len(), used);
        let uses = |&r: &u32| self.uses.get(r as usize).copied().unwrap_or(0);
        habits.uses = rows.iter().map(uses).collect();
        moves.index_used(&habits.uses);
        let skeletons = Skeletons::fitted(theory, self.theorems.iter().map(theorem), self.likeness.clone());
        Model::of(theory.clone(), tables, moves, ranker, habits, skeletons)
    }
    /// The model restored for the theory, lemmas included, and the corpus that it was trained on; `None` if these
    /// differ from the model's.
    pub fn restored(&self, theory: &Arc<Theory>, usable: &[bool], corpus: &[(Task, Proof)]) -> Option<Model> {
        let tables = Arc::new(Tables::new(theory));
        let mut moves = Moves::new(theory, &tables, &|p| usable[p.index()]);
        let rows = self.rows(&moves, &|s| Some(AssertionId(s)));
        let same = rows.len() == self.statements.len() && rows.iter().zip(0..).all(|(&r, n)| r == n);
        let skeletons = Skeletons::restored(theory, corpus, self.likeness.clone());
        let theorems = skeletons.theorems().iter().map(|t| t.0);
        if !same || !theorems.eq(self.theorems.iter().copied()) {
            return None;
        }
        let made = |i: usize| self.made[self.starts[i] as usize..self.starts[i + 1] as usize].to_vec();
        let used = (0..self.theorems.len()).map(|i| (AssertionId(self.theorems[i]), made(i)));
        let mut habits = Habits::counted(theory, moves.all.len(), used);
        habits.uses = self.uses.to_vec();
        moves.index_used(&habits.uses);
        Some(Model::of(theory.clone(), tables, moves, self.ranker.clone(), habits, skeletons))
    }
    /// For each move of a theory, its row here.
    fn rows(&self, moves: &Moves, own: &dyn Fn(u32) -> Option<AssertionId>) -> Vec<u32> {
        let known = self.statements.iter().zip(self.which.iter()).zip(0u32..);
        let known: FxHashMap<(u32, u32), u32> =
            known.filter_map(|((&s, &w), row)| Some(((own(s)?.0, w), row))).collect();
        let row = |(m, n): (&crate::wake_sleep::inference::moves::readings::Move, u32)| {
            let mut twins = m.readings.iter().map(|r| r.premise.0);
            twins.find_map(|p| known.get(&(p, place(moves, p, n))).copied()).unwrap_or(NONE)
        };
        moves.all.iter().zip(0..).map(row).collect()
    }
}

/// The place of move `number` among the moves of a premise.
fn place(moves: &Moves, premise: u32, number: u32) -> u32 {
    moves.by_premise[premise as usize].iter().position(|&n| n == number).unwrap_or(0) as u32
}
