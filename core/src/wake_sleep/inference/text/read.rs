//! Content proofs out of their texts.

use super::readings::Asked;
use super::{TextError, Texts, Words, GAP};
use crate::dsl::library::{PremiseId, MAX_STEPS};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;
use crate::wake_sleep::inference::proof::{By, ContentProof, Node};
use crate::wake_sleep::inference::sequents::{sequent, Terms};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// What a text says.
#[derive(Clone, Debug)]
pub struct Read {
    /// The proof; what decision procedures close is without their proofs.
    pub proof: ContentProof,
    /// By node, the decision procedure that it names.
    pub deciders: Vec<Option<String>>,
    /// By node, its line, from 1.
    pub lines: Vec<usize>,
}

/// A line taken apart.
struct Line<'t> {
    /// From 1.
    at: usize,
    opcode: &'t str,
    operand: &'t str,
    /// The numbers of the nodes that it rests on.
    from: Vec<u32>,
    /// The other operands: word and what is behind it.
    operands: Vec<(&'t str, &'t str)>,
    members: Vec<&'t str>,
    goal: &'t str,
}

/// A word and what is behind it.
fn split(field: &str) -> (&str, &str) {
    let (word, rest) = field.split_once(' ').unwrap_or((field, ""));
    (word, rest.trim())
}

impl<'t> Line<'t> {
    /// A line and the number of its node.
    fn of(at: usize, text: &'t str) -> Result<(u32, Line<'t>), String> {
        let fields: Vec<&str> = text.split(GAP).map(str::trim).filter(|f| !f.is_empty()).collect();
        let colon = fields.iter().position(|f| *f == ":").ok_or("expected ':' and a sequent, two blanks before it")?;
        let [number, opcode, ref own @ ..] = fields[..colon] else {
            return Err("expected a number and an opcode, two blanks between them".to_owned());
        };
        let number = number.parse().map_err(|_| format!("expected the node's number, found '{number}'"))?;
        let (&goal, members) = fields[colon + 1..].split_last().ok_or("expected a sequent behind ':'")?;
        let bare = |&m: &&'t str| m.strip_suffix(" ,").unwrap_or(m);
        let (opcode, operand) = split(opcode);
        let members = members.iter().map(bare).collect();
        let mut line = Line { at, opcode, operand, from: Vec::new(), operands: Vec::new(), members, goal };
        for field in own {
            let (word, rest) = split(field);
            if word == "from" && !rest.starts_with(":= ") {
                let numbers = rest.split(' ').map(str::parse).collect::<Result<Vec<u32>, _>>();
                line.from = numbers.map_err(|_| format!("expected numbers of nodes, found '{rest}'"))?;
            } else {
                line.operands.push((word, rest));
            }
        }
        Ok((number, line))
    }
    /// Refuses operands that the opcode does not take.
    fn only(&self, words: &[&str]) -> Result<(), String> {
        let apply = self.opcode == "APPLY";
        let good = |o: &(&str, &str)| words.contains(&o.0) || apply && o.1.starts_with(":= ");
        match self.operands.iter().find(|o| !good(o)) {
            Some((word, _)) => Err(format!("{} takes no '{word}'", self.opcode)),
            None => Ok(()),
        }
    }
    fn all(&self, word: &str) -> impl Iterator<Item = &'t str> + '_ {
        let word = word.to_owned();
        self.operands.iter().filter(move |o| o.0 == word && !o.1.starts_with(":= ")).map(|o| o.1)
    }
    /// The place of the reading that is meant, from 1.
    fn place(&self) -> Result<Option<usize>, String> {
        let said = self.all("reading").next();
        said.map(|s| s.parse().map_err(|_| format!("expected the reading's place, found '{s}'"))).transpose()
    }
}

/// The lines of a text, and by number of a node its line.
fn lines(text: &str) -> Result<(Vec<Line<'_>>, FxHashMap<u32, usize>), TextError> {
    let (mut all, mut named) = (Vec::new(), FxHashMap::default());
    for (at, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        let wrong = |message: String| TextError { line: Some(at), message };
        let (number, line) = Line::of(at, line).map_err(wrong)?;
        if named.insert(number, all.len()).is_some() {
            return Err(wrong(format!("there is a node {number} already")));
        }
        if all.len() >= MAX_STEPS {
            return Err(wrong(format!("expected at most {MAX_STEPS} nodes")));
        }
        all.push(line);
    }
    if all.is_empty() {
        return Err(TextError { line: None, message: "expected nodes, found none".to_owned() });
    }
    Ok((all, named))
}

