use super::*;
use crate::dsl::log::Origin;
use crate::dsl::machine::{Machine, StopReason};
use crate::dsl::memory::cell::{Address, Content};
use crate::dsl::programs::asm::{assemble, assemble_with_lines, AsmError};
use crate::dsl::programs::content::HEAD;
use crate::dsl::theory::library::{Proof, Theory};
use crate::dsl::theory::task_view::{logical, TaskView, TheoryJudge};
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::AssertionId;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::scribe::{Answer, Scribe};
use crate::wake_sleep::inference::search::{Frequency, Prepared};
use crate::wake_sleep::inference::session::Session;
use crate::wake_sleep::search::Options;
use std::sync::Arc;

/// Statements that need each opcode.
const MORE: &str = "
trep $p |- ( ( ps /\\ C e. B ) -> ( F ` ( F ` C ) ) e. B ) $= ? $.
${ tpart.1 $e |- ( ph -> C = A ) $.  tpart.2 $e |- ( ph -> A e. B ) $.
  tpart $p |- ( ph -> ( F ` ( F ` C ) ) e. B ) $= ? $. $}
${ $d x A B $.  tkept $p |- ( A = B -> A. x ( F ` A ) = ( F ` B ) ) $= ? $. $}
tdrop $p |- ( A = B -> A. x C = C ) $= ? $.
${ $d x ps $.  $d x A B $.  tex2.1 $e |- ( ( ph /\\ A = B ) -> ps ) $.
  tex2 $p |- ( ( E. x ph /\\ A = B ) -> ps ) $= ? $. $}
