//! Macros of the assembler: a body with parameters that a call stands for (docs/isa.md, "Macros").
//!
//! Expansion is by text and comes before everything else: the program that is assembled, hashed and run holds the
//! expanded instructions alone, so that a macro can neither hide an obligation nor save a step. Price: one pass over
//! the text; bodies hold no calls, so an expansion is at most lines × longest body, and [`MAX_LINES`] bounds it.

use super::cursor::{AsmError, Cursor};
use crate::dsl::isa::Opcode;
use crate::dsl::memory::cell::Address;
use crate::util::text::is_name_char;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most lines of an expanded text that holds a call.
pub const MAX_LINES: usize = 1 << 20;

/// One macro.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Macro {
    parameters: Vec<String>,
    /// Its lines, by number in the text.
    body: Vec<(usize, String)>,
}

/// Macros by name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Macros(BTreeMap<String, Macro>);

/// A line as the assembler reads it.
pub(in crate::dsl) struct Line<'a> {
    /// Its line in the text (from 1); for an expanded one, that of the call.
    pub(in crate::dsl) line: usize,
    pub(in crate::dsl) text: Cow<'a, str>,
    call: Option<Call>,
}

/// Where an expanded line comes from.
struct Call {
    column: usize,
    name: String,
    body_line: usize,
}

impl Line<'_> {
    /// An error in this line; for an expanded one, told at its call.
    pub(in crate::dsl) fn place(&self, e: AsmError) -> AsmError {
        match &self.call {
            None => e,
            Some(c) => {
                let expected = format!("{} in line {} of macro {}", e.expected, c.body_line, c.name);
                AsmError { line: self.line, column: c.column, expected, found: e.found }
            }
        }
    }
}

impl Macros {
    /// The macros of a text that holds definitions only.
    ///
    /// # Errors
    /// The first place where the text is not as expected, and what was expected there.
    pub fn read(text: &str) -> Result<Macros, AsmError> {
        let (macros, lines) = Macros::default().expand(text)?;
        for l in &lines {
            let mut c = Cursor { text: &l.text, at: 0, line: l.line };
            c.skip_space();
            if !c.at_end() {
                return c.error(".macro");
            }
        }
        Ok(macros)
    }
    /// The lines of a text with its calls expanded, and these macros with those that it defines.
    pub(in crate::dsl) fn expand<'a>(&self, text: &'a str) -> Result<(Macros, Vec<Line<'a>>), AsmError> {
        let mut macros = self.clone();
        let mut out = Vec::new();
        let mut open: Option<(String, Macro, AsmError)> = None;
        for (i, line) in text.lines().enumerate() {
            let mut c = Cursor { text: line, at: 0, line: i + 1 };
            c.skip_space();
            let start = c.at;
            let directive = c.take_while(|x| x == '.' || x.is_ascii_alphabetic());
            c.skip_space();
            match (&mut open, directive) {
                (None, ".macro") => {
                    let (name, made) = macros.head(&mut c)?;
                    let unclosed = c.error_at::<()>(start, ".end after this macro").unwrap_err();
                    open = Some((name, made, unclosed));
                }
                (Some(_), ".end") => {
                    if !c.at_end() {
                        return c.error("the end of the line or a comment");
                    }
                    let (name, made, _) = open.take().expect("open");
                    macros.0.insert(name, made);
                }
                (Some((_, made, _)), _) => {
                    if line[start..].starts_with('.') {
                        return c.error_at(start, "an instruction or .end");
                    }
                    substitute(&c, |_, parameter| made.index(parameter).map(|_| String::new()))?;
                    made.body.push((i + 1, line.to_owned()));
                }
                (None, _) => {
                    c.at = start;
                    macros.line(c, &mut out)?;
                }
            }
        }
        match open {
            Some((_, _, unclosed)) => Err(unclosed),
            None => Ok((macros, out)),
        }
    }
    /// Name and parameters of a definition; the cursor stands behind `.macro`.
    fn head(&self, c: &mut Cursor) -> Result<(String, Macro), AsmError> {
        let at = c.at;
        let name = c.name("a macro name")?;
        let stem = name.split('.').next().unwrap_or(name);
        if self.0.contains_key(name) || Opcode::ALL.iter().any(|o| o.name() == stem) {
            return c.error_at(at, "a macro name that is not taken");
        }
        let mut parameters: Vec<String> = Vec::new();
        c.skip_space();
        while !c.at_end() {
            let at = c.at;
            let parameter = c.name("a parameter's name")?;
            if parameters.iter().any(|p| p == parameter) {
                return c.error_at(at, "a parameter's name that is not taken");
            }
            parameters.push(parameter.to_owned());
            c.skip_space();
        }
        Ok((name.to_owned(), Macro { parameters, body: Vec::new() }))
    }
    /// A line outside definitions: itself, or what it calls.
    fn line<'a>(&self, mut c: Cursor<'a>, out: &mut Vec<Line<'a>>) -> Result<(), AsmError> {
        let start = c.at;
        let word = c.take_while(is_name_char);
        let Some(called) = self.0.get(word) else {
            out.push(Line { line: c.line, text: Cow::Borrowed(c.text), call: None });
            return Ok(());
        };
        let column = c.text[..start].chars().count() + 1;
        let given = arguments(&mut c)?;
        if given.len() != called.parameters.len() {
            return c.error_at(start, format!("{word} with {} arguments", called.parameters.len()));
        }
        if out.len() + called.body.len() > MAX_LINES {
            return c.error_at(start, format!("at most {MAX_LINES} lines after expansion"));
        }
        for (number, body) in &called.body {
            let at = Cursor { text: body, at: 0, line: *number };
            let call = Some(Call { column, name: word.to_owned(), body_line: *number });
            let mut line = Line { line: c.line, text: Cow::Borrowed(""), call };
            let value = |offset: Option<u64>, parameter: &str| {
                let argument = given[called.index(parameter)?];
                offset.map_or(Some(argument.to_owned()), |n| moved(argument, n))
            };
            line.text = Cow::Owned(substitute(&at, value).map_err(|e| line.place(e))?);
            out.push(line);
        }
        Ok(())
    }
}

