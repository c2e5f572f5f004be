//! Result sets (XEP-0059), asking side: one page after another. Uses `xml`.

use super::xml::{El, Writer};

pub const NS: &str = "http://jabber.org/protocol/rsm";
/// Longest id of a page's edge that is repeated to the answerer, in bytes.
pub const ID: usize = 4_096;

/// Where a page lies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    #[default]
    Start,
    /// After this id.
    After(String),
    /// Before this id; empty: the last page.
    Before(String),
}

/// A page asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub max: u32,
    pub at: At,
}

impl Query {
    pub fn write(&self, w: &mut Writer) {
        let _ = w.open_ns("set", NS).leaf("max", &self.max.to_string());
        let _ = match &self.at {
            At::Start => w,
            At::After(id) => w.leaf("after", id),
            At::Before(id) if id.is_empty() => w.open("before").close(),
            At::Before(id) => w.leaf("before", id),
        }
        .close();
    }
}

/// What the answerer says of a page. Counts may lie: a reader stops when a page brings nothing new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub first: Option<String>,
    /// Place of the first in the whole set.
    pub index: Option<u32>,
    pub last: Option<String>,
    pub count: Option<u32>,
}

impl Page {
    /// The `<set/>` among the children of `parent`, wherever it stands.
    #[must_use]
    pub fn inside(parent: El<'_>) -> Option<Self> {
        let set = parent.child(NS, "set")?;
        let text = |name| set.child(NS, name).map(|el| el.text().into_owned()).filter(|text| text.len() <= ID);
        Some(Self {
            first: text("first"),
            index: set.child(NS, "first").and_then(|first| first.attr("index")?.trim().parse().ok()),
            last: text("last"),
            count: text("count").and_then(|count| count.trim().parse().ok()),
        })
    }

    /// How to ask for what follows, given how it was asked; `None` when this was the last page or no progress shows.
    #[must_use]
    pub fn next(&self, asked: &Query) -> Option<Query> {
        let at = match &asked.at {
            At::Start | At::After(_) => At::After(self.last.clone().filter(|last| !last.is_empty())?),
            At::Before(_) => At::Before(self.first.clone().filter(|first| !first.is_empty())?),
        };
        (at != asked.at).then_some(Query { max: asked.max, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    #[test]
    fn writes_pages() {
        let query = |at| written(|w| Query { max: 50, at }.write(w));
        let start = "<set xmlns='http://jabber.org/protocol/rsm'><max>50</max>";
        assert_eq!(query(At::Start), format!("{start}</set>"));
        assert_eq!(query(At::After("a&b".to_owned())), format!("{start}<after>a&amp;b</after></set>"));
        assert_eq!(query(At::Before(String::new())), format!("{start}<before/></set>"));
    }

    #[test]
    fn goes_on_while_there_is_progress() {
        let stanza = received(
            "<iq><set xmlns='http://jabber.org/protocol/rsm'><first index='10'>a</first><last>c</last>\
             <count>-1</count></set></iq>",
        );
        let page = Page::inside(stanza.root()).unwrap();
        assert_eq!(page, Page { first: Some("a".into()), index: Some(10), last: Some("c".into()), count: None });
        let asked = Query { max: 3, at: At::Start };
        let next = page.next(&asked).unwrap();
        assert_eq!(next.at, At::After("c".into()));
        assert_eq!(page.next(&next), None, "the same last again is no progress");
        let back = page.next(&Query { max: 3, at: At::Before(String::new()) }).unwrap();
        assert_eq!(back.at, At::Before("a".into()));
        assert_eq!(Page::default().next(&asked), None);
        assert_eq!(Page::inside(received("<iq/>").root()), None);
        let long = format!("<iq><set xmlns='{NS}'><last>{}</last></set></iq>", "x".repeat(ID + 1));
        assert_eq!(Page::inside(received(&long).root()), Some(Page::default()), "no id to go on from");
    }
}
