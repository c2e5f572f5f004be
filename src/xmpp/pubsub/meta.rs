//! What a topic says of itself: disco#info with the metadata form (XEP-0060 §5.4, RFC 8600 §5).

use crate::model::{Access, PayloadType, Topic, TopicId};
use crate::xmpp::disco::Info;
use crate::xmpp::form::Form;

/// `FORM_TYPE` of the metadata form.
pub const FORM: &str = "http://jabber.org/protocol/pubsub#meta-data";
/// Most addresses of one kind kept.
const ADDRESSES: usize = 64;

/// The topic as described. What this account is on it, disco does not say.
#[must_use]
pub fn describe(id: TopicId, info: &Info) -> Topic {
    let mut topic = Topic::bare(id);
    topic.title = info.identities.iter().find_map(|identity| identity.name.clone()).filter(|name| !name.is_empty());
    topic.collection = info.is("pubsub", Some("collection"));
    let Some(form) = info.form(FORM) else { return topic };
    let text = |var| form.value(var).filter(|value| !value.is_empty()).map(str::to_owned);
    topic.title = text("pubsub#title").or(topic.title);
    topic.description = text("pubsub#description");
    topic.payload = PayloadType::from_namespace(form.value("pubsub#type").unwrap_or_default());
    topic.access = Access::from_token(form.value("pubsub#access_model").unwrap_or_default());
    topic.owners = addresses(form, "pubsub#owner");
    topic.publishers = addresses(form, "pubsub#publisher");
    topic.publish_model = text("pubsub#publish_model");
    topic.subscribers = form.value("pubsub#num_subscribers").and_then(|count| count.trim().parse().ok());
    settings(&mut topic, form);
    topic
}

/// How the topic keeps and sends what is published: in the metadata of brokers that tell, and in the configuration that
/// an owner may read (XEP-0060 §16.4.4).
pub fn settings(topic: &mut Topic, form: &Form) {
    if let Some(kind) = form.value("pubsub#notification_type") {
        topic.headline = Some(kind == "headline");
    }
    topic.keeping.stores = form.truth("pubsub#persist_items").or(topic.keeping.stores);
    let most = form.value("pubsub#max_items").map(str::trim);
    let most = most.and_then(|most| if most == "max" { Some(u32::MAX) } else { most.parse().ok() });
    topic.keeping.most = most.or(topic.keeping.most);
    let size = form.value("pubsub#max_payload_size").and_then(|size| size.trim().parse().ok()).filter(|size| *size > 0);
    topic.max_payload = size.or(topic.max_payload);
}

fn addresses(form: &Form, var: &str) -> Vec<crate::model::Jid> {
    form.values(var).filter_map(|jid| jid.parse().ok()).take(ADDRESSES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xmpp::stanza::tests::received;

    fn described(fields: &[(&str, &[&str])]) -> Topic {
        let fields: String = fields
            .iter()
            .map(|(var, values)| {
                let values: String = values.iter().map(|value| format!("<value>{value}</value>")).collect();
                format!("<field var='pubsub#{var}'>{values}</field>")
            })
            .collect();
        let text = format!(
            "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='pubsub' type='leaf' name='N'/>\
             <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'><value>{FORM}</value></field>{fields}</x></query>"
        );
        let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
        describe(id, &Info::read(received(&text).root()).unwrap())
    }

    #[test]
    fn what_ejabberd_says() {
        let topic = described(&[
            ("title", &["Incidents"]),
            ("type", &[PayloadType::IODEF2]),
            ("owner", &["a@grid.example", "@", "b@grid.example"]),
            ("access_model", &["authorize"]),
            ("publish_model", &["publishers"]),
            ("num_subscribers", &["12"]),
        ]);
        assert_eq!((topic.title.as_deref(), topic.payload), (Some("Incidents"), PayloadType::Iodef2));
        assert_eq!((topic.access, topic.owners.len(), topic.subscribers), (Access::Authorize, 2, Some(12)));
        assert_eq!((topic.headline, topic.description, topic.max_payload), (None, None, None));
    }

    #[test]
    fn the_largest_payload_is_read_where_it_is_one() {
        let largest = |said: &str| described(&[("max_payload_size", &[said])]).max_payload;
        assert_eq!([" 60000 ", "0", "-1", "much"].map(largest), [Some(60_000), None, None, None]);
    }

    #[test]
    fn a_collection_is_told_from_a_leaf() {
        let read = |kind: &str| {
            let text = format!(
                "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='pubsub' type='{kind}'/></query>"
            );
            let id = TopicId { broker: "broker.grid.example".parse().unwrap(), node: "n".to_owned() };
            describe(id, &Info::read(received(&text).root()).unwrap()).collection
        };
        assert!(read("collection") && !read("leaf"));
    }

    #[test]
    fn a_type_without_value_is_unsaid() {
        let topic = described(&[("type", &[]), ("access_model", &["by-moonlight"]), ("num_subscribers", &["-1"])]);
        assert_eq!((topic.payload, topic.subscribers), (PayloadType::Unsaid, None));
        assert_eq!(topic.access, Access::Other("by-moonlight".to_owned()));
        assert_eq!(topic.title.as_deref(), Some("N"));
    }
}
