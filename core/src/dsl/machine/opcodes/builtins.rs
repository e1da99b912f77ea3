//! Level 1: operands and cells become a problem, a solver answers, a checker accepts, the answer becomes cells.

use crate::dsl::isa::{LinkKind, Numbers, Opcode};
use crate::dsl::level1::{check, gauss, graph, satisfiability, Atom, Formula, Graph, Verdict};
use crate::dsl::level1::{ATOMS_LIMIT, CELLS_LIMIT, LEARNT_LIMIT, LINKS_LIMIT, MATRIX_LIMIT, UNKNOWNS_LIMIT};
use crate::dsl::level1::{VARIABLES_LIMIT, WORK_LIMIT};
use crate::dsl::machine::effect::{slot_after, Effect, Wrong};
use crate::dsl::machine::obligation::{Claim, FaultKind};
use crate::dsl::machine::Machine;
use crate::dsl::memory::cell::{Address, Content, Span, Tag};
use crate::dsl::programs::program::{Instruction, Operand};
use num_bigint::BigInt;
use num_traits::ToPrimitive;

type Cells = Vec<(Address, Content)>;

fn refused(why: check::Refused) -> Wrong {
    Wrong::new(FaultKind::Obligation, why.0)
}

fn bound(claim: impl Into<String>) -> Wrong {
    Wrong::new(FaultKind::Bound, claim)
}

fn int(v: &BigInt) -> Result<Content, Wrong> {
    let wrong = || Wrong::new(FaultKind::Arithmetic, "the result fits 64 bits");
    v.to_i64().map(Content::int).ok_or_else(wrong)
}

/// Cells of a range as the nodes of a graph.
struct Nodes {
    first: Address,
    cells: Cells,
    graph: Graph,
}

impl Nodes {
    /// The number of the node at an address.
    fn number(&self, a: Address) -> Option<u32> {
        self.cells.binary_search_by_key(&a, |c| c.0).ok().map(|i| i as u32)
    }
    fn reference(&self, n: u32) -> Content {
        Content::reference(self.cells[n as usize].0)
    }
    fn names(&self, nodes: &[u32]) -> String {
        nodes.iter().map(|&n| self.cells[n as usize].0.to_string()).collect::<Vec<_>>().join(" ")
    }
    /// Writes one value a node, each as far behind `dst` as the node is behind the first slot of the range.
    fn beside(&self, dst: Address, values: impl Iterator<Item = Content>, e: &mut Effect) -> Result<(), Wrong> {
        for ((a, _), value) in self.cells.iter().zip(values) {
            e.writes.push((slot_after(dst, a.packed() - self.first.packed())?, value));
        }
        Ok(())
    }
}

fn number(n: Option<u64>) -> Content {
    Content::int(n.map_or(-1, |n| n as i64))
}

/// `dst` and the slots behind it.
fn behind(dst: Address, values: impl IntoIterator<Item = Content>, e: &mut Effect) -> Result<(), Wrong> {
    for (n, value) in values.into_iter().enumerate() {
        e.writes.push((slot_after(dst, n as u64)?, value));
    }
    Ok(())
}

fn list(dst: Address, values: impl ExactSizeIterator<Item = Content>, e: &mut Effect) -> Result<(), Wrong> {
    let count = Content::int(values.len() as i64);
    behind(dst, std::iter::once(count).chain(values), e)
}

