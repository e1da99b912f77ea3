//! The binding crate `metadream._core`: types and one error map, no algorithm.

use pyo3::prelude::*;

#[pymodule]
mod _core {}
