//! Lambda expressions, hash-consed: equal expressions have one id, and an id is larger than those of its parts.
//!
//! The order of the ids is what makes every pass over a corpus a plain loop: costs, occurrences and rewriting need no
//! recursion and no visited set. The price is that an arena only grows; a corpus that was rewritten gets a new one.

use rustc_hash::FxHashMap;
use std::fmt;

/// An expression of an [`Exprs`].
pub type Id = u32;
/// A symbol of an [`Exprs`]: a primitive or the name of an abstraction.
pub type Symbol = u32;

/// A mark on a variable or lambda, as `$0_1` and `lam_1` have it: 0 is none, else the number in the text and 1. Only what
/// has the same mark is equal.
pub type Tag = u32;

/// One level of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// A primitive, or the name of an abstraction.
    Prim(Symbol),
    /// A variable bound by the lambda that is this many lambdas up (de Bruijn).
    Var(u32, Tag),
    /// A parameter of an abstraction's body.
    Param(u32),
    /// A function applied to one argument.
    App(Id, Id),
    /// A function of one variable.
    Lam(Id, Tag),
}

/// The costs of the parts of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// An application.
    pub app: i64,
    /// A lambda.
    pub lam: i64,
    /// A primitive, a variable, the name of an abstraction.
    pub symbol: i64,
}

impl Default for Costs {
    /// The costs of the Stitch paper (section 6): application and lambda 1, symbols 100.
    fn default() -> Costs {
        Costs { app: 1, lam: 1, symbol: 100 }
    }
}

/// Why a text is no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The text ends within a parenthesis.
    Unclosed,
    /// A closing parenthesis that was not opened, or text after the program, at this byte.
    Trailing(usize),
    /// `()`, or a lambda without exactly one body, at this byte.
    Empty(usize),
    /// A variable that no lambda binds, or one without a number.
    Variable(String),
    /// A parameter that an abstraction of this arity does not have, or a body that is nothing but a parameter.
    Parameter(String),
    /// Parentheses are nested deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// Bound on the nesting of parentheses and of expressions, so that foreign text cannot exhaust the stack.
pub const MAX_DEPTH: u32 = 2_000;

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::Unclosed => write!(f, "a parenthesis is not closed"),
            ParseError::Trailing(at) => write!(f, "one program was expected, and ends before byte {at}"),
            ParseError::Empty(at) => write!(f, "an application or a lambda lacks its parts at byte {at}"),
            ParseError::Variable(text) => write!(f, "`{text}` is not a variable that a lambda around it binds"),
            ParseError::Parameter(text) => write!(f, "`{text}` stands for no parameter, or is the whole body"),
            ParseError::TooDeep => write!(f, "the program is nested deeper than {MAX_DEPTH} levels"),
        }
    }
}

/// An arena of expressions.
#[derive(Clone, Debug, Default)]
pub struct Exprs {
    nodes: Vec<Node>,
    index: FxHashMap<Node, Id>,
    /// 1 + the largest free variable, 0 if closed.
    free: Vec<u32>,
    depth: Vec<u32>,
    cost: Vec<i64>,
    names: Vec<String>,
    symbols: FxHashMap<String, Symbol>,
    costs: Costs,
}

