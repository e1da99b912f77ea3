//! The solvers of DEDUP, TOPOSORT, BFS, DFS and DIJKSTRA. Of equal choices the smaller number wins, so each answer is
//! unique. Cost: O((nodes + links) log nodes).

use super::{Graph, Paths, Visit};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// Returns, for each item, the index of the first item equal to it.
pub fn dedup<T: Ord>(items: &[T]) -> Vec<u32> {
    let mut first = BTreeMap::new();
    items.iter().enumerate().map(|(i, item)| *first.entry(item).or_insert(i as u32)).collect()
}

/// Returns the lexicographically smallest topological order.
///
/// # Errors
/// The nodes of a cycle, each with a link to the next, the last to the first.
///
/// ```
/// use metadream_core::dsl::level1::{graph::toposort, Graph};
///
/// let graph = |successors| Graph { successors, cost: vec![1; 3] };
/// assert_eq!(toposort(&graph(vec![vec![], vec![0], vec![0]])), Ok(vec![1, 2, 0]));
/// assert_eq!(toposort(&graph(vec![vec![1], vec![0], vec![]])), Err(vec![0, 1]));
/// ```
pub fn toposort(g: &Graph) -> Result<Vec<u32>, Vec<u32>> {
    let mut waiting = vec![0u32; g.successors.len()];
    for &s in g.successors.iter().flatten() {
        waiting[s as usize] += 1;
    }
    let free = |w: &[u32]| (0..w.len() as u32).filter(|&n| w[n as usize] == 0).map(Reverse).collect();
    let mut heap: BinaryHeap<Reverse<u32>> = free(&waiting);
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(Reverse(n)) = heap.pop() {
        order.push(n);
        for &s in &g.successors[n as usize] {
            waiting[s as usize] -= 1;
            if waiting[s as usize] == 0 {
                heap.push(Reverse(s));
            }
        }
    }
    match order.len() == waiting.len() {
        true => Ok(order),
        false => Err(cycle(g, &waiting)),
    }
}

/// Walks backward among the nodes that still wait (each has such a predecessor) until one comes again.
fn cycle(g: &Graph, waiting: &[u32]) -> Vec<u32> {
    let mut before = vec![u32::MAX; waiting.len()];
    for n in (0..waiting.len()).filter(|&n| waiting[n] > 0) {
        for &s in &g.successors[n] {
            before[s as usize] = before[s as usize].min(n as u32);
        }
    }
    let mut n = waiting.iter().position(|&w| w > 0).expect("some node waits") as u32;
    let mut seen = vec![false; waiting.len()];
    while !std::mem::replace(&mut seen[n as usize], true) {
        n = before[n as usize];
    }
    let mut found = vec![n];
    let mut m = before[n as usize];
    while m != n {
        found.push(m);
        m = before[m as usize];
    }
    found.reverse();
    let smallest = (0..found.len()).min_by_key(|&i| found[i]).unwrap_or(0);
    found.rotate_left(smallest);
    found
}

/// Cheapest paths from a node by Dijkstra's algorithm. The frontier's nearest node is settled next, ties by number, and
/// only a smaller distance replaces a predecessor. `None` if a distance exceeds 63 bits.
pub fn dijkstra(g: &Graph, from: u32) -> Option<Paths> {
    let nodes = g.successors.len();
    let mut p = Paths { order: Vec::new(), distance: vec![None; nodes], predecessor: (0..nodes as u32).collect() };
    let mut settled = vec![false; nodes];
    p.distance[from as usize] = Some(0);
    let mut heap = BinaryHeap::from([Reverse((0u64, from))]);
    while let Some(Reverse((d, n))) = heap.pop() {
        if std::mem::replace(&mut settled[n as usize], true) {
            continue;
        }
        p.order.push(n);
        for &s in &g.successors[n as usize] {
            let next = d.checked_add(g.cost[s as usize]).filter(|&d| d <= i64::MAX as u64)?;
            if p.distance[s as usize].is_none_or(|old| next < old) {
                p.distance[s as usize] = Some(next);
                p.predecessor[s as usize] = n;
                heap.push(Reverse((next, s)));
            }
        }
    }
    Some(p)
}

/// Breadth-first search from a node, each level in order of node numbers.
pub fn bfs(g: &Graph, from: u32) -> Paths {
    let nodes = g.successors.len();
    let mut p = Paths { order: vec![from], distance: vec![None; nodes], predecessor: (0..nodes as u32).collect() };
    p.distance[from as usize] = Some(0);
    let (mut start, mut depth) = (0, 0);
    while start < p.order.len() {
        let level = p.order[start..].to_vec();
        start = p.order.len();
        depth += 1;
        for n in level {
            for &s in &g.successors[n as usize] {
                if p.distance[s as usize].is_none() {
                    p.distance[s as usize] = Some(depth);
                    p.predecessor[s as usize] = n;
                    p.order.push(s);
                }
            }
        }
        p.order[start..].sort_unstable();
    }
    p
}

/// Depth first from a node, successors in order.
pub fn dfs(g: &Graph, from: u32) -> Visit {
    let mut v = Visit { order: Vec::new(), interval: vec![None; g.successors.len()] };
    let mut clock = 0;
    let mut stack = vec![(from, 0)];
    while let Some(&mut (n, ref mut at)) = stack.last_mut() {
        if *at == 0 && v.interval[n as usize].is_none() {
            v.interval[n as usize] = Some((clock, u32::MAX));
            v.order.push(n);
            clock += 1;
        }
        let fresh = |&s: &u32| v.interval[s as usize].is_none();
        match g.successors[n as usize][*at..].iter().position(fresh) {
            Some(skip) => {
                let s = g.successors[n as usize][*at + skip];
                *at += skip + 1;
                stack.push((s, 0));
            }
            None => {
                v.interval[n as usize].as_mut().expect("discovered").1 = clock;
                clock += 1;
                stack.pop();
            }
        }
    }
    v
}
