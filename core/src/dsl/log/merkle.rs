//! The Merkle tree over all records of a log (RFC 9162, 2.1): roots, inclusion and consistency proofs.
//!
//! A full segment of 2^16 records is a complete subtree, so its root is a node of the tree of the whole log: proofs
//! need the leaves of one or two segments and one digest for each other one.

use super::hash::{Digest, LogHash};

/// The roots of the complete subtrees that a growing log consists of, largest first. Price: one node hash a record,
/// one digest for each bit of the number of records.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    stack: Vec<Digest>,
    records: u64,
}

impl Tree {
    /// Number of leaves.
    pub fn records(&self) -> u64 {
        self.records
    }
    /// Appends a leaf.
    #[inline]
    pub fn push(&mut self, hash: &dyn LogHash, leaf: Digest) {
        self.push_subtree(hash, leaf, 0);
    }
    /// Appends the root of a complete subtree of 2^`level` leaves. The number of records is a multiple of that.
    pub fn push_subtree(&mut self, hash: &dyn LogHash, root: Digest, level: u32) {
        debug_assert_eq!(self.records & ((1 << level) - 1), 0);
        let mut right = root;
        let mut size = self.records >> level;
        while size & 1 == 1 {
            let left = self.stack.pop().expect("one entry for each bit");
            right = hash.node(&left, &right);
            size >>= 1;
        }
        self.stack.push(right);
        self.records += 1 << level;
    }
    /// This tree behind `before`, whose number of records is a multiple of more than this tree has.
    pub fn behind(self, mut before: Tree) -> Tree {
        debug_assert!(self.records < 1 << before.records.trailing_zeros().min(63));
        before.stack.extend(self.stack);
        before.records += self.records;
        before
    }
    /// Root of the complete subtree that ends here; none if there is no record.
    pub fn last(&self) -> Option<Digest> {
        self.stack.last().copied()
    }
    /// The root over all leaves.
    pub fn root(&self, hash: &dyn LogHash) -> Digest {
        let mut rest = self.stack.iter().rev();
        match rest.next() {
            None => hash.empty(),
            Some(&last) => rest.fold(last, |right, left| hash.node(left, &right)),
        }
    }
}

/// Where proofs get digests from.
pub trait Nodes {
    /// Why a digest cannot be given.
    type Error;
    /// Leaves `from..to` in order; they lie in one block of `block` leaves.
    fn leaves(&mut self, from: u64, to: u64) -> Result<Vec<Digest>, Self::Error>;
    /// Root of the `n`-th complete block.
    fn block(&mut self, n: u64) -> Result<Digest, Self::Error>;
}

/// The largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// The root over leaves `from..to`, which is not empty (RFC 9162, 2.1.1: MTH). `block` is a power of two.
pub fn root<N: Nodes>(h: &dyn LogHash, nodes: &mut N, block: u64, from: u64, to: u64) -> Result<Digest, N::Error> {
    let n = to - from;
    if n == block && from.is_multiple_of(block) {
        return nodes.block(from / block);
    }
    if n <= block {
        let mut tree = Tree::default();
        for leaf in nodes.leaves(from, to)? {
            tree.push(h, leaf);
        }
        return Ok(tree.root(h));
    }
    let k = split(n);
    let left = root(h, nodes, block, from, from + k)?;
    Ok(h.node(&left, &root(h, nodes, block, from + k, to)?))
}

