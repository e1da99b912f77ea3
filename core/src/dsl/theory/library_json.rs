//! The library as text: `library.json` (`docs/formats.md`), written and read.

use super::library::{Lemma, PremiseId, Proof, Rule, Schema, Step, Theory, FLAT_LIMIT, LABEL_HOLE, NESTED, OPEN};
use crate::metamath_db::ids::{AssertionId, SymbolId, TermId};
use crate::metamath_db::terms::term::{Arena, Head};
use serde::{Deserialize, Serialize};

/// Name of the schema.
pub const SCHEMA: &str = "metadream.library";
/// Its version.
pub const VERSION: u32 = 2;

/// One step of a composite's body.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct BodyStep {
    /// The label of the premise applied; `None`: a label hole (level 2).
    pub label: Option<String>,
    /// Indices of earlier steps, or −1 − *i* for hypothesis *i* (level 2: for what is left open).
    pub premises: Vec<i64>,
}

/// One composite.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Entry {
    /// Its label.
    pub label: String,
    /// 1: a lemma; 2: a schema, which states nothing.
    pub level: u32,
    /// It stands after the outermost block of this statement of the database, behind all that it needs.
    pub after: String,
    /// The conclusion.
    pub statement: String,
    /// The `$e` hypotheses, in order.
    pub hypotheses: Vec<String>,
    /// `$d` pairs of variables.
    pub distinct: Vec<(String, String)>,
    /// The proof, premises first.
    pub body: Vec<BodyStep>,
    /// Steps of the body with composites expanded.
    pub size: u64,
    /// The axioms that it rests on, sorted.
    pub axioms: Vec<String>,
    /// Level 2: what search knows of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
}

/// The statistics of a schema that search uses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Strategy {
    /// Share of its first label's uses that go on like it, in millionths.
    pub share: u32,
    /// The schema's gain on held-out proofs, in thousandths of a nat.
    pub millinats: i64,
    /// Sites in the training proofs.
    pub uses: u32,
}

/// `library.json`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct LibraryText {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`VERSION`].
    pub version: u32,
    /// SHA-256 of the database's text.
    pub database_sha256: String,
    /// The composites, each after what it uses.
    pub entries: Vec<Entry>,
    /// SHA-256 of the compact JSON of `entries`.
    pub sha256: String,
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    crate::util::text::hex(&Sha256::digest(bytes))
}

