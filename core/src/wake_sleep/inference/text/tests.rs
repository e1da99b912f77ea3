use super::*;
use crate::dsl::library::Theory;
use crate::metamath_db::database::Database;
use crate::metamath_db::ids::AssertionId;
use crate::wake_sleep::closers::Tables;
use crate::wake_sleep::inference::scribe::{Answer, Scribe};
use crate::wake_sleep::inference::search::{Frequency, Prepared};
use crate::wake_sleep::search::Options;
use std::sync::Arc;

/// What each opcode is needed for.
const MORE: &str = "
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
tweak $p |- ( A e. B -> ( ( F ` A ) e. B /\\ ( ph -> ( F ` A ) e. B ) ) ) $= ? $.
";

struct Room {
    scribe: Scribe,
    options: Options,
}

impl Room {
    fn new() -> Room {
        let source = include_str!("../fixture.mm").to_owned() + MORE;
        let db = Database::load(source.into()).unwrap_or_else(|e| panic!("{e}"));
        let theory = Arc::new(Theory::new(Arc::new(db)));
        let usable: Vec<bool> = (0..theory.len() as u32).map(|p| theory.premise(PremiseId(p)).is_some()).collect();
        let options = Options { expansions: 2000, ..Options::default() };
        Room { scribe: Scribe::of(theory, &usable), options }
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
    fn replay(&self, label: &str, text: &str) -> Result<crate::dsl::library::Proof, TextError> {
        let (task, mut arena) = self.task(label);
        self.scribe.replay(&task, &self.options, text, &mut arena).map(|r| r.0)
    }
    /// What a text is refused for: its line and the message.
    fn refused(&self, label: &str, text: &str) -> (Option<usize>, String) {
        let error = self.replay(label, text).expect_err("it is refused");
        (error.line, error.message)
    }
}

/// The text of what a search by these assertions alone finds, read again and checked.
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
    // carried to an arena of its own and back, it is what it was
    assert_eq!(carried.restored(&from, &mut arena), content);
    arena.truncate(base);
    let content = carried.canonical(&from, &mut arena);
    let texts = Texts { theory, moves, task: &task, allowed: &|p| usable[p.index()] };
    let text = texts.write(&content, &[], &mut arena);
    let read = texts.read(&text, &mut arena).unwrap_or_else(|e| panic!("{label}: {e:?}\n{text}"));
    assert_eq!(read.proof, content, "{label}\n{text}");
    assert_eq!(read.proof.check(theory, moves, &tables, &task, &mut arena), Ok(()), "{label}\n{text}");
    // in another arena it is the same once it is made anew
    let (task, mut arena) = room.task(label);
    let read = texts.read(&text, &mut arena).unwrap_or_else(|e| panic!("{label}: {e:?}"));
    let (from, carried) = read.proof.carried(&arena);
    arena.truncate(base);
    assert_eq!(carried.canonical(&from, &mut arena), content, "{}", task.name);
    text
}

