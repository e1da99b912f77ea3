use super::super::glue::Glue;
use super::super::proof::{By, ContentProof, Node};
use super::*;
use crate::dsl::theory::proof_json::Statement;
use crate::metamath_db::database::Database;
use crate::wake_sleep::closers::propositional::rules::{matches, Values};
use crate::wake_sleep::closers::{closers, Site, Tables};
use crate::wake_sleep::inference::moves::readings::Moves;
use crate::wake_sleep::inference::moves::sequents::{sequent, Terms};
use smallvec::SmallVec;
use std::sync::Arc;

/// A database, and content proofs built by hand.
struct Room {
    theory: Theory,
    moves: Moves,
    glue: Glue,
    arena: Arena,
    nodes: Vec<Node>,
    /// A premise that must not be used.
    banned: Option<PremiseId>,
}

impl Room {
    fn new(source: &str) -> Room {
        let theory = Theory::new(Arc::new(Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"))));
        let moves = Moves::new(&theory, &Tables::new(&theory), &|p| theory.premise(p).is_some());
        let glue = Glue::new(&theory, &|_| true);
        let arena = moves.arena.clone();
        Room { theory, moves, glue, arena, nodes: Vec::new(), banned: None }
    }
    fn with(more: &str) -> Room {
        Room::new(&(include_str!("../fixture.mm").to_owned() + more))
    }
    fn fixture() -> Room {
        Room::new(include_str!("../fixture.mm"))
    }
    fn term(&mut self, text: &str) -> TermId {
        self.theory.parse_formula(&format!("|- {text}"), &mut self.arena).unwrap_or_else(|e| panic!("{text}: {e}"))
    }
    /// Parses a sequent `G1 | G2 => C`.
    fn sequent(&mut self, text: &str) -> (Terms, TermId) {
        let (members, goal) = text.split_once("=>").expect("a sequent");
        let members = members.split('|').map(str::trim).filter(|m| !m.is_empty()).collect::<Vec<_>>();
        let members = members.into_iter().map(|m| self.term(m)).collect();
        (members, self.term(goal))
    }
    fn push(&mut self, text: &str, by: By, children: &[u32]) -> u32 {
        let (members, goal) = self.sequent(text);
        let sequent = self.moves.connectives.sequent(&mut self.arena, goal, members);
        self.nodes.push(Node { sequent, by, children: children.into() });
        self.nodes.len() as u32 - 1
    }
    fn member(&mut self, text: &str) -> u32 {
        self.push(text, By::Member, &[])
    }
    fn hyp(&mut self, number: u32, text: &str, parts: &[&str], children: &[u32]) -> u32 {
        let parts = parts.iter().map(|p| self.term(p)).collect();
        self.push(text, By::Hyp { number, parts }, children)
    }
    /// Adds a node by the first move of a label that has as many parts and whose goal fits. Values that the goal leaves
    /// open come from the parts, in either orientation.
    fn apply(
        &mut self,
        label: &str,
        text: &str,
        taken: Option<&str>,
        kept: &[&str],
        parts: &[&str],
        children: &[u32],
    ) -> u32 {
        let (_, goal) = self.sequent(text);
        let taken = taken.map(|t| self.term(t));
        let mut answered: Vec<(TermId, u32)> =
            parts.iter().map(|p| self.term(p)).zip(children.iter().copied()).collect();
        let p = self.theory.find(label).expect("a label");
        for _ in 0..2 {
            for &number in &self.moves.by_premise[p.index()] {
                let m = &self.moves.all[number as usize];
                let mut values = Values::from_elem(None, m.variables.len());
                let pairs = m.parts.iter().map(|p| p.goal).zip(answered.iter().map(|x| x.0));
                let mut pairs = pairs.chain(m.takes.zip(taken)).chain([(m.goal, goal)]);
                if m.parts.len() != answered.len()
                    || m.takes.is_some() != taken.is_some()
                    || !pairs.all(|(x, t)| matches(&self.arena, x, t, &mut values))
                {
                    continue;
                }
                let values = values.into_iter().map(|v| v.expect("all is said")).collect();
                let mut kept: Terms = kept.iter().map(|k| self.term(k)).collect();
                kept.sort_unstable();
                let children: Vec<u32> = answered.iter().map(|x| x.1).collect();
                return self.push(text, By::Move { number, values, taken, kept }, &children);
            }
            answered.reverse();
        }
        panic!("no move of {label} fits {text}")
    }
    /// The result of writing the last node.
    fn written(&mut self, task: &Task) -> Result<Written, WriteError> {
        let allowed = |p: PremiseId| self.theory.stands_before(p, task) && Some(p) != self.banned;
        let writer = Writer { theory: &self.theory, moves: &self.moves, glue: &self.glue, task, allowed: &allowed };
        writer.write(&ContentProof { nodes: std::mem::take(&mut self.nodes) }, &mut self.arena)
    }
    /// The labels of the proof written for the last node, from the root; checks that the kernel accepts it.
    fn write(&mut self, hyps: &[&str], goal: &str, disjoint: &[(&str, &str)]) -> Result<String, WriteError> {
        let hyps = hyps.iter().enumerate().map(|(k, h)| (format!("t.{k}"), format!("|- {h}"))).collect();
        let disjoint = disjoint.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let statement = Statement { hyps, conclusion: format!("|- {goal}"), disjoint, before: None };
        let task = self.theory.statement_task("asked", &statement, &mut self.arena).expect("a task");
        let written = self.written(&task)?;
        let judged = self.theory.judge(&task, &written.proof, &mut self.arena).expect("it fits");
        assert!(judged.verdict.accepted(), "{goal}");
        let mut labels: Vec<&str> = written.proof.premises().map(|p| self.theory.label(p)).collect();
        labels.reverse();
        Ok(labels.join(" "))
    }
}

#[test]
fn closed_theorems_are_joined_by_one_theorem_of_glue() {
    let mut r = Room::fixture();
    let (inner, outer) = ("( F ` A ) e. B", "( F ` ( F ` A ) ) e. B");
    let m = r.member("A e. B => A e. B");
    let one = r.apply("fcl", &format!("A e. B => {inner}"), None, &["A e. B"], &["A e. B"], &[m]);
    r.apply("fcl", &format!("A e. B => {outer}"), None, &["A e. B"], &[inner], &[one]);
    assert_eq!(r.write(&[], &format!("( A e. B -> {outer} )"), &[]).as_deref(), Ok("syl fcl fcl"));
}

#[test]
fn what_needs_a_part_of_the_context_is_proved_there() {
    let mut r = Room::fixture();
    let (left, right) = ("( F ` A ) e. C", "( F ` B ) e. C");
    let in_context = |c: &str| format!("ph | {left} => {c}");
    let ph = r.member(&in_context("ph"));
    let equal = r.hyp(0, &in_context("A = B"), &["ph"], &[ph]);
    let kept = ["ph", left];
    let values = r.apply("feqd", &in_context("( F ` A ) = ( F ` B )"), None, &kept, &["A = B"], &[equal]);
    let member = r.member(&in_context(left));
    let parts = ["( F ` B ) = ( F ` A )", left];
    r.apply("eleq1", &in_context(right), None, &kept, &parts, &[values, member]);
    let a = r.theory.db.source.assertion("tmix").expect("a label");
    let task = r.theory.task(a, &mut r.arena).expect("a task");
    let human = r.theory.human_proof(a).expect("a proof");
    let found = r.written(&task).expect("it is written");
    assert!(r.theory.judge(&task, &found.proof, &mut r.arena).expect("it fits").verdict.accepted());
    let writer = Writer { theory: &r.theory, moves: &r.moves, glue: &r.glue, task: &task, allowed: &|_| true };
    let frame = writer.frame(&r.arena);
    let human = writer.measured(&human, &frame, &mut Sizer::default(), &mut r.arena).expect("it fits");
    assert!(found.size.bytes() <= human.size.bytes(), "{:?} {:?}", found.size, human.size);
}

#[test]
fn a_deduction_takes_the_antecedent_as_its_context() {
    let mut r = Room::fixture();
    let ph = r.member("ph => ph");
    let ps = r.hyp(0, "ph => ps", &["ph"], &[ph]);
    r.apply("alrimdv", "ph => A. x ps", None, &["ph"], &["ps"], &[ps]);
    assert_eq!(r.write(&["( ph -> ps )"], "( ph -> A. x ps )", &[("x", "ph")]).as_deref(), Ok("alrimdv"));
}

#[test]
fn a_context_leaves_out_what_a_disjoint_condition_forbids() {
    let mut r = Room::fixture();
    let ph = r.member("ph => ph");
    let ps = r.hyp(0, "ph => ps", &["ph"], &[ph]);
    r.apply("alrimdv", "ph | x e. A => A. x ps", None, &["ph"], &["ps"], &[ps]);
    let goal = "( ( ph /\\ x e. A ) -> A. x ps )";
    assert_eq!(r.write(&["( ph -> ps )"], goal, &[("x", "ph")]).as_deref(), Ok("adantr alrimdv"));
    // The node needs nothing of the context, so the inference is shorter. Without it the deduction is used in any
    // context.
    for banned in [None, r.theory.find("ax-gen")] {
        r.banned = banned;
        let ps = r.hyp(0, "=> ps", &[], &[]);
        r.apply("alrimdv", "=> A. x ps", None, &[], &["ps"], &[ps]);
        let found = r.write(&["ps"], "A. x ps", &[]).expect("it is written");
        assert!(found == "ax-gen" && banned.is_none() || found.contains("alrimdv"), "{found}");
    }
}

#[test]
fn a_member_is_taken_apart() {
    let mut r = Room::fixture();
    let (ph, ps) = (r.member("ph | ps => ph"), r.member("ph | ps => ps"));
    let ch = r.hyp(0, "ph | ps => ch", &["ph", "ps"], &[ph, ps]);
    r.apply("exlimdv", "ph | E. x ps => ch", Some("E. x ps"), &["ph"], &["ch"], &[ch]);
    let found = r.write(&["( ( ph /\\ ps ) -> ch )"], "( ( ph /\\ E. x ps ) -> ch )", &[("x", "ph"), ("x", "ch")]);
    assert_eq!(found.as_deref(), Ok("imp exlimdv ex"));
}

#[test]
fn what_a_move_brings_in_is_not_asked_of_the_context() {
    // The context also has ps, which exlimdv must not pass on.
    let mut r = Room::fixture();
    let (ph, ps) = (r.member("ph | ps => ph"), r.member("ph | ps => ps"));
    let ch = r.hyp(0, "ph | ps => ch", &["ph", "ps"], &[ph, ps]);
    r.apply("exlimdv", "ph | ps | E. x ps => ch", Some("E. x ps"), &["ph"], &["ch"], &[ch]);
    let (hyp, goal) = ("( ( ph /\\ ps ) -> ch )", "( ( ( ph /\\ ps ) /\\ E. x ps ) -> ch )");
    let found = r.write(&[hyp], goal, &[("x", "ph"), ("x", "ch")]).expect("it is written");
    assert!(found.contains("exlimdv"), "{found}");
}

#[test]
fn a_long_context_is_sorted_in_small_steps() {
    let mut r = Room::fixture();
    let atoms = [
        "A e. B", "A e. C", "B e. A", "B e. C", "C e. A", "C e. B", "A = B", "B = C", "A = C", "ph", "ps", "ch",
        "B = A", "C = A", "C = B", "A. x ph",
    ];
    let pair = |a: &str, b: &str| format!("( {a} /\\ {b} )");
    let hyp = atoms.iter().skip(1).fold(atoms[0].to_owned(), |all, a| pair(&all, a));
    let goal = atoms.iter().skip(1).fold(atoms[0].to_owned(), |all, a| pair(a, &all));
    let gamma = atoms.join(" | ");
    let children: Vec<u32> = atoms.iter().map(|a| r.member(&format!("{gamma} => {a}"))).collect();
    r.hyp(0, &format!("{gamma} => th"), &atoms, &children);
    let found = r.write(&[&format!("( {hyp} -> th )")], &format!("( {goal} -> th )"), &[]).expect("it is written");
    // 16 members are extracted and put together by 15 conjunctions.
    assert!(found.split(' ').count() < 16 * 17, "{found}");
}

#[test]
fn an_inference_is_used_where_nothing_is_given() {
    let mut r = Room::fixture();
    let equal = r.hyp(0, "=> A = B", &[], &[]);
    r.apply("feqd", "=> ( F ` A ) = ( F ` B )", None, &[], &["A = B"], &[equal]);
    assert_eq!(r.write(&["A = B"], "( F ` A ) = ( F ` B )", &[]).as_deref(), Ok("feqi"));
}

#[test]
fn sides_are_exchanged_where_they_are_wanted_the_other_way_round() {
    let deduction = "${ eqcomd.1 $e |- ( ph -> A = B ) $.  eqcomd $a |- ( ph -> B = A ) $. $}\n";
    let inference = "${ eqcomi.1 $e |- A = B $.  eqcomi $a |- B = A $. $}\n";
    let ask = |r: &mut Room, context: &str, hyp: &str, goal: &str| {
        let implied = |t: &str| if context.is_empty() { t.to_owned() } else { format!("( {context} -> {t} )") };
        let (members, kept) = (format!("{context} =>"), [context]);
        let (parts, kept) = if context.is_empty() { (&kept[..0], &kept[..0]) } else { (&kept[..], &kept[..]) };
        let below: Vec<u32> = parts.iter().map(|p| r.member(&format!("{p} => {p}"))).collect();
        let equal = r.hyp(0, &format!("{members} {hyp}"), parts, &below);
        r.apply("feqd", &format!("{members} ( F ` B ) = ( F ` A )"), None, kept, &["B = A"], &[equal]);
        r.write(&[&implied(hyp)], &implied(goal), &[]).expect("it is written")
    };
    let goal = "( F ` B ) = ( F ` A )";
    for (more, context, labels) in
        [(deduction, "ph", ["eqcomd feqd", "feqd eqcomd"]), (inference, "", ["eqcomi feqi", "feqi eqcomi"])]
    {
        let found = ask(&mut Room::with(more), context, "A = B", goal);
        assert!(labels.contains(&&*found), "{found}");
        // A theorem in the given orientation is used.
        let found = ask(&mut Room::with(more), context, "B = A", goal);
        assert!(["feqd", "feqi"].contains(&&*found), "{found}");
    }
    // Otherwise the closed form and glue are used.
    let found = ask(&mut Room::fixture(), "ph", "A = B", goal);
    assert!(found.contains("eqcom") && found.contains("feq") && found.split(' ').count() <= 5, "{found}");
    // A member of the context stays in the orientation of the goal.
    let mut r = Room::with(deduction);
    let m = r.member("A = B => A = B");
    r.apply("feq", &format!("A = B => {goal}"), None, &["A = B"], &["B = A"], &[m]);
    let found = r.write(&[], &format!("( A = B -> {goal} )"), &[]).expect("it is written");
    assert!(found.contains("eqcom") && found.split(' ').count() <= 4, "{found}");
}

#[test]
fn a_conjunction_is_put_together() {
    let mut r = Room::fixture();
    let (a, b) = (r.apply("eqid", "ph => A = A", None, &["ph"], &[], &[]), r.member("ph => ph"));
    r.push("=> ( ph -> ( A = A /\\ ph ) )", By::Split, &[a, b]);
    let found = r.write(&[], "( ph -> ( A = A /\\ ph ) )", &[]).expect("it is written");
    assert!(found.contains("eqid") && found.split(' ').count() <= 4, "{found}");
}

#[test]
fn an_error_names_the_node() {
    let mut r = Room::fixture();
    assert_eq!(r.write(&[], "A = A", &[]), Err(WriteError::Empty));
    let a = r.apply("eqid", "ph => A = A", None, &["ph"], &[], &[]);
    r.push("=> ( ph -> ( A = A /\\ ps ) )", By::Split, &[a]);
    match r.write(&[], "( ph -> ( A = A /\\ ps ) )", &[]) {
        Err(WriteError::Node { node, .. }) => assert_eq!(node, 1),
        other => panic!("{other:?}"),
    }
}

/// The starter's theorems are proved by the propositional closer and written again: no longer than the closer's own
/// proofs.
#[test]
fn what_is_propositional_is_written_by_glue() {
    let mut r = Room::new(include_str!("../../../../../metamath_db/starter.mm"));
    let all = closers(&r.theory);
    let (mut before, mut after, mut written) = (0, 0, 0);
    for a in (0..r.theory.db.len()).step_by(5).map(crate::metamath_db::ids::AssertionId::from) {
        let Some(task) = r.theory.task(a, &mut r.arena).filter(|_| r.theory.db.is_logical(a)) else { continue };
        let allowed = |p: PremiseId| r.theory.stands_before(p, &task);
        let mut site = Site { theory: &r.theory, task: &task, arena: &mut r.arena, allowed: &allowed };
        let Some(proof) = all[0].close(task.goal, &mut site) else { continue };
        let sequent = sequent(&mut r.arena, task.goal, Terms::new());
        before += proof.len();
        let by = By::Closed { proof: Box::new(proof), propositional: true };
        let content = ContentProof { nodes: vec![Node { sequent, by, children: SmallVec::new() }] };
        let writer = Writer { theory: &r.theory, moves: &r.moves, glue: &r.glue, task: &task, allowed: &allowed };
        let found = writer.write(&content, &mut r.arena).expect("it is written");
        assert!(r.theory.judge(&task, &found.proof, &mut r.arena).expect("it fits").verdict.accepted());
        (written, after) = (written + 1, after + found.proof.len());
    }
    assert!(written > 20 && after <= before, "{written} written, {before} -> {after}");
}
