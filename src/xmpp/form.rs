//! Data forms (XEP-0004): node configuration, metadata, approvals, command steps. Uses `xml`.
//!
//! Tolerant of unknown field types and of extra elements, strict where a form could lie: one value per question, caps
//! on everything (`engine.md` §6 row 32). What a form is about its `FORM_TYPE` says: check it before acting on one.

use super::xml::{El, Writer};

pub const NS: &str = "jabber:x:data";

/// Why a form is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    #[error("no form")]
    Missing,
    #[error("a form with more in it than any honest one")]
    TooBig,
    #[error("a form that answers one question twice")]
    Duplicate,
}

/// XEP-0004 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Form,
    Submit,
    Cancel,
    Result,
}

impl Kind {
    fn token(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Submit => "submit",
            Self::Cancel => "cancel",
            Self::Result => "result",
        }
    }
}

/// One question or answer. All text is the sender's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    pub var: Option<String>,
    /// `list-single`, `boolean`…, as written; unknown ones are kept.
    pub kind: Option<String>,
    pub label: Option<String>,
    pub required: bool,
    pub values: Vec<String>,
    /// (label, value)
    pub options: Vec<(Option<String>, String)>,
}

/// A form, or the answer to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub kind: Kind,
    pub title: Option<String>,
    pub instructions: Option<String>,
    pub fields: Vec<Field>,
    /// The rows of a result with `<reported/>`.
    pub rows: Vec<Vec<Field>>,
}

impl Form {
    /// Caps: fields of a form or row, rows, options of a field, values of a field (a whitelist is one value per
    /// account), bytes of one value.
    pub const FIELDS: usize = 512;
    pub const ROWS: usize = 2048;
    pub const OPTIONS: usize = 4096;
    pub const VALUES: usize = 20_000;
    pub const VALUE: usize = 64 * 1024;

    /// An answer to questions of `form_type`.
    #[must_use]
    pub fn submit(form_type: &str) -> Self {
        let own = Field {
            var: Some("FORM_TYPE".to_owned()),
            kind: Some("hidden".to_owned()),
            values: vec![form_type.to_owned()],
            ..Field::default()
        };
        Self { kind: Kind::Submit, title: None, instructions: None, fields: vec![own], rows: Vec::new() }
    }

    /// Gives up the questions (XEP-0004 §3.1).
    #[must_use]
    pub fn cancel() -> Self {
        Self { kind: Kind::Cancel, title: None, instructions: None, fields: Vec::new(), rows: Vec::new() }
    }

    /// Adds an answer.
    #[must_use]
    pub fn with(mut self, var: &str, value: impl Into<String>) -> Self {
        self.fields.push(Field { var: Some(var.to_owned()), values: vec![value.into()], ..Field::default() });
        self
    }

    /// The first form among the children of `parent`.
    ///
    /// # Errors
    /// When there is none, or one not to be trusted.
    pub fn inside(parent: El<'_>) -> Result<Self, Error> {
        Self::read(parent.child(NS, "x").ok_or(Error::Missing)?)
    }

    /// Reads an `<x/>`.
    ///
    /// # Errors
    /// When it is no form, or one not to be trusted.
    pub fn read(x: El<'_>) -> Result<Self, Error> {
        if !x.is(NS, "x") {
            return Err(Error::Missing);
        }
        let kind = match x.attr("type").as_deref() {
            Some("submit") => Kind::Submit,
            Some("cancel") => Kind::Cancel,
            Some("result") => Kind::Result,
            _ => Kind::Form,
        };
        let text = |name| x.child(NS, name).map(|el| el.text().into_owned());
        let rows: Vec<_> = x.children().filter(|child| child.is(NS, "item")).take(Self::ROWS + 1).map(fields).collect();
        if rows.len() > Self::ROWS {
            return Err(Error::TooBig);
        }
        Ok(Self {
            kind,
            title: text("title"),
            instructions: text("instructions"),
            fields: fields(x)?,
            rows: rows.into_iter().collect::<Result<_, _>>()?,
        })
    }

    /// What the form is about (XEP-0068).
    #[must_use]
    pub fn form_type(&self) -> Option<&str> {
        self.value("FORM_TYPE")
    }

