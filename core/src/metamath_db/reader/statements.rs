//! The source as statements: blocks, declarations and `$d`.

use super::{hash_bytes, DisjointNode, HypKind, ReadErrorKind, Reader, Result, Scope, Source, Span, Symbol};
use crate::metamath_db::ids::SymbolId;
use crate::util::stop::poll;

impl Reader {
    pub(super) fn run(mut self) -> Result<Source> {
        if self.out.text.len() > i32::MAX as usize {
            return self.error(0, ReadErrorKind::TooLong);
        }
        let bad = |&b: &u8| !matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0x0c);
        if let Some(i) = self.out.text.iter().position(bad) {
            return self.error(i, ReadErrorKind::BadCharacter(self.out.text[i]));
        }
        while let Some(t) = self.token()? {
            poll();
            self.statement(t)?;
        }
        if !self.scopes.is_empty() {
            return self.error(self.out.text.len(), ReadErrorKind::UnclosedBlock);
        }
        self.check_labels_against_symbols()?;
        let end = self.position + 1;
        for h in self.block_hyps.drain(..) {
            self.out.hyps[h.index()].active_until = end;
        }
        Ok(self.out)
    }
    fn check_labels_against_symbols(&self) -> Result<()> {
        for s in &self.out.symbols {
            let name = self.bytes(&s.name);
            let text = &self.out.text;
            let hit =
                self.out.label_table.find(hash_bytes(name), |(l, _)| &text[l.start as usize..l.end as usize] == name);
            if let Some((l, _)) = hit {
                // the second of the two is the one that is wrong
                return self.error(l.start.max(s.name.start) as usize, ReadErrorKind::LabelIsSymbol(self.name(l)));
            }
        }
        Ok(())
    }

    fn statement(&mut self, t: Span) -> Result<()> {
        let outermost = self.scopes.is_empty();
        if outermost {
            self.outer_start = t.start;
        }
        match self.bytes(&t) {
            b"${" => self.scopes.push(Scope {
                disjoint: self.disjoint,
                floats: self.floats.len(),
                essentials: self.essentials.len(),
                essential_variables: self.essential_variables.len(),
                variables: self.variables.len(),
                hyps: self.block_hyps.len(),
            }),
            b"$}" => self.close_block(&t)?,
            b"$c" => self.constants(&t)?,
            b"$v" => self.declare_variables()?,
            b"$d" => self.disjoint_statement(&t)?,
            b"$[" => return self.error(t.start as usize, ReadErrorKind::Include),
            b"$f" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$f")),
            b"$e" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$e")),
            b"$a" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$a")),
            b"$p" => return self.error(t.start as usize, ReadErrorKind::MissingLabel("$p")),
            b if b[0] == b'$' => return self.error(t.start as usize, ReadErrorKind::UnexpectedToken(self.name(&t))),
            _ => self.labelled(&t)?,
        }
        if self.scopes.is_empty() {
            self.out.outer_ends.push(self.at as u32);
        }
        Ok(())
    }
    fn close_block(&mut self, t: &Span) -> Result<()> {
        let Some(scope) = self.scopes.pop() else {
            return self.error(t.start as usize, ReadErrorKind::BlockEndWithoutStart);
        };
        let mut node = self.disjoint;
        while node != scope.disjoint {
            self.out.disjoint_nodes[node as usize].active_until = self.position + 1;
            node = self.out.disjoint_nodes[node as usize].parent;
        }
        self.disjoint = scope.disjoint;
        self.disjoint_pairs.cut(&self.out, scope.disjoint);
        for h in self.floats.drain(scope.floats..) {
            if let HypKind::Floating { variable } = self.out.hyps[h.index()].kind {
                self.float_of[variable.index()] = None;
            }
        }
        self.essentials.truncate(scope.essentials);
        for v in self.essential_variables.drain(scope.essential_variables..) {
            self.in_essentials[v.index()] = false;
        }
        for v in self.variables.drain(scope.variables..) {
            self.active[v.index()] = false;
        }
        for h in self.block_hyps.drain(scope.hyps..) {
            self.out.hyps[h.index()].active_until = self.position + 1;
        }
        self.position += 1; // a position between the block and what follows
        Ok(())
    }

    fn constants(&mut self, t: &Span) -> Result<()> {
        if !self.scopes.is_empty() {
            return self.error(t.start as usize, ReadErrorKind::NotInOutermostBlock("$c"));
        }
        let before = self.out.symbols.len();
        self.until("$c", t, &[b"$."], |r, s| {
            if r.out.find_symbol(r.bytes(&s)).is_some() {
                return r.error(s.start as usize, ReadErrorKind::DuplicateSymbol(r.name(&s)));
            }
            r.new_symbol(s, false);
            Ok(())
        })?;
        if before == self.out.symbols.len() {
            return self.error(t.start as usize, ReadErrorKind::EmptyStatement("$c"));
        }
        Ok(())
    }
    fn new_symbol(&mut self, name: Span, is_variable: bool) -> SymbolId {
        let id = SymbolId::from(self.out.symbols.len());
        let h = hash_bytes(self.bytes(&name));
        self.out.symbols.push(Symbol { name, is_variable });
        let (text, symbols) = (&self.out.text, &self.out.symbols);
        self.out.symbol_table.insert_unique(h, id.0, |&i| {
            let n = &symbols[i as usize].name;
            hash_bytes(&text[n.start as usize..n.end as usize])
        });
        self.active.push(true);
        self.float_of.push(None);
        self.mark.push(0);
        self.in_essentials.push(false);
        id
    }
    fn declare_variables(&mut self) -> Result<()> {
        let start = self.at as u32;
        let mut any = false;
        self.until("$v", &(start..start), &[b"$."], |r, s| {
            any = true;
            let id = match r.out.find_symbol(r.bytes(&s)) {
                None => r.new_symbol(s, true),
                Some(id) if r.active[id.index()] || !r.out.symbols[id.index()].is_variable => {
                    return r.error(s.start as usize, ReadErrorKind::DuplicateSymbol(r.name(&s)));
                }
                Some(id) => {
                    r.active[id.index()] = true;
                    id
                }
            };
            r.variables.push(id);
            Ok(())
        })?;
        if !any {
            return self.error(start as usize, ReadErrorKind::EmptyStatement("$v"));
        }
        Ok(())
    }
    pub(super) fn active_symbol(&self, t: &Span) -> Result<SymbolId> {
        match self.out.find_symbol(self.bytes(t)) {
            Some(id) if self.active[id.index()] => Ok(id),
            _ => self.error(t.start as usize, ReadErrorKind::NotDeclared(self.name(t))),
        }
    }
    fn disjoint_statement(&mut self, t: &Span) -> Result<()> {
        let from = self.out.disjoint_pool.len();
        self.stamp += 1;
        self.until("$d", t, &[b"$."], |r, s| {
            let id = r.active_symbol(&s)?;
            if !r.out.symbols[id.index()].is_variable {
                return r.error(s.start as usize, ReadErrorKind::NotAVariable(r.name(&s)));
            }
            if std::mem::replace(&mut r.mark[id.index()], r.stamp) == r.stamp {
                return r.error(s.start as usize, ReadErrorKind::DisjointTwice(r.name(&s)));
            }
            r.out.disjoint_pool.push(id);
            Ok(())
        })?;
        let to = self.out.disjoint_pool.len();
        if to - from < 2 {
            return self.error(t.start as usize, ReadErrorKind::FewDisjoint);
        }
        let node = DisjointNode {
            variables: from as u32..to as u32,
            parent: self.disjoint,
            count: self.out.count_from(self.disjoint) + 1,
            size: self.out.size_from(self.disjoint).saturating_add((to - from) as u32),
            position: self.position,
            active_until: u32::MAX,
        };
        self.disjoint = self.out.disjoint_nodes.len() as u32;
        self.out.disjoint_nodes.push(node);
        Ok(())
    }
}
