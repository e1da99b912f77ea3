//! Structural content reads, behind one trait: by the discrimination tree, or by a scan, which is the reference.

use super::effect::CellBindings;
use crate::dsl::formulas::unify::{matches, resolve, unify};
use crate::dsl::isa::ReadMode;
use crate::dsl::machine::obligation::Witness;
use crate::dsl::memory::cell::{Address, Span};
use crate::dsl::memory::term_tree::TermTree;
use crate::dsl::memory::workspace::Workspace;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::Arena;

/// Finds cells by the shape of their term.
pub trait TermIndex {
    /// A term was written to a cell. What it overwrote, and whether the write was dropped, the index is not told: a
    /// read proposes no cell that it does not compare.
    fn add(&mut self, _arena: &Arena, _address: Address, _term: TermId) {}
    /// The first `limit` cells of `span`, in order of address and without `except`, whose term (under the
    /// workspace's bindings) matches `key` (which has them applied already) as `mode` says; docs/isa.md, READK.
    #[allow(clippy::too_many_arguments)]
    fn read(
        &self,
        arena: &mut Arena,
        workspace: &Workspace,
        mode: ReadMode,
        key: TermId,
        span: Span,
        except: Option<Address>,
        limit: usize,
    ) -> Vec<Witness>;
}

/// The reference: looks at every term cell of the range.
#[derive(Clone, Copy, Default, Debug)]
pub struct ScanIndex;

impl TermIndex for ScanIndex {
    fn read(
        &self,
        arena: &mut Arena,
        workspace: &Workspace,
        mode: ReadMode,
        key: TermId,
        span: Span,
        except: Option<Address>,
        limit: usize,
    ) -> Vec<Witness> {
        let mut out = Vec::new();
        workspace.scan(span, &mut |address, cell| {
            if out.len() == limit {
                return false;
            }
            let term = cell.content().as_term().filter(|_| Some(address) != except);
            if let Some(t) = term {
                let t = resolve(arena, &CellBindings::of(workspace), t);
                if let Some(substitution) = witness(arena, workspace, mode, key, t) {
                    out.push(Witness { address, substitution });
                }
            }
            true
        });
        out
    }
}

/// The default: the discrimination tree proposes, and what it proposes is compared with the key.
impl TermIndex for TermTree {
    fn add(&mut self, arena: &Arena, address: Address, term: TermId) {
        TermTree::add(self, arena, address, term);
    }
    fn read(
        &self,
        arena: &mut Arena,
        workspace: &Workspace,
        mode: ReadMode,
        key: TermId,
        span: Span,
        except: Option<Address>,
        limit: usize,
    ) -> Vec<Witness> {
        let mut proposed = Vec::new();
        if mode == ReadMode::Generalisations {
            self.cells_above(arena, key, span, &mut proposed);
        } else {
            self.proposals(arena, key, &mut proposed);
            proposed.retain(|&a| span.contains(a));
            proposed.sort_unstable();
            proposed.dedup();
        }
        let mut compared = |&address: &Address| {
            let t = workspace.content(address).as_term().filter(|_| Some(address) != except)?;
            let t = resolve(arena, &CellBindings::of(workspace), t);
            let substitution = witness(arena, workspace, mode, key, t)?;
            Some(Witness { address, substitution })
        };
        let mut out = Vec::new();
        for address in &proposed {
            if out.len() == limit {
                break;
            }
            out.extend(compared(address));
        }
        out
    }
}

fn witness(arena: &Arena, workspace: &Workspace, mode: ReadMode, key: TermId, t: TermId) -> Option<Vec<(u32, TermId)>> {
    match mode {
        ReadMode::Generalisations => matches(arena, t, key),
        ReadMode::Instances => matches(arena, key, t),
        ReadMode::Unifiable => {
            let mut b = CellBindings::of(workspace);
            unify(arena, &mut b, key, t).ok()?;
            Some(b.new.into_iter().collect())
        }
        ReadMode::Exact | ReadMode::Near => None,
    }
}