#[test]
fn each_opcode_and_operand_is_read_as_it_was_meant() {
    for (label, premises, words) in [
        (
            "tmix",
            &["eleq1", "feq"][..],
            &["APPLY eleq1", "answers right", "A := ( F ` A )", "HYP tmix.1", "MEMBER"][..],
        ),
        ("tkept", &["alrimdv", "ax-gen", "feq", "eqid"], &["APPLY alrimdv"]),
        ("tdrop", &["alrimdv", "ax-gen", "feq", "eqid"], &["drops A = B"]),
        ("tex2", &["exlimdv", "ax-sp", "feq"], &["takes E. x ph", "HYP tex2.1"]),
        ("tmem", &["eqtrd", "feq"], &["B := "]),
        ("tback", &["eqcom"], &["answers left"]),
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
  4  WEAKEN  from 2  :  A e. B ,  ph  |- ( F ` A ) e. B
";
    let (task, mut arena) = room.task("tweak");
    let Prepared { theory, moves, .. } = &room.scribe.prepared;
    let texts = Texts { theory, moves, task: &task, allowed: &|_| true };
    let read = texts.read(text, &mut arena).expect("it is read");
    let tables = Tables::new(theory);
    assert_eq!(read.proof.check(theory, moves, &tables, &task, &mut arena), Ok(()));
    let again = texts.write(&read.proof, &[], &mut arena);
    assert_eq!(again.replace("ph ,  A e. B", "A e. B ,  ph"), text);
    assert_eq!((read.lines, read.deciders), (vec![3, 2, 4, 1], vec![None; 4]));
}

#[test]
fn a_text_gives_the_answers_own_proof() {
    let room = Room::new();
    for label in ["tfcl2", "tmix", "tkept", "tdrop"] {
        let (answer, text) = room.answer(label);
        assert_eq!(room.replay(label, &text), Ok(answer.proof.clone()), "{label}\n{text}");
        assert_eq!(room.answer(label).1, text, "{label}");
        // order of lines, indentation and remarks do not matter, as long as the root comes first
        let (root, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let turned: Vec<String> = rest.lines().rev().map(|l| format!("{}\n\n; a remark", l.trim())).collect();
        let turned = format!("{root}\n{}", turned.join("\n"));
        assert_eq!(room.replay(label, &turned), Ok(answer.proof), "{label}");
    }
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
    assert_eq!(answer.text.map(|t| t.decisions), Some(2));
    assert_eq!(answer.proof.len(), 3);
}

#[test]
fn what_does_not_hold_is_refused_with_its_line() {
    let room = Room::new();
    let text = room.answer("tfcl2").1;
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let (line, message) = room.refused("tfcl2", &text.replacen(from, to, 1));
        format!("{}: {message}", line.map_or("-".to_owned(), |l| l.to_string()))
    };
    for (from, to, said) in [
        ("1  APPLY", "1 APPLY", "1: expected the node's number, found '1 APPLY fcl'"),
        ("1  APPLY", "x  APPLY", "1: expected the node's number"),
        ("  2  APPLY", "  1  APPLY", "2: there is a node 1 already"),
        ("APPLY fcl", "JUMP fcl", "1: expected an opcode"),
        ("APPLY fcl", "APPLY fxl", "1: no assertion before the task is labelled 'fxl'"),
        ("APPLY fcl", "APPLY tmix", "1: no assertion before the task"),
        ("APPLY fcl", "APPLY eleq1", "1: no reading of 'eleq1'"),
        ("APPLY fcl", "APPLY fcl  part A e. B", "1: APPLY takes no 'part'"),
        ("APPLY fcl", "APPLY fcl  x := y", "1: 'fcl' has no variable 'x'"),
        ("APPLY fcl", "APPLY fcl  B := A", "1: no reading of 'fcl'"),
        ("from 2", "from 9", "1: there is no node 9"),
        ("from 2", "from 3", "2: the root does not rest on it"),
        ("from 3", "from 1", "1: it rests on itself"),
        ("MEMBER  :", "MEMBER  ", "3: expected ':' and a sequent"),
        ("MEMBER  :  A e. B", "MEMBER  :  A e. B e.", "3: `|- A e. B e.`"),
        ("MEMBER  :  A e. B", "MEMBER  :  A e. C", "3: the check fails: it is no member"),
        ("MEMBER", "CLOSE numbers", "3: 'numbers' does not close it"),
        ("MEMBER", "SPLIT", "3: the check fails"),
        ("MEMBER", "WEAKEN", "3: the check fails"),
        ("MEMBER", "HYP tmix.1", "3: the task has no hypothesis 'tmix.1'"),
        ("MEMBER", "USE A e. B  reading 0", "3: no reading of it answers this"),
    ] {
        let found = changed(from, to);
        assert!(found.starts_with(said), "{from} -> {to}: {found}");
    }
    // what follows by connectives needs no member
    assert!(room.replay("tfcl2", &text.replacen("MEMBER", "CLOSE propositional", 1)).is_ok());
    assert_eq!(room.refused("tmix", &text).1, "the check fails: a child does not serve its part");
    assert_eq!(room.refused("tfcl2", "; nothing\n"), (None, "expected nodes, found none".to_owned()));
}
