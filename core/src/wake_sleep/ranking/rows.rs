//! Tables of weights in the form that the search reads: rows of small integers with a scale for each row.
//!
//! A search reads some hundred rows at random for each goal, so the number of bytes of a row determines the speed; it
//! is a quarter of that with `f32`. Products are sums of integers, and sums of rows have a fixed order, so AVX2, where
//! the processor has it, gives the same bits as SSE2. Each weight is rounded to 1/127 of the greatest of its row.
//! Training uses `f32` and rounds at its end.

use super::column::Column;

/// A table with `width` columns.
#[derive(Clone, Default)]
pub struct Rows {
    width: usize,
    values: Column<i8>,
    /// For each row, the value of one unit of `values`.
    steps: Column<f32>,
}

/// The exponent bits of an `f32`.
const EXPONENT: u32 = 0x7f80_0000;

/// A vector that is multiplied with many rows, rounded to integers.
pub struct State {
    values: Vec<i16>,
    step: f32,
}

/// The greatest absolute values of a row's and of a state's integers. Their product times the width stays below 2³¹.
const LARGEST: (f32, f32) = (127.0, 8191.0);

// Work that is compiled twice, for any processor and for AVX2. Types of their own and loops over numbers: closures and
// iterators' adapters may stay functions of their own, which then are compiled once.

struct Sum<'a> {
    of: &'a Rows,
    rows: &'a [u32],
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Sum<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let (values, steps, width): (&[i8], &[f32], usize) = (&self.of.values, &self.of.steps, self.of.width);
        for &row in self.rows {
            let row = row as usize;
            add(self.out, &values[row * width..(row + 1) * width], steps[row]);
        }
    }
}

struct Products<'a> {
    of: &'a Rows,
    state: &'a State,
    rows: &'a [u32],
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Products<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let (values, steps, width): (&[i8], &[f32], usize) = (&self.of.values, &self.of.steps, self.of.width);
        for (i, &row) in self.rows.iter().enumerate() {
            let row = row as usize;
            let product = product(&values[row * width..(row + 1) * width], &self.state.values);
            self.out[i] = product as f32 * (steps[row] * self.state.step);
        }
    }
}

#[inline(always)]
fn add(out: &mut [f32], row: &[i8], step: f32) {
    let n = out.len().min(row.len());
    let (out, row) = (&mut out[..n], &row[..n]);
    for i in 0..n {
        out[i] += step * f32::from(row[i]);
    }
}

/// The sum of products, which is exact.
#[inline(always)]
pub(in crate::wake_sleep) fn product(row: &[i8], state: &[i16]) -> i32 {
    let n = row.len().min(state.len());
    let (row, state) = (&row[..n], &state[..n]);
    let mut sum = 0;
    for i in 0..n {
        sum += i32::from(row[i]) * i32::from(state[i]);
    }
    sum
}

impl State {
    /// Rounds a vector.
    pub fn new(exact: &[f32]) -> State {
        let step = exact.iter().fold(0.0f32, |most, x| most.max(x.abs())) / LARGEST.1;
        let values = exact.iter().map(|x| if step > 0.0 { (x / step).round() as i16 } else { 0 }).collect();
        State { values, step }
    }
}

