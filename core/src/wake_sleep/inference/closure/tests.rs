use super::*;
use crate::metamath_db::database::Database;
use crate::wake_sleep::inference::proof::{By, ContentProof};
use crate::wake_sleep::inference::search::{Frequency, Outcome, Prepared};
use crate::wake_sleep::inference::training::translate::{decided, Translator};
use crate::wake_sleep::search::Options;
use std::sync::Arc;

/// Statements about numbers of four sorts, appended to the common fixture.
const SORTS: &str = "
$c CC RR QQ NN + x. - # 2 sum $.
cCC $a class CC $.  cRR $a class RR $.  cQQ $a class QQ $.  cNN $a class NN $.  c2 $a class 2 $.
cadd $a class ( A + B ) $.  cmul $a class ( A x. B ) $.  cneg $a class - A $.  csum $a class sum x A B $.  chash $a class # A $.
addcl $a |- ( ( A e. CC /\\ B e. CC ) -> ( A + B ) e. CC ) $.
mulcl $a |- ( ( A e. CC /\\ B e. CC ) -> ( A x. B ) e. CC ) $.
${ negcld.1 $e |- ( ph -> A e. CC ) $.  negcld $a |- ( ph -> - A e. CC ) $. $}
recn $a |- ( A e. RR -> A e. CC ) $.
readdcl $a |- ( ( A e. RR /\\ B e. RR ) -> ( A + B ) e. RR ) $.
qre $a |- ( A e. QQ -> A e. RR ) $.
nnq $a |- ( A e. NN -> A e. QQ ) $.
2nn $a |- 2 e. NN $.
${ $d x ph $.  $d x A $.  sumcl.1 $e |- ( ( ph /\\ x e. A ) -> B e. CC ) $.  sumcl $a |- ( ph -> sum x A B e. CC ) $. $}
addeq1 $a |- ( A = B -> ( A + C ) = ( B + C ) ) $.
addeq2 $a |- ( A = B -> ( C + A ) = ( C + B ) ) $.
hasheq $a |- ( A = B -> # A = # B ) $.
${ $d x A $.  $d x ps $.  sbx.1 $e |- ( x = A -> ( ph <-> ps ) ) $.  sbx.2 $e |- ( ps <-> ch ) $.
   sbx $a |- ( A. x ph -> ch ) $. $}
${ $d x A $.  $d x ps $.  sbt.1 $e |- ( A = x -> ( ps <-> ph ) ) $.  sbt.2 $e |- ( ps <-> ch ) $.
   sbt $a |- ( A. x ph -> ch ) $. $}
2hash $a |- 2 = # 2 $.
cut $a |- ( ( A = B /\\ B e. CC ) -> ( F ` A ) = B ) $.
";
/// The statements to be proved.
const ASKED: &str = "
tchain $p |- ( ( A e. NN /\\ B e. RR ) -> ( ( A x. B ) + - 2 ) e. CC ) $= ? $.
${ thyp.1 $e |- ( ( ph /\\ B e. CC ) -> # B e. RR ) $.
   thyp $p |- ( ( ph /\\ B e. NN ) -> ( # B + B ) e. CC ) $= ? $. $}
${ $d x A B $.  tsum $p |- ( ( A = A /\\ B e. CC ) -> sum x A ( B + 2 ) e. CC ) $= ? $. $}
tfalse $p |- ( A e. NN -> ( A + B ) e. CC ) $= ? $.
tdeep $p |- ( A e. CC -> - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - A e. CC ) $= ? $.
${ $d x A $.  $d x B $.  tsub.1 $e |- ( # ( A + B ) e. RR <-> ch ) $.
   tsub $p |- ( A. x # ( x + B ) e. RR -> ch ) $= ? $. $}
tequal $p |- ( ( A = B /\\ ph ) -> ( # ( A + C ) e. RR <-> # ( B + C ) e. RR ) ) $= ? $.
tunequal $p |- ( ( A = B /\\ ph ) -> ( # ( A + C ) e. RR <-> # ( B + A ) e. RR ) ) $= ? $.
tturned $p |- ( ph -> ( F ` ( # 2 + C ) ) = ( F ` ( 2 + C ) ) ) $= ? $.
${ tgiven.1 $e |- ( ph -> A = # B ) $.  tgiven $p |- ( ( ph /\\ ps ) -> ( # B + 2 ) = ( A + 2 ) ) $= ? $. $}
tuse $p |- ( ( A = 2 /\\ 2 e. RR ) -> ( F ` A ) = 2 ) $= ? $.
";

/// A database with its moves; if `alien`, all its symbols and labels are renamed.
struct Site {
    theory: Arc<Theory>,
    moves: Arc<Moves>,
    tables: Arc<Tables>,
    alien: bool,
}

/// A word under another name. Keywords, typecodes and the unknown proof stay.
fn renamed(word: &str) -> String {
    let fixed = word.starts_with('$') || ["|-", "wff", "class", "setvar", "?"].contains(&word);
    let code = |s: &str| s.bytes().fold(String::from("q"), |all, b| format!("{all}{b:02x}"));
    if fixed {
        word.to_owned()
    } else {
        code(word)
    }
}

impl Site {
    fn new(alien: bool) -> Site {
        let text = format!("{}{SORTS}{ASKED}", include_str!("../fixture.mm"));
        let comments = text.lines().filter(|l| !l.starts_with("$("));
        let words = comments.flat_map(str::split_whitespace);
        let text: Vec<String> = words.map(|w| if alien { renamed(w) } else { w.to_owned() }).collect();
        let db = Database::load(text.join(" ").into_bytes()).unwrap_or_else(|e| panic!("{e}"));
        let theory = Arc::new(Theory::new(Arc::new(db)));
        let tables = Arc::new(Tables::new(&theory));
        let moves = Arc::new(Moves::new(&theory, &tables, &|p| theory.premise(p).is_some()));
        Site { theory, moves, tables, alien }
    }
    fn find(&self, label: &str) -> PremiseId {
        let own = if self.alien { renamed(label) } else { label.to_owned() };
        self.theory.find(&own).unwrap_or_else(|| panic!("{label}"))
    }
    fn task(&self, label: &str, arena: &mut Arena) -> Task {
        let a = crate::metamath_db::ids::AssertionId(self.find(label).0);
        self.theory.task(a, arena).unwrap_or_else(|| panic!("{label}"))
    }
    /// Searches a proof of `label` with all premises except `without`.
    fn search(&self, label: &str, without: &[&str], options: &Options) -> (Outcome, Task, Arena) {
        let mut usable = vec![true; self.theory.len()];
        without.iter().for_each(|l| usable[self.find(l).index()] = false);
        let mut arena = self.moves.arena.clone();
        let task = self.task(label, &mut arena);
        let prepared = Prepared::new(self.theory.clone(), self.moves.clone(), self.tables.clone(), &usable);
        let outcome = prepared.search(&task, options, &mut Frequency::default(), &mut arena);
        (outcome, task, arena)
    }
    /// The proof of `label`, found without an expansion.
    fn closed(&self, label: &str) -> ContentProof {
        let (outcome, task, mut arena) = self.search(label, &[], &Options::default());
        let proof = outcome.proof.unwrap_or_else(|| panic!("{label}: {:?}", outcome.reason));
        assert_eq!(proof.check(&self.theory, &self.moves, &self.tables, &task, &mut arena), Ok(()), "{label}");
        assert_eq!((outcome.expansions, decided(&proof, &self.moves).len()), (0, 0), "{label}");
        proof
    }
    /// The sorted labels of a proof's moves.
    fn labels(&self, proof: &ContentProof, known: &[&str]) -> Vec<String> {
        let by = |n: &crate::wake_sleep::inference::proof::Node| match n.by {
            By::Move { number, .. } => {
                let twin = |l: &&&str| self.moves.by_premise[self.find(l).index()].contains(&number);
                known.iter().find(twin).map(|l| (*l).to_owned())
            }
            _ => None,
        };
        let mut out: Vec<String> = proof.nodes.iter().filter_map(by).collect();
        out.sort_unstable();
        out
    }
}

#[test]
fn a_chain_closes_under_any_names() {
    for site in [Site::new(false), Site::new(true)] {
        let known = ["addcl", "mulcl", "negcld", "recn", "readdcl", "qre", "nnq", "2nn"];
        let labels = site.labels(&site.closed("tchain"), &known);
        // Two members of NN are lifted to CC, one of RR.
        let each = ["2nn", "addcl", "mulcl", "negcld", "nnq", "nnq", "qre", "qre", "recn", "recn", "recn"];
        assert_eq!(labels, each);
        // The antecedent of the hypothesis is proved by a chain, too.
        let proof = site.closed("thyp");
        assert!(proof.nodes.iter().any(|n| matches!(n.by, By::Hyp { .. })), "{proof:?}");
        // The assumption of a part joins Γ.
        site.closed("tsum");
    }
}

#[test]
fn nothing_is_closed_by_what_may_not_be_used() {
    let site = Site::new(false);
    for without in ["nnq", "recn", "negcld"] {
        let (outcome, ..) = site.search("tchain", &[without], &Options::default());
        assert!(outcome.proof.is_none(), "{without}");
    }
    // Without `addcl` there is another proof: the sum is in RR.
    let (outcome, ..) = site.search("thyp", &["addcl"], &Options::default());
    assert_eq!((outcome.proof.is_some(), outcome.expansions), (true, 0));
    let (outcome, ..) = site.search("tfalse", &[], &Options { expansions: 200, ..Options::default() });
    assert!(outcome.proof.is_none());
    // Without closers the same statement is searched.
    let (outcome, ..) = site.search("thyp", &[], &Options { closers: false, ..Options::default() });
    assert!(outcome.expansions > 0);
}

#[test]
fn bounds_are_counted() {
    let site = Site::new(false);
    let mut arena = site.moves.arena.clone();
    let task = site.task("tdeep", &mut arena);
    let connectives = site.moves.connectives.before(task.limit);
    let mut found = Terms::new();
    connectives.sequents(&mut arena, &[], task.goal, &mut found);
    let mut closer = Closer::new(&site.theory, &mut arena, &site.moves, &site.tables, &task, Rc::new([]));
    let mut allowed = Allowed::new(&site.moves, task.limit, Box::new(|p| site.theory.stands_before(p, &task)));
    assert!(closer.close(&mut arena, &mut allowed, found[0]).is_none());
    // The failure is cached: a second query examines nothing.
    let looked_at = closer.known.len();
    assert!(looked_at <= FUEL as usize && closer.close(&mut arena, &mut allowed, found[0]).is_none());
    assert_eq!(closer.known.len(), looked_at);
    // A shorter chain is closed.
    let mut inner = consequent(&arena, found[0]);
    let member = arena.head(inner);
    for _ in 0..20 {
        let [subject, sort] = *arena.children(inner) else { panic!("a sort") };
        let below = arena.children(subject)[0];
        inner = arena.make(member, &[below, sort]);
    }
    let members = context(&arena, found[0]).into();
    let s = crate::wake_sleep::inference::moves::sequents::sequent(&mut arena, inner, members);
    assert!(matches!(closer.close(&mut arena, &mut allowed, s), Some(Answer::Move(..))));
}

#[test]
fn a_translated_proof_is_no_choice_where_a_search_makes_none() {
    let site = Site::new(false);
    let (outcome, task, mut arena) = site.search("tuse", &[], &Options { expansions: 400, ..Options::default() });
    let proof = outcome.proof.expect("it is found");
    // One move is chosen; that 2 is complex follows.
    assert_eq!(site.labels(&proof, &["cut", "recn"]), ["cut", "recn"]);
    assert_eq!(decided(&proof, &site.moves).len(), 1);
    let tuse = crate::wake_sleep::inference::training::choices::choices(&site.moves, &task, &proof, &mut arena);
    assert_eq!(tuse.len(), 1);
    // A human proof of a sort holds no decision, whatever its steps are.
    let a = crate::metamath_db::ids::AssertionId(site.find("tfcl2").0);
    let (mut arena, human) = (site.moves.arena.clone(), site.theory.human_proof(a).expect("a proof"));
    let task = site.task("tfcl2", &mut arena);
    let translator = Translator::new(&site.theory, &site.moves, &site.tables);
    let found = translator.translate(&task, &human, &mut arena).expect("it is translated");
    assert_eq!(found.check(&site.theory, &site.moves, &site.tables, &task, &mut arena), Ok(()));
    assert_eq!(decided(&found, &site.moves).len(), 0);
}

#[test]
fn equal_parts_make_equal_wholes() {
    for site in [Site::new(false), Site::new(true)] {
        let labels = site.labels(&site.closed("tequal"), &["addeq1", "addeq2", "hasheq", "eleq1"]);
        assert_eq!(labels, ["addeq1", "eleq1", "hasheq"]);
    }
    let site = Site::new(false);
    for (label, without) in [("tunequal", "cut"), ("tequal", "hasheq")] {
        let (outcome, ..) = site.search(label, &[without], &Options { expansions: 100, ..Options::default() });
        assert!(outcome.proof.is_none(), "{label}");
    }
}

#[test]
fn what_a_substitution_makes_is_no_choice() {
    for site in [Site::new(false), Site::new(true)] {
        let (outcome, task, mut arena) = site.search("tsub", &[], &Options { expansions: 20, ..Options::default() });
        let proof = outcome.proof.unwrap_or_else(|| panic!("{:?}", outcome.reason));
        let labels = site.labels(&proof, &["addeq1", "addeq2", "hasheq", "eleq1", "sbx"]);
        assert_eq!(labels, ["addeq1", "eleq1", "hasheq", "sbx"]);
        assert_eq!(decided(&proof, &site.moves).len(), 1);
        // Training holds no decision for it either, though the formula is unknown when the goal comes up.
        let all = crate::wake_sleep::inference::training::choices::choices(&site.moves, &task, &proof, &mut arena);
        assert_eq!(all.len(), 1);
    }
    let site = Site::new(false);
    let (outcome, ..) = site.search("tsub", &["hasheq"], &Options { expansions: 100, ..Options::default() });
    assert!(outcome.proof.is_none());
}

#[test]
fn equalities_are_closed_either_way_round() {
    for site in [Site::new(false), Site::new(true)] {
        // One is proved by a fact, the other by a hypothesis of the task.
        let known = ["addeq1", "feq", "2hash"];
        assert_eq!(site.labels(&site.closed("tturned"), &known), ["2hash", "addeq1", "feq"]);
        let given = site.closed("tgiven");
        assert_eq!(site.labels(&given, &known), ["addeq1"]);
        assert!(given.nodes.iter().any(|n| matches!(n.by, By::Hyp { .. })), "{given:?}");
        // Implicit substitution with a theorem in the other orientation.
        let (outcome, task, mut arena) =
            site.search("tsub", &["sbx"], &Options { expansions: 20, ..Options::default() });
        let proof = outcome.proof.unwrap_or_else(|| panic!("{:?}", outcome.reason));
        assert_eq!(proof.check(&site.theory, &site.moves, &site.tables, &task, &mut arena), Ok(()));
        assert_eq!(site.labels(&proof, &["addeq1", "hasheq", "eleq1", "sbt"]), ["addeq1", "eleq1", "hasheq", "sbt"]);
        assert_eq!(
            crate::wake_sleep::inference::training::choices::choices(&site.moves, &task, &proof, &mut arena).len(),
            1
        );
    }
}
