//! Retrieval: ranked premises for a goal, and ranked statements similar to it, each through an index or by a scan.

use super::{Options, Prepared, Search};
use crate::dsl::theory::library::{PremiseId, Task};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;
use crate::wake_sleep::ranking::features::{Context, HypFeatures};

/// The number one in fixed point.
const ONE: u64 = 4096;

impl Prepared {
    /// The premises whose conclusion unifies with the task's goal: (cost in 1/4096 nat, premise), the cheapest first,
    /// ties by place, at most 500. With `scan` all premises are tried, without the index.
    /// # Examples
    /// ```
    /// # use metadream_core::dsl::theory::library::Theory;
    /// # use metadream_core::metamath_db::database::Database;
    /// # use std::sync::Arc;
    /// # let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../metamath_db/starter.mm"));
    /// # let theory = Arc::new(Theory::new(Arc::new(Database::load(text.into()).unwrap())));
    ///
    /// use metadream_core::dsl::theory::library::PremiseId;
    /// use metadream_core::wake_sleep::ranking::examples::Habits;
    /// use metadream_core::wake_sleep::ranking::ranker::{usable_premises, Ranker};
    /// use metadream_core::wake_sleep::search::Prepared;
    ///
    /// let (ranker, habits) = (Ranker::new(&theory, 12), Habits::new(&theory, &[]));
    /// let prepared = Prepared::new(theory.clone(), Arc::new(ranker), Arc::new(habits), &usable_premises(&theory));
    /// let mut arena = prepared.arena();
    /// let task = theory.find_task("a1i", &mut arena).unwrap();
    /// let ranked = prepared.premises_for(&task, false, &mut arena);
    /// assert!(ranked.is_sorted());
    /// let labels: Vec<&str> = ranked.iter().map(|&(_, p)| theory.label(PremiseId(p))).collect();
    /// assert_eq!(labels, ["ax-mp"]);
    /// ```
    pub fn premises_for(&self, task: &Task, scan: bool, arena: &mut Arena) -> Vec<(i32, u32)> {
        self.premises_unifying(task, task.goal, scan, arena)
    }
    /// The premises whose conclusion unifies with another goal within the task, which may have metavariables; otherwise
    /// like [`Prepared::premises_for`].
    pub fn premises_unifying(&self, task: &Task, goal: TermId, scan: bool, arena: &mut Arena) -> Vec<(i32, u32)> {
        let options = Options { step_cost: 0, sharpness: 1.0, ..Options::default() };
        let mut s = Search::new(self, task, &options, arena);
        let mut found: Vec<u32> = Vec::new();
        match scan {
            true => found.extend((0..self.usable.len() as u32).filter(|&p| self.usable[p as usize])),
            false => self.index.query(s.arena, goal, &mut s.query, &mut found),
        }
        found.retain(|&p| s.allowed(p) && s.unifies(p, goal));
        found.sort_unstable();
        s.ranked(&found, goal, Context::default())
    }
    /// The statements that share the most features with the task's goal: (cosine in 1/4096, premise), the most similar
    /// first, ties by place, at most 500. With `scan` the features are compared one by one, without the index.
    pub fn neighbours_of(&self, task: &Task, scan: bool, arena: &mut Arena) -> Vec<(i32, u32)> {
        let options = Options::default();
        let s = Search::new(self, task, &options, arena);
        let mut own = Vec::new();
        self.featurizer.goal(s.arena, task.goal, &HypFeatures::default(), Context::default(), &mut own);
        let table = self.neighbours();
        let common = |row: &Vec<u32>| row.iter().filter(|f| own.binary_search(f).is_ok()).count() as u32;
        let mut shared: Vec<u32> = match scan {
            true => table.rows.iter().map(common).collect(),
            false => vec![0; table.rows.len()],
        };
        for f in own.iter().filter(|_| !scan) {
            for &p in table.posting(*f) {
                shared[p as usize] += 1;
            }
        }
        let mut out: Vec<(i32, u32)> = Vec::new();
        for p in (0..table.rows.len() as u32).filter(|&p| shared[p as usize] > 0 && s.stands(p)) {
            let product = (own.len() * table.rows[p as usize].len()) as u64;
            let square = (ONE * u64::from(shared[p as usize])).pow(2) / product;
            out.push((square.isqrt() as i32, p));
        }
        out.sort_unstable_by_key(|&(score, p)| (std::cmp::Reverse(score), p));
        out.truncate(500);
        out
    }
    fn neighbours(&self) -> &Neighbours {
        self.neighbours.get_or_init(|| Neighbours::new(self))
    }
}

/// The features of all statements, and an index from features to statements. Built at the first use.
pub struct Neighbours {
    rows: Vec<Vec<u32>>,
    /// Pairs (feature, premise), sorted.
    pairs: Vec<(u32, u32)>,
    premises: Vec<u32>,
}

impl Neighbours {
    fn new(shared: &Prepared) -> Neighbours {
        let theory = &shared.theory;
        let mut arena = theory.arena.clone();
        let mut rows = Vec::with_capacity(theory.len());
        let mut pairs = Vec::new();
        for p in 0..theory.len() as u32 {
            let mut row = Vec::new();
            if let Some(x) = theory.premise(PremiseId(p)) {
                let values: Vec<TermId> = x.variables.iter().map(|&v| arena.variable(v)).collect();
                let goal = arena.instantiate(x.conclusion, &values);
                shared.featurizer.goal(&arena, goal, &HypFeatures::default(), Context::default(), &mut row);
            }
            pairs.extend(row.iter().map(|&f| (f, p)));
            rows.push(row);
        }
        pairs.sort_unstable();
        let premises = pairs.iter().map(|x| x.1).collect();
        Neighbours { rows, pairs, premises }
    }
    fn posting(&self, feature: u32) -> &[u32] {
        let start = self.pairs.partition_point(|x| x.0 < feature);
        let end = self.pairs.partition_point(|x| x.0 <= feature);
        &self.premises[start..end]
    }
}
