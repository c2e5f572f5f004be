//! Values from lists that grow: what is known, what is the sender's own, what is newer than this program.

use std::borrow::Cow;

use crate::iodef::doc::Element;

/// An extensible attribute's value (RFC 7970 §5.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Token<'d> {
    /// A token of the list, trimmed.
    Known(Cow<'d, str>),
    /// The sender's own: what `ext-…` says, empty when it says nothing.
    Ext(Cow<'d, str>),
    /// Not in the list: perhaps registered later.
    Other(Cow<'d, str>),
}

impl<'d> Token<'d> {
    /// The attribute `name` of an element; `None` when it is absent. The class table knows the list.
    #[must_use]
    pub fn of(element: Element<'d>, name: &str) -> Option<Self> {
        let raw = trimmed(element.attr(name)?);
        if raw == "ext-value" {
            return Some(Self::Ext(element.attr(&format!("ext-{name}")).map(trimmed).unwrap_or_default()));
        }
        Some(if is_listed(element.local(), name, &raw) { Self::Known(raw) } else { Self::Other(raw) })
    }

    /// What to show and to compare: the token, or the private value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (Self::Known(token) | Self::Ext(token) | Self::Other(token)) = self;
        token
    }

    #[must_use]
    pub fn is(&self, token: &str) -> bool {
        matches!(self, Self::Known(own) if own == token)
    }
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_listed(class: &str, name: &str, token: &str) -> bool {
    use crate::iodef::schema::{Declared, Profile, Type, class as known};
    match known(class).and_then(|class| class.attribute(name, Profile::Reading)) {
        Some(Declared::Plain(attribute)) => match attribute.of {
            Type::Enumeration(list) => list.holds(token, Profile::Reading),
            _ => true,
        },
        _ => false,
    }
}

pub(super) fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
        Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
    }
}

/// A confidence between 0 and 100 (RFC 7970 §3.12.5): low, medium and high as 15, 50 and 85. A number from 0 to 1 may be
/// a share or nearly nothing; it is not guessed at.
#[must_use]
pub fn sureness<T: AsRef<str>>(rating: &str, number: impl FnOnce() -> T) -> Option<u8> {
    match rating {
        "low" => Some(15),
        "medium" => Some(50),
        "high" => Some(85),
        "numeric" => {
            let number: f64 = number().as_ref().trim().parse().ok()?;
            // In range, so the cast drops nothing but the fraction.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 100")]
            (number == 0.0 || (number > 1.0 && number <= 100.0)).then(|| number.round() as u8)
        }
        _ => None,
    }
}

/// How sure the sender is (RFC 7970 §3.12.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence<'d> {
    pub rating: Option<Token<'d>>,
    /// The number, where there is one; its scale is the sender's.
    pub number: Option<f64>,
}

impl<'d> Confidence<'d> {
    /// Of a `Confidence` element.
    #[must_use]
    pub fn of(element: Element<'d>) -> Self {
        let number = element.text().trim().parse().ok().filter(|number: &f64| number.is_finite());
        Self { rating: Token::of(element, "rating"), number }
    }
}
