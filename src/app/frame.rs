//! What stands around the screens: practice mark, top bar, rail, status bar, toasts and sheets. Reads only.

use iced::widget::{Column, Row, column, container, responsive, row, rule, space as gap, stack, text};
use iced::{Center, Fill, Theme};

use super::command::Id;
use super::{App, Message, Sheet, rail, sheet};
use crate::app::cx::Cx;
use crate::engine::{Connection, Step};
use crate::screen::feed::{self, Panes};
use crate::screen::{Place, Tab, Tone as ScreenTone, care};
use crate::text as safe;
use crate::theme::{self, size, space};
use crate::widget::{self, Element, Icon, Press, Tone, caption, hatch, key, layer, mono, press, strip, strong, toast};

/// Below this width of the window the rail has only symbols, for the panes' sake.
const BROAD: f32 = 1_360.0;
/// Thickness of the practice grid's frame.
const FRAME: f32 = 7.0;

/// A pane of the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Pane {
    Side,
    #[default]
    List,
    Detail,
}

impl Pane {
    /// The pane beside it, round and round; without an incident there is no detail.
    pub fn turn(self, on: bool, detail: bool) -> Self {
        match (self, on) {
            (Self::Side, true) | (Self::Detail, false) => Self::List,
            (Self::List, true) if detail => Self::Detail,
            (Self::Side, false) if detail => Self::Detail,
            (Self::Side, false) => Self::List,
            (Self::List, _) | (Self::Detail, true) => Self::Side,
        }
    }

    /// What the keyboard goes to in it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Side => feed::SIDE,
            Self::List => feed::LIST,
            Self::Detail => crate::screen::document::TABS,
        }
    }
}

