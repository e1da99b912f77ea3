use super::*;
use crate::metamath_db::database::Database;
use crate::wake_sleep::inference::proof::{By, Node};
use crate::wake_sleep::inference::training::skeleton::Skeleton;

/// The fixture: propositional axioms, equality, quantifiers.
const SOURCE: &str = include_str!("../fixture.mm");

/// A database with its moves.
struct Site {
    prepared: Prepared,
}

struct Found {
    outcome: Outcome,
    task: Task,
    arena: Arena,
}

impl Site {
    /// The fixture with more statements. If `labels` is not empty, only these are premises.
    fn new(more: &str, labels: &[&str]) -> Site {
        let db = Database::load((SOURCE.to_owned() + more).into()).unwrap_or_else(|e| panic!("{e}"));
        let theory = Arc::new(Theory::new(Arc::new(db)));
        let tables = Arc::new(Tables::new(&theory));
        let moves = Arc::new(Moves::new(&theory, &tables, &|p| theory.premise(p).is_some()));
        let usable: Vec<bool> = (0..theory.len() as u32)
            .map(|p| labels.is_empty() || labels.contains(&theory.label(PremiseId(p))))
            .collect();
        Site { prepared: Prepared::new(theory, moves, tables, &usable) }
    }
    fn search(&self, label: &str) -> Found {
        let theory = &self.prepared.theory;
        let mut arena = self.prepared.moves.arena.clone();
        let p = theory.find(label).unwrap_or_else(|| panic!("{label}"));
        let task =
            theory.task(crate::metamath_db::ids::AssertionId(p.0), &mut arena).unwrap_or_else(|| panic!("{label}"));
        let options = Options { expansions: 2000, ..Options::default() };
        let outcome = self.prepared.search(&task, &options, &mut Frequency::default(), &mut arena);
        Found { outcome, task, arena }
    }
    /// The proof of `label`, checked.
    fn proof(&self, label: &str) -> (ContentProof, Found) {
        let mut found = self.search(label);
        let why = found.outcome.reason;
        let proof = found.outcome.proof.clone().unwrap_or_else(|| panic!("{label}: {why:?}"));
        let p = &self.prepared;
        let sound = proof.check(&p.theory, &p.moves, &p.tables, &found.task, &mut found.arena);
        assert_eq!(sound, Ok(()), "{label}");
        (proof, found)
    }
    /// The first node by a move of which the assertion `label` is a twin.
    fn by<'p>(&self, proof: &'p ContentProof, label: &str) -> &'p Node {
        let p = self.prepared.theory.find(label).unwrap_or_else(|| panic!("{label}"));
        let of = &self.prepared.moves.by_premise[p.index()];
        let is = |n: &&Node| matches!(&n.by, By::Move { number, .. } if of.contains(number));
        proof.nodes.iter().find(is).unwrap_or_else(|| panic!("{label} in {proof:?}"))
    }
}

fn child<'p>(proof: &'p ContentProof, node: &Node, k: usize) -> &'p Node {
    &proof.nodes[node.children[k] as usize]
}

#[test]
fn content_is_found_and_glue_is_not_searched() {
    let site = Site::new("", &[]);
    let (proof, found) = site.proof("tfcl2");
    // Two nodes for the function's values, and the member of the context.
    assert_eq!(proof.nodes.len(), 3);
    assert!(matches!(proof.nodes[0].by, By::Member) && found.outcome.expansions < 200);
    let (proof, _) = site.proof("tmix");
    assert!(proof.nodes.len() <= 5, "{proof:?}");
    site.by(&proof, "eleq1");
    site.by(&proof, "feqd");
}

#[test]
fn the_same_search_has_the_same_result() {
    let site = Site::new("", &[]);
    let [one, two] = [site.search("tmix"), site.search("tmix")];
    assert_eq!(one.outcome.proof, two.outcome.proof);
    assert_eq!(one.outcome.expansions, two.outcome.expansions);
    assert_eq!((one.outcome.applications, one.outcome.clusters), (two.outcome.applications, two.outcome.clusters));
    assert_eq!(one.arena.len(), two.arena.len());
}

