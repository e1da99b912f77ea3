//! Page files: a workspace as a file whose pages are read when they are first touched (docs/workspace.md, "Page
//! files").
//!
//! Opening reads the end record, the terms and the table of pages; a page comes by one positioned read, is compared with its
//! SHA-256 and decoded. What a page says is believed only as far as its cells are well formed: facts are refused, at
//! saving and at reading, because a fact's proof stands in the machine and not in the file.
//!
//! Price: 56 bytes a page at opening, and one node of the workspace's tree; 16 KiB, one hash, at a page's first touch.

use super::cell::{Address, Cell, Tag, PAGE_SLOTS};
use super::isa::LinkKind;
use super::log::replay::head_from_raw;
use super::workspace::{Link, Page, Workspace};
use crate::metamath_db::ids::TermId;
use crate::metamath_db::term::Arena;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const MAGIC: [u8; 8] = *b"MDPAGES\0";
const VERSION: u64 = 1;
const ENTRY: usize = 56;
const END: usize = 8 + 6 * 8 + 3 * 32;
const CELLS: usize = 64 * PAGE_SLOTS as usize;
const LINK: usize = 12;

/// Why a page file cannot be written or opened. Displays as one line without the file's name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PageFileError {
    /// The file system's answer.
    Io(String),
    /// There is no end record where the file ends.
    NoPageFile,
    /// Another version of the format.
    Version(u64),
    /// Which part is not as it was saved.
    Damaged(&'static str),
    /// The arena does not hold the terms that the file stands on.
    OtherTerms,
    /// A fact stands here; its proof is not in the workspace.
    Fact(Address),
    /// The machine has done something already.
    Used,
    /// A page that cannot be had.
    Page(BrokenPage),
}

impl fmt::Display for PageFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PageFileError::Io(why) => f.write_str(why),
            PageFileError::NoPageFile => f.write_str("this is no page file, or it was cut off: it has no end record"),
            PageFileError::Version(v) => write!(f, "this page file has version {v}; expected version {VERSION}"),
            PageFileError::Damaged(part) => write!(f, "the page file is damaged: {part}; save it again"),
            PageFileError::OtherTerms => {
                f.write_str("the page file was saved over another database or task: open it with the one of its saving")
            }
            PageFileError::Fact(a) => {
                write!(f, "the cell {a} is a fact, whose proof no page file holds; keep the run's log instead")
            }
            PageFileError::Used => f.write_str("the machine was used already: open page files with a new one"),
            PageFileError::Page(broken) => write!(f, "{broken}"),
        }
    }
}

impl From<io::Error> for PageFileError {
    fn from(e: io::Error) -> PageFileError {
        PageFileError::Io(e.to_string())
    }
}

/// A page that its file does not give as it was saved. Displays as one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokenPage {
    /// The page's number.
    pub page: u32,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for BrokenPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "page {} of {}: {}", self.page, self.path.display(), self.why)
    }
}

/// One line of the table of pages.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub page: u32,
    /// Written cells.
    pub used: u32,
    links: u32,
    incoming: u32,
    offset: u64,
    sha256: [u8; 32],
}

impl Entry {
    fn len(&self) -> usize {
        CELLS + LINK * (self.links as usize + self.incoming as usize)
    }
    fn put(&self, out: &mut Vec<u8>) {
        for n in [self.page, self.used, self.links, self.incoming] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.offset.to_le_bytes());
        out.extend_from_slice(&self.sha256);
    }
    fn from_bytes(b: &[u8]) -> Entry {
        Entry {
            page: u32_at(b, 0),
            used: u32_at(b, 4),
            links: u32_at(b, 8),
            incoming: u32_at(b, 12),
            offset: u64_at(b, 16),
            sha256: hash_at(b, 24),
        }
    }
}