/// The path that shows that leaf `index` is in the tree of the first `size` leaves (RFC 9162, 2.1.3.1).
pub fn inclusion<N: Nodes>(
    h: &dyn LogHash,
    nodes: &mut N,
    block: u64,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, N::Error> {
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(root(h, nodes, block, middle, to)?);
            to = middle;
        } else {
            path.push(root(h, nodes, block, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The path that shows that the first `old` leaves are the beginning of the first `size` (RFC 9162, 2.1.4.1).
pub fn consistency<N: Nodes>(
    h: &dyn LogHash,
    nodes: &mut N,
    block: u64,
    old: u64,
    size: u64,
) -> Result<Vec<Digest>, N::Error> {
    let mut path = Vec::new();
    if old == 0 || old == size {
        return Ok(path);
    }
    let (mut from, mut to) = (0, size);
    let mut whole = true; // the old tree is the subtree from..to itself, and its root is known
    while old < to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(root(h, nodes, block, middle, to)?);
            to = middle;
        } else {
            path.push(root(h, nodes, block, from, middle)?);
            from = middle;
            whole = false;
        }
    }
    if !whole {
        path.push(root(h, nodes, block, from, to)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether the path shows that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2).
pub fn includes(h: &dyn LogHash, index: u64, size: u64, leaf: Digest, path: &[Digest], root: &Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut f, mut s) = (index, size - 1);
    let mut r = leaf;
    for p in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            r = h.node(p, &r);
            while f & 1 == 0 && f != 0 {
                (f, s) = (f >> 1, s >> 1);
            }
        } else {
            r = h.node(&r, p);
        }
        (f, s) = (f >> 1, s >> 1);
    }
    s == 0 && r == *root
}

/// Whether the path shows that the tree of `old` leaves under `old_root` is the beginning of that of `size` leaves
/// under `root` (RFC 9162, 2.1.4.2; a log without records is the beginning of every log).
pub fn consistent(
    h: &dyn LogHash,
    (old, old_root): (u64, &Digest),
    (size, root): (u64, &Digest),
    path: &[Digest],
) -> bool {
    if old > size {
        return false;
    }
    if old == 0 || old == size {
        let expected = if old == 0 { h.empty() } else { *root };
        return path.is_empty() && *old_root == expected && (size > 0 || *root == h.empty());
    }
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(&first) = first else { return false };
    let (mut f, mut s) = (old - 1, size - 1);
    while f & 1 == 1 {
        (f, s) = (f >> 1, s >> 1);
    }
    let (mut fr, mut sr) = (first, first);
    for c in path {
        if s == 0 {
            return false;
        }
        if f & 1 == 1 || f == s {
            fr = h.node(c, &fr);
            sr = h.node(c, &sr);
            while f & 1 == 0 && f != 0 {
                (f, s) = (f >> 1, s >> 1);
            }
        } else {
            sr = h.node(&sr, c);
        }
        (f, s) = (f >> 1, s >> 1);
    }
    s == 0 && fr == *old_root && sr == *root
}

#[cfg(test)]
mod tests {
    use super::super::hash::{all, Domain, Sha2};
    use super::*;
    use crate::util::text::hex;

    struct Plain(Vec<Digest>, u64);

    impl Nodes for Plain {
        type Error = ();
        fn leaves(&mut self, from: u64, to: u64) -> Result<Vec<Digest>, ()> {
            assert!((to - 1) / self.1 == from / self.1, "within a block");
            Ok(self.0[from as usize..to as usize].to_vec())
        }
        fn block(&mut self, n: u64) -> Result<Digest, ()> {
            let part = &self.0[(n * self.1) as usize..((n + 1) * self.1) as usize];
            Ok(slow(&Sha2, part))
        }
    }

    /// The definition, word by word.
    fn slow(h: &dyn LogHash, leaves: &[Digest]) -> Digest {
        match leaves {
            [] => h.empty(),
            [leaf] => *leaf,
            _ => {
                let k = split(leaves.len() as u64) as usize;
                h.node(&slow(h, &leaves[..k]), &slow(h, &leaves[k..]))
            }
        }
    }

    fn leaves(h: &dyn LogHash, n: u64) -> Vec<Digest> {
        (0..n).map(|i| h.hash(Domain::Leaf, &i.to_le_bytes())).collect()
    }

    /// The inputs and roots that implementations of Certificate Transparency are tested with.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let inputs: [&[u8]; 8] = [
            b"",
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        assert_eq!(hex(&tree.root(&Sha2)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (input, root) in inputs.into_iter().zip(roots) {
            tree.push(&Sha2, Sha2.hash(Domain::Leaf, input));
            assert_eq!(hex(&tree.root(&Sha2)), root);
        }
    }

    #[test]
    fn growing_trees_agree_with_the_definition_for_every_hash() {
        for h in all() {
            let all = leaves(h, 40);
            let mut tree = Tree::default();
            for n in 0..=all.len() {
                assert_eq!(tree.root(h), slow(h, &all[..n]));
                if let Some(&leaf) = all.get(n) {
                    tree.push(h, leaf);
                }
            }
            let mut blocks = Tree::default();
            for b in all.chunks(8) {
                blocks.push_subtree(h, slow(h, b), 3);
            }
            assert_eq!((blocks.root(h), blocks.records()), (tree.root(h), 40));
        }
    }

    /// SAFETY.md, row 14.
    #[test]
    fn proofs_hold_and_forged_ones_are_refused() {
        const N: u64 = 128;
        let h = &Sha2;
        let mut nodes = Plain(leaves(h, N), 16);
        let roots: Vec<Digest> = (0..=N).map(|n| slow(h, &nodes.0[..n as usize])).collect();
        let mut forged = 0u64;
        for n in 1..=N {
            let root = &roots[n as usize];
            for i in 0..n {
                let leaf = nodes.0[i as usize];
                let path = inclusion(h, &mut nodes, 16, i, n).unwrap();
                assert!(includes(h, i, n, leaf, &path, root));
                let wrong = leaf.map(|b| b ^ 1);
                assert!(!includes(h, i, n, wrong, &path, root) && !includes(h, n, n, leaf, &path, root));
                for j in [0, i ^ 1, i + 1, i / 2, n - 1].into_iter().filter(|&j| j != i) {
                    assert!(!includes(h, j, n, leaf, &path, root), "{i} as {j} of {n}");
                    forged += 1;
                }
                for bad in spoilt(&path) {
                    assert!(!includes(h, i, n, leaf, &bad, root));
                    forged += 1;
                }
            }
            for old in 0..=n {
                let path = consistency(h, &mut nodes, 16, old, n).unwrap();
                let old_root = &roots[old as usize];
                assert!(consistent(h, (old, old_root), (n, root), &path), "{old} of {n}");
                for other in [0, old ^ 1, old + 1, old / 2, n, N].into_iter().filter(|&o| o != old && o <= N) {
                    // a root of another size is not the beginning, and no other size fits this root
                    assert!(!consistent(h, (old, &roots[other as usize]), (n, root), &path));
                    assert!(!consistent(h, (other, old_root), (n, root), &path));
                    forged += 2;
                }
                for bad in spoilt(&path) {
                    assert!(!consistent(h, (old, old_root), (n, root), &bad));
                    forged += 1;
                }
            }
        }
        assert!(forged > 300_000);
    }

    /// Paths that differ: one digest changed, missing, twice, one too many, two swapped.
    fn spoilt(path: &[Digest]) -> Vec<Vec<Digest>> {
        let mut out = vec![[path, &[[7; 32]]].concat()];
        for i in 0..path.len() {
            let mut changed = path.to_vec();
            changed[i][i % 32] ^= 1 << (i % 8);
            out.push(changed);
            out.push([&path[..i], &path[i + 1..]].concat());
            out.push([&path[..=i], &path[i..]].concat());
            let mut swapped = path.to_vec();
            swapped.rotate_left(1);
            if swapped != path {
                out.push(swapped);
            }
        }
        out
    }
}
