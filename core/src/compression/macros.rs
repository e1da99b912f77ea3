//! Instruction sequences that recur in programs of the machine, as macros of the assembler.
//!
//! A candidate is a set of runs of equal *shape* (opcodes, functions, kinds and sizes of operands) within blocks,
//! anti-unified (Plotkin 1970): operands that are the same everywhere stay in the body, others become parameters; two
//! addresses that keep their distance share one, with an offset. A run joins the first candidate of its shape that
//! needs no more than [`MAX_PARAMETERS`] with it, so the sets are found by first fit, not by the best partition.
//!
//! Price, in instructions: a call is one (which is why it may have as many operands as an instruction and no more), a
//! definition its body and one. A macro of length *l* with *n* disjoint uses saves n (l − 1) − (l + 1), and is admitted
//! only if that is positive. Lazy greedy choice: worths only fall as runs are taken. Each macro is checked before it
//! is admitted to the answer: the texts must assemble to the programs again, byte for byte. Time: instructions ×
//! [`MAX_LENGTH`], for each of them its shape's candidates.

use crate::dsl::isa::Opcode;
use crate::dsl::programs::asm::{
    assemble, assemble_with, directives_text, disassemble, parts, AsmError, Part, PartKind,
};
use crate::dsl::programs::macros::Macros;
use crate::dsl::programs::program::Program;
use std::collections::{BTreeMap, BinaryHeap};

/// Most parameters of a macro: the operands of one instruction.
pub const MAX_PARAMETERS: usize = crate::dsl::programs::program::MAX_OPERANDS;

/// Most instructions of a body.
pub const MAX_LENGTH: usize = 32;

/// One macro that was learnt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Learnt {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<String>,
    /// Its instructions.
    pub body: Vec<String>,
    /// Calls.
    pub uses: usize,
    /// Instructions saved, its definition paid.
    pub saved: usize,
}

/// The result of [`learn`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Library {
    /// The macros, in the order of choice.
    pub macros: Vec<Learnt>,
    /// The programs as texts that call them, in the order given.
    pub programs: Vec<String>,
    /// Instructions before.
    pub before: usize,
    /// Instructions and calls after, and the definitions.
    pub after: usize,
}

impl Library {
    /// The definitions as an assembly text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for m in &self.macros {
            out.push_str(&format!("; {} uses, {} instructions saved\n.macro {}", m.uses, m.saved, m.name));
            m.parameters.iter().for_each(|p| out.push_str(&format!(" {p}")));
            out.push('\n');
            m.body.iter().for_each(|l| out.push_str(&format!("    {l}\n")));
            out.push_str(".end\n");
        }
        out
    }
}

/// Learns macros from programs and writes the programs with them. Deterministic.
///
/// # Errors
/// The texts do not assemble to the programs again: a mistake of this module, never admitted.
pub fn learn(programs: &[Program]) -> Result<Library, AsmError> {
    let code = Code::new(programs);
    let chosen = code.choose();
    let library = code.write(programs, &chosen);
    let macros = Macros::read(&library.text())?;
    for (p, text) in programs.iter().zip(&library.programs) {
        let (again, _) = assemble_with(&macros, text)?;
        if again.encode() != assemble(&disassemble(p))?.encode() {
            return Err(AsmError {
                line: 1,
                column: 1,
                expected: "the program that was given".into(),
                found: "another".into(),
            });
        }
    }
    Ok(library)
}

/// A part of an instruction that may differ from run to run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Slot {
    Address(u64),
    Literal(u32),
}

/// All instructions, program after program.
struct Code {
    /// By instruction: its text in parts.
    parts: Vec<Vec<Part>>,
    shapes: Vec<u32>,
    slots: Vec<Vec<Slot>>,
    /// By instruction: the end of its block.
    ends: Vec<usize>,
}

/// Runs of one shape that one macro can stand for.
struct Cluster {
    length: usize,
    /// First instructions of the runs, rising; runs may overlap.
    at: Vec<usize>,
}

/// A macro, and the disjoint runs that it replaces.
struct Chosen {
    length: usize,
    at: Vec<usize>,
}

