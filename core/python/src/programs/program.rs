//! `Program`: assembly text and program files.

use crate::errors::{guarded, input_error, message};
use metadream_core::compression::macros::learn;
use metadream_core::dsl::isa::Opcode;
use metadream_core::dsl::machine::proof_run::Said;
use metadream_core::dsl::programs::asm::{assemble_with, disassemble, instruction_text, AsmError};
use metadream_core::dsl::programs::directive::{Directive, DirectiveKind};
use metadream_core::dsl::programs::macros::Macros;
use metadream_core::dsl::programs::program::{Instruction, Operand, Program};
use metadream_core::util::text::hex;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Directives as Python gives them: name and words.
pub type Directives = Vec<(String, Vec<String>)>;

/// Finds the kinds of directives by their names.
pub fn said(given: &[(String, Vec<String>)]) -> Result<Vec<Said>, String> {
    let kind = |name: &str| DirectiveKind::from_name(name).ok_or_else(|| format!("no directive is called `{name}`"));
    given.iter().map(|(name, words)| Ok((kind(name)?, words.clone()))).collect()
}

/// A program of the machine, with the line of each instruction if it was assembled from a text.
#[pyclass(name = "Program", module = "metadream._core", frozen)]
pub struct PyProgram {
    pub program: Arc<Program>,
    lines: Option<Vec<usize>>,
}

#[pymethods]
impl PyProgram {
    /// Assembles a text, which may call the macros that the text `macros` defines. Raises `InputError` with line and
    /// column in `text`; `macros` must have passed [`PyProgram::check_macros`].
    #[staticmethod]
    #[pyo3(signature = (text, macros=""))]
    fn assemble(py: Python<'_>, text: &str, macros: &str) -> PyResult<PyProgram> {
        let made = guarded(py, || assemble_with(&Macros::read(macros)?, text))?;
        let (program, lines) = made.map_err(|e| wrong(py, &e))?;
        Ok(PyProgram { program: Arc::new(program), lines: Some(lines) })
    }
    /// Raises `InputError` with line and column unless the text holds definitions of macros only.
    #[staticmethod]
    fn check_macros(py: Python<'_>, text: &str) -> PyResult<()> {
        guarded(py, || Macros::read(text))?.map(|_| ()).map_err(|e| wrong(py, &e))
    }
    /// Reads the bytes of a program file. Raises `InputError`.
    #[staticmethod]
    fn decode(py: Python<'_>, data: &[u8]) -> PyResult<PyProgram> {
        let program = guarded(py, || Program::decode(data))?.map_err(|e| message(py, e.to_string()))?;
        Ok(PyProgram { program: Arc::new(program), lines: None })
    }
    /// Returns the bytes of the program file.
    fn encode(&self) -> Vec<u8> {
        self.program.encode()
    }
    /// Returns the assembly text, in its normal form.
    fn disassemble(&self) -> String {
        disassemble(&self.program)
    }
    /// Returns the SHA-256 of the program file.
    fn sha256(&self) -> String {
        hex(&self.program.digest())
    }
    /// Returns the line, from 1, of each instruction in the assembled text; `None` for a program file.
    fn lines(&self) -> Option<Vec<usize>> {
        self.lines.clone()
    }
    /// Returns the name, the first instruction and the number of instructions of each block.
    fn blocks(&self) -> Vec<(String, u32, u32)> {
        self.program.blocks().iter().map(|b| (self.program.string(b.name).to_owned(), b.start, b.len)).collect()
    }
    /// Returns the directives of the program: name (`.goal`) and words of each.
    fn directives(&self) -> Directives {
        let words = |d: &Directive| d.words.iter().map(|&s| self.program.string(s).to_owned()).collect();
        self.program.directives().iter().map(|d| (d.kind.name().to_owned(), words(d))).collect()
    }
    /// Returns a copy of the program with more directives after its own. Raises `InputError` for directives that
    /// docs/isa.md does not allow.
    fn with_directives(&self, py: Python<'_>, more: Directives) -> PyResult<PyProgram> {
        let mut program = (*self.program).clone();
        for (kind, words) in said(&more).map_err(|e| message(py, e))? {
            program.direct(kind, &words);
        }
        program.check().map_err(|e| message(py, e.to_string()))?;
        Ok(PyProgram { program: Arc::new(program), lines: self.lines.clone() })
    }
    /// Returns the CALLs of composites: index of the instruction, and the composite's name.
    fn calls(&self) -> Vec<(u32, String)> {
        let p = &self.program;
        let called = |(n, i): (usize, &Instruction)| match (i.opcode, i.operands.last()) {
            (Opcode::Call, Some(&Operand::Label(s))) => Some((n as u32, p.string(s).to_owned())),
            _ => None,
        };
        p.instructions().iter().enumerate().filter_map(called).collect()
    }
    /// Returns the labels that the program names, each once, in order of first use.
    fn labels(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for o in self.program.instructions().iter().flat_map(|i| &i.operands) {
            if let &Operand::Label(s) = o {
                let label = self.program.string(s);
                if !out.iter().any(|l| l == label) {
                    out.push(label.to_owned());
                }
            }
        }
        out
    }
    /// Returns the instructions in assembly.
    fn instructions(&self) -> Vec<String> {
        self.program.instructions().iter().map(|i| instruction_text(&self.program, i)).collect()
    }
}

fn wrong(py: Python<'_>, e: &AsmError) -> PyErr {
    let text = format!("expected {}, found {}", e.expected, e.found);
    input_error(py, &text, Some((e.line as u32, e.column as u32)))
}

/// Learns macros from what recurs in programs: `macros` (`name`, `parameters`, `body`, `uses`, `saved`), `text` (their
/// definitions), `programs` (texts that call them, in the order given), `before` and `after` (numbers of
/// instructions).
#[pyfunction]
pub fn learn_macros<'py>(py: Python<'py>, programs: Vec<PyRef<'py, PyProgram>>) -> PyResult<Bound<'py, PyDict>> {
    let programs: Vec<Program> = programs.iter().map(|p| (*p.program).clone()).collect();
    let library = guarded(py, || learn(&programs))?.map_err(|e| message(py, e.to_string()))?;
    let out = PyDict::new(py);
    out.set_item("text", library.text())?;
    out.set_item("before", library.before)?;
    out.set_item("after", library.after)?;
    out.set_item("programs", library.programs)?;
    let mut macros = Vec::new();
    for m in library.macros {
        let row = PyDict::new(py);
        row.set_item("name", m.name)?;
        row.set_item("parameters", m.parameters)?;
        row.set_item("body", m.body)?;
        row.set_item("uses", m.uses)?;
        row.set_item("saved", m.saved)?;
        macros.push(row);
    }
    out.set_item("macros", macros)?;
    Ok(out)
}
