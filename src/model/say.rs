//! A message for a person, named by its catalog key: layers below the window say *what*, `i18n` finds the words.

/// A catalog key with its arguments. By convention the Fluent message `key` says what happened and its attribute
/// `.next` what the person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    pub key: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl Say {
    #[must_use]
    pub fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new() }
    }

    /// Adds an argument; its text is shown as given, so remote text must have gone through `text::line` first.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// Adds a number, written `12,345` as everywhere.
    #[must_use]
    pub fn number(self, name: &'static str, value: usize) -> Self {
        self.with(name, grouped(&value.to_string()))
    }
}

/// English digits by the thousand: `12,345`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
