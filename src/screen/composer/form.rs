//! The form's fields: their ids, and the words of what stands in the way.

use iced::Task;

use super::{Line, Message, Obstacle};
use crate::app::cx::Cx;
use crate::iodef::report::Field;

/// The id of a field's control.
pub fn id(field: Field) -> &'static str {
    match field {
        Field::Csirt => "report.csirt",
        Field::Id => "report.id",
        Field::Lang => "report.lang",
        Field::ContactName => "report.contact",
        Field::ContactEmail => "report.email",
        Field::Restriction => "report.restriction",
        Field::Description => "report.description",
        Field::Addresses => "report.addresses",
    }
}

impl Line {
    pub fn field(self) -> Field {
        match self {
            Self::Csirt => Field::Csirt,
            Self::Id => Field::Id,
            Self::ContactName => Field::ContactName,
            Self::ContactEmail => Field::ContactEmail,
        }
    }
}

/// The catalog key of a field's label.
pub fn label(field: Field) -> &'static str {
    match field {
        Field::Csirt => "compose-csirt",
        Field::Id => "compose-id",
        Field::Lang => "compose-lang",
        Field::ContactName => "compose-contact",
        Field::ContactEmail => "compose-email",
        Field::Restriction => "compose-restriction",
        Field::Description => "compose-description",
        Field::Addresses => "compose-addresses",
    }
}

/// The field an obstacle is about.
pub fn field(obstacle: &Obstacle) -> Option<Field> {
    match obstacle {
        Obstacle::Report(problem) => problem.field(),
        Obstacle::NoTopic | Obstacle::LostTopic(_) => None,
        Obstacle::Practice => Some(Field::Csirt),
    }
}

/// What to do about an obstacle.
pub fn words(obstacle: &Obstacle, cx: &Cx<'_>) -> String {
    match obstacle {
        Obstacle::Report(problem) => cx.catalog.say(&problem.say()),
        Obstacle::NoTopic => cx.text("compose-problem-topic"),
        Obstacle::LostTopic(topic) => {
            cx.format("compose-problem-topic-lost", &[("topic", &super::view::named(topic, cx))])
        }
        Obstacle::Practice => cx.text("compose-problem-practice"),
    }
}

/// Leads to the obstacle's field.
pub fn focus(obstacle: &Obstacle) -> Option<Task<Message>> {
    field(obstacle).map(|field| iced::widget::operation::focus(id(field)))
}
