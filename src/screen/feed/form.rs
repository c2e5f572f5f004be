//! Small forms over the list: a tag, a note, what came of it, for how long, which value, under which name.

use chrono::TimeDelta;
use iced::widget::{Column, column, container, row, scrollable, text, text_input};
use iced::{Center, Fill};

use super::keep::toast;
use super::triage::{NOTED, muting};
use super::value::{self, Seen};
use super::{Act, FORM, Feed, How, Message, both};
use crate::app::cx::Cx;
use crate::model::Say;
use crate::screen::{Action, Tone};
use crate::store::query::{Field, Query};
use crate::store::views;
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{Element, Press, caption, line, press, title};

/// Longest word typed here, in characters.
const WORD: usize = 2_000;
/// Values of a row offered for the filter: all a summary keeps of most.
const VALUES: usize = 120;

/// The form that is open, with what is typed in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Tag(String),
    Note(String),
    Disposition(String),
    Snooze,
    /// The filter of a rule.
    Mute(String),
    /// A view's name.
    View(String),
    /// The values of the selected row.
    Values,
    /// The rules in force.
    Mutes,
    /// How the list is laid out.
    Columns,
}

impl Form {
    /// What is typed, where something is.
    pub(super) fn word(&self) -> Option<&String> {
        match self {
            Self::Tag(word) | Self::Note(word) | Self::Disposition(word) | Self::Mute(word) | Self::View(word) => {
                Some(word)
            }
            Self::Snooze | Self::Values | Self::Mutes | Self::Columns => None,
        }
    }

    fn word_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Tag(word) | Self::Note(word) | Self::Disposition(word) | Self::Mute(word) | Self::View(word) => {
                Some(word)
            }
            Self::Snooze | Self::Values | Self::Mutes | Self::Columns => None,
        }
    }

    /// Whether it is about rows.
    fn is_of_rows(&self) -> bool {
        matches!(self, Self::Tag(_) | Self::Note(_) | Self::Disposition(_) | Self::Snooze | Self::Values)
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Tag(_) => "feed-form-tag",
            Self::Note(_) => "feed-form-note",
            Self::Disposition(_) => "feed-form-disposition",
            Self::Snooze => "feed-form-snooze",
            Self::Mute(_) => "feed-form-mute",
            Self::View(_) => "feed-form-view",
            Self::Values => "feed-form-values",
            Self::Mutes => "feed-form-mutes",
            Self::Columns => "feed-form-columns",
        }
    }
}

/// Times to be out of sight for.
const TIMES: [(&str, TimeDelta); 5] = [
    ("feed-time-hour", TimeDelta::hours(1)),
    ("feed-time-shift", TimeDelta::hours(8)),
    ("feed-time-day", TimeDelta::days(1)),
    ("feed-time-week", TimeDelta::days(7)),
    ("feed-time-month", TimeDelta::days(30)),
];

impl Feed {
    pub(super) fn form(&mut self, message: Message, cx: &Cx<'_>) -> Action<Message> {
        match message {
            Message::Form(form) => {
                let form = match form {
                    Form::Mute(_) => Form::Mute(self.muting(cx)),
                    form if form.is_of_rows() && self.targets().is_empty() => {
                        return toast(Tone::Plain, Say::new("feed-act-nothing"));
                    }
                    form => form,
                };
                self.open_form(form)
            }
            Message::Word(typed) => {
                if let Some(word) = self.form.as_mut().and_then(Form::word_mut) {
                    *word = typed.chars().take(WORD).collect();
                }
                Action::None
            }
            Message::CloseForm => {
                self.form = None;
                Action::None
            }
            Message::Done => self.done(cx),
            _ => Action::None,
        }
    }

    /// What a rule would mute: what the filter says, else what is like the selected row.
    fn muting(&self, cx: &Cx<'_>) -> String {
        if !self.filter.good().is_everything() {
            return self.filter.good().to_string();
        }
        let row = self.selected.and_then(|seq| cx.store.row(seq));
        let like = row.and_then(|row| {
            let query = Query::default().plus(Field::Topic, &cx.finder.topic_name(&row.key.topic)).ok()?;
            query.plus(Field::Csirt, &row.summary.csirt).or(Ok::<_, crate::store::query::Error>(query)).ok()
        });
        like.map(|query| query.to_string()).unwrap_or_default()
    }

