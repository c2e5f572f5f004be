//! New content: an element with all that is in it, made from values or copied from a document.

use std::borrow::Cow;

use super::layout::{free_prefix, in_scope};
use crate::iodef::NS;
use crate::iodef::doc::{Document, Element};
use crate::iodef::xml::{Fault, Position, Refused, Syntax, XML};
use crate::text::xml::{escape_text, escape_value, is_ncname, is_text};

/// An element to insert; flat, as the document's tree is.
///
/// ```
/// use gridwatch::iodef::edit::Fragment;
/// let node = Fragment::new("Node").with(Fragment::leaf("Address", "192.0.2.7").attr("category", "ipv4-addr"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Fragment {
    /// The first opens, the last closes.
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq)]
enum Part {
    /// `None` is the namespace IODEF has in the document; else the namespace and the prefix it would like.
    Open(Option<(String, String)>, String),
    /// Namespace, local name, value.
    Attr(String, String, String),
    Text(String),
    Close,
    /// Written out already.
    Written(String),
}

impl Fragment {
    /// An IODEF element.
    #[must_use]
    pub fn new(local: impl Into<String>) -> Self {
        Self { parts: vec![Part::Open(None, local.into()), Part::Close] }
    }

    /// An IODEF element with text.
    #[must_use]
    pub fn leaf(local: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(local).text(text)
    }

    /// An element of another namespace, with the prefix it would like.
    #[must_use]
    pub fn foreign(ns: impl Into<String>, prefix: impl Into<String>, local: impl Into<String>) -> Self {
        Self { parts: vec![Part::Open(Some((ns.into(), prefix.into())), local.into()), Part::Close] }
    }

    /// An element as it is written elsewhere, with the namespaces in force there; those that are in force in `target`
    /// too are not said again.
    #[must_use]
    pub fn copy(element: Element<'_>, target: Option<Element<'_>>) -> Self {
        let theirs = target.map(in_scope).unwrap_or_default();
        let ours = in_scope(element);
        let own: Vec<&str> = element.declarations().map(|(prefix, _)| prefix).collect();
        let mut missing: Vec<(&str, &str)> = ours
            .iter()
            .filter(|known| !theirs.contains(known) && !own.contains(&&*known.0))
            .map(|(prefix, uri)| (&**prefix, &**uri))
            .collect();
        // A default namespace there must not reach into what had none.
        let has_default = |scope: &[(Cow<'_, str>, Cow<'_, str>)]| scope.iter().any(|(prefix, _)| prefix.is_empty());
        if has_default(&theirs) && !has_default(&ours) {
            missing.push(("", ""));
        }
        let source = std::str::from_utf8(element.source()).unwrap_or_default();
        let (name, rest) = source.split_at_checked(1 + element.qualified().len()).unwrap_or((source, ""));
        let mut written = name.to_owned();
        for (prefix, uri) in missing {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            written.push_str(&format!(" {name}=\"{}\"", escape_value(uri, '"')));
        }
        written.push_str(rest);
        Self { parts: vec![Part::Written(written)] }
    }

    /// An element as [`Element::alone`] writes it.
    #[must_use]
    pub(in crate::iodef) fn written(source: String) -> Self {
        Self { parts: vec![Part::Written(source)] }
    }

    /// Adds an attribute without namespace.
    #[must_use]
    pub fn attr(self, local: impl Into<String>, value: impl Into<String>) -> Self {
        self.attr_ns("", local, value)
    }

    #[must_use]
    pub fn attr_ns(mut self, ns: impl Into<String>, local: impl Into<String>, value: impl Into<String>) -> Self {
        let after = self.parts.iter().skip(1).position(|part| !matches!(part, Part::Attr(..)));
        let at = after.map_or(self.parts.len(), |after| after + 1);
        self.parts.insert(at, Part::Attr(ns.into(), local.into(), value.into()));
        self
    }

    /// Adds `xml:lang`.
    #[must_use]
    pub fn lang(self, tag: impl Into<String>) -> Self {
        self.attr_ns(XML, "lang", tag)
    }

    /// Adds text at the end.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.push([Part::Text(text.into())])
    }

    /// Adds a child at the end.
    #[must_use]
    pub fn with(self, child: Self) -> Self {
        self.push(child.parts)
    }

    fn push(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        let end = self.parts.pop();
        self.parts.extend(parts);
        self.parts.extend(end);
        self
    }

    /// The fragment as text inside `parent`: each element on a line of its own after `lead`, one `unit` deeper each
    /// level, unless `lead` is empty. `None` when a name or a text is not one of XML.
    pub(super) fn write(
        &self,
        parent: Element<'_>,
        neighbour: Option<Element<'_>>,
        lead: &str,
        unit: &str,
    ) -> Option<String> {
        let scope = in_scope(parent).into_iter().map(|(prefix, uri)| (prefix.into_owned(), uri.into_owned())).collect();
        let iodef = parent.document().iodef_namespace();
        let like = [neighbour, Some(parent)].into_iter().flatten().find(|element| element.is_iodef());
        let like = like.map(|element| element.prefix().to_owned()).unwrap_or_default();
        Writer { out: String::new(), open: Vec::new(), scope, iodef, like, lead, unit, tag: false }.run(&self.parts)
    }

    /// The fragment as a document of its own, of IODEF v2, indented by two blanks.
    ///
    /// # Errors
    /// When a name or a text is not one of XML, or it is over a limit of reading.
    pub fn document(&self) -> Result<Document, Refused> {
        let (out, scope) = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), Vec::new());
        let (like, lead, unit) = (String::new(), "\n", "  ");
        let writer = Writer { out, open: Vec::new(), scope, iodef: NS, like, lead, unit, tag: false };
        let place = Position { line: 1, column: 1 };
        let not_xml = || Refused { fault: Fault::Syntax(Syntax::Character), position: place };
        let mut written = writer.run(&self.parts).ok_or_else(not_xml)?;
        written.push('\n');
        Document::read(written.into_bytes(), &[])
    }

    /// Adds a comment's words at the end, when a comment can hold them.
    #[must_use]
    pub fn comment(self, words: &str) -> Self {
        if words.contains("--") || words.ends_with('-') || !is_text(words) {
            return self;
        }
        self.push([Part::Written(format!("<!--{words}-->"))])
    }
}

