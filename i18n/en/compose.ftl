# Strings of: compose

compose-entry = Compose
compose-drafts = Drafts
compose-begin = Begin a report
compose-begin-blank = Blank report
compose-begin-blank-why = The least a valid report needs. Everything else can be added.
compose-open = Open a document
compose-open-why = IODEF as XML of version 1 or 2, or as JSON. Nothing it holds is lost.
compose-path-example = /home/me/report.xml
compose-path-open = Open
compose-path-choose = Choose…
compose-file-unreadable = That file cannot be read.
    .next = Check its name and whether you may read it.
compose-file-too-long = That file is longer than any report.
    .next = Open a file of at most 16 MB.
compose-untitled = Untitled report
compose-no-topic = no topic yet
compose-state-held = held
compose-state-queued = under way
compose-state-published = published
compose-state-changed = changed since it was published
compose-state-refused = refused
compose-discard = Discard
compose-discard-hint = Throws the draft away; it can be brought back for a week
compose-discarded = Discarded: { $title }
compose-gone = Discarded in the last week
compose-bring-back = Bring back
compose-close = Close
compose-close-hint = Sets the draft aside (Ctrl+N)
compose-double = Duplicate
compose-double-draft-hint = Another report with the same content, under a number of its own (Ctrl+Shift+D)
compose-redo = Redo
compose-undo = Undo
compose-undo-hint = Takes the last step back (Ctrl+Z)
compose-redo-hint = Makes it again (Ctrl+Y)

compose-essentials = Essentials
compose-essentials-why = These make a valid report. Everything else is in the outline at the left.
compose-no-incident = This document holds no incident. Add one from the outline.
compose-whole = The document itself: language, format, further incidents…
compose-required = { $field } (required)
compose-restriction-hint = Decided before anything leaves. It travels inside the document.
compose-note-clear = May be passed on without limits.
compose-note-green = For the community; never for the public.
compose-note-amber = For the recipient's own organisation, as far as needed there.
compose-note-strict = For the recipient's own organisation only, not for its clients.
compose-note-red = For the recipients themselves and nobody else.
compose-note-unset = Not chosen yet: read as private. Choose who may read it; nothing is published before.
compose-note-agreed = As agreed beforehand; treated as strictly as red.
compose-stricter = { $n ->
    [one] one element inside is stricter
   *[other] { $n } elements inside are stricter
}
compose-looser = { $n ->
    [one] one is looser
   *[other] { $n } are looser
}
compose-id-hint = Yours to choose; never used for another incident.
compose-contact-hint = A team's or a person's name.
compose-email-hint = Where recipients can ask.
compose-purpose-hint = Why it is sent (RFC 7970 §3.2).
compose-description-hint = The first line is the title in every feed.
compose-add = Add…
compose-add-hint = What this element may hold (A)
compose-rise-hint = Before the one above (Alt+↑)
compose-sink-hint = After the one below (Alt+↓)
compose-double-hint = A copy of this element (D)
compose-remove-hint = Remove this element (Del)
compose-missing-class = { $class } is needed
compose-more-fields = This class also knows
compose-foreign = Not of IODEF: it is kept as it is written.
compose-go-needed = It cannot be removed: what it stands in needs one.
compose-go-referred = { $n ->
    [one] One other element refers to it, so it cannot be removed.
   *[other] { $n } other elements refer to it, so it cannot be removed.
}
compose-text = Text
compose-unsaid = not said
compose-unsaid-default = not said: { $value }
compose-default = { $value }, where nothing is said
compose-now = Now
compose-time-example = 16:05, 2026-11-21 16:05 UTC, -2h
compose-time-written = written { $time }
compose-refer = Choose…
compose-instead = Something else instead…
compose-translation-new = a new one, to be said of its translations too
compose-pick-reference = a reference to this entry of its catalogue
compose-wanting = Needed.
compose-pick-type = Type to find
compose-pick-close = Close (Esc)
compose-pick-none = Nothing like that.
compose-pick-of = { $n } in all; type to find one
compose-paste-too-long = What you pasted is too long for a field, so nothing of it was taken.
    .next = Paste less of it.

