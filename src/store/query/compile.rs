//! From what was written to what the index does: a plan for one moment.

use chrono::{DateTime, Utc};

use super::error::{Error, Problem};
use super::extent::{Amber, labels, numbers, severities, times};
use super::field::Type;
use super::value::{Name, Text};
use super::{Cmp, Field, Has, Is, Node, Query, Term, Value};
use crate::model::{Observable, ObservableKind, Typed};
use crate::store::index::columns::Time;
use crate::store::index::key::{self, Reach, Span, Tag};
use crate::store::index::lookup::{Facet, Question, Word};
use crate::store::index::marks::{self, Code, Flags};
use crate::store::index::pattern::Pattern;
use crate::store::index::plan::{Plan, Test};
use crate::store::index::source::Part;

/// Lists kept elsewhere (`@known`): values as they are written behind a field.
pub trait Lists {
    /// The list of this name, for a field.
    fn list(&self, field: Field, name: &str) -> Option<Vec<String>>;
}

/// No lists.
impl Lists for () {
    fn list(&self, _: Field, _: &str) -> Option<Vec<String>> {
        None
    }
}

/// What a filter means beyond its text.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub now: DateTime<Utc>,
    pub amber: Amber,
    pub lists: &'a dyn Lists,
}

impl<'a> Context<'a> {
    /// Without lists, amber read strictly.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self { now, amber: Amber::default(), lists: &() }
    }
}

impl Query {
    /// The plan.
    ///
    /// # Errors
    /// When a list it names is not there, or holds what its field cannot have.
    pub fn plan(&self, cx: &Context<'_>) -> Result<Plan, Error> {
        node(self.root(), cx)
    }
}

fn node(tree: &Node, cx: &Context<'_>) -> Result<Plan, Error> {
    let all = |nodes: &[Node]| nodes.iter().map(|one| node(one, cx)).collect::<Result<Vec<_>, _>>();
    Ok(match tree {
        Node::All(nodes) => Plan::All(all(nodes)?),
        Node::Any(nodes) => Plan::Any(all(nodes)?),
        Node::Not(inner) => not(node(inner, cx)?),
        Node::Term(Term::Words(text)) => words(text),
        Node::Term(Term::Regex(regex)) => Plan::Ask(Question::Regex(regex.clone())),
        Node::Term(Term::Field { field, cmp, values }) => {
            let values = resolved(*field, *cmp, values, cx)?;
            // `!=` is the opposite of `:`.
            let plan = fielded(*field, if *cmp == Cmp::Ne { Cmp::Has } else { *cmp }, &values, cx);
            if *cmp == Cmp::Ne { not(plan) } else { plan }
        }
    })
}

fn not(plan: Plan) -> Plan {
    Plan::Not(Box::new(plan))
}

fn any(mut plans: Vec<Plan>) -> Plan {
    if plans.len() == 1 { plans.pop().unwrap_or(Plan::NOTHING) } else { Plan::Any(plans) }
}

/// The values with the lists' own in the place of their names.
fn resolved(field: Field, cmp: Cmp, values: &[Value], cx: &Context<'_>) -> Result<Vec<Value>, Error> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let Value::Macro(name) = value else {
            all.push(value.clone());
            continue;
        };
        let unknown = || Problem::UnknownList { name: name.clone() }.at(1);
        for text in cx.lists.list(field, name).ok_or_else(unknown)? {
            // A list may not name a list.
            let quoted = text.starts_with('@');
            all.push(Value::read(field, cmp, &text, quoted).map_err(|problem| problem.at(1))?);
        }
    }
    Ok(all)
}

