//! Page files: what comes back is what was saved, lazily; whatever is damaged is refused by the access that touches it
//! (docs/workspace.md, "Page files").

use metadream_core::dsl::asm::assemble;
use metadream_core::dsl::cell::{Address, Cell, Content, Span};
use metadream_core::dsl::isa::LinkKind;
use metadream_core::dsl::logic::Nothing;
use metadream_core::dsl::machine::{Machine, StopReason};
use metadream_core::dsl::obligation::FaultKind;
use metadream_core::dsl::page_file::{open, save, PageFileError};
use metadream_core::dsl::workspace::{Link, Workspace};
use metadream_core::metamath_db::ids::{SymbolId, TermId};
use metadream_core::metamath_db::term::Arena;
use std::path::{Path, PathBuf};

/// A folder of its own for each test, gone at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("metadream-pages-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn at(i: u64) -> Address {
    Address::from_packed(i).unwrap()
}

fn cell(c: Content, time: u64) -> Cell {
    Cell { value: c.value, inline: c.inline, tag: c.tag, time, ..Cell::EMPTY }
}

/// Some 60 cells in pages 0, 1, 3 and the last one, links within and between pages, and a term of the session.
fn sample() -> (Workspace, Arena) {
    let mut arena = Arena::new();
    let term = arena.variable(SymbolId(7));
    let mut w = Workspace::new();
    for i in 0..20 {
        w.set(at(i * 13), cell(Content::int(i as i64 % 5), i));
        w.set(at(256 + i), cell(Content::bytes(format!("cell {i}").as_bytes()).unwrap(), i));
        w.set(at(3 * 256 + i), cell(Content::pair(at(i), at(256 + i)), i));
    }
    w.set(at((1 << 31) - 1), cell(Content::term(term), 99));
    for (from, kind, to) in [(0, LinkKind::Before, 256), (256, LinkKind::Before, 770), (770, LinkKind::Edge, 0)] {
        assert_eq!(w.link(Link { from: at(from), kind, to: at(to) }), Ok(true));
    }
    (w, arena)
}

fn saved(path: &Path) -> Workspace {
    let (w, arena) = sample();
    save(&w, &arena, 0, path).unwrap();
    w
}

#[test]
fn what_is_opened_is_what_was_saved_and_pages_come_when_they_are_touched() {
    let scratch = Scratch::new("round");
    let before = saved(&scratch.file("a"));
    let mut arena = Arena::new();
    let mut w = open(&scratch.file("a"), &mut arena).unwrap();
    assert_eq!((arena.len(), w.used(), w.pages(), w.unread()), (1, before.used(), 4, 4));
    assert_eq!((w.content(at(256)).as_bytes(), w.unread()), (Some(b"cell 0".to_vec()), 3));
    assert_eq!((w.later(at(0)), w.unread()), (vec![at(256), at(770)], 1));
    assert_eq!((w.release(), w.unread()), (3, 4));
    let ones = w.find(Content::int(1), Span::program(), 99);
    assert_eq!((ones, w.unread()), (vec![at(13), at(78), at(143), at(208)], 0));
    assert_eq!(w.digest(), before.digest());
    assert!(w.index_is_true() && before.diff(&w).cells.is_empty() && w.broken().is_ok());

    // what is written stays in memory, and a snapshot does not see it
    let snapshot = w.snapshot();
    w.refresh(true, &mut |_, _| {});
    w.set(at(5), cell(Content::int(77), 1));
    assert_eq!((w.release(), w.content(at(5)).as_int()), (3, Some(77)));
    assert_eq!((snapshot.digest(), snapshot.diff(&w).cells.len()), (before.digest(), 1));
    assert_eq!(w.find(Content::int(77), Span::program(), 9), vec![at(5)]);
    assert!(w.index_is_true());

    // a half lazy workspace can be saved over its own file
    w.release();
    save(&w, &arena, 0, &scratch.file("a")).unwrap();
    let again = open(&scratch.file("a"), &mut Arena::new()).unwrap();
    assert_eq!(again.digest(), w.digest());
    assert_eq!(std::fs::read_dir(&scratch.0).unwrap().count(), 1, "nothing is left beside the file");
}