impl App {
    pub fn view(&self) -> Element<'_, Message> {
        let cx = self.shared.cx();
        let body = match self.place {
            place if self.running.is_some() && !matches!(place, Place::Welcome | Place::Archive) => {
                let middle = responsive(move |room| {
                    let slim = room.width < BROAD;
                    let rail = rail::width(slim);
                    let page = self.page(room.width - rail - 1.0, room.width, &cx);
                    let line = rule::vertical(1).style(theme::surface::line);
                    row![self.rail(slim, &cx), line, page].height(Fill).into()
                });
                let line = || rule::horizontal(1).style(theme::surface::line);
                column![self.top(&cx), line(), self.damage(&cx), self.trouble(&cx), middle, line(), self.status(&cx)]
                    .into()
            }
            _ => self.page(0.0, 0.0, &cx),
        };
        let body = if self.shared.practice { practice_frame(body) } else { body };
        let base = container(body).width(Fill).height(Fill).style(theme::surface::base);
        let sheet = self.sheet.map(|sheet| match sheet {
            Sheet::Help => sheet::over(sheet::keys(&cx), sheet::CLOSE),
            Sheet::Filters => sheet::over(sheet::filters(&cx), sheet::CLOSE),
            Sheet::Notices => sheet::over(sheet::notices(&self.shared.live.notices, &cx), sheet::CLOSE),
            Sheet::Certificate => {
                let question = self.screens.certificate.view(&cx).map(Message::Certificate);
                sheet::over(question, self.screens.certificate.first())
            }
            Sheet::Export => {
                sheet::over(self.screens.port.give.view(&cx).map(Message::Port), crate::screen::port::GIVE_FIRST)
            }
            Sheet::Import => {
                sheet::over(self.screens.port.take.view(&cx).map(Message::Port), crate::screen::port::TAKE_FIRST)
            }
            Sheet::Leave => sheet::over(sheet::leave(self.acts(), &cx), sheet::STAY),
        });
        let below = layer::below(stack![base].push(self.toasts(&cx)), self.sheet.is_some());
        stack![Element::from(below)].push(sheet).into()
    }

    /// `room` is what the page has, `window` what everything has.
    fn page<'a>(&'a self, room: f32, window: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        let page = match self.place {
            Place::Welcome => self.screens.welcome.view(cx).map(Message::Welcome),
            Place::Archive => self.screens.archive.view(cx).map(Message::Door),
            Place::Care => self.screens.care.view(cx).map(Message::Care),
            Place::Connect => self.screens.connect.view(cx).map(Message::Connect),
            Place::Viewer => self.screens.viewer.view(cx).map(Message::Viewer),
            Place::Connection => self.screens.connection.view(cx).map(Message::Connection),
            Place::Stream => self.screens.stream.view(cx).map(Message::Stream),
            Place::Hunt => self.screens.hunt.view(cx).map(Message::Hunt),
            Place::Rules => self.screens.rules.view(cx).map(Message::Rules),
            Place::Tab(Tab::Feed) => self.feed(room, window, cx),
            Place::Tab(Tab::Topics) => self.screens.topics.view(cx).map(Message::Topics),
            Place::Tab(Tab::Compose) => self.screens.composer.view(cx).map(Message::Compose),
            Place::Tab(Tab::Owner) => self.screens.owner.view(cx).map(Message::Owner),
            Place::Tab(Tab::Activity) => self.screens.activity.view(cx).map(Message::Activity),
            Place::Tab(Tab::Settings) => self.screens.settings.view(cx).map(Message::Settings),
        };
        container(page).width(Fill).height(Fill).into()
    }

    /// The feed between its side bar and the incident chosen there; with less room, less of it.
    fn feed<'a>(&'a self, room: f32, window: f32, cx: &Cx<'a>) -> Element<'a, Message> {
        let line = || rule::vertical(1).style(theme::surface::line);
        let list = || container(self.screens.feed.view(cx).map(Message::Feed));
        let detail = || container(self.screens.incident.view(cx).map(Message::Incident));
        let resting = self.pane != Pane::Detail;
        let beside = || container(self.screens.incident.beside(resting, cx).map(Message::Incident));
        if self.screens.incident.is_wide() {
            return detail().into();
        }
        // The lines between panes are theirs too.
        let panes = Panes::of(room - 2.0, window, self.screens.feed.splits(cx));
        let inside = match panes {
            Panes::One => return if self.selected.is_some() { detail().into() } else { list().into() },
            Panes::Two { list: width, .. } => row![list().width(width), line(), beside().width(Fill)],
            Panes::Three { side, list: width, .. } => {
                let bar = container(self.screens.feed.side(cx).map(Message::Feed)).width(side);
                row![bar, line(), list().width(width), line(), beside().width(Fill)]
            }
        };
        let edges = panes.edges();
        let at = edges.iter().map(|(_, at)| *at).collect();
        let drag = move |edge: usize, x: f32| match edges.get(edge) {
            Some((split, _)) => Message::Feed(feed::Message::Split(*split, panes.dragged(*split, x))),
            None => Message::Feed(feed::Message::SplitDone),
        };
        widget::edges(inside.height(Fill), at, drag, Message::Feed(feed::Message::SplitDone)).into()
    }

    fn top<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let mark = self.shared.practice.then(|| {
            let words =
                text(cx.text("app-practice")).font(theme::BOLD).size(size::CAPTION).style(theme::text::practice);
            container(words).padding([3.0, space::SM]).style(theme::surface::practice)
        });
        let why = self.shared.practice.then(|| caption(cx.text("app-practice-why")));
        let who = cx.profile.map(|profile| {
            row![strong(safe::line(&profile.name)), mono(safe::line(&profile.jid.to_string())).style(theme::text::soft)]
                .spacing(space::SM)
                .align_y(Center)
        });
        let bar = Row::new().push(mark).push(who).push(why).push(gap::horizontal()).push(self.pill(cx));
        container(bar.spacing(space::MD).align_y(Center))
            .padding([space::SM, space::LG])
            .style(theme::surface::panel)
            .width(Fill)
            .into()
    }

    /// The state of the connection in words, always in sight; pressed, it leads to what is known of it.
    fn pill<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let (icon, ink, words): (Icon, fn(&Theme) -> text::Style, String) = match cx.connection {
            Connection::Online(_) => (Icon::Online, theme::text::good, cx.text("app-online")),
            Connection::Connecting { step, .. } => (Icon::Connecting, theme::text::accent, cx.text(step_key(*step))),
            Connection::Waiting { .. } => {
                let seconds = u64::try_from(self.shared.live.retry_in(cx.now).unwrap_or(0)).unwrap_or(0);
                (Icon::Offline, theme::text::warn, cx.catalog.count("app-waiting", seconds, &[]))
            }
            Connection::Stopped { .. } => (Icon::Warning, theme::text::danger, cx.text("app-stopped")),
            Connection::Offline => (Icon::Offline, theme::text::soft, cx.text("app-offline")),
        };
        let state = press(row![icon.view().style(ink), text(words).style(ink)].spacing(space::SM).align_y(Center))
            .style(theme::button::quiet)
            .id("top.connection")
            .hint(format!("{} (F7)", cx.text("app-connection-hint")))
            .on_press(Message::Go(Place::Connection));
        let now = matches!(cx.connection, Connection::Waiting { .. }).then(|| {
            Element::from(Press::word(cx.text("app-retry")).id("top.retry").on_press(Message::Command(Id::Retry)))
        });
        Row::new().push(Element::from(state)).push(now).spacing(space::SM).align_y(Center).into()
    }

    /// What is stored is not what was written: told wherever the person is, with the way on.
    fn damage<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        if !cx.store.is_damaged() || self.place == Place::Care {
            return None;
        }
        let strip = care::damaged(Message::Care(care::Message::Do(care::Act::Close)), cx);
        Some(container(strip).padding([space::SM, space::LG]).into())
    }

    /// Why there is no connection, where trying again by itself will not mend it or has failed.
    fn trouble<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let (tone, cause) = match cx.connection {
            // These say it themselves.
            _ if matches!(self.place, Place::Connect | Place::Connection | Place::Tab(Tab::Feed)) => return None,
            Connection::Stopped { cause } => (Tone::Alarm, cause),
            Connection::Waiting { cause, .. } => (Tone::Caution, cause),
            _ => return None,
        };
        let say = cause.say();
        let form = (!self.shared.practice)
            .then(|| Press::word(cx.text("app-open-connection")).on_press(Message::Go(Place::Connection)).into());
        let again = Press::word(cx.text("app-retry")).on_press(Message::Command(Id::Retry)).into();
        let acts = form.into_iter().chain(matches!(tone, Tone::Alarm).then_some(again)).collect();
        let strip = strip(tone, cx.catalog.say(&say), cx.catalog.next(&say), acts);
        Some(container(strip).padding([space::SM, space::LG]).into())
    }

    fn status<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        // Elsewhere the label of a row out of sight would be taken for what is in sight.
        let chosen = self.selected.filter(|_| self.place == Place::Tab(Tab::Feed));
        let selected = chosen.and_then(|seq| cx.store.row(seq)).map(|row| {
            let label = crate::widget::handling(&row.summary, |label| cx.catalog.tlp(label));
            Element::from(row![caption(cx.text("app-selection")), label].spacing(space::SM).align_y(Center))
        });
        let rows = cx.catalog.count("app-rows", cx.store.len().into(), &[]);
        let rate = cx.catalog.count("app-rate", self.shared.live.per_minute(cx.now).into(), &[]);
        let cover = feed::Feed::covered_share(cx).map(|(share, whole)| {
            let words = text(cx.format("app-cover", &[("share", &share)])).size(size::CAPTION);
            words.style(if whole { theme::text::soft } else { theme::text::warn })
        });
        let dropped = (self.shared.live.dropped > 0).then(|| {
            let words = cx.catalog.count("app-dropped", self.shared.live.dropped, &[]);
            text(words).size(size::CAPTION).style(theme::text::warn)
        });
        let notices = self.shared.live.notices.len() as u64;
        let notices = (notices > 0).then(|| {
            let words = caption(cx.catalog.count("app-notices", notices, &[]));
            let open = press(words).style(theme::button::quiet).padding([0.0, space::SM]).id("status.notices");
            Element::from(open.on_press(Message::Open(Sheet::Notices)))
        });
        let bar = Row::new()
            .push(selected)
            .push(caption(rows))
            .push(caption(rate))
            .push(cover)
            .push(dropped)
            .push(notices)
            .push(gap::horizontal())
            .push(self.outbox(cx))
            .push(row![key("?"), caption(cx.text("app-keys"))].spacing(space::XS).align_y(Center))
            .push(caption(cx.catalog.time(cx.now)));
        container(bar.spacing(space::LG).align_y(Center))
            .padding([space::XS, space::LG])
            .height(28)
            .center_y(28)
            .style(theme::surface::panel)
            .width(Fill)
            .into()
    }

    /// How many reports are on their way; a press leads to them.
    fn outbox<'a>(&'a self, cx: &Cx<'a>) -> Element<'a, Message> {
        let (open, stuck) = self.screens.composer.outbox();
        let words = text(cx.catalog.count("app-outbox", open as u64, &[])).size(size::CAPTION);
        let words = words.style(if stuck {
            theme::text::warn
        } else if open > 0 {
            theme::text::accent
        } else {
            theme::text::soft
        });
        let show = press(words).style(theme::button::quiet).padding([0.0, space::SM]).id("status.outbox");
        show.on_press(Message::Compose(crate::screen::composer::Message::ShowOutbox)).into()
    }

    fn toasts<'a>(&'a self, cx: &Cx<'a>) -> Option<Element<'a, Message>> {
        let mut shown = self.toasts.iter().peekable();
        let _ = shown.peek()?;
        let list = shown.map(|(id, shown)| {
            let tone = match shown.tone {
                ScreenTone::Good => Tone::Good,
                ScreenTone::Plain => Tone::Plain,
                ScreenTone::Bad => Tone::Alarm,
            };
            toast(tone, cx.catalog.say(&shown.say), cx.text("app-toast-close"), Message::ToastOver(*id))
        });
        // Over the middle of the top bar, where nothing is to be pressed: a toast must not lie on the button one needs.
        let list = Column::with_children(list).spacing(space::SM).align_x(Center);
        Some(container(list).center_x(Fill).padding([FRAME, 0.0]).into())
    }
}

/// A hatched frame all around: nobody takes this for a real grid.
fn practice_frame(body: Element<'_, Message>) -> Element<'_, Message> {
    let side = || hatch(FRAME, Fill);
    let edge = || hatch(Fill, FRAME);
    column![edge(), row![side(), body, side()].height(Fill), edge()].into()
}

fn step_key(step: Step) -> &'static str {
    match step {
        Step::Dialing => "app-step-dialing",
        Step::Securing => "app-step-securing",
        Step::Authenticating => "app-step-authenticating",
        Step::Binding => "app-step-binding",
        Step::Discovering => "app-step-discovering",
    }
}
