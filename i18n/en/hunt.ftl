# Strings of: hunt

hunt-title = Hunt
hunt-back = Back to the feed
hunt-tab = Indicators
hunt-ours-tab = Our constituency
hunt-why = Addresses, networks, domains, links, digests, mailboxes, CVE and AS numbers: one a line or in a table, defanged or not. They are looked for in everything stored here and sent nowhere.
hunt-hint = 192.0.2.7
    evil[.]example
    hxxps://kit[.]example/login
hunt-ours-why = Our networks, AS numbers, domains and brands, one a line. Incidents that speak of them are marked “us”, those stored and those to come. The list never leaves this machine.
hunt-ours-hint = 192.0.2.0/24
    AS64500
    ourbank.example
    brand: Our Bank
hunt-start = Hunt
hunt-ours-start = Put in force
hunt-stop = Stop
hunt-file = From a file…
hunt-clear = Clear
hunt-pick = A list of indicators
hunt-too-large = The file is too large for a list.
    .next = Split it; 16 MiB are read at most.
hunt-unreadable = The file could not be read: { $cause }
    .next = Look whether it is there and may be read.
hunt-long = { $n ->
    [one] { $n } line
   *[other] { $n } lines
}
hunt-progress = { $done } of { $of }
hunt-none-yet = Nothing hunted yet
hunt-none-yet-why = Paste a list at the left, or open a file.
hunt-clean = No hit
hunt-clean-why = Nothing stored here speaks of any of them.
hunt-hits = { $n ->
    [one] One of { $asked } found
   *[other] { $n } of { $asked } found
}
hunt-short = Looked at { $looked } of { $stored } incidents: what is not found may be among the rest. It is hunted again when all are here.
hunt-short-export = incomplete: looked at { $looked } of { $stored } incidents
hunt-ours-loading = What was kept here is still being read. Try again in a moment.
hunt-ours-here = This is what was kept; look through it, and start again.
hunt-ours-stopped = Stopped. The new list is in force; history is looked through in the background.
hunt-unread = { $n ->
    [one] One line was not understood: line { $lines }.
   *[other] { $n } lines were not understood, the first of them: { $lines }.
}
hunt-repeated = { $n ->
    [one] One indicator stood there twice.
   *[other] { $n } indicators stood there before.
}
hunt-beyond = { $n ->
    [one] One line beyond the first 100,000 was not looked at.
   *[other] { $n } lines beyond the first 100,000 were not looked at.
}
hunt-export = Save as CSV…
hunt-show = Show these incidents
hunt-column-indicator = Indicator
hunt-column-kind = Kind
hunt-column-count = Incidents
hunt-column-topics = Topics
hunt-column-first = First seen
hunt-column-last = Last seen
hunt-column-tlp = Strictest
hunt-ours-found = { $n ->
    [one] One incident affects us ({ $entries } entries)
   *[other] { $n } incidents affect us ({ $entries } entries)
}
hunt-ours-show = Show them
hunt-ours-none = No constituency is in force.
hunt-ours-kept = It is kept beside your incidents and sent nowhere.
