//! XPath 1.0 over one document: whether an expression holds for it. A leaf; uses `quick_xml` to read.
//!
//! Of the standard nothing is here but what a question needs: all axes but `following`, `preceding` and `namespace`, no
//! variables, no `id()` and `lang()`. A name without a prefix is of any namespace, so that `//Counter` finds what a reader
//! sees; with one it is of that namespace alone ([`prefixes`]). Documents are hostile: each look at a node is counted, and
//! there is an end to it ([`STEPS`]); nothing here recurses over a document.

mod evaluate;
mod parse;
mod tree;

pub use tree::Tree;

/// Looks at nodes that one document is given: some tenths of a second.
pub const STEPS: u64 = 20_000_000;

/// The evaluation took more looks than a document is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// An expression that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Expr);

impl Expression {
    /// Reads an expression; `None` where it is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        parse::parse(text).map(Self)
    }

    /// Whether it holds for the document: it finds a node, or is true, not zero, not empty.
    ///
    /// # Errors
    /// When that took too long.
    pub fn holds(&self, document: &Tree<'_>) -> Result<bool, TooLong> {
        evaluate::holds(&self.0, document, STEPS)
    }
}

/// The namespaces a prefix stands for; IODEF's is of both versions. Others are not known.
fn prefixes(prefix: &str) -> Option<&'static [&'static str]> {
    Some(match prefix.strip_prefix("iodef-").unwrap_or(prefix) {
        "iodef" => &["urn:ietf:params:xml:ns:iodef-2.0", "urn:ietf:params:xml:ns:iodef-1.0"],
        "enum" => &["urn:ietf:params:xml:ns:iodef-enum-1.0"],
        "sci" => &["urn:ietf:params:xml:ns:iodef-sci-1.0"],
        "ds" => &["http://www.w3.org/2000/09/xmldsig#"],
        "xml" => &[tree::XML],
        _ => return None,
    })
}

#[derive(Clone, Debug, PartialEq)]
enum Expr {
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Compare(Compare, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Union(Box<Expr>, Box<Expr>),
    Path(Start, Vec<Step>),
    Literal(String),
    Number(f64),
    Call(Function, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arithmetic {
    Plus,
    Minus,
    Times,
    Div,
    Mod,
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq)]
enum Start {
    Root,
    Here,
    /// What an expression finds, of it what the predicates leave.
    Found(Box<Expr>, Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    axis: Axis,
    test: Test,
    predicates: Vec<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Axis {
    Child,
    Descendant,
    DescendantOrSelf,
    Itself,
    Parent,
    Ancestor,
    AncestorOrSelf,
    FollowingSibling,
    PrecedingSibling,
    Attribute,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Node,
    Text,
    /// Of these namespaces, or of any; with this local name, or any.
    Name(Option<&'static [&'static str]>, Option<String>),
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Function { $($variant),* }

        impl Function {
            /// The function of this name, if it takes so many arguments.
            fn named(name: &str, arguments: usize) -> Option<Self> {
                match name {
                    $($name if ($least..=$most).contains(&arguments) => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

functions! {
    Last "last" 0 0;
    Position "position" 0 0;
    Count "count" 1 1;
    LocalName "local-name" 0 1;
    Name "name" 0 1;
    NamespaceUri "namespace-uri" 0 1;
    String "string" 0 1;
    Concat "concat" 2 16;
    StartsWith "starts-with" 2 2;
    Contains "contains" 2 2;
    SubstringBefore "substring-before" 2 2;
    SubstringAfter "substring-after" 2 2;
    Substring "substring" 2 3;
    StringLength "string-length" 0 1;
    NormalizeSpace "normalize-space" 0 1;
    Translate "translate" 3 3;
    Boolean "boolean" 1 1;
    Not "not" 1 1;
    True "true" 0 0;
    False "false" 0 0;
    Number "number" 0 1;
    Sum "sum" 1 1;
    Floor "floor" 1 1;
    Ceiling "ceiling" 1 1;
    Round "round" 1 1;
}

#[cfg(test)]
mod tests;
