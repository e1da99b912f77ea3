//! The Poseidon permutation over the scalar field of BN254, p = 21888242871839275222246405745257275088548364400416034343698204186575808495617:
//! width 3, x^5, 8 full and 57 partial rounds (Grassi, Khovratovich, Rechberger, Roy, Schofnegger, USENIX Security
//! 2021; parameter set `poseidonperm_x5_254_3` of the authors' reference code). Round constants and matrix are drawn
//! by the paper's Grain LFSR when first used (appendix E); the tests hold the published vectors.
//!
//! Price: about 65 × 12 multiplications of 256 bits a permutation, some 20 µs; one for a node, one for every 62
//! bytes of a record.

use std::sync::OnceLock;

const WIDTH: usize = 3;
const FULL: usize = 8;
const PARTIAL: usize = 57;
const ROUNDS: usize = FULL + PARTIAL;
/// Bytes of a chunk that become one field element: always less than p.
const CHUNK: usize = 31;

/// p, least word first.
const P: [u64; 4] = [0x43e1_f593_f000_0001, 0x2833_e848_79b9_7091, 0xb850_45b6_8181_585d, 0x3064_4e72_e131_a029];
/// 2^512 mod p: brings a number into Montgomery form.
const R2: [u64; 4] = [0x1bb8_e645_ae21_6da7, 0x53fe_3ab1_e35c_59e3, 0x8c49_833d_53bb_8085, 0x0216_d0b1_7f4e_44a5];
/// −1/p mod 2^64.
const NEG_INV: u64 = 0xc2e1_f593_efff_ffff;

/// A field element times 2^256, below p.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Fp([u64; 4]);

/// a + b·c + carry: low word and carry.
#[inline]
fn mac(a: u64, b: u64, c: u64, carry: u64) -> (u64, u64) {
    let t = u128::from(a) + u128::from(b) * u128::from(c) + u128::from(carry);
    (t as u64, (t >> 64) as u64)
}

fn less(a: &[u64; 4], b: &[u64; 4]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

fn subtract(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let mut out = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        let (x, b1) = a[i].overflowing_sub(b[i]);
        let (y, b2) = x.overflowing_sub(u64::from(borrow));
        out[i] = y;
        borrow = b1 || b2;
    }
    out
}

fn reduce(a: [u64; 4]) -> [u64; 4] {
    match less(&a, &P) {
        true => a,
        false => subtract(&a, &P),
    }
}

impl Fp {
    const ZERO: Fp = Fp([0; 4]);

    /// From a number below 2^256.
    fn new(mut n: [u64; 4]) -> Fp {
        while !less(&n, &P) {
            n = subtract(&n, &P);
        }
        Fp(n).times(Fp(R2))
    }
    /// The number, below p.
    fn number(self) -> [u64; 4] {
        self.times(Fp([1, 0, 0, 0])).0
    }
    fn plus(self, other: Fp) -> Fp {
        let mut out = [0; 4];
        let mut carry = 0;
        for (o, (a, b)) in out.iter_mut().zip(self.0.iter().zip(&other.0)) {
            (*o, carry) = mac(*a, 1, *b, carry);
        }
        Fp(reduce(out)) // 2p < 2^256: no carry is left
    }
    /// Montgomery's product, word by word.
    fn times(self, other: Fp) -> Fp {
        let mut t = [0u64; 5];
        for &b in &other.0 {
            let mut carry = 0;
            for (t, a) in t.iter_mut().zip(&self.0) {
                (*t, carry) = mac(*t, *a, b, carry);
            }
            let top = t[4] + carry; // stays below 2^64, as p < 2^254
            let m = t[0].wrapping_mul(NEG_INV);
            let (_, mut carry) = mac(t[0], m, P[0], 0);
            for i in 1..4 {
                (t[i - 1], carry) = mac(t[i], m, P[i], carry);
            }
            (t[3], t[4]) = mac(top, 1, carry, 0);
        }
        Fp(reduce([t[0], t[1], t[2], t[3]]))
    }
    fn fifth(self) -> Fp {
        let square = self.times(self);
        square.times(square).times(self)
    }
    /// 1/self, by Fermat: self^(p−2).
    fn inverse(self) -> Fp {
        let exponent = subtract(&P, &[2, 0, 0, 0]);
        let mut out = Fp::new([1, 0, 0, 0]);
        for bit in (0..256).rev() {
            out = out.times(out);
            if exponent[bit / 64] >> (bit % 64) & 1 == 1 {
                out = out.times(self);
            }
        }
        out
    }
    /// From at most 32 bytes, first byte highest.
    fn from_bytes(bytes: &[u8]) -> Fp {
        let mut n = [0u64; 4];
        for (i, &b) in bytes.iter().rev().enumerate() {
            n[i / 8] |= u64::from(b) << (8 * (i % 8));
        }
        Fp::new(n)
    }
    fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        for (i, w) in self.number().iter().rev().enumerate() {
            out[8 * i..8 * i + 8].copy_from_slice(&w.to_be_bytes());
        }
        out
    }
}

/// The generator of constants: an 80-bit shift register in self-shrinking mode.
struct Grain(u128);