compose-side-source = XML
compose-side-findings = Findings
compose-side-audience = Audience
compose-side-reader = Preview
compose-reader-why = What those who get it are shown: everything that travels, and nothing else.
compose-reader-whole = What those who get it in { $topic } are shown: everything that travels, and nothing else.
compose-reader-version = What those who get it in { $topic } are shown: the version for { $tlp }, and nothing else.
compose-reader-only = This is shown here to be looked at.
compose-source-lines = { $n ->
    [one] one line
   *[other] { $n } lines
}
compose-copy = Copy
compose-checking = Looking at it…
compose-rechecking = Looking at it again…
compose-look-broken = The report could not be looked at: that failed inside this program.
    .next = Change something and look again. If it fails again, open the log in the settings and report what it says.
compose-no-findings = Nothing was found.
compose-sound = Valid, and nothing stands in the way.
compose-blocks = { $n ->
    [0] Nothing blocks
    [one] One blocks
   *[other] { $n } block
}
compose-warns = { $n ->
    [0] nothing to know
    [one] one thing to know
   *[other] { $n } things to know
}
compose-blocks-more = { $n ->
    [one] One more blocks.
   *[other] { $n } more block.
}
compose-audience-unknown = Nothing is known of this topic yet.
compose-audience-listed = { $n ->
    [0] Nobody else reads it.
    [one] One account reads it, by the broker's own list.
   *[other] { $n } accounts read it, by the broker's own list.
}
compose-audience-estimated = { $n ->
    [one] One subscriber by the broker's word; { $known } of those who may read it are known by name. An estimate.
   *[other] { $n } subscribers by the broker's word; { $known } of those who may read it are known by name. An estimate.
}
compose-audience-guessed = { $n ->
    [one] Only its owner sees who reads it. One account is known to have to do with it. An estimate.
   *[other] Only its owner sees who reads it. { $n } accounts are known to have to do with it. An estimate.
}
compose-audience-open = Anybody may read it
compose-audience-first = You never published here
compose-audience-new = { $n } new since you last published
compose-audience-is-new = new
compose-meant = It is for
compose-meant-open = It is for everybody (TLP:CLEAR): nobody decides who reads it.
compose-meant-closed = Nobody said for whom; a closed topic is taken to be for { $tlp }. Press what you know it is for.
compose-meant-habit = Nobody said for whom; { $tlp } went there from here before. Press what you know it is for.
compose-meant-said = You said so. What is stricter does not go there without a reason; press it again to take that back.
compose-part-subscriber = subscriber
compose-part-owner = owner
compose-part-publisher = publisher
compose-part-member = may subscribe
compose-odd-like = Its domain looks like { $domain }
compose-odd-mixed = It mixes scripts that no language writes together
compose-odd-lone = Nobody else is of its domain
compose-more = and { $n } more

compose-reason-give = Give a reason…
compose-reason-title = Are you sure?
compose-reason-example = Why it should go nevertheless
compose-reason-kept = The reason is kept with the draft.
compose-reason-stay = Cancel
compose-reason-go = Let it pass

## After a report
compose-after = Update, take back…
compose-after-update = Update
compose-after-update-why = The same incident, told anew: its number stays, the time is now, and its history says what is new. Nothing leaves before you publish it.
compose-after-update-words = What is new
compose-after-supersede = Supersede
compose-after-supersede-why = Another incident takes its place, under a number of its own, and names this one. This one stays at the broker until it is taken back.
compose-after-supersede-words = Why another one takes its place
compose-after-retract = Take back
compose-after-retract-why = The broker lets go of it and tells the subscribers. It cannot be unread: subscribers may keep copies.
compose-after-retract-go = Take it back
compose-after-copies = { $n ->
    [0] The broker counts no subscribers.
    [one] The broker counts one subscriber.
   *[other] The broker counts { $n } subscribers.
}
compose-after-answer = Report on it
compose-after-answer-why = A report of your own that names this incident, under no looser word than it came.
compose-after-answer-words = What was done, or what you know of it
compose-after-go = Go on
compose-after-gone = It is not here any more, so nothing can be made of it.
compose-after-version = What you go on with is a version for { $label } of a report that says more.
    .next = What was left out of it stays out: every change is held against the whole report. To tell more, make a new version of the whole.

