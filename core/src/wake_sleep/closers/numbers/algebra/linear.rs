//! Linear algebra over the rationals: membership in a span, and in a cone.
//!
//! Both are exact; the answer is `None` if a number becomes too large. The span is found by elimination with leading
//! monomials as pivots, the cone by the simplex method with Bland's rule (Bland 1977), which cannot cycle.

use super::polynomial::{compare, Monomial, Poly};
use super::rational::Q;
use rustc_hash::FxHashMap;

/// The number of pivots after which the simplex method gives up.
const MAX_PIVOTS: usize = 400;

/// Polynomials in echelon form, each with the combination of columns that gives it.
#[derive(Default)]
pub struct Span {
    rows: FxHashMap<Monomial, (Poly, FxHashMap<usize, Q>)>,
}

impl Span {
    /// Reduces a polynomial; returns the remainder, and the combination that was subtracted.
    fn reduce(&self, p: &Poly) -> Option<(Poly, FxHashMap<usize, Q>)> {
        let (mut rest, mut used) = (p.clone(), FxHashMap::default());
        let mut from = 0;
        while let Some((m, q)) = rest.0.get(from).cloned() {
            let Some((row, combination)) = self.rows.get(&m) else {
                from += 1;
                continue;
            };
            let factor = q.mul(row.0[0].1.recip()?)?;
            rest = rest.sub(&row.scale(&Monomial::new(), factor)?)?;
            for (&k, &c) in combination {
                let e = used.entry(k).or_insert(Q::ZERO);
                *e = e.add(c.mul(factor)?)?;
            }
        }
        Some((rest, used))
    }
    /// Adds column number `k`. Nothing changes if a number becomes too large.
    pub fn push(&mut self, k: usize, column: &Poly) {
        let Some((rest, used)) = self.reduce(column) else { return };
        let Some((lead, _)) = rest.0.first().cloned() else { return };
        let mut combination: FxHashMap<usize, Q> = used.into_iter().map(|(i, q)| (i, q.neg())).collect();
        combination.insert(k, Q::ONE);
        self.rows.insert(lead, (rest, combination));
    }
    /// The remainder of a polynomial modulo the span.
    pub fn rest(&self, p: &Poly) -> Option<Poly> {
        Some(self.reduce(p)?.0)
    }
    /// The columns and factors that sum to `target`, by column.
    pub fn solve(&self, target: &Poly) -> Option<Vec<(usize, Q)>> {
        let (rest, used) = self.reduce(target)?;
        if !rest.0.is_empty() {
            return None;
        }
        let mut out: Vec<(usize, Q)> = used.into_iter().filter(|x| !x.1.is_zero()).collect();
        out.sort_unstable_by_key(|x| x.0);
        Some(out)
    }
}

