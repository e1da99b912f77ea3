//! Parts of a move that only give a term a name, such as `B = ( Base ` K )`.

use super::*;

impl Closer<'_> {
    /// Binds the metavariable of each part that only names a term: to the name that a hypothesis of the task gives the
    /// term, else to the term itself.
    pub(super) fn name(&mut self, arena: &mut Arena, m: &Move) -> Option<()> {
        let parts = m.parts.iter().filter(|p| p.added.is_empty());
        let mut said = Terms::new();
        for part in parts {
            if names(arena, part.goal) {
                said.extend(self.connectives.ways(arena, part.goal));
            }
        }
        for said in said {
            let Some((name, thing)) = naming(arena, said) else { continue };
            let mut metas = SmallVec::new();
            arena.metas(thing, &mut metas);
            let open = metas.iter().any(|&k| !self.bindings.is_bound(k));
            let bound = self.bindings.is_bound(name);
            if open && bound {
                let own = arena.meta(name);
                let own = self.bindings.resolve(arena, (own, 0));
                for &t in self.named.get(&own).into_iter().flatten() {
                    let before = self.bindings.clone();
                    if self.bindings.unify(arena, (said, 0), (t, 0)) {
                        return Some(());
                    }
                    self.bindings = before;
                }
            } else if !open && !bound {
                let (head, thing) = (arena.head(said), self.bindings.resolve(arena, (thing, 0)));
                let known = &self.simple;
                let same = |t: &&TermId| arena.head(**t) == head && arena.children(**t)[1] == thing;
                let value = known.iter().find(same).map_or(thing, |&t| arena.children(t)[0]);
                self.bindings.bind(name, (value, 0));
                return Some(());
            }
        }
        None
    }
}

/// The number of the naming metavariable and the named term of a part such as `B = ( Base ` G )`.
fn naming(arena: &Arena, t: TermId) -> Option<(u32, TermId)> {
    let &[name, thing] = arena.children(t) else { return None };
    let name = arena.head(name).as_meta()?;
    arena.head(thing).as_meta().is_none().then_some((name, thing))
}

/// Whether one side of a symmetric relation is a bare metavariable, so that the formula may only name its other side.
fn names(arena: &Arena, t: TermId) -> bool {
    let bare = |t: TermId| arena.head(t).as_meta().is_some();
    matches!(*arena.children(t), [a, b] if bare(a) != bare(b))
}
