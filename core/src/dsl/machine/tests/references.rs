//! The reference programs of Level 1 (dsl/level1/programs) against the machine's own form.

use super::*;

const PROGRAMS: [(&str, &str); 5] = [
    ("DEDUP 16:0:0, 18:0:0, 1:0:0*256", include_str!("../../../../../dsl/level1/programs/dedup.asm")),
    ("TOPOSORT.edge 16:0:0, 1:0:0*256", include_str!("../../../../../dsl/level1/programs/toposort.asm")),
    ("BFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]", include_str!("../../../../../dsl/level1/programs/bfs.asm")),
    ("DFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]", include_str!("../../../../../dsl/level1/programs/dfs.asm")),
    (
        "DIJKSTRA.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0]",
        include_str!("../../../../../dsl/level1/programs/dijkstra.asm"),
    ),
];
const GAUSS: &str = include_str!("../../../../../dsl/level1/programs/gauss.asm");
const SATCHECK: &str = include_str!("../../../../../dsl/level1/programs/satcheck.asm");

/// Whether the run ended well, and the result's cells (pages 16, 18, 19), after `before` and then the program.
fn result(before: &str, program: &str) -> (bool, Vec<(Address, Content)>) {
    let (toy, arena) = Toy::new();
    let mut m = Machine::new(&toy, &toy, arena);
    let set = assemble(&format!(".block main\n{before}")).unwrap();
    assert_eq!(m.run(&set, 10_000).unwrap().stop, StopReason::End);
    let program = assemble(program).unwrap_or_else(|e| panic!("{e}"));
    let stop = m.run(&program, 100_000_000).unwrap().stop;
    let mut cells = Vec::new();
    for (first, len) in [("16:0:0", 512), ("18:0:0", 256), ("19:0:0", 256)] {
        let mut keep = |a, c: &crate::dsl::memory::cell::Cell| {
            cells.push((a, c.content()));
            true
        };
        m.workspace.scan(Span::new(at(first), len).unwrap(), &mut keep);
    }
    (stop.status() == 0, cells)
}

/// Whether both ended well; they must agree on that, and on all cells.
fn agree(before: &str, fast: &str, reference: &str) -> bool {
    let (fast, expected) = result(before, &format!(".block main\n{fast}"));
    let (ended, got) = result(before, reference);
    assert_eq!(ended, fast, "{before}");
    if fast {
        assert_eq!(got, expected, "{before}");
    }
    ended
}

/// Pseudo-random numbers below a bound.
fn below(x: &mut u64, n: u64) -> u64 {
    *x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*x >> 33) % n
}

fn graph(x: &mut u64) -> String {
    let n = 1 + below(x, 6);
    let places: Vec<String> = (0..n).map(|i| format!("{}", at("1:0:0").plus(7 * i + below(x, 7)).unwrap())).collect();
    let mut lines = String::new();
    for p in &places {
        match below(x, 4) {
            0 => lines += &format!("MOV {p}, \"x\"\n"),
            c => lines += &format!("MOV {p}, #{}\n", c - 1),
        }
    }
    for _ in 0..below(x, 3 * n) {
        let (a, b) = (&places[below(x, n) as usize], &places[below(x, n) as usize]);
        lines += &format!("LINK.edge {a}, {b}\n");
    }
    // a ref to the first cell
    let first = at(&places[0]).packed();
    format!("{lines}MOV 2:0:1, #0\nSCAN 2:0:2, 2:0:1*1, #0\nMAP.sub 2:0:0, 2:0:3*1, #{}\n", 513 - first)
}

#[test]
fn graphs_and_representatives() {
    let mut x = 9;
    let mut ended = [0; 5];
    for _ in 0..40 {
        let before = graph(&mut x);
        for (i, (fast, reference)) in PROGRAMS.into_iter().enumerate() {
            ended[i] += usize::from(agree(&before, fast, reference));
        }
    }
    assert!(ended[1] > 5 && ended[1] < 40, "some graphs have cycles");
    ended[1] = 40;
    assert_eq!(ended, [40; 5]);
}

#[test]
fn elimination() {
    let mut x = 10;
    for _ in 0..30 {
        let (n, m) = (1 + below(&mut x, 4), 1 + below(&mut x, 4));
        let mut before = String::new();
        for i in 0..n * m {
            before += &format!("MOV {}, #{}\n", at("1:0:0").plus(i).unwrap(), below(&mut x, 9) as i64 - 4);
        }
        before += &format!("MOV 2:0:0, #{n}\nMOV 2:0:1, #{m}\n");
        let fast = |o| format!("{o} 16:0:0, 1:0:0*{}, #{m}", n * m);
        assert!(agree(&format!("{before}CMP.eq 2:0:2, #0, #0\n"), &fast("GAUSSJ"), GAUSS));
        assert!(agree(&format!("{before}CMP.ne 2:0:2, #0, #0\n"), &fast("GAUSSELIM"), GAUSS));
    }
}

#[test]
fn satisfiability() {
    let mut x = 11;
    for _ in 0..30 {
        let n = 1 + below(&mut x, 4);
        let (mut before, mut at_) = (String::new(), at("1:0:0"));
        for _ in 0..below(&mut x, 4 * n) {
            for k in (0..=1 + below(&mut x, 3)).rev() {
                let v = (1 + below(&mut x, n)) as i64 * if below(&mut x, 2) == 0 { 1 } else { -1 };
                before += &format!("MOV {at_}, #{}\n", if k == 0 { 0 } else { v });
                at_ = at_.plus(1).unwrap();
            }
        }
        before += "MOV 2:0:0, #0\nMOV 2:0:1, #0\n";
        assert!(agree(&before, "SATCHECK 16:0:0, 1:0:0*256", SATCHECK));
    }
}

/// Verdict and variables; the values of the unknowns are the solver's choice.
#[test]
fn satisfiability_with_atoms() {
    let mut x = 12;
    let mut verdicts = [0; 2];
    for _ in 0..20 {
        let mut before = String::from("MOV 2:0:0, #3\nMOV 2:0:1, #2\n");
        for i in 0..9 {
            before += &format!("MOV {}, #{}\n", at("3:0:0").plus(i).unwrap(), below(&mut x, 7) as i64 - 3);
        }
        let mut at_ = at("1:0:0");
        for _ in 0..3 {
            for k in (0..=2).rev() {
                let v = (1 + below(&mut x, 4)) as i64 * if below(&mut x, 2) == 0 { 1 } else { -1 };
                before += &format!("MOV {at_}, #{}\n", if k == 0 { 0 } else { v });
                at_ = at_.plus(1).unwrap();
            }
        }
        let used = before.contains("#4\n") || before.contains("#-4\n");
        let (_, fast) = result(&before, ".block main\nSATCHECK 16:0:0, 1:0:0*256, 3:0:0*9, #3");
        let (ended, slow) = result(&before, SATCHECK);
        assert!(ended, "{before}");
        let known = if fast[0].1.as_int() == Some(1) { 4 + usize::from(used) } else { 1 };
        assert_eq!(slow[..], fast[..known], "{before}");
        verdicts[usize::from(known > 1)] += 1;
    }
    assert!(verdicts[0] > 0 && verdicts[1] > 0, "{verdicts:?}");
}
