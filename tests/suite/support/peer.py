"""An independent XMPP client for the tests, on slixmpp: another party of the grid, driven by JSON lines.

Each line on standard input is a command {"id": n, "do": name, ...}; each gets one answer line {"id": n, "ok": true, ...}
or {"id": n, "error": condition}. What arrives by itself is told as {"event": name, ...}. It ends with its input.
"""

import asyncio
import json
import logging
import sys
from xml.etree import ElementTree

import slixmpp
from slixmpp.componentxmpp import ComponentXMPP
from slixmpp.exceptions import IqError, IqTimeout
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

AUTHORIZATION = "http://jabber.org/protocol/pubsub#subscribe_authorization"
GET_PENDING = "http://jabber.org/protocol/pubsub#get-pending"
DELAY = "{urn:xmpp:delay}delay"
EVENT = "{http://jabber.org/protocol/pubsub#event}"
OWNER = "{http://jabber.org/protocol/pubsub#owner}"
DATA = "{jabber:x:data}"
CONFIG = "http://jabber.org/protocol/pubsub#node_config"
METADATA = "http://jabber.org/protocol/pubsub#meta-data"


def say(**line):
    print(json.dumps(line), flush=True)


def text(element):
    return ElementTree.tostring(element, encoding="unicode")


def fields(element, kind):
    """The values of every form of this kind inside an element, by name."""
    found = {}
    for form in element.iter(DATA + "x"):
        values = {f.get("var"): [v.text or "" for v in f.findall(DATA + "value")] for f in form.iter(DATA + "field")}
        if values.pop("FORM_TYPE", None) == [kind]:
            found.update(values)
    return found


