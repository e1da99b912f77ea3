//! Level 1 through programs: effects, faults, claims.

use super::*;

/// A triangle 2:0:0 → 2:0:1 → 2:0:2 → 2:0:0 with a tail to 2:0:4; 2:0:5 is apart, 2:0:3 unwritten.
const GRAPH: &str = "\
MOV 2:0:0, \"a\"\nMOV 2:0:1, #7\nMOV 2:0:2, #2\nMOV 2:0:4, #5\nMOV 2:0:5, \"a\"\n\
LINK.edge 2:0:0, 2:0:1\nLINK.edge 2:0:1, 2:0:2\nLINK.edge 2:0:2, 2:0:0\nLINK.edge 2:0:0, 2:0:4\nLINK.edge 2:0:4, 2:0:2\n";

fn values(lines: &str, a: &str, n: u64) -> Vec<String> {
    run(lines, |m, stop| {
        assert_eq!(stop.status(), 0, "{stop:?}");
        let places: Vec<Address> = (0..n).map(|i| at(a).plus(i).unwrap()).collect();
        places.into_iter().map(|p| m.written(p, m.workspace.content(p)).value).collect()
    })
}

#[test]
fn graphs() {
    let bfs = format!("{GRAPH}BFS.edge 3:0:0, 4:0:0, 5:0:0, 2:0:0*16, 2:0:0");
    assert_eq!(refs(&bfs, "3:0:0"), ["2:0:0", "2:0:1", "2:0:4", "2:0:2"]);
    assert_eq!(values(&bfs, "4:0:0", 6), ["0", "1", "2", "", "1", "-1"]);
    assert_eq!(values(&bfs, "5:0:0", 6), ["2:0:0", "2:0:0", "2:0:1", "", "2:0:0", "2:0:5"]);
    assert_eq!(claim(&bfs), ("certified", Discharge::Checked));
    let cheapest = format!("{GRAPH}DIJKSTRA.edge 3:0:0, 4:0:0, 5:0:0, 2:0:0*16, 2:0:0");
    assert_eq!(refs(&cheapest, "3:0:0"), ["2:0:0", "2:0:4", "2:0:1", "2:0:2"]);
    assert_eq!(values(&cheapest, "4:0:0", 6), ["0", "7", "7", "", "5", "-1"]);
    let dfs = format!("{GRAPH}DFS.edge 3:0:0, 4:0:0, 5:0:0, 2:0:0*16, 2:0:0");
    assert_eq!(refs(&dfs, "3:0:0"), ["2:0:0", "2:0:1", "2:0:2", "2:0:4"]);
    assert_eq!(values(&dfs, "4:0:0", 6), ["0", "1", "2", "", "5", "-1"]);
    assert_eq!(values(&dfs, "5:0:0", 6), ["7", "4", "3", "", "6", "-1"]);
    assert_eq!(refs(&format!("{GRAPH}TOPOSORT.before 3:0:0, 2:0:0*16"), "3:0:0").len(), 5);
    let order = format!("{GRAPH}LINK.before 2:0:2, 2:0:0\nTOPOSORT.before 3:0:0, 2:0:0*16");
    assert_eq!(refs(&order, "3:0:0"), ["2:0:1", "2:0:2", "2:0:0", "2:0:4", "2:0:5"]);
    assert_eq!(fault(&format!("{GRAPH}TOPOSORT.edge 3:0:0, 2:0:0*16")), (FaultKind::Link, Some(at("2:0:0"))));
    assert_eq!(fault(&format!("{GRAPH}BFS.edge 3:0:0, 4:0:0, 5:0:0, 2:0:0*16, 2:0:3")).0, FaultKind::Empty);
    assert_eq!(fault(&format!("{GRAPH}BFS.edge 3:0:0, 4:0:0, 5:0:0, 2:0:1*9, 2:0:0")).0, FaultKind::Operand);
    assert_eq!(fault(&format!("{GRAPH}BFS.edge 3:0:0, 4:0:0, 4:0:1, 2:0:0*16, 2:0:0")).0, FaultKind::Operand);
    let negative = format!("{GRAPH}MOV 2:0:4, #-5\nDIJKSTRA.edge 3:0:0, 4:0:0, 5:0:0, 2:0:0*16, 2:0:0");
    assert_eq!(fault(&negative), (FaultKind::Arithmetic, Some(at("2:0:4"))));
}

