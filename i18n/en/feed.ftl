# Strings of: feed

feed-column-severity = Sev
feed-column-tlp = TLP
feed-column-age = Age
feed-column-topic = Topic
feed-column-title = Incident
feed-column-id = Publisher’s ID

feed-untitled = (no description)
feed-foreign = { $name }, not IODEF ({ $namespace })
feed-invalid = Not readable as IODEF
feed-no-payload = An item without a document
feed-retracted = retracted
feed-overwritten = replaced
feed-version = rev { $version }

feed-count = { $n ->
    [one] { $n } incident
   *[other] { $n } incidents
}
feed-count-matching = { $n } of { $total }
feed-count-unread = { $n } unread
feed-all-read = Mark all read
feed-new = { $n } new
feed-new-hint = Show the newest (.)

feed-gap = possible gap below
feed-gaps = { $n ->
    [one] { $n } possible gap
   *[other] { $n } possible gaps
}
feed-gaps-hint = Incidents may be missing: each topic says when and why

feed-filter-placeholder = Filter by words (/)
feed-filter-clear = Clear the filter
feed-filtered = Nothing matches
feed-filtered-why = { $n ->
    [one] The filter hides one incident.
   *[other] The filter hides { $n } incidents.
}

feed-retry = Retry now
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