tmem $p |- ( ( A = B /\\ B = C ) -> ( F ` A ) = ( F ` C ) ) $= ? $.
tback $p |- ( ( B = A /\\ ps ) -> A = B ) $= ? $.
tboth $p |- ( A e. B -> ( ( F ` A ) e. B /\\ ( ph -> C = C ) ) ) $= ? $.
tuse $p |- ( ( ( ( F ` A ) e. B -> C e. B ) /\\ A e. B ) -> ( F ` C ) e. B ) $= ? $.
${ wh.1 $e |- ( ph -> A. x ph ) $.  wh.2 $e |- ( ph -> ps ) $.  wh $a |- ( ph -> A. x ps ) $. $}
${ twh.1 $e |- ( ( ch /\\ th ) -> A. x ( ch /\\ th ) ) $.
  twh $p |- ( ( ch /\\ th ) -> A. x ( th /\\ A = A ) ) $= ? $. $}
${ pm2.61i.1 $e |- ( ph -> ps ) $.  pm2.61i.2 $e |- ( -. ph -> ps ) $.  pm2.61i $a |- ps $. $}
${ tcase.1 $e |- ( ph -> A = B ) $.  tcase.2 $e |- ( -. ph -> A = B ) $.  tcase $p |- ( F ` A ) = ( F ` B ) $= ? $. $}
${ $d x A $.  dum.1 $e |- A. x x = x $.  dum $a |- ( F ` A ) e. A $. $}
tdum $p |- ( F ` A ) e. A $= ? $.
tcut $p |- ( A = B -> ( F ` B ) = ( F ` A ) ) $= ? $.
tweak $p |- ( A e. B -> ( ( F ` A ) e. B /\\ ( ph -> ( F ` A ) e. B ) ) ) $= ? $.
fsmall $a |- A = ( F ` A ) $.
tsmall $p |- ( F ` A ) = A $= ? $.
";

struct Room {
    scribe: Arc<Scribe>,
    options: Options,
}

impl Room {
    fn new() -> Room {
        let source = include_str!("../fixture.mm").to_owned() + MORE;
        let db = Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"));
        let theory = Arc::new(Theory::new(Arc::new(db)));
        let usable: Vec<bool> = (0..theory.len() as u32).map(|p| theory.premise(PremiseId(p)).is_some()).collect();
        let options = Options { expansions: 2000, ..Options::default() };
        Room { scribe: Arc::new(Scribe::of(theory, &usable)), options }
    }
    fn task(&self, label: &str) -> (Task, Arena) {
        let theory = &self.scribe.prepared.theory;
        let mut arena = self.scribe.prepared.moves.arena.clone();
        let p = theory.find(label).unwrap_or_else(|| panic!("{label}"));
        let task = theory.task(AssertionId(p.0), &mut arena).unwrap_or_else(|| panic!("{label}"));
        (task, arena)
    }
    fn answer(&self, label: &str) -> (Answer, String) {
        let (task, mut arena) = self.task(label);
        let base = arena.len();
        let found = self.scribe.prepared.search(&task, &self.options, &mut Frequency::default(), &mut arena);
        let content = found.proof.unwrap_or_else(|| panic!("{label}: {:?}", found.reason));
        let answer = self.scribe.answer(&task, &self.options, &content, base, &mut arena);
        let answer = answer.unwrap_or_else(|e| panic!("{label}: {e}"));
        let text = answer.text.as_ref().unwrap_or_else(|| panic!("{label} is told")).text.clone();
        (answer, text)
    }
    /// Runs a text on the machine, within a theorem's task. Returns the proof object as JSON and the claims of the
    /// trace, or the line that is refused, with the message.
    fn run(&self, label: &str, text: &str) -> Result<(String, Vec<String>), (usize, String)> {
        let told = |e: AsmError| (e.line.saturating_sub(2), format!("expected {}, found {}", e.expected, e.found));
        let (program, lines) = assemble_with_lines(&headed(text)).map_err(told)?;
        let theory = self.scribe.prepared.theory.clone();
        let (id, mut arena) = (theory.db.source.assertion(label).expect("it is there"), theory.arena.clone());
        let task = theory.task(id, &mut arena).expect("a task");
        let view = TaskView::new(theory.clone(), task.clone());
        let mut machine = Machine::new(view, TheoryJudge::new(theory.clone(), task.clone()), arena);
        let session = Session::new(self.scribe.clone(), |arena| theory.task(id, arena).ok_or(()));
        machine.set_inference(Box::new(session.expect("a task")));
        let at = |text: &str| text.parse::<Address>().expect("an address");
        machine.load(at("1:0:0"), Content::goal(task.goal)).expect("it is loaded");
        match machine.run(&program, 1000).expect("a program").stop {
            StopReason::Halted(0) => {}
            StopReason::Fault(f) => {
                return Err((lines[f.instruction as usize] - 2, format!("{}: {}", f.kind.name(), f.claim)))
            }
            other => panic!("{other:?}"),
        }
        let claims = machine.trace().events.iter().filter_map(|e| e.obligation.as_ref());
        let claims = claims.map(|c| format!("{} {:?} {}", c.claim, c.discharge, c.detail.join("; "))).collect();
        let proof = logical(machine.proof_at(at("0:0:0")).expect("a fact"));
        Ok((theory.proof_json(&task, &proof, machine.arena()), claims))
    }
    /// The proof of an answer as the machine has it after a run, as JSON.
    fn as_run(&self, label: &str, proof: &Proof) -> String {
        let (task, mut arena) = self.task(label);
        let theory = &self.scribe.prepared.theory;
        theory.run_proof(&task, proof, &mut arena, Origin::default(), None).expect("it runs").proof
    }
    /// The line and the message with which a text is refused.
    fn refused(&self, label: &str, text: &str) -> (usize, String) {
        self.run(label, text).expect_err("it is refused")
    }
}

/// A text with a head, which has two lines.
fn headed(text: &str) -> String {
    format!("{HEAD}\n.goal 1:0:0 \"\"\n{text}")
}

/// The text of the proof that a search with these premises alone finds, read back and checked.
fn told(label: &str, premises: &[&str]) -> String {
    let room = Room::new();
    let Prepared { theory, moves, .. } = &room.scribe.prepared;
    let usable: Vec<bool> = (0..theory.len() as u32).map(|p| premises.contains(&theory.label(PremiseId(p)))).collect();
    let tables = Arc::new(Tables::new(theory));
    let prepared = Prepared::new(theory.clone(), moves.clone(), tables.clone(), &usable);
    let (task, mut arena) = room.task(label);
    let base = arena.len();
    let found = prepared.search(&task, &room.options, &mut Frequency::default(), &mut arena);
    let content = found.proof.unwrap_or_else(|| panic!("{label}: {:?}", found.reason));
    let (from, carried) = content.carried(&arena);
    // Carried to an arena of its own and back, the proof is the same.
    assert_eq!(carried.restored(&from, &mut arena), content);
    arena.truncate(base);
    let content = carried.canonical(&from, &mut arena);
    let texts = Texts { theory, moves, tables: &tables, task: &task, allowed: &|p| usable[p.index()] };
    let text = texts.write(&content, &[], &mut arena);
    let program = assemble(&headed(&text)).unwrap_or_else(|e| panic!("{label}: {e}\n{text}"));
    let read = texts.follow(&program, &mut arena).unwrap_or_else(|e| panic!("{label}: {e:?}\n{text}"));
    assert_eq!(read, content, "{label}\n{text}");
    assert_eq!(read.check(theory, moves, &tables, &task, &mut arena), Ok(()), "{label}\n{text}");
    // In another arena, the canonical form is the same.
    let (task, mut arena) = room.task(label);
    let read = texts.follow(&program, &mut arena).unwrap_or_else(|e| panic!("{label}: {e:?}"));
    let (from, carried) = read.carried(&arena);
    arena.truncate(base);
    assert_eq!(carried.canonical(&from, &mut arena), content, "{}", task.name);
    text
}

#[test]
fn each_opcode_and_operand_is_read_as_it_was_meant() {
    for (label, premises, words) in [
        ("tmix", &["eleq1", "feq"][..], &["APPLY eleq1", "answers left", "B := ( F ` A )", "HYP tmix.1", "MEMBER"][..]),
        ("tkept", &["alrimdv", "ax-gen", "feq", "eqid"], &["APPLY alrimdv"]),
        ("tdrop", &["alrimdv", "ax-gen", "feq", "eqid"], &["drops A = B"]),
        ("tex2", &["exlimdv", "ax-sp", "feq"], &["takes E. x ph", "HYP tex2.1"]),
        ("tmem", &["eqtrd", "feq"], &["B := "]),
        ("tback", &["eqtrd"], &["MEMBER"]),
        ("tsmall", &["fsmall"], &["APPLY fsmall  exchanged"]),
        ("tboth", &["fcl", "eqid"], &["SPLIT"]),
        ("tuse", &["fcl", "eqid"], &["USE ( ( F ` A ) e. B -> C e. B )"]),
        ("twh", &["wh", "eqid"], &["APPLY wh"]),
    ] {
        let text = told(label, premises);
        for word in words {
            assert!(text.contains(word), "{label}: {word}\n{text}");
        }
    }
}