impl Grain {
    fn new() -> Grain {
        let fields: [(u128, u32); 7] = [
            (1, 2), // prime field
            (0, 4), // the S-box is a power
            (254, 12),
            (WIDTH as u128, 12),
            (FULL as u128, 10),
            (PARTIAL as u128, 10),
            ((1 << 30) - 1, 30),
        ];
        // the register's first bit is bit 79
        let state = fields.iter().fold(0, |s, &(value, bits)| s << bits | value);
        let mut grain = Grain(state);
        for _ in 0..160 {
            grain.step();
        }
        grain
    }
    fn step(&mut self) -> bool {
        let bit = [62, 51, 38, 23, 13, 0].iter().fold(0, |b, i| b ^ self.0 >> (79 - i) & 1);
        self.0 = (self.0 << 1 | bit) & ((1 << 80) - 1);
        bit == 1
    }
    fn bit(&mut self) -> bool {
        while !self.step() {
            self.step();
        }
        self.step()
    }
    /// 254 bits, highest first.
    fn draw(&mut self) -> [u64; 4] {
        let mut n = [0; 4];
        for i in (0..254).rev() {
            n[i / 64] |= u64::from(self.bit()) << (i % 64);
        }
        n
    }
}

struct Constants {
    round: Vec<[Fp; WIDTH]>,
    matrix: [[Fp; WIDTH]; WIDTH],
}

fn constants() -> &'static Constants {
    static MADE: OnceLock<Constants> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut grain = Grain::new();
        let mut below_p = || loop {
            let n = grain.draw();
            if less(&n, &P) {
                return Fp::new(n);
            }
        };
        let round = (0..ROUNDS).map(|_| [below_p(), below_p(), below_p()]).collect();
        // a Cauchy matrix over six distinct draws; the first six are distinct
        let xy: Vec<Fp> = (0..2 * WIDTH).map(|_| Fp::new(grain.draw())).collect();
        let matrix = [0, 1, 2].map(|i| [0, 1, 2].map(|j| xy[i].plus(xy[WIDTH + j]).inverse()));
        Constants { round, matrix }
    })
}

fn permute(state: &mut [Fp; WIDTH]) {
    let c = constants();
    for (r, added) in c.round.iter().enumerate() {
        for (s, a) in state.iter_mut().zip(added) {
            *s = s.plus(*a);
        }
        let full = !(FULL / 2..FULL / 2 + PARTIAL).contains(&r);
        for s in &mut state[..if full { WIDTH } else { 1 }] {
            *s = s.fifth();
        }
        let mixed =
            c.matrix.map(|row| row.iter().zip(state.iter()).fold(Fp::ZERO, |sum, (m, s)| sum.plus(m.times(*s))));
        *state = mixed;
    }
}

/// The digest of two digests: one permutation of (`domain`, left, right), first element of the result.
pub fn hash_pair(domain: u8, left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut state = [Fp::new([u64::from(domain), 0, 0, 0]), Fp::from_bytes(left), Fp::from_bytes(right)];
    permute(&mut state);
    state[0].to_bytes()
}

/// The digest of bytes: a sponge of rate 2 over chunks of 31 bytes, read with the first byte highest. The first
/// element, the capacity, begins as 2^64 + 256 × length + `domain`, so that neither padding nor domains are confused.
pub fn hash_bytes(domain: u8, bytes: &[u8]) -> [u8; 32] {
    let mut state = [Fp::new([u64::from(domain) | (bytes.len() as u64) << 8, 1, 0, 0]), Fp::ZERO, Fp::ZERO];
    let mut chunks = bytes.chunks(CHUNK);
    loop {
        let (a, b) = (chunks.next(), chunks.next());
        for (s, chunk) in state[1..].iter_mut().zip([a, b]) {
            *s = s.plus(chunk.map_or(Fp::ZERO, Fp::from_bytes));
        }
        permute(&mut state);
        if chunks.len() == 0 {
            return state[0].to_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::trace::hex;
    use super::*;

    /// The vector that comes with the authors' reference code for `poseidonperm_x5_254_3`.
    #[test]
    fn the_permutation_gives_the_published_vector() {
        let mut state = [0u64, 1, 2].map(|n| Fp::new([n, 0, 0, 0]));
        permute(&mut state);
        let expected = [
            "115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a",
            "0fca49b798923ab0239de1c9e7a4a9a2210312b6a2f616d18b5a87f9b628ae29",
            "0e7ae82e40091e63cbd4f16a6d16310b3729d4b6e138fcf54110e2867045a30c",
        ];
        assert_eq!(state.map(|s| hex(&s.to_bytes())), expected);
        let first = "0ee9a592ba9a9518d05986d656f40c2114c4993c11bb29938d21d47304cd8e6e";
        assert_eq!(hex(&constants().round[0][0].to_bytes()), first);
    }

    #[test]
    fn arithmetic_holds_the_field_laws() {
        let mut x = 1u64;
        let mut draw = || {
            let mut n = [0; 4];
            for w in &mut n {
                x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *w = x;
            }
            Fp::new(n)
        };
        let one = Fp::new([1, 0, 0, 0]);
        for _ in 0..50 {
            let (a, b, c) = (draw(), draw(), draw());
            assert_eq!(a.times(b.plus(c)), a.times(b).plus(a.times(c)));
            assert_eq!(a.times(a.inverse()), one);
            assert_eq!(Fp::from_bytes(&a.to_bytes()), a);
        }
        assert_eq!(Fp::new(P), Fp::ZERO);
    }

    #[test]
    fn padding_and_domains_are_told_apart() {
        let mut seen = std::collections::BTreeSet::new();
        for n in [0, 1, 30, 31, 32, 61, 62, 63, 124, 125] {
            for domain in 0..3 {
                assert!(seen.insert(hash_bytes(domain, &vec![0; n])));
            }
        }
        assert!(seen.insert(hash_pair(1, &[0; 32], &[0; 32])));
        assert!(seen.insert(hash_bytes(1, &[0; 64])));
    }
}
