//! The search against an oracle that enumerates every abstraction, rewriting against an evaluator of its own: both work
//! on boxed trees and share no code with what they check.

use super::corpus::Corpus;
use super::expr::{Costs, Exprs, Id, ParseError};
use super::learn::{apply, can_exchange, costs_without, learn, learn_all, Options};
use super::rewrite::Abstraction;
use super::search::{search, Query};
use random::Random;

/// A generator of small random programs.
mod random {
    pub struct Random(pub u64);
    impl Random {
        pub fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    Name(String),
    Var(u32),
    Param(usize),
    App(Box<Tree>, Box<Tree>),
    Lam(Box<Tree>),
    /// A lambda that stands for an abstraction: what the evaluator reduces.
    Fun(Box<Tree>),
}
use Tree::{App, Fun, Lam, Name, Param, Var};

fn app(f: Tree, x: Tree) -> Tree {
    App(Box::new(f), Box::new(x))
}

fn read(text: &str) -> Tree {
    fn one(tokens: &mut std::iter::Peekable<std::vec::IntoIter<String>>) -> Tree {
        let token = tokens.next().expect("a token");
        if token != "(" {
            let number = |s: &str| s.parse::<u32>().ok();
            return match (token.strip_prefix('$').and_then(number), token.strip_prefix('#').and_then(number)) {
                (Some(i), _) => Var(i),
                (_, Some(i)) => Param(i as usize),
                _ => Name(token),
            };
        }
        if tokens.peek().is_some_and(|t| t == "lam") {
            tokens.next();
            let body = one(tokens);
            tokens.next();
            return Lam(Box::new(body));
        }
        let mut t = one(tokens);
        while tokens.peek().is_some_and(|t| t != ")") {
            let x = one(tokens);
            t = app(t, x);
        }
        tokens.next();
        t
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    one(&mut spaced.split_whitespace().map(String::from).collect::<Vec<_>>().into_iter().peekable())
}

fn write(t: &Tree) -> String {
    match t {
        Name(n) => n.clone(),
        Var(i) => format!("${i}"),
        Param(i) => format!("#{i}"),
        App(f, x) => format!("({} {})", write(f), write(x)),
        Lam(b) => format!("(lam {})", write(b)),
        Fun(b) => format!("(fun {})", write(b)),
    }
}

fn random_tree(r: &mut Random, size: u64, under: u32, lambdas: bool) -> Tree {
    if size <= 1 {
        return match r.below(6) {
            0 if under > 0 => Var(r.below(u64::from(under)) as u32),
            n => Name(["a", "b", "f", "g"][(n % 4) as usize].into()),
        };
    }
    if lambdas && r.below(5) == 0 {
        return Lam(Box::new(random_tree(r, size - 1, under + 1, lambdas)));
    }
    let left = 1 + r.below(size - 1);
    app(random_tree(r, left, under, lambdas), random_tree(r, size - left, under, lambdas))
}

fn shift(t: &Tree, by: i64, under: u32) -> Option<Tree> {
    Some(match t {
        Var(i) if *i >= under => {
            let moved = i64::from(*i) + by;
            if moved < i64::from(under) {
                return None;
            }
            Var(moved as u32)
        }
        App(f, x) => app(shift(f, by, under)?, shift(x, by, under)?),
        Lam(b) => Lam(Box::new(shift(b, by, under + 1)?)),
        Fun(b) => Fun(Box::new(shift(b, by, under + 1)?)),
        leaf => leaf.clone(),
    })
}

fn cost(t: &Tree) -> i64 {
    match t {
        Param(_) => 0,
        Name(_) | Var(_) => 100,
        App(f, x) => 1 + cost(f) + cost(x),
        Lam(b) | Fun(b) => 1 + cost(b),
    }
}

fn closed(t: &Tree, under: u32) -> bool {
    match t {
        Var(i) => *i < under,
        App(f, x) => closed(f, under) && closed(x, under),
        Lam(b) => closed(b, under + 1),
        _ => true,
    }
}

/// All ways to put holes, numbered one after the other, into a tree.
fn holes(t: &Tree, next: usize) -> Vec<(Tree, usize)> {
    let mut all = vec![(Param(next), next + 1), (t.clone(), next)];
    match t {
        App(f, x) => {
            all.pop();
            for (f, n) in holes(f, next) {
                all.extend(holes(x, n).into_iter().map(|(x, n)| (app(f.clone(), x), n)));
            }
        }
        Lam(b) => {
            all.pop();
            all.extend(holes(b, next).into_iter().map(|(b, n)| (Lam(Box::new(b)), n)));
        }
        _ => {}
    }
    all
}

fn rename(t: &Tree, names: &[usize]) -> Tree {
    match t {
        Param(i) => Param(names[*i]),
        App(f, x) => app(rename(f, names), rename(x, names)),
        Lam(b) => Lam(Box::new(rename(b, names))),
        leaf => leaf.clone(),
    }
}

/// All ways to give `n` holes at most `most` names.
fn namings(n: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for _ in 0..n {
        let more = |v: Vec<usize>| {
            let used = v.iter().max().map_or(0, |m| m + 1);
            (0..(used + 1).min(most)).map(move |i| [v.clone(), vec![i]].concat()).collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(more).collect();
    }
    all
}

fn matches(body: &Tree, t: &Tree, depth: u32, args: &mut Vec<Option<Tree>>) -> bool {
    match (body, t) {
        (Param(i), _) => match shift(t, -i64::from(depth), 0) {
            None => false,
            Some(arg) => match &args[*i] {
                Some(bound) => *bound == arg,
                None => {
                    args[*i] = Some(arg);
                    true
                }
            },
        },
        (App(f, x), App(g, y)) => matches(f, g, depth, args) && matches(x, y, depth, args),
        (Lam(b), Lam(c)) => matches(b, c, depth + 1, args),
        _ => body == t,
    }
}

fn cheapest(t: &Tree, body: &Tree, arity: usize) -> i64 {
    let plain = match t {
        App(f, x) => 1 + cheapest(f, body, arity) + cheapest(x, body, arity),
        Lam(b) => 1 + cheapest(b, body, arity),
        leaf => cost(leaf),
    };
    let mut args = vec![None; arity];
    if !matches(body, t, 0, &mut args) {
        return plain;
    }
    let args = args.iter().flatten().map(|a| 1 + cheapest(a, body, arity));
    plain.min(100 + args.sum::<i64>())
}

fn parts<'a>(t: &'a Tree, all: &mut Vec<&'a Tree>) {
    if !all.contains(&t) {
        all.push(t);
    }
    match t {
        App(f, x) => {
            parts(f, all);
            parts(x, all);
        }
        Lam(b) => parts(b, all),
        _ => {}
    }
}

/// Whether a parameter is one closed expression at all matches, or one closed function or argument beside a hole and
/// nowhere a match itself.
fn degenerate(body: &Tree, arity: usize, parts: &[&Tree]) -> bool {
    let bound = |t: &&Tree| {
        let mut args = vec![None; arity];
        matches(body, t, 0, &mut args).then(|| args.into_iter().flatten().collect::<Vec<Tree>>())
    };
    let rows: Vec<Vec<Tree>> = parts.iter().filter_map(bound).collect();
    let same =
        |values: Vec<Option<&Tree>>| values[0].is_some_and(|v| closed(v, 0)) && values.windows(2).all(|w| w[0] == w[1]);
    (0..arity).any(|i| {
        let nested = || rows.iter().any(|row| bound(&&row[i]).is_some());
        let half = |left: bool| {
            let of = |row: &Vec<Tree>| match &row[i] {
                App(f, x) => Some(if left { f } else { x }.as_ref().clone()),
                _ => None,
            };
            let halves: Vec<Option<Tree>> = rows.iter().map(of).collect();
            same(halves.iter().map(Option::as_ref).collect())
        };
        same(rows.iter().map(|r| Some(&r[i])).collect()) || (!nested() && (half(true) || half(false)))
    })
}

/// The best utility of all abstractions that are not degenerate: every part of a program with holes in every way.
fn oracle(programs: &[Tree], arity: usize) -> i64 {
    let before: i64 = programs.iter().map(cost).sum();
    let mut all = Vec::new();
    programs.iter().for_each(|p| parts(p, &mut all));
    let mut best = 0;
    let mut seen = std::collections::BTreeSet::new();
    for part in &all {
        for (shape, n) in holes(part, 0) {
            if n > 6 || !closed(&shape, 0) || matches!(shape, Param(_)) {
                continue;
            }
            for names in namings(n, arity) {
                let body = rename(&shape, &names);
                if !seen.insert(write(&body)) {
                    continue;
                }
                let arity = names.iter().max().map_or(0, |m| m + 1);
                let after: i64 = programs.iter().map(|p| cheapest(p, &body, arity)).sum();
                let utility = before - after - cost(&body);
                if utility > best && !degenerate(&body, arity, &all) {
                    best = utility;
                }
            }
        }
    }
    best
}

fn parse_all(programs: &[Tree]) -> (Exprs, Vec<Id>) {
    let mut exprs = Exprs::new(Costs::default());
    let roots = programs.iter().map(|p| exprs.parse(&write(p), false).expect("a program")).collect();
    (exprs, roots)
}

fn programs(seed: u64, lambdas: bool) -> Vec<Tree> {
    let mut r = Random(seed);
    let shared = random_tree(&mut r, 3, 0, lambdas);
    let mut all: Vec<Tree> = Vec::new();
    for _ in 0..3 {
        let size = 2 + r.below(4);
        let t = random_tree(&mut r, size, 0, lambdas);
        all.push(match r.below(3) {
            0 => app(shared.clone(), t),
            1 => app(t.clone(), app(shared.clone(), t)),
            _ => t,
        });
    }
    all.retain(|p| closed(p, 0));
    all
}

#[test]
fn finds_the_best_of_all_abstractions() {
    let mut gained = 0;
    for seed in 0..6 {
        let programs = programs(seed, seed % 2 == 1);
        for arity in 0..3 {
            let (exprs, roots) = parse_all(&programs);
            let corpus = Corpus::new(exprs, roots, arity, |_| true);
            let (found, effort) = search(&corpus, &Query { arity, ..Query::default() });
            assert!(effort.complete);
            let shown: Vec<String> = programs.iter().map(write).collect();
            let utility = found.first().map_or(0, |f| f.utility);
            assert_eq!(utility, oracle(&programs, arity), "seed {seed}, arity {arity}: {shown:?}, {found:?}");
            gained += i64::from(utility > 0);
        }
    }
    assert!(gained > 3, "only {gained} corpora have an abstraction: the test shows little");
}

/// Replaces names of abstractions by lambdas and reduces until nothing can be reduced.
fn expand(t: &Tree, library: &[Abstraction]) -> Tree {
    fn lambdas(a: &Abstraction) -> Tree {
        fn bind(t: &Tree, arity: usize, under: u32) -> Tree {
            match t {
                Param(i) => Var(under + (arity - 1 - i) as u32),
                App(f, x) => app(bind(f, arity, under), bind(x, arity, under)),
                Lam(b) => Lam(Box::new(bind(b, arity, under + 1))),
                leaf => leaf.clone(),
            }
        }
        (0..a.arity).fold(bind(&read(&a.body), a.arity, 0), |t, _| Fun(Box::new(t)))
    }
    fn put(t: &Tree, arg: &Tree, under: u32) -> Tree {
        match t {
            Var(i) if *i == under => shift(arg, i64::from(under), 0).expect("raising works"),
            Var(i) if *i > under => Var(i - 1),
            App(f, x) => app(put(f, arg, under), put(x, arg, under)),
            Lam(b) => Lam(Box::new(put(b, arg, under + 1))),
            Fun(b) => Fun(Box::new(put(b, arg, under + 1))),
            leaf => leaf.clone(),
        }
    }
    match t {
        Name(n) => library.iter().find(|a| a.name == *n).map_or(t.clone(), |a| expand(&lambdas(a), library)),
        App(f, x) => match expand(f, library) {
            Fun(b) => expand(&put(&b, x, 0), library),
            f => app(f, expand(x, library)),
        },
        Lam(b) => Lam(Box::new(expand(b, library))),
        Fun(b) => Fun(b.clone()),
        leaf => leaf.clone(),
    }
}

#[test]
fn rewritten_programs_expand_to_the_originals() {
    let mut uses = 0;
    for seed in 0..100 {
        let all: Vec<Tree> = (0..4).flat_map(|i| programs(1000 * seed + i, seed % 2 == 1)).collect();
        let (exprs, roots) = parse_all(&all);
        let options = Options { count: 4, query: Query::default(), rounds: 2, tried: 2, width: 2, least_part: 100 };
        let library = if seed % 4 < 2 {
            learn(&exprs, &roots, &options).expect("bodies parse")
        } else {
            learn_all(&exprs, &roots, &options.query).expect("bodies parse")
        };
        let forms = apply(&exprs, &roots, &library.abstractions, &options.query).expect("bodies parse");
        let (out, written) = forms.rewritten();
        let mut total = 0;
        for (program, &new) in all.iter().zip(&written) {
            let new = read(&out.show(new));
            total += cost(&new);
            assert_eq!(write(&expand(&new, &library.abstractions)), write(program), "seed {seed}: {}", write(&new));
        }
        assert_eq!(total, forms.cost());
        assert_eq!((all.iter().map(cost).sum(), total), library.costs);
        let bodies: i64 = library.abstractions.iter().map(|a| cost(&read(&a.body))).sum();
        assert_eq!(bodies, library.bodies);
        assert!(library.costs.1 + library.bodies <= library.costs.0);
        uses += library.abstractions.len();
    }
    assert!(uses > 80, "only {uses} abstractions were learnt: the test shows little");
}

#[test]
fn what_a_library_costs_without_an_abstraction_is_foreseen() {
    let (mut named, mut dearer) = (0, 0);
    for seed in 0..60 {
        let all: Vec<Tree> = (0..6).flat_map(|i| programs(500 * seed + i, seed % 2 == 1)).collect();
        let (exprs, roots) = parse_all(&all);
        let options = Options { count: 5, query: Query::default(), rounds: 0, tried: 0, width: 1, least_part: 1 };
        let library = learn(&exprs, &roots, &options).expect("bodies parse");
        for (i, a) in library.abstractions.iter().enumerate() {
            let Some((anew, foreseen)) = costs_without(&exprs, &roots, &library.abstractions, i) else { continue };
            assert_eq!(foreseen, anew, "seed {seed}: {} of {:?}", a.name, library.abstractions);
            named += usize::from(library.abstractions[i + 1..].iter().any(|b| b.body.contains(&a.name)));
            dearer += usize::from(anew > library.costs.1);
        }
    }
    assert!(named > 10 && dearer > 50, "{named} named by others, {dearer} missed: the test shows little");
}

#[test]
fn a_library_gone_through_to_the_end_has_nothing_to_exchange() {
    let mut exchanged = 0;
    for seed in 0..80 {
        let all: Vec<Tree> = (0..6).flat_map(|i| programs(300 * seed + i, seed % 2 == 1)).collect();
        let (exprs, roots) = parse_all(&all);
        let query = Query { arity: 2, ..Query::default() };
        let options = |rounds| Options { count: 4, query: query.clone(), rounds, tried: 2, width: 1, least_part: 1000 };
        let learnt = |rounds| learn(&exprs, &roots, &options(rounds)).expect("bodies parse");
        let (plain, library) = (learnt(0), learnt(100));
        assert!(!can_exchange(&exprs, &roots, &library, &options(1)), "seed {seed}: {:?}", library.abstractions);
        exchanged += usize::from(plain.abstractions != library.abstractions);
    }
    assert!(exchanged > 5, "only {exchanged} libraries were changed: the test shows little");
}

#[test]
fn threads_do_not_change_the_answer() {
    for seed in 0..20 {
        let all: Vec<Tree> = (0..12).flat_map(|i| programs(77 * seed + i, false)).collect();
        let (exprs, roots) = parse_all(&all);
        let learnt = |threads| {
            let query = Query { threads, ..Query::default() };
            let options = Options { count: 3, query, rounds: 1, tried: 2, width: 2, least_part: 100 };
            learn(&exprs, &roots, &options).expect("bodies parse").abstractions
        };
        assert_eq!(learnt(1), learnt(3));
    }
}

#[test]
fn uses_that_form_a_chain_are_found() {
    let mut exprs = Exprs::new(Costs::default());
    let texts = ["(a h (r 4) h (r 4) h (r 4) h)", "(b h (r 4) h (r 4) h (r 4) h)", "(c h (r 4) h (r 4) h (r 4) h)"];
    let roots: Vec<Id> = texts.iter().map(|t| exprs.parse(t, false).unwrap()).collect();
    let corpus = Corpus::new(exprs, roots, 1, |_| true);
    let query = Query { arity: 1, wanted: 64, ..Query::default() };
    let bodies: Vec<String> = search(&corpus, &query).0.into_iter().map(|f| f.body).collect();
    assert!(bodies.iter().any(|b| b == "(#0 (r 4) h)"), "{bodies:?}");
}

#[test]
fn uncurried_bodies_keep_symbols_and_arguments_together() {
    let mut exprs = Exprs::new(Costs::default());
    let texts = ["(f a b c d)", "(f a b d c)", "(g (f a b a a))", "(h b (f a b b b))"];
    let roots: Vec<Id> = texts.iter().map(|t| exprs.parse(t, false).unwrap()).collect();
    let corpus = Corpus::new(exprs, roots, 3, |_| true);
    let best = |curried| search(&corpus, &Query { curried, ..Query::default() }).0[0].clone();
    assert_eq!(best(true).body, "(f a b)");
    assert_eq!(best(false).body, "(f a b #1 #0)");
}

#[test]
fn opaque_symbols_are_arguments_only() {
    let mut exprs = Exprs::new(Costs::default());
    let roots: Vec<Id> = ["(f (g x) x a)", "(f (g x) x a)"].iter().map(|t| exprs.parse(t, false).unwrap()).collect();
    let mut opaque = vec![false; exprs.symbol_count()];
    let x = exprs.symbol("x");
    opaque[x as usize] = true;
    let query = Query { opaque, reuse_opaque_only: true, above: -1000, ..Query::default() };
    let corpus = Corpus::new(exprs, roots, 3, |_| true);
    assert_eq!(search(&corpus, &query).0[0].body, "(f (g #0) #0 a)");
}

#[test]
fn programs_are_read_or_refused() {
    let mut exprs = Exprs::new(Costs::default());
    for (text, problem) in [
        ("", ParseError::Unclosed),
        ("(f a", ParseError::Unclosed),
        ("f a", ParseError::Trailing(3)),
        ("()", ParseError::Empty(2)),
        ("(lam)", ParseError::Empty(5)),
        ("$x", ParseError::Variable("$x".into())),
        ("$0_x", ParseError::Variable("$0_x".into())),
        ("(f $-1)", ParseError::Variable("$-1".into())),
    ] {
        assert_eq!(exprs.parse(text, false), Err(problem), "{text}");
    }
    assert_eq!(exprs.parse("(lam $1)", true), Err(ParseError::Variable("$0".into())));
    for text in ["(f $0)", "(lam_1 (a $0_1 $1_2))", "(lam (lam_x $0))", "lam_1"] {
        let e = exprs.parse(text, false).unwrap();
        assert_eq!(exprs.show(e), text);
    }
    let body = exprs.parse("(f #1)", true).unwrap();
    assert_eq!(exprs.check_parameters(body, 2), Ok(()));
    assert_eq!(exprs.check_parameters(body, 1), Err(ParseError::Parameter("#1".into())));
    let alone = exprs.parse("#0", true).unwrap();
    assert!(exprs.check_parameters(alone, 1).is_err());
    let deep = "(".repeat(5000);
    assert_eq!(exprs.parse(&deep, false), Err(ParseError::TooDeep));
    let e = exprs.parse("(f (lam (g $0 #1)) x)", false).unwrap();
    assert_eq!(exprs.show(e), "(f (lam (g $0 #1)) x)");
    assert_eq!(exprs.cost(e), 5 * 100 + 4 + 1);
}

fn best_of(texts: &[&str], query: &Query) -> Option<String> {
    let mut exprs = Exprs::new(Costs::default());
    let roots: Vec<Id> = texts.iter().map(|t| exprs.parse(t, false).unwrap()).collect();
    let corpus = Corpus::new(exprs, roots, query.arity, |_| true);
    search(&corpus, query).0.first().map(|found| found.body.clone())
}

#[test]
fn marks_are_part_of_what_is_equal() {
    let query = Query { arity: 1, ..Query::default() };
    let same = ["(a (lam_1 (a $0_1 $0_1)))", "(b (lam_1 (b $0_1 $0_1)))", "(c (lam_1 (c $0_1 $0_1)))"];
    assert_eq!(best_of(&same, &query).unwrap(), "(#0 (lam_1 (#0 $0_1 $0_1)))");
    let other = ["(f (g a) (lam_1 (h $0)))", "(f (g a) (lam_2 (h $0)))", "(f (g a) (lam (h $0)))"];
    assert_eq!(best_of(&other, &query).unwrap(), "(f (g a))");
}

#[test]
fn what_occurs_in_one_program_only_is_left_out_on_demand() {
    let texts = ["(f (g a (h b)) (g a (h c)) (g a (h d)))", "(q r)", "(q s)", "z", "w"];
    let query = Query { arity: 2, ..Query::default() };
    assert_eq!(best_of(&texts, &query).unwrap(), "(g a (h #0))");
    assert_eq!(best_of(&texts, &Query { single_task: false, ..query.clone() }), None);
    let twice = ["(f (g a b c) (g a b c))", "(f (g a b c) (h x))"];
    assert_eq!(best_of(&twice, &Query { single_task: false, ..query }).unwrap(), "(g a b c)");
}