compose-to = To
compose-topic-choose = Choose a topic
compose-topic-more = Another topic
compose-topic-drop = Not there
compose-publish = Publish
compose-publish-hint = Ctrl+Enter; held first, and undone by a press
compose-ready = Ready to publish to { $topic }.
compose-offline = Not connected: it waits here until the connection is back.
compose-problem-topic = Choose where it is published.
compose-problem-topic-lost = { $topic } takes no reports from you any more. Choose where this one is published.
compose-held = Published to { $topic } in { $n } s.
compose-held-why = Nothing has left this computer yet.
compose-take-back = Take back
compose-stop = Try no more
compose-stopped-why = It may have arrived all the same; the broker is asked before it goes again.
compose-again = Again
compose-forget = Forget
compose-outbox = Outbox
compose-outbox-open = { $n ->
    [0] nothing is on its way
    [one] one is on its way
   *[other] { $n } are on their way
}
compose-outbox-failing = It could not be written down, so nothing leaves; that is tried again.
compose-outbox-draft = Open the draft
compose-retract-held = Taken back from { $topic } in { $n } s.
compose-retract-queued = Waits to be taken back from { $topic }.
compose-retracting = Taking it back from { $topic }…
compose-retracted = Taken back from { $topic } at { $time }. Subscribers may keep copies.
compose-retracted-toast = The report is taken back.
compose-retract-refused = Not taken back from { $topic }: { $cause }
compose-queued = Waits to be published to { $topic }.
compose-queued-why = Nothing of it has left; it goes when the connection is back, after another look.
compose-readers-unasked = Who reads it now could not be asked of the broker, which is tried again.
compose-queued-unsure = It may have arrived: the broker is asked before it goes again.
compose-sending = Publishing to { $topic }…
compose-published = Published to { $topic } at { $time }.
compose-published-toast = The report is published.
compose-receipt = Receipt: item { $item }
compose-receipt-copy = Copy receipt
compose-fresh = New report
compose-refused = Not published to { $topic }: { $cause }
compose-refused-kept = The draft is as it was.
compose-nowhere = Nowhere to publish to
compose-nowhere-why = No topic on this grid lets you publish. A topic's owner can make you a publisher.
compose-nowhere-offline = Your topics are known once there is a connection.
compose-anyway = Write one nevertheless
compose-show-topics = Show topics

