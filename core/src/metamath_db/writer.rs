//! Writes proofs as Metamath text: normal and compressed (the Metamath book, appendix B), from a proof DAG.

use hashbrown::{HashMap, HashTable};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// A step of a proof DAG: the label of an assertion or hypothesis, and the steps that stand for the assertion's
/// hypotheses, floating ones too, in frame order. Children come before their parents.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Node<'a> {
    /// The label.
    pub label: &'a str,
    /// Indices of earlier nodes.
    pub children: &'a [u32],
}

/// In which order a compressed proof's label list stands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LabelOrder<'a> {
    /// The order in which the letters name them first.
    FirstUse,
    /// This order; labels that it lacks follow in order of first use, labels that are not used are left out.
    Given(&'a [&'a str]),
    /// As metamath-exe's `SAVE PROOF / COMPRESSED` has it (its help calls the other way `/ OLD_COMPRESSION`). By use the
    /// labels fall into groups of equally many letters, ties in order of first use, `$f` hypotheses before assertions;
    /// the groups follow each other, and within a group each line takes the labels that fill it best. The labels are
    /// those of the hypotheses that are not mandatory.
    Packed(&'a [&'a str]),
    /// As few letters as we can: the most used label first, and a subproof that is used again is written again where
    /// that is not longer than a mark and a reference to it.
    Shortest,
}

/// The label of a step that is not known. Two of them are two steps.
pub const UNKNOWN: &str = "?";

/// Most steps that [`normal`] writes.
pub const MAX_NORMAL_STEPS: usize = 1 << 24;

/// Why a proof cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteError {
    /// A child that does not come before its parent, or a root that is no node.
    BadNode(u32),
    /// A normal proof of more than [`MAX_NORMAL_STEPS`] steps; write it compressed.
    TooLong,
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WriteError::BadNode(n) => write!(f, "proof node {n} does not come before its parent"),
            WriteError::TooLong => {
                write!(f, "a normal proof of more than {MAX_NORMAL_STEPS} steps; write it compressed")
            }
        }
    }
}
impl std::error::Error for WriteError {}

const NONE: u32 = u32::MAX;

/// Equal steps made one: for each node the first node equal to it, and the nodes that `root` needs counted by how
/// many of them refer to each.
struct Shared<'a> {
    same: Vec<u32>,
    uses: Vec<u32>,
    /// For each node its label's number.
    label: Vec<u32>,
    numbers: HashMap<&'a str, u32>,
}

fn share<'a>(nodes: &[Node<'a>], root: u32) -> Result<Shared<'a>, WriteError> {
    let nodes = nodes.get(..=root as usize).ok_or(WriteError::BadNode(root))?;
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut number = |n: &Node<'a>| {
        let next = numbers.len() as u32;
        *numbers.entry(n.label).or_insert(next)
    };
    let label: Vec<u32> = nodes.iter().map(&mut number).collect();
    let mut same: Vec<u32> = Vec::with_capacity(nodes.len());
    let mut first: HashTable<u32> = HashTable::with_capacity(nodes.len());
    for (node, i) in nodes.iter().zip(0..) {
        if let Some(&c) = node.children.iter().find(|c| **c >= i) {
            return Err(WriteError::BadNode(c));
        }
        let children = |j: u32| nodes[j as usize].children.iter().map(|&c| same[c as usize]);
        let hash = |&j: &u32| {
            let mut h = FxHasher::default();
            h.write_u32(label[j as usize]);
            children(j).for_each(|c| h.write_u32(c));
            h.finish()
        };
        let equal = |&j: &u32| label[j as usize] == label[i as usize] && children(j).eq(children(i));
        let known = node.label != UNKNOWN;
        let first = if known { *first.entry(hash(&i), equal, hash).or_insert(i).get() } else { i };
        same.push(first);
    }
    let mut uses = vec![0; same.len()];
    let root = same[root as usize];
    uses[root as usize] = 1;
    for i in (0..=root as usize).rev().filter(|&i| same[i] == i as u32) {
        if uses[i] > 0 {
            for &c in nodes[i].children {
                uses[same[c as usize] as usize] += 1;
            }
        }
    }
    Ok(Shared { same, uses, label, numbers })
}