impl Exprs {
    /// An empty arena with these costs.
    pub fn new(costs: Costs) -> Exprs {
        Exprs { costs, ..Exprs::default() }
    }
    /// An empty arena with the same costs and symbols.
    pub fn fresh(&self) -> Exprs {
        Exprs { costs: self.costs, names: self.names.clone(), symbols: self.symbols.clone(), ..Exprs::default() }
    }
    /// How many expressions there are; ids are below it.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
    /// The costs in force.
    pub fn costs(&self) -> Costs {
        self.costs
    }
    /// The top of an expression.
    pub fn node(&self, e: Id) -> Node {
        self.nodes[e as usize]
    }
    /// 1 + the largest free variable of an expression, 0 if it is closed.
    pub fn free(&self, e: Id) -> u32 {
        self.free[e as usize]
    }
    /// Cost of an expression written out as a tree; parameters are free.
    pub fn cost(&self, e: Id) -> i64 {
        self.cost[e as usize]
    }
    /// The symbol of this name, made if need be.
    pub fn symbol(&mut self, name: &str) -> Symbol {
        if let Some(&s) = self.symbols.get(name) {
            return s;
        }
        let s = self.names.len() as Symbol;
        self.names.push(name.into());
        self.symbols.insert(name.into(), s);
        s
    }
    /// The name of a symbol.
    pub fn name(&self, s: Symbol) -> &str {
        &self.names[s as usize]
    }
    /// The symbol of this name, if there is one.
    pub fn find_symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }
    /// Whether there is a symbol of this name.
    pub fn has_symbol(&self, name: &str) -> bool {
        self.symbols.contains_key(name)
    }
    /// How many symbols there are.
    pub fn symbol_count(&self) -> usize {
        self.names.len()
    }
    /// The expression with this top.
    pub fn add(&mut self, node: Node) -> Id {
        if let Some(&e) = self.index.get(&node) {
            return e;
        }
        let (free, depth, cost) = match node {
            Node::Prim(_) => (0, 1, self.costs.symbol),
            Node::Var(i, _) => (i + 1, 1, self.costs.symbol),
            Node::Param(_) => (0, 1, 0),
            Node::App(f, x) => (
                self.free(f).max(self.free(x)),
                1 + self.depth[f as usize].max(self.depth[x as usize]),
                (self.costs.app + self.cost(f)).saturating_add(self.cost(x)),
            ),
            Node::Lam(b, _) => (
                self.free(b).saturating_sub(1),
                1 + self.depth[b as usize],
                self.cost(b).saturating_add(self.costs.lam),
            ),
        };
        let e = self.nodes.len() as Id;
        self.nodes.push(node);
        self.free.push(free);
        self.depth.push(depth);
        self.cost.push(cost);
        self.index.insert(node, e);
        e
    }
    /// `f` applied to arguments, one after the other.
    pub fn apply(&mut self, f: Id, args: impl IntoIterator<Item = Id>) -> Id {
        args.into_iter().fold(f, |f, x| self.add(Node::App(f, x)))
    }
    /// Expression `e`, as it reads `by` lambdas further out: free variables lowered. `None` if a variable of those
    /// lambdas occurs in it.
    pub fn lower(&mut self, e: Id, by: u32) -> Option<Id> {
        if by == 0 || self.free(e) == 0 {
            return Some(e);
        }
        self.lower_under(e, by, 0)
    }
    fn lower_under(&mut self, e: Id, by: u32, under: u32) -> Option<Id> {
        if self.free(e) <= under {
            return Some(e);
        }
        Some(match self.node(e) {
            Node::Var(i, _) if i < under + by => return None,
            Node::Var(i, tag) => self.add(Node::Var(i - by, tag)),
            Node::App(f, x) => {
                let (f, x) = (self.lower_under(f, by, under)?, self.lower_under(x, by, under)?);
                self.add(Node::App(f, x))
            }
            Node::Lam(b, tag) => {
                let b = self.lower_under(b, by, under + 1)?;
                self.add(Node::Lam(b, tag))
            }
            Node::Prim(_) | Node::Param(_) => e,
        })
    }
    /// The inverse of [`Exprs::lower`]: free variables raised, as under `by` more lambdas.
    pub fn raise(&mut self, e: Id, by: u32) -> Id {
        if by == 0 {
            return e;
        }
        self.raise_under(e, by, 0)
    }
    fn raise_under(&mut self, e: Id, by: u32, under: u32) -> Id {
        if self.free(e) <= under {
            return e;
        }
        match self.node(e) {
            Node::Var(i, tag) => self.add(Node::Var(i + by, tag)),
            Node::App(f, x) => {
                let (f, x) = (self.raise_under(f, by, under), self.raise_under(x, by, under));
                self.add(Node::App(f, x))
            }
            Node::Lam(b, tag) => {
                let b = self.raise_under(b, by, under + 1);
                self.add(Node::Lam(b, tag))
            }
            Node::Prim(_) | Node::Param(_) => e,
        }
    }
    /// A body with its parameters replaced by arguments; `under` lambdas of the body are around it.
    pub fn instantiate(&mut self, body: Id, args: &[Id], under: u32) -> Id {
        match self.node(body) {
            Node::Param(i) => self.raise(args[i as usize], under),
            Node::App(f, x) => {
                let (f, x) = (self.instantiate(f, args, under), self.instantiate(x, args, under));
                self.add(Node::App(f, x))
            }
            Node::Lam(b, tag) => {
                let b = self.instantiate(b, args, under + 1);
                self.add(Node::Lam(b, tag))
            }
            Node::Prim(_) | Node::Var(..) => body,
        }
    }

    /// Reads a program: `name`, `(f x y)` for applications one after the other, `(lam body)` or `(lambda body)`, `$0`;
    /// `lam_1` and `$0_1` have marks. With `params` it is a body: `#0` is a parameter, else a symbol like any other, and
    /// each variable must be bound; a program's may stand for what is around it.
    pub fn parse(&mut self, text: &str, params: bool) -> Result<Id, ParseError> {
        let mut reader = Reader { text, at: 0, params, depth: 0 };
        let e = reader.expression(self)?;
        if reader.token().is_some() {
            return Err(ParseError::Trailing(reader.at));
        }
        match self.free(e) {
            _ if self.depth[e as usize] > MAX_DEPTH => Err(ParseError::TooDeep),
            n if params && n > 0 => Err(ParseError::Variable(format!("${}", n - 1))),
            _ => Ok(e),
        }
    }
    /// Whether a body is fit for an abstraction with so many parameters.
    ///
    /// # Errors
    /// [`ParseError::Parameter`] for one that there is not, and for a body that is a parameter.
    pub fn check_parameters(&self, body: Id, arity: usize) -> Result<(), ParseError> {
        let mut stack = vec![body];
        while let Some(e) = stack.pop() {
            match self.node(e) {
                Node::Param(i) if i as usize >= arity || e == body => {
                    return Err(ParseError::Parameter(format!("#{i}")));
                }
                Node::App(f, x) => stack.extend([f, x]),
                Node::Lam(b, _) => stack.push(b),
                _ => {}
            }
        }
        Ok(())
    }
    /// An expression as text, which [`Exprs::parse`] reads back.
    pub fn show(&self, e: Id) -> String {
        let mut out = String::new();
        self.write(e, &mut out);
        out
    }
    fn write(&self, e: Id, out: &mut String) {
        match self.node(e) {
            Node::Prim(s) => out.push_str(self.name(s)),
            Node::Var(i, tag) => out.push_str(&format!("${i}{}", mark(tag))),
            Node::Param(i) => out.push_str(&format!("#{i}")),
            Node::Lam(b, tag) => {
                out.push_str(&format!("(lam{} ", mark(tag)));
                self.write(b, out);
                out.push(')');
            }
            Node::App(..) => {
                let (mut spine, mut f) = (Vec::new(), e);
                while let Node::App(g, x) = self.node(f) {
                    spine.push(x);
                    f = g;
                }
                out.push('(');
                self.write(f, out);
                for x in spine.into_iter().rev() {
                    out.push(' ');
                    self.write(x, out);
                }
                out.push(')');
            }
        }
    }
    /// Copies an expression of another arena here, symbols by name.
    pub fn copy(&mut self, from: &Exprs, e: Id) -> Id {
        let mut memo = FxHashMap::default();
        self.copy_memo(from, e, &mut memo)
    }
    /// [`Exprs::copy`] of many expressions; what was copied is in `memo`.
    pub fn copy_memo(&mut self, from: &Exprs, e: Id, memo: &mut FxHashMap<Id, Id>) -> Id {
        if let Some(&done) = memo.get(&e) {
            return done;
        }
        let node = match from.node(e) {
            Node::Prim(s) => Node::Prim(self.symbol(from.name(s))),
            Node::App(f, x) => Node::App(self.copy_memo(from, f, memo), self.copy_memo(from, x, memo)),
            Node::Lam(b, tag) => Node::Lam(self.copy_memo(from, b, memo), tag),
            leaf => leaf,
        };
        let done = self.add(node);
        memo.insert(e, done);
        done
    }
}

