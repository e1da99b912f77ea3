//! Solvers against brute force, checkers against answers that were tampered with.

use super::check::{self, Refused};
use super::*;

/// Pseudo-random numbers below a bound (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
    fn graph(&mut self) -> Graph {
        let n = 1 + self.below(9);
        let links = self.below(3 * n);
        let mut g = Graph { successors: vec![Vec::new(); n], cost: (0..n).map(|_| self.below(4) as u64).collect() };
        for _ in 0..links {
            let (a, b) = (self.below(n), self.below(n) as u32);
            g.successors[a].push(b);
        }
        for s in &mut g.successors {
            s.sort_unstable();
            s.dedup();
        }
        g
    }
    fn formula(&mut self, atoms: bool) -> Formula {
        let variables = 3 + self.below(5);
        let literal = |r: &mut Random| (1 + r.below(variables)) as i32 * if r.below(2) == 0 { 1 } else { -1 };
        let clauses =
            (0..3 + self.below(4 * variables)).map(|_| (0..1 + self.below(3)).map(|_| literal(self)).collect());
        let clauses = clauses.collect();
        let unknowns = if atoms { 2 } else { 0 };
        let small = |r: &mut Random| r.below(7) as i64 - 3;
        let atom = |r: &mut Random| Atom { coefficients: vec![small(r), small(r)], bound: small(r) };
        let atoms = if atoms { (0..variables.min(4)).map(|_| atom(self)).collect() } else { Vec::new() };
        Formula { variables, clauses, atoms, unknowns, integer: self.below(2) == 0 }
    }
}

/// All assignments, in order; the first that satisfies the clauses.
fn least_model(f: &Formula) -> Option<Vec<bool>> {
    let value = |code: usize, v: usize| code >> (f.variables - 1 - v) & 1 == 1;
    let holds = |code, l: i32| value(code, l.unsigned_abs() as usize - 1) == (l > 0);
    let good = |&code: &usize| f.clauses.iter().all(|c| c.iter().any(|&l| holds(code, l)));
    let code = (0..1usize << f.variables).find(good)?;
    Some((0..f.variables).map(|v| value(code, v)).collect())
}

#[test]
fn clauses_have_the_least_model_or_a_refutation() {
    let mut r = Random(1);
    let mut counts = [0; 2];
    for _ in 0..3000 {
        let f = r.formula(false);
        match (sat::solve(&f), least_model(&f)) {
            (Verdict::Sat(v, x), Some(least)) => {
                assert_eq!(v, least, "{f:?}");
                assert_eq!(check::model(&f, &v, &x), Ok(()));
                let mut other = v.clone();
                other.pop();
                assert!(check::model(&f, &other, &x).is_err());
                counts[0] += 1;
            }
            (Verdict::Unsat(lines), None) => {
                assert_eq!(check::refutation(&f, &lines), Ok(()), "{f:?}");
                assert!(check::refutation(&f, &lines[..lines.len() - 1]).is_err());
                counts[1] += 1;
            }
            (got, expected) => panic!("{f:?}: {got:?}, expected {expected:?}"),
        }
    }
    assert!(counts[0] > 200 && counts[1] > 200, "{counts:?}");
}

