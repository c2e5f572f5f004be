//! What stands before and after the documents of one file: the restriction first, and the sheet.

use super::body::plain;
use super::sheet::Sheet;
use crate::iodef::export::{Words, comment};
use crate::model::Say;
use crate::text::markdown as escape;

/// The rows of a document's table, without its two lines of head.
pub fn rows(table: &[u8]) -> &[u8] {
    let ends = table.windows(2).enumerate().filter(|(_, pair)| *pair == b"\r\n");
    let head = ends.map(|(at, _)| at + 2).nth(1);
    head.and_then(|head| table.get(head..)).unwrap_or_default()
}

/// The head of a table: the restriction, what it is, how many it is of, and the columns.
pub fn table_head(sheet: &Sheet, words: Words<'_>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .quote_style(csv::QuoteStyle::Necessary)
        .from_writer(Vec::new());
    // Writing into memory does not fail.
    let mut note = |say: &Say| drop(writer.write_record([comment(&plain(say, words))]));
    note(&sheet.handling());
    note(&sheet.about);
    let lines = sheet.lines();
    lines.iter().filter(|say| say.key.starts_with("port-")).for_each(&mut note);
    for left in &sheet.left {
        let _ = writer.write_record([comment(&line(&left.name, &left.why, words))]);
    }
    let _ = writer.write_record(crate::iodef::export::COLUMNS);
    writer.into_inner().unwrap_or_default()
}

fn line(name: &str, why: &Say, words: Words<'_>) -> String {
    plain(&Say::new("port-named").with("name", name).with("why", plain(why, words)), words)
}

/// The head of a page.
pub fn head(sheet: &Sheet, words: Words<'_>) -> Vec<u8> {
    let say = |say: &Say| escape(&plain(say, words));
    let title = say(&Say::new("port-md-title").number("count", sheet.carried));
    format!("# {title}\n\n**{}**\n\n{}\n", say(&sheet.handling()), say(&sheet.about)).into_bytes()
}

/// The foot of a page: the sheet.
pub fn foot(sheet: &Sheet, words: Words<'_>) -> Vec<u8> {
    let mut out = String::from("\n---\n\n");
    list(sheet, words, &mut out);
    out.into_bytes()
}

/// The sheet as a page of its own.
pub fn sheet(sheet: &Sheet, words: Words<'_>) -> Vec<u8> {
    let mut out = head(sheet, words);
    let mut rest = String::from("\n");
    list(sheet, words, &mut rest);
    out.extend_from_slice(rest.as_bytes());
    out
}

fn list(sheet: &Sheet, words: Words<'_>, out: &mut String) {
    let title = escape(&words(&Say::new("port-md-sheet")));
    out.push_str(&format!("# {title}\n\n"));
    for say in sheet.lines() {
        out.push_str(&format!("- {}\n", escape(&plain(&say, words))));
    }
    let named = sheet.named();
    if !named.is_empty() {
        out.push_str(&format!("\n## {}\n\n", escape(&words(&Say::new("port-md-named")))));
    }
    for (name, why) in named {
        out.push_str(&format!("- {}\n", escape(&line(name, why, words))));
    }
    if sheet.unsaid > 0 {
        let more = Say::new("export-more").number("count", sheet.unsaid);
        out.push_str(&format!("- {}\n", escape(&plain(&more, words))));
    }
}