impl std::fmt::Debug for Fragment {
    /// The name of the element; what is in it may be under any restriction.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parts.first() {
            Some(Part::Open(_, local)) => write!(f, "Fragment(<{local}>, {} parts)", self.parts.len()),
            _ => write!(f, "Fragment({} parts)", self.parts.len()),
        }
    }
}

struct Writer<'w> {
    out: String,
    open: Vec<Open>,
    /// Declarations in force; the last of a prefix counts.
    scope: Vec<(String, String)>,
    iodef: &'w str,
    /// The prefix the neighbours use for IODEF.
    like: String,
    lead: &'w str,
    unit: &'w str,
    /// The last start tag still lacks its `>`.
    tag: bool,
}

struct Open {
    name: String,
    /// Declarations in force around it.
    scope: usize,
    has_text: bool,
    has_elements: bool,
}

impl Writer<'_> {
    fn run(mut self, parts: &[Part]) -> Option<String> {
        for part in parts {
            match part {
                Part::Open(ns, local) => self.open(ns.as_ref(), local)?,
                Part::Attr(ns, local, value) => self.attr(ns, local, value)?,
                Part::Text(text) => {
                    if !is_text(text) {
                        return None;
                    }
                    self.end_tag();
                    self.out.push_str(&escape_text(text));
                    self.open.last_mut()?.has_text = true;
                }
                Part::Close => self.close()?,
                Part::Written(written) => {
                    self.line();
                    self.out.push_str(written);
                }
            }
        }
        Some(self.out)
    }

    fn meaning(&self, prefix: &str) -> &str {
        self.scope.iter().rev().find(|(known, _)| known == prefix).map_or("", |(_, uri)| uri)
    }

    /// Starts a line for a child, where lines are wanted; a text's blanks are its own.
    fn line(&mut self) {
        self.end_tag();
        let depth = self.open.len();
        let Some(outer) = self.open.last_mut() else { return };
        outer.has_elements = true;
        if !self.lead.is_empty() && !outer.has_text {
            self.out.push_str(self.lead);
            self.out.extend(std::iter::repeat_n(self.unit, depth));
        }
    }

    fn open(&mut self, ns: Option<&(String, String)>, local: &str) -> Option<()> {
        if !is_ncname(local) {
            return None;
        }
        self.line();
        let around = self.scope.len();
        let (uri, hint) = ns.map_or((self.iodef, self.like.as_str()), |(uri, hint)| (uri.as_str(), hint.as_str()));
        let bound = |prefix: &str| self.meaning(prefix) == uri;
        let prefix = if uri == XML {
            // Never declared: it stands for itself (Namespaces in XML §3).
            Some("xml".to_owned())
        } else if bound(hint) {
            Some(hint.to_owned())
        } else {
            self.scope.iter().rev().map(|(prefix, _)| prefix).find(|prefix| bound(prefix)).cloned()
        };
        let (prefix, declared) = match prefix {
            Some(prefix) => (prefix, None),
            None if uri.is_empty() => (String::new(), Some(String::new())),
            None => (if is_ncname(hint) { hint.to_owned() } else { String::new() }, Some(uri.to_owned())),
        };
        let name = if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") };
        self.out.push('<');
        self.out.push_str(&name);
        self.tag = true;
        if let Some(uri) = declared {
            self.declare(prefix, uri);
        }
        self.open.push(Open { name, scope: around, has_text: false, has_elements: false });
        Some(())
    }

    fn declare(&mut self, prefix: String, uri: String) {
        self.out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
        self.out.push_str(&format!("{prefix}=\"{}\"", escape_value(&uri, '"')));
        self.scope.push((prefix, uri));
    }

    fn attr(&mut self, ns: &str, local: &str, value: &str) -> Option<()> {
        if !self.tag || !is_ncname(local) || !is_text(value) {
            return None;
        }
        let prefix = match ns {
            "" => String::new(),
            XML => "xml:".to_owned(),
            _ => {
                let bound = |prefix: &&String| !prefix.is_empty() && self.meaning(prefix) == ns;
                let known = self.scope.iter().rev().map(|(prefix, _)| prefix).find(bound).cloned();
                let prefix = known.unwrap_or_else(|| {
                    let scope: Vec<_> = self.scope.iter().map(|(a, b)| (Cow::from(a), Cow::from(b))).collect();
                    let prefix = free_prefix(&scope);
                    self.declare(prefix.clone(), ns.to_owned());
                    prefix
                });
                format!("{prefix}:")
            }
        };
        self.out.push_str(&format!(" {prefix}{local}=\"{}\"", escape_value(value, '"')));
        Some(())
    }

    fn end_tag(&mut self) {
        if std::mem::take(&mut self.tag) {
            self.out.push('>');
        }
    }

    fn close(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        self.scope.truncate(open.scope);
        if std::mem::take(&mut self.tag) {
            self.out.push_str("/>");
            return Some(());
        }
        if open.has_elements && !open.has_text && !self.lead.is_empty() {
            self.out.push_str(self.lead);
            self.out.extend(std::iter::repeat_n(self.unit, self.open.len()));
        }
        self.out.push_str("</");
        self.out.push_str(&open.name);
        self.out.push('>');
        Some(())
    }
}
