//! Typed ids: an index into one table cannot be used on another.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
        impl $name {
            /// The id as an index.
            #[inline]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
        impl From<usize> for $name {
            #[inline]
            fn from(i: usize) -> Self {
                $name(u32::try_from(i).expect("table of more than 2^32 entries"))
            }
        }
    };
}

id! {
    /// A math symbol (constant or variable), in order of declaration.
    SymbolId
}
id! {
    /// A `$f` or `$e` statement, in file order.
    HypId
}
id! {
    /// A `$a` or `$p` statement, in file order. This order is the premise order: a proof may use smaller ids only.
    AssertionId
}
id! {
    /// A hash-consed term of an [`crate::metamath_db::terms::term::Arena`]: equal ids of one arena are equal terms.
    TermId
}
