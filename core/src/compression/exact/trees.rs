//! Proofs as programs: the trees of labels that are left when each proof is cut at the steps that it uses twice or more.
//!
//! The place of a cut, and each hypothesis, is an *opaque* symbol of its own, `.proof.step`: it may be an argument
//! and never part of a body. Two equal opaque symbols are one step of one proof, so they are equal formulas; two equal
//! trees of labels are not, and are no argument that a body may use twice ([`super::search::Query::reuse_opaque_only`]).

use crate::dsl::theory::library::{PremiseId, Rule, Theory};
use crate::metamath_db::ids::AssertionId;

/// The prefix of opaque symbols; no label has it.
pub const OPAQUE: char = '.';
/// The prefix of labels here, so that none is read as a variable, a lambda or something opaque.
pub const LABEL: char = '\'';

/// The trees of all human proofs, as programs: each proof's trees in a list of their own.
pub fn label_trees(theory: &Theory) -> Vec<Vec<String>> {
    let proofs = (0..theory.db.len()).map(AssertionId::from).filter(|&a| theory.db.is_logical(a));
    proofs.filter_map(|a| trees_of(theory, a)).filter(|trees| !trees.is_empty()).collect()
}

fn trees_of(theory: &Theory, a: AssertionId) -> Option<Vec<String>> {
    let steps = theory.human_proof(a)?.steps;
    let mut uses = vec![0u32; steps.len()];
    for s in &steps {
        for &c in &s.children {
            uses[c as usize] += 1;
        }
    }
    // the text of each step from where it is used: a tree, or the name of what was cut there
    let mut text: Vec<String> = Vec::with_capacity(steps.len());
    let mut trees = Vec::new();
    for (i, s) in steps.iter().enumerate() {
        let tree = match s.rule {
            Rule::Premise(p) => tree(theory, p, s.children.iter().map(|&c| text[c as usize].as_str())),
            Rule::Hyp(_) => {
                text.push(format!("{OPAQUE}{}.{i}", a.index()));
                continue;
            }
        };
        if uses[i] == 1 {
            text.push(tree);
        } else {
            trees.push(tree);
            text.push(format!("{OPAQUE}{}.{i}", a.index()));
        }
    }
    Some(trees)
}

fn tree<'a>(theory: &Theory, p: PremiseId, children: impl Iterator<Item = &'a str>) -> String {
    let mut out = format!("{LABEL}{}", theory.label(p));
    let mut parts = children.peekable();
    if parts.peek().is_none() {
        return out;
    }
    out.insert(0, '(');
    for part in parts {
        out.push(' ');
        out.push_str(part);
    }
    out.push(')');
    out
}
