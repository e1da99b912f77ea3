//! The binding crate `metadream._core`: types and one error map, no algorithm.

mod bench;
mod builtins;
mod census;
mod claims;
mod content;
mod draft;
mod errors;
mod exact;
mod handlers;
mod judges;
mod library;
mod log;
mod machine;
mod moves;
mod nats;
mod portable;
mod process;
mod program;
mod proposals;
mod proposer;
mod ranker;
mod search;
mod search_options;
mod shortener;
mod strategies;
mod theory;
mod watch;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::bench::machine_figure;
    #[pymodule_export]
    use super::builtins::satcheck;
    #[pymodule_export]
    use super::claims::numeric_claim;
    #[pymodule_export]
    use super::draft::PyDraft;
    #[pymodule_export]
    use super::exact::{label_trees, learn_abstractions, rewrite_programs};
    #[pymodule_export]
    use super::judges::{bare_source, check_source, knife_check, PyJudges};
    #[pymodule_export]
    use super::library::sample_dreams;
    #[pymodule_export]
    use super::log::{
        append_log, audit_log, bind_files, bound_files, check_log_proof, log_beginning, log_proof, rebuild_log,
    };
    #[pymodule_export]
    use super::machine::{slot_behind, PyMachine};
    #[pymodule_export]
    use super::nats::PyNats;
    #[pymodule_export]
    use super::portable::features_sha256;
    #[pymodule_export]
    use super::process::{done, stopping};
    #[pymodule_export]
    use super::program::{learn_macros, PyProgram};
    #[pymodule_export]
    use super::proposals::PyProposals;
    #[pymodule_export]
    use super::ranker::PyRanker;
    #[pymodule_export]
    use super::search::search;
    #[pymodule_export]
    use super::search_options::PySearchOptions;
    #[pymodule_export]
    use super::shortener::PyShortener;
    #[pymodule_export]
    use super::strategies::{abduce, deduce, fillings, formula_of, prefix_of, retrieve, statement_of};
    #[pymodule_export]
    use super::theory::PyTheory;
    #[pymodule_export]
    use super::watch::{heard, unwatch, watch};

    #[pymodule_init]
    fn init(_module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        super::process::quiet_panics();
        Ok(())
    }
}
