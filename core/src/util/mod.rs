//! What all folders share and that knows nothing of Metamath.

pub mod stop;
pub mod text;
pub mod work;