#[test]
fn nothing_is_left_to_try_for_a_false_goal() {
    let more = "tfalse $p |- ( A e. B -> ( F ` ( F ` C ) ) e. B ) $= ? $.";
    let site = Site::new(more, &["fcl"]);
    let before = site.prepared.moves.arena.len();
    let found = site.search("tfalse");
    assert_eq!(found.outcome.reason, StopReason::Exhausted);
    assert!(found.outcome.proof.is_none() && found.outcome.applications >= 2 && found.arena.len() >= before);
    // Without the premise there is no proof.
    assert_eq!(Site::new("", &["eqid"]).search("tfcl2").outcome.reason, StopReason::Exhausted);
}

/// Generalisation in a context that must not contain the variable.
const GENERAL: &str = "
${ $d x A B $.  tkept $p |- ( A = B -> A. x ( F ` A ) = ( F ` B ) ) $= ? $. $}
tlost $p |- ( A = B -> A. x ( F ` A ) = ( F ` B ) ) $= ? $.
tdrop $p |- ( A = B -> A. x C = C ) $= ? $.
";

#[test]
fn what_speaks_of_the_variable_is_left_out_of_the_context() {
    let site = Site::new(GENERAL, &["alrimdv", "ax-gen", "feq", "eqid"]);
    let (proof, mut found) = site.proof("tkept");
    let node = site.by(&proof, "alrimdv");
    let By::Move { kept, .. } = &node.by else { panic!("a move") };
    assert_eq!((kept.len(), context(&found.arena, child(&proof, node, 0).sequent).len()), (1, 1));
    // The check refuses the same proof without the `$d` condition.
    let p = &site.prepared;
    let task = Task { disjoint: Vec::new(), ..found.task };
    assert!(proof.check(&p.theory, &p.moves, &p.tables, &task, &mut found.arena).is_err());
    assert_eq!(site.search("tlost").outcome.reason, StopReason::Exhausted);
    // A twin without a context remains where the other one must not be used.
    let weak = Site::new(GENERAL, &["ax-gen", "feq", "eqid"]);
    weak.proof("tdrop");
    assert_eq!(weak.search("tkept").outcome.reason, StopReason::Exhausted);
    let (proof, _) = site.proof("tdrop");
    let general = proof.nodes.iter().filter(|n| matches!(&n.by, By::Move { .. })).collect::<Vec<_>>();
    assert!(general.iter().any(|n| matches!(&n.by, By::Move { kept, .. } if kept.is_empty())), "{proof:?}");
}

#[test]
fn a_member_that_is_taken_apart_is_gone() {
    let more = "
${ $d x ps $.  tex.1 $e |- ( ( ph /\\ A = B ) -> ps ) $.
  tex $p |- ( ( E. x ph /\\ A = B ) -> ps ) $= ? $. $}
${ $d x ps $.  $d x A B $.  tex2.1 $e |- ( ( ph /\\ A = B ) -> ps ) $.
  tex2 $p |- ( ( E. x ph /\\ A = B ) -> ps ) $= ? $. $}
tsp $p |- ( A. x A = B -> ( F ` A ) = ( F ` B ) ) $= ? $.
";
    let site = Site::new(more, &["exlimdv", "ax-sp", "feq"]);
    let (proof, found) = site.proof("tex2");
    let node = site.by(&proof, "exlimdv");
    let By::Move { taken: Some(taken), kept, .. } = &node.by else { panic!("{node:?}") };
    let below = context(&found.arena, child(&proof, node, 0).sequent);
    assert!(below.len() == 2 && !below.contains(taken) && kept.len() == 1 && below.contains(&kept[0]));
    // x may occur in A, so the other member of Γ is not passed on.
    assert!(site.search("tex").outcome.proof.is_none());
    let (proof, found) = site.proof("tsp");
    assert!(found.outcome.expansions <= 4);
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Move { taken: Some(_), .. })));
}

#[test]
fn metavariables_are_found_in_hypotheses_and_in_the_context() {
    let more = "
${ teq.1 $e |- A = B $.  teq.2 $e |- ( ph -> B = C ) $.  teq $p |- ( ph -> ( F ` A ) = ( F ` C ) ) $= ? $. $}
tmem $p |- ( ( A = B /\\ B = C ) -> ( F ` A ) = ( F ` C ) ) $= ? $.
";
    let site = Site::new(more, &["eqtrd", "feq"]);
    for label in ["teq", "tmem"] {
        let (proof, _) = site.proof(label);
        let node = site.by(&proof, "eqtrd");
        assert_eq!(node.children.len(), 2);
    }
}

