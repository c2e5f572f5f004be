# Strings of: incident

incident-none = Choose an incident
incident-key-down = next
incident-key-up = previous
incident-key-unread = next unread
incident-key-newest = newest
incident-key-filter = filter

incident-summary = Summary
incident-xml = XML
incident-tree = Tree
incident-checks = Checks
incident-export = Export
incident-wide = Whole width (w)
incident-narrow = Beside the feed (w)
incident-reading = Reading the whole document…
incident-reading-why = What the summary says stands already; go on in the list meanwhile.
incident-broken = Reading the document was interrupted.
    .next = Choose it again.
incident-in-tree = Show in the tree
incident-close = Close (Esc)
incident-report = Report on it; update it, take it back (R)
incident-copy-all = Copy all, defanged
incident-copy-all-raw = Copy all, raw
incident-copy-defanged = Copy defanged
incident-narrow-plus = Filter to it
incident-narrow-minus = Without it
incident-narrow-only = Only it
incident-copy-raw = Copy raw
incident-copy-summary = Copy summary
incident-copy-xml = Copy XML

incident-tlp-agreed = restriction “{ $value }”: as agreed beforehand, treated as strictly as red
incident-tlp-amber = restriction “{ $value }”: for the recipient's own organisation only
incident-tlp-default = private by default: the document names no restriction
incident-tlp-raw = restriction “{ $value }”
incident-tlp-unreadable = no restriction could be read, so the strictest applies
incident-stricter = { $n ->
    [one] one element inside is { $label }
   *[other] { $n } elements inside are stricter, up to { $label }
}

incident-looser = { $n ->
    [one] one element inside is looser
   *[other] { $n } elements inside are looser
}

incident-severity = { $severity } severity
incident-iodef1 = IODEF 1
incident-several = { $n } incidents in one document
incident-item = item { $item }
incident-foreign = { $name }: not an IODEF document
incident-foreign-why = This topic carries another format here ({ $namespace }). It is kept and can be read as XML.
incident-gone-why = Your retention rule took this incident's content away. That it was here is still known, so it is not fetched again.
incident-empty-why = The broker announced this item without its content.
incident-show-xml = Show XML
incident-absent = Not on the broker any more when it was last read, at { $at }. Kept here.
incident-overwritten = Replaced: the publisher has sent a newer document under the same item. This one is kept.
incident-retracted = Retracted from the topic at { $at }. Kept here: a remote act never deletes what you received.

incident-asks = Asks
incident-by = by
incident-from = from
incident-until = until
incident-more = { $n ->
    [one] and one more
   *[other] and { $n } more
}
incident-impact = Impact
incident-impact-system = on systems
incident-impact-business = on business
incident-impact-time = in time
incident-impact-money = in money
incident-impact-intended = intended
incident-assessment = Assessment
incident-occurrence = Occurrence
incident-catalogue-capec = CAPEC
incident-catalogue-cve = CVE
incident-catalogue-cwe = CWE
incident-catalogue-tactic = ATT&CK tactic
incident-catalogue-technique = ATT&CK technique
incident-catalogued = Also named
incident-category = Category
incident-cause = Cause
incident-mitigating = Mitigated by
incident-sure = confidence { $words }
incident-sources = Sources
incident-targets = Targets
incident-discovered = Discovered
incident-when = When
incident-started = Started
incident-ended = Ended
incident-detected = Detected
incident-reported = Reported
incident-recovered = Recovered
incident-generated = Generated
incident-received = Received
incident-topic = Topic
incident-publisher = Publisher
incident-publisher-unknown = not said by the broker
incident-contact = Contact
incident-ago = { $age } ago
incident-in = in { $age }
incident-offset = sent { $offset }
incident-no-zone = (no zone given, read as UTC)
incident-route-live = live
incident-route-delayed = delivered late
incident-route-fetched = from the topic’s stored items
incident-description = Description

incident-of = Incident
incident-event = Event
incident-timeline = Timeline
incident-history = History
incident-contacts = Contacts
incident-method = Method
incident-structured = Named
incident-reference = Reference
incident-list = (list { $list } of RFC 7495)
incident-related = Related
incident-also-known = Also known as
incident-related-to = Related to
incident-actor = Actor
incident-campaign = Campaign
incident-indicators = Indicators
incident-indicator = Look for
incident-phase = Attack phase
incident-version = version { $version }
incident-all-of = all of
incident-any-of = any of
incident-none-of = none of
incident-one-of = exactly one of
incident-refers = what is marked
incident-refers-indicator = the indicator
incident-beyond = { $n ->
    [one] One more is in the tree
   *[other] { $n } more are in the tree
}

incident-changes = Changes
incident-changes-added = Added
incident-changes-after = What the later one says otherwise than this one
incident-changes-asks = asked of you
incident-changes-changed = Changed
incident-changes-from = from { $place }
incident-changes-impact = impact
incident-changes-little = Of little weight
incident-changes-loosened = loosened: more people may see it
incident-changes-matter = What matters
incident-changes-moved = Moved
incident-changes-n-added = { $n } added
incident-changes-n-changed = { $n } changed
incident-changes-n-moved = { $n } moved
incident-changes-n-removed = { $n } removed
incident-changes-purpose = Purpose
incident-changes-removed = Removed
incident-changes-restriction = Restriction
incident-changes-same = { $n ->
    [one] one is in both
   *[other] { $n } are in both
}
incident-changes-severity = Severity
incident-changes-since = What this one says otherwise than the earlier one
incident-changes-status = Status
incident-changes-strictest = Strictest inside
incident-changes-tightened = tightened: fewer people may see it
incident-changes-unsaid = not said
incident-changes-untold = { $n ->
    [one] One more is not listed.
   *[other] { $n } more are not listed.
}
incident-changes-wording = another word for the same
incident-compare-broken = Comparing was interrupted.
    .next = Choose the revision again.
