# Strings of: activity. What this console did and what happened to it, chained; what is under way; where something may be missing.

activity-title = Activity
activity-log = Log
activity-open = Outbox
activity-deliveries = Deliveries & gaps
activity-verified = Chain verified, { $count } entries
activity-held =
    { $n ->
        [0] It holds in itself. No head of it that stands outside of the archive was there to hold it against.
        [one] It was held against one head that stands outside of the archive.
       *[other] It was held against { $n } heads that stand outside of the archive.
    }
activity-note-head = Note this head down elsewhere. Later, log verify --head COUNT:HASH shows whether anything before it was changed.
activity-outside =
    { $n ->
        [0] held against no head outside of the archive
        [one] held against one head outside of the archive
       *[other] held against { $n } heads outside of the archive
    }
activity-noted = Head noted earlier
activity-noted-wrong = This is no head. One is COUNT:HASH, as it was noted down; without one the field stays empty.
activity-bad = Entry { $number } is not what was written:
activity-verifying = Verifying the chain…
activity-unverified = { $count } entries, not verified since they were added
activity-reading = Reading the log…
activity-searching = Looking further back, now at entry { $number }…
activity-further = Acts before entry { $number } are not listed. Narrow the filter, or save the log.
activity-empty-log = Nothing has been logged yet
activity-empty-log-why = Every act of this console on the grid, and what a broker does unasked, is written here and chained.
activity-nothing = Nothing like that
activity-nothing-why = The filter hides { $count } entries.
activity-clear = Clear the filter
activity-filter = Words, what:approve, by:grid, result:refused, topic:…
activity-verify = Verify
activity-save-json = Save as JSON lines
activity-save-csv = Save as CSV
activity-copy-head = Copy the head
activity-head = Head { $head }
activity-head-why = Count and hash of the last entry. Noted down elsewhere it shows later whether anything before it was changed: gridwatch log verify --head.
activity-none-kept = This store keeps no log.
activity-column-when = When (UTC)
activity-column-who = By
activity-column-what = What
activity-column-subject = Whom or what, where
activity-column-change = Before → after
activity-column-result = Result
activity-choose = Choose an entry
activity-choose-why = Its reason, stanza ids and hashes stand here.
activity-field-when = When
activity-field-who = Account
activity-field-by = By
activity-field-topic = Topic
activity-field-subject = Whom or what
activity-field-before = Before
activity-field-after = After
activity-field-reason = Reason
activity-field-words = More
activity-field-stanzas = Stanza ids
activity-field-number = Entries
activity-field-hash = Hash
activity-nobody-knows = No outcome was written: the program ended before one came, or none has come yet.
activity-goes-on = What came of it was written later: it stands in a row of its own, further up.
activity-unreadable = This entry is not what was written.
activity-open-none = Nothing is under way
activity-open-none-why = What is held, sent and not answered, or of which nobody knows what came, stands here.
activity-gaps-none = No topic is watched yet
activity-gaps-none-why = Once you are subscribed to a topic, what is known of its completeness stands here.
activity-stopped = It was stopped.
activity-by-person = person
activity-by-rule = rule
activity-by-grid = grid
activity-how-held = held
activity-how-undone = undone
activity-how-begun = under way
activity-how-done = done
activity-how-refused = refused
activity-how-unknown = not known
activity-how-seen = noticed
activity-kind-connect = connected
activity-kind-subscribe = subscribe
activity-kind-unsubscribe = unsubscribe
activity-kind-publish = publish
activity-kind-retract = retract
activity-kind-approve = approve
activity-kind-deny = deny
activity-kind-affiliate = change rights
activity-kind-revoke = revoke
activity-kind-create = create topic
activity-kind-configure = set topic up
activity-kind-delete = delete topic
activity-kind-purge = empty topic
activity-kind-tell = message
activity-kind-trust = believe certificate
activity-kind-vanished = topic vanished
activity-kind-moved = topic moved
activity-kind-ended = subscription ended
activity-kind-changed = topic changed by another
activity-kind-certificate = other certificate
activity-kind-restart = restart
activity-kind-traffic = traffic jump
activity-kind-forged = forged
activity-kind-foreign = request for another's topic
activity-kind-late = written late
activity-kind-recovered = log recovered
activity-token-again = sent once more
activity-token-bare = with the broker's own settings
activity-token-ghost = left over from an earlier session
activity-token-published = published
activity-token-retracted = taken back
activity-token-subscribed = subscribed
activity-token-pending = waits for the owner
activity-token-denied = denied
activity-token-none = nothing
activity-token-asks = why they ask
activity-token-approved = approved
activity-token-question = a question
activity-token-revoked = revoked
activity-token-form = a request to read a topic
activity-token-event = an event of a topic
activity-token-wrapped = a message within a message
activity-token-roster = a change of my contact list
activity-token-shutdown = it said that it shuts down
activity-token-forgotten = it no longer knew the session
activity-token-head-lost = the log's head was lost
activity-token-entries-lost = entries were lost
activity-token-unconfirmed = Whether it arrived is not known.
activity-token-session = The connection failed: { $cause }
activity-token-setting = { $name }: { $value }
activity-token-bytes = { $value } bytes
activity-token-sha256 = SHA-256 { $value }
activity-token-key = key { $value }
activity-token-known-key = known key { $value }
activity-token-pinned-key = pinned key { $value }
activity-token-exception-key = exception for key { $value }
activity-token-until = valid until { $value }
activity-token-times = { $value } times since this was last noted
activity-token-late = { $value } written late
activity-token-lost = { $value } lost
activity-token-owner = owners: { $value }
activity-token-publisher = publishers: { $value }
activity-token-average = { $rate } on average
activity-token-minute = { $n } a minute
activity-broken-missing = Entry { $number } is missing.
    .next = Somebody took entries out of this log. Keep the file, and compare it with an export or a backup.
activity-broken-changed = Entry { $number } is not what was written, or not in its place.
    .next = Somebody was at this log, from that entry on. Keep the file, and compare it with an export or a backup.
activity-broken-cut = The log ends before entry { $number }, but { $said } were written.
    .next = Somebody cut its end off, or an older file was put in its place. Compare it with an export or a backup.
activity-broken-added = Entry { $number } stands where none was written.
    .next = Somebody added to this log. Keep the file, and compare it with an export or a backup.
activity-broken-rewritten = The entries up to { $number } lead to another head than the one that was kept: they were written anew.
    .next = A head that was noted down elsewhere, or an export, tells from which entry on.
activity-broken-headless = The log of { $number } entries has no head.
    .next = Somebody took it away: whether entries are missing at the end cannot be told.
activity-broken-noted = Entry { $number } is not the one that stood there when the head was noted down.
    .next = Somebody wrote the log anew. Compare it with an export or a backup.
activity-broken-unreadable = Entry { $number } cannot be read: the file is damaged there.
    .next = The archive needs a recovery. Keep the file, and compare the log with an export or a backup.
activity-filter-word = { $field }: has no { $word }; there is { $words }.
activity-standing-live = complete since { $since }
activity-standing-proving = being proven since { $since }
activity-standing-away = nothing arrives since { $since }
activity-standing-left = left { $since }
activity-standing-lost = lost since { $since }
activity-gaps =
    { $n ->
        [0] No gap is known.
        [one] { $n } stretch in which something may be missing
       *[other] { $n } stretches in which something may be missing
    }
activity-gap = { $from } – { $until }
