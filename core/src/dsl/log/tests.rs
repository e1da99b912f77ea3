//! Logs on storage that fails, on disks, in several processes; SAFETY.md's rows 9 to 12.

use super::*;
use crate::dsl::log::files::storage::faulty::{Disk, Faulty};
use crate::dsl::log::files::{format, keep};

#[test]
fn the_root_sees_every_record_and_a_log_that_is_off_counts() {
    let spawn = |time| Record::Spawn { stamp: Stamp { time, ..Stamp::default() } };
    let mut roots = std::collections::BTreeSet::new();
    for changed in 0..5 {
        let mut log = Log::memory();
        let mut off = Log::off();
        for i in 0..u64::from(CHUNK_RECORDS) + 3 {
            let record = spawn(if i % 4096 == changed { 99_999 } else { i });
            log.push(record.clone());
            off.push(record);
        }
        assert_eq!((log.len(), log.next_id()), (off.len(), off.next_id()));
        assert_eq!((log.records().count(), off.records().count()), (4099, 0));
        assert!(roots.insert(log.root(&hash::Sha2)));
    }
}

#[test]
fn log_pointers_count_from_the_beginning_of_the_session() {
    let mut log = Log::memory();
    for _ in 0..2 {
        log.begin(Origin::default());
        assert_eq!(log.next_id().number(), 1);
        log.push(Record::Spawn { stamp: Stamp::default() });
    }
    assert_eq!(log.len(), 4);
    let mut replay = Replay::default();
    log.records().try_for_each(|r| replay.apply(r)).unwrap();
    assert_eq!((replay.begun, replay.ended), (2, 0));
}

/// A session's worth of writes, spawns and terms, encoded; `n` records, repeatable.
fn records(n: u64) -> Vec<Vec<u8>> {
    let at = |i| Address::from_packed(i).unwrap();
    let mut workspace = Workspace::new();
    let mut log = Log::memory();
    log.begin(Origin { name: "test".into(), terms: 5, ..Origin::default() });
    while log.len() < n {
        let i = log.len();
        let stamp = Stamp { time: i, opcode: 1, instruction: (i % 7) as u32 };
        let content = match i % 5 {
            0 => Content::bytes(&i.to_le_bytes()).unwrap(),
            _ => Content::int(i as i64),
        };
        let id = log.next_id();
        let cell = Cell {
            value: content.value,
            inline: content.inline,
            tag: content.tag,
            opcode: 1,
            instruction: stamp.instruction,
            segment: id.segment,
            record: id.record,
            time: i,
            ..Cell::EMPTY
        };
        let old = workspace.set(at(i * 37 % 300), cell);
        log.write(stamp, at(i * 37 % 300), &old, &content, 0);
    }
    log.records()
        .map(|r| {
            let mut bytes = Vec::new();
            r.put(&mut bytes);
            bytes
        })
        .collect()
}

fn fresh(h: &'static dyn LogHash) -> (Faulty, Sealer) {
    let storage = Faulty::default();
    let sealer = Sealer::create(Box::new(storage.clone()), h).unwrap();
    (storage, sealer)
}

fn first_finding(disk: Disk) -> Option<Finding> {
    audit::audit(&mut Faulty::on(disk), 1).unwrap().findings.into_iter().next()
}

/// The number of acknowledged records, if the log is unharmed and holds a beginning of `all`.
fn holds(disk: Disk, all: &[Vec<u8>]) -> u64 {
    let mut storage = Faulty::on(disk);
    let found = audit::audit(&mut storage, 2).unwrap();
    assert_eq!(found.findings, []);
    let head = found.head.unwrap();
    let mut bytes = Vec::new();
    audit::for_each(&mut storage, &head, &mut |number, record| {
        bytes.clear();
        record.put(&mut bytes);
        assert_eq!(bytes, all[number as usize]);
        Ok(())
    })
    .unwrap();
    head.records
}

