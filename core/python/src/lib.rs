//! The binding crate `metadream._core`: types and one error map, no algorithm.

mod compression;
mod database;
mod errors;
mod nats;
mod process;
mod programs;
mod ranking;
mod searching;
mod watch;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::nats::PyNats;
    #[pymodule_export]
    use super::process::{done, stopping};
    #[pymodule_export]
    use super::watch::{heard, unwatch, watch};
    #[pymodule_export]
    use crate::compression::exact::{label_trees, learn_abstractions, rewrite_programs};
    #[pymodule_export]
    use crate::compression::proposals::PyProposals;
    #[pymodule_export]
    use crate::compression::shortener::PyShortener;
    #[pymodule_export]
    use crate::database::claims::numeric_claim;
    #[pymodule_export]
    use crate::database::draft::PyDraft;
    #[pymodule_export]
    use crate::database::judges::{bare_source, check_source, knife_check, PyJudges};
    #[pymodule_export]
    use crate::database::library::sample_dreams;
    #[pymodule_export]
    use crate::database::theory::PyTheory;
    #[pymodule_export]
    use crate::programs::bench::machine_figure;
    #[pymodule_export]
    use crate::programs::builtins::satcheck;
    #[pymodule_export]
    use crate::programs::log::{
        append_log, audit_log, bind_files, bound_files, check_log_proof, log_beginning, log_proof, rebuild_log,
    };
    #[pymodule_export]
    use crate::programs::machine::{slot_behind, PyMachine};
    #[pymodule_export]
    use crate::programs::program::{learn_macros, PyProgram};
    #[pymodule_export]
    use crate::ranking::portable::features_sha256;
    #[pymodule_export]
    use crate::ranking::ranker::PyRanker;
    #[pymodule_export]
    use crate::ranking::states::PyProofStates;
    #[pymodule_export]
    use crate::searching::environment::PyEnvironment;
    #[pymodule_export]
    use crate::searching::level2::{abduce, deduce, fillings, formula_of, prefix_of, retrieve, statement_of};
    #[pymodule_export]
    use crate::searching::search::search;
    #[pymodule_export]
    use crate::searching::search_options::PySearchOptions;

    #[pymodule_init]
    fn init(_module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        super::process::quiet_panics();
        Ok(())
    }
}
