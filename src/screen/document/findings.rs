//! What is wrong with the document, or was decided while it was read: grade, place, words, what to do, who says so. Pressed,
//! a finding leads to its row of the tree.

use iced::widget::{Column, column, container, row, scrollable, text};
use iced::{Center, Element, Fill};

use super::Message;
use super::whole::{Origin, Whole};
use crate::app::cx::Cx;
use crate::iodef::check::{Finding, Grade};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Icon, Press, Tone, caption, press, strip, title};

/// Findings drawn before one asks for all.
const FEW: usize = 60;

/// How many there are for the tab, of the two grades that call for a look.
pub fn count(whole: &Whole) -> u64 {
    let found = whole.report.as_ref().map_or(0, |report| report.invalid + report.contradictions);
    u64::from(found) + whole.remarks.len() as u64
}

pub fn side<'a>(whole: &'a Whole, all: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let mut found: Vec<&'a Finding> = whole.report.iter().flat_map(|report| &report.findings).collect();
    // The gravest first; among equals as they stand in the document.
    found.sort_by_key(|finding| finding.grade);
    let shown = if all { found.len() } else { found.len().min(FEW) };
    let cards = found.iter().take(shown).map(|finding| card(finding, true, cx));
    let more = (shown < found.len()).then(|| {
        let more = cx.catalog.count("incident-findings-more", (found.len() - shown) as u64, &[]);
        Element::from(Press::word(more).style(theme::button::quiet).on_press(Message::ShowFindings))
    });
    let untold = whole.report.as_ref().map_or(0, crate::iodef::check::Report::untold);
    let untold = (untold > 0).then(|| caption(cx.catalog.count("incident-findings-untold", untold as u64, &[])));
    let page =
        column![verdict(whole, cx), remarks(whole, cx), Column::with_children(cards).spacing(space::SM), more, untold];
    let page = page.spacing(space::MD).padding(space::LG).max_width(theme::metrics::PROSE);
    scrollable(page).width(Fill).height(Fill).style(theme::surface::scroll).into()
}

/// The whole in one line.
fn verdict<'a>(whole: &Whole, cx: &Cx<'a>) -> Element<'a, Message> {
    let Some(report) = &whole.report else {
        let key = if whole.origin == Origin::Upgraded { "incident-verdict-v1" } else { "incident-verdict-foreign" };
        return strip(Tone::Plain, cx.text(key), None, Vec::new());
    };
    let counts = [
        ("incident-count-invalid", report.invalid),
        ("incident-count-contradiction", report.contradictions),
        ("incident-count-note", report.notes),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<_> = counts.map(|(key, count)| cx.catalog.count(key, u64::from(count), &[])).collect();
    let (tone, key) = match (report.invalid, report.contradictions) {
        (0, 0) => (Tone::Good, "incident-verdict-valid"),
        (0, _) => (Tone::Caution, "incident-verdict-contradicts"),
        _ => (Tone::Alarm, "incident-verdict-invalid"),
    };
    let counts = (!counts.is_empty()).then(|| counts.join("  ·  "));
    strip(tone, cx.text(key), counts, Vec::new())
}

/// What was decided on the way from IODEF 1 or from JSON.
fn remarks<'a>(whole: &'a Whole, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    if whole.remarks.is_empty() {
        return None;
    }
    let key = match whole.origin {
        Origin::Upgraded => "incident-remarks-v1",
        Origin::Json => "incident-remarks-json",
        Origin::Iodef | Origin::Foreign => "incident-remarks",
    };
    let line = |remark: &'a super::whole::Remark| {
        let place = caption(safe::line(&remark.path)).wrapping(text::Wrapping::WordOrGlyph);
        column![text(cx.catalog.say(&remark.say)), place].spacing(2.0).into()
    };
    let lines = whole.remarks.iter().take(FEW).map(line);
    Some(column![title(cx.text(key)), Column::with_children(lines).spacing(space::SM)].spacing(space::SM).into())
}

/// The symbol of a grade.
pub fn mark<'a>(grade: Grade) -> Element<'a, Message> {
    let tone = tone(grade);
    tone.icon().view().size(size::CAPTION).style(move |theme| tone.ink(theme)).into()
}

fn tone(grade: Grade) -> Tone {
    match grade {
        Grade::Invalid => Tone::Alarm,
        Grade::Contradiction => Tone::Caution,
        Grade::Note => Tone::Plain,
    }
}

/// One finding; pressed, it leads to its row where it `leads`.
pub fn card<'a>(finding: &'a Finding, leads: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let grade = match finding.grade {
        Grade::Invalid => "incident-grade-invalid",
        Grade::Contradiction => "incident-grade-contradiction",
        Grade::Note => "incident-grade-note",
    };
    let tone = tone(finding.grade);
    let grade = text(cx.text(grade)).size(size::CAPTION).font(theme::BOLD).style(move |theme| tone.ink(theme));
    let position = cx.format(
        "incident-position",
        &[("line", &finding.position.line.to_string()), ("column", &finding.position.column.to_string())],
    );
    let place = caption(safe::line(&finding.place)).width(Fill);
    let go = leads.then(|| Icon::Next.view().size(size::CAPTION).style(theme::text::accent));
    let head = row![mark(finding.grade), grade, place, caption(position), go].spacing(space::SM).align_y(Center);
    let advice = cx.catalog.next(&finding.say).map(caption);
    let source = caption(format!("{}  ·  {}", finding.rule.source, finding.rule.id));
    let inside = column![head, text(cx.catalog.say(&finding.say)), advice, source].spacing(2.0);
    if !leads {
        return container(inside).width(Fill).into();
    }
    press(inside)
        .style(theme::button::card)
        .width(Fill)
        .padding([space::SM, space::MD])
        .on_press(Message::Go(finding.element))
        .into()
}