    #[must_use]
    pub fn field(&self, var: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.var.as_deref() == Some(var))
    }

    /// The first value of a field.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.field(var)?.values.first().map(String::as_str)
    }

    /// All values of a field.
    pub fn values(&self, var: &str) -> impl Iterator<Item = &str> {
        self.field(var).into_iter().flat_map(|field| field.values.iter().map(String::as_str))
    }

    /// A truth value (XEP-0004 §3.3); `None` when missing or neither.
    #[must_use]
    pub fn truth(&self, var: &str) -> Option<bool> {
        match self.value(var)?.trim() {
            "1" | "true" => Some(true),
            "0" | "false" => Some(false),
            _ => None,
        }
    }

    /// Answers a form with its own values, but for those given: what a configuration change sends (XEP-0060 §8.2).
    #[must_use]
    pub fn answer(&self, changes: &[(&str, &str)]) -> Self {
        self.answered(changes.iter().map(|(var, value)| (*var, vec![(*value).to_owned()])))
    }

    /// The same with questions of several answers.
    #[must_use]
    pub fn answered<'c>(&self, changes: impl IntoIterator<Item = (&'c str, Vec<String>)>) -> Self {
        let mut fields: Vec<Field> = self
            .fields
            .iter()
            .filter(|field| field.var.is_some() && field.kind.as_deref() != Some("fixed"))
            .map(|field| Field { label: None, options: Vec::new(), required: false, ..field.clone() })
            .collect();
        for (var, values) in changes {
            match fields.iter_mut().find(|field| field.var.as_deref() == Some(var)) {
                Some(field) => field.values = values,
                None => fields.push(Field { var: Some(var.to_owned()), values, ..Field::default() }),
            }
        }
        Self { kind: Kind::Submit, title: None, instructions: None, fields, rows: Vec::new() }
    }

    pub fn write(&self, w: &mut Writer) {
        let _ = w.open_ns("x", NS).attr("type", self.kind.token());
        for (name, text) in [("title", &self.title), ("instructions", &self.instructions)] {
            if let Some(text) = text {
                let _ = w.leaf(name, text);
            }
        }
        for field in &self.fields {
            field.write(w);
        }
        for row in &self.rows {
            let _ = w.open("item");
            for field in row {
                field.write(w);
            }
            let _ = w.close();
        }
        let _ = w.close();
    }
}

impl Field {
    fn read(el: El<'_>) -> Result<Self, Error> {
        let own = |name| el.attr(name).map(std::borrow::Cow::into_owned);
        let mut field = Self { var: own("var"), kind: own("type"), label: own("label"), ..Self::default() };
        for child in el.children().filter(|child| child.ns() == NS) {
            match child.name() {
                "required" => field.required = true,
                "value" => field.values.push(value(child)?),
                "option" => {
                    let label = child.attr("label").map(std::borrow::Cow::into_owned);
                    let text = child.child(NS, "value").map(value).transpose()?.unwrap_or_default();
                    field.options.push((label, text));
                }
                _ => {}
            }
            if field.values.len() > Form::VALUES || field.options.len() > Form::OPTIONS {
                return Err(Error::TooBig);
            }
        }
        Ok(field)
    }

    fn write(&self, w: &mut Writer) {
        let _ = w.open("field").attr_opt("var", self.var.as_deref()).attr_opt("type", self.kind.as_deref());
        let _ = w.attr_opt("label", self.label.as_deref());
        if self.required {
            let _ = w.open("required").close();
        }
        for value in &self.values {
            let _ = w.leaf("value", value);
        }
        for (label, value) in &self.options {
            let _ = w.open("option").attr_opt("label", label.as_deref()).leaf("value", value).close();
        }
        let _ = w.close();
    }
}

fn value(el: El<'_>) -> Result<String, Error> {
    let text = el.text();
    if text.len() > Form::VALUE { Err(Error::TooBig) } else { Ok(text.into_owned()) }
}

