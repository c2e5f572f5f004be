//! Saved views and mute rules: plain values, their rules, and the text they are kept and shared as.
//!
//! May use `model`, `text`, the filter language and the index's sorting. A view's text is a small TOML table that a person can
//! read, mail and open elsewhere; its filter stands in it as [`Query::stored`].

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::index::order::{By, Sort};
use super::query::Query;
use crate::model::Say;
use crate::text;

/// Longest name of a view, in characters.
pub const NAME: usize = 80;
/// Most views.
pub const VIEWS: usize = 500;
/// Longest time a mute rule may be in force; what should last longer is a view.
pub const LONGEST_MUTE: TimeDelta = TimeDelta::days(366);
/// Widest column, in points.
const WIDEST: u16 = 2_000;

/// Why a view or a rule is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("a view needs a name")]
    NoName,
    #[error("there is a view of this name")]
    NameTaken { name: String },
    #[error("too many views")]
    TooMany,
    #[error("not a view's text")]
    NotAView { cause: String },
    #[error("a newer program wrote the view")]
    Newer { version: u8 },
    #[error("the filter cannot be read")]
    Filter(#[from] super::query::Error),
    #[error("a mute rule needs a filter")]
    MutesAll,
    #[error("a mute rule ends in the future, within a year")]
    Expiry,
}

impl Fault {
    #[must_use]
    pub fn say(&self) -> Say {
        match self {
            Self::NoName => Say::new("query-view-no-name"),
            Self::NameTaken { name } => Say::new("query-view-name").with("name", text::line(name)),
            Self::TooMany => Say::new("query-view-many"),
            Self::NotAView { cause } => Say::new("query-view-text").with("cause", text::line(cause)),
            Self::Newer { version } => Say::new("query-view-newer").with("version", version.to_string()),
            Self::Filter(error) => error.say(),
            Self::MutesAll => Say::new("query-mute-all"),
            Self::Expiry => Say::new("query-mute-expiry"),
        }
    }
}

/// A column of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    Severity,
    Tlp,
    Title,
    Topic,
    From,
    Csirt,
    Id,
    At,
    Received,
    Detected,
    Started,
    Status,
    Size,
    Observables,
    Tags,
}

/// How tightly rows stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Density {
    Compact,
    #[default]
    Comfortable,
    Roomy,
}

/// What makes rows one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    Topic,
    /// The CSIRT that says it; where none does, who published it.
    Source,
    /// The campaign that it names (RFC 7970 §3.7.3); of several, the one that most others name.
    Campaign,
    /// The observable that it shares with most others.
    Observable,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Topic, Self::Source, Self::Campaign, Self::Observable];

    /// Told by what the rows themselves say, which no column holds.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Campaign | Self::Observable)
    }
}

/// A column with the width its person gave it, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Width {
    pub column: Column,
    /// 0 is what is left over.
    pub width: u16,
}

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// A folder's name and `/` may stand before it.
    name: String,
    pub query: Query,
    pub sort: Sort,
    /// The order of rows that are equal in it.
    pub then: Option<Sort>,
    /// In the order they are shown; none is the feed's own choice.
    pub columns: Vec<Width>,
    pub density: Density,
    /// What its rows are put together by.
    pub group: Option<Group>,
}

/// A view as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    #[serde(default = "first")]
    version: u8,
    name: String,
    filter: String,
    #[serde(default = "newest")]
    sort: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    then: Option<String>,
    #[serde(default)]
    density: Density,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<Group>,
    #[serde(default)]
    columns: Vec<Width>,
}

/// Raised when an older program would make something else of a view's text.
const VERSION: u8 = 1;

fn first() -> u8 {
    1
}

fn newest() -> String {
    sort_text(Sort::default())
}

const SORTS: [(&str, By); 16] = [
    ("at", By::At),
    ("received", By::Received),
    ("severity", By::Severity),
    ("tlp", By::Label),
    ("topic", By::Topic),
    ("from", By::From),
    ("csirt", By::Csirt),
    ("status", By::Status),
    ("detected", By::Detected),
    ("started", By::Started),
    ("size", By::Size),
    ("observables", By::Observables),
    ("unread", By::Unread),
    ("title", By::Title),
    ("id", By::Id),
    ("tags", By::Tags),
];