#[test]
fn every_flipped_bit_is_found_at_opening_or_by_the_access_that_touches_the_page() {
    let scratch = Scratch::new("flips");
    let before = saved(&scratch.file("a"));
    let bytes = std::fs::read(scratch.file("a")).unwrap();
    let damaged = scratch.file("b");
    let (mut at_opening, mut at_touch) = (0, 0);
    let all = bytes.len() * 8;
    // the last 384 bytes are terms, table and end record: every third bit of them; elsewhere a sample
    for bit in (0..all).step_by(4001).chain((all - 8 * 384..all).step_by(3)) {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&damaged, &changed).unwrap();
        match open(&damaged, &mut Arena::new()) {
            Err(e) => {
                at_opening += 1;
                assert!(!e.to_string().is_empty() && !e.to_string().contains('\n'));
            }
            Ok(w) => {
                at_touch += 1;
                let broken: Vec<u64> =
                    [0, 256, 768, (1 << 31) - 1].into_iter().filter(|&a| w.touch(at(a)).is_err()).collect();
                assert_eq!(broken.len(), 1, "bit {bit}: the page that holds it, and no other");
                assert!(w.broken().is_ok() && w.get(at(broken[0])).is_empty());
                assert_eq!(u64::from(w.broken().unwrap_err().page), broken[0] >> 8);
                assert!(w.broken().is_ok(), "told once");
                assert!(matches!(save(&w, &Arena::new(), 0, &scratch.file("c")), Err(PageFileError::Page(_))));
            }
        }
    }
    assert!(at_opening >= 1024 && at_touch > 100, "{at_opening} {at_touch}");
    assert!(before.used() > 0 && !scratch.file("c").exists());
}

#[test]
fn a_broken_page_takes_no_write_and_no_link_and_no_content_read_passes_over_it() {
    let scratch = Scratch::new("writes");
    saved(&scratch.file("a"));
    let mut bytes = std::fs::read(scratch.file("a")).unwrap();
    bytes[16_384 + 24 + 5] ^= 1; // the second page (the first has one link out, one in)
    std::fs::write(scratch.file("b"), bytes).unwrap();
    let mut w = open(&scratch.file("b"), &mut Arena::new()).unwrap();
    assert!(w.touch(at(0)).is_ok() && w.touch(at(300)).is_err());
    w.set(at(300), cell(Content::int(1), 1));
    assert!(w.broken().is_err() && w.get(at(300)).is_empty() && w.broken().is_err());
    assert!(w.link(Link { from: at(0), kind: LinkKind::Edge, to: at(256) }).is_err() && w.broken().is_err());
    for _ in 0..3 {
        w.refresh(true, &mut |_, _| {});
        assert!(w.broken().is_err());
        w.find(Content::int(1), Span::program(), 9);
        assert!(w.broken().is_err());
    }
    w.digest();
    assert!(w.broken().is_err());
}

#[test]
fn files_that_are_cut_off_or_not_ours_are_refused_in_one_line() {
    let scratch = Scratch::new("cut");
    saved(&scratch.file("a"));
    let bytes = std::fs::read(scratch.file("a")).unwrap();
    let mut arena = Arena::new();
    for len in (0..bytes.len()).step_by(997).chain([bytes.len() - 1, bytes.len() - 152]) {
        std::fs::write(scratch.file("b"), &bytes[..len]).unwrap();
        let e = open(&scratch.file("b"), &mut arena).err().expect("refused");
        assert_eq!(e, PageFileError::NoPageFile, "{len}");
        assert!(!e.to_string().contains('\n') && arena.is_empty());
    }
    // something missing in the middle
    std::fs::write(scratch.file("b"), [&bytes[..1000], &bytes[2000..]].concat()).unwrap();
    assert!(matches!(open(&scratch.file("b"), &mut arena), Err(PageFileError::Damaged(_))));
    arena.variable(SymbolId(1));
    assert_eq!(open(&scratch.file("a"), &mut arena).err(), Some(PageFileError::OtherTerms));
    assert!(matches!(open(&scratch.file("missing"), &mut arena), Err(PageFileError::Io(_))));
}

