//! The hash functions of the log: SHA-256 (default), BLAKE3. One small trait.
//!
//! The three uses are kept apart as in RFC 9162, 2.1.1: a record's leaf is hashed behind the byte 0x00, an inner
//! node behind 0x01; the chain of heads behind 0x02. Price a record, one leaf and one node: SHA-256 with the CPU's
//! instructions three blocks of 64 bytes; BLAKE3 costs more for so little.

use sha2::block_api::compress256;
use sha2::{Digest as _, Sha256};

/// 32 bytes of a hash.
pub type Digest = [u8; 32];

/// The kind of data that is hashed. Each kind has its own prefix byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Domain {
    /// The bytes of a record.
    Leaf = 0,
    /// Two digests, left and right.
    Node = 1,
    /// A head of the chain.
    Head = 2,
}

/// A hash function of the log.
pub trait LogHash: Send + Sync {
    /// Its name in files.
    fn name(&self) -> &'static str;
    /// Its code in segment headers.
    fn code(&self) -> u8;
    /// The digest of `bytes` in a domain.
    fn hash(&self, domain: Domain, bytes: &[u8]) -> Digest;
    /// The digest of an inner node.
    fn node(&self, left: &Digest, right: &Digest) -> Digest {
        let mut both = [0; 64];
        both[..32].copy_from_slice(left);
        both[32..].copy_from_slice(right);
        self.hash(Domain::Node, &both)
    }
    /// The root of a log without records.
    fn empty(&self) -> Digest;
}

/// All hash functions, the default first.
pub fn all() -> [&'static dyn LogHash; 2] {
    [&Sha2, &Blake3]
}

/// The function of this name.
pub fn by_name(name: &str) -> Option<&'static dyn LogHash> {
    all().into_iter().find(|h| h.name() == name)
}

/// SHA-256 (FIPS 180-4): digest of prefix byte and bytes.
#[derive(Clone, Copy, Default, Debug)]
pub struct Sha2;

const SHA2_START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

fn sha2_digest(state: [u32; 8]) -> Digest {
    let mut out = [0; 32];
    for (o, w) in out.chunks_exact_mut(4).zip(state) {
        o.copy_from_slice(&w.to_be_bytes());
    }
    out
}

/// Prefix and at most 54 bytes, padded: one block.
#[inline]
fn sha2_short(prefix: u8, bytes: &[u8]) -> Digest {
    let mut block = [0u8; 64];
    block[0] = prefix;
    block[1..=bytes.len()].copy_from_slice(bytes);
    block[bytes.len() + 1] = 0x80;
    block[56..].copy_from_slice(&(8 * (bytes.len() as u64 + 1)).to_be_bytes());
    let mut state = SHA2_START;
    compress256(&mut state, &[block]);
    sha2_digest(state)
}

impl LogHash for Sha2 {
    fn name(&self) -> &'static str {
        "sha256"
    }
    fn code(&self) -> u8 {
        1
    }
    #[inline]
    fn hash(&self, domain: Domain, bytes: &[u8]) -> Digest {
        if bytes.len() <= 54 {
            return sha2_short(domain as u8, bytes);
        }
        let mut hash = Sha256::new();
        hash.update([domain as u8]);
        hash.update(bytes);
        hash.finalize().into()
    }
    #[inline]
    fn node(&self, left: &Digest, right: &Digest) -> Digest {
        let mut blocks = [[0u8; 64]; 2];
        blocks[0][0] = Domain::Node as u8;
        blocks[0][1..33].copy_from_slice(left);
        blocks[0][33..].copy_from_slice(&right[..31]);
        blocks[1][0] = right[31];
        blocks[1][1] = 0x80;
        blocks[1][56..].copy_from_slice(&(8 * 65u64).to_be_bytes());
        let mut state = SHA2_START;
        compress256(&mut state, &blocks);
        sha2_digest(state)
    }
    fn empty(&self) -> Digest {
        Sha256::digest([]).into()
    }
}

/// BLAKE3: digest of prefix byte and bytes.
#[derive(Clone, Copy, Default, Debug)]
pub struct Blake3;

impl LogHash for Blake3 {
    fn name(&self) -> &'static str {
        "blake3"
    }
    fn code(&self) -> u8 {
        2
    }
    fn hash(&self, domain: Domain, bytes: &[u8]) -> Digest {
        let mut hash = blake3::Hasher::new();
        hash.update(&[domain as u8]);
        hash.update(bytes);
        hash.finalize().into()
    }
    fn empty(&self) -> Digest {
        blake3::hash(b"").into()
    }
}