fn fields(parent: El<'_>) -> Result<Vec<Field>, Error> {
    let mut fields: Vec<Field> = Vec::new();
    for el in parent.children().filter(|child| child.is(NS, "field")) {
        let field = Field::read(el)?;
        if field.var.is_some() && fields.iter().any(|known| known.var == field.var) {
            return Err(Error::Duplicate);
        }
        if fields.len() >= Form::FIELDS {
            return Err(Error::TooBig);
        }
        fields.push(field);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::{received, written};

    fn read(inside: &str) -> Result<Form, Error> {
        Form::inside(received(&format!("<iq><x xmlns='jabber:x:data' {inside}</x></iq>")).root())
    }

    #[test]
    fn reads_what_servers_send() {
        let form = read(
            "type='form'><title>Node</title><field var='FORM_TYPE' type='hidden'><value>urn:f</value></field>\
             <field type='fixed'><value>Words</value></field><field type='fixed'><value>More</value></field>\
             <field var='pubsub#type' type='text-single' label='Type'/>\
             <field var='a' type='list-single'><required/><option label='A'><value>1</value></option><option/>\
             <value>1</value></field><field var='odd' type='holo-multi'><value/><value>x&amp;y</value></field>\
             <field var='b' type='boolean'><value>true</value></field><unknown xmlns='urn:z'/>",
        )
        .unwrap();
        assert_eq!((form.kind, form.form_type()), (Kind::Form, Some("urn:f")));
        assert_eq!(form.value("pubsub#type"), None, "a field without value is not an empty answer");
        assert_eq!(form.values("odd").collect::<Vec<_>>(), ["", "x&y"]);
        let a = form.field("a").unwrap();
        assert!(a.required);
        assert_eq!(a.options, [(Some("A".to_owned()), "1".to_owned()), (None, String::new())]);
        assert_eq!((form.truth("b"), form.truth("a"), form.truth("odd")), (Some(true), Some(true), None));
    }

    #[test]
    fn refuses_what_lies_or_floods() {
        let allow = "<field var='pubsub#allow'><value>0</value></field>";
        assert_eq!(read(&format!(">{allow}{allow}")), Err(Error::Duplicate));
        let fields: String = (0..=Form::FIELDS).map(|i| format!("<field var='{i}'/>")).collect();
        assert_eq!(read(&format!(">{fields}")), Err(Error::TooBig));
        let options = "<option/>".repeat(Form::OPTIONS + 1);
        assert_eq!(read(&format!("><field var='a'>{options}</field>")), Err(Error::TooBig));
        let values = "<value/>".repeat(Form::VALUES + 1);
        assert_eq!(read(&format!("><field var='a'>{values}</field>")), Err(Error::TooBig));
        let long = "x".repeat(Form::VALUE + 1);
        assert_eq!(read(&format!("><field var='a'><value>{long}</value></field>")), Err(Error::TooBig));
        assert_eq!(Form::inside(received("<iq><x xmlns='urn:x'/></iq>").root()), Err(Error::Missing));
    }

    #[test]
    fn rows() {
        let form = read(
            "type='result'><reported><field var='a'/></reported><item><field var='a'><value>1</value></field></item>",
        );
        let form = form.unwrap();
        assert_eq!(form.fields, []);
        assert_eq!(form.rows[0][0].values, ["1"]);
        assert_eq!(Form::read(received(&written(|w| form.write(w))).root()), Ok(form));
    }

    #[test]
    fn answers() {
        let form = read(
            ">type='form'<field var='FORM_TYPE' type='hidden'><value>f</value></field><field type='fixed'/>\
             <field var='a' label='A' type='boolean'><value>0</value></field><field var='b'><value>x</value></field>",
        )
        .unwrap();
        let answer = form.answer(&[("a", "1"), ("c", "new")]);
        assert_eq!(answer.kind, Kind::Submit);
        let told: Vec<_> = answer.fields.iter().map(|f| (f.var.as_deref().unwrap(), &*f.values[0])).collect();
        assert_eq!(told, [("FORM_TYPE", "f"), ("a", "1"), ("b", "x"), ("c", "new")]);
        let submit = Form::submit("f").with("a", "1");
        assert_eq!(
            written(|w| submit.write(w)),
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>f</value></field>\
             <field var='a'><value>1</value></field></x>"
        );
    }
}
