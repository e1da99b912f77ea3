//! The solver of GAUSSJ and GAUSSELIM: elimination over the rationals beside an identity matrix.
//!
//! A row of the result is scaled to coprime integers with a positive first entry: that is the rational form up to a
//! factor a row, has no fractions to write down, and for GAUSSJ is unique. Cost: O(rows² · columns) exact operations.

use super::Echelon;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

type Q = BigRational;

/// Row echelon form of integer rows of equal length; `reduced` clears above the pivots too.
pub fn eliminate(original: &[Vec<i64>], reduced: bool) -> Echelon {
    let n = original.len();
    let columns = original.first().map_or(0, Vec::len);
    let mut rows: Vec<Vec<Q>> =
        original.iter().map(|r| r.iter().map(|&v| Q::from_integer(v.into())).collect()).collect();
    let mut to = identity(n);
    let mut pivots = Vec::new();
    for column in 0..columns {
        let rank = pivots.len();
        let Some(found) = (rank..n).find(|&r| !rows[r][column].is_zero()) else { continue };
        rows.swap(rank, found);
        to.swap(rank, found);
        let first = if reduced { 0 } else { rank + 1 };
        for r in (first..n).filter(|&r| r != rank) {
            let factor = &rows[r][column] / &rows[rank][column];
            if !factor.is_zero() {
                subtract(&mut rows, r, rank, &factor);
                subtract(&mut to, r, rank, &factor);
            }
        }
        pivots.push(column);
    }
    for (r, &pivot) in pivots.iter().enumerate() {
        let factor = scale(&rows[r], pivot);
        for v in rows[r].iter_mut().chain(&mut to[r]) {
            *v *= &factor;
        }
    }
    let from = original.iter().map(|row| coordinates(row, &rows, &pivots, n)).collect();
    Echelon { rows, rank: pivots.len(), to, from }
}

fn identity(n: usize) -> Vec<Vec<Q>> {
    let unit = |i| (0..n).map(|j| if i == j { Q::one() } else { Q::zero() }).collect();
    (0..n).map(unit).collect()
}

fn subtract(rows: &mut [Vec<Q>], target: usize, source: usize, factor: &Q) {
    let source = rows[source].clone();
    for (v, s) in rows[target].iter_mut().zip(source).filter(|(_, s)| !s.is_zero()) {
        *v -= s * factor;
    }
}

/// What makes the row coprime integers with a positive pivot.
fn scale(row: &[Q], pivot: usize) -> Q {
    let denominator = row.iter().fold(num_bigint::BigInt::one(), |l, v| l.lcm(v.denom()));
    let common = row.iter().fold(num_bigint::BigInt::zero(), |g, v| g.gcd(&(v.numer() * &denominator / v.denom())));
    let factor = Q::new(denominator, common);
    if row[pivot].is_negative() {
        -factor
    } else {
        factor
    }
}

/// The factors of the result's rows that give an original row.
fn coordinates(row: &[i64], rows: &[Vec<Q>], pivots: &[usize], n: usize) -> Vec<Q> {
    let mut rest: Vec<Q> = row.iter().map(|&v| Q::from_integer(v.into())).collect();
    let mut found = vec![Q::zero(); n];
    for (r, &pivot) in pivots.iter().enumerate() {
        let factor = &rest[pivot] / &rows[r][pivot];
        if !factor.is_zero() {
            for (v, s) in rest.iter_mut().zip(&rows[r]) {
                *v -= s * &factor;
            }
            found[r] = factor;
        }
    }
    found
}
