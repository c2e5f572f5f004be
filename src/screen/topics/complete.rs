//! How complete a topic is: what can be promised of it and why not more, how it stands now, and where incidents may be
//! missing.

use iced::widget::{Column, column, row, text};
use iced::{Center, Fill};

use super::Message;
use crate::app::cx::Cx;
use crate::model::coverage::{Gap, Level, Standing};
use crate::model::{Coverage, Guarantee, Topic};
use crate::theme::{self, size, space};
use crate::widget::{Element, Icon, Tone, caption, heading};

/// Gaps shown; the newest.
const SHOWN: usize = 5;

/// Nothing of a topic that never was mine.
pub(super) fn view<'a>(topic: &'a Topic, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
    let coverage = cx.coverage.iter().find(|coverage| coverage.topic == topic.id);
    let guarantee = Guarantee::of(topic);
    if coverage.is_none() && guarantee.is_none() {
        return None;
    }
    let title = heading(cx.text("topics-complete")).size(size::BODY);
    let standing = coverage.map(|coverage| standing(coverage, cx));
    let gaps = coverage.and_then(|coverage| gaps(&coverage.gaps, cx));
    let promise = guarantee.map(|guarantee| promise(&guarantee, cx));
    Some(Column::new().push(title).push(standing).push(gaps).push(promise).spacing(space::SM).into())
}

/// A mark and words beside it.
fn marked<'a>(tone: Tone, words: String) -> Element<'a, Message> {
    let mark = Icon::view(tone.icon()).size(size::CAPTION).style(move |theme| tone.ink(theme));
    row![mark, text(words).width(Fill)].spacing(space::SM).align_y(Center).into()
}

fn standing<'a>(coverage: &Coverage, cx: &Cx<'_>) -> Element<'a, Message> {
    let (tone, key, since) = match coverage.standing {
        Standing::Live { since } => (Tone::Good, "topics-complete-live", whole_since(coverage, since)),
        Standing::Proving { since } => (Tone::Plain, "topics-complete-proving", since),
        Standing::Away { since } => (Tone::Caution, "topics-complete-away", since),
        Standing::Left { at } => (Tone::Plain, "topics-complete-left", at),
        Standing::Lost { since, .. } => (Tone::Caution, "topics-complete-lost", since),
    };
    marked(tone, cx.format(key, &[("since", &cx.catalog.time(since))]))
}

/// Since when everything is here: stretches that follow each other without a gap are one.
fn whole_since(coverage: &Coverage, since: chrono::DateTime<chrono::Utc>) -> chrono::DateTime<chrono::Utc> {
    let mut whole = since;
    for stretch in coverage.stretches.iter().rev() {
        if stretch.span.until < whole || coverage.gaps.last().is_some_and(|gap| gap.span.until > stretch.span.from) {
            break;
        }
        whole = whole.min(stretch.span.from);
    }
    whole
}

fn gaps<'a>(gaps: &[Gap], cx: &Cx<'_>) -> Option<Element<'a, Message>> {
    let one = |gap: &Gap| {
        let (from, until) = (cx.catalog.time(gap.span.from), cx.catalog.time(gap.span.until));
        let when = cx.format("topics-gap", &[("from", &from), ("until", &until)]);
        let why = caption(cx.catalog.say(&gap.cause.say()));
        Element::from(column![marked(Tone::Caution, when), why].spacing(2.0))
    };
    let more = gaps.len().saturating_sub(SHOWN) as u64;
    let more = (more > 0).then(|| caption(cx.catalog.count("topics-gaps-more", more, &[])));
    let shown = gaps.iter().rev().take(SHOWN).map(one);
    (!gaps.is_empty()).then(|| Column::new().extend(shown).push(more).spacing(space::SM).into())
}

fn promise<'a>(guarantee: &Guarantee, cx: &Cx<'_>) -> Element<'a, Message> {
    let (tone, key) = match guarantee.level {
        Level::Full => (Tone::Good, "topics-promise-full"),
        Level::Unstated => (Tone::Plain, "topics-promise-unstated"),
        Level::Limited => (Tone::Caution, "topics-promise-limited"),
        Level::LiveOnly => (Tone::Caution, "topics-promise-live-only"),
    };
    let reasons = guarantee.reasons.iter().map(|reason| {
        let words = text(cx.catalog.say(&reason.say())).size(size::CAPTION).style(theme::text::soft);
        Element::from(
            row![text("•").size(size::CAPTION).style(theme::text::soft), words.width(Fill)].spacing(space::SM),
        )
    });
    let reasons = Column::new().extend(reasons).spacing(2.0);
    column![marked(tone, cx.text(key)), reasons].spacing(space::XS).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;

    use super::*;
    use crate::model::TopicId;
    use crate::model::coverage::{Cause, Proof, Span, Stretch};

    #[test]
    fn whole_since_the_last_gap() {
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let stretch = |from, until| Stretch { span: Span::new(at(from), at(until)), proof: Proof::Live };
        let gap = Gap { span: Span::new(at(20), at(30)), cause: Cause::Dropped };
        let mut coverage = Coverage {
            topic: TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() },
            standing: Standing::Live { since: at(60) },
            stretches: Arc::new([stretch(0, 20), stretch(30, 50), stretch(50, 60)]),
            gaps: Arc::new([gap]),
        };
        assert_eq!(whole_since(&coverage, at(60)), at(30));
        coverage.gaps = Arc::new([]);
        assert_eq!(whole_since(&coverage, at(60)), at(30), "what was between them is not known either");
        assert_eq!(whole_since(&coverage, at(70)), at(70));
    }
}