    /// Why the open form cannot be done; what is typed in it stays then.
    fn refused(&self, form: &Form, cx: &Cx<'_>) -> Option<Action<Message>> {
        let many = self.targets().count();
        match form {
            form if form.is_of_rows() && many == 0 => Some(toast(Tone::Plain, Say::new("feed-act-nothing"))),
            Form::Note(_) if many > NOTED => {
                let say = Say::new("feed-note-many").with("most", cx.catalog.number(NOTED.into()));
                Some(toast(Tone::Bad, say))
            }
            Form::Mute(filter) => {
                let say = muting(filter.trim(), TimeDelta::days(1), cx).err()?;
                Some(toast(Tone::Bad, say))
            }
            _ => None,
        }
    }

    fn done(&mut self, cx: &Cx<'_>) -> Action<Message> {
        let Some(form) = self.form.take() else { return Action::None };
        if let Some(refused) = self.refused(&form, cx) {
            self.form = Some(form);
            return refused;
        }
        let back = Action::Run(iced::widget::operation::focus(super::LIST));
        let said = |word: &String| word.trim().to_owned();
        let done = match &form {
            Form::Tag(word) if !said(word).is_empty() => self.act(Act::Tag(said(word), true), cx),
            Form::Note(word) if !said(word).is_empty() => self.act(Act::Note(said(word)), cx),
            Form::Disposition(word) => self.act(Act::Disposition(Some(said(word)).filter(|word| !word.is_empty())), cx),
            Form::Mute(word) => self.act(Act::Mute(said(word), TimeDelta::days(1)), cx),
            Form::View(word) => {
                let saved = views::View::new(word, self.filter.good().clone()).and_then(|mut view| {
                    (view.sort, view.then, view.group) = (self.sort, self.then, self.group);
                    view.density = super::layout::of_settings(self.density(cx));
                    self.side.views.add(view)
                });
                match saved {
                    Ok(()) => {
                        self.side.chosen = Some(super::View::Saved(self.side.views.all().len() - 1));
                        both(self.count(cx), self.keep_views(cx))
                    }
                    Err(fault) => {
                        self.form = Some(form);
                        return toast(Tone::Bad, fault.say());
                    }
                }
            }
            _ => Action::None,
        };
        both(done, back)
    }

