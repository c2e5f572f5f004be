# Strings of: feed

feed-column-severity = Sev
feed-column-tlp = TLP
feed-column-age = Age
feed-column-topic = Topic
feed-column-title = Incident
feed-column-id = Publisher’s ID
feed-column-from = Published by
feed-column-csirt = CSIRT
feed-column-received = Received
feed-column-detected = Detected
feed-column-started = Started
feed-column-status = Status
feed-column-size = Size
feed-column-observables = Obs
feed-column-tags = Tags
feed-sort-hint = Order by this; right button: where rows are equal in the first order
feed-columns-hint = Columns, density, groups (Shift+C)
feed-columns-reset = Columns as at first
feed-columns-name = Column
feed-columns-place = Place, width
feed-columns-order = Order
feed-column-left = To the left
feed-column-right = To the right
feed-column-narrower = Narrower
feed-column-wider = Wider
feed-column-first = Order by this
feed-column-second = Order what is equal by this
feed-density = Rows
feed-density-compact = Compact
feed-density-comfortable = Normal
feed-density-roomy = Roomy
feed-groups = Group by
feed-group-none = Nothing
feed-group-topic = Topic
feed-group-source = Source
feed-group-campaign = Campaign
feed-group-observable = Observable

feed-untitled = (no description)
feed-foreign = { $name }, not IODEF ({ $namespace })
feed-invalid = Not readable as IODEF
feed-gone = (taken away by your retention rule)
feed-no-payload = An item without a document
feed-ours = us
feed-updated = changed since read
feed-is-muted = muted
feed-is-snoozed = snoozed
feed-retracted = retracted
feed-overwritten = replaced
feed-absent = no longer on the broker
feed-version = rev { $version }
feed-revision = rev { $n }/{ $m }
feed-revision-was = rev { $n }/{ $m }, was { $severity }
feed-revision-changed = changed, rev { $n }/{ $m }
feed-revision-changed-was = changed { $n }/{ $m }, was { $severity }
feed-superseded = superseded { $n }/{ $m }

feed-count = { $n ->
    [one] { $n } incident
   *[other] { $n } incidents
}
feed-count-matching = { $n } of { $total }
feed-count-begun = the first { $n }, counting the rest…
feed-count-first = the first { $n } only
feed-ordering = Ordering: each incident is read…
feed-count-unread = { $n } unread
feed-all-read = Mark all read
feed-pause = Pause
feed-pause-hint = Keep the list as it is; what comes is stored and waits (P)
feed-held = { $n ->
    [0] Paused
    [one] Paused, { $n } waits
   *[other] Paused, { $n } wait
}
feed-go-on = Go on, and show what came meanwhile (P)
feed-group-fold = Open or shut this group (O)
feed-group-unnamed = No campaign named
feed-group-of-campaign = Campaign { $name }
feed-group-alone = Shares nothing with others here
feed-group-uncompared = Not compared: beyond the first { $most }
feed-group-nobody = (nobody named)
feed-group-shares = Share { $value }
feed-new = { $n } new
feed-new-hint = Show the newest (.)

feed-hole-when = Gap { $from } to { $until }
feed-hole-since = Gap since { $from }
feed-hole-resumed = { $n ->
    [0] the session was resumed, and what waited was sent again
    [one] one incident, sent again when the session was resumed
   *[other] { $n } incidents, sent again when the session was resumed
}
feed-hole-archived = { $n ->
    [0] filled in from the broker’s archive
    [one] one incident, filled in from the broker’s archive
   *[other] { $n } incidents, filled in from the broker’s archive
}
feed-hole-swept = { $n ->
    [0] filled in from what the topic stores
    [one] one incident, filled in from what the topic stores
   *[other] { $n } incidents, filled in from what the topic stores
}
feed-hole-proving = { $n ->
    [0] looking for what came in it
    [one] looking for what came in it, one incident so far
   *[other] looking for what came in it, { $n } incidents so far
}
feed-hole-kept = { $n ->
    [one] one of them was kept offline for you and delivered late
   *[other] { $n } of them were kept offline for you and delivered late
}
feed-hole-away = nothing arrives; it is looked for when the connection stands again
feed-hole-lost = { $n ->
    [0] incidents may be missing
    [one] one incident is here, more may be missing
   *[other] { $n } incidents are here, more may be missing
}
feed-hole-more = { $n ->
    [one] one more topic
   *[other] { $n } more topics
}
feed-hole-hint = What is known of this topic
feed-cover = Last 24 hours: { $share } % is here
feed-cover-none = Nothing is claimed of the last 24 hours
feed-gaps = { $n ->
    [one] { $n } possible gap
   *[other] { $n } possible gaps
}
feed-gaps-hint = Incidents may be missing: each topic says when and why

feed-filter-placeholder = Filter: words, severity:high, topic:… (/)
feed-filter-clear = Clear the filter
feed-filter-help = How filters are written
feed-filter-off = put aside (\)
feed-chip-turn = Turn into its opposite
feed-chip-drop = Take away
feed-value-plus = Only incidents with this too
feed-value-minus = No incidents with this
feed-value-only = Only this
feed-value-words = words
feed-filtered = Nothing matches
feed-ours-unsaid = Nobody has said yet what is ours
feed-ours-unsaid-why = Write down your networks, AS numbers, domains and brands: what speaks of them is marked, what is stored too. The list never leaves this machine.
feed-ours-say = Our constituency…
feed-filtered-wrong = What stands in the field cannot be read: this is the answer to the last filter that could. Mend the field, or clear it.
feed-filtered-why = { $n ->
    [one] The filter hides one incident.
   *[other] The filter hides { $n } incidents.
}

