//! Tokens: white space and comments are skipped, headings in comments noted.

use super::{ReadErrorKind, Reader, Result, Section, Source, Span};

impl Reader {
    /// The next token, comments included. `None` at the end.
    fn raw_token(&mut self) -> Option<Span> {
        let text = &self.out.text;
        let mut i = self.at;
        while i < text.len() && text[i] <= b' ' {
            i += 1;
        }
        let start = i;
        while i < text.len() && text[i] > b' ' {
            i += 1;
        }
        self.at = i;
        (start < i).then_some(start as u32..i as u32)
    }
    /// The next token that is not part of a comment.
    pub(super) fn token(&mut self) -> Result<Option<Span>> {
        while let Some(t) = self.raw_token() {
            match self.bytes(&t) {
                b"$(" => self.skip_comment(&t)?,
                b"$)" => return self.error(t.start as usize, ReadErrorKind::CommentEndOutside),
                _ => return Ok(Some(t)),
            }
        }
        Ok(None)
    }
    fn skip_comment(&mut self, open: &Span) -> Result<()> {
        let text = &self.out.text;
        let mut i = open.end as usize;
        loop {
            match text[i..].iter().position(|&b| b == b'$') {
                None => return self.error(open.start as usize, ReadErrorKind::UnclosedComment),
                Some(k) => i += k,
            }
            match text.get(i + 1) {
                Some(b')') => {
                    let glued_left = i > open.end as usize && text[i - 1] > b' ' || i == open.end as usize;
                    let glued_right = text.get(i + 2).is_some_and(|&b| b > b' ');
                    if glued_left || glued_right {
                        return self.error(i, ReadErrorKind::CommentInComment);
                    }
                    break;
                }
                Some(b'(') => return self.error(i, ReadErrorKind::CommentInComment),
                _ => i += 1,
            }
        }
        let body = open.end..i as u32;
        self.at = i + 2;
        self.note_heading(&body);
        self.comment = Some(body);
        Ok(())
    }
    fn note_heading(&mut self, body: &Span) {
        let text = self.bytes(body);
        let Some(first) = text.iter().position(|&b| b > b' ') else { return };
        let level = match &text[first..(first + 4).min(text.len())] {
            b"####" => 1,
            b"#*#*" => 2,
            b"=-=-" => 3,
            b"-.-." => 4,
            _ => return,
        };
        let mut lines = text[first..].split(|&b| b == b'\n');
        let skipped = first + lines.next().map_or(0, <[u8]>::len) + 1;
        let Some(title) = lines.next() else { return };
        let lead = title.iter().position(|&b| b > b' ').unwrap_or(title.len());
        let tail = title.iter().rposition(|&b| b > b' ').map_or(lead, |p| p + 1);
        let start = body.start + skipped as u32;
        self.out.sections.push(Section { level, title: start + lead as u32..start + tail as u32 });
        self.section = self.out.sections.len() as u32;
    }
    /// Tokens up to `end` (`$.` or `$=`), without it; pushes nothing.
    pub(super) fn until(
        &mut self,
        keyword: &'static str,
        start: &Span,
        ends: &[&[u8]],
        mut each: impl FnMut(&mut Self, Span) -> Result<()>,
    ) -> Result<Span> {
        loop {
            let Some(t) = self.token()? else {
                return self.error(start.start as usize, ReadErrorKind::UnclosedStatement(keyword));
            };
            let b = self.bytes(&t);
            if ends.contains(&b) {
                return Ok(t);
            }
            if b.contains(&b'$') {
                return match b {
                    b"${" | b"$}" | b"$c" | b"$v" | b"$f" | b"$e" | b"$d" | b"$a" | b"$p" | b"$=" | b"$." | b"$["
                    | b"$]" => self.error(t.start as usize, ReadErrorKind::UnexpectedKeyword(keyword_name(b))),
                    _ => self.error(t.start as usize, ReadErrorKind::UnexpectedToken(self.name(&t))),
                };
            }
            each(self, t)?;
        }
    }
}

impl Source {
    /// The text as its tokens alone, each in its place: comments are blank, white space is spaces and line feeds. What
    /// another verifier is given: it finds nothing there that this reader did not read.
    pub fn bare(&self) -> Vec<u8> {
        let text = &self.text;
        let mut out: Vec<u8> = text.iter().map(|&b| if b == b'\n' { b } else { b' ' }).collect();
        let mut i = 0;
        while i < text.len() {
            let token = text[i..].iter().position(|&b| b <= b' ').map_or(text.len(), |n| i + n);
            match &text[i..token] {
                // the reader has seen to it that the first `$)` ends the comment
                b"$(" => i = text[token..].windows(2).position(|w| w == b"$)").map_or(text.len(), |n| token + n + 2),
                _ => {
                    out[i..token].copy_from_slice(&text[i..token]);
                    i = token + 1;
                }
            }
        }
        out
    }
}

fn keyword_name(b: &[u8]) -> &'static str {
    match b {
        b"${" => "${",
        b"$}" => "$}",
        b"$c" => "$c",
        b"$v" => "$v",
        b"$f" => "$f",
        b"$e" => "$e",
        b"$d" => "$d",
        b"$a" => "$a",
        b"$p" => "$p",
        b"$=" => "$=",
        b"$[" => "$[",
        b"$]" => "$]",
        _ => "$.",
    }
}