    /// The open form, to lie over the list's head.
    pub(super) fn form_view<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let form = self.form.as_ref()?;
        let close = press(crate::widget::Icon::Close.view().size(12.0))
            .style(theme::button::quiet)
            .padding([6.0, space::SM])
            .hint(cx.text("feed-form-close"))
            .on_press(Message::CloseForm);
        let many = u64::from(self.targets().count());
        let is_many = form.is_of_rows() && *form != Form::Values && (many > 1 || self.marked() > 0);
        let many = is_many.then(|| caption(cx.catalog.count("feed-form-many", many, &[])));
        let head = row![title(cx.text(form.title())).width(Fill), many, Element::from(close)]
            .spacing(space::SM)
            .align_y(Center);
        let field = form.word().map(|word| {
            Element::from(
                text_input(&cx.text("feed-form-word"), word)
                    .id(FORM)
                    .on_input(Message::Word)
                    .on_submit(Message::Done)
                    .padding([4.0, space::SM])
                    .style(theme::input::field),
            )
        });
        let inside = match form {
            Form::Tag(_) => self.tags(cx),
            Form::Note(_) => self.notes(cx),
            Form::Disposition(_) | Form::View(_) => save(cx),
            Form::Snooze => times(cx, |time| Message::Act(Act::Snooze(Some(cx.now + time)))),
            Form::Mute(filter) => {
                let filter = filter.clone();
                let why = caption(cx.text("feed-form-mute-why"));
                column![why, times(cx, move |time| Message::Act(Act::Mute(filter.clone(), time)))]
                    .spacing(space::SM)
                    .into()
            }
            Form::Values => self.values(cx),
            Form::Mutes => rules(cx),
            Form::Columns => self.columns_form(cx),
        };
        let inside = column![head, field, inside].spacing(space::SM);
        let framed = container(inside).padding(space::LG).width(460.0).style(theme::surface::floating);
        Some(container(framed).center_x(Fill).padding(space::SM).into())
    }

    fn tags<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let own = self.selected.map(|seq| cx.finder.local(seq).tags).unwrap_or_default();
        let gone = own.into_iter().map(|tag| {
            let words = cx.format("feed-form-untag", &[("tag", &safe::line(&tag))]);
            Press::word(words).on_press(Message::Act(Act::Tag(tag, false))).into()
        });
        column![save(cx), Column::with_children(gone).spacing(space::XS)].spacing(space::SM).into()
    }

    fn notes<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let own = self.selected.map(|seq| cx.finder.local(seq).notes).unwrap_or_default();
        let lines = own.into_iter().map(|note| {
            let words = column![caption(cx.catalog.time(note.written)), text(safe::line(&note.text))].width(Fill);
            let gone = Press::word(cx.text("feed-form-remove")).on_press(Message::Act(Act::DropNote(note)));
            row![words, Element::from(gone)].spacing(space::SM).align_y(Center).into()
        });
        column![save(cx), Column::with_children(lines).spacing(space::SM)].spacing(space::SM).into()
    }

    /// Values of the selected row, each with a way into the filter.
    fn values<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let values = self.selected.map(|seq| value::of_row(seq, cx)).unwrap_or_default();
        let lines = values.into_iter().take(VALUES).map(|seen| {
            let narrow = |how| Message::Narrow(vec![seen.clone()], how);
            let way = |sign: &'static str, hint: &str, how| {
                let sign = press(text(sign).size(size::BODY)).padding([2.0, space::SM]);
                Element::from(sign.hint(cx.text(hint)).on_press(narrow(how)))
            };
            let only = Press::word(cx.text("feed-value-only")).padding([2.0, space::SM]).on_press(narrow(How::Only));
            let name = match &seen {
                Seen::Value(field, _) => field.name().to_owned(),
                Seen::Words(_) => cx.text("feed-value-words"),
            };
            row![
                caption(name).width(72.0),
                crate::widget::cell(line(seen.shown()), Fill),
                way("+", "feed-value-plus", How::Plus),
                way("\u{2212}", "feed-value-minus", How::Minus),
                Element::from(only),
            ]
            .spacing(space::XS)
            .align_y(Center)
            .into()
        });
        let lines = Column::with_children(lines).spacing(space::XS).padding(iced::Padding::ZERO.right(space::LG));
        let list = scrollable(lines).style(theme::surface::scroll);
        container(list).max_height(360.0).into()
    }
}

fn save<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    Press::word(cx.text("feed-form-save")).style(theme::button::primary).on_press(Message::Done).into()
}

fn times<'a>(cx: &Cx<'a>, then: impl Fn(TimeDelta) -> Message) -> Element<'a, Message> {
    let ways = TIMES.into_iter().map(|(key, time)| Press::word(cx.text(key)).on_press(then(time)).into());
    iced::widget::Row::with_children(ways).spacing(space::XS).into()
}

fn rules<'a>(cx: &Cx<'a>) -> Element<'a, Message> {
    let lines = cx.finder.mutes().into_iter().map(|rule| {
        let until = cx.format("feed-mute-until", &[("time", &cx.catalog.time(rule.until()))]);
        let words = column![line(safe::line(&rule.query().to_string())), caption(until)].width(Fill);
        let end = Press::word(cx.text("feed-mute-end")).on_press(Message::Act(Act::Unmute(rule)));
        row![words, Element::from(end)].spacing(space::SM).align_y(Center).into()
    });
    Column::with_children(lines).spacing(space::SM).into()
}