#[test]
fn facts_do_not_go_into_page_files() {
    let scratch = Scratch::new("facts");
    let (mut w, arena) = sample();
    w.set(at(9), cell(Content::fact(TermId(0), 0), 1));
    assert_eq!(save(&w, &arena, 0, &scratch.file("a")), Err(PageFileError::Fact(at(9))));
    assert_eq!(std::fs::read_dir(&scratch.0).unwrap().count(), 0);
}

#[test]
fn a_machine_goes_on_from_a_page_file_and_faults_where_a_page_is_broken() {
    let scratch = Scratch::new("machine");
    let make = "  MOV 0:0:0, #20\n  MOV 1:0:0, #22\n  MOV 2:0:0, #1\n  LINK.edge 0:0:0, 1:0:0\n";
    let run = |m: &mut Machine, lines: &str, tracing: bool| {
        m.set_tracing(tracing);
        m.run(&assemble(&format!(".block main\n{lines}")).unwrap(), 1000).unwrap().stop
    };
    let mut first = Machine::new(Nothing, Nothing, Arena::new());
    assert_eq!(run(&mut first, make, true), StopReason::End);
    first.save_pages(&scratch.file("a")).unwrap();
    assert_eq!(first.open_pages(&scratch.file("a")), Err(PageFileError::Used));
    let sum = "  MAP.add 0:0:5, 0:0:0*1, 1:0:0\n";
    assert_eq!(run(&mut first, sum, true), StopReason::End);
    for tracing in [true, false] {
        let mut m = Machine::new(Nothing, Nothing, Arena::new());
        m.open_pages(&scratch.file("a")).unwrap();
        assert_eq!(run(&mut m, sum, tracing), StopReason::End);
        assert_eq!((m.workspace().content(at(5)).as_int(), m.workspace().unread()), (Some(42), 1));
        assert_eq!(m.release_pages(), 1, "page 1; page 0 was written");
    }
    let mut bytes = std::fs::read(scratch.file("a")).unwrap();
    bytes[16_384 + 12] ^= 4; // page 1, behind page 0 and its link
    std::fs::write(scratch.file("b"), bytes).unwrap();
    let touching = [
        sum,
        "  MOV 0:0:5, 1:0:9\n",
        "  MOV 1:0:9, #5\n",
        "  LINK.edge 2:0:0, 1:0:0\n",
        "  READK 0:1:0, #22\n",
        "  REDUCE.count 0:1:0, 1:0:0*16\n",
        "  SPAWN.once 1:0:1, %child, #5\n.block child\n  MOV 0:0:9, #1\n",
        "  ?1:0:0 MOV 0:0:5, #7\n",
        "  SPAWN.while 0:0:5, %child, #9, 1:0:0\n.block child\n  MOV 0:0:9, #1\n",
    ];
    for (lines, tracing) in touching.iter().flat_map(|l| [(l, true), (l, false)]) {
        let mut m = Machine::new(Nothing, Nothing, Arena::new());
        m.open_pages(&scratch.file("b")).unwrap();
        let StopReason::Fault(f) = run(&mut m, lines, tracing) else { panic!("no fault: {lines}") };
        assert_eq!((f.kind, f.address, f.instruction), (FaultKind::Storage, Some(at(256)), 0), "{lines}");
        assert!(f.claim.contains("page 1 of "), "{}", f.claim);
        assert_eq!(m.workspace().used(), 3, "nothing changed: {lines}");
        // what does not touch it goes on
        assert_eq!(run(&mut m, "  MAP.add 0:0:5, 0:0:0*1, 2:0:0\n", tracing), StopReason::End);
    }
}