impl Machine<'_> {
    pub(in crate::dsl::machine) fn builtin(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        match i.opcode {
            Opcode::Dedup => self.dedup(i, e)?,
            Opcode::Toposort => self.toposort(i, e)?,
            Opcode::Bfs | Opcode::Dijkstra => self.paths(i, e)?,
            Opcode::Dfs => self.dfs(i, e)?,
            Opcode::Gaussj | Opcode::Gausselim => self.gauss(i, e)?,
            Opcode::Satcheck => self.satcheck(i, e)?,
            other => return Err(Wrong::new(FaultKind::Unavailable, format!("{} is of Level 1", other.name()))),
        }
        let mut targets: Vec<Address> = e.writes.iter().map(|w| w.0).collect();
        targets.sort_unstable();
        match targets.windows(2).find(|w| w[0] == w[1]) {
            Some(w) => Err(Wrong::at(FaultKind::Operand, w[0], "the results do not overlap")),
            None => Ok(()),
        }
    }
    fn written_cells(&self, span: Span) -> Result<Cells, Wrong> {
        let mut cells = Vec::new();
        self.workspace.scan(span, &mut |a, cell| {
            cells.push((a, cell.content()));
            cells.len() <= CELLS_LIMIT
        });
        match cells.len() <= CELLS_LIMIT {
            true => Ok(cells),
            false => Err(bound(format!("at most {CELLS_LIMIT} cells"))),
        }
    }
    /// The written cells of a range and the links of one kind among them. An int costs itself, other cells nothing.
    fn nodes(&self, kind: u8, span: Span) -> Result<Nodes, Wrong> {
        let kind = LinkKind::from_code(kind).ok_or_else(|| Wrong::operand("link kind"))?;
        let cells = self.written_cells(span)?;
        let mut nodes = Nodes { first: span.first(), cells, graph: Graph::default() };
        let mut links = 0;
        for &(a, _) in &nodes.cells {
            let own = self.workspace.links_from(a).iter().filter(|l| l.kind == kind);
            let successors: Vec<u32> = own.filter_map(|l| nodes.number(l.to)).collect();
            links += successors.len();
            nodes.graph.successors.push(successors);
            if links > LINKS_LIMIT {
                return Err(bound(format!("at most {LINKS_LIMIT} links")));
            }
        }
        Ok(nodes)
    }
    /// The graph and the source of BFS, DFS and DIJKSTRA.
    fn graph_from(&self, i: &Instruction, e: &mut Effect) -> Result<(Nodes, u32), Wrong> {
        let span = self.span(i.operands[3], e)?;
        let from = self.place(i.operands[4], e)?;
        self.read(from, e)?;
        let mut nodes = self.nodes(i.function, span)?;
        let outside = || Wrong::at(FaultKind::Operand, from, "the source lies in the range");
        let source = nodes.number(from).ok_or_else(outside)?;
        if i.opcode == Opcode::Dijkstra {
            for &(a, content) in &nodes.cells {
                let cost = u64::try_from(content.as_int().unwrap_or(0));
                let negative = |_| Wrong::at(FaultKind::Arithmetic, a, "a cost is not negative");
                nodes.graph.cost.push(cost.map_err(negative)?);
            }
        }
        Ok((nodes, source))
    }

    fn dedup(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let (dst, map) = (self.target(i.operands[0], e)?, self.target(i.operands[1], e)?);
        let span = self.span(i.operands[2], e)?;
        let cells = self.written_cells(span)?;
        let mut items = Vec::with_capacity(cells.len());
        for &(_, c) in &cells {
            let inline = if c.tag == Tag::Bytes { c.inline } else { [0; 3] };
            items.push(match c.as_term() {
                Some(t) => Content::term(self.resolved(t)),
                None => Content { inline, ..c },
            });
        }
        let representative = graph::dedup(&items);
        check::dedup(&items, &representative).map_err(refused)?;
        let nodes = Nodes { first: span.first(), cells, graph: Graph::default() };
        let kept: Vec<u32> = (0..items.len() as u32).filter(|&n| representative[n as usize] == n).collect();
        list(dst, kept.iter().map(|&n| nodes.reference(n)), e)?;
        nodes.beside(map, representative.iter().map(|&n| nodes.reference(n)), e)?;
        e.claim = Some(Claim::Certified(vec!["equal to its representative; representatives differ".into()]));
        Ok(())
    }

    fn toposort(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let nodes = self.nodes(i.function, span)?;
        let order = match graph::toposort(&nodes.graph) {
            Ok(order) => order,
            Err(cycle) => {
                check::cycle(&nodes.graph, &cycle).map_err(refused)?;
                let claim = format!("the links form no cycle ({})", nodes.names(&cycle));
                return Err(Wrong::at(FaultKind::Link, nodes.cells[cycle[0] as usize].0, claim));
            }
        };
        check::toposort(&nodes.graph, &order).map_err(refused)?;
        list(dst, order.iter().map(|&n| nodes.reference(n)), e)?;
        e.claim = Some(Claim::Certified(vec!["every link goes forward".into()]));
        Ok(())
    }

    fn paths(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let (distance, before) = (self.target(i.operands[1], e)?, self.target(i.operands[2], e)?);
        let (nodes, from) = self.graph_from(i, e)?;
        let unit = i.opcode == Opcode::Bfs;
        let long = || Wrong::new(FaultKind::Arithmetic, "a distance fits 64 bits");
        let p = match unit {
            true => graph::bfs(&nodes.graph, from),
            false => graph::dijkstra(&nodes.graph, from).ok_or_else(long)?,
        };
        check::paths(&nodes.graph, from, unit, &p).map_err(refused)?;
        list(dst, p.order.iter().map(|&n| nodes.reference(n)), e)?;
        nodes.beside(distance, p.distance.iter().map(|&d| number(d)), e)?;
        nodes.beside(before, p.predecessor.iter().map(|&n| nodes.reference(n)), e)?;
        e.claim = Some(Claim::Certified(vec!["predecessors are tight; no link improves a distance".into()]));
        Ok(())
    }

    fn dfs(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let (found, finished) = (self.target(i.operands[1], e)?, self.target(i.operands[2], e)?);
        let (nodes, from) = self.graph_from(i, e)?;
        let v = graph::dfs(&nodes.graph, from);
        check::dfs(&nodes.graph, from, &v).map_err(refused)?;
        list(dst, v.order.iter().map(|&n| nodes.reference(n)), e)?;
        nodes.beside(found, v.interval.iter().map(|i| number(i.map(|i| i.0.into()))), e)?;
        nodes.beside(finished, v.interval.iter().map(|i| number(i.map(|i| i.1.into()))), e)?;
        e.claim = Some(Claim::Certified(vec!["discovery and finish nest along links".into()]));
        Ok(())
    }

    /// The ints of a range whose slots are all written, in rows.
    fn rows(&self, span: Span, columns: Operand, most: (usize, usize), e: &mut Effect) -> Result<Vec<Vec<i64>>, Wrong> {
        let Operand::Integer(columns) = columns else { return Err(Wrong::operand("a number of columns")) };
        let columns = usize::try_from(columns).unwrap_or(0);
        let slots = span.len() as usize;
        if columns == 0 || !slots.is_multiple_of(columns) {
            return Err(Wrong::operand(format!("{slots} slots are whole rows of {columns} columns")));
        }
        if slots / columns > most.0 || columns > most.1 {
            return Err(bound(format!("at most {} rows and {} columns", most.0, most.1)));
        }
        let at = |n: usize| span.first().plus(n as u64).expect("spans end inside");
        let one = |n: usize, e: &mut Effect| {
            let wrong = || Wrong::at(FaultKind::Type, at(n), "an entry is an int");
            self.read(at(n), e)?.as_int().ok_or_else(wrong)
        };
        let mut unnoted = Effect::default(); // the range itself is noted as read
        let entries: Result<Vec<i64>, Wrong> = (0..slots).map(|n| one(n, &mut unnoted)).collect();
        e.note(span.first());
        Ok(entries?.chunks(columns).map(<[i64]>::to_vec).collect())
    }

    fn gauss(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let span = self.span(i.operands[1], e)?;
        let original = self.rows(span, i.operands[2], (MATRIX_LIMIT, MATRIX_LIMIT), e)?;
        let reduced = i.opcode == Opcode::Gaussj;
        let most = || bound(format!("the elimination takes at most {WORK_LIMIT} units of work"));
        let found = gauss::eliminate(&original, reduced).ok_or_else(most)?;
        check::echelon(&original, reduced, &found).map_err(refused)?;
        let entries: Result<Vec<Content>, Wrong> = found.rows.iter().flatten().map(int).collect();
        behind(dst, std::iter::once(Content::int(found.rank as i64)).chain(entries?), e)?;
        let text = |values: &[BigInt]| values.iter().map(|v| format!(" {v}")).collect::<String>();
        let to = found.to.iter().zip(&found.scale).map(|(t, s)| format!("to {s}{}", text(t)));
        let kernel = found.kernel.iter().map(|v| format!("kernel{}", text(v)));
        e.claim = Some(Claim::Certified(to.chain(kernel).collect()));
        Ok(())
    }

    fn satcheck(&mut self, i: &Instruction, e: &mut Effect) -> Result<(), Wrong> {
        let dst = self.target(i.operands[0], e)?;
        let f = self.formula(i, e)?;
        let (verdict, model, lines) = match satisfiability(&f).map_err(refused)? {
            Verdict::Sat(variables, unknowns) => {
                let mut model: Vec<Content> = variables.iter().map(|&b| Content::bool(b)).collect();
                for x in &unknowns {
                    model.push(int(x.numer())?);
                    model.push(int(x.denom())?);
                }
                (1, model, vec!["the model satisfies clauses and atoms".into()])
            }
            Verdict::Unsat(lines) => (0, Vec::new(), lines.iter().map(ToString::to_string).collect()),
            Verdict::Unknown => (-1, Vec::new(), Vec::new()),
            Verdict::TooLarge => {
                let most =
                    format!("the search takes at most {WORK_LIMIT} units of work, {LEARNT_LIMIT} literals learnt");
                return Err(bound(most));
            }
        };
        behind(dst, std::iter::once(Content::int(verdict)).chain(model), e)?;
        e.claim = Some(if verdict < 0 { Claim::Rerun } else { Claim::Certified(lines) });
        Ok(())
    }
    fn formula(&self, i: &Instruction, e: &mut Effect) -> Result<Formula, Wrong> {
        let numbers = Numbers::from_code(i.function).ok_or_else(|| Wrong::operand("SATCHECK function"))?;
        let mut f = Formula { integer: numbers == Numbers::Integer, ..Formula::default() };
        let cells = self.written_cells(self.span(i.operands[1], e)?)?;
        let mut clause = Vec::new();
        for &(a, c) in &cells {
            let v = c.as_int().ok_or_else(|| Wrong::at(FaultKind::Type, a, "a literal is an int"))?;
            if v.unsigned_abs() > VARIABLES_LIMIT as u64 {
                let claim = format!("at most {VARIABLES_LIMIT} variables");
                return Err(Wrong::at(FaultKind::Bound, a, claim));
            }
            match v {
                0 => f.clauses.push(std::mem::take(&mut clause)),
                v => clause.push(v as i32),
            }
            f.variables = f.variables.max(v.unsigned_abs() as usize);
        }
        if !clause.is_empty() {
            return Err(Wrong::at(FaultKind::Operand, cells[cells.len() - 1].0, "0 ends the last clause"));
        }
        if let (Some(&o), Some(&columns)) = (i.operands.get(2), i.operands.get(3)) {
            let rows = self.rows(self.span(o, e)?, columns, (ATOMS_LIMIT, UNKNOWNS_LIMIT + 1), e)?;
            f.unknowns = rows.first().map_or(0, |r| r.len() - 1);
            let atom = |r: Vec<i64>| Atom { bound: r[f.unknowns], coefficients: r[..f.unknowns].to_vec() };
            f.atoms = rows.into_iter().map(atom).collect();
            f.variables = f.variables.max(f.atoms.len());
        }
        Ok(f)
    }
}