#[test]
fn segments_are_sealed_and_equal_records_give_equal_files_however_they_were_grouped() {
    let all = records(2 * record::SEGMENT_RECORDS + 1000);
    let (whole, mut sealer) = fresh(&hash::Sha2);
    sealer.append(&all.concat()).unwrap();
    let head = sealer.commit().unwrap();
    assert_eq!((head.records, head.segments()), (all.len() as u64, 3));
    let (parts, mut sealer) = fresh(&hash::Sha2);
    for (i, part) in all.chunks(50_001).enumerate() {
        sealer.append(&part.concat()).unwrap();
        assert_eq!(sealer.commit().unwrap().segments() as usize, (i * 50_001 + part.len()).div_ceil(1 << 16));
        sealer = Sealer::open(Box::new(parts.clone())).unwrap();
    }
    for name in whole.disk().names() {
        assert_eq!(whole.disk().bytes(&name), parts.disk().bytes(&name), "{name}");
    }
    assert_eq!(holds(whole.disk(), &all), all.len() as u64);
    let mut tree = Tree::default();
    all.iter().for_each(|r| tree.push(&hash::Sha2, hash::Sha2.hash(Domain::Leaf, r)));
    assert_eq!(tree.root(&hash::Sha2), head.root);
    let mut storage = whole.clone();
    for number in [0, 1, 65_535, 65_536, 131_071, 131_072, all.len() as u64 - 1] {
        let text = proof::prove_inclusion(&mut storage, &head, number).unwrap();
        let checked = proof::check(&text).unwrap();
        assert!(checked.valid && checked.root == head.root && checked.number == number);
        let forged = text.replacen(&format!("\"number\":{number}"), &format!("\"number\":{}", number ^ 1), 1);
        assert!(!proof::check(&forged).unwrap().valid);
        let old = proof::check(&proof::prove_consistency(&mut storage, &head, number).unwrap()).unwrap();
        assert!(old.valid);
    }
    let none = proof::prove_inclusion(&mut storage, &head, head.records);
    assert!(matches!(none, Err(LogError::NoRecord { .. })));
    damaged_segments_are_named(&whole.disk());
}

/// Of a log with three segments: every kind of damage to the middle one is found and named.
fn damaged_segments_are_named(good: &Disk) {
    let name = format::segment_name(1);
    let bytes = good.bytes(&name).unwrap().clone();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut disk = good.clone();
        let mut b = bytes.clone();
        change(&mut b);
        disk.replace(&name, b);
        first_finding(disk).expect("found")
    };
    let found = with(&|b| b[9] ^= 1);
    assert_eq!((found.file.as_str(), found.wrong), (name.as_str(), Wrong::Header));
    let middle = bytes.len() / 2;
    let found = with(&|b| b[middle] ^= 4);
    let at = found.at.expect("the record is named");
    assert!(at.segment == 1 && found.offset <= middle as u64 && found.offset + 80 > middle as u64, "{found}");
    assert_eq!(with(&|b| *b.last_mut().unwrap() ^= 1).wrong, Wrong::Seal);
    assert!(matches!(with(&|b| b.truncate(b.len() - 5)).wrong, Wrong::Truncated(5)));
    assert!(matches!(with(&|b| b.push(0)).wrong, Wrong::Trailing(1)));
    let forged = with(&|b| {
        // a record and its check word together: only the root can tell
        let n = record::length(&b[64..]).unwrap();
        b[64 + 20] ^= 1;
        let leaf = hash::Sha2.hash(Domain::Leaf, &b[64..64 + n]);
        b[64 + n..64 + n + 4].copy_from_slice(&leaf[..4]);
    });
    assert_eq!(forged.wrong, Wrong::Root);
}