/// A word, and the observable it may be: a pasted address is looked for as one too.
fn words(text: &Text) -> Plan {
    if text.is_any() {
        return Plan::All(Vec::new());
    }
    let begins = text.glob && text.text.ends_with('*') && text.text.matches('*').count() == 1;
    let asked = if text.glob && !begins {
        // A star inside a word: a regular expression over the whole text.
        let parts: Vec<String> = text.text.split('*').map(regex::escape).collect();
        Question::Regex(super::Regex { pattern: format!(r"\b{}\b", parts.join(r"\w*")), insensitive: true })
    } else {
        let word = text.text.strip_suffix('*').filter(|_| begins).unwrap_or(&text.text);
        Question::words(vec![Word { text: word.to_owned(), begins }])
    };
    let spans = match text.glob {
        // The name of a file, and a text that is no other observable's, are found by how they begin.
        true if begins => {
            [Tag::File, Tag::Other].into_iter().flat_map(|tag| key::texts(tag, &start(&text.text))).collect()
        }
        true => Vec::new(),
        false => {
            let mut spans = observable(&text.text);
            spans.extend(
                [ObservableKind::File, ObservableKind::Other].into_iter().flat_map(|kind| one(kind, &text.text)),
            );
            spans
        }
    };
    match spans.is_empty() {
        true => Plan::Ask(asked),
        false => Plan::Any(vec![Plan::Ask(Question::Keys { spans, keep: None }), Plan::Ask(asked)]),
    }
}

/// What stands before the star, as keys fold it.
fn start(text: &str) -> String {
    text.strip_suffix('*').unwrap_or(text).to_lowercase()
}

/// The spans of what a pasted value means; none if it is no observable.
#[must_use]
pub fn observable(text: &str) -> Vec<Span> {
    if key::is_digest(text) {
        return key::hashes(text);
    }
    if key::cve_of(text).is_some() {
        return one(ObservableKind::Cve, text);
    }
    match Typed::read(text) {
        Some(Typed::Ipv4(ip)) => key::addresses(ip.into(), ip.into()),
        Some(Typed::Ipv6(ip)) => key::addresses(ip.into(), ip.into()),
        Some(Typed::Ipv4Net(..) | Typed::Ipv6Net(..)) => {
            key::network_of(&crate::model::typed::refang(text)).map(key::overlapping).unwrap_or_default()
        }
        Some(Typed::Asn(number)) => key::asns(number, number),
        Some(Typed::Domain(name)) => key::domains(&name, Reach::Both),
        Some(Typed::Url(url)) => vec![Span::one(key::url(&url))],
        Some(typed @ (Typed::Email(_) | Typed::Mac(_))) => one(typed.kind(), &typed.to_string()),
        None => Vec::new(),
    }
}

fn one(kind: ObservableKind, text: &str) -> Vec<Span> {
    // The first key is the observable's own.
    key::keys(&Observable { kind, value: text.to_owned() }).into_iter().take(1).map(Span::one).collect()
}

fn fielded(field: Field, cmp: Cmp, values: &[Value], cx: &Context<'_>) -> Plan {
    match field {
        Field::Topic => source(Part::Topic, cmp, values),
        Field::From => source(Part::From, cmp, values),
        Field::Csirt => source(Part::Csirt, cmp, values),
        Field::Severity => Plan::Test(Test::Code { code: Code::SEVERITY, values: severities(cmp, values) }),
        Field::Tlp => Plan::Test(Test::Code { code: Code::LABEL, values: labels(cmp, values, cx.amber) }),
        Field::Purpose => worded(Code::PURPOSE, Facet::Purpose, cmp, values),
        Field::Status => worded(Code::STATUS, Facet::Status, cmp, values),
        Field::Rev => Plan::Test(Test::Count { code: Code::REVISION, spans: numbers(cmp, values) }),
        Field::Observables => Plan::Test(Test::Count { code: Code::OBSERVABLES, spans: numbers(cmp, values) }),
        Field::Size => Plan::Test(Test::Size(numbers(cmp, values))),
        Field::Since | Field::Until | Field::On => time(Time::At, field, cmp, values, cx),
        Field::Detected => time(Time::Detected, field, cmp, values, cx),
        Field::Started => time(Time::Started, field, cmp, values, cx),
        Field::Is => any(values.iter().filter_map(is).collect()),
        Field::Has => any(values.iter().filter_map(has).collect()),
        Field::Confidence => Plan::Ask(Question::Confidence(numbers(cmp, values))),
        Field::Id => text(Facet::Id, cmp, values),
        Field::Impact => text(Facet::Impact, cmp, values),
        Field::Action => text(Facet::Action, cmp, values),
        Field::Actor => text(Facet::Actor, cmp, values),
        Field::Campaign => text(Facet::Campaign, cmp, values),
        Field::Method => text(Facet::Method, cmp, values),
        Field::Lang => text(Facet::Lang, cmp, values),
        Field::Tag => text(Facet::Tag, cmp, values),
        Field::Like => any(values.iter().filter_map(like).collect()),
        Field::Xpath => any(values.iter().filter_map(xpath).collect()),
        _ => observables(field, cmp, values),
    }
}

