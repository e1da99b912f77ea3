//! Why a lemma was made, replaced by something that says the same, or dropped (`--follow`).
//!
//! A lemma is followed by its statement: every fragment whose most general instance says it is noted when its utility is
//! computed, and so are the decisions on it. Price: one comparison an evaluation.

use super::instance::{most_general, Bounds, Places};
use super::price::UNIT;
use crate::compression::fragment::{Fragment, HOLE};
use crate::dsl::theory::library::{canonical_key, PremiseId, Theory};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The statement to follow: its key ([`canonical_key`]).
pub type Key = Arc<[u32]>;

/// A fragment that says the followed statement, as it was when its utility was greatest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The fragment.
    pub fragment: Fragment,
    /// Disjoint occurrences.
    pub occurrences: usize,
    /// The savings of these together, and the cost of the lemma, in units of [`UNIT`].
    pub saves: i64,
    /// See `saves`.
    pub costs: i64,
}

/// The fragments that state the followed statement.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// By fragment.
    pub fragments: BTreeMap<Box<[u32]>, Sight>,
    /// The lemma that was made, if one was.
    pub made: Option<u32>,
    /// Premises that took fragments' places, with the number of occurrences.
    pub replaced: BTreeMap<u32, usize>,
    /// Whether the judges refused it.
    pub refused: bool,
}

impl Seen {
    /// Notes a fragment; the one with the greatest utility stays.
    pub fn note(&mut self, sight: Sight) {
        let utility = |s: &Sight| s.saves - s.costs;
        let old = self.fragments.entry(sight.fragment.key()).or_insert_with(|| sight.clone());
        if utility(&sight) > utility(old) {
            *old = sight;
        }
    }
    /// Takes over what another thread saw.
    pub fn absorb(&mut self, other: Seen) {
        other.fragments.into_values().for_each(|s| self.note(s));
    }
}

/// The answer for people and programs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Followed {
    /// `kept`, `replaced`, `dropped` or `never considered`.
    pub outcome: &'static str,
    /// One sentence.
    pub why: String,
    /// The label of the lemma or theorem that it became, or that says it.
    pub label: Option<String>,
    /// Fragments that say it: label tree, occurrences, bytes or steps saved, cost of the lemma, score.
    pub fragments: Vec<(String, usize, f64, f64, f64)>,
}

/// The key of what is to be followed: a statement (formulas with their typecode, hypotheses first, `&` and `=>` between
/// them if you like), or a label tree such as `(syl (adantr _) _)`, where `_` is a hole.
///
/// # Errors
/// One line that says what is wrong.
pub fn read(theory: &Theory, text: &str) -> Result<Key, String> {
    let mut arena = theory.arena.clone();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let typecode = |w: &str| {
        let symbol = theory.db.source.find_symbol(w.as_bytes());
        symbol.is_some_and(|s| theory.db.grammar.is_provable(s))
    };
    if words.iter().any(|w| typecode(w)) {
        let mut formulas: Vec<Vec<&str>> = Vec::new();
        for &w in &words {
            match formulas.last_mut() {
                _ if typecode(w) => formulas.push(vec![w]),
                Some(f) => f.push(w),
                None => return Err(format!("{}; found `{w}`", theory.typecodes_expected())),
            }
        }
        let last = formulas.len() - 1;
        for f in &mut formulas[..last] {
            f.truncate(f.len() - usize::from(matches!(f.last(), Some(&("&" | "=>" | ";" | ",")))));
        }
        let terms = formulas.iter().map(|f| theory.parse_formula(&f.join(" "), &mut arena));
        let terms = terms.collect::<Result<Vec<_>, _>>()?;
        return Ok(canonical_key(&arena, terms[last], &terms[..last]).into());
    }
    let fragment = tree(theory, text)?;
    let bounds = Bounds { hyps: usize::MAX, formula: 10_000, bare: true };
    let instance = most_general(theory, &mut arena, &Places::new(theory), &fragment, bounds)
        .map_err(|why| format!("`{text}` says nothing that could be a lemma ({why:?})"))?;
    Ok(instance.key(&arena))
}

