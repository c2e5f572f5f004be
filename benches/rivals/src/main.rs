//! Receives a flood with tokio-xmpp: `rivals ADDRESS JID PASSWORD COUNT`, the CA in `SSL_CERT_FILE`.
//!
//! Says `online` when it has sent its presence and `done` when COUNT items have been received. An item counts when
//! its payload stands as an element; what it says is not looked at, which is less than the console does.

use std::error::Error;

use futures::StreamExt;
use sasl::common::ChannelBinding;
use tokio_xmpp::connect::{DnsConfig, ServerConnector, StartTlsServerConnector};
use tokio_xmpp::xmlstream::{PendingFeaturesRecv, Timeouts};
use tokio_xmpp::{Client, Event, Stanza};
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::Message;
use xmpp_parsers::ns;
use xmpp_parsers::presence::{Presence, Type};

/// Its own connector without channel binding: with it, it takes no mechanism that is not -PLUS but PLAIN, and the
/// practice grid offers neither to other clients.
#[derive(Clone, Debug)]
struct Unbound(StartTlsServerConnector);

impl ServerConnector for Unbound {
    type Stream = <StartTlsServerConnector as ServerConnector>::Stream;

    async fn connect(
        &self,
        jid: &Jid,
        ns: &'static str,
        timeouts: Timeouts,
    ) -> Result<(PendingFeaturesRecv<Self::Stream>, ChannelBinding), tokio_xmpp::Error> {
        let (stream, _) = self.0.connect(jid, ns, timeouts).await?;
        Ok((stream, ChannelBinding::None))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let mut next = |what: &str| args.next().ok_or(format!("{what} is missing"));
    let (address, jid, password) = (next("address")?, next("jid")?.parse::<BareJid>()?, next("password")?);
    let count: usize = next("count")?.parse()?;
    let connector = Unbound(StartTlsServerConnector(DnsConfig::addr(&address)));
    let mut client = Client::new_with_connector(jid, password, connector, Timeouts::default());
    let mut received = 0;
    while received < count {
        match client.next().await {
            Some(Event::Online { .. }) => {
                let _token = client.send_stanza(Presence::new(Type::None).into()).await?;
                println!("online");
            }
            Some(Event::Stanza(Stanza::Message(message))) => received += items(&message),
            Some(Event::Stanza(_)) => {}
            Some(Event::Disconnected(error)) => return Err(error.into()),
            None => return Err("the stream ended".into()),
        }
    }
    println!("done");
    Ok(())
}

/// Items with a payload in a notification.
fn items(message: &Message) -> usize {
    let events = message.payloads.iter().filter(|payload| payload.is("event", ns::PUBSUB_EVENT));
    let items = events.flat_map(|event| event.children()).flat_map(|list| list.children());
    items.filter(|item| item.is("item", ns::PUBSUB_EVENT) && item.children().next().is_some()).count()
}
