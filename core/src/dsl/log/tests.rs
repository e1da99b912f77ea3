//! Logs on storage that fails, on disks, in several processes; SAFETY.md's rows 9 to 12.

use super::*;

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
