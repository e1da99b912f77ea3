//! Directives: what a program is about and what it brings along (docs/isa.md, "Directives"). The machine executes none
//! of them; the host reads them before a run.

use super::cursor::{AsmError, Cursor};
use super::operand::StringId;
use crate::dsl::memory::cell::Address;
use crate::util::text::is_name_char;

/// Kinds of directives, by code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum DirectiveKind {
    /// The database: name or path, SHA-256 of its file.
    Database = 1,
    /// The theorem within whose task the program runs.
    Theorem = 2,
    /// A hypothesis of the task: label and formula.
    Hypothesis = 3,
    /// Two variables that the task keeps apart.
    Distinct = 4,
    /// Only what stands before this statement may be used.
    Before = 5,
    /// The goal's cell and its formula.
    Goal = 6,
    /// SHA-256 of the statement as it is judged.
    Statement = 7,
    /// A composite: name, SHA-256 of its entry, the entry.
    Composite = 8,
}

/// The kind of a directive's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Name,
    Address,
    Hash,
    Text,
}

impl Word {
    fn name(self) -> &'static str {
        match self {
            Word::Name => "a name",
            Word::Address => "an address",
            Word::Hash => "a SHA-256 in hexadecimal digits",
            Word::Text => "a text in quotes",
        }
    }
    fn fits(self, word: &str) -> bool {
        match self {
            Word::Name => !word.is_empty() && word.chars().all(is_name_char),
            Word::Address => word.parse::<Address>().is_ok_and(|a| a.to_string() == word && !a.is_system()),
            Word::Hash => word.len() == 64 && word.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            Word::Text => true,
        }
    }
}

impl DirectiveKind {
    /// All of them, by code.
    pub const ALL: [DirectiveKind; 8] = [
        DirectiveKind::Database,
        DirectiveKind::Theorem,
        DirectiveKind::Hypothesis,
        DirectiveKind::Distinct,
        DirectiveKind::Before,
        DirectiveKind::Goal,
        DirectiveKind::Statement,
        DirectiveKind::Composite,
    ];
    /// The name in assembly.
    pub fn name(self) -> &'static str {
        match self {
            DirectiveKind::Database => ".database",
            DirectiveKind::Theorem => ".theorem",
            DirectiveKind::Hypothesis => ".hypothesis",
            DirectiveKind::Distinct => ".distinct",
            DirectiveKind::Before => ".before",
            DirectiveKind::Goal => ".goal",
            DirectiveKind::Statement => ".statement",
            DirectiveKind::Composite => ".composite",
        }
    }
    /// From the name in assembly.
    pub fn from_name(name: &str) -> Option<DirectiveKind> {
        DirectiveKind::ALL.into_iter().find(|k| k.name() == name)
    }
    /// From the code.
    pub fn from_code(code: u32) -> Option<DirectiveKind> {
        DirectiveKind::ALL.into_iter().find(|&k| k as u32 == code)
    }
    /// Its words, and how many of the last may be left out.
    fn words(self) -> (&'static [Word], usize) {
        match self {
            DirectiveKind::Database => (&[Word::Text, Word::Hash], 0),
            DirectiveKind::Theorem | DirectiveKind::Before => (&[Word::Name], 0),
            DirectiveKind::Hypothesis => (&[Word::Name, Word::Text], 0),
            DirectiveKind::Distinct => (&[Word::Text, Word::Text], 0),
            DirectiveKind::Goal => (&[Word::Address, Word::Text], 0),
            DirectiveKind::Statement => (&[Word::Hash], 0),
            DirectiveKind::Composite => (&[Word::Name, Word::Hash, Word::Text], 1),
        }
    }
    fn expected(self) -> String {
        let (words, optional) = self.words();
        let named: Vec<&str> = words.iter().map(|w| w.name()).collect();
        let tail = if optional > 0 { " (the last may be left out)" } else { "" };
        format!("{} with {}{tail}", self.name(), named.join(", "))
    }
    fn repeats(self) -> bool {
        matches!(self, DirectiveKind::Hypothesis | DirectiveKind::Distinct | DirectiveKind::Composite)
    }
    /// Whether it says what the task is.
    fn of_task(self) -> bool {
        !matches!(self, DirectiveKind::Database | DirectiveKind::Composite)
    }
}

/// One directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// The directive's kind.
    pub kind: DirectiveKind,
    /// Its words.
    pub words: Vec<StringId>,
}

/// Whether a program's directives are as docs/isa.md says; the error has the number of a directive, and what was
/// expected there.
pub fn check(directives: &[Directive], strings: &[String]) -> Result<(), (usize, String)> {
    let string = |s: StringId| strings[s.0 as usize].as_str();
    let has = |kind: DirectiveKind| directives.iter().any(|d| d.kind == kind);
    let own = [DirectiveKind::Hypothesis, DirectiveKind::Distinct, DirectiveKind::Before];
    for (n, d) in directives.iter().enumerate() {
        let (kinds, optional) = d.kind.words();
        let right = (kinds.len() - optional..=kinds.len()).contains(&d.words.len());
        let known = |s: &StringId| strings.get(s.0 as usize);
        let fits = d.words.iter().zip(kinds).all(|(s, k)| known(s).is_some_and(|w| k.fits(w)));
        if !right || !fits {
            return Err((n, d.kind.expected()));
        }
        let mut before = directives[..n].iter();
        let same = |x: &Directive| x.kind == d.kind && (!d.kind.repeats() || string(x.words[0]) == string(d.words[0]));
        if d.kind != DirectiveKind::Distinct && before.any(same) {
            let name = if d.kind.repeats() { string(d.words[0]) } else { "" };
            return Err((n, format!("{} once", [d.kind.name(), name].join(" ").trim_end())));
        }
        if d.kind.of_task() && !has(DirectiveKind::Goal) {
            return Err((n, format!(".goal beside {}", d.kind.name())));
        }
        if own.contains(&d.kind) && has(DirectiveKind::Theorem) {
            return Err((n, format!("no {} beside .theorem, which says it", d.kind.name())));
        }
    }
    Ok(())
}

