//! One line of assembly under a cursor, and what is wrong with it.

use crate::dsl::memory::cell::Address;
use crate::util::text::is_name_char;
use std::fmt;

/// An error in an assembly text with its place. Lines and columns count from 1; columns count characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsmError {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// A description of the text expected here.
    pub expected: String,
    /// The text found here.
    pub found: String,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: expected {}, found {}", self.line, self.column, self.expected, self.found)
    }
}

impl std::error::Error for AsmError {}

/// One line under the cursor.
pub(in crate::dsl) struct Cursor<'a> {
    pub(in crate::dsl) text: &'a str,
    pub(in crate::dsl) at: usize,
    pub(in crate::dsl) line: usize,
}

impl<'a> Cursor<'a> {
    pub(in crate::dsl) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    pub(in crate::dsl) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
    pub(in crate::dsl) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }
    pub(in crate::dsl) fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some(';'))
    }
    pub(in crate::dsl) fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }
    pub(in crate::dsl) fn take_while(&mut self, f: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c| !f(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
    pub(in crate::dsl) fn error_at<T>(&self, at: usize, expected: impl Into<String>) -> Result<T, AsmError> {
        let found: String = self.text[at..].chars().take_while(|c| !c.is_whitespace()).take(20).collect();
        Err(AsmError {
            line: self.line,
            column: self.text[..at].chars().count() + 1,
            expected: expected.into(),
            found: match found.is_empty() {
                true => "the end of the line".into(),
                false => format!("\"{}\"", found.escape_debug()),
            },
        })
    }
    pub(in crate::dsl) fn error<T>(&self, expected: impl Into<String>) -> Result<T, AsmError> {
        self.error_at(self.at, expected)
    }
    pub(in crate::dsl) fn name(&mut self, what: &str) -> Result<&'a str, AsmError> {
        let at = self.at;
        match self.take_while(is_name_char) {
            "" => self.error_at(at, what),
            name => Ok(name),
        }
    }
    pub(in crate::dsl) fn address(&mut self) -> Result<Address, AsmError> {
        let at = self.at;
        let text = self.take_while(|c| c.is_ascii_digit() || c == ':');
        text.parse().or_else(|_| self.error_at(at, "an address page:block:slot (below 8388608, 16, 16)"))
    }
    pub(in crate::dsl) fn number<N: std::str::FromStr>(&mut self, what: &str) -> Result<N, AsmError> {
        let at = self.at;
        self.take_while(|c| c.is_ascii_digit() || c == '-');
        self.text[at..self.at].parse().or_else(|_| self.error_at(at, what))
    }
    /// A text; the cursor stands behind its first quote.
    pub(in crate::dsl) fn text_of_any_length(&mut self) -> Result<String, AsmError> {
        let mut out = String::new();
        loop {
            let at = self.at;
            let Some(c) = self.peek() else {
                return self.error("a closing \"");
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => out.push(self.escape(at)?),
                c => out.push(c),
            }
        }
    }
    pub(in crate::dsl) fn escape(&mut self, at: usize) -> Result<char, AsmError> {
        let c = self.peek();
        self.at += c.map_or(0, char::len_utf8);
        let found = match c {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some(c @ ('"' | '\\')) => Some(c),
            Some('u') if self.eat('{') => {
                let digits = self.take_while(|c| c.is_ascii_hexdigit());
                let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                value.filter(|_| self.eat('}'))
            }
            _ => None,
        };
        match found {
            Some(c) => Ok(c),
            None => self.error_at(at, "an escape \\\" \\\\ \\n \\t \\u{hex}"),
        }
    }
    pub(in crate::dsl) fn term(&mut self) -> Result<String, AsmError> {
        let at = self.at;
        if self.peek() == Some('(') {
            let mut depth = 0usize;
            while let Some(c) = self.peek().filter(|&c| c != ';') {
                self.at += c.len_utf8();
                depth = depth + usize::from(c == '(') - usize::from(c == ')');
                if depth == 0 {
                    break;
                }
            }
        } else {
            self.take_while(|c| is_name_char(c) || c == '?');
        }
        crate::dsl::formulas::terms::normalise(&self.text[at..self.at])
            .or_else(|e| self.error_at(at, format!("a term ({e})")))
    }
}

pub(in crate::dsl) fn quoted(s: &str) -> String {
    let mut out = String::from('"');
    for c in s.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
