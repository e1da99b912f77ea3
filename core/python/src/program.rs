//! `Program`: assembly text and program files.

use crate::errors::{guarded, input_error, message};
use metadream_core::dsl::asm::{assemble_with_lines, disassemble, instruction_text};
use metadream_core::dsl::program::Program;
use metadream_core::dsl::trace::hex;
use pyo3::prelude::*;
use std::sync::Arc;

/// A program of the machine, with the lines of its text where it has one.
#[pyclass(name = "Program", module = "metadream._core", frozen)]
pub struct PyProgram {
    pub program: Arc<Program>,
    lines: Option<Vec<usize>>,
}

#[pymethods]
impl PyProgram {
    /// Assembles a text. Raises `InputError` with line and column.
    #[staticmethod]
    fn assemble(py: Python<'_>, text: &str) -> PyResult<PyProgram> {
        let made = guarded(py, || assemble_with_lines(text))?;
        let wrong = |e: metadream_core::dsl::asm::AsmError| {
            let text = format!("expected {}, found {}", e.expected, e.found);
            input_error(py, &text, Some((e.line as u32, e.column as u32)))
        };
        let (program, lines) = made.map_err(wrong)?;
        Ok(PyProgram { program: Arc::new(program), lines: Some(lines) })
    }
    /// Reads a program file's bytes. Raises `InputError`.
    #[staticmethod]
    fn decode(py: Python<'_>, data: &[u8]) -> PyResult<PyProgram> {
        let program = guarded(py, || Program::decode(data))?.map_err(|e| message(py, e.to_string()))?;
        Ok(PyProgram { program: Arc::new(program), lines: None })
    }
    /// The program file's bytes.
    fn encode(&self) -> Vec<u8> {
        self.program.encode()
    }
    /// The assembly text, in its normal form.
    fn disassemble(&self) -> String {
        disassemble(&self.program)
    }
    /// SHA-256 of the program file.
    fn sha256(&self) -> String {
        hex(&self.program.digest())
    }
    /// By instruction: its line in the text that was assembled (from 1); none for a program file.
    fn lines(&self) -> Option<Vec<usize>> {
        self.lines.clone()
    }
    /// Name, first instruction and number of instructions of each block.
    fn blocks(&self) -> Vec<(String, u32, u32)> {
        self.program.blocks().iter().map(|b| (self.program.string(b.name).to_owned(), b.start, b.len)).collect()
    }
    /// The instructions in assembly.
    fn instructions(&self) -> Vec<String> {
        self.program.instructions().iter().map(|i| instruction_text(&self.program, i)).collect()
    }
}
