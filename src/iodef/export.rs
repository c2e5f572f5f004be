//! Incidents in other people's formats: STIX 2.1, MISP, a table of observables, a page to read.
//!
//! Every export tells what it carried, what had no home in it, and the strictest restriction inside ([`Carried`]); none
//! says more than the document does. Words come from the caller, because this layer has none.

mod case;
mod csv;
mod digest;
mod find;
mod formula;
mod ledger;
mod markdown;
mod marking;
mod misp;
mod outline;
mod reader;
mod rows;
mod steps;
mod stix;
mod thing;

pub use csv::{COLUMNS, comment, csv};
pub(in crate::iodef) use ledger::Ledger;
pub use ledger::{Carried, restriction};
pub use markdown::markdown;
pub use marking::title;
pub use misp::misp;
pub use stix::{marking_id, stix};

use crate::iodef::{Document, json};
use crate::model::Say;

/// Finds the words of a message.
pub type Words<'w> = &'w dyn Fn(&Say) -> String;

/// A document in another format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub bytes: Vec<u8>,
    pub sheet: Carried,
}

/// What a document can be exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Iodef,
    Json,
    Csv,
    Markdown,
    Stix,
    Misp,
}

impl Format {
    pub const ALL: [Self; 6] = [Self::Iodef, Self::Json, Self::Csv, Self::Markdown, Self::Stix, Self::Misp];
}

/// A document in `format`. May take as long as the document is large.
#[must_use]
pub fn make(format: Format, document: &Document, words: Words<'_>) -> Export {
    match format {
        Format::Iodef => iodef(document),
        Format::Json => json::write(document),
        Format::Csv => csv(document, words),
        Format::Markdown => markdown(document, words),
        Format::Stix => stix(document, words),
        Format::Misp => misp(document, words),
    }
}

/// The document itself: what was read, or what was read from JSON, as XML.
#[must_use]
pub fn iodef(document: &Document) -> Export {
    let mut ledger = Ledger::new(document);
    ledger.carry_whole(document.root());
    Export { bytes: document.write(), sheet: ledger.sheet() }
}

impl Export {
    pub(in crate::iodef) fn json(value: &serde_json::Value, sheet: Carried) -> Self {
        // A value has text for its keys alone, and memory takes all.
        let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
        bytes.push(b'\n');
        Self { bytes, sheet }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iodef::doc::looked;

    /// A document with `part` as often, where `{n}` is the number.
    fn document(before: &str, part: &str, after: &str, times: usize) -> Document {
        let parts: String = (0..times).map(|n| part.replace("{n}", &format!("{}.{}", n / 250, n % 250))).collect();
        let text = format!(
            "<IODEF-Document version='2.00' xmlns='urn:ietf:params:xml:ns:iodef-2.0'><Incident purpose='reporting' \
             restriction='amber'><IncidentID name='a.example'>1</IncidentID><GenerationTime>2026-11-21T00:00:00Z\
             </GenerationTime>{before}{parts}{after}</Incident></IODEF-Document>"
        );
        Document::read(text.into_bytes(), &[]).unwrap()
    }

    /// Ten times the document is ten times the nodes looked at, in each format and wherever the values stand.
    #[test]
    fn ten_thousand_observables_cost_ten_times_what_a_thousand_cost() {
        let address = "<Address category='ipv4-addr'>10.1.{n}</Address>";
        let event =
            format!("<EventData restriction='green'><Flow><System><Node>{address}</Node></System></Flow></EventData>");
        let system = format!("<System category='source'><Node>{address}</Node></System>");
        let name = "<IndicatorID name='a.example' version='1'>{n}</IndicatorID>";
        let own = format!("<Indicator>{name}<Observable>{address}</Observable></Indicator>");
        let observable = format!("<Observable>{address}</Observable>");
        let referring = format!("<Indicator>{name}<ObservableReference uid-ref='the-one'/></Indicator>");
        let one = "<EventData><Flow><System><Node><Address observable-id='the-one'>192.0.2.1</Address></Node></System></Flow></EventData><IndicatorData>";
        let deep = "<EventData>".repeat(100);
        let shapes = [
            (
                "one node",
                "<EventData><Flow><System><Node>".to_owned(),
                address,
                "</Node></System></Flow></EventData>".to_owned(),
            ),
            ("events", String::new(), &event, String::new()),
            ("systems", "<EventData><Flow>".to_owned(), &system, "</Flow></EventData>".to_owned()),
            ("indicators", "<IndicatorData>".to_owned(), &own, "</IndicatorData>".to_owned()),
            (
                "one indicator",
                "<IndicatorData><Indicator>".to_owned(),
                &observable,
                "</Indicator></IndicatorData>".to_owned(),
            ),
            ("references", one.to_owned(), &referring, "</IndicatorData>".to_owned()),
            (
                "lines",
                "<IndicatorData><Indicator><Observable><BulkObservable type='ipv4-addr'><BulkObservableList>"
                    .to_owned(),
                "10.1.{n}\n",
                "</BulkObservableList></BulkObservable></Observable></Indicator></IndicatorData>".to_owned(),
            ),
            (
                "deep",
                format!("{deep}<Flow><System><Node>"),
                address,
                format!("</Node></System></Flow>{}", "</EventData>".repeat(100)),
            ),
        ];
        for (shape, before, part, after) in &shapes {
            // Where nothing but the number tells it from the rest, the size that matters.
            let most = if *shape == "one node" { 10_000 } else { 600 };
            for format in Format::ALL.into_iter().filter(|format| *format != Format::Iodef) {
                let looks = |times| {
                    let document = document(before, part, after, times);
                    looked::during(|| drop(make(format, &document, &|say| say.key.to_owned())))
                };
                let (few, many) = (looks(most / 10), looks(most));
                assert!(few > 0 && many < few * 11, "{shape} {format:?}: {few}, then {many}");
            }
        }
    }
}