/// Worth, in instructions, of a macro.
fn utility(length: usize, uses: usize) -> i64 {
    uses as i64 * (length as i64 - 1) - (length as i64 + 1)
}

impl Code {
    fn new(programs: &[Program]) -> Code {
        let mut code = Code { parts: Vec::new(), shapes: Vec::new(), slots: Vec::new(), ends: Vec::new() };
        let (mut shapes, mut literals) = (BTreeMap::new(), BTreeMap::new());
        for p in programs {
            let first = code.parts.len();
            for b in p.blocks() {
                code.ends.extend(vec![first + (b.start + b.len) as usize; b.len as usize]);
            }
            for i in p.instructions() {
                let parts = parts(p, i);
                let mut shape = String::new();
                let mut slots = Vec::new();
                for part in &parts {
                    match part.kind {
                        PartKind::Fixed => shape.push_str(&part.text),
                        PartKind::Address(a) => {
                            shape.push('$');
                            slots.push(Slot::Address(a.packed()));
                        }
                        PartKind::Literal(sign) => {
                            shape.push(sign);
                            let next = literals.len() as u32;
                            slots.push(Slot::Literal(*literals.entry(part.text.clone()).or_insert(next)));
                        }
                    }
                }
                let next = shapes.len() as u32;
                code.shapes.push(*shapes.entry(shape).or_insert(next));
                code.parts.push(parts);
                code.slots.push(slots);
            }
        }
        code
    }
    fn row(&self, at: usize, length: usize) -> Vec<Slot> {
        self.slots[at..at + length].concat()
    }
    /// Every run of every shape that occurs twice, in clusters.
    fn clusters(&self) -> Vec<Cluster> {
        let mut out = Vec::new();
        let mut open: Vec<usize> = (0..self.shapes.len()).collect();
        for length in 2..=MAX_LENGTH {
            let mut groups: BTreeMap<&[u32], Vec<usize>> = BTreeMap::new();
            for &at in open.iter().filter(|&&at| at + length <= self.ends[at]) {
                groups.entry(&self.shapes[at..at + length]).or_default().push(at);
            }
            groups.retain(|_, at| at.len() > 1);
            for at in groups.values() {
                self.split(length, at, &mut out);
            }
            open = groups.into_values().flatten().collect();
            open.sort_unstable();
        }
        out
    }
    /// Runs of one shape: each joins the first cluster that has parameters left for it; and those that are the same up
    /// to a shift of all their addresses are a cluster of their own too.
    fn split(&self, length: usize, runs: &[usize], out: &mut Vec<Cluster>) {
        let mut fits: Vec<(Classes, Vec<usize>)> = Vec::new();
        let mut shifted: BTreeMap<Vec<Slot>, Vec<usize>> = BTreeMap::new();
        for &at in runs {
            let row = self.row(at, length);
            let joined = fits.iter_mut().find_map(|(classes, members)| {
                *classes = classes.with(&row)?;
                members.push(at);
                Some(())
            });
            if joined.is_none() {
                fits.push((Classes::new(&row), vec![at]));
            }
            shifted.entry(relative(row)).or_default().push(at);
        }
        let all = fits.into_iter().map(|f| f.1).chain(shifted.into_values());
        out.extend(all.filter(|at| utility(length, at.len()) > 0).map(|at| Cluster { length, at }));
    }
    fn choose(&self) -> Vec<Chosen> {
        let clusters = self.clusters();
        let mut taken = vec![false; self.shapes.len()];
        let key = |utility: i64, c: usize| (utility, clusters[c].length, std::cmp::Reverse(c));
        let mut heap: BinaryHeap<_> =
            (0..clusters.len()).map(|c| key(utility(clusters[c].length, clusters[c].at.len()), c)).collect();
        let mut out = Vec::new();
        while let Some((old, length, std::cmp::Reverse(c))) = heap.pop() {
            let at = disjoint(&clusters[c], &taken);
            let now = utility(length, at.len());
            if now <= 0 {
                continue;
            }
            if now < old && heap.peek().is_some_and(|top| *top > key(now, c)) {
                heap.push(key(now, c));
                continue;
            }
            at.iter().for_each(|&a| taken[a..a + length].fill(true));
            out.push(Chosen { length, at });
        }
        out
    }
    /// The macros and the programs that call them.
    fn write(&self, programs: &[Program], chosen: &[Chosen]) -> Library {
        let mut out = Library { before: self.shapes.len(), ..Library::default() };
        let mut calls: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        let mut names = (1..).map(|n| format!("m{n}")).filter(|n| Opcode::ALL.iter().all(|o| o.name() != n));
        for c in chosen {
            let rows: Vec<Vec<Slot>> = c.at.iter().map(|&a| self.row(a, c.length)).collect();
            let general = General::new(&rows);
            let name = names.next().expect("endless");
            for &a in &c.at {
                let texts: Vec<&str> = self.variable(a, c.length).map(|p| p.text.as_str()).collect();
                let given: Vec<&str> = general.bases.iter().map(|&b| texts[b]).collect();
                calls.insert(a, (c.length, format!("{name} {}", given.join(", ")).trim_end().to_owned()));
            }
            let parameters: Vec<String> = (1..=general.bases.len()).map(|n| format!("p{n}")).collect();
            out.macros.push(Learnt {
                name,
                body: self.body(c, &general, &parameters),
                parameters,
                uses: c.at.len(),
                saved: utility(c.length, c.at.len()) as usize,
            });
        }
        let mut first = 0;
        for p in programs {
            let mut text = directives_text(p);
            for b in p.blocks() {
                text.push_str(&format!(".block {}\n", p.string(b.name)));
                let (mut i, end) = (first + b.start as usize, first + (b.start + b.len) as usize);
                while i < end {
                    let (length, line) = calls.get(&i).cloned().unwrap_or_else(|| (1, plain(&self.parts[i])));
                    text.push_str(&format!("    {line}\n"));
                    i += length;
                    out.after += 1;
                }
            }
            first += p.instructions().len();
            out.programs.push(text);
        }
        out.after += chosen.iter().map(|c| c.length + 1).sum::<usize>();
        out
    }
    /// The parts of a run that may differ.
    fn variable(&self, at: usize, length: usize) -> impl Iterator<Item = &Part> {
        self.parts[at..at + length].iter().flatten().filter(|p| p.kind != PartKind::Fixed)
    }
    fn body(&self, c: &Chosen, general: &General, parameters: &[String]) -> Vec<String> {
        let mut slots = general.slots.iter();
        let mut text = |part: &Part| match part.kind {
            PartKind::Fixed => part.text.clone(),
            _ => match *slots.next().expect("a slot for each part") {
                None => part.text.clone(),
                Some((p, 0)) => format!("${}", parameters[p]),
                Some((p, offset)) => format!("${}+{offset}", parameters[p]),
            },
        };
        let run = &self.parts[c.at[0]..c.at[0] + c.length];
        run.iter().map(|i| i.iter().map(&mut text).collect()).collect()
    }
}

