//! The checkers: each looks at a problem and an answer, and accepts or says which claim fails. Whatever is accepted
//! is true of the problem, whoever found it; no code of the solvers is used.

mod sat;

pub use sat::{model, refutation};

use super::{Echelon, Graph, Paths, Visit};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

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
    let linked = |(&n, s): (&u32, &u32)| g.successors.get(n as usize).is_some_and(|l| l.contains(s));
    hold(!cycle.is_empty() && cycle.iter().zip(next).all(linked), "the links of the cycle exist")
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
            hold(g.successors[b].contains(&(n as u32)), "the link from the predecessor exists")?;
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
            hold(g.successors[p as usize].contains(&n), "a link leads to what is discovered")?;
            parent[n as usize] = p;
        }
        hold(at == 0 || !open.is_empty(), "all is discovered from the source")?;
        open.push(n);
    }
    Ok(parent)
}

/// GAUSSJ (`reduced`) and GAUSSELIM: to × original = rows, from × rows = original, and the rows have the form.
pub fn echelon(original: &[Vec<i64>], reduced: bool, e: &Echelon) -> Result<(), Refused> {
    let columns = original.first().map_or(0, Vec::len);
    let exact: Vec<Vec<BigRational>> =
        original.iter().map(|r| r.iter().map(|&v| BigRational::from_integer(v.into())).collect()).collect();
    let square = |m: &[Vec<BigRational>]| m.len() == exact.len() && m.iter().all(|r| r.len() == exact.len());
    let shape = e.rows.len() == exact.len() && e.rows.iter().all(|r| r.len() == columns);
    hold(shape && square(&e.to) && square(&e.from), "the matrices have the right sizes")?;
    hold(product(&e.to, &exact, columns) == e.rows, "transformation × original = result")?;
    hold(product(&e.from, &e.rows, columns) == exact, "back-transformation × result = original")?;
    hold(e.rank <= e.rows.len(), "the rank is a number of rows")?;
    let mut before = None;
    for (i, row) in e.rows.iter().enumerate() {
        let lead = row.iter().position(|v| !v.is_zero());
        hold(lead.is_some() == (i < e.rank), "the rank counts the rows that are not zero, which come first")?;
        let Some(lead) = lead else { continue };
        hold(before.is_none_or(|b| b < lead), "each row starts further right")?;
        before = Some(lead);
        let others = || e.rows.iter().enumerate().filter(|(j, _)| *j != i);
        hold(!reduced || others().all(|(_, r)| r[lead].is_zero()), "a pivot is alone in its column")?;
        let common = row.iter().fold(num_bigint::BigInt::zero(), |g, v| g.gcd(v.numer()));
        let whole = row.iter().all(BigRational::is_integer);
        hold(whole && common.is_one() && row[lead].is_positive(), "a row is coprime integers, the first positive")?;
    }
    Ok(())
}

fn product(a: &[Vec<BigRational>], b: &[Vec<BigRational>], columns: usize) -> Vec<Vec<BigRational>> {
    let entry = |row: &[BigRational], j: usize| {
        let terms = row.iter().zip(b).filter(|(v, _)| !v.is_zero());
        terms.map(|(v, r)| v * &r[j]).fold(BigRational::zero(), |s, v| s + v)
    };
    a.iter().map(|row| (0..columns).map(|j| entry(row, j)).collect()).collect()
}
