//! Data forms (XEP-0004) as the practice grid's services write and read them.

use crate::xmpp::xml::{El, Writer};

pub const NS: &str = "jabber:x:data";

/// A field of a form: variable, type (nothing in results), values.
pub type Field<'a> = (&'a str, Option<&'a str>, Vec<String>);

/// Writes a form of `kind` (`form`, `result`) under `form_type`.
pub fn write(w: &mut Writer, kind: &str, form_type: &str, fields: &[Field<'_>], options: &[String]) {
    let _ = w.open("x").attr("xmlns", NS).attr("type", kind);
    let _ = w.open("field").attr("var", "FORM_TYPE").attr("type", "hidden");
    let _ = w.open("value").text(form_type).close().close();
    for (var, field_type, values) in fields {
        let _ = w.open("field").attr("var", var).attr_opt("type", *field_type);
        for value in values {
            let _ = w.open("value").text(value).close();
        }
        // Only one field of any of our forms is a list to choose from.
        if *field_type == Some("list-single") {
            for option in options {
                let _ = w.open("option").open("value").text(option).close().close();
            }
        }
        let _ = w.close();
    }
    let _ = w.close();
}

/// A submitted form's values of one field.
fn values(form: El<'_>, var: &str) -> Vec<String> {
    let field = form.children().find(|field| field.is(NS, "field") && field.attr("var").as_deref() == Some(var));
    let Some(field) = field else { return Vec::new() };
    field.children().filter(|child| child.is(NS, "value")).map(|value| value.text().into_owned()).collect()
}

/// A submitted form's value of one field.
pub fn value(form: El<'_>, var: &str) -> Option<String> {
    values(form, var).into_iter().next()
}

/// A submitted form of `form_type` inside `parent`.
pub fn submitted<'a>(parent: El<'a>, form_type: &str) -> Option<El<'a>> {
    parent.children().find(|child| {
        child.is(NS, "x")
            && child.attr("type").as_deref() == Some("submit")
            && value(*child, "FORM_TYPE").as_deref() == Some(form_type)
    })
}

/// All fields of a submitted form but FORM_TYPE.
pub fn fields(form: El<'_>) -> Vec<(String, Option<String>)> {
    form.children()
        .filter(|field| field.is(NS, "field"))
        .filter_map(|field| {
            let var = field.attr("var")?.into_owned();
            let value = value(form, &var);
            (var != "FORM_TYPE").then_some((var, value))
        })
        .collect()
}

/// XEP-0004 §3.3: a boolean.
pub fn truth(text: &str) -> bool {
    matches!(text.trim(), "1" | "true")
}