compose-paste = Paste
compose-paste-hint = Any text becomes a list of values to take or drop (P)
compose-paste-first = Paste first…
compose-paste-title = Paste anything
compose-paste-example = A list, a mail, a table, a log: paste it here
compose-paste-reading = Reading…
compose-paste-document = This is a whole report. Opened as a draft it keeps all it holds; below are only the values in it.
compose-paste-open = Open as a draft
compose-paste-mail = read as a mail: its parts were decoded
compose-paste-all = Take all
compose-paste-none = Drop all
compose-paste-toggle = Take or drop (Enter)
compose-paste-line = line { $line }
compose-paste-kind = { $taken } of { $all } { $kind }
compose-paste-found = { $n ->
    [0] nothing found
    [one] one value found
   *[other] { $n } values found
}
compose-paste-silent = { $n ->
    [one] one line held none
   *[other] { $n } lines held none
}
compose-paste-beyond = { $n ->
    [one] one line was not read: it is too much
   *[other] { $n } lines were not read: it is too much
}
compose-paste-enter = { $n ->
    [0] Add
    [one] Add one value
   *[other] Add { $n } values
}
compose-paste-call = It is: { $kind }
compose-paste-as = Enters as
compose-paste-written = Pasted as
compose-manner = As
compose-manner-source = source
compose-manner-target = target
compose-manner-infrastructure = infrastructure
compose-manner-watch = to watch for
compose-observables = Observables
compose-observables-hint = Addresses, domains, links, digests: pasted as any text, taken one by one.
compose-flag-known = already in the draft
compose-flag-ours = of our own
compose-flag-hidden = unseen characters
compose-flag-private = private
compose-flag-documentation = of examples
compose-flag-local = local
compose-flag-multicast = multicast
compose-doubt-version = a version number?
compose-doubt-file = a file or a domain?
compose-doubt-ending = an unknown ending
compose-doubt-sentence = two sentences?
compose-doubt-scheme = no scheme was written
compose-doubt-words = program words?
compose-kind-ipv4 = IPv4
compose-kind-ipv6 = IPv6
compose-kind-network = network
compose-kind-asn = AS
compose-kind-domain = domain
compose-kind-url = URL
compose-kind-email = e-mail
compose-kind-mac = MAC
compose-kind-hash = digest
compose-kind-file = file
compose-kind-port = port
compose-kind-cve = CVE
compose-kind-other = other

compose-side-version = Version
compose-version-why = What an audience gets that may see less, beside the whole. It becomes a draft of its own, to be published to them.
compose-version-for = Version for
compose-version-making = Making it…
compose-version-broken = The version could not be made.
compose-version-show = Show
compose-version-draft = As a draft of its own
compose-version-sound = { $n ->
    [0] Nothing stricter survives in it.
    [one] Nothing stricter survives in it: one text or value was looked for.
   *[other] Nothing stricter survives in it: { $n } texts and values were looked for.
}
compose-version-short = { $n ->
    [one] One text is too short to be told from chance, and was not looked for.
   *[other] { $n } texts are too short to be told from chance, and were not looked for.
}
compose-compare-whole = The whole draft
compose-compare-version = This version
compose-compare-before = The one taken out before
compose-compare-next = The one taken out next
compose-version-removed = { $n ->
    [0] Nothing is taken out
    [one] One element is taken out
   *[other] { $n } elements are taken out
}
compose-version-unproven = It could not be proven that nothing stricter survives in the version.
    .next = Look at the version; publish the whole, or less.
compose-version-whole-choice = The whole report
compose-version-whole-why = With all it holds, under its own restrictions
compose-version-less = Without what is stricter
compose-version-whole-short = whole
compose-version-out = { $n ->
    [one] one element out
   *[other] { $n } elements out
}
compose-version-hint = For whom it is in this topic
compose-version-looser = { $n ->
    [one] One element inside is looser and goes with it.
   *[other] { $n } elements inside are looser and go with it.
}

## What reports begin with
compose-yours = What every report begins with
compose-yours-why = Entered by itself into each report you begin. What is in a draft already stays as it is.
compose-yours-open = Change…
compose-yours-done = Done
compose-yours-empty = Nothing yet: your team’s domain, numbers, language and contact can enter every report by themselves.
compose-yours-unkept = There is no archive: what you set here is forgotten when this session ends.
compose-yours-organisation = Your organisation
compose-yours-csirt = Domain of your team
compose-yours-numbers = How incidents are numbered
compose-yours-numbers-hint = The 42nd of this year is { $number }. Counted here and from what was received; colleagues who write at the same time need a scheme of their own.
compose-yours-numbers-none = Empty: the time and random letters, which need no counting. Else for example { "{" }year{ "}" }-{ "{" }number:4{ "}" }.
compose-yours-lang = Language of your texts
compose-yours-lang-hint = A tag such as en, de or pt-BR. Empty: en.
compose-yours-restriction-hint = Chosen in every new report, and to be changed there. Templates of your own keep theirs.
compose-yours-decide = decide each time
compose-yours-contact = Contact
compose-yours-contact-none = none
compose-yours-contact-hint = The card that stands in every new report.
compose-yours-keep = Keep
compose-yours-kept = Every report you begin now begins with it.
compose-yours-remove = Remove
compose-yours-gone = Removed: { $title }
compose-card = Contact card
compose-card-hint = Name, mailbox and telephone in one go.
compose-card-choose = Choose a card…
compose-card-save = Keep as a card
compose-card-kept = The contact is among your cards now.
compose-card-nobody = This contact names nobody yet.
    .next = Give it a name, an e-mail address or a telephone number first.
