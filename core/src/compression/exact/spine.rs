//! Which symbols the forms of each class can begin with, and with how many arguments: a filter in front of matching.
//!
//! A body `(h x y)` can only match a class one of whose forms is `h` applied to two arguments, where each function on the
//! way down may again be any form of its class. What is kept are 64 bits a class, one for each pair of a top and a number
//! of arguments, pairs sharing bits: a missing bit rules a class out, and no class that matches is ever ruled out.

use super::expr::{Exprs, Id, Node};

/// The bits, and what they are computed from.
#[derive(Clone, Default)]
pub struct Spines {
    bits: Vec<u64>,
    /// By class: the first of its applications in `applied`, counted from 1; 0 if there is none.
    first: Vec<u32>,
    /// A class that has a form in which this class is the function, and the number of the next one.
    applied: Vec<(Id, u32)>,
}

/// The bit of a top without arguments.
fn bit(top: Node) -> u64 {
    let number = match top {
        Node::Prim(s) => 2 * u64::from(s),
        Node::Var(i, _) => 2 * u64::from(i) + 1,
        Node::Lam(..) => u64::MAX,
        Node::Param(_) | Node::App(..) => return 0,
    };
    1 << (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl Spines {
    /// Takes in the expressions that are new in the arena.
    pub fn extend(&mut self, exprs: &Exprs) {
        for class in self.bits.len()..exprs.len() {
            self.bits.push(0);
            self.first.push(0);
            self.form(class as Id, exprs.node(class as Id));
        }
    }
    /// Takes in a form of a class; the arena must have been taken in.
    pub fn form(&mut self, class: Id, form: Node) {
        let more = match form {
            Node::App(f, _) => {
                self.applied.push((class, self.first[f as usize]));
                self.first[f as usize] = self.applied.len() as u32;
                self.bits[f as usize].rotate_left(1)
            }
            top => bit(top),
        };
        self.raise(class, more);
    }
    /// Bits of a class and, with one argument more each time, of all that it is applied in.
    fn raise(&mut self, class: Id, more: u64) {
        if self.bits[class as usize] | more == self.bits[class as usize] {
            return;
        }
        self.bits[class as usize] |= more;
        let mut next = self.first[class as usize];
        while next != 0 {
            let (user, after) = self.applied[next as usize - 1];
            self.raise(user, more.rotate_left(1));
            next = after;
        }
    }
    /// Bits of which a class must have one to match this body; all bits if its top is a parameter.
    pub fn wanted(exprs: &Exprs, body: Id) -> u64 {
        match exprs.node(body) {
            Node::App(f, _) => Spines::wanted(exprs, f).rotate_left(1),
            Node::Param(_) => u64::MAX,
            top => bit(top),
        }
    }
    /// Whether a class may match a body that wants these bits.
    pub fn may_match(&self, class: Id, wanted: u64) -> bool {
        self.bits[class as usize] & wanted != 0 || wanted == u64::MAX
    }
}
