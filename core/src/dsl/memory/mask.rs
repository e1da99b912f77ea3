//! Capability masks: the pages that a head may read, write and link (docs/workspace.md, "Masks").
//!
//! Price: a check is a binary search in a list of ranges; without a mask it is one comparison.

use super::cell::{Address, Span, PAGE_SLOTS, SLOTS};
use serde::{Deserialize, Serialize};

/// Pages in the space.
const PAGES: u32 = (SLOTS / PAGE_SLOTS as u64) as u32;

/// The kind of access of a head to a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// Look at it.
    Read,
    /// Change it.
    Write,
    /// Make it an end of a link.
    Link,
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 3] = [Right::Read, Right::Write, Right::Link];

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Write => "write",
            Right::Link => "link",
        }
    }
}

/// A set of pages: ranges `(first, last)`, both included, sorted, not touching.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub struct PageSet(Vec<(u32, u32)>);

impl PageSet {
    /// All pages.
    pub fn all() -> PageSet {
        PageSet(vec![(0, PAGES - 1)])
    }
    /// The pages of these ranges, both ends included; empty ranges and pages beyond the space are left out.
    pub fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> PageSet {
        let mut sorted: Vec<(u32, u32)> = ranges.into_iter().filter(|r| r.0 <= r.1 && r.0 < PAGES).collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            let last = last.min(PAGES - 1);
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        PageSet(merged)
    }
    /// The pages of texts such as `3` and `1-4`.
    ///
    /// # Errors
    /// One line that says what was expected, if a text is no page set or names pages beyond the address space.
    pub fn parse<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<PageSet, String> {
        let page = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|&p: &u32| plain && p < PAGES)
        };
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let found = page(first).zip(page(last)).filter(|(first, last)| first <= last);
            found.ok_or_else(|| format!("expected pages such as 3 or 1-4, up to {}, not `{text}`", PAGES - 1))
        };
        Ok(PageSet::new(texts.into_iter().map(range).collect::<Result<Vec<_>, _>>()?))
    }
    /// The ranges.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }
    /// The first page from `from` to `to` that is not in the set.
    pub fn first_missing(&self, from: u32, to: u32) -> Option<u32> {
        let i = self.0.partition_point(|r| r.1 < from);
        match self.0.get(i) {
            Some(r) if r.0 <= from => (r.1 < to).then(|| r.1 + 1),
            _ => Some(from),
        }
    }
    /// The parts of `span` that lie in the set, in order.
    pub fn within(&self, span: Span) -> Vec<Span> {
        let (start, end) = (span.first().packed(), span.first().packed() + u64::from(span.len()));
        let slots = u64::from(PAGE_SLOTS);
        let part = |&(first, last): &(u32, u32)| {
            let low = start.max(u64::from(first) * slots);
            let high = end.min((u64::from(last) + 1) * slots);
            let first = Address::from_packed(low)?;
            (low < high).then(|| Span::new(first, (high - low) as u32))?
        };
        self.0.iter().filter_map(part).collect()
    }
}

impl From<Vec<(u32, u32)>> for PageSet {
    fn from(ranges: Vec<(u32, u32)>) -> PageSet {
        PageSet::new(ranges)
    }
}

impl From<PageSet> for Vec<(u32, u32)> {
    fn from(set: PageSet) -> Vec<(u32, u32)> {
        set.0
    }
}

/// The rights of a head. The default allows everything.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Pages that it may read.
    pub read: PageSet,
    /// Pages that it may write.
    pub write: PageSet,
    /// Pages that it may link, at both ends.
    pub link: PageSet,
}

impl Default for Mask {
    fn default() -> Mask {
        Mask { read: PageSet::all(), write: PageSet::all(), link: PageSet::all() }
    }
}

impl Mask {
    /// The pages of a right, to be set.
    pub fn pages_mut(&mut self, right: Right) -> &mut PageSet {
        match right {
            Right::Read => &mut self.read,
            Right::Write => &mut self.write,
            Right::Link => &mut self.link,
        }
    }
    fn pages(&self, right: Right) -> &PageSet {
        match right {
            Right::Read => &self.read,
            Right::Write => &self.write,
            Right::Link => &self.link,
        }
    }
    /// Whether the head may do this at `a`.
    pub fn allows(&self, right: Right, a: Address) -> bool {
        self.pages(right).first_missing(a.page(), a.page()).is_none()
    }
    /// The first address of `span` where the head may not do this.
    pub fn first_breach(&self, right: Right, span: Span) -> Option<Address> {
        let last = span.first().plus(u64::from(span.len()).checked_sub(1)?)?;
        let page = self.pages(right).first_missing(span.first().page(), last.page())?;
        Some(span.first().max(Address::new(page, 0, 0)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_normal_and_agree_with_a_plain_set() {
        let set = PageSet::new([(7, 9), (3, 4), (5, 5), (9, 12), (20, 10)]);
        assert_eq!(set.ranges(), [(3, 5), (7, 12)]);
        let has = |p: u32| (3..=5).contains(&p) || (7..=12).contains(&p);
        for from in 0..16 {
            for to in from..16 {
                assert_eq!(set.first_missing(from, to), (from..=to).find(|&p| !has(p)), "{from} {to}");
            }
        }
        assert_eq!(PageSet::all().first_missing(0, PAGES - 1), None);
        assert_eq!(PageSet::new([]).first_missing(5, 9), Some(5));
    }

    #[test]
    fn page_texts_are_ranges_or_refused() {
        assert_eq!(PageSet::parse(["7", "1-4", "5"]).unwrap().ranges(), [(1, 5), (7, 7)]);
        assert_eq!(PageSet::parse([]).unwrap().ranges(), []);
        assert_eq!(PageSet::parse([format!("0-{}", PAGES - 1).as_str()]).unwrap(), PageSet::all());
        for wrong in ["", "-", "1-", "-1", "+1", "4-1", "1-2-3", "x", " 1", "1:0:0", &PAGES.to_string()] {
            assert!(PageSet::parse([wrong]).unwrap_err().contains(wrong), "{wrong}");
        }
    }

    #[test]
    fn spans_are_cut_and_breaches_have_an_address() {
        let page = |p: u32| Address::new(p, 0, 0).unwrap();
        let mask = Mask { read: PageSet::new([(1, 1), (3, 4)]), ..Mask::default() };
        let span = Span::new(Address::new(1, 15, 15).unwrap(), 3 * 256).unwrap();
        assert_eq!(mask.first_breach(Right::Read, span), Some(page(2)));
        assert_eq!(mask.first_breach(Right::Write, span), None);
        let parts = mask.read.within(span);
        let cut: Vec<(Address, u32)> = parts.iter().map(|s| (s.first(), s.len())).collect();
        assert_eq!(cut, [(span.first(), 1), (page(3), 2 * 256 - 1)]);
        assert_eq!(mask.first_breach(Right::Read, Span::new(page(2), 0).unwrap()), None);
        assert!(mask.allows(Right::Read, page(3)) && !mask.allows(Right::Read, page(0)));
        let text = serde_json::to_string(&mask).unwrap();
        assert_eq!(serde_json::from_str::<Mask>(&text).unwrap(), mask);
        assert!(serde_json::from_str::<Mask>("{\"read\":[],\"write\":[],\"link\":[],\"x\":1}").is_err());
    }
}