class Peer:
    def __init__(self):
        self.client = None
        self.session = None
        self.forms = {}

    async def connect(self, jid, password, host, port, ca, direct=False, register=False):
        self.client = client = slixmpp.ClientXMPP(jid, password)
        client.ca_certs = ca
        client.auto_reconnect = False
        for plugin in ("xep_0004", "xep_0030", "xep_0050", "xep_0059", "xep_0060", "xep_0199"):
            client.register_plugin(plugin)
        if register:
            client.register_plugin("xep_0066")
            client.register_plugin("xep_0077")
            # slixmpp 1.8 holds back its own registration until there is a session, which then never comes.
            client._always_send_everything = True
            client.add_event_handler("register", self.on_register)
        self.session = asyncio.get_running_loop().create_future()
        client.add_event_handler("session_start", lambda _: self.settle(True))
        client.add_event_handler("failed_all_auth", lambda _: self.settle("not-authorized"))
        client.add_event_handler("connection_failed", lambda error: self.settle(str(error)))
        client.add_event_handler("disconnected", self.on_disconnected)
        client.register_handler(Callback("peer", MatchXPath("{jabber:client}message"), self.on_message))
        client.connect((host, port), use_ssl=direct, force_starttls=not direct, disable_starttls=direct)
        outcome = await self.session
        if outcome is not True:
            raise RuntimeError(outcome)
        client.send_presence()
        return {"jid": client.boundjid.full}

    async def attend(self, domain, secret, host, port):
        """Logs in as a whole domain (XEP-0114): everybody there is this one process."""
        self.client = client = ComponentXMPP(domain, secret, host, port)
        client.auto_reconnect = False
        client.register_plugin("xep_0060")
        self.session = asyncio.get_running_loop().create_future()
        client.add_event_handler("session_start", lambda _: self.settle(True))
        client.add_event_handler("connection_failed", lambda error: self.settle(str(error)))
        client.add_event_handler("disconnected", self.on_disconnected)
        client.register_handler(Callback("crowd", MatchXPath("{jabber:component:accept}message"), self.on_message))
        client.connect()
        outcome = await self.session
        if outcome is not True:
            raise RuntimeError(outcome)
        return {"jid": domain}

    async def ask_as(self, service, node, accounts):
        """Each of these accounts asks to read a topic, one after another without waiting for the answers."""

        async def ask(account):
            iq = self.client.make_iq_set(ito=service, ifrom=account)
            iq["pubsub"]["subscribe"]["node"] = node
            iq["pubsub"]["subscribe"]["jid"] = account
            answer = await iq.send(timeout=60)
            return answer["pubsub"]["subscription"]["subscription"]

        return {"states": await asyncio.gather(*[ask(account) for account in accounts])}

    def settle(self, outcome):
        if not self.session.done():
            self.session.set_result(outcome)

    def on_disconnected(self, reason):
        # Who was never there is not gone: why is the answer to who asked.
        if self.session.done() and self.session.result() is True:
            say(event="gone")
        self.settle(f"disconnected: {reason}")

    async def on_register(self, _):
        iq = self.client.make_iq_set()
        iq["register"]["username"] = self.client.boundjid.user
        iq["register"]["password"] = self.client.password
        try:
            await iq.send()
        except IqError as error:
            # An account of an earlier run of the same test.
            if error.condition != "conflict":
                self.settle(error.condition)

    def on_message(self, message):
        sender, to = message["from"].full, message["to"].bare
        for items in message.xml.iter(EVENT + "items"):
            delay = message.xml.find(DELAY)
            for item in items:
                children = list(item)
                say(
                    event="item" if item.tag == EVENT + "item" else "retract",
                    sender=sender,
                    to=to,
                    node=items.get("node"),
                    item=item.get("id"),
                    publisher=item.get("publisher"),
                    delay=None if delay is None else delay.get("stamp"),
                    payload=text(children[0]) if children else None,
                )
        for subscription in message.xml.iter(EVENT + "subscription"):
            say(
                event="subscription",
                sender=sender,
                node=subscription.get("node"),
                jid=subscription.get("jid"),
                state=subscription.get("subscription"),
            )
        body = message.xml.findtext("{jabber:client}body")
        if body:
            say(event="words", sender=sender, body=body)
        for form in message.xml.iter(DATA + "x"):
            if form.get("type") != "form":
                continue
            values = {f.get("var"): f.findtext(DATA + "value") for f in form.iter(DATA + "field")}
            if values.get("FORM_TYPE") == AUTHORIZATION:
                node, jid = values.get("pubsub#node"), values.get("pubsub#subscriber_jid")
                self.forms[node, jid.split("/")[0]] = (sender, values)
                say(event="request", sender=sender, node=node, jid=jid)

    async def disconnect(self):
        await self.client.disconnect()
        return {}

    async def create(self, service, node, access, type, title="", notification="normal", most=None, publish="publishers", biggest=None):
        form = self.client["xep_0004"].make_form("submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#node_config")
        form.add_field(var="pubsub#access_model", value=access)
        form.add_field(var="pubsub#type", value=type)
        form.add_field(var="pubsub#title", value=title)
        form.add_field(var="pubsub#notification_type", value=notification)
        form.add_field(var="pubsub#publish_model", value=publish)
        form.add_field(var="pubsub#persist_items", value="1")
        if biggest is not None:
            form.add_field(var="pubsub#max_payload_size", value=str(biggest))
        if most is not None:
            form.add_field(var="pubsub#max_items", value=str(most))
        await self.client["xep_0060"].create_node(service, node, config=form)
        return {}

    async def configure(self, service, node, settings):
        form = self.client["xep_0004"].make_form("submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#node_config")
        for name, value in settings.items():
            form.add_field(var=name, value=value)
        await self.client["xep_0060"].set_node_config(service, node, form)
        return {}

    async def subscribe(self, service, node):
        answer = await self.client["xep_0060"].subscribe(service, node, bare=True)
        return {"state": answer["pubsub"]["subscription"]["subscription"]}

    async def unsubscribe(self, service, node):
        await self.client["xep_0060"].unsubscribe(service, node)
        return {}

    async def subscriptions(self, service):
        answer = await self.client["xep_0060"].get_subscriptions(service)
        found = {}
        for subscription in answer["pubsub"]["subscriptions"]["substanzas"]:
            found[subscription["node"]] = subscription["subscription"]
        return {"subscriptions": found}

    async def settings(self, service, node):
        """How a topic is set up: its owner's form, and what it says of itself to everybody."""
        form = await self.client["xep_0060"].get_node_config(service, node)
        info = await self.client["xep_0030"].get_info(jid=service, node=node)
        return {"form": fields(form.xml, CONFIG), "said": fields(info.xml, METADATA)}

    async def readers(self, service, node):
        """Everybody's subscriptions to a topic of mine, as they are listed."""
        answer = await self.client["xep_0060"].get_node_subscriptions(service, node)
        return {"readers": [[s.get("jid"), s.get("subscription")] for s in answer.xml.iter(OWNER + "subscription")]}

    async def affiliations(self, service, node):
        """What everybody is on a topic of mine."""
        answer = await self.client["xep_0060"].get_node_affiliations(service, node)
        return {"accounts": {a.get("jid"): a.get("affiliation") for a in answer.xml.iter(OWNER + "affiliation")}}

    async def forge(self, to, node, subscriber, wrapped=None):
        """Pretends that a broker asks for a decision, by itself or within another element (its XML, with one %s)."""
        form = self.client["xep_0004"].make_form("form")
        form.add_field(var="FORM_TYPE", ftype="hidden", value=AUTHORIZATION)
        form.add_field(var="pubsub#node", ftype="text-single", value=node)
        form.add_field(var="pubsub#subscriber_jid", ftype="jid-single", value=subscriber)
        form.add_field(var="pubsub#allow", ftype="boolean", value="false")
        message = self.client.make_message(mto=to)
        if wrapped is None:
            message.append(form)
        else:
            message.append(ElementTree.fromstring(wrapped % text(form.xml)))
        message.send()
        return {}

    async def publish(self, service, node, item, payload):
        answer = await self.client["xep_0060"].publish(
            service, node, id=item, payload=ElementTree.fromstring(payload)
        )
        return {"item": answer["pubsub"]["publish"]["item"]["id"]}

    async def retract(self, service, node, item):
        await self.client["xep_0060"].retract(service, node, item, notify=True)
        return {}

    async def affiliate(self, service, node, jid, affiliation):
        await self.client["xep_0060"].modify_affiliations(service, node, [(jid, affiliation)])
        return {}

    async def items(self, service, node):
        answer = await self.client["xep_0060"].get_items(service, node)
        return {"items": {item["id"]: text(item["payload"]) for item in answer["pubsub"]["items"]["substanzas"]}}

    async def ids(self, service, node):
        """What is stored, by id alone (XEP-0060 5.5)."""
        answer = await self.client["xep_0030"].get_items(jid=service, node=node)
        return {"ids": [name for _, _, name in answer["disco_items"]["items"]]}

    async def delete(self, service, node):
        await self.client["xep_0060"].delete_node(service, node)
        return {}

    async def purge(self, service, node):
        await self.client["xep_0060"].purge(service, node)
        return {}

    async def end_subscription(self, service, node, jid):
        """Ends another's subscription, as the owner (XEP-0060 8.8.2)."""
        await self.client["xep_0060"].modify_subscriptions(service, node, [(jid, "none")])
        return {}

    async def ping(self, jid):
        iq = self.client.make_iq_get(ito=jid)
        iq["ping"]
        await iq.send(timeout=2)
        return {}

    async def nodes(self, service):
        answer = await self.client["xep_0030"].get_items(jid=service)
        return {"nodes": sorted(node for _, node, _ in answer["disco_items"]["items"])}

    async def fetch_pending(self, service, node):
        """Asks for the requests of one node; they come as messages."""
        iq = self.client.make_iq_set(ito=service)
        iq["command"]["node"] = GET_PENDING
        iq["command"]["action"] = "execute"
        answer = await iq.send()
        form = self.client["xep_0004"].make_form("submit")
        form.add_field(var="FORM_TYPE", ftype="hidden", value=AUTHORIZATION)
        form.add_field(var="pubsub#node", value=node)
        iq = self.client.make_iq_set(ito=service)
        iq["command"]["node"] = GET_PENDING
        iq["command"]["sessionid"] = answer["command"]["sessionid"]
        iq["command"]["action"] = "execute"
        iq["command"].append(form)
        await iq.send()
        return {}

    async def decide(self, node, jid, allow):
        """Answers the request that came for this node from this account (XEP-0060 §8.6)."""
        sender, values = self.forms.pop((node, jid))
        form = self.client["xep_0004"].make_form("submit")
        for var, value in values.items():
            hidden = "hidden" if var == "FORM_TYPE" else None
            form.add_field(var=var, ftype=hidden, value=value)
        form.get_fields()["pubsub#allow"]["value"] = "true" if allow else "false"
        message = self.client.make_message(mto=sender)
        message.append(form)
        message.send()
        return {}


async def answer(peer, command):
    number, verb = command.pop("id"), command.pop("do")
    try:
        say(id=number, ok=True, **await getattr(peer, verb)(**command))
    except IqError as error:
        say(id=number, error=error.condition)
    except IqTimeout:
        say(id=number, error="timeout")
    except Exception as error:  # the test is told, whatever it was
        say(id=number, error=f"{type(error).__name__}: {error}")


async def main():
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = Peer()
    running = set()
    while line := await reader.readline():
        task = loop.create_task(answer(peer, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


if __name__ == "__main__":
    # slixmpp 1.8 takes the loop of the thread when it is imported or made.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