/// The lines behind those that they rest on, by place; what each rests on, too.
fn behind(lines: &[Line<'_>], named: &FxHashMap<u32, usize>) -> Result<(Vec<usize>, Vec<Vec<usize>>), TextError> {
    let mut below: Vec<Vec<usize>> = Vec::with_capacity(lines.len());
    for line in lines {
        let place = |n: &u32| named.get(n).copied().ok_or(format!("there is no node {n}"));
        let places = line.from.iter().map(place).collect::<Result<_, _>>();
        below.push(places.map_err(|message| TextError { line: Some(line.at), message })?);
    }
    // 0: not seen, 1: below it is being looked at, 2: done
    let (mut state, mut stack, mut order) = (vec![0u8; lines.len()], vec![(0, 0)], Vec::new());
    state[0] = 1;
    while let Some((n, next)) = stack.last_mut() {
        let Some(&child) = below[*n].get(*next) else {
            state[*n] = 2;
            order.push(*n);
            stack.pop();
            continue;
        };
        *next += 1;
        match state[child] {
            0 => {
                state[child] = 1;
                stack.push((child, 0));
            }
            1 => return Err(TextError { line: Some(lines[child].at), message: "it rests on itself".to_owned() }),
            _ => {}
        }
    }
    match state.iter().position(|&s| s == 0) {
        Some(n) => Err(TextError { line: Some(lines[n].at), message: "the root does not rest on it".to_owned() }),
        None => Ok((order, below)),
    }
}

impl Texts<'_> {
    /// The proof that a text says. It is not checked ([`ContentProof::check`]). `arena` is grown from [`super::Moves::arena`].
    ///
    /// # Errors
    /// The first line that is none, or names what is not there.
    pub fn read(&self, text: &str, arena: &mut Arena) -> Result<Read, TextError> {
        let (lines, named) = lines(text)?;
        let (order, below) = behind(&lines, &named)?;
        let mut words = Words::new(self, arena);
        let mut number = vec![0u32; lines.len()];
        let mut read = Read { proof: ContentProof::default(), deciders: Vec::new(), lines: Vec::new() };
        for (&n, new) in order.iter().zip(0..) {
            let line = &lines[n];
            number[n] = new;
            let children: SmallVec<[u32; 3]> = below[n].iter().map(|&c| number[c]).collect();
            let node = words.node(line, children).map_err(|message| TextError { line: Some(line.at), message })?;
            let decided = matches!(node.by, By::Closed { propositional: false, .. });
            read.deciders.push(decided.then(|| line.operand.to_owned()));
            read.proof.nodes.push(node);
            read.lines.push(line.at);
        }
        Ok(read)
    }
}