fn pattern(cmp: Cmp, value: &Value) -> Option<Pattern> {
    let Value::Text(text) = value else { return None };
    Some(if cmp == Cmp::Eq { Pattern::exactly(&text.text) } else { Pattern::new(&text.text, text.glob) })
}

fn patterns(cmp: Cmp, values: &[Value]) -> Vec<Pattern> {
    values.iter().filter_map(|value| pattern(cmp, value)).collect()
}

fn source(part: Part, cmp: Cmp, values: &[Value]) -> Plan {
    Plan::Test(Test::Source { part, patterns: patterns(cmp, values) })
}

fn text(facet: Facet, cmp: Cmp, values: &[Value]) -> Plan {
    Plan::Ask(Question::Text { facet, patterns: patterns(cmp, values) })
}

/// A column knows the RFC's own words; a private one is asked for among the rows that have some other word.
fn worded(code: Code, facet: Facet, cmp: Cmp, values: &[Value]) -> Plan {
    let patterns = patterns(cmp, values);
    let known = marks::words(code, |word| patterns.iter().any(|pattern| pattern.matches(word)));
    let is_private = |pattern: &Pattern| marks::words(code, |word| pattern.literal() == Some(word)) == 0;
    let private: Vec<Pattern> = patterns.into_iter().filter(is_private).collect();
    let column = |values: u16| Plan::Test(Test::Code { code, values });
    if private.is_empty() {
        return column(known);
    }
    let other = Plan::All(vec![column(1 << marks::OTHER), Plan::Ask(Question::Text { facet, patterns: private })]);
    if known == 0 { other } else { Plan::Any(vec![column(known), other]) }
}

fn time(time: Time, field: Field, cmp: Cmp, values: &[Value], cx: &Context<'_>) -> Plan {
    Plan::Test(Test::Time { time, spans: times(field, cmp, values, cx.now) })
}

fn is(value: &Value) -> Option<Plan> {
    let Value::Is(is) = value else { return None };
    let flags = match is {
        Is::Invalid => return Some(Plan::Test(Test::Code { code: Code::KIND, values: 1 << marks::INVALID })),
        Is::Imported => return Some(Plan::Test(Test::Imported)),
        Is::Dup => {
            return Some(any([Flags::DUP, Flags::SUPERSEDED].map(|flag| Plan::Test(Test::Flags(flag))).into()));
        }
        Is::Unread => Flags::UNREAD,
        Is::Starred => Flags::STARRED,
        Is::Updated => Flags::UPDATED,
        Is::Retracted => Flags::RETRACTED,
        Is::Snoozed => Flags::SNOOZED,
        Is::Muted => Flags::MUTED,
        Is::Mine => Flags::MINE,
        Is::Ours => Flags::OURS,
        Is::Absent => Flags::ABSENT,
    };
    Some(Plan::Test(Test::Flags(flags)))
}

fn has(value: &Value) -> Option<Plan> {
    let Value::Has(has) = value else { return None };
    let known = |flag: Flags| Plan::Test(Test::Flags(flag));
    // What an earlier version of this program did not look for is asked of the documents.
    let looked = |flag: Flags| {
        let asked = Plan::All(vec![known(Flags::STALE), Plan::Ask(Question::Holds(*has))]);
        Plan::Any(vec![known(flag), asked])
    };
    Some(match has {
        Has::Ask => known(Flags::ASK),
        Has::Contact => known(Flags::CONTACT),
        Has::History => looked(Flags::HISTORY),
        Has::Ext => looked(Flags::EXT),
        Has::Note => known(Flags::NOTE),
    })
}

fn like(value: &Value) -> Option<Plan> {
    let Value::Row(row) = value else { return None };
    Some(Plan::Ask(Question::Like(*row)))
}