/// The last bytes of a file: what everything else is found and checked by.
struct End {
    pages: u64,
    /// Where the terms begin; the pages end there.
    terms_at: u64,
    /// Where the table begins; the terms end there.
    table_at: u64,
    /// Terms that the arena must hold before, with their SHA-256.
    base: u64,
    base_sha256: [u8; 32],
    /// SHA-256 of terms and table.
    middle_sha256: [u8; 32],
}

impl End {
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        for n in [VERSION, self.pages, self.terms_at, self.table_at, self.base, 0] {
            out.extend_from_slice(&n.to_le_bytes());
        }
        out.extend_from_slice(&self.base_sha256);
        out.extend_from_slice(&self.middle_sha256);
        let digest: [u8; 32] = Sha256::digest(&out).into();
        out.extend_from_slice(&digest);
        out
    }
    fn from_bytes(b: &[u8; END]) -> Result<End, PageFileError> {
        if b[..8] != MAGIC {
            return Err(PageFileError::NoPageFile);
        }
        if <[u8; 32]>::from(Sha256::digest(&b[..END - 32])) != hash_at(b, END - 32) {
            return Err(PageFileError::Damaged("its end record does not have the SHA-256 that it states"));
        }
        match u64_at(b, 8) {
            VERSION => {}
            v => return Err(PageFileError::Version(v)),
        }
        Ok(End {
            pages: u64_at(b, 16),
            terms_at: u64_at(b, 24),
            table_at: u64_at(b, 32),
            base: u64_at(b, 40),
            base_sha256: hash_at(b, 56),
            middle_sha256: hash_at(b, 88),
        })
    }
}

fn u32_at(b: &[u8], i: usize) -> u32 {
    u32::from_le_bytes(b[i..i + 4].try_into().expect("4 bytes"))
}
fn u64_at(b: &[u8], i: usize) -> u64 {
    u64::from_le_bytes(b[i..i + 8].try_into().expect("8 bytes"))
}
fn hash_at(b: &[u8], i: usize) -> [u8; 32] {
    b[i..i + 32].try_into().expect("32 bytes")
}

/// An open page file.
pub(super) struct PageFile {
    file: File,
    path: PathBuf,
    table: Vec<Entry>,
    /// Terms that cells may name.
    terms: u64,
}

impl PageFile {
    fn read(&self, entry: &Entry) -> Result<Page, String> {
        let mut bytes = vec![0; entry.len()];
        self.file.read_exact_at(&mut bytes, entry.offset).map_err(|e| e.to_string())?;
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != entry.sha256 {
            return Err("its SHA-256 is not the one that the table states: it was damaged after it was saved".into());
        }
        decode(&bytes, entry, self.terms).ok_or_else(|| "it is not well formed".into())
    }
}

/// A page that stands in a file, and is read when it is first touched.
#[derive(Clone)]
pub(super) struct Filed {
    file: Arc<PageFile>,
    index: usize,
    page: OnceLock<Result<Page, BrokenPage>>,
}

impl Filed {
    /// What the table says of it.
    pub fn entry(&self) -> &Entry {
        &self.file.table[self.index]
    }
    /// The page.
    pub fn get(&self) -> Result<&Page, &BrokenPage> {
        let read = || {
            let broken = |why| BrokenPage { page: self.entry().page, path: self.file.path.clone(), why };
            self.file.read(self.entry()).map_err(broken)
        };
        self.page.get_or_init(read).as_ref()
    }
    /// Whether it was touched.
    pub fn is_read(&self) -> bool {
        self.page.get().is_some()
    }
    /// The same, untouched.
    pub fn untouched(&self) -> Filed {
        Filed { file: self.file.clone(), index: self.index, page: OnceLock::new() }
    }
    /// The page itself.
    pub fn into_page(self) -> Option<Page> {
        self.get().ok()?;
        self.page.into_inner()?.ok()
    }
}

fn put_link(l: &Link, out: &mut Vec<u8>) {
    out.extend_from_slice(&(l.from.packed() as u32).to_le_bytes());
    out.extend_from_slice(&(l.kind as u32).to_le_bytes());
    out.extend_from_slice(&(l.to.packed() as u32).to_le_bytes());
}