impl Words<'_, '_> {
    fn node(&mut self, line: &Line<'_>, children: SmallVec<[u32; 3]>) -> Result<Node, String> {
        let goal = self.statement(line.goal)?;
        let members = line.members.iter().map(|m| self.formula(m)).collect::<Result<Terms, _>>()?;
        let sequent = sequent(self.arena, goal, members.clone());
        let by = match line.opcode {
            "APPLY" => {
                line.only(&["answers", "takes", "drops", "reading"])?;
                self.read_apply(line, goal, members)?
            }
            "HYP" => {
                line.only(&["part", "reading"])?;
                let labels = &self.by.task.hyp_labels;
                let found = labels.iter().position(|l| l == line.operand);
                let number = found.ok_or_else(|| format!("the task has no hypothesis '{}'", line.operand))?;
                let parts = self.parts(line, self.by.task.hyps[number], goal)?;
                By::Hyp { number: number as u32, parts }
            }
            "USE" => {
                line.only(&["part", "reading"])?;
                let member = self.formula(line.operand)?;
                By::Use { member, parts: self.parts(line, member, goal)? }
            }
            "MEMBER" | "WEAKEN" | "SPLIT" if line.operand.is_empty() => {
                line.only(&[])?;
                match line.opcode {
                    "MEMBER" => By::Member,
                    "WEAKEN" => By::Weaken,
                    _ => By::Split,
                }
            }
            "CLOSE" => {
                line.only(&[])?;
                By::Closed { proof: Box::default(), propositional: line.operand == "propositional" }
            }
            _ => return Err(format!("expected an opcode of content programs, found '{}'", line.opcode)),
        };
        Ok(Node { sequent, by, children })
    }
    /// A statement with its typecode.
    fn statement(&mut self, text: &str) -> Result<TermId, String> {
        if let Some(&known) = self.known.get(text) {
            return Ok(known);
        }
        let t = self.by.theory.parse_statement(text, false, self.arena)?;
        self.known.insert(text.to_owned(), t);
        Ok(t)
    }
    /// A formula, of the main kind without its typecode.
    fn formula(&mut self, text: &str) -> Result<TermId, String> {
        let source = &self.by.theory.db.source;
        let main = self.by.theory.db.grammar.provable().first().map(|&s| source.symbol(s).to_owned());
        let main = main.ok_or("the database proves nothing")?;
        self.statement(&format!("{main} {text}")).or_else(|why| self.statement(text).map_err(|_| why))
    }
    /// A value, by metavariable of an assertion.
    fn value(&mut self, premise: PremiseId, name: &str, text: &str) -> Result<(u16, TermId), String> {
        let theory = self.by.theory;
        let variables = theory.premise(premise).map_or(&[][..], |p| p.variables);
        let at = variables.iter().position(|&v| theory.db.source.symbol(v) == name);
        let at = at.ok_or_else(|| format!("'{}' has no variable '{name}'", theory.label(premise)))?;
        let typecode = theory.typecode(variables[at]).map_or("", |t| theory.db.source.symbol(t));
        let t = self.statement(&format!("{typecode} {text}"))?;
        let bare = self.arena.head(t).is_judgement().then(|| self.arena.children(t)[0]);
        Ok((at as u16, bare.unwrap_or(t)))
    }
    fn read_apply(&mut self, line: &Line<'_>, goal: TermId, members: Terms) -> Result<By, String> {
        let label = line.operand;
        let premise = self.by.theory.find(label).filter(|p| self.by.theory.stands_before(*p, self.by.task));
        let premise = premise.ok_or_else(|| format!("no assertion before the task is labelled '{label}'"))?;
        let taken = line.all("takes").next().map(|t| self.formula(t)).transpose()?;
        let dropped = line.all("drops").map(|t| self.formula(t)).collect::<Result<Terms, _>>()?;
        let values = line.operands.iter().filter_map(|o| Some((o.0, o.1.strip_prefix(":= ")?)));
        let given = values.map(|(name, text)| self.value(premise, name, text)).collect::<Result<Vec<_>, _>>()?;
        let direction = line.all("answers").next().unwrap_or("");
        let place = line.place()?;
        let asked = Asked { goal, taken, count: line.from.len(), direction, given: &given };
        let found = self.fitting(premise, &asked).into_iter().find(|f| place.is_none_or(|k| f.0 == k));
        let (_, number, values) = found.ok_or_else(|| {
            let nodes = line.from.len();
            format!("no reading of '{label}' answers this from {nodes} nodes with these operands")
        })?;
        let mut kept: Terms = members.into_iter().filter(|m| Some(*m) != taken && !dropped.contains(m)).collect();
        kept.sort_unstable();
        kept.dedup();
        Ok(By::Move { number, values, taken, kept })
    }
    /// What a hypothesis or a member leaves to be answered.
    fn parts(&mut self, line: &Line<'_>, formula: TermId, goal: TermId) -> Result<Terms, String> {
        let said = line.all("part").map(|t| self.formula(t)).collect::<Result<Terms, _>>()?;
        if !said.is_empty() {
            return Ok(said);
        }
        let place = line.place()?.unwrap_or(1);
        let found = self.formula_readings(formula, goal, line.from.len()).into_iter().nth(place.wrapping_sub(1));
        found.ok_or_else(|| format!("no reading of it answers this from {} nodes", line.from.len()))
    }
}