fn plain(parts: &[Part]) -> String {
    parts.iter().map(|p| p.text.as_str()).collect()
}

/// Runs of a cluster that are free and disjoint, from the left.
fn disjoint(c: &Cluster, taken: &[bool]) -> Vec<usize> {
    let mut end = 0;
    let mut free = |&at: &usize| {
        let good = at >= end && !taken[at..at + c.length].contains(&true);
        if good {
            end = at + c.length;
        }
        good
    };
    c.at.iter().copied().filter(&mut free).collect()
}

/// A row with all addresses counted from its first.
fn relative(mut row: Vec<Slot>) -> Vec<Slot> {
    let first = row.iter().find_map(|s| match s {
        Slot::Address(a) => Some(*a),
        Slot::Literal(_) => None,
    });
    for s in &mut row {
        if let (Slot::Address(a), Some(first)) = (s, first) {
            *a = a.wrapping_sub(first);
        }
    }
    row
}

/// Which slots of a growing set of rows can share a parameter.
struct Classes {
    first: Vec<Slot>,
    /// By slot: its class, named by the first slot in it.
    class: Vec<usize>,
    /// By slot: whether it is the same in all rows.
    fixed: Vec<bool>,
}

impl Classes {
    fn new(row: &[Slot]) -> Classes {
        let class = (0..row.len()).map(|i| (0..i).find(|&j| together(row, row, i, j)).unwrap_or(i)).collect();
        Classes { first: row.to_vec(), class, fixed: vec![true; row.len()] }
    }
    /// With one row more; none if that takes too many parameters.
    fn with(&self, row: &[Slot]) -> Option<Classes> {
        let fixed: Vec<bool> = (0..row.len()).map(|i| self.fixed[i] && row[i] == self.first[i]).collect();
        let mut class: Vec<usize> = Vec::with_capacity(row.len());
        for i in 0..row.len() {
            let same = |&j: &usize| self.class[j] == self.class[i] && together(&self.first, row, i, j);
            let found = (0..i).find(|j| class[*j] == *j && same(j));
            class.push(found.unwrap_or(i));
        }
        let parameters = (0..row.len()).filter(|&i| class[i] == i && !fixed[i]).count();
        (parameters <= MAX_PARAMETERS).then(|| Classes { first: self.first.clone(), class, fixed })
    }
}

