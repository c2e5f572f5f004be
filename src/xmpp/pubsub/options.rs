//! How one subscription is delivered (XEP-0060 §6.3, §6.4, §16.4.2): the form, and the answers that matter to a console
//! that must not miss anything.

use super::NS;
use crate::xmpp::form::{Error, Form};
use crate::xmpp::xml::El;

/// `FORM_TYPE`.
pub const FORM: &str = "http://jabber.org/protocol/pubsub#subscribe_options";

/// What a console wants of every subscription, where the form asks: that it is delivered, at once, with payloads, as long
/// as it stands, whatever my presence.
const WANTED: [(&str, &str); 3] = [("pubsub#deliver", "1"), ("pubsub#digest", "0"), ("pubsub#include_body", "0")];

/// The form of a subscription's options, or of the default ones.
///
/// # Errors
/// When there is none, or one not to be trusted, or about something else.
pub fn form(payload: Option<El<'_>>) -> Result<Form, Error> {
    let pubsub = payload.filter(|pubsub| pubsub.is(NS, "pubsub")).ok_or(Error::Missing)?;
    let place = pubsub.child(NS, "options").or_else(|| pubsub.child(NS, "default")).ok_or(Error::Missing)?;
    let form = Form::inside(place)?;
    if form.form_type().is_some_and(|is| is != FORM) { Err(Error::Missing) } else { Ok(form) }
}

/// The answer to such a form: its own values, but for those without which incidents would be missed.
#[must_use]
pub fn filled(form: &Form) -> Form {
    let asked: Vec<_> = WANTED.into_iter().filter(|(var, _)| form.field(var).is_some()).collect();
    form.answer(&asked)
}

/// Whether a subscription under these options delivers what is published, as it is published.
#[must_use]
pub fn delivers(form: &Form) -> bool {
    form.truth("pubsub#deliver") != Some(false) && form.truth("pubsub#digest") != Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    fn read(name: &str, form_type: &str, fields: &[(&str, &str)]) -> Result<Form, Error> {
        let fields: String =
            fields.iter().map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).collect();
        let text = format!(
            "<pubsub xmlns='{NS}'><{name} node='n'><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' \
             type='hidden'><value>{form_type}</value></field>{fields}</x></{name}></pubsub>"
        );
        form(Some(received(&text).root()))
    }

    #[test]
    fn both_places_and_only_this_type() {
        let own = read("options", FORM, &[("pubsub#deliver", "false"), ("pubsub#expire", "x")]).unwrap();
        assert!(!delivers(&own));
        let sent = filled(&own);
        assert!(delivers(&sent));
        assert_eq!((sent.truth("pubsub#deliver"), sent.value("pubsub#expire")), (Some(true), Some("x")));
        assert_eq!(sent.field("pubsub#digest"), None, "nothing is set that was not asked");
        assert!(!delivers(&read("default", FORM, &[("pubsub#digest", "1")]).unwrap()));
        assert_eq!(read("options", "urn:other", &[]), Err(Error::Missing));
        assert_eq!(form(Some(received("<pubsub xmlns='urn:x'/>").root())), Err(Error::Missing));
        assert_eq!(form(None), Err(Error::Missing));
    }
}
