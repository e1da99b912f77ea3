//! The headings that assertions stand under.

use super::reader::{Assertion, Source};

impl Source {
    /// The title of a section, by number (as in [`Assertion::section`]), white space folded at its ends.
    pub fn section_title(&self, section: u32) -> Option<&str> {
        let s = self.sections.get((section as usize).checked_sub(1)?)?;
        Some(self.str(&s.title).trim())
    }
    /// By assertion whether one of the headings that it stands under holds a text, small and capital letters alike;
    /// `None` if no heading of the source does.
    pub fn in_section(&self, text: &str) -> Option<Vec<bool>> {
        let text = text.to_ascii_lowercase();
        let mut found = false;
        let mut inside = vec![false];
        let mut open: Vec<(u8, bool)> = Vec::new();
        for s in &self.sections {
            let here = self.str(&s.title).to_ascii_lowercase().contains(&text);
            found |= here;
            open.retain(|o| o.0 < s.level);
            open.push((s.level, here));
            inside.push(open.iter().any(|o| o.1));
        }
        let is_inside = |a: &Assertion| inside.get(a.section as usize).copied().unwrap_or(false);
        found.then(|| self.assertions.iter().map(is_inside).collect())
    }
    /// By assertion the mathbox that it stands in, numbered from 1 by their headings ("Mathbox for NAME"); 0 for none.
    pub fn mathboxes(&self) -> Vec<u32> {
        let mut current = 0;
        let mut by_section = vec![0];
        for s in &self.sections {
            if self.str(&s.title).trim_start().starts_with("Mathbox for ") {
                current += 1;
            } else if s.level == 1 {
                current = 0;
            }
            by_section.push(current);
        }
        self.assertions.iter().map(|a| by_section.get(a.section as usize).copied().unwrap_or(0)).collect()
    }
    /// By section number (as in [`Assertion::section`]), the titles of the part and of the chapter (set.mm's first two
    /// kinds of headings) that it stands in, those that there are.
    pub fn chapters(&self) -> Vec<Vec<&str>> {
        let mut open: Vec<(u8, &str)> = Vec::new();
        let mut out = vec![Vec::new()];
        for s in &self.sections {
            open.retain(|o| o.0 < s.level);
            if s.level <= 2 {
                open.push((s.level, self.str(&s.title)));
            }
            out.push(open.iter().map(|o| o.1).collect());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_chapter_ends_with_its_part() {
        let heading = |mark: &str, title: &str| format!("$( {} \n {title}\n {} $)\n", mark.repeat(4), mark.repeat(4));
        let mut text = "$c |- $.\na0 $a |- $.\n".to_owned();
        for (i, (mark, title)) in [("##", "P"), ("=-", "s"), ("#*", "C"), ("=-", "t"), ("##", "Q")].iter().enumerate() {
            text += &heading(mark, title);
            text += &format!("a{} $a |- $.\n", i + 1);
        }
        let source = Source::read(text.into_bytes()).unwrap();
        let chapters = source.chapters();
        let of: Vec<_> = source.assertions.iter().map(|a| chapters[a.section as usize].join("/")).collect();
        assert_eq!(of, ["", "P", "P", "P/C", "P/C", "Q"]);
    }
}
