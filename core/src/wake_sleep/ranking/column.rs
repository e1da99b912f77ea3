//! A column of numbers in a model: owned, or borrowed from the holder of the model's mapped file.

use std::ops::Deref;
use std::sync::Arc;

/// A sequence of numbers. A lent one is copied before it is changed.
#[derive(Clone)]
pub enum Column<T: 'static> {
    /// Numbers that the column owns.
    Own(Vec<T>),
    /// Numbers of another owner, who must not change them.
    Lent(Arc<dyn AsRef<[T]> + Send + Sync>),
}

impl<T: Clone> Column<T> {
    /// The numbers for writing; lent ones are copied first.
    pub fn own(&mut self) -> &mut Vec<T> {
        if let Column::Lent(lent) = self {
            *self = Column::Own((**lent).as_ref().to_vec());
        }
        match self {
            Column::Own(own) => own,
            Column::Lent(_) => unreachable!("it was made its own above"),
        }
    }
}

impl<T> Deref for Column<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Column::Own(own) => own,
            Column::Lent(lent) => (**lent).as_ref(),
        }
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Column::Own(Vec::new())
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(own: Vec<T>) -> Self {
        Column::Own(own)
    }
}

/// An inverted index: sorted features, and for each the items that have it.
#[derive(Clone, Default)]
pub struct Postings {
    /// The features, ascending.
    pub features: Column<u32>,
    /// The offset of each feature's run in `items`; one more entry than features.
    pub starts: Column<u32>,
    /// The item numbers, ascending in each run.
    pub items: Column<u32>,
}

impl Postings {
    /// Builds the index from (feature, item) pairs.
    pub fn new(mut pairs: Vec<(u32, u32)>) -> Postings {
        pairs.sort_unstable();
        let (mut features, mut starts) = (Vec::new(), Vec::new());
        for (i, &(feature, _)) in pairs.iter().enumerate() {
            if features.last() != Some(&feature) {
                features.push(feature);
                starts.push(i as u32);
            }
        }
        starts.push(pairs.len() as u32);
        let items: Vec<u32> = pairs.into_iter().map(|p| p.1).collect();
        Postings { features: features.into(), starts: starts.into(), items: items.into() }
    }
    /// The place of a feature in `features`, if it is there.
    #[inline]
    pub fn find(&self, feature: u32) -> Option<usize> {
        self.features.binary_search(&feature).ok()
    }
    /// The items that have the feature at a place.
    pub fn run(&self, place: usize) -> &[u32] {
        &self.items[self.starts[place] as usize..self.starts[place + 1] as usize]
    }
    /// Whether the columns fit together and all item numbers are below `items`.
    pub fn is_sound(&self, items: usize) -> bool {
        self.starts.len() == self.features.len() + 1
            && self.starts.first() == Some(&0)
            && self.starts.last().is_some_and(|&end| end as usize == self.items.len())
            && self.starts.is_sorted()
            && self.items.iter().all(|&i| (i as usize) < items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postings_find_who_has_a_feature() {
        let p = Postings::new(vec![(7, 1), (3, 2), (7, 0), (9, 2), (3, 0)]);
        assert!(p.is_sound(3) && !p.is_sound(2));
        assert_eq!(p.find(7).map(|at| p.run(at)), Some(&[0, 1][..]));
        assert_eq!(p.find(3).map(|at| p.run(at)), Some(&[0, 2][..]));
        assert_eq!(p.find(8), None);
        assert!(Postings::new(vec![]).is_sound(0) && Postings::new(vec![]).find(0).is_none());
    }

    #[test]
    fn what_is_lent_is_copied_before_it_changes() {
        let mut column: Column<u32> = Column::Lent(Arc::new(vec![1, 2]));
        let other = column.clone();
        column.own().push(3);
        assert_eq!((&column[..], &other[..]), (&[1, 2, 3][..], &[1, 2][..]));
    }
}