/// A proof as a sequence of labels, lines wrapped at 79 columns with the given indent. The text begins on a line of
/// its own and holds neither `$=` nor `$.`.
///
/// # Errors
/// A malformed DAG, or a proof that is too long when written out.
pub fn normal(nodes: &[Node<'_>], root: u32, indent: usize) -> Result<String, WriteError> {
    share(nodes, root)?;
    let mut lines = Lines::new(indent);
    let mut todo = vec![(root, false)];
    let mut steps = 0;
    while let Some((n, children_done)) = todo.pop() {
        let node = &nodes[n as usize];
        if children_done || node.children.is_empty() {
            steps += 1;
            lines.word(node.label);
        } else {
            todo.push((n, true));
            todo.extend(node.children.iter().rev().map(|&c| (c, false)));
        }
        if steps + todo.len() > MAX_NORMAL_STEPS {
            return Err(WriteError::TooLong);
        }
    }
    Ok(lines.out)
}

enum Code {
    Mandatory(u32),
    Label(u32),
    Marked(u32),
    Mark,
    Unknown,
}

/// A compressed proof, lines wrapped at 79 columns with the given indent. Equal subproofs are written once: one
/// that has steps of its own and is used again is marked with `Z`. `mandatory` are the labels of the theorem's
/// mandatory hypotheses, in order. The text begins on a line of its own and holds neither `$=` nor `$.`.
///
/// # Errors
/// A malformed DAG.
pub fn compressed(
    nodes: &[Node<'_>],
    root: u32,
    mandatory: &[&str],
    order: LabelOrder<'_>,
    indent: usize,
) -> Result<String, WriteError> {
    let shared = share(nodes, root)?;
    let all = encode(nodes, root, &shared, mandatory);
    let (codes, mut list) = if let LabelOrder::Shortest = order {
        let uses = fewer_marks(nodes, root, &shared, &all, mandatory.len());
        let fewer = encode(nodes, root, &Shared { uses, ..shared }, mandatory);
        if letters(&fewer, mandatory.len()) < letters(&all, mandatory.len()) {
            fewer
        } else {
            all
        }
    } else {
        all
    };
    let place = ordered(&mut list, order, &codes, mandatory.len(), indent);
    let mut lines = Lines::new(indent);
    lines.word("(");
    list.iter().for_each(|l| lines.word(l));
    if list.is_empty() {
        lines.word(""); // metamath-exe leaves two spaces between the parentheses
    }
    lines.word(")");
    lines.gap(1);
    let (m, n) = (mandatory.len() as u32, list.len() as u32);
    for code in codes {
        match code {
            Code::Mandatory(i) => lines.number(i),
            Code::Label(i) => lines.number(m + place[i as usize]),
            Code::Marked(i) => lines.number(m + n + i),
            Code::Mark => lines.letter(b'Z'),
            Code::Unknown => lines.letter(b'?'),
        }
    }
    Ok(lines.out)
}

/// Letters of an encoded proof, most used labels first.
fn letters((codes, list): &(Vec<Code>, Vec<&str>), mandatory: usize) -> usize {
    let place = ordered(&mut list.clone(), LabelOrder::Shortest, codes, mandatory, 0);
    let length = |c: &Code| match c {
        Code::Mandatory(i) => letter_count(*i),
        Code::Label(i) => letter_count(mandatory as u32 + place[*i as usize]),
        Code::Marked(i) => letter_count((mandatory + list.len()) as u32 + *i),
        Code::Mark | Code::Unknown => 1,
    };
    codes.iter().map(length).sum()
}

/// Steps that need not be marked count as used once. A step of `n` uses and `l` letters is worth a mark if
/// `l + 1 + (n - 1) * r < n * l`, `r` the letters of a reference.
fn fewer_marks(
    nodes: &[Node<'_>],
    root: u32,
    shared: &Shared<'_>,
    (codes, list): &(Vec<Code>, Vec<&str>),
    mandatory: usize,
) -> Vec<u32> {
    let marks = codes.iter().filter(|c| matches!(c, Code::Mark)).count();
    let reference = letter_count((mandatory + list.len() + marks / 2) as u32);
    let place = ordered(&mut list.clone(), LabelOrder::Shortest, codes, mandatory, 0);
    let mut letters = vec![1; shared.numbers.len()];
    for (l, &p) in list.iter().zip(&place) {
        letters[shared.numbers[l] as usize] = letter_count(mandatory as u32 + p);
    }
    let mut uses = shared.uses.clone();
    // as written where it comes again: what it holds is mostly marked then
    let mut length = vec![0usize; root as usize + 1];
    for i in (0..=root as usize).filter(|&i| shared.same[i] == i as u32 && shared.uses[i] > 0) {
        let own = letters[shared.label[i] as usize];
        let children = nodes[i].children.iter().map(|&c| length[shared.same[c as usize] as usize]);
        length[i] = own + children.sum::<usize>();
        let n = shared.uses[i] as usize;
        if n > 1 && !nodes[i].children.is_empty() {
            if length[i] + 1 + (n - 1) * reference < n * length[i] {
                length[i] = reference;
            } else {
                uses[i] = 1;
            }
        }
    }
    uses
}

/// The steps of a compressed proof, and its labels in order of first use.
fn encode<'a>(nodes: &[Node<'a>], root: u32, shared: &Shared<'a>, mandatory: &[&'a str]) -> (Vec<Code>, Vec<&'a str>) {
    let mut list: Vec<&str> = Vec::new();
    // places in the list and among the mandatory hypotheses, by label
    let mut listed = vec![NONE; shared.numbers.len()];
    let mut own = listed.clone();
    for (l, i) in mandatory.iter().zip(0..) {
        shared.numbers.get(l).into_iter().for_each(|&n| own[n as usize] = i);
    }
    let (mut marked, mut marks) = (vec![NONE; shared.same.len()], 0);
    let mut codes = Vec::new();
    let mut todo = vec![(root, false)];
    while let Some((n, children_done)) = todo.pop() {
        let n = shared.same[n as usize] as usize;
        let node = &nodes[n];
        if marked[n] != NONE {
            codes.push(Code::Marked(marked[n]));
        } else if children_done || node.children.is_empty() {
            let label = shared.label[n] as usize;
            if own[label] != NONE && node.children.is_empty() {
                codes.push(Code::Mandatory(own[label]));
                continue;
            }
            if node.label == UNKNOWN {
                codes.push(Code::Unknown);
                continue;
            }
            if listed[label] == NONE {
                listed[label] = list.len() as u32;
                list.push(node.label);
            }
            codes.push(Code::Label(listed[label]));
            if shared.uses[n] > 1 && !node.children.is_empty() {
                marked[n] = marks;
                marks += 1;
                codes.push(Code::Mark);
            }
        } else {
            todo.push((n as u32, true));
            todo.extend(node.children.iter().rev().map(|&c| (c, false)));
        }
    }
    (codes, list)
}