#[test]
fn orientation_is_no_step() {
    let more = "
${ tw.1 $e |- ( ph -> B = A ) $.  tw $p |- ( ( ph /\\ C = B ) -> ( F ` C ) = ( F ` A ) ) $= ? $. $}
tel $p |- ( ( B = A /\\ A e. C ) -> B e. C ) $= ? $.
fsmall $a |- A = ( F ` A ) $.
tsmall $p |- ( F ` A ) = A $= ? $.
";
    let site = Site::new(more, &["eqtrd", "feq", "eleq1", "fsmall"]);
    let (proof, _) = site.proof("tw");
    assert_eq!(proof.nodes.iter().filter(|n| matches!(n.by, By::Move { .. })).count(), 2, "{proof:?}");
    let (proof, _) = site.proof("tel");
    assert_eq!(proof.nodes.iter().filter(|n| matches!(n.by, By::Move { .. })).count(), 1, "{proof:?}");
    let (proof, found) = site.proof("tsmall");
    assert!(proof.nodes.len() == 1 && found.outcome.expansions == 0);
    site.by(&proof, "fsmall");
}

#[test]
fn what_only_names_something_is_named_at_once() {
    let more = "
${ nm.1 $e |- B = ( F ` A ) $.  nm $a |- ( C e. B -> C e. A ) $. $}
tname $p |- ( C e. ( F ` A ) -> C e. A ) $= ? $.
${ tname2.1 $e |- B = ( F ` A ) $.  tname2 $p |- ( C e. B -> C e. A ) $= ? $. $}
";
    let site = Site::new(more, &["nm", "eqid"]);
    let (proof, found) = site.proof("tname");
    assert!(found.outcome.expansions <= 2, "{}", found.outcome.expansions);
    site.by(&proof, "eqid");
    let more = more
        .replace("tname2 $p |- ( C", "tname2 $p |- ( ph -> ( C")
        .replace("C e. A ) $= ? $. $}", "C e. A ) ) $= ? $. $}");
    // The orientation of the hypothesis does not matter.
    for more in [more.replace("tname2.1 $e |- B = ( F ` A )", "tname2.1 $e |- ( F ` A ) = B"), more] {
        let (proof, _) = Site::new(&more, &["nm", "eqid"]).proof("tname2");
        assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Hyp { number: 0, .. })), "{proof:?}");
    }
}

#[test]
fn a_conjunction_is_split_and_an_implication_in_the_context_is_used() {
    let more = "
tboth $p |- ( A e. B -> ( ( F ` A ) e. B /\\ ( ph -> C = C ) ) ) $= ? $.
tuse $p |- ( ( ( ( F ` A ) e. B -> C e. B ) /\\ A e. B ) -> ( F ` C ) e. B ) $= ? $.
${ thyp.1 $e |- ( ph -> ( A e. B <-> C e. B ) ) $.  thyp $p |- ( ( ph /\\ C e. B ) -> ( F ` A ) e. B ) $= ? $. $}
";
    let site = Site::new(more, &["fcl", "eqid"]);
    let (proof, _) = site.proof("tboth");
    let last = proof.nodes.last().unwrap_or_else(|| panic!("it has nodes"));
    assert!(matches!(last.by, By::Split) && last.children.len() == 2);
    let (proof, _) = site.proof("tuse");
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Use { .. })), "{proof:?}");
    let (proof, _) = site.proof("thyp");
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Hyp { .. } | By::Closed { propositional: true, .. })));
}

#[test]
fn an_assertion_about_its_whole_context_gets_the_formula() {
    let more = "
${ wh.1 $e |- ( ph -> A. x ph ) $.  wh.2 $e |- ( ph -> ps ) $.  wh $a |- ( ph -> A. x ps ) $. $}
${ twh.1 $e |- ( ( ch /\\ th ) -> A. x ( ch /\\ th ) ) $.
  twh $p |- ( ( ch /\\ th ) -> A. x ( th /\\ A = A ) ) $= ? $. $}
";
    let site = Site::new(more, &["wh", "eqid"]);
    let (proof, _) = site.proof("twh");
    let node = site.by(&proof, "wh");
    let By::Move { kept, .. } = &node.by else { panic!("a move") };
    assert_eq!(kept.len(), 2);
}

#[test]
fn a_twin_with_fewer_conditions_is_another_move() {
    let more = "
${ $d x ph $.  ax-17 $a |- ( ph -> A. x ph ) $. $}
tself $p |- A. x ( F ` x ) = ( F ` x ) $= ? $.
";
    let site = Site::new(more, &[]);
    let (proof, _) = site.proof("tself");
    site.by(&proof, "ax-gen");
    assert!(Site::new(more, &["ax-17", "eqid"]).search("tself").outcome.proof.is_none());
}

#[test]
fn equivalences_of_compounds_come_from_their_parts() {
    let more = "
tcong $p |- ( A = B -> ( ( A e. C /\\ ps ) <-> ( B e. C /\\ ps ) ) ) $= ? $.
${ $d x A $.  vt.1 $e |- ( x = A -> ( ph <-> ps ) ) $.  vt.2 $e |- ph $.  vt $a |- ps $. $}
${ $d x A $.  tvt.1 $e |- ( x = A -> ( ph <-> ps ) ) $.  tvt.2 $e |- ( ph <-> -. ch ) $.
  tvt $p |- ( ps <-> -. ch ) $= ? $. $}
";
    let (proof, _) = Site::new(more, &["eleq1"]).proof("tcong");
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Split) && n.children.len() == 1), "{proof:?}");
    // Implicit substitution: the formula with the variable is derived from the one without it.
    let site = Site::new(more, &["vt"]);
    let (proof, _) = site.proof("tvt");
    assert_eq!(site.by(&proof, "vt").children.len(), 2);
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Split) && n.children.len() == 2), "{proof:?}");
}

#[test]
fn a_context_is_narrowed_to_what_may_be_said_of_it() {
    let more = "
${ wh.1 $e |- ( ph -> A. x ph ) $.  wh.2 $e |- ( ph -> ps ) $.  wh $a |- ( ph -> A. x ps ) $. $}
${ tnar.1 $e |- ( ch -> A. x ch ) $.  tnar $p |- ( ( ch /\\ th ) -> A. x A = A ) $= ? $. $}
";
    let site = Site::new(more, &["wh", "eqid"]);
    let (proof, _) = site.proof("tnar");
    let By::Move { kept, .. } = &site.by(&proof, "wh").by else { panic!("a move") };
    assert_eq!(kept.len(), 1);
}

/// Ranks by frequency, and has the skeleton of one proof.
struct Remembering(Frequency, u32, Arc<Skeleton>);

impl Ranks for Remembering {
    fn costs(
        &mut self,
        arena: &Arena,
        sequent: TermId,
        context: &MoveContext,
        candidates: &[(u32, u8)],
        most: usize,
    ) -> Vec<(i32, u32)> {
        self.0.costs(arena, sequent, context, candidates, most)
    }
    fn skeletons(&mut self, _: &mut Arena, _: usize) -> Vec<(u32, Arc<Skeleton>)> {
        vec![(self.1, self.2.clone())]
    }
}

#[test]
fn the_skeleton_of_a_proof_is_replayed_and_what_does_not_fit_is_retrieved() {
    let more = "
${ rel.1 $e |- ( ph -> A. x A e. B ) $.  rel $a |- ( ph -> A = B ) $. $}
${ $d x ph $.  told.1 $e |- ( ph -> ps ) $.  told $p |- ( ph -> A. x A. x ps ) $= ? $. $}
${ $d x ph $.  tthree.1 $e |- ( ph -> ps ) $.  tthree $p |- ( ph -> A. x A. x A. x ps ) $= ? $. $}
${ $d x ph $.  tother.1 $e |- ( ph -> A. x A e. B ) $.  tother $p |- ( ph -> A. x A = B ) $= ? $. $}
${ $d x ph $.  tboth.1 $e |- ( ph -> ps ) $.  tboth $p |- ( ph -> ( C = C /\\ A. x A. x ps ) ) $= ? $. $}
";
    let site = Site::new(more, &["alrimdv", "rel", "eqid"]);
    let (old, mut found) = site.proof("told");
    let skeleton = Arc::new(Skeleton::of(&old, &site.prepared.moves, &mut found.arena));
    assert_eq!(skeleton.steps.len(), 3, "two moves and the hypothesis");
    let theorem = site.prepared.theory.find("told").expect("it is there").0;
    let options = Options { expansions: 200, analogues_after: 0, replay_after: 0, analogues: 1, ..Options::default() };
    // The search proves what a skeleton leaves open; a move in place of one that does not fit is found by shape.
    for (label, owed) in [("tthree", 2), ("tother", 3), ("tboth", 2)] {
        let (theory, mut arena) = (&site.prepared.theory, site.prepared.moves.arena.clone());
        let p = theory.find(label).unwrap_or_else(|| panic!("{label}"));
        let task = theory.task(crate::metamath_db::ids::AssertionId(p.0), &mut arena).expect("a statement");
        let mut ranks = Remembering(Frequency::default(), theorem, skeleton.clone());
        let outcome = site.prepared.search(&task, &options, &mut ranks, &mut arena);
        assert!(outcome.proof.is_some(), "{label}: {:?}", outcome.reason);
        assert_eq!((outcome.replayed, outcome.skeletons), (owed, vec![(theorem, owed)]), "{label}");
        // Without replay, no step comes from a skeleton.
        let options = Options { replay: false, ..options.clone() };
        let outcome = site.prepared.search(&task, &options, &mut ranks, &mut arena);
        assert_eq!((outcome.replayed, outcome.skeletons.len()), (0, 0), "{label}");
    }
}

/// Premises with a bare variable, and a relation that two functions have to all arguments.
const ALL: &str = "
$c @ $.
cap $a class ( A @ B ) $.
apeq $a |- ( A = B -> ( A @ C ) = ( B @ C ) ) $.
${ $d x A $.  $d x B $.  ext $a |- ( A. x ( A @ x ) = ( B @ x ) -> A e. B ) $. $}
tall $p |- ( A = B -> A e. B ) $= ? $.
${ $d x A $.  $d x B $.  $d x ph $.  thyp.1 $e |- ( ph -> ( A @ x ) = ( B @ x ) ) $.
  thyp $p |- ( ph -> A e. B ) $= ? $. $}
";

#[test]
fn an_eigenvariable_is_a_variable_so_that_what_is_known_of_it_is_closed() {
    let site = Site::new(ALL, &["ext", "alrimdv", "apeq"]);
    let (proof, found) = site.proof("tall");
    site.by(&proof, "apeq");
    // That equal parts make equal wholes is no choice.
    assert!(found.outcome.expansions <= 2, "{}", found.outcome.expansions);
    // A hypothesis of the task determines the eigenvariable.
    let (proof, _) = site.proof("thyp");
    assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Hyp { number: 0, .. })), "{proof:?}");
}

#[test]
fn a_substitution_that_a_quantifier_captures_is_taken_back() {
    let more = "
$v z $.  vz $f setvar z $.
eqeq2 $a |- ( A = B -> ( C = A <-> C = B ) ) $.
${ $d x ph $.  albidv.1 $e |- ( ph -> ( ps <-> ch ) ) $.  albidv $a |- ( ph -> ( A. x ps <-> A. x ch ) ) $. $}
${ vt.1 $e |- ( x = y -> ( ph <-> ps ) ) $.  vt.2 $e |- A. x ph $.  vt $a |- E. y ps $. $}
same $a |- A. x A. x x = x $.
apart $a |- A. y A. x x = y $.
${ $d x z $.  tvt $p |- E. z A. x x = z $= ? $. $}
";
    let found = Site::new(more, &["eqeq2", "albidv", "vt", "same"]).search("tvt").outcome;
    assert!(found.proof.is_none() && found.misfit.is_none(), "{found:?}");
    assert!(matches!(found.reason, StopReason::Exhausted | StopReason::Budget), "{:?}", found.reason);
    let site = Site::new(more, &["eqeq2", "albidv", "vt", "same", "apart"]);
    let (proof, _) = site.proof("tvt");
    site.by(&proof, "apart");
}

#[test]
fn a_name_that_a_fact_gives_is_found() {
    let more = "
$c P Q $.
cP $a class P $.  cQ $a class Q $.
pq $a |- P = ( F ` Q ) $.
${ nm.1 $e |- B = ( F ` A ) $.  nm $a |- ( C e. B -> C e. A ) $. $}
${ nz.1 $e |- B = ( F ` A ) $.  nz $a |- ( B = Q -> C e. A ) $. $}
tfact $p |- ( C e. P -> C e. Q ) $= ? $.
town $p |- ( ( F ` A ) = Q -> C e. A ) $= ? $.
";
    let site = Site::new(more, &["nm", "pq", "eqid"]);
    let (proof, _) = site.proof("tfact");
    site.by(&proof, "pq");
    // An equation in an antecedent does not define the name.
    let (_, found) = Site::new(more, &["nz", "eqid"]).proof("town");
    assert!(found.outcome.expansions <= 2, "{}", found.outcome.expansions);
}