fn xpath(value: &Value) -> Option<Plan> {
    let Value::Text(text) = value else { return None };
    Some(Plan::Ask(Question::Xpath(text.text.clone())))
}

/// All values that are spans in one question; each pattern in one of its own.
fn observables(field: Field, cmp: Cmp, values: &[Value]) -> Plan {
    let mut plain = Vec::new();
    let mut plans = Vec::new();
    for value in values {
        match value {
            Value::Text(text) => match texts(field, cmp, text) {
                (spans, None) => plain.extend(spans),
                (spans, keep) => plans.push(Plan::Ask(Question::Keys { spans, keep })),
            },
            value => plain.extend(spans(cmp, value)),
        }
    }
    if !plain.is_empty() {
        plain.sort_unstable();
        plain.dedup();
        plans.push(Plan::Ask(Question::Keys { spans: plain, keep: None }));
    }
    any(plans)
}

fn spans(cmp: Cmp, value: &Value) -> Vec<Span> {
    match value {
        Value::Address(ip) => key::addresses(*ip, *ip),
        Value::Addresses(first, last) => key::addresses(*first, *last),
        // `=` is that network itself.
        Value::Network(net) if cmp == Cmp::Eq => one(ObservableKind::Network, &net.to_string()),
        Value::Network(net) => key::overlapping(*net),
        Value::Asns(first, last) => key::asns(*first, *last),
        Value::Ports(first, last) => key::ports_between(*first, *last),
        Value::Domain(Name { name, below: true }) => key::domains(name, Reach::Below),
        Value::Domain(Name { name, .. }) => {
            key::domains(name, if cmp == Cmp::Eq { Reach::Itself } else { Reach::Both })
        }
        Value::Hash(digits, _) => key::hashes(digits),
        Value::Cve(year, None) => key::cves_of(*year),
        Value::Cve(year, Some(number)) => one(ObservableKind::Cve, &format!("CVE-{year:04}-{number:04}")),
        _ => Vec::new(),
    }
}

/// Where a text of an observable may stand, and the pattern it must fit there.
fn texts(field: Field, cmp: Cmp, text: &Text) -> (Vec<Span>, Option<Pattern>) {
    let exact = !text.glob;
    match field.about().kind {
        Type::Url if exact && (cmp == Cmp::Eq || text.text.contains("://")) => {
            (vec![Span::one(key::url(&text.text))], None)
        }
        Type::Url if exact => (key::texts(Tag::Url, ""), Some(Pattern::new(&format!("*{}*", text.text), true))),
        Type::Mac => (one(ObservableKind::Mac, &text.text), None),
        Type::Email if exact => (one(ObservableKind::Email, &text.text), None),
        Type::Email => {
            let pattern = Pattern::new(&text.text, true);
            let domain = text.text.strip_prefix("*@").filter(|domain| !domain.contains('*'));
            match domain.and_then(crate::model::typed::domain) {
                // Its own mailboxes, not those of the names below it.
                Some(domain) => (key::mailboxes(&domain), Some(pattern)),
                None => (key::texts(Tag::Email, ""), Some(pattern)),
            }
        }
        Type::Domain => {
            let spans = [Tag::Domain, Tag::Host].into_iter().flat_map(|tag| key::texts(tag, ""));
            (spans.collect(), Some(Pattern::new(&text.text, true)))
        }
        Type::Url => {
            // Behind the host upper case is another text to the table, and not to the pattern.
            let pattern = Pattern::new(&text.text, true);
            let host = pattern.start().find("://").map_or(0, |at| at + 3);
            let path = pattern.start().get(host..).and_then(|rest| rest.find(['/', '?', '#'])).map(|at| host + at);
            let start = if host == 0 {
                ""
            } else {
                pattern.start().get(..path.unwrap_or(usize::MAX)).unwrap_or(pattern.start())
            };
            (key::texts(Tag::Url, start), Some(pattern))
        }
        _ if exact => (one(ObservableKind::File, &text.text), None),
        _ => {
            let pattern = Pattern::new(&text.text, true);
            (key::texts(Tag::File, pattern.start()), Some(pattern))
        }
    }
}