impl Theory {
    /// SHA-256 of the database's text.
    pub fn database_sha256(&self) -> String {
        sha256(&self.db.source.text)
    }
    /// The library as text; the same library gives the same bytes.
    pub fn library_text(&self) -> LibraryText {
        let mut arena = self.arena.clone();
        let mut sizes: Vec<u64> = Vec::new();
        let mut entries = Vec::new();
        for l in &self.lemmas {
            let task = self.lemma_task(l, &mut arena);
            let words = self.task_statement(&task, &arena);
            let mut size = 0u64;
            for p in l.proof.premises() {
                let inner = p.index().checked_sub(self.db.len());
                size = size.saturating_add(inner.map_or(1, |i| sizes[i]));
            }
            sizes.push(size);
            let mut rests: Vec<String> =
                self.axioms(l.proof.premises()).into_iter().map(|a| self.db.source.label(a).to_owned()).collect();
            rests.sort();
            entries.push(Entry {
                label: l.name.clone(),
                level: 1,
                after: self.last_of_block(l.block),
                statement: words.conclusion,
                hypotheses: words.hyps.into_iter().map(|h| h.1).collect(),
                distinct: words.disjoint,
                body: self.body(&l.proof),
                size,
                axioms: rests,
                strategy: None,
            });
        }
        entries.extend(self.schemas.iter().map(|s| self.schema_entry(s)));
        let sha256 = sha256(serde_json::to_string(&entries).unwrap_or_default().as_bytes());
        LibraryText {
            schema: SCHEMA.into(),
            version: VERSION,
            database_sha256: self.database_sha256(),
            entries,
            sha256,
        }
    }
    fn schema_entry(&self, s: &Schema) -> Entry {
        Entry {
            label: s.name.clone(),
            level: 2,
            after: String::new(),
            statement: String::new(),
            hypotheses: Vec::new(),
            distinct: Vec::new(),
            body: self.body(&s.proof),
            size: s.proof.len() as u64,
            axioms: Vec::new(),
            strategy: Some(Strategy { share: s.share, millinats: s.nats, uses: s.uses }),
        }
    }
    fn last_of_block(&self, block: u32) -> String {
        let assertions = &self.db.source.assertions;
        let end = assertions.partition_point(|a| a.outer_block <= block);
        end.checked_sub(1).map_or_else(String::new, |i| self.db.source.label(AssertionId::from(i)).to_owned())
    }
    fn body(&self, proof: &Proof) -> Vec<BodyStep> {
        let mut number: Vec<i64> = Vec::new();
        let mut out: Vec<BodyStep> = Vec::new();
        let mut open = 0;
        for s in &proof.steps {
            match s.rule {
                Rule::Hyp(OPEN) => {
                    number.push(-1 - open);
                    open += 1;
                }
                Rule::Hyp(k) => number.push(-1 - i64::from(k)),
                Rule::Premise(p) => {
                    let premises = s.children.iter().map(|&c| number[c as usize]).collect();
                    number.push(out.len() as i64);
                    let label = (p.0 != LABEL_HOLE).then(|| self.name_in_body(p).to_owned());
                    out.push(BodyStep { label, premises });
                }
            }
        }
        out
    }
    /// The name of what a step of a body applies.
    fn name_in_body(&self, p: PremiseId) -> &str {
        match p.0.checked_sub(NESTED) {
            Some(i) => self.schemas.get(i as usize).map_or("", |s| &s.name),
            None => self.label(p),
        }
    }
    /// This database with the library that a text holds. Every lemma is judged before it joins.
    ///
    /// # Errors
    /// One line: not this schema, another database, a changed file, a lemma that a judge refuses.
    pub fn with_library(&self, text: &str) -> Result<Theory, String> {
        let read: LibraryText = serde_json::from_str(text).map_err(|e| format!("not a library in JSON: {e}"))?;
        if read.schema != SCHEMA || read.version != VERSION {
            return Err(format!(
                "schema {} version {}; this program reads {SCHEMA} version {VERSION}",
                read.schema, read.version
            ));
        }
        if read.database_sha256 != self.database_sha256() {
            return Err("the library was learned on another database".to_owned());
        }
        if sha256(serde_json::to_string(&read.entries).unwrap_or_default().as_bytes()) != read.sha256 {
            return Err("the library's hash does not fit its entries: the file was changed".to_owned());
        }
        let mut out = self.clone();
        out.arena.truncate(self.db.arena.len());
        out.lemmas.clear();
        out.schemas.clear();
        let mut names = rustc_hash::FxHashSet::default();
        for e in &read.entries {
            if !names.insert(&e.label) || e.body.is_empty() {
                return Err(format!("{}: a composite has a label of its own and a body", e.label));
            }
            match (e.level, e.strategy) {
                (1, None) if !out.schemas.is_empty() => return Err("lemmas stand before schemas".to_owned()),
                (1, None) => {}
                (2, Some(_)) if out.find(&e.label).is_some() => return Err(format!("{}: the label is taken", e.label)),
                (2, Some(strategy)) => {
                    let schema = out.entry_schema(e, strategy).map_err(|m| format!("{}: {m}", e.label))?;
                    out.schemas.push(schema);
                    continue;
                }
                _ => return Err(format!("{}: expected level 1, or level 2 with a strategy", e.label)),
            }
            let mut lemma = out.read_entry(e).map_err(|m| format!("{}: {m}", e.label))?;
            lemma.block = out.stands_behind(&e.after, lemma.block).map_err(|m| format!("{}: {m}", e.label))?;
            let mut arena = std::mem::take(&mut out.arena);
            let verdict = out.check_lemma(&lemma, &mut arena);
            out.arena = arena;
            verdict.map_err(|m| format!("{}: {m}", e.label))?;
            out.lemmas.push(lemma);
        }
        // what follows from the bodies (axioms, sizes) is as it follows, and all is written as we write it
        let again = out.library_text().entries;
        match again.iter().zip(&read.entries).find(|(ours, theirs)| ours != theirs) {
            Some((_, e)) => Err(format!("{}: what the entry says of itself does not follow from its body", e.label)),
            None if again.len() != read.entries.len() => Err("lemmas stand before schemas".to_owned()),
            None => Ok(out),
        }
    }
    /// Asks both judges whether a lemma's body proves it. `arena` is the theory's or one grown from it.
    ///
    /// # Errors
    /// Why not.
    pub fn check_lemma(&self, lemma: &Lemma, arena: &mut Arena) -> Result<(), String> {
        let mark = arena.len();
        let task = self.lemma_task(lemma, arena);
        let judged = self.judge(&task, &lemma.proof, arena);
        arena.truncate(mark);
        let judged = judged?;
        judged.verdict.kernel.map_err(|e| format!("kernel: {e}"))?;
        judged.verdict.knife.map_err(|e| format!("metamath-rs: {e}"))
    }
    /// The outermost block behind which a lemma stands: that of `after`. It may be a later one than its body needs, since a
    /// proof that was found afterwards can need less than the first one did.
    fn stands_behind(&self, after: &str, needed: u32) -> Result<u32, String> {
        let source = &self.db.source;
        let a = source.assertion(after).ok_or_else(|| format!("`{after}` names no statement of the database"))?;
        let block = source.assertions[a.index()].outer_block;
        if block < needed {
            return Err(format!("it stands behind `{after}`, before what it needs"));
        }
        Ok(block)
    }
    fn read_entry(&mut self, e: &Entry) -> Result<Lemma, String> {
        let mut arena = std::mem::take(&mut self.arena);
        let lemma = self.entry_lemma(e, &mut arena);
        self.arena = arena;
        lemma
    }
    fn entry_lemma(&self, e: &Entry, arena: &mut Arena) -> Result<Lemma, String> {
        if e.body.iter().any(|s| s.label.is_none()) {
            return Err("a lemma's proof has a label in each step".to_owned());
        }
        if self.find(&e.label).is_some() || self.db.source.lookup(e.label.as_bytes()).is_some() {
            return Err("the label is taken".to_owned());
        }
        let conclusion = self.parse_formula(&e.statement, arena)?;
        let hyps = e.hypotheses.iter().map(|h| self.parse_formula(h, arena)).collect::<Result<Vec<_>, _>>()?;
        let mut variables: Vec<SymbolId> = arena.variables(conclusion);
        for &h in &hyps {
            variables.extend(arena.variables(h));
        }
        let float = |v: &SymbolId| self.outer_float(*v).map_or(u32::MAX, |h| h.0);
        variables.sort_unstable();
        variables.dedup();
        variables.sort_by_key(float);
        let (proof, block) = self.read_body(&e.body, hyps.len())?;
        let number = |name: &String| {
            let v = self.db.source.find_symbol(name.as_bytes());
            v.and_then(|v| variables.iter().position(|&x| x == v))
                .map(|i| i as u16)
                .ok_or(format!("`{name}` is not one of its variables"))
        };
        let mut disjoint = Vec::new();
        for (x, y) in &e.distinct {
            let (x, y) = (number(x)?, number(y)?);
            disjoint.push((x.min(y), x.max(y)));
        }
        disjoint.sort_unstable();
        disjoint.dedup();
        let conclusion = schematic(arena, conclusion, &variables);
        let hyps = hyps.into_iter().map(|h| schematic(arena, h, &variables)).collect();
        Ok(Lemma { name: e.label.clone(), conclusion, hyps, variables, disjoint, proof, block })
    }
    fn entry_schema(&self, e: &Entry, strategy: Strategy) -> Result<Schema, String> {
        let open = e.body.iter().flat_map(|s| &s.premises).filter(|&&c| c < 0).count();
        let (mut proof, _) = self.read_body(&e.body, open)?;
        if !self.is_tree(&proof, open) {
            return Err("each step of a schema but the last is the premise of one other".to_owned());
        }
        proof.steps[..open].iter_mut().for_each(|s| s.rule = Rule::Hyp(OPEN));
        let Strategy { share, millinats, uses } = strategy;
        let schema = Schema { name: e.label.clone(), proof, share, nats: millinats, uses };
        if schema.root().0 >= NESTED || share > 1_000_000 {
            return Err("a schema begins with a label and has a share of at most one".to_owned());
        }
        if self.flat(&schema).steps.len() > FLAT_LIMIT {
            return Err(format!("a schema has at most {FLAT_LIMIT} steps, those that it names expanded"));
        }
        Ok(schema)
    }
    fn read_body(&self, body: &[BodyStep], hyps: usize) -> Result<(Proof, u32), String> {
        let mut proof = Proof::default();
        let mut block = 0;
        let unknown = |label: &String| format!("`{label}` names no statement");
        for k in 0..hyps {
            proof.steps.push(Step { rule: Rule::Hyp(k as u32), children: Default::default() });
        }
        for (i, s) in body.iter().enumerate() {
            let p = match &s.label {
                None => PremiseId(LABEL_HOLE),
                Some(label) => self.find(label).or_else(|| self.nested(label)).ok_or_else(|| unknown(label))?,
            };
            if s.label.is_some() {
                let schema = p.0.checked_sub(NESTED).and_then(|i| self.schemas.get(i as usize));
                let wanted = match schema {
                    Some(inner) => Some(inner.proof.steps.iter().filter(|s| s.rule == Rule::Hyp(OPEN)).count()),
                    None => {
                        block = block.max(self.block(p));
                        self.premise(p).map(|p| p.hyps.len())
                    }
                };
                if wanted != Some(s.premises.len()) {
                    return Err(format!("step {i} does not have as many premises as its label has hypotheses"));
                }
            }
            let mut children = smallvec::SmallVec::new();
            for &c in &s.premises {
                let at = if c < 0 { -1 - c } else { c.saturating_add(hyps as i64) };
                let bound = if c < 0 { hyps } else { hyps + i };
                if at >= bound as i64 {
                    return Err(format!("step {i} uses a step that is not before it"));
                }
                children.push(at as u32);
            }
            proof.steps.push(Step { rule: Rule::Premise(p), children });
        }
        Ok((proof, block))
    }
}

