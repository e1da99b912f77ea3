//! Bad programs end in a named fault or are refused, with the instruction's place; never in a crash.

use super::random::Lines;
use super::*;
use crate::dsl::programs::program::ProgramError;
use sha2::{Digest, Sha256};

/// The bytes with some changed, and the hash made right again, so that they get past it.
fn mutate(lines: &mut Lines, good: &[u8], instructions: u64) -> Vec<u8> {
    let mut bytes = good[..good.len() - 32].to_vec();
    let first = bytes.len() - 64 * instructions as usize;
    // instructions over other ones: they stay well formed, but mean something else there
    for _ in 0..lines.below(8) {
        let [from, to] = [0, 0].map(|_| first + 64 * lines.below(instructions) as usize);
        bytes.copy_within(from..from + 64, to);
    }
    if lines.below(2) == 0 {
        return hashed(bytes);
    }
    for _ in 0..lines.below(4) + 1 {
        let i = lines.below(bytes.len() as u64) as usize;
        match lines.below(5) {
            0 => bytes[i] = lines.below(256) as u8,
            1 => bytes[i] ^= 1 << lines.below(8),
            2 => bytes[i] = 0xff,
            3 => bytes.truncate(i.max(1)),
            _ => bytes.insert(i, lines.below(256) as u8),
        }
    }
    hashed(bytes)
}

fn hashed(mut bytes: Vec<u8>) -> Vec<u8> {
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    bytes.extend_from_slice(&hash);
    bytes
}

#[test]
fn mutated_programs_are_refused_or_end_in_a_named_fault() {
    let mut lines = Lines(99);
    let (mut refused, mut faulted, mut ended) = (0, 0, 0);
    for n in 0..1500 {
        let good = lines.program();
        let bytes = mutate(&mut lines, &good.encode(), good.instructions().len() as u64);
        let program = match Program::decode(&bytes) {
            Ok(p) => p,
            Err(why) => {
                refused += 1;
                let text = why.to_string();
                let placed = !matches!(why, ProgramError::Instruction(..)) || text.starts_with("instruction ");
                assert!(placed && !text.contains('\n'), "{text}");
                continue;
            }
        };
        assert_eq!(program.encode(), bytes, "one program has one binary form");
        let (toy, arena) = Toy::new();
        let mut m = Machine::new(&toy, &toy, arena.clone());
        m.load_mixture();
        m.set_page_limit((n % 3 == 0).then_some(6));
        m.set_tracing(n % 2 == 0);
        let out = m.run(&program, 300).unwrap();
        let mut again = arena.clone();
        assert_eq!(m.log.replay(&mut again).unwrap().digest(), m.workspace.digest());
        match out.stop {
            StopReason::Fault(f) => {
                faulted += 1;
                assert!((f.instruction as usize) < program.instructions().len() && !f.claim.is_empty());
                let mut before = Machine::new(&toy, &toy, arena);
                before.load_mixture();
                before.set_page_limit((n % 3 == 0).then_some(6));
                before.run(&program, out.steps - 1).unwrap();
                assert_eq!(before.workspace.digest(), m.workspace.digest(), "{f}");
            }
            _ => ended += 1,
        }
    }
    assert!(refused > 300 && faulted + ended > 300, "{refused} {faulted} {ended}");
}