/// Reads the words behind a directive's name; the cursor stands behind the name.
pub(in crate::dsl) fn read(
    kind: DirectiveKind,
    c: &mut Cursor,
    intern: &mut dyn FnMut(&str) -> StringId,
) -> Result<Directive, AsmError> {
    let mut words = Vec::new();
    c.skip_space();
    while !c.at_end() {
        let at = c.at;
        let word = match c.eat('"') {
            true => c.text_of_any_length()?,
            false => c.take_while(|x| is_name_char(x) || x == ':').to_owned(),
        };
        let expected = kind.words().0.get(words.len());
        match expected {
            Some(k) if k.fits(&word) && (*k == Word::Text) == c.text[at..].starts_with('"') => {}
            Some(k) => return c.error_at(at, format!("{} ({})", k.name(), kind.expected())),
            None => return c.error_at(at, "the end of the line or a comment"),
        }
        words.push(intern(&word));
        c.skip_space();
    }
    if words.len() + kind.words().1 < kind.words().0.len() {
        return c.error(kind.expected());
    }
    Ok(Directive { kind, words })
}

/// The assembly text of a directive.
pub(in crate::dsl) fn text(strings: &[String], d: &Directive) -> String {
    let string = |s: StringId| strings[s.0 as usize].as_str();
    let mut out = d.kind.name().to_owned();
    for (&s, kind) in d.words.iter().zip(d.kind.words().0) {
        out.push(' ');
        match kind {
            Word::Text => out.push_str(&super::cursor::quoted(string(s))),
            _ => out.push_str(string(s)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsl::programs::asm::{assemble, disassemble};
    use crate::dsl::programs::program::Program;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn the_specification_lists_these_directives() {
        let table = include_str!("../../../../docs/isa.md").split("### Directives").nth(1).unwrap();
        let rows: Vec<(u32, &str)> = table
            .lines()
            .skip_while(|l| !l.starts_with("|---"))
            .skip(1)
            .take_while(|l| l.starts_with('|'))
            .map(|l| l.split('|').map(str::trim).collect::<Vec<_>>())
            .map(|c| (c[1].parse().unwrap(), c[2]))
            .collect();
        let ours: Vec<(u32, &str)> = DirectiveKind::ALL.iter().map(|&k| (k as u32, k.name())).collect();
        assert_eq!(rows, ours);
    }

    #[test]
    fn text_and_binary_round_trip() {
        let long = "x ".repeat(100);
        let text = format!(
            ".database \"a \\\"b\\\".mm\" {HASH}\n.hypothesis h.1 \"|- ; 1 0\"\n.distinct \"x\" \".+\"\n.before z\n\
             .goal 1:0:0 \"|- {long}\"\n.statement {HASH}\n.composite md1 {HASH}\n.composite md2 {HASH} \"{{}}\"\n\
             .block main\n    HALT #0\n"
        );
        let p = assemble(&text).unwrap();
        assert_eq!(disassemble(&p), text);
        let again = Program::decode(&p.encode()).unwrap();
        assert_eq!(disassemble(&again), text);
        assert_eq!(again, p);
        assert_eq!(p.encode()[4], 2);
        let plain = assemble(".block main\nHALT #0").unwrap();
        assert_eq!(plain.encode()[4], 1, "a program without directives is what it was");
        let good = p.encode();
        for i in 0..good.len() {
            let mut bad = good.clone();
            bad[i] ^= 1;
            assert!(Program::decode(&bad).is_err(), "byte {i}");
        }
    }

    #[test]
    fn errors_have_line_column_and_expectation() {
        let goal = "\n.goal 1:0:0 \"|- x\"";
        for (text, line, column, expected) in [
            (".database starter 12".to_owned(), 1, 11, "a text in quotes"),
            (".database \"starter\" 12".to_owned(), 1, 21, "a SHA-256"),
            (".database \"starter\"".to_owned(), 1, 20, ".database with"),
            (".theorem id".to_owned(), 1, 1, ".goal beside .theorem"),
            (".goal x \"|- x\"".to_owned(), 1, 7, "an address"),
            (".goal 4194304:0:0 \"|- x\"".to_owned(), 1, 7, "an address"),
            (format!("{}{goal}", &goal[1..]), 2, 1, ".goal once"),
            (format!(".theorem id\n.before id{goal}"), 2, 1, "no .before beside .theorem"),
            (format!(".composite a {HASH}\n.composite a {HASH}"), 2, 1, ".composite a once"),
            (format!(".statement {HASH} x{goal}"), 1, 77, "the end of the line"),
            (format!(".block main\nHALT #0\n.statement {HASH}{goal}"), 3, 1, ".block name"),
            (".macro m\n.theorem id\n.end".to_owned(), 2, 1, "an instruction or .end"),
        ] {
            let e = assemble(&format!("{text}\n.block main2\n HALT #0")).unwrap_err();
            assert!(e.expected.contains(expected), "{text}: {e}");
            assert_eq!((e.line, e.column), (line, column), "{text}: {e}");
        }
    }
}