impl Theory {
    /// An earlier schema of the library as what a schema's step applies.
    fn nested(&self, label: &str) -> Option<PremiseId> {
        self.schemas.iter().position(|s| s.name == label).map(|i| PremiseId(NESTED + i as u32))
    }
    /// Whether each step, what is left open too, is the premise of one other, but for the last.
    fn is_tree(&self, proof: &Proof, open: usize) -> bool {
        let mut uses = vec![0u32; proof.steps.len()];
        proof.steps.iter().flat_map(|s| &s.children).for_each(|&c| uses[c as usize] += 1);
        let last = uses.len() - 1;
        open < uses.len() && uses[..last].iter().all(|&n| n == 1)
    }
}

/// Variables replaced by their number as metavariables.
pub fn schematic(arena: &mut Arena, t: TermId, variables: &[SymbolId]) -> TermId {
    let head: Head = arena.head(t);
    if let Some(v) = head.as_variable() {
        return match variables.iter().position(|&x| x == v) {
            Some(i) => arena.meta(i as u32),
            None => t,
        };
    }
    let old: crate::metamath_db::terms::term::Children = arena.children(t).into();
    if old.is_empty() {
        return t;
    }
    let new: crate::metamath_db::terms::term::Children = old.iter().map(|&c| schematic(arena, c, variables)).collect();
    arena.make(head, &new)
}