/// Whether slots `i` and `j` stand to each other in both rows alike: equal literals, addresses at one distance.
fn together(a: &[Slot], b: &[Slot], i: usize, j: usize) -> bool {
    match ((a[i], a[j]), (b[i], b[j])) {
        ((Slot::Address(ai), Slot::Address(aj)), (Slot::Address(bi), Slot::Address(bj))) => {
            ai.wrapping_sub(aj) == bi.wrapping_sub(bj)
        }
        ((Slot::Literal(ai), Slot::Literal(aj)), (Slot::Literal(bi), Slot::Literal(bj))) => ai == aj && bi == bj,
        _ => false,
    }
}

/// The least general run that all rows are instances of.
struct General {
    /// By parameter: the slot that gives its argument.
    bases: Vec<usize>,
    /// By slot: parameter and offset; none where all rows agree.
    slots: Vec<Option<(usize, u64)>>,
}

impl General {
    fn new(rows: &[Vec<Slot>]) -> General {
        let n = rows[0].len();
        let differs = |i: usize| rows.iter().any(|r| r[i] != rows[0][i]);
        let mut classes: Vec<Vec<usize>> = Vec::new();
        for i in (0..n).filter(|&i| differs(i)) {
            let same = |c: &&mut Vec<usize>| rows.iter().all(|r| together(&rows[0], r, i, c[0]));
            match classes.iter_mut().find(same) {
                Some(c) => c.push(i),
                None => classes.push(vec![i]),
            }
        }
        let mut out = General { bases: Vec::new(), slots: vec![None; n] };
        for c in classes {
            let value = |&i: &usize| match rows[0][i] {
                Slot::Address(a) => a,
                Slot::Literal(_) => 0,
            };
            let base = *c.iter().min_by_key(|i| value(i)).expect("a class has a slot");
            for i in &c {
                out.slots[*i] = Some((out.bases.len(), value(i) - value(&base)));
            }
            out.bases.push(base);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::memory::cell::Address;
    use crate::dsl::programs::asm::tests::Rng;

    /// Templates with random arguments between random instructions.
    fn programs(rng: &mut Rng) -> Vec<Program> {
        const LINES: [&str; 4] = ["MOV {a}, {l}", "CMP.lt {a}, {c}, #3", "?{a} LINK {c}, {a}", "MAP.neg {c}, {a}*4"];
        let templates: Vec<Vec<&str>> =
            (0..2 + rng.below(3)).map(|_| (0..2 + rng.below(6)).map(|_| rng.pick(&LINES)).collect()).collect();
        (0..1 + rng.below(4))
            .map(|_| {
                let mut text = String::new();
                for b in 0..1 + rng.below(3) {
                    text.push_str(&format!(".block b{b}\n"));
                    for _ in 0..rng.below(12) {
                        let a = Address::from_packed(16 * rng.below(1 << 20)).unwrap();
                        let c = Address::from_packed(a.packed() + 1 + rng.below(2)).unwrap();
                        let literal = rng.pick(&["#1", "\"$p1, \\\" ;\"", "'(wi ?0 wph)", "#1"]);
                        for line in &templates[rng.below(templates.len() as u64) as usize] {
                            let line = line.replace("{a}", &a.to_string()).replace("{l}", literal);
                            text.push_str(&format!("  {}\n", line.replace("{c}", &c.to_string())));
                        }
                    }
                }
                assemble(&text).unwrap_or_else(|e| panic!("{e}\n{text}"))
            })
            .collect()
    }

    fn holds(programs: &[Program]) -> Library {
        let library = learn(programs).unwrap();
        let macros = Macros::read(&library.text()).unwrap();
        for (p, text) in programs.iter().zip(&library.programs) {
            let plain = assemble(&disassemble(p)).unwrap();
            assert_eq!(assemble_with(&macros, text).unwrap().0.encode(), plain.encode(), "{text}");
            // a file that holds the definitions itself says the same
            assert_eq!(assemble(&format!("{}{text}", library.text())).unwrap().encode(), plain.encode());
        }
        for m in &library.macros {
            assert!(m.parameters.len() <= MAX_PARAMETERS && m.saved > 0);
            assert_eq!(m.saved as i64, utility(m.body.len(), m.uses));
            let calls = |t: &String| t.lines().filter(|l| l.split_whitespace().next() == Some(&m.name)).count();
            assert_eq!(library.programs.iter().map(calls).sum::<usize>(), m.uses);
        }
        let saved: usize = library.macros.iter().map(|m| m.saved).sum();
        assert_eq!(library.before - library.after, saved);
        assert_eq!(learn(programs).unwrap(), library);
        library
    }

    #[test]
    fn programs_expand_to_themselves_and_no_macro_loses() {
        let mut rng = Rng(11);
        let mut found = 0;
        for _ in 0..60 {
            found += holds(&programs(&mut rng)).macros.len();
            holds(&[rng.program(), rng.program()]);
        }
        assert!(found > 60, "{found}");
    }

    #[test]
    fn operands_that_differ_become_parameters_and_distances_stay() {
        let run = |a: &str, next: &str, text: &str| {
            format!(" MOV {a}, \"{text}\"\n MOV {next}, {a}\n CMP.eq 9:0:0, {next}, {a}\n ?9:0:0 MOV {a}, #1\n")
        };
        let text =
            format!(".block m\n{} HALT #0\n.block n\n{}", run("1:0:15", "1:1:0", "a"), run("2:0:0", "2:0:1", "b"));
        let library = holds(&[assemble(&text).unwrap()]);
        assert_eq!(library.programs[0], ".block m\n    m1 1:0:15, \"a\"\n    HALT #0\n.block n\n    m1 2:0:0, \"b\"\n");
        let body = ["MOV $p1, $p2", "MOV $p1+1, $p1", "CMP 9:0:0, $p1+1, $p1", "?9:0:0 MOV $p1, #1"];
        assert_eq!(library.macros[0].body, body);
        assert_eq!((library.before, library.after), (9, 8));
    }

    #[test]
    fn what_would_lose_is_left() {
        let twice = ".block m\n MOV 1:0:0, #1\n MOV 1:0:1, #2\n HALT #0\n.block n\n MOV 1:0:0, #1\n MOV 1:0:1, #2\n";
        assert_eq!(holds(&[assemble(twice).unwrap()]).macros, []);
        let head = format!(".database \"a\" {}\n", "0".repeat(64));
        let library = holds(&[assemble(&format!("{head}{twice}")).unwrap()]);
        assert!(library.programs[0].starts_with(&head), "what a program carries stays");
        // every operand differs on its own: a call would have more operands than an instruction
        let run = |n: u64| -> String {
            let line =
                |(i, kind): (u64, &str)| format!(" LINK.{kind} {}:0:0, {}:0:0\n", n * (i * i + 1), n * (i * i + 100));
            (1..).zip(["edge", "premise", "before", "subgoal"]).map(line).collect()
        };
        let wild = format!(".block m\n{} HALT #0\n{}", run(2), run(5));
        assert_eq!(holds(&[assemble(&wild).unwrap()]).macros, []);
    }
}