impl Rows {
    /// A table without rows.
    pub fn new(width: usize) -> Rows {
        Rows { width, ..Rows::default() }
    }
    /// A table of zeros.
    pub fn zero(width: usize, rows: usize) -> Rows {
        Rows { width, values: vec![0; width * rows].into(), steps: vec![0.0; rows].into() }
    }
    /// A table of the rows in `values`, one after another, rounded.
    pub fn of(width: usize, values: &[f32]) -> Rows {
        let mut rows = Rows::new(width);
        rows.steps.own().reserve_exact(values.len() / width);
        rows.values.own().reserve_exact(values.len());
        values.chunks_exact(width).for_each(|row| rows.push(row));
        rows
    }
    /// Appends a row, rounded. Its scale is a power of two, so that a row that was rounded before stays unchanged.
    pub fn push(&mut self, row: &[f32]) {
        let exact = row.iter().fold(0.0f32, |most, x| most.max(x.abs())) / LARGEST.0;
        let below = f32::from_bits(exact.to_bits() & EXPONENT);
        let step = if below < exact { 2.0 * below } else { below };
        self.values.own().extend(row.iter().map(|x| if step > 0.0 { (x / step).round() as i8 } else { 0 }));
        self.steps.own().push(step);
    }
    /// Appends a copy of a row.
    pub fn repeat(&mut self, row: usize) {
        let step = self.steps[row];
        self.values.own().extend_from_within(row * self.width..(row + 1) * self.width);
        self.steps.own().push(step);
    }
    /// A table from integers and scales as [`Rows::columns`] returns them; `None` if they do not fit together.
    pub fn from_columns(width: usize, values: Column<i8>, steps: Column<f32>) -> Option<Rows> {
        (steps.len().checked_mul(width) == Some(values.len())).then_some(Rows { width, values, steps })
    }
    /// The integers of all rows, and the scales.
    pub fn columns(&self) -> (&[i8], &[f32]) {
        (&self.values, &self.steps)
    }
    /// A table of the given rows, in this order.
    pub fn gathered(&self, rows: &[u32]) -> Rows {
        let mut out = Rows::zero(self.width, rows.len());
        let (values, steps) = (out.values.own(), out.steps.own());
        for (i, &row) in rows.iter().enumerate().filter(|x| (*x.1 as usize) < self.steps.len()) {
            values[i * self.width..(i + 1) * self.width].copy_from_slice(self.at(row));
            steps[i] = self.steps[row as usize];
        }
        out
    }
    /// The number of rows.
    pub fn len(&self) -> usize {
        self.steps.len()
    }
    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
    /// The number of columns.
    pub fn width(&self) -> usize {
        self.width
    }
    /// One row.
    pub fn row(&self, row: u32) -> impl Iterator<Item = f32> + '_ {
        let step = self.steps[row as usize];
        self.at(row).iter().map(move |&x| f32::from(x) * step)
    }
    /// All rows, one after another.
    pub fn values(&self) -> Vec<f32> {
        (0..self.len() as u32).flat_map(|row| self.row(row)).collect()
    }
    fn at(&self, row: u32) -> &[i8] {
        &self.values[row as usize * self.width..(row as usize + 1) * self.width]
    }
    /// Adds rows to `out`, which has `width` entries.
    pub fn sum(&self, rows: &[u32], out: &mut [f32]) {
        pulp::Arch::new().dispatch(Sum { of: self, rows, out });
    }
    /// Appends the products of a vector with the given rows to `out`.
    pub fn products(&self, state: &State, rows: &[u32], out: &mut Vec<f32>) {
        let first = out.len();
        out.resize(first + rows.len(), 0.0);
        pulp::Arch::new().dispatch(Products { of: self, state, rows, out: &mut out[first..] });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wake_sleep::ranking::examples::Random;

    #[test]
    fn rounds_once_and_multiplies_like_floats() {
        let mut random = Random(7);
        let width = 37;
        let exact: Vec<f32> = (0..width * 50).map(|_| (random.unit() - 0.5) * random.unit() * 3.0).collect();
        let rows = Rows::of(width, &exact);
        let rounded = rows.values();
        for (own, row) in rounded.chunks_exact(width).zip(exact.chunks_exact(width)) {
            let most = row.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            assert!(own.iter().zip(row).all(|(a, b)| (a - b).abs() <= most / 126.0));
        }
        assert_eq!(Rows::of(width, &rounded).values(), rounded);
        let state: Vec<f32> = (0..width).map(|_| random.unit() - 0.5).collect();
        let (mut out, mut sum) = (Vec::new(), vec![0.0; width]);
        rows.products(&State::new(&state), &[3, 0, 49], &mut out);
        for (&row, x) in [3u32, 0, 49].iter().zip(&out) {
            let exact: f32 = rows.row(row).zip(&state).map(|(a, b)| a * b).sum();
            assert!((exact - x).abs() < 2e-3, "{exact} {x}");
        }
        rows.sum(&[3, 0, 49], &mut sum);
        let expected: Vec<f32> = (0..width).map(|i| [3, 0, 49].iter().map(|r| rounded[r * width + i]).sum()).collect();
        assert!(sum.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!(Rows::of(2, &[0.0, 0.0]).values() == [0.0, 0.0] && Rows::new(2).is_empty());
    }
}