feed-retry = Try now
feed-connect = Connect…
feed-details = What is wrong…
feed-offline = Not connected
feed-offline-why = Connect to a grid, or try the practice grid: it needs no account.
feed-connecting = Connecting
feed-step-dialing = Reaching the controller…
feed-step-securing = Checking its certificate…
feed-step-authenticating = Proving who you are…
feed-step-binding = Opening the session…
feed-step-discovering = Asking the broker for its topics…
feed-unsubscribed = You read no topic yet
feed-unsubscribed-why = Incidents arrive here from the topics you subscribe to. Gridwatch never subscribes by itself.
feed-browse = Browse topics
feed-quiet = Nothing has arrived yet
feed-quiet-why = { $n ->
    [one] You are subscribed to one topic; its next incident shows here at once.
   *[other] You are subscribed to { $n } topics; their next incident shows here at once.
}

feed-marked = { $n ->
    [one] { $n } incident marked
   *[other] { $n } incidents marked
}
feed-act-read = Read (E)
feed-act-star = Star (S)
feed-act-tag = Tag (T)
feed-act-snooze = Snooze (Z)
feed-act-export = Export…
feed-act-unmark = Let go (Esc)
feed-act-nothing = Choose an incident first.
feed-note-many = A note is written on at most { $most } incidents at once. Mark fewer, or give them a tag.

feed-did-read = Marked as read: { $n }. U takes it back.
feed-did-unread = Marked as unread: { $n }. U takes it back.
feed-did-important = Starred and read: { $n }. U takes it back.
feed-did-star = Starred: { $n }. U takes it back.
feed-did-unstar = Not starred any more: { $n }. U takes it back.
feed-did-tag = Tagged: { $n }. U takes it back.
feed-did-untag = Tag taken off: { $n }. U takes it back.
feed-did-disposition = Disposition set: { $n }. U takes it back.
feed-did-snooze = Snoozed: { $n }. U takes it back.
feed-did-wake = Not snoozed any more: { $n }. U takes it back.
feed-did-note = Note kept: { $n }. U takes it back.
feed-did-note-gone = Note removed. U takes it back.
feed-did-mute = The rule is in force. U takes it back.
feed-did-unmute = The rule has ended. U takes it back.
feed-not-kept = Not kept, and taken back: the last { $n }. { $cause }
feed-work-broken = Keeping what you did broke off; it is tried again with the next thing you do.
feed-unsettled = Which incidents are muted could not be looked up anew: some may be hidden or shown wrongly. { $cause }
feed-short = Looked at { $here } of { $stored } incidents so far: list and counts are not complete.
feed-short-trouble = Looked at { $here } of { $stored } incidents: the rest could not be read, and is tried again. { $cause }
feed-short-marks = Not all was looked at anew, and is tried again. { $cause }
feed-marks-unread = What you marked before could not be read, so nothing can be marked now. { $cause }
feed-undone = Taken back. Shift+U does it again.
feed-redone = Done again. U takes it back.
feed-undo-none = Nothing to take back.
feed-redo-none = Nothing to do again.

feed-muted = { $n ->
    [one] { $n } muted by rule until { $until }
   *[other] { $n } muted by rule until { $until }
}
feed-snoozed = { $n ->
    [one] { $n } snoozed
   *[other] { $n } snoozed
}
feed-hidden-counting = Muted and snoozed incidents are being counted…
feed-hidden-none = No match is muted or snoozed.
feed-bare = Muted and snoozed incidents show too.
feed-bare-show = Show
feed-bare-end = Hide them again
feed-rules = Rules…
feed-mute-until = Until { $time }
feed-mute-end = End it

feed-form-tag = Tag
feed-form-note = Note
feed-form-disposition = What came of it
feed-form-snooze = Out of sight for
feed-form-mute = Mute by rule
feed-form-mute-why = What this filter finds stays out of sight for:
feed-form-view = Save this filter as a view
feed-form-values = Values of this incident
feed-form-mutes = Rules in force
feed-form-columns = How the list is laid out
feed-form-word = Type here
feed-form-save = Save
feed-form-remove = Remove
feed-form-untag = Take off “{ $tag }”
feed-form-close = Close (Esc)
feed-form-many = { $n ->
    [one] for { $n } incident
   *[other] for { $n } incidents
}
feed-time-hour = 1 hour
feed-time-shift = 8 hours
feed-time-day = 1 day
feed-time-week = 7 days
feed-time-month = 30 days

feed-side-views = Views
feed-side-topics = Topics
feed-side-no-topics = None subscribed yet.
feed-view-inbox = Inbox
feed-view-unread = Unread
feed-view-ours = Affects us
feed-view-starred = Starred
feed-view-updated = Updated
feed-view-snoozed = Snoozed
feed-view-save = + Save this filter…
feed-view-remove = Remove this view
