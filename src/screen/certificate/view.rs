//! The question as drawn: what happened, the fingerprints to compare, what is wrong, and what can be decided.

use iced::widget::{Column, Row, checkbox, column, container, radio, row, scrollable, space as gap, text, text_input};
use iced::{Center, Fill, Padding};

use super::{CANCEL, Message, REASON_FIELD, Screen, TYPED, excusable, lengths, unvouched};
use crate::app::cx::Cx;
use crate::model::Fingerprint;
use crate::model::session::{Certificate, FaultWords, Refused, Why};
use crate::theme::{self, size, space};
use crate::widget::field::Below;
use crate::widget::fingerprint::Compared;
use crate::widget::{Element, Icon, Press, caption, field, fingerprint, focusable, heading, mono, press, strong};

/// Widest the sheet gets.
const WIDTH: f32 = 780.0;
/// Tallest what is told gets before it scrolls: with heading and choices it fits the smallest window.
const BODY: f32 = 400.0;
/// The column of labels.
const LABEL: f32 = 84.0;

impl Screen {
    pub fn view<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let Some(refused) = self.refused.as_deref() else { return column![].into() };
        let (title, lead, icon, ink): (_, _, _, fn(&iced::Theme) -> text::Style) = match &refused.why {
            Why::Unseen => ("trust-unseen", "trust-unseen-lead", Icon::Link, theme::text::accent),
            Why::Changed(_) => ("trust-changed", "trust-changed-lead", Icon::Warning, theme::text::warn),
            Why::Faults(_) => ("trust-faults", "trust-faults-lead", Icon::Warning, theme::text::danger),
            Why::NotPinned(_) => ("trust-not-pinned", "trust-not-pinned-lead", Icon::Warning, theme::text::danger),
        };
        let domain = crate::text::line(&refused.domain);
        let words = column![heading(cx.format(title, &[("domain", &domain)])), text(cx.text(lead))].spacing(space::XS);
        let head = row![icon.view().size(size::DISPLAY).style(ink), words].spacing(space::LG);
        let mut body: Vec<Element<'a, Message>> = Vec::new();
        match &refused.why {
            Why::Faults(faults) => body.push(list(faults, cx)),
            Why::Changed(seen) => {
                let times = [
                    ("first", seen.first.format("%Y-%m-%d").to_string()),
                    ("last", seen.last.format("%Y-%m-%d").to_string()),
                ];
                let times: Vec<(&str, &str)> = times.iter().map(|(name, value)| (*name, value.as_str())).collect();
                body.push(text(cx.format("trust-changed-since", &times)).into());
            }
            Why::NotPinned(_) | Why::Unseen => {}
        }
        body.extend(self.prints(refused, cx));
        // Beside what is told the scrollbar has room of its own.
        let body = Column::with_children(body).spacing(space::LG).padding(Padding::ZERO.right(space::LG));
        let body = scrollable(body).style(theme::surface::scroll);
        // What can be decided stays in sight below it.
        let body = container(body).max_height(BODY);
        let inside = column![head, body, self.choices(refused, cx)].spacing(space::LG);
        container(inside).max_width(WIDTH).padding(space::XL).style(theme::surface::floating).into()
    }

    /// The fingerprints, old and new side by side where there are two; else who vouches for it beside its one.
    fn prints<'a>(&'a self, refused: &Refused, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let certificate = refused.certificate.as_ref()?;
        let shown = |of: &Fingerprint| fingerprint(cx.text("trust-print-new"), of, false);
        let both: Element<'a, Message> = match &refused.why {
            Why::Changed(seen) => {
                let old = fingerprint(cx.text("trust-print-old"), &seen.certificate, false);
                let pair = row![container(old).width(Fill), container(shown(&certificate.fingerprint)).width(Fill)];
                column![pair.spacing(space::LG), vouching(certificate, cx)].spacing(space::LG).into()
            }
            Why::NotPinned(pins) => {
                let pins = pins.iter().map(|pin| fingerprint(cx.text("trust-pinned-key"), pin, false));
                let pins = Column::with_children(pins).spacing(space::SM);
                let pair = row![container(pins).width(Fill), container(shown(&certificate.key)).width(Fill)];
                column![pair.spacing(space::LG), vouching(certificate, cx)].spacing(space::LG).into()
            }
            Why::Unseen | Why::Faults(_) => {
                let print = fingerprint(cx.text("trust-print"), &certificate.fingerprint, true);
                row![print, vouching(certificate, cx)].spacing(space::XL).into()
            }
        };
        let copy = Press::word(cx.text("trust-copy")).style(theme::button::quiet).on_press(Message::Copy);
        let hint = row![caption(cx.text("trust-print-hint")), Element::from(copy)].spacing(space::SM).align_y(Center);
        Some(column![both, hint].spacing(space::XS).into())
    }

    fn choices<'a>(&'a self, refused: &Refused, cx: &Cx<'a>) -> Element<'a, Message> {
        let cancel = Press::word(cx.text("trust-cancel")).id(CANCEL).on_press(Message::Cancel);
        let accept = self.may_accept();
        let (above, acts): (Option<Element<'a, Message>>, Vec<Element<'a, Message>>) = match &refused.why {
            Why::Unseen => {
                let toggle = Message::Compared(!self.compared);
                let check = checkbox(self.compared)
                    .label(cx.text("trust-compared"))
                    .on_toggle(Message::Compared)
                    .style(theme::input::check);
                let check = focusable(check, Some(toggle)).id("certificate.compared");
                (Some(check.into()), vec![self.pin(accept, cx), self.remember(accept, "trust-remember", cx)])
            }
            Why::Changed(_) => {
                (Some(self.typing(cx)), vec![self.pin(accept, cx), self.remember(accept, "trust-accept-changed", cx)])
            }
            Why::Faults(_) if excusable(&refused.why) => {
                (Some(self.exception(&refused.why, cx)), vec![self.excepting(cx)])
            }
            Why::Faults(_) => (Some(caption(cx.text("trust-never")).into()), Vec::new()),
            Why::NotPinned(_) => {
                let manage = Press::word(cx.text("trust-manage")).id("certificate.manage").on_press(Message::Manage);
                (Some(text(cx.text("trust-not-pinned-next")).into()), vec![manage.into()])
            }
        };
        let acts = Row::new().push(gap::horizontal()).push(Element::from(cancel)).extend(acts).spacing(space::SM);
        Column::new().push(above).push(acts).spacing(space::LG).into()
    }

    fn remember<'a>(&self, may: bool, key: &str, cx: &Cx<'a>) -> Element<'a, Message> {
        press(text(cx.text(key)))
            .style(theme::button::primary)
            .deliberate()
            .id("certificate.remember")
            .on_press_maybe(may.then_some(Message::Accept { pin: false }))
            .into()
    }

    fn pin<'a>(&self, may: bool, cx: &Cx<'a>) -> Element<'a, Message> {
        press(text(cx.text("trust-pin")))
            .deliberate()
            .id("certificate.pin")
            .hint(cx.text("trust-pin-hint"))
            .on_press_maybe(may.then_some(Message::Accept { pin: true }))
            .into()
    }

    fn typing<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let compared = self.compare();
        let input = text_input("", &self.typed)
            .id(TYPED)
            .on_input(Message::Typed)
            .font(theme::MONO)
            .padding([space::SM, space::MD])
            .style(if compared == Compared::Wrong { theme::input::wrong } else { theme::input::field });
        let below = match compared {
            Compared::Wrong => Below::Wrong(cx.text("trust-typed-wrong")),
            Compared::Right => Below::Hint(cx.text("trust-typed-right")),
            Compared::Empty | Compared::Short => Below::Hint(cx.text("trust-typed-hint")),
        };
        field(cx.text("trust-typed"), input, below)
    }

    /// What an exception needs: the fingerprint, a reason, an end.
    fn exception<'a>(&'a self, why: &Why, cx: &Cx<'a>) -> Element<'a, Message> {
        let reason = text_input("", &self.reason)
            .id(REASON_FIELD)
            .on_input(Message::Reason)
            .padding([space::SM, space::MD])
            .style(theme::input::field);
        let reason = field(cx.text("trust-reason"), reason, Below::Hint(cx.text("trust-reason-hint")));
        let ends = lengths(why).into_iter().map(|days| {
            let words = cx.catalog.count("trust-days", u64::try_from(days).unwrap_or(0), &[]);
            let chosen = (!self.by_pin).then_some(self.days);
            let control = radio(words, days, chosen, Message::Days).style(theme::input::option);
            focusable(control, Some(Message::Days(days))).into()
        });
        let end = cx.now + chrono::TimeDelta::days(self.days);
        let until = cx.format("trust-until", &[("until", &cx.catalog.time(end))]);
        let ends = Row::with_children(ends).spacing(space::LG);
        let alone = unvouched(why).then(|| {
            let check = checkbox(self.by_pin)
                .label(cx.text("trust-pin-alone"))
                .on_toggle(Message::ByPin)
                .style(theme::input::check);
            focusable(check, Some(Message::ByPin(!self.by_pin))).id("certificate.alone")
        });
        let term = column![caption(cx.text("trust-end")), ends, caption(until)].spacing(space::XS);
        let first = row![self.typing(cx), reason].spacing(space::LG);
        Column::new().push(first).push((!self.by_pin).then_some(term)).push(alone).spacing(space::MD).into()
    }

    fn excepting<'a>(&self, cx: &Cx<'a>) -> Element<'a, Message> {
        let key = if self.by_pin { "trust-pin-go" } else { "trust-except-go" };
        press(text(cx.text(key)))
            .style(theme::button::danger)
            .deliberate()
            .id("certificate.except")
            .on_press_maybe(self.may_except().then_some(Message::Except))
            .into()
    }
}