/// SAFETY.md, row 10: bit flips and truncations of a segment of 64 KB, and of the head.
#[test]
fn every_sampled_bit_flip_and_truncation_is_detected() {
    for h in [&hash::Sha2 as &'static dyn LogHash, &hash::Blake3] {
        let all = records(1300);
        let (storage, mut sealer) = fresh(h);
        sealer.append(&all.concat()).unwrap();
        sealer.commit().unwrap();
        let good = storage.disk();
        assert_eq!(holds(good.clone(), &all), 1300);
        let name = format::segment_name(0);
        let size = good.bytes(&name).unwrap().len();
        assert!(size > 60_000, "{size}");
        let mut random = 12_345u64;
        for _ in 0..1000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let bit = (random >> 20) as usize % (8 * size);
            for cut in [false, true] {
                let mut b = good.bytes(&name).unwrap().clone();
                match cut {
                    true => b.truncate(bit / 8),
                    false => b[bit / 8] ^= 1 << (bit % 8),
                }
                let mut disk = good.clone();
                disk.replace(&name, b);
                let found = first_finding(disk).expect("detected");
                assert!(found.offset as usize <= bit / 8 && found.file == name);
                assert!(found.at.is_some() || bit / 8 < 64, "{found}");
            }
        }
        let head = good.bytes(format::HEAD_FILE).unwrap().clone();
        for bit in 0..8 * head.len() {
            let mut b = head.clone();
            b[bit / 8] ^= 1 << (bit % 8);
            let mut disk = good.clone();
            disk.replace(format::HEAD_FILE, b);
            assert_eq!(first_finding(disk).expect("detected").file, format::HEAD_FILE);
        }
    }
}

/// A scripted run: appends in groups; returns how many records were acknowledged, and the error that ended it.
fn script(storage: &Faulty, all: &[Vec<u8>]) -> (u64, Option<LogError>) {
    let mut acknowledged = 0;
    let mut work = || -> Result<(), LogError> {
        let mut sealer = Sealer::open_or_create(Box::new(storage.clone()), &hash::Sha2)?;
        for part in all[sealer.records() as usize..].chunks(40) {
            sealer.append(&part.concat())?;
            acknowledged = sealer.commit()?.records;
        }
        Ok(())
    };
    let error = work().err();
    (acknowledged, error)
}

/// SAFETY.md, rows 9 and 11: a failing operation, and a power cut that loses what was not synced, at every operation.
#[test]
fn nothing_acknowledged_is_lost_by_errors_and_crashes() {
    let all = records(400);
    let (whole, _) = (Faulty::default(), ());
    assert_eq!(script(&whole, &all), (400, None));
    let operations = whole.disk().operations;
    assert!(operations >= 70, "{operations}");
    for k in 1..=operations {
        for for_good in [false, true] {
            let storage = Faulty::on(Disk { fail_at: Some(k), for_good, ..Disk::default() });
            let (acknowledged, error) = script(&storage, &all);
            assert!(matches!(error, Some(LogError::Io { .. })), "{error:?}");
            for disk in [storage.disk(), storage.disk().after_crash(k * 7919), storage.disk().after_crash(k * 104_729)]
            {
                let again = Faulty::on(Disk { fail_at: None, ..disk });
                assert_eq!(script(&again, &all).1, None, "operation {k}");
                assert!(holds(again.disk(), &all) == 400);
            }
            // before anything is repaired: what was acknowledged is there
            if acknowledged > 0 {
                assert!(holds(storage.disk().after_crash(k), &all) >= acknowledged);
            }
        }
    }
}

#[test]
fn an_error_stops_the_writer_and_sync_says_so() {
    let all = records(3000);
    let storage = Faulty::default();
    let sealer = Sealer::create(Box::new(storage.clone()), &hash::Sha2).unwrap();
    let mut log = Log::to(sealer);
    for r in &all[..1000] {
        log.push(Record::read(r).unwrap().0);
    }
    assert_eq!(log.sync().unwrap().unwrap().records, 1000);
    let now = storage.disk().operations;
    storage.0.lock().unwrap().fail_at = Some(now + 1);
    for r in &all[1000..2000] {
        log.push(Record::read(r).unwrap().0);
    }
    assert!(matches!(log.sync(), Err(LogError::Io { .. })));
    assert!(log.sync().is_err());
    drop(log);
    assert_eq!(holds(storage.disk(), &all), 1000);
    assert_eq!(script(&storage, &all), (3000, None));
}

