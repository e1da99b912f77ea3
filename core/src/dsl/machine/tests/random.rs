//! Random programs over two blocks of slots.

use super::*;

/// A small deterministic generator of assembly lines over two blocks of slots.
pub(super) struct Lines(pub(super) u64);

impl Lines {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    pub(super) fn pick(&mut self, all: &[&str]) -> String {
        all[self.below(all.len() as u64) as usize].to_string()
    }
    fn place(&mut self) -> String {
        match self.below(40) {
            0 => "4194304:0:1".into(),
            1 => "4194303:15:15".into(),
            n if n < 5 => format!("[1:0:{}]", self.below(16)),
            _ => format!("1:{}:{}", self.below(2), self.below(16)),
        }
    }
    fn operand(&mut self, slot: crate::dsl::isa::Slot) -> String {
        use crate::dsl::isa::Slot;
        let terms = ["'wph", "'(wi wph wps)", "'(wi ?0 ?1)", "'?2", "'(wi ?1 (wi wps ?3))", "'(wi wph)"];
        match slot {
            Slot::Place => self.place(),
            Slot::Number => format!("#{}", self.below(3)),
            Slot::Integer => format!("#{}", self.below(30)),
            Slot::Label => self.pick(&["@ax-mp", "@ax-1", "@ax-2", "@apart", "@h1", "@idlemma", "@no"]),
            Slot::Words => self.pick(&["\"\"", "\"ph\""]),
            Slot::Block => self.pick(&["%a", "%b", "%c"]),
            Slot::Span => format!("1:{}:{}*{}", self.below(2), self.below(16), self.below(20)),
            Slot::Value => match self.below(4) {
                0 => self.pick(&terms),
                1 => self.pick(&["#1", "#-1", "#9223372036854775807", "\"ab\""]),
                _ => self.place(),
            },
        }
    }
    fn line(&mut self) -> String {
        let ops = Opcode::ALL.iter().filter(|o| o.level() < 2 && **o != Opcode::Halt).copied().collect::<Vec<_>>();
        // Proof steps and moves more often, so that goals come into being.
        let op = match self.below(8) {
            0 => Opcode::Mov,
            1 | 2 => Opcode::Unify,
            _ => ops[self.below(ops.len() as u64) as usize],
        };
        let function = match op.functions() {
            [] => String::new(),
            names => format!(".{}", self.pick(names)),
        };
        let form = op.forms()[self.below(op.forms().len() as u64) as usize];
        let operands: Vec<String> = form.iter().map(|&s| self.operand(s)).collect();
        let guard = match self.below(12) {
            0 => "?1:0:4 ",
            1 => "!1:0:10 ",
            _ => "",
        };
        format!("{guard}{}{function} {}", op.name(), operands.join(", "))
    }
    /// A program that assembles: lines that do not are left out.
    pub(super) fn program(&mut self) -> Program {
        let spawns = "SPAWN 2:0:0, %a, #30\nSPAWN 2:0:1, %b, #30\nSPAWN 2:0:2, %c, #30\n";
        let mut text = String::from(".block z\n.block a\n.block b\n.block c\n");
        let mut good = Vec::new();
        while good.len() < 40 {
            let line = self.line();
            if assemble(&format!("{text}{line}\n")).is_ok() {
                good.push(line);
            }
        }
        text.clear();
        for (i, block) in ["z", "a", "b", "c"].iter().enumerate() {
            text.push_str(&format!(
                ".block {block}\n{}{}\n",
                if i == 0 { spawns } else { "" },
                good[10 * i..10 * i + 10].join("\n")
            ));
        }
        assemble(&text).unwrap()
    }
}

impl Machine<'_> {
    /// Goals, terms, a bool, refs and numbers in 1:0:0 to 1:0:10.
    pub(super) fn load_mixture(&mut self) {
        let metas: Vec<TermId> = (0..4).map(|i| self.arena.meta(i)).collect();
        let (x, y) = (self.arena.variable(SymbolId(0)), self.arena.variable(SymbolId(1)));
        let goal = imp(&mut self.arena, x, y);
        let contents = [
            Content::goal(metas[0]),
            Content::goal(goal),
            Content::term(metas[2]),
            Content::goal(y),
            Content::bool(true),
            Content::int(3),
            Content::reference(at("1:0:12")),
            Content::reference(at("1:0:1")),
            Content::int(i64::MAX),
            Content::term(metas[3]),
            Content::bool(false),
        ];
        for (i, content) in contents.into_iter().enumerate() {
            self.load(at(&format!("1:0:{i}")), content).unwrap();
        }
    }
}

/// Random programs: no panic, the log replays, the index is true, a fault changes nothing, runs repeat.
#[test]
fn random_programs_keep_the_machines_promises() {
    let mut lines = Lines(11);
    let mut kinds = std::collections::BTreeSet::new();
    let mut executed = std::collections::BTreeSet::new();
    for _ in 0..3000 {
        let program = lines.program();
        let (toy, arena) = Toy::new();
        let mut start = Machine::new(&toy, &toy, arena.clone());
        let mut m = Machine::new(&toy, &toy, arena.clone());
        for machine in [&mut start, &mut m] {
            machine.load_mixture();
        }
        let out = m.run(&program, 200).unwrap();
        let mut scanning = Machine::new(&toy, &toy, arena.clone()).with_index(Box::new(ScanIndex));
        scanning.load_mixture();
        assert_eq!(scanning.run(&program, 200).unwrap(), out);
        assert_eq!(scanning.trace.hash(), m.trace.hash(), "the tree finds what a scan finds");
        let mut replayed = arena;
        let w = m.log.replay(&mut replayed).unwrap();
        assert_eq!(w.digest(), m.workspace.digest());
        assert!(m.workspace.index_is_true());
        if let StopReason::Fault(f) = &out.stop {
            kinds.insert(f.kind);
            start.run(&program, out.steps - 1).unwrap();
            assert_eq!(start.workspace.digest(), m.workspace.digest(), "{f}");
        }
        for e in m.trace.events.iter().filter(|e| e.executed) {
            let name = e.instruction.split(['.', ' ']).next().unwrap().to_string();
            executed.insert((name, e.fault.is_none()));
            kinds.extend(e.fault.iter().map(|f| f.kind));
        }
    }
    assert!(kinds.len() >= 13, "{kinds:?}");
    for o in Opcode::ALL.iter().filter(|o| o.level() == 0) {
        let name = o.name().to_string();
        let rare = matches!(o, Opcode::Assert | Opcode::Halt);
        assert!(rare || (executed.contains(&(name.clone(), true)) && executed.contains(&(name, false))));
    }
}
