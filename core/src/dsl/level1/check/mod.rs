//! The checkers: each looks at a problem and an answer, and accepts or says which claim fails. Whatever is accepted
//! is true of the problem, whoever found it; no code of the solvers is used.

mod sat;

pub use sat::{model, refutation};

use super::{Echelon, Graph, Paths, Visit};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// The refusal of a refutation that takes more than [`super::WORK_LIMIT`] to check.
pub const TOO_LONG: Refused = Refused("the refutation is checked within the bound of work");

/// The claim that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused(pub &'static str);

fn hold(condition: bool, claim: &'static str) -> Result<(), Refused> {
    match condition {
        true => Ok(()),
        false => Err(Refused(claim)),
    }
}

/// DEDUP: each item equals its representative, which is the first of its kind; representatives differ.
pub fn dedup<T: Ord>(items: &[T], representative: &[u32]) -> Result<(), Refused> {
    hold(items.len() == representative.len(), "each cell has a representative")?;
    for (i, &r) in representative.iter().enumerate() {
        let r = r as usize;
        hold(r <= i && representative[r] as usize == r, "a representative comes first and stands for itself")?;
        hold(items[i] == items[r], "a cell equals its representative")?;
    }
    let own = |i: &usize| representative[*i] as usize == *i;
    let mut kept: Vec<&T> = (0..items.len()).filter(own).map(|i| &items[i]).collect();
    kept.sort_unstable();
    hold(kept.windows(2).all(|w| w[0] != w[1]), "representatives differ")
}

/// TOPOSORT: every node once, every link forward.
pub fn toposort(g: &Graph, order: &[u32]) -> Result<(), Refused> {
    let place = places(g, order)?;
    hold(order.len() == g.successors.len(), "every cell stands in the order")?;
    let forward = |(n, s): (usize, &Vec<u32>)| s.iter().all(|&s| place[n] < place[s as usize]);
    hold(g.successors.iter().enumerate().all(forward), "every link goes forward")
}

/// The refusal of TOPOSORT: a node, and each has a link to the next, the last to the first.
pub fn cycle(g: &Graph, cycle: &[u32]) -> Result<(), Refused> {
    let next = cycle.iter().cycle().skip(1);
    let linked = |(&n, &s): (&u32, &u32)| (n as usize) < g.successors.len() && link(g, n, s);
    hold(!cycle.is_empty() && cycle.iter().zip(next).all(linked), "the links of the cycle exist")
}

fn link(g: &Graph, from: u32, to: u32) -> bool {
    g.successors[from as usize].binary_search(&to).is_ok()
}

/// Where each node stands in the order; `usize::MAX` for those that do not.
fn places(g: &Graph, order: &[u32]) -> Result<Vec<usize>, Refused> {
    let mut place = vec![usize::MAX; g.successors.len()];
    for (i, &n) in order.iter().enumerate() {
        let slot = place.get_mut(n as usize).ok_or(Refused("the order holds cells of the range"))?;
        hold(*slot == usize::MAX, "a cell stands in the order once")?;
        *slot = i;
    }
    Ok(place)
}

/// BFS (`unit`) and DIJKSTRA: distances with tight predecessors, nearest first, and no link can improve one.
pub fn paths(g: &Graph, from: u32, unit: bool, p: &Paths) -> Result<(), Refused> {
    let nodes = g.successors.len();
    hold(p.distance.len() == nodes && p.predecessor.len() == nodes, "each cell has a distance and a predecessor")?;
    let place = places(g, &p.order)?;
    hold(p.order.first() == Some(&from) && p.distance[from as usize] == Some(0), "the source comes first, at 0")?;
    let through = |n: usize, s: usize| p.distance[n]?.checked_add(if unit { 1 } else { g.cost[s] });
    for n in 0..nodes {
        let reached = p.distance[n].is_some();
        hold(reached == (place[n] != usize::MAX), "the order holds what has a distance")?;
        let b = p.predecessor[n] as usize;
        if !reached || n == from as usize {
            hold(b == n, "source and unreached cells are their own predecessors")?;
        } else {
            hold(b < nodes && place[b] < place[n], "a predecessor comes before")?;
            hold(link(g, b as u32, n as u32), "the link from the predecessor exists")?;
            hold(through(b, n) == p.distance[n], "the predecessor is tight")?;
        }
        let improved = |&&s: &&u32| match (through(n, s as usize), p.distance[s as usize]) {
            (Some(new), Some(old)) => new < old,
            (Some(_), None) => true,
            (None, _) => false,
        };
        hold(!reached || g.successors[n].iter().find(improved).is_none(), "no link can improve a distance")?;
    }
    let key = |n: u32| (p.distance[n as usize], if unit { n } else { 0 });
    hold(p.order.windows(2).all(|w| key(w[0]) <= key(w[1])), "the nearest comes first")
}

/// DFS: the numbers nest, along links, successors in order, and no link leaves what is finished for what comes later.
pub fn dfs(g: &Graph, from: u32, v: &Visit) -> Result<(), Refused> {
    let nodes = g.successors.len();
    hold(v.interval.len() == nodes, "each cell has its numbers")?;
    places(g, &v.order)?;
    let parent = nesting(g, v)?;
    hold(v.order.first() == Some(&from), "the source comes first")?;
    let found = |n: u32| v.interval[n as usize].map(|i| i.0);
    for (n, successors) in g.successors.iter().enumerate() {
        let Some((_, finish)) = v.interval[n] else { continue };
        let mut latest = 0;
        for &s in successors {
            let discovered = found(s).filter(|&d| d < finish);
            let discovered = discovered.ok_or(Refused("no link leaves what is finished for what comes later"))?;
            let own = parent[s as usize] == n as u32;
            hold(!own || discovered > latest, "successors are visited in order")?;
            latest = latest.max(discovered);
        }
    }
    Ok(())
}

