//! Statements as trees for those who name and describe them: syntax axioms by label, parts in the order of reading.

use crate::dsl::theory::library::{Task, Theory};
use crate::metamath_db::ids::{SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, HeadKind};
use serde_json::{json, Value};

impl Theory {
    /// A task's statement as JSON: `conclusion` and `hypotheses`, each a tree of objects `syntax` (label of its syntax
    /// axiom, null for a variable), `typecode`, `text`, `parts`.
    pub fn statement_json(&self, task: &Task, arena: &Arena) -> Value {
        let hyps: Vec<Value> = task.hyps.iter().map(|&h| self.tree_json(h, arena)).collect();
        json!({"conclusion": self.tree_json(task.goal, arena), "hypotheses": hyps})
    }
    fn tree_json(&self, t: TermId, arena: &Arena) -> Value {
        let source = &self.db.source;
        let mut symbols: Vec<SymbolId> = Vec::new();
        self.db.grammar.print(arena, t, &mut symbols, &|head, out| out.extend(head.as_variable()));
        let text: Vec<&str> = symbols.iter().map(|&s| source.symbol(s)).collect();
        if let (HeadKind::Judgement(_), &[formula]) = (arena.head(t).kind(), arena.children(t)) {
            return self.tree_json(formula, arena);
        }
        let (mut syntax, mut typecode, mut parts) = (None, None, Vec::new());
        match arena.head(t).kind() {
            HeadKind::Syntax(a) => {
                (syntax, typecode) = (Some(source.label(a)), Some(source.typecode(a)));
                let items = self.db.grammar.production(a).map_or(&[][..], |p| &p.items);
                let below = items.iter().filter_map(|i| i.err()).map(|k| arena.children(t)[k as usize]);
                parts = below.map(|c| self.tree_json(c, arena)).collect();
            }
            HeadKind::Variable(v) => typecode = self.typecode(v),
            HeadKind::Meta(_) | HeadKind::Judgement(_) => {}
        }
        let typecode = typecode.map(|t| source.symbol(t));
        json!({"syntax": syntax, "typecode": typecode, "text": text.join(" "), "parts": parts})
    }
}