fn link_from(b: &[u8]) -> Option<Link> {
    Some(Link {
        from: Address::from_packed(u64::from(u32_at(b, 0)))?,
        kind: LinkKind::from_code(u8::try_from(u32_at(b, 4)).ok()?)?,
        to: Address::from_packed(u64::from(u32_at(b, 8)))?,
    })
}

fn encode(page: &Page) -> Vec<u8> {
    let mut out = Vec::with_capacity(CELLS);
    page.cells.iter().for_each(|c| out.extend_from_slice(&c.to_bytes()));
    page.links.iter().for_each(|l| put_link(l, &mut out));
    page.incoming().for_each(|l| put_link(&l, &mut out));
    out
}

fn decode(bytes: &[u8], entry: &Entry, terms: u64) -> Option<Page> {
    let (cells, links) = bytes.split_at(CELLS);
    let cells: Option<Vec<Cell>> =
        cells.chunks_exact(64).map(|b| Cell::from_bytes(b.try_into().expect("64 bytes"))).collect();
    let cells = cells?;
    let named = |c: &Cell| c.content().as_term().is_none() || c.value < terms;
    let fits = cells.iter().all(|c| c.tag != Tag::Fact && named(c));
    let used = cells.iter().filter(|c| !c.is_empty()).count();
    let links: Option<Vec<Link>> = links.chunks_exact(LINK).map(link_from).collect();
    let mut links = links?;
    let incoming = links.split_off(entry.links as usize);
    let here = links.iter().all(|l| l.from.page() == entry.page) && incoming.iter().all(|l| l.to.page() == entry.page);
    (fits && here && used == entry.used as usize).then(|| Page::of(cells, links, &incoming))?
}

/// The terms from number `from` to before `to`, as bytes: head, number of children, children; 32 bits each.
fn terms(arena: &Arena, from: usize, to: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for t in (from..to).map(TermId::from) {
        let children = arena.children(t);
        out.extend_from_slice(&arena.head(t).raw().to_le_bytes());
        out.extend_from_slice(&(children.len() as u32).to_le_bytes());
        children.iter().for_each(|c| out.extend_from_slice(&c.0.to_le_bytes()));
    }
    out
}

/// Makes the terms of [`terms`] in the arena; none if they are not new ones in order of their numbers.
fn make_terms(arena: &mut Arena, bytes: &[u8]) -> Option<()> {
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let mut words = bytes.chunks_exact(4).map(|b| u32_at(b, 0));
    while let Some(head) = words.next() {
        let n = words.next()? as usize;
        let children: Vec<TermId> = words.by_ref().take(n).map(TermId).collect();
        let known = arena.len();
        if children.len() != n || children.iter().any(|c| c.index() >= known) {
            return None;
        }
        if arena.make(head_from_raw(head), &children).index() != known {
            return None;
        }
    }
    Some(())
}

/// Saves a workspace, with the terms of the arena from number `base` on; the others must be there when the file is
/// opened. The file appears whole or not at all: it is written beside `path`, brought to the disk, and renamed.
///
/// # Errors
/// A fact in the workspace, a page that cannot be read, or what the file system says.
pub fn save(workspace: &Workspace, arena: &Arena, base: usize, path: &Path) -> Result<(), PageFileError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = PathBuf::from(beside);
    let done = write(workspace, arena, base, &beside).and_then(|()| Ok(std::fs::rename(&beside, path)?));
    if done.is_err() {
        let _ = std::fs::remove_file(&beside); // what is left of a file that failed anyway
    }
    done
}

