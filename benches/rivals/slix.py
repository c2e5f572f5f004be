"""Receives a flood with slixmpp: slix.py HOST PORT JID PASSWORD COUNT CA-FILE.

Says `online` when it has sent its presence and `done` when COUNT items have been received. An item counts when its
payload stands as an element; what it says is not looked at, which is less than the console does.
"""

import sys

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

ITEM = "{http://jabber.org/protocol/pubsub#event}item"


class Receiver(slixmpp.ClientXMPP):
    def __init__(self, jid, password, count, ca):
        super().__init__(jid, password)
        self.ca_certs = ca
        self.left = count
        self.register_plugin("xep_0060")
        self.register_handler(Callback("event", StanzaPath("message/pubsub_event"), self.received))
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("failed_all_auth", lambda _: sys.exit("the password was refused"))

    def started(self, _):
        self.send_presence()
        print("online", flush=True)

    def received(self, message):
        for item in message.xml.iter(ITEM):
            self.left -= len(item) > 0
            if self.left == 0:
                print("done", flush=True)
                self.loop.stop()


host, port, jid, password, count, ca = sys.argv[1:]
receiver = Receiver(jid, password, int(count), ca)
receiver.connect((host, int(port)), use_ssl=False, force_starttls=True, disable_starttls=False)
receiver.loop.run_forever()
