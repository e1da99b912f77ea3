//! scratch
use metadream_core::compression::exact::{expr::*, learn::*, search::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let v: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&a[1]).unwrap()).unwrap();
    let read = |k: &str, x: &mut Exprs| -> Vec<Id> { v[k].as_array().unwrap().iter().map(|t| x.parse(t.as_str().unwrap(), false).unwrap()).collect() };
    let mut x = Exprs::new(Costs::default());
    let roots = read("tr", &mut x);
    let t = cpu_time::ProcessTime::now();
    let w = std::time::Instant::now();
    let n: usize = a[4].parse().unwrap();
    let q = Query { threads: a[2].parse().unwrap(), ..Query::default() };
    let o = Options { count: n, query: q, rounds: a[3].parse().unwrap() };
    let l = learn(&x, &roots, &o).unwrap();
    let s = t.elapsed();
    let mut y = Exprs::new(Costs::default());
    let te = read("te", &mut y);
    let b: i64 = te.iter().map(|&r| y.cost(r)).sum();
    let f = apply(&y, &te, &l.abstractions).unwrap();
    println!("{} train {:.4} test {:.4} bodies {} cpu {:.2?} wall {:.2?} {:?}", a[1], l.costs.0 as f64 / l.costs.1 as f64, b as f64 / f.cost() as f64, l.bodies, s, w.elapsed(), l.effort);
    if a.len() > 5 { for x in &l.abstractions { println!("   {} {} {}", x.name, x.arity, x.body); } }
}
