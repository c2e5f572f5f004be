# Strings of: compose

compose-title = New report
compose-restriction = Restriction
compose-restriction-hint = Decided before anything leaves. It travels inside the document.
compose-note-clear = May be passed on without limits.
compose-note-green = For the community; never for the public.
compose-note-amber = For the recipient's own organisation, as far as needed there.
compose-note-strict = For the recipient's own organisation only, not for its clients.
compose-note-red = For the recipients themselves and nobody else.
compose-note-unset = Not chosen yet. Choose who may read it; nothing is published before.
compose-note-agreed = As agreed beforehand; treated as strictly as red.
compose-topic = Topic
compose-topic-choose = Choose a topic
compose-topic-hint = Only topics you may publish to are offered.
compose-csirt = Reporting CSIRT
compose-csirt-hint = The domain your incident numbers belong to.
compose-id = Incident number
compose-id-hint = Yours to choose; never used for another incident.
compose-lang = Language
compose-contact = Contact
compose-contact-hint = A team's or a person's name.
compose-email = Contact e-mail
compose-email-hint = Where recipients can ask.
compose-purpose = Purpose
compose-purpose-reporting = Reporting
compose-purpose-mitigation = Mitigation
compose-purpose-traceback = Traceback
compose-purpose-watch = Watch
compose-purpose-other = Other
compose-severity = Severity
compose-severity-high = High
compose-severity-medium = Medium
compose-severity-low = Low
compose-severity-unknown = Not known
compose-description = What happened
compose-description-hint = The first line is the title in every feed.
compose-description-example = Credential phishing against staff of several universities
compose-addresses = Addresses
compose-addresses-hint = One a line: IP address, network, domain, URL, e-mail, MAC or AS number. Defanged is fine.
compose-addresses-more = and { $n } more
compose-kind-ipv4 = IPv4
compose-kind-ipv6 = IPv6
compose-kind-network = Network
compose-kind-asn = AS
compose-kind-domain = Domain
compose-kind-url = URL
compose-kind-email = E-mail
compose-kind-mac = MAC
compose-kind-other = Other
compose-preview = The document as published
compose-preview-none = The document appears here as soon as the marked fields are right.
compose-copy = Copy
compose-publish = Publish
compose-missing = Still needed: { $fields }
compose-ready = Ready to publish to { $topic }.
compose-offline = Not connected: it can be published when the connection is back.
compose-problem-topic = Choose where it is published.
compose-problem-topic-lost = { $topic } takes no reports from you any more. Choose where this one is published.
compose-paste-too-long = What you pasted is too long for a report, so nothing of it was taken.
    .next = Paste the addresses alone, or fewer of them.
compose-problem-practice = This is a document of the practice grid; it must not leave for a real one.
compose-held = Published to { $topic } in { $n } s.
compose-held-why = Nothing has left this computer yet.
compose-undo = Undo
compose-sending = Publishing to { $topic }…
compose-published = Published to { $topic } at { $time }.
compose-published-toast = The report is published.
compose-receipt = Receipt: item { $item }
compose-receipt-copy = Copy receipt
compose-fresh = New report
compose-refused = Not published: { $cause }
compose-nowhere = Nowhere to publish to
compose-nowhere-why = No topic on this grid lets you publish. A topic's owner can make you a publisher.
compose-nowhere-offline = Your topics are known once there is a connection.
compose-show-topics = Show topics
compose-error-random = This computer gave no random numbers, so the report could not get an id of its own.

## What a report asks for
compose-ask-advisory = Advisory (link)
compose-ask-campaign = Name of the campaign
compose-ask-contact = E-mail address of your team
compose-ask-control = Domain it takes orders from
compose-ask-csirt = Domain of your team
compose-ask-cve = CVE number
compose-ask-description = What happened
compose-ask-detected = Noticed at
compose-ask-domains = Domains of the campaign, one a line
compose-ask-file = Name of the file
compose-ask-from = Sender of the message, as it says
compose-ask-hash = SHA-256 of the file
compose-ask-host = Address of the host
compose-ask-list = What to watch for, one a line
compose-ask-list-type = What the list holds
compose-ask-network = Network that was scanned
compose-ask-number = Number of the incident
compose-ask-page = Address of the page
compose-ask-purpose = Purpose
compose-ask-restriction = Who may read it
compose-ask-since = Since
compose-ask-software = What is affected
compose-ask-source = Address it came from
compose-ask-subject = Subject of the message
compose-ask-target = Address under attack

## Templates
compose-template-campaign = Campaign
compose-template-campaign-about = A series of attacks under one name, with the domains it uses.
compose-template-ddos = Denial of service
compose-template-ddos-about = An attack that goes on; asks others to limit what their networks send.
compose-template-host = Compromised host
compose-template-host-about = A host of somebody else's constituency that was taken over; asks to clean it.
compose-template-malware = Malware
compose-template-malware-about = A file and where it takes its orders from.
compose-template-phishing = Phishing
compose-template-phishing-about = A false page and the message that leads to it; asks to take it down.
compose-template-scan = Scan
compose-template-scan-about = Somebody tried many doors; asks to find out why.
compose-template-vulnerability = Vulnerability
compose-template-vulnerability-about = A flaw with its CVE number and what to install.
compose-template-watch = Watch list
compose-template-watch-about = Values to look out for, one a line.

## Versions for audiences
compose-version-hollow = Removed: without what was in it, it would be empty or not valid.
compose-version-refers = Removed: it refers to something that was removed.
compose-version-stricter = Removed: it is { $restriction }.
compose-version-missing = All of { $class } are stricter than this audience may see, and a report needs one.
    .next = Add one that they may see, or loosen one.
compose-version-whole = The incident as a whole is stricter than this audience may see.
    .next = Loosen it, or publish it elsewhere.
compose-version-survived = { $place }: { $how ->
    [element] { $what } is stricter than this audience may see.
    [network] { $what } tells where a removed address or network is.
    [value] { $what } is a removed value.
   *[text] “{ $what }” is in something that was removed.
}
    .next = Remove it there, mark that element stricter, or say why it may stay.
