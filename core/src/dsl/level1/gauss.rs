//! The solver of GAUSSJ and GAUSSELIM: elimination without fractions beside an identity matrix.
//!
//! A row of the result is scaled to coprime integers with a positive first entry: that is the rational form up to a
//! factor a row, has no fractions to write down, and for GAUSSJ is unique. On the way every division is exact and every
//! number a minor of the matrix (E. H. Bareiss, Mathematics of Computation 22, 1968), so no common divisors are
//! needed. Cost: O(rows² · (rows + columns)) products of numbers of about 64 · rows bits; it is counted and bounded.

use super::{Echelon, WORK_LIMIT};
use crate::util::work::Work;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// Row echelon form of integer rows of equal length; `reduced` clears above the pivots too. `None` beyond
/// [`WORK_LIMIT`].
pub fn eliminate(original: &[Vec<i64>], reduced: bool) -> Option<Echelon> {
    let mut left = Work::new(WORK_LIMIT);
    let n = original.len();
    let columns = original.first().map_or(0, Vec::len);
    let unit = |i| (0..n).map(move |j| if i == j { BigInt::one() } else { BigInt::zero() });
    let beside = |(i, row): (usize, &Vec<i64>)| row.iter().map(|&v| BigInt::from(v)).chain(unit(i)).collect();
    let mut work: Vec<Vec<BigInt>> = original.iter().enumerate().map(beside).collect();
    let mut pivots: Vec<usize> = Vec::new();
    let mut last = BigInt::one();
    for column in 0..columns {
        let rank = pivots.len();
        let Some(found) = (rank..n).find(|&r| !work[r][column].is_zero()) else { continue };
        work.swap(rank, found);
        let row = work[rank].clone();
        let first = if reduced { 0 } else { rank + 1 };
        for r in (first..n).filter(|&r| r != rank) {
            let factor = work[r][column].clone();
            let size = words(&row[column]).max(words(&factor));
            left.spend(row.len() as u64 * (16 + 2 * size * size))?;
            for (v, p) in work[r].iter_mut().zip(&row) {
                *v = (&*v * &row[column] - p * &factor) / &last;
            }
        }
        last = row[column].clone();
        pivots.push(column);
    }
    let mut e = Echelon { rank: pivots.len(), ..Echelon::default() };
    for (r, mut row) in work.into_iter().enumerate() {
        let size = row.iter().map(words).max().unwrap_or(0);
        left.spend(64 * size * size + 16 * row.len() as u64 * size)?;
        let mut to = row.split_off(columns);
        let mut scale = pivots.get(r).map_or(BigInt::one(), |&p| content(&row) * row[p].signum());
        row.iter_mut().for_each(|v| *v /= &scale);
        let common = content(&to).gcd(&scale);
        to.iter_mut().for_each(|v| *v /= &common);
        scale /= common;
        e.rows.push(row);
        e.to.push(to);
        e.scale.push(scale);
    }
    let free = (0..columns).filter(|c| !pivots.contains(c));
    e.kernel = free.map(|free| kernel(&e.rows, &pivots, free, &mut left)).collect::<Option<_>>()?;
    Some(e)
}

/// The 64-bit words of a number.
fn words(v: &BigInt) -> u64 {
    v.bits() / 64 + 1
}

/// The common divisor.
fn content(row: &[BigInt]) -> BigInt {
    let mut common = BigInt::zero();
    for v in row.iter().filter(|v| !v.is_zero()) {
        common = if common.is_zero() { v.abs() } else { common.gcd(&(v % &common)) };
        if common.is_one() {
            break;
        }
    }
    common
}

/// The vector of coprime integers that the rows annul, positive in one column without pivot and 0 in the others.
fn kernel(rows: &[Vec<BigInt>], pivots: &[usize], free: usize, left: &mut Work) -> Option<Vec<BigInt>> {
    let mut v = vec![BigInt::zero(); rows[0].len()];
    v[free] = BigInt::one();
    for (row, &pivot) in rows.iter().zip(pivots).rev().filter(|(_, &p)| p < free) {
        let size = words(&row[pivot]).max(v.iter().map(words).max().unwrap_or(0));
        left.spend(row.len() as u64 * (16 + 2 * size * size) + 64 * size * size)?;
        let sum: BigInt = row.iter().zip(&v).skip(pivot + 1).map(|(a, b)| a * b).sum();
        let common = sum.gcd(&row[pivot]);
        let stretch = &row[pivot] / &common;
        v.iter_mut().for_each(|x| *x *= &stretch);
        v[pivot] = -sum / common;
    }
    Some(v)
}