incident-compare-failed = The other document cannot be compared: { $cause }
incident-compare-file = Compare with another file
incident-compare-file-why = What one says otherwise than the other, by meaning: handling, severity and what is asked first.
incident-compare-gone = It has no content.
incident-compare-none = No other revision
incident-compare-none-why = Nothing else that was received has the same incident id of the same CSIRT.
incident-compare-pick = Compare with another file…
incident-compare-same = Both say the same
incident-compare-same-why = What differs is only how it is written.
incident-compare-same-as-far = No difference in what could be compared
incident-compare-strangers = These are not revisions of one incident: their incident ids differ.
incident-compare-unlooked = Other revisions could not be looked for: { $cause }
incident-compare-unseen = { $n ->
    [one] One place of the two did not come over into IODEF 2 as it was: a difference there may not be told.
   *[other] { $n } places of the two did not come over into IODEF 2 as they were: a difference there may not be told.
}
incident-compared-with = Compared with
incident-comparing = Comparing…
incident-comparing-why = Both revisions are read whole; the other sides can be read meanwhile.
incident-revision-earlier = earlier, { $at }
incident-revision-file = from a file
incident-revision-later = later, { $at }
incident-revision-read = read

incident-times-in = Times: { $zone }
incident-zone-utc = UTC
incident-zone-local = this machine
incident-zone-source = as written
incident-zone-hint = UTC, this machine’s zone, as the sender wrote them (T)
incident-originals = Other languages
incident-originals-hide = One language
incident-originals-hint = Texts in every language they are given in (L)

incident-observables = Observables
incident-observables-none = No observables in this document
incident-observables-none-why = No address, domain, digest or other value stands where IODEF has one. Look at Tree for what it does say.
incident-observables-count = { $n ->
    [one] one value
   *[other] { $n } values
}
incident-column-kind = Kind
incident-column-value = Value
incident-column-role = Role
incident-column-sure = Confidence
incident-column-valid = Valid
incident-column-label = Label
incident-column-place = Place
incident-valid-from = from { $from }
incident-valid-until = until { $until }
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
incident-kind-registry = Registry
incident-kind-certificate = Cert.
incident-kind-subject = Subject
incident-kind-mailer = Mailer
incident-kind-agent = Agent
incident-kind-request = Request
incident-kind-mutex = Mutex
incident-kind-user = User
incident-kind-other = Other

incident-no-document = There is no document
incident-no-document-why = It came without one, or retention let its content go. Ask whoever published it to send it again.
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

incident-elements = { $n ->
    [one] one element
   *[other] { $n } elements
}
incident-open = Open
incident-shut = Shut
incident-open-all = Open all
incident-shut-all = Shut all
incident-unknown = not in IODEF
incident-extension = extension
incident-namespace = of the namespace “{ $namespace }”
incident-position = line { $line }, column { $column }
incident-marked-here = named here
incident-marked-by = named by { $who }

incident-verdict-valid = Valid IODEF version 2
incident-verdict-contradicts = Valid by the schema, and in contradiction to the RFC’s text
incident-verdict-invalid = Not valid IODEF: read as far as it goes
incident-verdict-v1 = IODEF version 1: read in the words of version 2, which is not what was published, so it is not judged.
incident-verdict-foreign = No IODEF document: nothing to check
incident-count-invalid = { $n ->
    [one] one breach of the schema
   *[other] { $n } breaches of the schema
}
incident-count-contradiction = { $n ->
    [one] one contradiction
   *[other] { $n } contradictions
}
incident-count-note = { $n ->
    [one] one note
   *[other] { $n } notes
}
incident-grade-invalid = invalid
incident-grade-contradiction = contradiction
incident-grade-note = note
incident-findings-more = { $n ->
    [one] Show one more
   *[other] Show { $n } more
}
incident-findings-untold = { $n ->
    [one] One more is counted and not listed.
   *[other] { $n } more are counted and not listed.
}
incident-remarks = Why it is not read as IODEF
incident-remarks-v1 = What had to be decided on the way from version 1
incident-remarks-json = What of the JSON has no place in IODEF

incident-export-kept = Handle the file as { $label }: the strictest inside stands in it.
incident-export-iodef = IODEF XML
incident-export-iodef-why = The document as it is; from version 1 or JSON, as version 2.
incident-export-json = IODEF JSON
incident-export-json-why = RFC 8727
incident-export-csv = CSV
incident-export-csv-why = A table of the observables; formulas are neutralised.
incident-export-markdown = Markdown
incident-export-markdown-why = A page for people
incident-export-stix = STIX 2.1
incident-export-stix-why = A bundle with report, indicators, observed data and TLP 2.0 markings
incident-export-misp = MISP event
incident-export-misp-why = An event in MISP’s JSON
incident-export-told = What is in the { $format } file