/// A mark as it is written.
fn mark(tag: Tag) -> String {
    tag.checked_sub(1).map_or(String::new(), |number| format!("_{number}"))
}

/// The mark of a lambda's or variable's text: none, or `_` and a number. `None` for anything else.
fn read_mark(text: &str) -> Option<Tag> {
    if text.is_empty() {
        return Some(0);
    }
    text.strip_prefix('_')?.parse::<u32>().ok()?.checked_add(1)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    params: bool,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn token(&mut self) -> Option<&'a str> {
        let rest = &self.text[self.at..];
        let start = rest.find(|c: char| !c.is_whitespace())?;
        let rest = &rest[start..];
        let len = match rest.as_bytes()[0] {
            b'(' | b')' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')').unwrap_or(rest.len()),
        };
        self.at += start + len;
        Some(&rest[..len])
    }
    fn expression(&mut self, out: &mut Exprs) -> Result<Id, ParseError> {
        let token = self.token().ok_or(ParseError::Unclosed)?;
        self.after(token, out)
    }
    fn after(&mut self, token: &'a str, out: &mut Exprs) -> Result<Id, ParseError> {
        match token {
            "(" => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(ParseError::TooDeep);
                }
                let e = self.inside(out);
                self.depth -= 1;
                e
            }
            ")" => Err(ParseError::Empty(self.at)),
            _ => self.leaf(token, out),
        }
    }
    fn inside(&mut self, out: &mut Exprs) -> Result<Id, ParseError> {
        let head = self.token().ok_or(ParseError::Unclosed)?;
        let rest = head.strip_prefix("lambda").or_else(|| head.strip_prefix("lam"));
        if let Some(tag) = rest.and_then(read_mark) {
            let body = self.expression(out)?;
            return match self.token() {
                Some(")") => Ok(out.add(Node::Lam(body, tag))),
                Some(_) => Err(ParseError::Empty(self.at)),
                None => Err(ParseError::Unclosed),
            };
        }
        let mut e = self.after(head, out)?;
        loop {
            match self.token() {
                None => return Err(ParseError::Unclosed),
                Some(")") => return Ok(e),
                Some(token) => {
                    let x = self.after(token, out)?;
                    e = out.add(Node::App(e, x));
                }
            }
        }
    }
    fn leaf(&self, token: &str, out: &mut Exprs) -> Result<Id, ParseError> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|&i| i < MAX_DEPTH);
        if let Some(rest) = token.strip_prefix('$') {
            let (digits, tag) = rest.split_at(rest.find('_').unwrap_or(rest.len()));
            let read = number(digits).zip(read_mark(tag));
            let (i, tag) = read.ok_or_else(|| ParseError::Variable(token.into()))?;
            return Ok(out.add(Node::Var(i, tag)));
        }
        if let (true, Some(i)) = (self.params, token.strip_prefix('#').and_then(number)) {
            return Ok(out.add(Node::Param(i)));
        }
        let s = out.symbol(token);
        Ok(out.add(Node::Prim(s)))
    }
}