/// Whatever is done to the lines: nothing refutes what has a model.
#[test]
fn no_refutation_of_a_satisfiable_formula_is_accepted() {
    let mut r = Random(2);
    let mut tried = 0;
    for round in 0..6000 {
        let f = r.formula(round % 2 == 0);
        let Verdict::Unsat(lines) = sat::solve(&f) else { continue };
        assert_eq!(check::refutation(&f, &lines), Ok(()), "{f:?} {lines:?}");
        for left_out in 0..f.clauses.len() {
            let mut weaker = f.clone();
            weaker.clauses.remove(left_out);
            if let Verdict::Sat(v, x) = sat::solve(&weaker) {
                assert_eq!(check::model(&weaker, &v, &x), Ok(()));
                let mut forged = lines.clone();
                assert!(check::refutation(&weaker, &forged).is_err());
                tamper(&mut r, &mut forged);
                assert!(check::refutation(&weaker, &forged).is_err(), "{weaker:?} {forged:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

fn tamper(r: &mut Random, lines: &mut Vec<Line>) {
    let n = lines.len();
    match &mut lines[r.below(n)] {
        Line::Split(_, bound) => *bound += 1,
        Line::Farkas(clause) => {
            let i = r.below(clause.len());
            match r.below(3) {
                0 => clause[i].0 = -clause[i].0,
                1 => clause[i].1 = -clause[i].1.clone(),
                _ => drop(clause.remove(i)),
            }
        }
        Line::Rup(clause) => match clause.len() {
            0 => lines.insert(0, Line::Rup(vec![1])),
            n => drop(clause.remove(r.below(n))),
        },
    }
}

#[test]
fn pigeons_and_integers_are_refuted() {
    // 5 pigeons, 4 holes: variable 4p + h + 1
    let mut f = Formula { variables: 20, ..Formula::default() };
    for p in 0..5 {
        f.clauses.push((1..=4).map(|h| 4 * p + h).collect());
        for (q, h) in (0..p).flat_map(|q| (1..=4).map(move |h| (q, h))) {
            f.clauses.push(vec![-(4 * p + h), -(4 * q + h)]);
        }
    }
    let Verdict::Unsat(lines) = sat::solve(&f) else { panic!("5 pigeons do not fit") };
    assert_eq!(check::refutation(&f, &lines), Ok(()));
    // 3x + 5y = 4 with 0 ≤ x, y ≤ 1
    let atom = |coefficients: &[i64], bound| Atom { coefficients: coefficients.into(), bound };
    let box_and = |more: Vec<Atom>, integer| {
        let sides = [atom(&[1, 0], 1), atom(&[-1, 0], 0), atom(&[0, 1], 1), atom(&[0, -1], 0)];
        let atoms: Vec<Atom> = sides.into_iter().chain(more).collect();
        let clauses = (1..=atoms.len() as i32).map(|v| vec![v]).collect();
        Formula { variables: atoms.len(), clauses, atoms, unknowns: 2, integer }
    };
    let line = || vec![atom(&[3, 5], 4), atom(&[-3, -5], -4)];
    let Verdict::Sat(v, x) = sat::solve(&box_and(line(), false)) else { panic!("a rational point exists") };
    assert_eq!(check::model(&box_and(line(), false), &v, &x), Ok(()));
    let f = box_and(line(), true);
    let Verdict::Unsat(lines) = sat::solve(&f) else { panic!("no integer point") };
    assert!(lines.iter().any(|l| matches!(l, Line::Split(..))), "{lines:?}");
    assert_eq!(check::refutation(&f, &lines), Ok(()));
    let rational = Formula { integer: false, ..f };
    assert!(check::refutation(&rational, &lines).is_err(), "a split is no argument over the rationals");
}

fn relaxed(g: &Graph, from: u32, unit: bool) -> Vec<Option<u64>> {
    let n = g.successors.len();
    let mut d = vec![None; n];
    d[from as usize] = Some(0);
    for _ in 0..n {
        for a in 0..n {
            for &b in &g.successors[a] {
                let through = d[a].map(|x: u64| x + if unit { 1 } else { g.cost[b as usize] });
                if through.is_some() && (d[b as usize].is_none() || through < d[b as usize]) {
                    d[b as usize] = through;
                }
            }
        }
    }
    d
}

#[test]
fn paths_are_shortest_and_tampered_paths_are_refused() {
    let mut r = Random(3);
    for _ in 0..2000 {
        let g = r.graph();
        let n = g.successors.len();
        let from = r.below(n) as u32;
        for unit in [true, false] {
            let p = if unit { graph::bfs(&g, from) } else { graph::dijkstra(&g, from).unwrap() };
            assert_eq!(p.distance, relaxed(&g, from, unit));
            assert_eq!(check::paths(&g, from, unit, &p), Ok(()), "{g:?} {p:?}");
            let refused = |q: &Paths| check::paths(&g, from, unit, q).is_err();
            let node = r.below(n);
            let mut q = p.clone();
            q.distance[node] = q.distance[node].map_or(Some(1), |d| d.checked_sub(1));
            assert!(refused(&q), "{g:?} {q:?}");
            q = p.clone();
            q.distance[node] = q.distance[node].map(|d| d + 1);
            assert!(q == p || refused(&q), "{g:?} {q:?}");
            q = p.clone();
            q.order.pop();
            assert!(refused(&q));
            q = p.clone();
            q.predecessor[node] = r.below(n) as u32;
            let b = q.predecessor[node] as usize;
            let step = if unit { 1 } else { g.cost[node] };
            let tight = g.successors[b].contains(&(node as u32)) && p.distance[b].map(|d| d + step) == p.distance[node];
            assert!(tight || q == p || refused(&q), "{g:?} {q:?}");
        }
    }
}

#[test]
fn depth_first_numbers_nest_and_other_numbers_are_refused() {
    let mut r = Random(4);
    for _ in 0..3000 {
        let g = r.graph();
        let n = g.successors.len();
        let from = r.below(n) as u32;
        let v = graph::dfs(&g, from);
        assert_eq!(check::dfs(&g, from, &v), Ok(()), "{g:?} {v:?}");
        let mut w = v.clone();
        let (a, b) = (r.below(w.order.len()), r.below(w.order.len()));
        w.order.swap(a, b);
        let (x, y) = (v.order[a] as usize, v.order[b] as usize);
        w.interval.swap(x, y);
        assert!(w == v || check::dfs(&g, from, &w).is_err(), "{g:?} {w:?}");
        w = v.clone();
        w.interval[x] = w.interval[x].map(|(a, b)| (a, b + 1));
        assert!(check::dfs(&g, from, &w).is_err());
    }
}

#[test]
fn orders_and_cycles() {
    let mut r = Random(5);
    let mut cycles = 0;
    for _ in 0..2000 {
        let g = r.graph();
        match graph::toposort(&g) {
            Ok(order) => {
                assert_eq!(check::toposort(&g, &order), Ok(()));
                assert_eq!(check::toposort(&g, &order[1..]), Err(Refused("every cell stands in the order")));
                let mut back = order.clone();
                back.reverse();
                let linked = g.successors.iter().any(|s| !s.is_empty());
                assert_eq!(check::toposort(&g, &back).is_err(), linked);
            }
            Err(cycle) => {
                cycles += 1;
                assert_eq!(check::cycle(&g, &cycle), Ok(()), "{g:?} {cycle:?}");
                assert!(check::cycle(&g, &[]).is_err());
            }
        }
    }
    assert!(cycles > 200);
}

#[test]
fn representatives() {
    let items = [3, 1, 3, 2, 1];
    let r = graph::dedup(&items);
    assert_eq!(r, [0, 1, 0, 3, 1]);
    assert_eq!(check::dedup(&items, &r), Ok(()));
    for wrong in [[0, 1, 2, 3, 1], [0, 0, 0, 3, 1], [2, 1, 2, 3, 1], [0, 1, 0, 3, 4]] {
        assert!(check::dedup(&items, &wrong).is_err());
    }
    assert!(check::dedup(&items, &r[1..]).is_err());
}

#[test]
fn echelon_forms_are_certified_and_tampered_ones_are_refused() {
    let mut r = Random(6);
    for _ in 0..500 {
        let (n, columns) = (1 + r.below(5), 1 + r.below(5));
        let entry = |r: &mut Random| r.below(9) as i64 - 4;
        let a: Vec<Vec<i64>> = (0..n).map(|_| (0..columns).map(|_| entry(&mut r)).collect()).collect();
        for reduced in [true, false] {
            let e = gauss::eliminate(&a, reduced).unwrap();
            assert_eq!(check::echelon(&a, reduced, &e), Ok(()), "{a:?} {e:?}");
            let refused = |wrong: &Echelon| check::echelon(&a, reduced, wrong).is_err();
            let (i, j) = (r.below(n), r.below(columns));
            let mut wrong = e.clone();
            wrong.rows[i][j] += 1;
            assert!(refused(&wrong));
            wrong = e.clone();
            wrong.rank += 1;
            assert!(refused(&wrong));
            wrong = e.clone();
            wrong.scale[i] = 0.into();
            assert!(refused(&wrong));
            wrong = e.clone();
            wrong.to[i][j % n] += 1;
            assert_eq!(refused(&wrong), a[j % n].iter().any(|&v| v != 0));
            if let Some(v) = e.kernel.len().checked_sub(1) {
                wrong = e.clone();
                wrong.kernel[v][j] += 1;
                let zero = a.iter().all(|row| row[j] == 0);
                assert!(refused(&wrong) || zero && e.kernel[v][j] != 0.into());
                wrong.kernel.pop();
                assert!(refused(&wrong));
            }
            // a row of the result is left out: what remains is no longer all of it
            if e.rank > 0 {
                wrong = e.clone();
                wrong.rows.remove(e.rank - 1);
                wrong.rows.push(vec![0.into(); columns]);
                wrong.rank -= 1;
                wrong.to[e.rank - 1] = vec![0.into(); n];
                assert!(refused(&wrong));
            }
        }
    }
}
