# Strings of: incident

incident-none = Choose an incident
incident-key-down = next
incident-key-up = previous
incident-key-unread = next unread
incident-key-newest = newest
incident-key-filter = filter

incident-summary = Summary
incident-xml = XML
incident-switch-hint = s summary, x XML
incident-close = Close (Esc)
incident-copy = Copy
incident-copy-all = Copy all, defanged
incident-copy-summary = Copy summary
incident-copy-xml = Copy XML

incident-tlp-default = private by default: the document names no restriction
incident-tlp-raw = restriction “{ $value }”
incident-tlp-unreadable = no restriction could be read, so the strictest applies
incident-stricter = { $n ->
    [one] one element inside is { $label }
   *[other] { $n } elements inside are stricter, up to { $label }
}

incident-severity = { $severity } severity
incident-iodef1 = IODEF 1
incident-several = { $n } incidents in one document
incident-item = item { $item }
incident-foreign = { $name }: not an IODEF document
incident-foreign-why = This topic carries another format here ({ $namespace }). It is kept and can be read as XML.
incident-empty-why = The broker announced this item without its content.
incident-show-xml = Show XML
incident-absent = Not on the broker any more when it was last read, at { $at }. Kept here.
incident-overwritten = Replaced: the publisher has sent a newer document under the same item. This one is kept.
incident-retracted = Retracted from the topic at { $at }. Kept here: a remote act never deletes what you received.

incident-asks = Asks
incident-started = Started
incident-ended = Ended
incident-detected = Detected
incident-reported = Reported
incident-generated = Generated
incident-received = Received
incident-topic = Topic
incident-publisher = Publisher
incident-publisher-unknown = not said by the broker
incident-contact = Contact
incident-ago = { $age } ago
incident-ahead = in the future
incident-no-zone = (no zone given, read as UTC)
incident-route-live = live
incident-route-delayed = delivered late
incident-route-fetched = from the topic’s stored items
incident-description = Description

incident-observables = Observables
incident-observables-more = { $n ->
    [one] Show one more
   *[other] Show { $n } more
}
incident-observables-beyond = The first { $kept } of { $total } are listed; all are in the XML.
incident-kind-ipv4 = IPv4
incident-kind-ipv6 = IPv6
incident-kind-network = Network
incident-kind-asn = ASN
incident-kind-domain = Domain
incident-kind-url = URL
incident-kind-email = E-mail
incident-kind-mac = MAC
incident-kind-hash = Hash
incident-kind-file = File
incident-kind-port = Port
incident-kind-cve = CVE
incident-kind-other = Other

incident-no-document = This item came without a document
incident-bytes = { $n ->
    [one] one byte, as published
   *[other] { $n } bytes, as published
}
incident-bytes-indented = { $n ->
    [one] one byte, indented for reading
   *[other] { $n } bytes, indented for reading; a copy is as published
}
incident-named-characters = { $n ->
    [one] One character that could mislead is shown as its name.
   *[other] { $n } characters that could mislead are shown as their names.
}
incident-cut = Only the beginning is shown.
incident-show-all = Show all
incident-indent = Indent