/// Reads discovery and finish as brackets; gives each node's parent, which must have a link to it.
fn nesting(g: &Graph, v: &Visit) -> Result<Vec<u32>, Refused> {
    const NONE: u32 = u32::MAX;
    let mut bracket = vec![(NONE, false); 2 * v.order.len()];
    for (i, &n) in v.order.iter().enumerate() {
        let (a, b) = v.interval[n as usize].ok_or(Refused("what is in the order has numbers"))?;
        hold(i == 0 || v.interval[v.order[i - 1] as usize].is_some_and(|p| p.0 < a), "the order is of discovery")?;
        for (at, opens) in [(a, true), (b, false)] {
            let slot = bracket.get_mut(at as usize).ok_or(Refused("the numbers count from 0 without gaps"))?;
            hold(slot.0 == NONE, "each number is used once")?;
            *slot = (n, opens);
        }
    }
    hold(v.interval.iter().flatten().count() == v.order.len(), "what has numbers is in the order")?;
    let mut parent = vec![NONE; v.interval.len()];
    let mut open: Vec<u32> = Vec::new();
    for (at, &(n, opens)) in bracket.iter().enumerate() {
        if !opens {
            hold(open.pop() == Some(n), "the numbers nest")?;
            continue;
        }
        if let Some(&p) = open.last() {
            hold(link(g, p, n), "a link leads to what is discovered")?;
            parent[n as usize] = p;
        }
        hold(at == 0 || !open.is_empty(), "all is discovered from the source")?;
        open.push(n);
    }
    Ok(parent)
}

/// GAUSSJ (`reduced`) and GAUSSELIM: the rows have the form and come from the original's rows (to × original = scale ×
/// rows), and there are enough of them (the original annuls one vector for each column without pivot, so that its
/// rank is no greater than theirs).
pub fn echelon(original: &[Vec<i64>], reduced: bool, e: &Echelon) -> Result<(), Refused> {
    let columns = original.first().map_or(0, Vec::len);
    let sized = |m: &[Vec<BigInt>], rows: usize, width: usize| m.len() == rows && m.iter().all(|r| r.len() == width);
    let (n, exact) = (original.len(), |v: &i64| BigInt::from(*v));
    let exact: Vec<Vec<BigInt>> = original.iter().map(|r| r.iter().map(exact).collect()).collect();
    hold(sized(&e.rows, n, columns) && sized(&e.to, n, n) && e.scale.len() == n, "the matrices have the right sizes")?;
    for (row, (to, scale)) in e.rows.iter().zip(e.to.iter().zip(&e.scale)) {
        hold(!scale.is_zero(), "a scale is not 0")?;
        let sum = |j: usize| to.iter().zip(&exact).map(|(t, r)| t * &r[j]).sum::<BigInt>();
        hold((0..columns).all(|j| sum(j) == &row[j] * scale), "transformation × original = scale × result")?;
    }
    let leads = leads(&e.rows, e.rank)?;
    for (row, &lead) in e.rows.iter().zip(&leads) {
        hold(!reduced || e.rows.iter().filter(|r| !r[lead].is_zero()).count() == 1, "a pivot is alone in its column")?;
        hold(common_divisor(row).is_one() && row[lead].is_positive(), "a row is coprime integers, the first positive")?;
    }
    let free: Vec<usize> = (0..columns).filter(|c| !leads.contains(c)).collect();
    hold(sized(&e.kernel, free.len(), columns), "there is a kernel vector for each column without pivot")?;
    for (v, &own) in e.kernel.iter().zip(&free) {
        hold(free.iter().all(|&c| (c == own) != v[c].is_zero()), "kernel vectors are independent")?;
        let annuls = |r: &Vec<BigInt>| r.iter().zip(v).map(|(a, b)| a * b).sum::<BigInt>().is_zero();
        hold(exact.iter().all(annuls), "the original annuls the kernel")?;
    }
    Ok(())
}

fn common_divisor(row: &[BigInt]) -> BigInt {
    let mut common = BigInt::zero();
    for v in row.iter().filter(|v| !v.is_zero()) {
        common = if common.is_zero() { v.abs() } else { common.gcd(&(v % &common)) };
        if common.is_one() {
            break;
        }
    }
    common
}

/// The columns of the pivots: rows of zeros come last, each other row starts further right than the one before.
fn leads(rows: &[Vec<BigInt>], rank: usize) -> Result<Vec<usize>, Refused> {
    let lead: Vec<Option<usize>> = rows.iter().map(|r| r.iter().position(|v| !v.is_zero())).collect();
    hold(rank <= rows.len(), "the rank is a number of rows")?;
    let counted = lead.iter().enumerate().all(|(i, l)| l.is_some() == (i < rank));
    hold(counted, "the rank counts the rows that are not zero, which come first")?;
    let leads: Vec<usize> = lead.into_iter().flatten().collect();
    hold(leads.windows(2).all(|w| w[0] < w[1]), "each row starts further right")?;
    Ok(leads)
}
