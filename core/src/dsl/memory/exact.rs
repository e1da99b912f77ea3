//! The index of exact content reads: sorted runs of 64-bit entries, merged by size.
//!
//! An entry is 33 bits of a key's hash and the 31 bits of an address. Entries are only added; one whose cell has
//! changed since is not true any more and does no harm, because a reader compares each cell that it is pointed to.
//! Price: 8 bytes a cell, twice that at most while stale entries wait to be swept; adding n entries costs their
//! sorting and O(log of all) merges; a snapshot is one reference count.

use super::cell::{Address, Span};
use std::sync::Arc;

const ADDRESS_BITS: u32 = 31;

/// The entry of a cell with this key (see [`super::cell::Content::key`]) at this address.
pub(in crate::dsl) fn entry(key: u64, a: Address) -> u64 {
    key >> ADDRESS_BITS << ADDRESS_BITS | a.packed()
}

/// The address of an entry.
pub(in crate::dsl) fn address(entry: u64) -> Address {
    Address::from_packed(entry & ((1 << ADDRESS_BITS) - 1)).expect("31 bits")
}

/// The runs; the longest first. See the module head.
#[derive(Clone, Default)]
pub(in crate::dsl) struct Runs(Arc<Vec<Arc<Vec<u64>>>>);

impl Runs {
    /// Number of entries, stale ones too.
    pub fn len(&self) -> usize {
        self.0.iter().map(|r| r.len()).sum()
    }
    /// Adds entries, in any order.
    pub fn add(&mut self, mut entries: Vec<u64>) {
        entries.sort_unstable();
        entries.dedup();
        let runs = Arc::make_mut(&mut self.0);
        let mut last = Arc::new(entries);
        while runs.last().is_some_and(|r| r.len() < 2 * last.len()) {
            let before = runs.pop().unwrap_or_default();
            last = Arc::new(merge(&before, &last));
        }
        runs.push(last);
    }
    /// Keeps the entries that `is_true` confirms, as one run.
    pub fn sweep(&mut self, mut is_true: impl FnMut(u64) -> bool) {
        let mut all: Vec<u64> = self.0.iter().flat_map(|r| r.iter().copied()).filter(|&e| is_true(e)).collect();
        all.sort_unstable();
        all.dedup();
        self.0 = Arc::new(vec![Arc::new(all)]);
    }
    /// Whether this entry is there.
    pub fn contains(&self, entry: u64) -> bool {
        self.0.iter().any(|r| r.binary_search(&entry).is_ok())
    }
    /// The addresses in `span` that some entry gives for this key, ascending, together with `others`, which ascend.
    pub fn candidates<'r>(&'r self, key: u64, span: Span, others: &'r [Address]) -> impl Iterator<Item = Address> + 'r {
        let from = entry(key, span.first());
        let same = from >> ADDRESS_BITS;
        let mut parts: Vec<&[u64]> = self.0.iter().map(|r| &r[r.partition_point(|&e| e < from)..]).collect();
        let mut others = others;
        let mut last = None;
        std::iter::from_fn(move || loop {
            let here = |p: &&[u64]| p.first().copied().filter(|&e| e >> ADDRESS_BITS == same).map(address);
            let next = parts.iter().filter_map(here).chain(others.first().copied()).min()?;
            for p in &mut parts {
                if here(p) == Some(next) {
                    *p = &p[1..];
                }
            }
            if others.first() == Some(&next) {
                others = &others[1..];
            }
            if span.contains(next) && last != Some(next) {
                last = Some(next);
                return last;
            }
            if !span.contains(next) && next >= span.first() {
                return None;
            }
        })
    }
}

fn merge(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        out.push(x.min(y));
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn runs_are_a_sorted_set() {
        let at = |i: u64| Address::from_packed(i).unwrap();
        let (mut runs, mut model, mut x) = (Runs::default(), BTreeSet::new(), 7u64);
        for n in 0..300u64 {
            let mut some = Vec::new();
            for _ in 0..n % 17 + 1 {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let e = (x >> 60) << 60 | (x >> 33 & 0x1ff);
                some.push(e);
                model.insert(e);
            }
            runs.add(some);
        }
        assert!(runs.0.len() < 12 && model.iter().all(|&e| runs.contains(e)));
        let span = Span::new(at(100), 200).unwrap();
        for key in 0..16u64 {
            let expected: Vec<Address> = model
                .iter()
                .filter(|&&e| e >> 60 == key && (100..300).contains(&(e & 0xfff)))
                .map(|&e| address(e))
                .chain([at(150)])
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            let found: Vec<Address> = runs.candidates(key << 60, span, &[at(150)]).collect();
            assert_eq!(found, expected);
        }
        runs.sweep(|e| e & 1 == 0);
        assert_eq!(runs.len(), model.iter().filter(|&&e| e & 1 == 0).count());
    }
}
