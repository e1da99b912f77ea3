//! Numbers themselves: exact rationals, decimals, polynomials, ring identities, linear consequences.

pub(crate) mod decimal;
pub(crate) mod linear;
pub(crate) mod polynomial;
pub(crate) mod rational;
pub(crate) mod ring;
pub(crate) mod value;