fn write(workspace: &Workspace, arena: &Arena, base: usize, path: &Path) -> Result<(), PageFileError> {
    let mut out = BufWriter::new(File::create(path)?);
    let (mut middle, mut pages, mut offset) = (terms(arena, base, arena.len()), 0, 0);
    let mut table = Vec::new();
    workspace.each_page(&mut |page, p| {
        if let Some(i) = p.cells.iter().position(|c| c.tag == Tag::Fact) {
            return Err(PageFileError::Fact(Address::from_packed(u64::from(page) << 8 | i as u64).expect("inside")));
        }
        let body = encode(p);
        let used = p.cells.iter().filter(|c| !c.is_empty()).count() as u32;
        let (links, incoming) = (p.links.len() as u32, p.incoming().count() as u32);
        Entry { page, used, links, incoming, offset, sha256: Sha256::digest(&body).into() }.put(&mut table);
        pages += 1;
        offset += body.len() as u64;
        Ok(out.write_all(&body)?)
    })?;
    let table_at = offset + middle.len() as u64;
    middle.extend_from_slice(&table);
    let end = End {
        pages,
        terms_at: offset,
        table_at,
        base: base as u64,
        base_sha256: Sha256::digest(terms(arena, 0, base)).into(),
        middle_sha256: Sha256::digest(&middle).into(),
    };
    out.write_all(&middle)?;
    out.write_all(&end.to_bytes())?;
    out.into_inner().map_err(|e| PageFileError::Io(e.to_string()))?.sync_all()?;
    Ok(())
}

/// Opens a page file as a workspace, and makes its terms in the arena. Reads no page.
///
/// # Errors
/// A file that is no page file or not whole, or an arena that it does not stand on; the arena is as before then.
pub fn open(path: &Path, arena: &mut Arena) -> Result<Workspace, PageFileError> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let end_at = len.checked_sub(END as u64).ok_or(PageFileError::NoPageFile)?;
    let mut bytes = [0; END];
    file.read_exact_at(&mut bytes, end_at)?;
    let end = End::from_bytes(&bytes)?;
    let wrong = PageFileError::Damaged("its parts do not have the lengths that its end record states");
    let table_len = end.pages.checked_mul(ENTRY as u64).ok_or(wrong.clone())?;
    if end.terms_at > end.table_at || end.table_at.checked_add(table_len) != Some(end_at) {
        return Err(wrong);
    }
    let mut middle = Vec::new();
    file.seek(SeekFrom::Start(end.terms_at))?;
    (&file).take(end_at - end.terms_at).read_to_end(&mut middle)?;
    if <[u8; 32]>::from(Sha256::digest(&middle)) != end.middle_sha256 {
        return Err(PageFileError::Damaged("its table of pages does not have the SHA-256 that its end record states"));
    }
    let (new, table) = middle.split_at((end.table_at - end.terms_at) as usize);
    let table: Vec<Entry> = table.chunks_exact(ENTRY).map(Entry::from_bytes).collect();
    if !is_table(&table, end.terms_at) {
        return Err(PageFileError::Damaged("its table of pages is not well formed"));
    }
    let base = arena.len();
    if end.base != base as u64 || <[u8; 32]>::from(Sha256::digest(terms(arena, 0, base))) != end.base_sha256 {
        return Err(PageFileError::OtherTerms);
    }
    if make_terms(arena, new).is_none() {
        arena.truncate(base);
        return Err(PageFileError::Damaged("its terms are not well formed"));
    }
    let file = Arc::new(PageFile { file, path: path.to_owned(), table, terms: arena.len() as u64 });
    let filed = (0..file.table.len()).map(|index| Filed { file: file.clone(), index, page: OnceLock::new() });
    Ok(Workspace::of_pages(filed))
}

/// Whether the pages ascend, stand one behind the other, and end where the terms begin.
fn is_table(table: &[Entry], terms_at: u64) -> bool {
    let mut at = 0;
    let follows = table.iter().all(|e| {
        let here = e.offset == at;
        at += e.len() as u64;
        here && e.page < 1 << 23 && e.used <= PAGE_SLOTS
    });
    follows && at == terms_at && table.windows(2).all(|w| w[0].page < w[1].page)
}
