//! Writes a database again with every proof made anew: `rewrite FILE compressed|shortest|normal > OUT`.
use metadream_core::metamath_db::{
    ids::AssertionId,
    proof::Proofs,
    reader::{LabelRef, Source},
    writer::{compressed, normal, shortest, LabelOrder, Node},
};
use std::io::Write;

fn main() {
    let path = std::env::args().nth(1).expect("a .mm file");
    let style = std::env::args().nth(2).unwrap_or_default();
    let source = Source::read(std::fs::read(&path).expect("readable")).unwrap_or_else(|e| panic!("{path}:{e}"));
    let proofs = Proofs::decode(&source);
    let mut out = Vec::with_capacity(source.text.len());
    let mut at = 0;
    for i in 0..source.assertions.len() {
        let a = AssertionId::from(i);
        let Some(span) = &source.assertions[i].proof else { continue };
        let label = |l| match l {
            LabelRef::Hyp(h) => source.hyp_label(h),
            LabelRef::Assertion(a) => source.label(a),
        };
        let nodes: Vec<Node<'_>> =
            proofs.theorem(a).map(|(l, children)| Node { label: label(l.get()), children }).collect();
        if nodes.is_empty() {
            continue; // incomplete
        }
        let root = nodes.len() as u32 - 1;
        let own: Vec<&str> = source.frame(a).iter().map(|&h| source.hyp_label(h)).collect();
        let text = if style == "shortest" {
            shortest(&nodes, root, &own, 6)
        } else if style == "most" {
            compressed(&nodes, root, &own, LabelOrder::MostUsed, 6)
        } else if style == "normal" {
            normal(&nodes, root, 6)
        } else {
            compressed(&nodes, root, &own, LabelOrder::FirstUse, 6)
        };
        out.extend_from_slice(&source.text[at..span.start as usize]);
        out.push(b'\n');
        out.extend_from_slice(text.unwrap_or_else(|e| panic!("{}: {e}", source.label(a))).as_bytes());
        out.push(b' ');
        at = span.end as usize;
    }
    out.extend_from_slice(&source.text[at..]);
    std::io::stdout().write_all(&out).expect("written");
}