/// `-at` is newest first.
fn sort_text(sort: Sort) -> String {
    let name = SORTS.iter().find(|(_, by)| *by == sort.by).map_or("at", |(name, _)| name);
    format!("{}{name}", if sort.descending { "-" } else { "" })
}

fn read_sort(text: &str) -> Option<Sort> {
    let name = text.strip_prefix('-');
    let (name, descending) = (name.unwrap_or(text), name.is_some());
    SORTS.iter().find(|(own, _)| *own == name).map(|(_, by)| Sort { by: *by, descending })
}

/// The words a column is kept by, as in a view's own text.
const COLUMNS: [(&str, Column); 15] = [
    ("severity", Column::Severity),
    ("tlp", Column::Tlp),
    ("title", Column::Title),
    ("topic", Column::Topic),
    ("from", Column::From),
    ("csirt", Column::Csirt),
    ("id", Column::Id),
    ("at", Column::At),
    ("received", Column::Received),
    ("detected", Column::Detected),
    ("started", Column::Started),
    ("status", Column::Status),
    ("size", Column::Size),
    ("observables", Column::Observables),
    ("tags", Column::Tags),
];

/// What kept columns begin with; raised as [`VERSION`] is.
const KEPT: &str = "gridwatch-columns/1";

/// Columns on one line, to be kept where there is no view.
#[must_use]
pub fn columns_text(columns: &[Width]) -> String {
    let name = |column| COLUMNS.iter().find(|(_, own)| *own == column).map_or("", |(name, _)| name);
    let words = columns.iter().map(|own| format!("{}:{}", name(own.column), own.width));
    std::iter::once(KEPT.to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

/// Reads [`columns_text`]; what is not understood of it is left out, so that nobody is left without a list.
#[must_use]
pub fn read_columns(text: &str) -> Vec<Width> {
    let mut words = text.split_whitespace();
    if words.next() != Some(KEPT) {
        return Vec::new();
    }
    let mut columns: Vec<Width> = Vec::new();
    for (name, width) in words.filter_map(|word| word.split_once(':')) {
        let column = COLUMNS.iter().find(|(own, _)| *own == name).map(|(_, column)| *column);
        if let (Some(column), Ok(width)) = (column, width.parse::<u16>())
            && !columns.iter().any(|own| own.column == column)
        {
            columns.push(Width { column, width: width.min(WIDEST) });
        }
    }
    columns
}

impl View {
    /// A view of this filter, sorted and laid out as the feed is at first.
    ///
    /// # Errors
    /// When the name is empty.
    pub fn new(name: &str, query: Query) -> Result<Self, Fault> {
        let name = text::one_line(name, NAME);
        if name.is_empty() {
            return Err(Fault::NoName);
        }
        Ok(Self {
            name,
            query,
            sort: Sort::default(),
            then: None,
            columns: Vec::new(),
            density: Density::default(),
            group: None,
        })
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same under another name.
    ///
    /// # Errors
    /// When that is empty.
    pub fn named(&self, name: &str) -> Result<Self, Fault> {
        let Self { name, .. } = Self::new(name, self.query.clone())?;
        Ok(Self { name, ..self.clone() })
    }

    /// The text to keep or share.
    #[must_use]
    pub fn text(&self) -> String {
        let written = Written {
            version: VERSION,
            name: self.name.clone(),
            filter: self.query.stored(),
            sort: sort_text(self.sort),
            then: self.then.map(sort_text),
            density: self.density,
            group: self.group,
            columns: self.columns.clone(),
        };
        // Texts and small numbers can always be written.
        toml::to_string(&written).unwrap_or_default()
    }

    /// Reads [`View::text`], or what somebody made of it.
    ///
    /// # Errors
    /// When it is no view, or its filter is from a newer program or cannot be read.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let not_one = |cause: &str| Fault::NotAView { cause: text::one_line(cause, text::LINE) };
        let written: Written = toml::from_str(text).map_err(|error| not_one(error.message()))?;
        if written.version > VERSION {
            return Err(Fault::Newer { version: written.version });
        }
        let read = |text: &String| read_sort(text).ok_or_else(|| not_one(text));
        let sort = read(&written.sort)?;
        let then = written.then.as_ref().map(read).transpose()?;
        let mut columns: Vec<Width> = Vec::new();
        for Width { column, width } in written.columns {
            if !columns.iter().any(|own| own.column == column) {
                columns.push(Width { column, width: width.min(WIDEST) });
            }
        }
        let view = Self::new(&written.name, Query::from_stored(&written.filter)?)?;
        Ok(Self { sort, then, columns, density: written.density, group: written.group, ..view })
    }
}

/// All views, in the order of the side bar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Views(Vec<View>);

impl Views {
    #[must_use]
    pub fn all(&self) -> &[View] {
        &self.0
    }

    /// Adds a view at the end.
    ///
    /// # Errors
    /// When another has its name, or there are too many.
    pub fn add(&mut self, view: View) -> Result<(), Fault> {
        self.free(&view.name, None)?;
        if self.0.len() >= VIEWS {
            return Err(Fault::TooMany);
        }
        self.0.push(view);
        Ok(())
    }

    /// Puts a view in the place of another, under a new name or the same.
    ///
    /// # Errors
    /// When a third has its name.
    pub fn replace(&mut self, at: usize, view: View) -> Result<(), Fault> {
        self.free(&view.name, Some(at))?;
        if let Some(own) = self.0.get_mut(at) {
            *own = view;
        }
        Ok(())
    }

    pub fn remove(&mut self, at: usize) -> Option<View> {
        (at < self.0.len()).then(|| self.0.remove(at))
    }

    /// Moves a view to another place; those between make room.
    pub fn shift(&mut self, from: usize, to: usize) {
        if let Some(view) = self.remove(from) {
            self.0.insert(to.min(self.0.len()), view);
        }
    }

    fn free(&self, name: &str, besides: Option<usize>) -> Result<(), Fault> {
        let own = name.to_lowercase();
        let taken = self.0.iter().enumerate().any(|(at, view)| Some(at) != besides && view.name.to_lowercase() == own);
        if taken { Err(Fault::NameTaken { name: name.to_owned() }) } else { Ok(()) }
    }
}

/// A rule that keeps incidents out of sight: always counted, never for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mute {
    query: Query,
    until: DateTime<Utc>,
}

impl Mute {
    /// # Errors
    /// When it would mute everything, or its end is not in the next year.
    pub fn new(query: Query, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, Fault> {
        if query.is_everything() {
            return Err(Fault::MutesAll);
        }
        if until <= now || until > now + LONGEST_MUTE {
            return Err(Fault::Expiry);
        }
        Ok(Self { query, until })
    }

    /// The text to keep it as: when it ends, and its filter.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", self.until.to_rfc3339_opts(SecondsFormat::AutoSi, true), self.query.stored())
    }

    /// Reads [`Mute::text`]; the rule may be over by now.
    ///
    /// # Errors
    /// When it is no rule, or its filter is from a newer program or cannot be read.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let (until, filter) = text.split_once(' ').ok_or(Fault::Expiry)?;
        let until = until.parse().map_err(|_| Fault::Expiry)?;
        let query = Query::from_stored(filter)?;
        if query.is_everything() { Err(Fault::MutesAll) } else { Ok(Self { query, until }) }
    }

    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }

    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.until <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Catalog;

    fn view(name: &str, filter: &str) -> View {
        View::new(name, filter.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_view_is_read_as_it_is_written() {
        let mut one = view("  Team /\n urgent \u{fc} ", "severity:high -topic:\"lab, old\" /a\\/b/i");
        one.sort = Sort { by: By::Severity, descending: false };
        one.then = Some(Sort { by: By::Topic, descending: true });
        one.columns = vec![Width { column: Column::Title, width: 0 }, Width { column: Column::Tlp, width: 70 }];
        one.density = Density::Compact;
        one.group = Some(Group::Source);
        assert_eq!(one.name(), "Team / urgent \u{fc}");
        assert_eq!(View::read(&one.text()), Ok(one.clone()));
        for (_, by) in SORTS {
            for descending in [false, true] {
                one.sort = Sort { by, descending };
                assert_eq!(View::read(&one.text()).unwrap().sort, one.sort);
            }
        }
        assert_eq!(read_columns(&columns_text(&one.columns)), one.columns);
        assert_eq!(
            read_columns("gridwatch-columns/1 tlp:9000 new:3 tlp:4 title"),
            [Width { column: Column::Tlp, width: WIDEST }]
        );
        assert!(read_columns("gridwatch-columns/2 tlp:9").is_empty());
        assert!(COLUMNS.iter().all(|(name, column)| toml::Value::try_from(column).unwrap().as_str() == Some(*name)));
        let bare = View::read("name = \"x\"\nfilter = \"gridwatch-filter/1 is:unread\"\n").unwrap();
        assert_eq!((bare.query.to_string().as_str(), bare.sort, bare.columns.len()), ("is:unread", Sort::default(), 0));
    }

    #[test]
    fn texts_that_are_no_views() {
        let catalog = Catalog::default();
        for (text, key) in [
            ("", "query-view-text"),
            ("name = 1", "query-view-text"),
            ("version = 2\nname = \"x\"\nfilter = \"gridwatch-filter/1 \"", "query-view-newer"),
            ("name = \"x\"\nfilter = \"gridwatch-filter/2 x\"", "query-error-version"),
            ("name = \"x\"\nfilter = \"gridwatch-filter/1 sevrity:high\"", "query-error-field-near"),
            ("name = \" \"\nfilter = \"gridwatch-filter/1 \"", "query-view-no-name"),
            ("name = \"x\"\nfilter = \"gridwatch-filter/1 \"\nsort = \"colour\"", "query-view-text"),
        ] {
            let say = View::read(text).unwrap_err().say();
            assert_eq!(say.key, key, "{text}");
            assert!(catalog.has(say.key));
        }
    }

    #[test]
    fn names_are_one_of_a_kind_and_places_move() {
        let mut views = Views::default();
        for name in ["a", "b", "c"] {
            views.add(view(name, "is:unread")).unwrap();
        }
        assert_eq!(views.add(view("B", "x")), Err(Fault::NameTaken { name: "B".to_owned() }));
        assert_eq!(views.replace(1, view("B", "x")), Ok(()));
        assert!(views.replace(1, view("C", "x")).is_err());
        views.shift(0, 2);
        views.shift(9, 0);
        assert_eq!(views.all().iter().map(View::name).collect::<Vec<_>>(), ["B", "c", "a"]);
        assert!(views.remove(7).is_none() && views.remove(0).is_some());
        (0..VIEWS - 2).for_each(|n| views.add(view(&format!("v{n}"), "x")).unwrap());
        assert_eq!(views.add(view("one more", "x")), Err(Fault::TooMany));
    }

    #[test]
    fn nothing_is_muted_for_ever() {
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let make = |filter: &str, days| Mute::new(filter.parse().unwrap(), now + TimeDelta::days(days), now);
        assert_eq!(make("", 1), Err(Fault::MutesAll));
        assert_eq!(make("topic:lab*", 0), Err(Fault::Expiry));
        assert_eq!(make("topic:lab*", 367), Err(Fault::Expiry));
        let rule = make("topic:lab*", 7).unwrap();
        assert_eq!(Mute::read(&rule.text()), Ok(rule.clone()));
        assert_eq!(Mute::read("2026-11-28T12:00:00Z gridwatch-filter/1 "), Err(Fault::MutesAll));
        assert!(["", "x", "soon gridwatch-filter/1 x"].iter().all(|text| Mute::read(text) == Err(Fault::Expiry)));
        assert!(!rule.is_over(now) && rule.is_over(now + TimeDelta::days(7)));
        assert!(
            [Fault::MutesAll, Fault::Expiry, Fault::TooMany]
                .iter()
                .all(|fault| Catalog::default().has(fault.say().key))
        );
    }
}
