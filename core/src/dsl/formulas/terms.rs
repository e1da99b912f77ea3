//! Terms as text (prefix form over labels) and as digests that do not depend on arena ids.

use super::logic::Assertions;
use crate::metamath_db::ids::TermId;
use crate::metamath_db::terms::term::{Arena, Children, Head};
use crate::util::text::is_name_char;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

/// Nodes that one term literal may have.
pub const LITERAL_LIMIT: usize = 1 << 16;

/// Tokens of a term literal; errors say what was expected.
fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '(' | ')' => 1,
            '?' => 1 + rest[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - 1),
            _ => rest.find(|c| !is_name_char(c)).unwrap_or(rest.len()),
        };
        let token = &rest[..len];
        let number = token.strip_prefix('?');
        let leading_zero = number.is_some_and(|n| n.len() > 1 && n.starts_with('0'));
        if len == 0 || leading_zero || number.is_some_and(|n| n.parse::<u32>().map_or(true, |n| n >= 1 << 30)) {
            return Err(format!("term: expected a label, ?number or parenthesis at \"{rest}\""));
        }
        out.push(token);
        if out.len() > 2 * LITERAL_LIMIT {
            return Err(format!("term: more than {LITERAL_LIMIT} nodes"));
        }
        rest = rest[len..].trim_start();
    }
    Ok(out)
}

/// The literal with single spaces, after a check of its form.
pub fn normalise(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut open = 0usize;
    let mut complete = false;
    let mut last = "";
    for token in tokens(text)? {
        if complete {
            return Err(format!("term: nothing may follow, found \"{token}\""));
        }
        let is_name = !matches!(token, "(" | ")");
        let bad = match (last, token) {
            ("(", t) => !is_name || t.starts_with('?'),
            (_, ")") => open == 0 || out.rfind('(').is_some_and(|i| !out[i..].contains(' ')),
            _ => false,
        };
        if bad {
            return Err(format!("term: expected (label term …), found \"{token}\""));
        }
        match token {
            "(" => open += 1,
            ")" => open -= 1,
            _ => {}
        }
        if !out.is_empty() && token != ")" && last != "(" {
            out.push(' ');
        }
        out.push_str(token);
        complete = open == 0;
        last = token;
    }
    match complete {
        true => Ok(out),
        false => Err("term: unfinished".into()),
    }
}

/// Reads a term literal. `meta_exists` says which metavariables may be named.
pub fn read(
    text: &str,
    assertions: &dyn Assertions,
    arena: &mut Arena,
    meta_exists: &dyn Fn(u32) -> bool,
) -> Result<TermId, String> {
    let text = normalise(text)?;
    let mut stack: Vec<(Head, usize, &str, Children)> = Vec::new();
    let mut opening = false;
    for token in tokens(&text)? {
        let term = match token {
            "(" => {
                opening = true;
                continue;
            }
            ")" => {
                let (head, arity, name, children) = stack.pop().ok_or("term: unbalanced")?;
                if children.len() != arity {
                    return Err(format!("term: {name} takes {arity} arguments, not {}", children.len()));
                }
                arena.make(head, &children)
            }
            name => match name.strip_prefix('?') {
                Some(digits) => {
                    let m: u32 = digits.parse().map_err(|_| "term: bad metavariable")?;
                    if !meta_exists(m) {
                        return Err(format!("term: metavariable ?{m} is not in use"));
                    }
                    arena.meta(m)
                }
                None => {
                    let unknown = || format!("term: no syntax axiom or variable has the label {name}");
                    let (head, arity) = assertions.head(name).ok_or_else(unknown)?;
                    if std::mem::take(&mut opening) {
                        stack.push((head, arity, name, Children::new()));
                        continue;
                    }
                    if arity != 0 {
                        return Err(format!("term: {name} takes {arity} arguments, not 0"));
                    }
                    arena.make(head, &[])
                }
            },
        };
        match stack.last_mut() {
            Some(_) if arena.head(term).is_judgement() => {
                return Err("term: a statement with its typecode is no part of a formula".into());
            }
            Some((.., children)) => children.push(term),
            None => return Ok(term),
        }
    }
    Err("term: unfinished".into())
}

/// The literal of a term; none if it has more than `limit` nodes.
pub fn print(arena: &Arena, assertions: &dyn Assertions, t: TermId, limit: usize) -> Option<String> {
    enum Part {
        Term(TermId),
        Close,
    }
    if arena.size(t) as usize > limit {
        return None;
    }
    let mut out = String::new();
    let mut stack = vec![Part::Term(t)];
    while let Some(part) = stack.pop() {
        let Part::Term(t) = part else {
            out.push(')');
            continue;
        };
        if !out.is_empty() && !out.ends_with('(') {
            out.push(' ');
        }
        let head = arena.head(t);
        let name = head.as_meta().map_or_else(|| assertions.head_name(head), |m| format!("?{m}"));
        let children = arena.children(t);
        if children.is_empty() {
            out.push_str(&name);
        } else {
            out.push('(');
            out.push_str(&name);
            stack.push(Part::Close);
            stack.extend(children.iter().rev().map(|&c| Part::Term(c)));
        }
    }
    Some(out)
}

/// SHA-256 digests of terms: of the head's 32 bits and the children's digests, so that equal terms of different
/// arenas over the same database have equal digests. Remembered for each term.
#[derive(Clone, Default)]
pub struct Digests {
    known: FxHashMap<TermId, [u8; 32]>,
}

impl Digests {
    /// The digest of `t`.
    pub fn of(&mut self, arena: &Arena, t: TermId) -> [u8; 32] {
        let mut stack = vec![t];
        while let Some(&t) = stack.last() {
            if self.known.contains_key(&t) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            stack.extend(arena.children(t).iter().filter(|c| !self.known.contains_key(c)));
            if stack.len() == before {
                let mut hash = Sha256::new();
                hash.update(arena.head(t).raw().to_le_bytes());
                for c in arena.children(t) {
                    hash.update(self.known[c]);
                }
                self.known.insert(t, hash.finalize().into());
                stack.pop();
            }
        }
        self.known[&t]
    }
    /// Forgets terms from number `len` on, as [`Arena::truncate`] does.
    pub fn truncate(&mut self, len: usize) {
        self.known.retain(|t, _| t.index() < len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_have_one_normal_form() {
        assert_eq!(normalise(" ( wi  ph(wi ?0 ps) ) ").unwrap(), "(wi ph (wi ?0 ps))");
        assert_eq!(normalise("ph").unwrap(), "ph");
        for bad in
            ["", "(", "()", "(wi)", "(?0 ph)", "ph ps", "(wi ph", "ph)", "((wi) ph)", "?x", "?01", "a,b", "(wi ph (x))"]
        {
            assert!(normalise(bad).is_err(), "{bad}");
        }
    }
}