impl Macro {
    fn index(&self, parameter: &str) -> Option<usize> {
        self.parameters.iter().position(|p| p == parameter)
    }
}

/// The address so many slots behind the one in the text.
fn moved(text: &str, offset: u64) -> Option<String> {
    let a: Address = text.parse().ok()?;
    Address::from_packed(a.packed().checked_add(offset)?).map(|a| a.to_string())
}

/// Arguments of a call: texts between commas, up to the end of the line or a comment.
fn arguments<'a>(c: &mut Cursor<'a>) -> Result<Vec<&'a str>, AsmError> {
    let mut out = Vec::new();
    c.skip_space();
    while !c.at_end() {
        let start = c.at;
        while !c.at_end() && c.peek() != Some(',') {
            if c.eat('"') {
                c.text_of_any_length()?;
            } else {
                c.at += c.peek().map_or(0, char::len_utf8);
            }
        }
        match c.text[start..c.at].trim() {
            "" => return c.error_at(start, "an argument"),
            argument => out.push(argument),
        }
        if c.eat(',') {
            c.skip_space();
            if c.at_end() {
                return c.error("an argument");
            }
        }
    }
    Ok(out)
}

/// A body's line with `value(offset, name)` in place of each `$name` and `$name+offset` outside texts and comments.
fn substitute(line: &Cursor, value: impl Fn(Option<u64>, &str) -> Option<String>) -> Result<String, AsmError> {
    let mut c = Cursor { text: line.text, at: 0, line: line.line };
    let mut out = String::new();
    while !c.at_end() {
        let start = c.at;
        if c.eat('"') {
            c.text_of_any_length()?;
        } else if c.eat('$') {
            let name = c.name("a parameter's name")?;
            let offset = if c.eat('+') { Some(c.number::<u32>("a number of slots")?.into()) } else { None };
            match value(offset, name) {
                Some(v) => out.push_str(&v),
                None if offset.is_some() => {
                    return c.error_at(start, "a parameter that is an address inside the space")
                }
                None => return c.error_at(start, "a parameter of the macro"),
            }
            continue;
        } else {
            c.at += c.peek().map_or(0, char::len_utf8);
        }
        out.push_str(&c.text[start..c.at]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::programs::asm::{assemble, assemble_with, disassemble};

    const PAIR: &str =
        ".macro pair a v.1 ; two cells\n MOV $a, $v.1 ; $nothing\n ?$a+1 MOV [$a+15], \"$a;\\\"\"\n.end\n";

    #[test]
    fn a_call_is_its_body() {
        let text = format!("{PAIR}.block m\n pair 1:0:1, \"x, ;\" ; call\n HALT #0");
        let plain = ".block m\n MOV 1:0:1, \"x, ;\"\n ?1:0:2 MOV [1:1:0], \"$a;\\\"\"\n HALT #0";
        assert_eq!(assemble(&text).unwrap().encode(), assemble(plain).unwrap().encode());
        let macros = Macros::read(PAIR).unwrap();
        let (program, lines) = assemble_with(&macros, ".block m\n pair 1:0:1, \"x, ;\"\n HALT #0").unwrap();
        assert_eq!(disassemble(&program), disassemble(&assemble(plain).unwrap()));
        assert_eq!(lines, [2, 2, 3]);
    }

    #[test]
    fn errors_have_line_column_and_expectation() {
        let cases = [
            (".macro m a\nMOV $a, #1", 1, 1, ".end"),
            (".macro m a\nMOV $b, #1\n.end", 2, 5, "a parameter of the macro"),
            (".macro m a a\n.end", 1, 12, "not taken"),
            (".macro MOV a\n.end", 1, 8, "not taken"),
            (".macro MOV.goal a\n.end", 1, 8, "not taken"),
            (".macro m\n.end\n.macro m\n.end", 3, 8, "not taken"),
            (".macro m\n.block x\n.end", 2, 1, "an instruction or .end"),
            (".macro m\n.end x", 2, 6, "the end of the line"),
            (".end", 1, 1, ".block name"),
            (".macro m a\nHALT $a\n.end\n.block x\n m", 5, 2, "m with 1 argument"),
            (".macro m a\nHALT $a\n.end\n.block x\n m #1,", 5, 7, "an argument"),
            (".macro m a\nHALT $a\n.end\n.block x\n m @b", 5, 2, "HALT takes number"),
            (".macro m a\nHALT $a+1\n.end\n.block x\n m #1", 5, 2, "an address inside the space in line 2 of macro m"),
            (".macro m a\nHALT $a+1\n.end\n.block x\n m 8388607:15:15", 5, 2, "inside the space"),
            (".macro m a\nHALT $a\n.end\n.block x\n ?1:0:0 m #1", 5, 9, "an opcode"),
            (".macro m a\nHALT $a\n.end\n.block x\n m m", 5, 2, "an operand in line 2 of macro m"),
        ];
        for (text, line, column, expected) in cases {
            let e = assemble(text).unwrap_err();
            assert_eq!((e.line, e.column), (line, column), "{text}: {e}");
            assert!(e.expected.contains(expected), "{text}: {e}");
        }
        assert_eq!(Macros::read(".block m").unwrap_err().line, 1);
    }
}