/// Numbers x ≥ 0 with `Σ x_k columns[k] = target`, if there are any.
pub fn cone(columns: &[Vec<Q>], target: &[Q]) -> Option<Vec<Q>> {
    let (n, m) = (columns.len(), target.len());
    // The columns of the table: n variables, m artificial ones, the right side.
    let mut table: Vec<Vec<Q>> = Vec::with_capacity(m + 1);
    for (r, &right) in target.iter().enumerate() {
        let sign = if right.n < 0 { Q::int(-1) } else { Q::ONE };
        let mut row: Vec<Q> = columns.iter().map(|c| c[r].mul(sign)).collect::<Option<_>>()?;
        row.extend((0..m).map(|k| if k == r { Q::ONE } else { Q::ZERO }));
        row.push(right.mul(sign)?);
        table.push(row);
    }
    let mut basis: Vec<usize> = (n..n + m).collect();
    // The sum of the artificial variables is minimised to zero.
    let mut cost = vec![Q::ZERO; n + m + 1];
    for row in &table {
        for (k, c) in cost.iter_mut().enumerate().filter(|(k, _)| *k < n || *k == n + m) {
            *c = c.sub(row[k])?;
        }
    }
    for _ in 0..MAX_PIVOTS {
        if cost[n + m].is_zero() {
            break;
        }
        let enter = (0..n).find(|&k| cost[k].n < 0)?;
        let mut leave: Option<(Q, usize)> = None;
        for (r, row) in table.iter().enumerate().filter(|(_, row)| row[enter].n > 0) {
            let ratio = row[n + m].mul(row[enter].recip()?)?;
            let better = match leave {
                None => true,
                Some((best, old)) => {
                    let d = ratio.sub(best)?;
                    d.n < 0 || (d.is_zero() && basis[r] < basis[old])
                }
            };
            if better {
                leave = Some((ratio, r));
            }
        }
        let (_, r) = leave?;
        pivot(&mut table, &mut cost, r, enter)?;
        basis[r] = enter;
    }
    if !cost[n + m].is_zero() {
        return None;
    }
    let mut out = vec![Q::ZERO; n];
    for (r, &k) in basis.iter().enumerate().filter(|(_, k)| **k < n) {
        out[k] = table[r][n + m];
    }
    Some(out)
}

fn pivot(table: &mut [Vec<Q>], cost: &mut [Q], r: usize, enter: usize) -> Option<()> {
    let inverse = table[r][enter].recip()?;
    for x in &mut table[r] {
        *x = x.mul(inverse)?;
    }
    let row = table[r].clone();
    let subtract = |other: &mut [Q]| -> Option<()> {
        let factor = other[enter];
        if factor.is_zero() {
            return Some(());
        }
        for (x, y) in other.iter_mut().zip(&row) {
            if !y.is_zero() {
                *x = x.sub(y.mul(factor)?)?;
            }
        }
        Some(())
    };
    for (i, other) in table.iter_mut().enumerate() {
        if i != r {
            subtract(other)?;
        }
    }
    subtract(cost)
}

/// The monomials of some polynomials, without repetition, in order.
pub fn monomials<'p>(polynomials: impl Iterator<Item = &'p Poly>) -> Vec<Monomial> {
    let mut out: Vec<Monomial> = polynomials.flat_map(|p| p.0.iter().map(|t| t.0.clone())).collect();
    out.sort_unstable_by(compare);
    out.dedup();
    out
}

/// The coefficients of a polynomial at these monomials.
pub fn coefficients(p: &Poly, at: &[Monomial]) -> Vec<Q> {
    at.iter().map(|m| p.0.iter().find(|t| &t.0 == m).map_or(Q::ZERO, |t| t.1)).collect()
}

/// A polynomial of degree at most 2 as `Σ d_i l_i^2` with positive d_i and linear l_i, by symmetric elimination; `None`
/// if it is no such sum.
pub fn squares(p: &Poly) -> Option<Vec<(Q, Poly)>> {
    if p.0.first()?.0.len() != 2 {
        return None;
    }
    let mut rest = p.clone();
    let mut out = Vec::new();
    while let Some((m, d)) = rest.0.iter().find(|t| t.0.len() == 2 && t.0[0] == t.0[1]).cloned() {
        if d.n <= 0 {
            return None;
        }
        // l = x + (the cofactor of x) / 2 d
        let x = m[0];
        let mut l = Poly::atom(x);
        for (n, q) in rest.0.iter().filter(|t| t.0.contains(&x) && t.0 != m) {
            let mut others = n.clone();
            others.remove(n.iter().position(|&a| a == x)?);
            let half = q.mul(Q::new(1, 2)?.mul(d.recip()?)?)?;
            l = l.add(&Poly(vec![(others, half)]))?;
        }
        rest = rest.sub(&l.mul(&l)?.scale(&Monomial::new(), d)?)?;
        out.push((d, l));
    }
    match rest.as_constant() {
        Some(c) if c.n >= 0 => Some(out),
        _ => None,
    }
}
