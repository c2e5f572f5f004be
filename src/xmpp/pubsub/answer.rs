//! What brokers answer to [`super::Request`]s. Each function takes the payload of an `<iq type='result'/>`, which may be
//! missing or an echo of the request: then it gives `None`.

use super::{Around, Item, List, NS, Subscription, node_of};
use crate::model::{Affiliation, ItemId};
use crate::xmpp::rsm::Page;
use crate::xmpp::xml::El;

fn inside<'a>(payload: Option<El<'a>>, name: &str) -> Option<El<'a>> {
    payload.filter(|pubsub| pubsub.is(NS, "pubsub"))?.child(NS, name)
}

/// The subscription a subscribe request led to (XEP-0060 §6.1.2).
#[must_use]
pub fn subscription(payload: Option<El<'_>>) -> Option<Subscription> {
    Subscription::read(inside(payload, "subscription")?)
}

/// My subscriptions (§5.6).
#[must_use]
pub fn subscriptions(payload: Option<El<'_>>) -> Option<List<Subscription>> {
    Some(List::read(inside(payload, "subscriptions")?, "subscription", Subscription::read))
}

/// My affiliations (§5.7) as (node, affiliation).
#[must_use]
pub fn affiliations(payload: Option<El<'_>>) -> Option<List<(String, Affiliation)>> {
    let list = inside(payload, "affiliations")?;
    let common = node_of(list);
    Some(List::read(list, "affiliation", |el| {
        let node = if el.attr("node").is_some() { node_of(el) } else { common.clone() }?;
        Some((node, Affiliation::from_token(&el.attr("affiliation")?)))
    }))
}

/// Items, and where they lie in the whole when the broker has pages. The page may stand before or after them.
#[must_use]
pub fn items(payload: Option<El<'_>>) -> Option<(List<Item>, Option<Page>)> {
    let list = inside(payload, "items")?;
    let mut around = Around::default();
    Some((List::read(list, "item", |el| Item::read(el, &mut around)), payload.and_then(Page::inside)))
}

/// The id under which an item was published (§7.1.2); brokers may leave it out when it was given.
#[must_use]
pub fn published(payload: Option<El<'_>>) -> Option<ItemId> {
    super::id_of(inside(payload, "publish")?.child(NS, "item")?)
}

/// The node that was made (§8.1.2); brokers say it when they chose its name, and may leave it out else.
#[must_use]
pub fn created(payload: Option<El<'_>>) -> Option<String> {
    node_of(inside(payload, "create")?)
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use crate::xmpp::stanza::{Sorted, sort, tests::received};

    fn with<T>(inside: &str, read: impl FnOnce(Option<El<'_>>) -> T) -> T {
        let stanza = received(&format!("<iq type='result' id='1'>{inside}</iq>"));
        let Ok(Sorted::Iq(iq)) = sort(stanza.root()) else { panic!("no iq") };
        read(iq.payload())
    }

    fn pubsub<T>(inside: &str, read: impl FnOnce(Option<El<'_>>) -> T) -> T {
        with(&format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inside}</pubsub>"), read)
    }

    #[test]
    fn subscribing() {
        let answer = "<subscription jid='a@b.example' subscription='pending' subid='5A' node='n'/>";
        let got = pubsub(answer, subscription).unwrap();
        assert_eq!((got.state, got.subid.as_deref(), got.node.as_deref()), (State::Pending, Some("5A"), Some("n")));
        // Prosody has no subids.
        let got = pubsub("<subscription node='n' jid='a@b.example' subscription='subscribed'/>", subscription).unwrap();
        assert_eq!((got.state, got.subid), (State::Subscribed, None));
        assert_eq!(pubsub("<subscribe node='n' jid='a@b.example'/>", subscription), None, "an echo");
        assert_eq!(with("", subscription), None);
        assert_eq!(with("<pubsub xmlns='urn:x'><subscription jid='a@b.example'/></pubsub>", subscription), None);
    }

    #[test]
    fn options_that_are_wanted_and_ends_that_are_told() {
        let answer = "<subscription jid='a@b.example' subscription='unconfigured' subid='1' node='n'>\
                      <subscribe-options><required/></subscribe-options></subscription>";
        let got = pubsub(answer, subscription).unwrap();
        assert_eq!((got.state, got.wants_options, got.expiry), (State::Unconfigured, true, None));
        let answer = "<subscription jid='a@b.example' expiry='2027-02-28T23:59Z'><subscribe-options/></subscription>";
        let got = pubsub(answer, subscription).unwrap();
        assert_eq!((got.wants_options, got.expiry.as_deref()), (false, Some("2027-02-28T23:59Z")));
        let long = "s".repeat(super::super::SUBSCRIPTION_ID + 1);
        assert_eq!(pubsub(&format!("<subscription jid='a@b.example' subid='{long}'/>"), subscription), None);
    }

    #[test]
    fn making() {
        assert_eq!(pubsub("<create node='25e3d'/>", created).as_deref(), Some("25e3d"));
        assert_eq!(pubsub("<create/>", created), None);
        assert_eq!(with("", created), None);
    }

    #[test]
    fn lists_keep_what_they_can() {
        let list = pubsub(
            "<subscriptions><subscription node='n' jid='a@b.example' subscription='subscribed' subid='1'/>\
             <subscription node='n' jid='a@b.example/x' subscription='flux'/><subscription node='m' jid=' @ '/>\
             </subscriptions>",
            subscriptions,
        );
        let list = list.unwrap();
        assert_eq!((list.entries.len(), list.unreadable, list.node), (2, 1, None));
        assert_eq!(list.entries[1].state, State::Other("flux".to_owned()));
        let list = pubsub(
            "<affiliations node='n'><affiliation affiliation='owner'/><affiliation node='m' affiliation='king'/>\
             <affiliation node='o'/></affiliations>",
            affiliations,
        );
        let list = list.unwrap();
        let king = Affiliation::Other("king".to_owned());
        assert_eq!(list.entries, [("n".to_owned(), Affiliation::Owner), ("m".to_owned(), king)]);
        assert_eq!(list.unreadable, 1);
    }

    #[test]
    fn pages_stand_anywhere() {
        let set = "<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>t1</first><last>t2</last><count>9</count></set>";
        let items_xml = "<items node='n'><item id='1'><a xmlns='urn:a'/></item><item/><item id='2'/></items>";
        for inside in [format!("{set}{items_xml}"), format!("{items_xml}{set}")] {
            let (list, page) = pubsub(&inside, items).unwrap();
            let ids: Vec<_> = list.entries.iter().map(|item| &*item.id.0).collect();
            assert_eq!((ids, list.unreadable, list.node.as_deref()), (vec!["1", "2"], 1, Some("n")));
            assert_eq!(page.unwrap().count, Some(9));
            assert_eq!(list.entries[1].payload, None);
        }
        assert_eq!(pubsub(items_xml, items).unwrap().1, None);
    }

    #[test]
    fn publishing() {
        let id = pubsub("<publish node='n'><item id='i'/></publish>", published);
        assert_eq!(id, Some(ItemId("i".to_owned())));
        assert_eq!(pubsub("<publish node='n'/>", published), None);
    }
}