/// Every fault: what, what may come of it, who can mend it.
fn list<'a>(faults: &[FaultWords], cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = faults.iter().map(|fault| {
        let mark = Icon::Close.view().style(theme::text::danger);
        let words = column![
            strong(cx.catalog.say(&fault.cause)),
            text(cx.catalog.say(&fault.risk)),
            caption(cx.catalog.say(&fault.next)),
        ];
        row![mark, words.spacing(2.0).width(Fill)].spacing(space::MD).into()
    });
    Column::with_children(lines).spacing(space::MD).into()
}

/// Who the certificate is for, who says so, and until when.
fn vouching<'a>(of: &Certificate, cx: &Cx<'a>) -> Element<'a, Message> {
    let fact = |key: &str, value: String| -> Element<'a, Message> {
        row![container(caption(cx.text(key))).width(LABEL), text(value).width(Fill)].spacing(space::SM).into()
    };
    let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
    let span = [("from", day(of.not_before)), ("until", day(of.not_after))];
    let span: Vec<(&str, &str)> = span.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let names = if of.names.is_empty() { cx.text("session-none") } else { of.names.join("\n") };
    let key = row![
        container(caption(cx.text("session-key"))).width(LABEL),
        mono(of.key.token()).size(size::CAPTION).wrapping(text::Wrapping::Glyph).width(Fill)
    ];
    column![
        fact("session-subject", of.subject.clone()),
        fact("session-names", names),
        fact("session-issued-by", of.issuer.clone()),
        fact("session-validity", cx.format("session-validity-span", &span)),
        fact("session-key-kind", of.key_kind.clone()),
        key.spacing(space::SM),
    ]
    .spacing(space::XS)
    .width(Fill)
    .into()
}