fn temporary(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("metadream-log-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// SAFETY.md, row 12: of eight writers on one folder one wins, and nothing is corrupted.
#[test]
fn one_writer_a_folder() {
    for round in 0..5 {
        let folder = temporary(&format!("writers-{round}"));
        let all = records(200);
        let start = std::sync::Barrier::new(8);
        let wins: Vec<bool> = std::thread::scope(|scope| {
            let one = || {
                start.wait();
                match Log::create(&folder, &hash::Sha2) {
                    Ok(mut log) => {
                        all.iter().for_each(|r| log.push(Record::read(r).unwrap().0));
                        assert_eq!(log.sync().unwrap().unwrap().records, 200);
                        true
                    }
                    Err(e) => {
                        assert!(matches!(e, LogError::Locked { .. } | LogError::Occupied), "{e}");
                        false
                    }
                }
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(wins.iter().filter(|w| **w).count(), 1);
        let found = audit::audit(&mut Folder::reader(&folder), 2).unwrap();
        assert!(found.findings.is_empty() && found.head.unwrap().records == 200 && found.sessions == 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn sessions_are_appended_once_and_compared_when_they_come_again() {
    let folder = temporary("append");
    let h = &hash::Sha2;
    let session = |n: u64| records(n).concat();
    let first = keep::append(&folder, h, (0, None), &[session(10), session(20)]).unwrap();
    assert_eq!(first.0, 30);
    let (at, root) = (first.0, Some(first.1));
    let second = keep::append(&folder, h, (at, root), &[session(15)]).unwrap();
    for _ in 0..2 {
        assert_eq!(keep::append(&folder, h, (at, root), &[session(15)]).unwrap(), second);
    }
    let more = keep::append(&folder, h, (at, root), &[session(15), session(4)]).unwrap();
    assert_eq!(more.0, 49);
    let wrong = |r| matches!(r, Err(LogError::Wrong(Finding { wrong: Wrong::Different, .. })));
    assert!(wrong(keep::append(&folder, h, (at, root), &[session(16), session(4)])));
    // a part of what stands there is there: a cycle that is done again while later ones stand behind it
    assert_eq!(keep::append(&folder, h, (at, root), &[session(15)]).unwrap(), second);
    assert!(wrong(keep::append(&folder, h, (at, Some([7; 32])), &[session(15), session(4)])));
    assert!(matches!(keep::append(&folder, h, (99, None), &[]), Err(LogError::NoRecord { .. })));
    assert!(matches!(keep::append(&folder, &hash::Blake3, (at, None), &[]), Err(LogError::OtherHash("sha256"))));
    let rebuilt = keep::rebuild(&folder, None).unwrap().unwrap();
    assert_eq!((rebuilt.sessions, rebuilt.ended, rebuilt.session), (4, 0, 3));
    assert!(keep::rebuild(&folder, Some(4)).unwrap().is_none());
    let image = keep::image(&rebuilt.workspace);
    assert_eq!(image.len() as u64, 24 + 68 * rebuilt.workspace.used() + 32);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn files_are_bound_and_what_else_is_there_is_not() {
    let folder = temporary("bind");
    let none = keep::bound(&folder);
    assert!(matches!(none, Err(LogError::None)), "{:?}", none.err());
    for i in 1..=3u8 {
        let head = keep::bind(&folder, u32::from(i), [i; 32]).unwrap();
        assert_eq!(keep::bound(&folder).unwrap(), (u32::from(i), [i; 32], head));
    }
    keep::append(&folder, &hash::Sha2, (3, None), &[records(2).concat()]).unwrap();
    let last = keep::bound(&folder);
    assert!(matches!(last, Err(LogError::Wrong(Finding { wrong: Wrong::NoFiles, .. }))));
    std::fs::remove_dir_all(&folder).unwrap();
}