compose-card-all = Contact cards
compose-card-none = No card yet. A card is a contact you name again and again.
compose-card-new = New card
compose-card-change = Change this card
compose-card-keep = Keep
compose-card-usual = in every report
compose-card-label = What you call it
compose-card-label-hint = For your list; stands in no report.
compose-card-name = Name
compose-card-email = E-mail address
compose-card-telephone = Telephone
compose-card-postal = Postal address
compose-card-postal-hint = Its lines with commas between them.
compose-card-timezone = Time zone
compose-card-timezone-hint = Z, or a distance to UTC such as +01:00
compose-card-kind = It is
compose-card-role = Its part
compose-card-count = { $n ->
    [0] no contact card
    [one] one contact card
   *[other] { $n } contact cards
}
compose-template = As template
compose-template-hint = Keeps what is the same next time
compose-template-title = Keep as a template
compose-template-why = Who reports, how it is classified and what is asked for stay. The number and the time are new in each report.
compose-template-name = Name of the template
compose-template-name-hint = It stands beside the others where a report is begun.
compose-template-stays = Keep as well
compose-template-seen = What was seen, and what was said of it
compose-template-names = Related incidents and other numbers of this one
compose-template-times = Times
compose-template-never = What is not kept is there as an empty field.
compose-template-keep = Keep template
compose-template-kept = The template is kept.
compose-template-own = Your template
compose-template-rename = Rename
compose-template-rename-done = Rename
compose-kept = saved
compose-keeping = not saved yet
compose-not-kept = could not be saved
compose-shelf-gone = There is no archive to keep drafts in.
compose-csirt-hint = The domain your incident numbers belong to.
compose-number-taken = An incident that was received has the number { $number } already.
    .next = If this is another incident, give it a number of its own; if it is the same, say so.
compose-number-used = A report with the number { $number } left this computer already.
    .next = If this is another incident, give it a number of its own; if it is the same, say so.
compose-number-waiting = A report with the number { $number } is on its way.
    .next = If this is another incident, give it a number of its own; if it is the same, say so.
compose-number-drafted = Another draft has the number { $number } as well.
    .next = If it is another incident, give one of them a number of its own.
compose-number-twice = Two incidents of this report have the number { $number }.
    .next = Give one of them a number of its own.
compose-number-next = Number it { $number }
compose-leak-raise = Raise { $class } to { $label }
compose-leak-remove = Remove { $name }
compose-leak-remove-attribute = Remove “{ $name }”
compose-leak-cut = Cut it out of { $name }
compose-leak-cut-all = Cut all { $count } out of { $name }
compose-leak-more = { $count } more values came to you under a stricter word than they would go out under.
    .next = They are told here as those before them are raised, taken out or said to be known.
compose-leak-open = Open it
compose-leak-looking = Looking for its values in what was received…
compose-key-add = add to what is selected
compose-double-draft = the draft once more, under another number
compose-key-double = a copy of what is selected
compose-key-move = before the one above, after the one below
compose-key-remove = remove what is selected
compose-key-paste = paste any text as values
compose-key-sides = XML, findings, audience, version, preview
compose-key-publish = publish
compose-key-close = set the draft aside
compose-age = changed { $age } ago

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
    .next = Take it out there. In the whole report it is enough to mark that element stricter.