/// A compressed proof as it stands between `$=` and `$.`: on lines of its own, the `$.` on its last line if it fits.
///
/// # Errors
/// A malformed DAG.
pub fn section(
    nodes: &[Node<'_>],
    root: u32,
    mandatory: &[&str],
    order: LabelOrder<'_>,
    indent: usize,
) -> Result<String, WriteError> {
    let text = compressed(nodes, root, mandatory, order, indent)?;
    let column = text.len() - text.rfind('\n').map_or(0, |i| i + 1);
    let end = if column + 3 > WIDTH { format!("\n{}", " ".repeat(indent)) } else { " ".to_owned() };
    Ok(format!("\n{text}{end}"))
}

/// Puts the label list in order; gives for each old place the new one.
fn ordered(list: &mut Vec<&str>, order: LabelOrder<'_>, codes: &[Code], mandatory: usize, indent: usize) -> Vec<u32> {
    let mut old: Vec<u32> = (0..list.len() as u32).collect();
    match order {
        LabelOrder::FirstUse => return old,
        LabelOrder::Given(wanted) => {
            let rank: HashMap<&str, usize> = wanted.iter().enumerate().map(|(i, &l)| (l, i)).collect();
            old.sort_by_key(|&i| rank.get(list[i as usize]).copied().unwrap_or(usize::MAX));
        }
        LabelOrder::Packed(_) | LabelOrder::Shortest => {
            let mut uses = vec![0u32; list.len()];
            for code in codes {
                if let Code::Label(i) = code {
                    uses[*i as usize] += 1;
                }
            }
            let LabelOrder::Packed(hypotheses) = order else {
                old.sort_by_key(|&i| std::cmp::Reverse(uses[i as usize]));
                return placed(list, &old);
            };
            old.sort_by_key(|&i| !hypotheses.contains(&list[i as usize]));
            old = packed(list, &old, &uses, mandatory, WIDTH.saturating_sub(indent));
        }
    }
    placed(list, &old)
}

/// Puts labels in a new order, given as old places; for each old place the new one.
fn placed(list: &mut Vec<&str>, old: &[u32]) -> Vec<u32> {
    let mut place = vec![0; list.len()];
    for (new, &i) in old.iter().enumerate() {
        place[i as usize] = new as u32;
    }
    *list = old.iter().map(|&i| list[i as usize]).collect();
    place
}

/// The order of [`LabelOrder::Packed`] for labels that stand in `first` order, on lines of so many columns.
fn packed(list: &[&str], first: &[u32], uses: &[u32], mandatory: usize, columns: usize) -> Vec<u32> {
    let mut by_use = first.to_vec();
    by_use.sort_by_key(|&i| std::cmp::Reverse(uses[i as usize]));
    let mut letters = vec![0; list.len()];
    for (rank, &i) in by_use.iter().enumerate() {
        letters[i as usize] = letter_count((mandatory + rank) as u32);
    }
    let mut out: Vec<u32> = Vec::with_capacity(list.len());
    let mut column = 2; // behind the opening parenthesis
    for n in 1..=letters.iter().copied().max().unwrap_or(0) {
        let mut group: Vec<u32> = first.iter().copied().filter(|&i| letters[i as usize] == n).collect();
        while !group.is_empty() {
            let sizes: Vec<usize> = group.iter().map(|&i| list[i as usize].len() + 1).collect();
            let mut chosen = fullest(&sizes, (columns + 1).saturating_sub(column));
            if column == 0 && !chosen.contains(&true) {
                chosen[0] = true; // a label longer than a line
            }
            let mut rest = Vec::new();
            for ((i, size), taken) in group.into_iter().zip(sizes).zip(chosen) {
                if taken {
                    out.push(i);
                    column += size;
                } else {
                    rest.push(i);
                }
            }
            if !rest.is_empty() {
                column = 0;
            }
            group = rest;
        }
    }
    out
}

/// The items that together fill a room best (0/1 knapsack, worth = size), earlier items preferred.
fn fullest(sizes: &[usize], room: usize) -> Vec<bool> {
    let mut best = vec![vec![0usize; room + 1]];
    for (i, &size) in sizes.iter().enumerate() {
        let without = &best[i];
        let with = |w: usize| if w >= size { without[w - size] + size } else { 0 };
        let row = (0..=room).map(|w| without[w].max(with(w))).collect();
        best.push(row);
    }
    let mut taken = vec![false; sizes.len()];
    let mut left = room;
    for i in (0..sizes.len()).rev() {
        if best[i + 1][left] != best[i][left] {
            taken[i] = true;
            left -= sizes[i];
        }
    }
    taken
}

/// How many letters a compressed proof takes for a number that counts from 0.
pub fn letter_count(number: u32) -> usize {
    let (mut n, mut rest) = (1, number / 20);
    while rest > 0 {
        n += 1;
        rest = (rest - 1) / 5;
    }
    n
}

const WIDTH: usize = 79;

struct Lines {
    out: String,
    indent: usize,
    column: usize,
}

impl Lines {
    fn new(indent: usize) -> Lines {
        Lines { out: " ".repeat(indent), indent, column: indent }
    }
    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
        self.column = self.indent;
    }
    fn word(&mut self, word: &str) {
        if self.column > self.indent {
            self.gap(word.len());
        }
        self.out.push_str(word);
        self.column += word.len();
    }
    /// A space, or a new line if what follows does not fit.
    fn gap(&mut self, following: usize) {
        if self.column + 1 + following > WIDTH {
            self.new_line();
        } else {
            self.out.push(' ');
            self.column += 1;
        }
    }
    fn letter(&mut self, letter: u8) {
        if self.column >= WIDTH {
            self.new_line();
        }
        self.out.push(letter as char);
        self.column += 1;
    }
    /// A number, from 0: base 20 with letters A–T for the last digit, then base 5 with U–Y, counted from 1.
    fn number(&mut self, number: u32) {
        let mut letters = vec![b'A' + (number % 20) as u8];
        let mut rest = number / 20;
        while rest > 0 {
            rest -= 1;
            letters.push(b'U' + (rest % 5) as u8);
            rest /= 5;
        }
        letters.iter().rev().for_each(|&l| self.letter(l));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: u32) -> String {
        let mut lines = Lines::new(0);
        lines.number(n - 1);
        lines.out
    }

    #[test]
    fn numbers_are_the_books() {
        let book = [(1, "A"), (20, "T"), (21, "UA"), (40, "UT"), (41, "VA"), (120, "YT"), (121, "UUA"), (620, "YYT")];
        for (n, letters) in book {
            assert_eq!(number(n), letters);
        }
        assert_eq!(number(621), "UUUA");
    }

    #[test]
    fn equal_subproofs_are_written_once() {
        let n = |label, children| Node { label, children };
        let nodes = [n("wp", &[]), n("wi", &[0, 0]), n("wp", &[]), n("wi", &[2, 0]), n("wi", &[1, 3]), n("wn", &[4])];
        let text = compressed(&nodes, 5, &["wp"], LabelOrder::FirstUse, 0).unwrap();
        assert_eq!(text, "( wi wn ) AABZDBC");
        let text = compressed(&nodes, 5, &["wp"], LabelOrder::Given(&["wx", "wn", "wi"]), 0).unwrap();
        assert_eq!(text, "( wn wi ) AACZDCB");
        let text = compressed(&nodes, 5, &[], LabelOrder::Packed(&["wp"]), 0).unwrap();
        assert_eq!(text, "( wp wi wn ) AABZDBC");
        assert_eq!(normal(&nodes, 5, 2).unwrap(), "  wp wp wi wp wp wi wi wn");
        assert_eq!(normal(&nodes[4..], 0, 0), Err(WriteError::BadNode(1)));
        let wide: Vec<u32> = vec![0; 200];
        let text = compressed(&[nodes[0], n("big", &wide)], 1, &["wp"], LabelOrder::FirstUse, 6).unwrap();
        assert!(text.lines().all(|l| l.len() <= 79) && text.lines().count() == 3, "{text}");
    }

    #[test]
    fn steps_that_are_not_known_are_not_one() {
        let n = |label, children| Node { label, children };
        let nodes =
            [n("wp", &[]), n(UNKNOWN, &[]), n("a", &[0, 1]), n(UNKNOWN, &[]), n("a", &[0, 3]), n("mp", &[2, 4, 2])];
        assert_eq!(compressed(&nodes, 5, &["wp"], LabelOrder::FirstUse, 0).unwrap(), "( a mp ) A?BZA?BDC");
        assert_eq!(normal(&nodes, 5, 0).unwrap(), "wp ? a wp ? a wp ? a mp");
    }

    #[test]
    fn what_would_be_too_long_is_refused() {
        let children: Vec<[u32; 2]> = (0..60).map(|i| [i, i]).collect();
        let mut nodes = vec![Node { label: "wp", children: &[] }];
        nodes.extend(children.iter().map(|c| Node { label: "wi", children: c }));
        assert_eq!(normal(&nodes, 60, 0), Err(WriteError::TooLong));
        assert_eq!(compressed(&nodes, 60, &["wp"], LabelOrder::FirstUse, 0).unwrap().matches('Z').count(), 59);
    }
}