#[test]
fn what_holds_in_a_part_of_the_context_is_weakened() {
    let room = Room::new();
    let text = "\
1  SPLIT  from 2 4  :  |- ( A e. B -> ( ( F ` A ) e. B /\\ ( ph -> ( F ` A ) e. B ) ) )
  2  APPLY fcl  from 3  :  A e. B  |- ( F ` A ) e. B
    3  MEMBER  :  A e. B  |- A e. B
  4  WEAKEN  from 2  drops ph  :  A e. B ,  ph  |- ( F ` A ) e. B
";
    let (task, mut arena) = room.task("tweak");
    let Prepared { theory, moves, .. } = &room.scribe.prepared;
    let tables = Tables::new(theory);
    let texts = Texts { theory, moves, tables: &tables, task: &task, allowed: &|_| true };
    let read = texts.follow(&assemble(&headed(text)).expect("a program"), &mut arena).expect("it is read");
    assert_eq!(read.check(theory, moves, &tables, &task, &mut arena), Ok(()));
    let again = texts.write(&read, &[], &mut arena);
    assert_eq!(again.replace("ph ,  A e. B", "A e. B ,  ph"), text);
    assert!(room.run("tweak", text).is_ok());
}

#[test]
fn running_a_text_gives_the_answers_own_proof() {
    let room = Room::new();
    for label in ["tfcl2", "tmix", "tkept", "tdrop"] {
        let (answer, text) = room.answer(label);
        let own = room.as_run(label, &answer.proof);
        let (proof, claims) = room.run(label, &text).unwrap_or_else(|e| panic!("{label}: {e:?}\n{text}"));
        assert_eq!(proof, own, "{label}\n{text}");
        assert_eq!(room.answer(label).1, text, "{label}");
        // Each decision is one instruction, which a separate checker confirms before it counts. Then the judges check.
        let decided = claims.iter().filter(|c| c.starts_with("decided Checked answers "));
        let shared = claims.iter().filter(|c| c.starts_with("unified"));
        assert_eq!(decided.count(), text.lines().count(), "{label}: {claims:?}\n{text}");
        assert!(claims.last().is_some_and(|c| c.starts_with("proof Judge")), "{label}");
        assert_eq!(claims.len(), text.lines().count() + shared.count() + 1);
        // The order of lines, indentation and remarks do not matter, as long as the root comes first.
        let (root, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let turned: Vec<String> = rest.lines().rev().map(|l| format!("{}\n\n; a remark", l.trim())).collect();
        let turned = format!("{root}\n{}", turned.join("\n"));
        assert_eq!(room.run(label, &turned).map(|r| r.0), Ok(own), "{label}");
    }
}

#[test]
fn sequents_follow_from_the_decisions_and_need_not_be_said() {
    let room = Room::new();
    let bare = "1  APPLY eleq1  from 2 5  answers left  B := ( F ` A )\n2  APPLY feq  from 3  exchanged\n3  HYP tmix.1  from 4\n\
                4  MEMBER\n5  MEMBER";
    let (proof, claims) = room.run("tmix", bare).expect("it runs");
    assert_eq!(proof, room.as_run("tmix", &room.answer("tmix").0.proof));
    assert!(claims[0].starts_with("decided Checked answers ph ,  ( F ` A ) e. C  |- ( F ` B ) e. C"), "{claims:?}");
    let without = bare.replace("  B := ( F ` A )", "");
    assert_eq!(room.refused("tmix", &without), (1, "unify: expected a value for B of 'eleq1': B := ...".to_owned()));
    // The other orientation gives the same.
    let right =
        bare.replace("answers left  B := ( F ` A )", "answers right  A := ( F ` A )").replace("  exchanged", "");
    assert!(room.run("tmix", &right).is_ok());
    let (line, why) = room.refused("tmix", &bare.replace("from 2 5", "from 2").replace("5  MEMBER", ""));
    assert_eq!(line, 1);
    assert!(why.starts_with("operand: there is a place for each sequent that it leaves, 2: "), "{why}");
}

#[test]
fn a_text_is_read_by_people() {
    let room = Room::new();
    let (answer, text) = room.answer("tfcl2");
    let lines = [
        "1  APPLY fcl  from 2  :  A e. B  |- ( F ` ( F ` A ) ) e. B",
        "  2  APPLY fcl  from 3  :  A e. B  |- ( F ` A ) e. B",
        "    3  MEMBER  :  A e. B  |- A e. B",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    // Both moves are closure facts of this database.
    assert_eq!(answer.text.map(|t| t.decisions), Some(0));
    assert_eq!(answer.proof.len(), 3);
}

#[test]
fn what_does_not_hold_is_refused_with_its_line() {
    let room = Room::new();
    let text = room.answer("tfcl2").1;
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let (line, message) = room.refused("tfcl2", &text.replacen(from, to, 1));
        format!("{line}: {message}")
    };
    for (from, to, said) in [
        ("1  APPLY", "1 APPLY", "1: expected the node's number, and two blanks between fields, found '1 APPLY fcl'"),
        ("1  APPLY", "x  APPLY", "1: expected the node's number"),
        ("  2  APPLY", "  1  APPLY", "2: expected each number once, found a node 1 again"),
        ("APPLY fcl", "JUMP fcl", "1: expected an opcode of content programs, found 'JUMP'"),
        ("APPLY fcl", "APPLY", "1: expected a label behind APPLY"),
        ("APPLY fcl", "APPLY fxl", "1: label: no assertion before the task is labelled 'fxl'"),
        ("APPLY fcl", "APPLY tmix", "1: label: no assertion before the task"),
        ("APPLY fcl", "APPLY eleq1", "1: unify: no reading of 'eleq1'"),
        ("APPLY fcl", "APPLY fcl  part A e. B", "1: operand: APPLY takes no 'part'"),
        ("APPLY fcl", "APPLY fcl  x := y", "1: operand: 'fcl' has no variable 'x'"),
        ("APPLY fcl", "APPLY fcl  B := A", "1: unify: no reading of 'fcl'"),
        ("from 2", "from 9", "1: expected nodes that are there behind from, found 9"),
        ("from 2", "from 3", "2: expected a node that the root rests on"),
        ("from 3", "from 1", "1: expected a node that does not rest on itself"),
        ("MEMBER  :", "MEMBER  ", "3: operand: MEMBER takes no 'A'"),
        ("MEMBER  :  A e. B", "MEMBER  :  A e. B e.", "3: term: `|- A e. B e.`"),
        ("MEMBER  :  A e. B", "MEMBER  :  A e. C", "3: unify: expected what answers A e. B  |- A e. B, found another"),
        ("MEMBER", "CLOSE numbers", "3: unproved: 'numbers' closes it"),
        ("MEMBER", "SPLIT", "3: expected from, and numbers of nodes behind SPLIT"),
        ("MEMBER", "WEAKEN", "3: expected from, and numbers of nodes behind WEAKEN"),
        ("MEMBER", "HYP tmix.1", "3: label: the task has no hypothesis 'tmix.1'"),
        ("MEMBER", "USE A e. B  reading 0", "3: unify: expected a reading of A e. B that answers this"),
        ("MEMBER", "USE A e. C", "3: unify: expected a member of Γ, found 'A e. C'"),
    ] {
        let found = changed(from, to);
        assert!(found.starts_with(said), "{from} -> {to}: {found}");
    }
    // A sequent that follows by connectives needs no member.
    assert!(room.run("tfcl2", &text.replacen("MEMBER", "CLOSE propositional", 1)).is_ok());
    assert!(room.refused("tmix", &text).1.starts_with("unify: expected what answers"));
    assert_eq!(room.refused("tfcl2", "; nothing\n").1, "expected nodes behind the head, found none");
}

const CASES: &str = "1  APPLY feq  from 2\n2  CASES ph  from 3 4\n3  HYP tcase.1  from 5\n4  HYP tcase.2  from 6\n\
                     5  MEMBER  :  ph  |- ph\n6  MEMBER  :  -. ph  |- -. ph\n";

#[test]
fn a_case_distinction_and_a_cut_are_written() {
    let room = Room::new();
    let cases = CASES;
    let (_, claims) = room.run("tcase", cases).expect("it runs");
    assert!(claims.iter().any(|c| c == "decided Checked answers |- A = B"), "{claims:?}");
    let swapped = room.refused("tcase", &cases.replace("5  MEMBER  :  ph  |- ph", "5  MEMBER  :  -. ph  |- ph"));
    assert_eq!(swapped, (5, "unify: expected what answers ph  |- ph, found another sequent".to_owned()));
    let one = room.refused("tcase", "1  APPLY feq  from 2\n2  CASES ph  from 3\n3  HYP tcase.1  from 4\n4  MEMBER\n");
    let left = "2: operand: there is a place for each sequent that it leaves, 2: ph  |- A = B; -. ph  |- A = B";
    assert_eq!(format!("{}: {}", one.0, one.1), left);
    assert!(room.refused("tcase", &cases.replace("CASES ph", "CASES ( ph")).1.starts_with("term: "));
    assert_eq!(
        room.refused("tcase", &cases.replace("CASES ph", "CASES")).1,
        "expected its operand behind CASES, found ''"
    );
    assert!(room
        .refused("tcase", &cases.replace("CASES ph", "CASES ph  takes ps"))
        .1
        .contains("CASES takes no 'takes'"));

    let cut = "1  HYPOTHESIZE ( F ` A ) = ( F ` B )  from 2 3\n2  APPLY feq  from 4\n\
               3  MEMBER  :  A = B ,  ( F ` A ) = ( F ` B )  |- ( F ` B ) = ( F ` A )\n4  MEMBER\n";
    assert!(room.run("tcut", cut).is_ok());
    assert!(room.refused("tcut", &cut.replace("from 2 3", "from 3 2")).1.starts_with("unify: "));
}

#[test]
fn a_theorems_decisions_are_made_again_as_far_as_they_fit() {
    let room = Room::new();
    let (proof, claims) = room.run("trep", "1  REPLAY tfcl2\n").expect("it runs");
    assert_eq!(proof, room.run("trep", "1  APPLY fcl  from 2\n2  APPLY fcl  from 3\n3  MEMBER\n").expect("it runs").0);
    assert!(claims[0].contains("APPLY fcl"), "{claims:?}");
    let rest = "2  APPLY eleq1  from 3 4  answers left  B := A  :  ph  |- C e. B\n3  HYP tpart.1  from 5\n\
                4  HYP tpart.2  from 6\n5  MEMBER\n6  MEMBER\n";
    assert!(room.run("tpart", &format!("1  REPLAY tfcl2  from 2\n{rest}")).is_ok());
    let left = "operand: there is a place for each sequent that it leaves, 1: ph  |- C e. B";
    assert_eq!(room.refused("tpart", "1  REPLAY tfcl2\n"), (1, left.to_owned()));
    for (label, why) in [
        ("fcl", "label: no theorem before the task with a proof is labelled 'fcl'"),
        ("tpart", "label: no theorem before the task"),
        ("tmix", "unify: the first decision of 'tmix' fits"),
    ] {
        let found = room.refused("tpart", &format!("1  REPLAY {label}  from 2\n{rest}"));
        assert!(found.0 == 1 && found.1.starts_with(why), "{found:?}");
    }
}

#[test]
fn equals_are_replaced_by_theorems_found_by_shape() {
    let room = Room::new();
    // CONGR derives `( F ` A ) = ( F ` B )` from `A = B` by any theorem that says so.
    let (_, claims) = room.run("tcase", &CASES.replace("APPLY feq", "CONGR")).expect("it runs");
    assert!(claims[0].starts_with("decided Checked answers |- ( F ` A ) = ( F ` B )"), "{claims:?}");
    assert_eq!(
        room.run("tcase", CASES).map(|r| r.0),
        room.run("tcase", &CASES.replace("APPLY feq", "CONGR")).map(|r| r.0)
    );
    let none = room.refused("tfcl2", "1  CONGR  from 2\n2  MEMBER\n");
    assert_eq!(none, (1, "unify: expected an equality that follows by a theorem from those of parts".to_owned()));

    let text =
        "1  REWRITE C = A  from 2 3\n2  HYP tpart.1  from 4\n4  MEMBER\n3  APPLY fcl  from 5\n5  APPLY fcl  from 6\n\
                6  HYP tpart.2  from 7\n7  MEMBER  :  ph  |- ph\n";
    let told = text.replace("3  APPLY fcl  from 5", "3  APPLY fcl  from 5  :  ph  |- ( F ` ( F ` A ) ) e. B");
    assert!(room.run("tpart", &told).is_ok());
    let to = "REWRITE C = A  to ( F ` ( F ` A ) ) e. B";
    assert_eq!(room.run("tpart", &text.replace("REWRITE C = A", to)), room.run("tpart", text));
    for (from, to, why) in [
        ("C = A", "x = A", "unify: expected x in ( F ` ( F ` C ) ) e. B"),
        ("C = A", "C e. A", "unify: expected an equality of the database behind REWRITE"),
        ("C = A", "C = A  to ph", "unify: expected theorems by which ( ( F ` ( F ` C ) ) e. B <-> ph )"),
        ("C = A", "C =", "term: "),
    ] {
        let found = room.refused("tpart", &text.replace(from, to));
        assert!(found.0 == 1 && found.1.starts_with(why), "{found:?}");
    }
}

#[test]
fn assertions_as_they_stand_answer_sequents_too() {
    let room = Room::new();
    let text = "1  APPLY fcl  from 2\n2  UNIFY syl  from 3 4\n3  UNIFY simpr\n4  UNIFY fcl\n";
    let (proof, _) = room.run("trep", text).expect("it runs");
    // Decisions answer what UNIFY leaves.
    let mixed = text.replace("UNIFY fcl", "APPLY fcl  from 5\n5  MEMBER");
    assert_eq!(room.run("trep", &mixed).map(|r| r.0), Ok(proof));
    assert!(room.refused("trep", &text.replace("UNIFY simpr", "UNIFY eqid")).1.starts_with("unify: "));
    assert!(room.refused("trep", &text.replace("UNIFY simpr", "UNIFY nope")).1.starts_with("label: "));
}

#[test]
fn a_variable_that_the_task_does_not_have_is_apart_from_all() {
    let room = Room::new();
    let text = "1  APPLY dum  from 2  x := x\n2  APPLY ax-gen  from 3\n3  APPLY eqid\n";
    assert!(room.run("tdum", text).is_ok());
    assert!(room.refused("tdum", &text.replace("  x := x", "")).1.contains("expected a value for x of 'dum'"));
}