/// A label tree in parentheses; a label alone stands for all its holes.
fn tree(theory: &Theory, text: &str) -> Result<Fragment, String> {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_ascii_whitespace().peekable();
    let mut out: Option<Fragment> = None;
    // open nodes with the next position to fill
    let mut open: Vec<(usize, usize)> = Vec::new();
    while let Some(w) = words.next() {
        if w == ")" {
            open.pop().ok_or("a `)` without its `(`")?;
            continue;
        }
        let opens = w == "(";
        let label = if opens { words.next().ok_or("a label is missing after `(`")? } else { w };
        let place = match open.last_mut() {
            Some((node, position)) => {
                let holes = out.as_ref().map_or(0, |f: &Fragment| f.children[*node].len());
                if *position == holes {
                    return Err(format!("`{label}` is one hypothesis too many"));
                }
                *position += 1;
                Some((*node, *position - 1))
            }
            None if out.is_some() => return Err(format!("one tree was expected; found `{label}` behind it")),
            None => None,
        };
        if label == "_" && !opens {
            continue;
        }
        let p = theory.find(label).ok_or_else(|| format!("no statement is labelled `{label}`"))?;
        let arity = theory.premise(p).ok_or_else(|| format!("`{label}` is no logical statement"))?.hyps.len();
        let node = match (&mut out, place) {
            (Some(f), Some((node, position))) => {
                f.extend(node, position, p.0, arity);
                f.len() - 1
            }
            _ => {
                out = Some(Fragment::single(p.0, arity));
                0
            }
        };
        if opens {
            open.push((node, 0));
        }
    }
    if !open.is_empty() {
        return Err("a `(` is not closed".to_owned());
    }
    out.ok_or_else(|| "a statement or a label tree was expected".to_owned())
}

/// A fragment as a label tree.
fn shown(theory: &Theory, f: &Fragment, node: usize) -> String {
    let label = theory.label(PremiseId(f.labels[node]));
    let child = |&c: &u32| if c == HOLE { " _".to_owned() } else { format!(" {}", shown(theory, f, c as usize)) };
    let children: String = f.children[node].iter().map(child).collect();
    if children.is_empty() {
        label.to_owned()
    } else {
        format!("({label}{children})")
    }
}

/// The outcome for the followed statement, after the run. Numbers of premises are those of the theory.
pub fn explain(theory: &Theory, key: &Key, seen: &Seen) -> Followed {
    let mut sights: Vec<&Sight> = seen.fragments.values().collect();
    sights.sort_by_key(|s| std::cmp::Reverse(s.saves - s.costs));
    let known = |p: &u32| {
        theory.is_proved(PremiseId(*p))
            && theory
                .premise(PremiseId(*p))
                .is_some_and(|x| canonical_key(&theory.arena, x.conclusion, x.hyps)[..] == key[..])
    };
    let units = |n: i64| n as f64 / UNIT as f64;
    let label = |p: u32| Some(theory.label(PremiseId(p)).to_owned());
    let (outcome, why, label) = if let Some(p) = seen.made {
        ("kept", "it became a lemma".to_owned(), label(p))
    } else if let Some((&p, &n)) = seen.replaced.iter().max_by_key(|r| r.1) {
        ("replaced", format!("what says the same took its place {n} times"), label(p))
    } else if let Some(p) = (0..theory.db.len() as u32).find(known) {
        ("dropped", "a theorem says it".to_owned(), label(p))
    } else if seen.refused {
        ("dropped", "its own proof was not accepted".to_owned(), None)
    } else {
        let why = match sights.first() {
            None => "no digram that occurs often enough grows to it".to_owned(),
            Some(s) if s.saves <= s.costs => {
                let (n, saves, costs) = (s.occurrences, units(s.saves), units(s.costs));
                format!("{n} occurrences save {saves:.0} and the lemma costs {costs:.0}")
            }
            Some(_) => "better fragments took its occurrences first".to_owned(),
        };
        (if sights.is_empty() { "never considered" } else { "dropped" }, why, None)
    };
    let row = |s: &&Sight| {
        let tree = shown(theory, &s.fragment, 0);
        (tree, s.occurrences, units(s.saves), units(s.costs), units(s.saves - s.costs))
    };
    Followed { outcome, why, label, fragments: sights.iter().map(row).collect() }
}
