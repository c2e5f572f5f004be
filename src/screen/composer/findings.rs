//! What preflight found: what blocks and what should be known, each leading to its place, with its remedy beside it.

use iced::widget::{Row, column, container, row, space as gap, text};
use iced::{Center, Fill};

use super::desk::Desk;
use super::{Message, Way};
use crate::app::cx::Cx;
use crate::compose::draft::Done;
use crate::compose::preflight::{Finding, Place, Weight};
use crate::iodef::NodeId;
use crate::theme::{self, space};
use crate::widget::{Element, Icon, Press, caption, line, virtual_list};

pub const LIST: &str = "compose.findings";
/// Height of a finding: what, what to do, and its remedy.
const ROW: f32 = 56.0;
/// Remedies offered for one finding.
const FIXES: usize = 3;

/// What was found of a state of the draft.
#[derive(Debug, Default)]
pub struct Findings {
    /// The state it was found of; `None` before anything was looked at.
    pub of: Option<u64>,
    pub list: Vec<Finding>,
    /// The one that was looked at last.
    pub at: Option<usize>,
}

impl Findings {
    /// The same findings after a change of the document: what was about something that is gone is about nothing more.
    pub fn follow(&mut self, done: &Done) {
        for finding in &mut self.list {
            if let Place::Element(node) = &mut finding.place {
                match done.follow(*node) {
                    Some(after) => *node = after,
                    None => finding.place = Place::Whole,
                }
            }
        }
    }

    pub fn blocks(&self) -> usize {
        self.list.iter().filter(|finding| finding.weight == Weight::Blocks).count()
    }

    pub fn warns(&self) -> usize {
        self.list.len() - self.blocks()
    }
}

/// The gravest finding at an element.
pub fn worst(findings: &Findings, node: NodeId) -> Option<Weight> {
    let here = |finding: &&Finding| finding.place == Place::Element(node);
    findings.list.iter().filter(here).map(|finding| finding.weight).min()
}

pub fn side<'a>(desk: &'a Desk, way: &Way<'a>, cx: &Cx<'a>) -> Element<'a, Message> {
    let findings = &desk.findings;
    let fresh = findings.of == Some(desk.revision());
    let state = match (findings.of, fresh) {
        (None, _) => cx.text("compose-checking"),
        (Some(_), false) => cx.text("compose-rechecking"),
        (Some(_), true) if findings.list.is_empty() => cx.text("compose-no-findings"),
        (Some(_), true) => tally(findings, cx),
    };
    let head = container(caption(state)).padding([space::SM, space::MD]);
    if findings.list.is_empty() {
        let icon = Icon::Done.view().style(theme::text::good);
        let none = fresh.then(|| row![icon, text(cx.text("compose-sound"))].spacing(space::SM).align_y(Center));
        return column![head, none.map(|none| container(none).padding([space::SM, space::MD]))].into();
    }
    let (cx_of_rows, editing) = (*cx, way.editing);
    let list = virtual_list(
        findings.list.len(),
        ROW,
        move |index| match findings.list.get(index) {
            Some(finding) => one(index, finding, editing && fresh, &cx_of_rows),
            None => gap::horizontal().into(),
        },
        |index| index,
        |index| Some(*index),
    )
    .id(LIST)
    .selected(findings.at)
    .on_select(Message::Finding)
    .on_open(Message::Jump);
    let chosen = findings.at.and_then(|at| findings.list.get(at)).map(|finding| whole(finding, cx));
    column![head, container(list).height(Fill), chosen].into()
}

/// All the words of the finding that was looked at last: a line of the list may be too short for them.
fn whole<'a>(finding: &'a Finding, cx: &Cx<'a>) -> Element<'a, Message> {
    let next = cx.catalog.next(&finding.say).map(|next| text(next).size(theme::size::CAPTION).style(theme::text::soft));
    let words = column![text(cx.catalog.say(&finding.say)), next].spacing(space::XS);
    let line = row![super::outline::weight(finding.weight), words].spacing(space::SM);
    container(line).width(Fill).padding([space::SM, space::MD]).style(theme::surface::panel).into()
}

/// `1 blocks · 2 to know`
pub fn tally(findings: &Findings, cx: &Cx<'_>) -> String {
    let (blocks, warns) = (findings.blocks() as u64, findings.warns() as u64);
    let blocks = cx.catalog.count("compose-blocks", blocks, &[]);
    format!("{blocks} · {}", cx.catalog.count("compose-warns", warns, &[]))
}

fn one<'a>(index: usize, finding: &'a Finding, editing: bool, cx: &Cx<'a>) -> Element<'a, Message> {
    let mark = super::outline::weight(finding.weight);
    let next = cx.catalog.next(&finding.say).map(|next| line(next).size(theme::size::CAPTION).style(theme::text::soft));
    let words = column![line(cx.catalog.say(&finding.say)), next].spacing(2.0);
    let fixes = finding.fixes.iter().take(FIXES).enumerate().map(|(which, fix)| {
        let press = Press::word(cx.catalog.say(&fix.label)).padding([1.0, space::SM]);
        press.on_press_maybe(editing.then_some(Message::Fix(index, which))).into()
    });
    let asked = finding.act.as_ref().filter(|_| finding.weight == Weight::Blocks);
    let reason = asked.map(|_| {
        let press = Press::word(cx.text("compose-reason-give")).padding([1.0, space::SM]);
        Element::from(press.on_press_maybe(editing.then_some(Message::Reason(index))))
    });
    let source = finding.leak.as_ref().and_then(|leak| leak.origins.first()).map(|origin| {
        let press = Press::word(cx.text("compose-leak-open")).padding([1.0, space::SM]);
        Element::from(press.on_press(Message::Source(origin.row)))
    });
    let acts = Row::with_children(fixes).push(source).push(reason).spacing(space::XS);
    let line = row![mark, container(words).width(Fill).clip(true), acts].spacing(space::SM).align_y(Center);
    container(line).padding([0.0, space::MD]).height(ROW).center_y(ROW).into()
}