#[test]
fn dedup() {
    let lines = format!("{GRAPH}DEDUP 3:0:0, 4:0:0, 2:0:0*16");
    assert_eq!(refs(&lines, "3:0:0"), ["2:0:0", "2:0:1", "2:0:2", "2:0:4"]);
    assert_eq!(values(&lines, "4:0:5", 1), ["2:0:0"]);
    let terms = "MOV 2:0:0, '(wi wph wps)\nMOV.goal 2:0:1, '(wi wph wps)\nDEDUP 3:0:0, 4:0:0, 2:0:0*16";
    assert_eq!(refs(terms, "3:0:0"), ["2:0:0"]);
}

fn ints(first: &str, list: &[i64]) -> String {
    let a = at(first);
    let line = |(i, v): (usize, &i64)| format!("MOV {}, #{v}\n", a.plus(i as u64).unwrap());
    list.iter().enumerate().map(line).collect()
}

#[test]
fn elimination() {
    let m = ints("2:0:0", &[2, 4, 6, 1, 3, 5]);
    assert_eq!(values(&format!("{m}GAUSSJ 3:0:0, 2:0:0*6, #3"), "3:0:0", 7), ["2", "1", "0", "-1", "0", "1", "2"]);
    assert_eq!(values(&format!("{m}GAUSSELIM 3:0:0, 2:0:0*6, #3"), "3:0:0", 7), ["2", "1", "2", "3", "0", "1", "2"]);
    run(&format!("{m}GAUSSJ 3:0:0, 2:0:0*6, #3"), |m, _| {
        let o = m.trace.events.last().unwrap().obligation.clone().unwrap();
        assert_eq!(o.detail, ["to 2 3 -4", "to 2 -1 2", "kernel 1 -2 1"]);
    });
    assert_eq!(fault(&format!("{m}GAUSSJ 3:0:0, 2:0:0*6, #4")).0, FaultKind::Operand);
    assert_eq!(fault(&format!("{m}GAUSSJ 3:0:0, 2:0:0*9, #3")), (FaultKind::Empty, Some(at("2:0:6"))));
    let large = ints("2:0:0", &[i64::MAX, 1, 0, 1, i64::MAX, 1]);
    assert_eq!(fault(&format!("{large}GAUSSJ 3:0:0, 2:0:0*6, #3")).0, FaultKind::Arithmetic);
}

#[test]
fn satisfiability() {
    let m = ints("2:0:0", &[1, 2, 0, -1, 2, 0]);
    assert_eq!(values(&format!("{m}SATCHECK 3:0:0, 2:0:0*6"), "3:0:0", 3), ["1", "false", "true"]);
    let none = format!("{}SATCHECK 3:0:0, 2:0:0*16", ints("2:0:0", &[1, 2, 0, -1, 2, 0, -2, 0]));
    assert_eq!(values(&none, "3:0:0", 2), ["0", ""]);
    run(&none, |m, _| {
        let o = m.trace.events.last().unwrap().obligation.clone().unwrap();
        assert_eq!((o.claim, o.detail), ("certified", vec!["rup".to_string()]));
    });
    // 2x ≤ 1 and −2x ≤ −1
    let half = format!("{}{}", ints("2:0:0", &[1, 0, 2, 0]), ints("2:1:0", &[2, 1, -2, -1]));
    let rational = format!("{half}SATCHECK 3:0:0, 2:0:0*4, 2:1:0*4, #2");
    assert_eq!(values(&rational, "3:0:0", 5), ["1", "true", "true", "1", "2"]);
    assert_eq!(values(&format!("{half}SATCHECK.integer 3:0:0, 2:0:0*4, 2:1:0*4, #2"), "3:0:0", 1), ["0"]);
    assert_eq!(fault("MOV 2:0:0, #1\nSATCHECK 3:0:0, 2:0:0*6"), (FaultKind::Operand, Some(at("2:0:0"))));
    assert_eq!(fault("MOV 2:0:0, #99999\nSATCHECK 3:0:0, 2:0:0*6").0, FaultKind::Bound);
    assert_eq!(fault("MOV 2:0:0, \"p\"\nSATCHECK 3:0:0, 2:0:0*6").0, FaultKind::Type);
}
