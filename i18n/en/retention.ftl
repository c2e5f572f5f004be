# Strings of: retention

retention-days-wrong = Not a number of days from 1 to { $most }.
    .next = Leave it empty to keep them for ever.
retention-unreadable = The rules of retention cannot be read: { $cause }
    .next = Nothing is taken away until you set them again.
retention-tab = Retention
retention-title = How long incidents are kept
retention-intro = In days since they were received here; empty is for ever. Of several that speak of an incident the shortest holds. What you starred, tagged, noted, snoozed or gave a result stays. Your drafts are not touched.
retention-none = Nothing is taken away.
retention-in-force = In force since { $since }, run every day; last: { $ran }.
retention-not-yet = not yet
retention-all = Everything
retention-ever = for ever
retention-labels = By the strictest label in them
retention-topics = By topic
retention-see = See what would go
retention-looking = Looking…
retention-forever = Keep everything again
retention-running = Old incidents are being taken away…
retention-nothing-said = Nothing would go: no days are set.
retention-going = { $n ->
        [0] Nothing would go now
        [one] 1 incident would go now
       *[other] { $n } incidents would go now
    }
retention-staying = { $n ->
        [0] None of these stays because of what you made of it.
        [one] 1 stays because of what you made of it.
       *[other] { $n } stay because of what you made of them.
    }
retention-final = This cannot be undone. It runs now and then every day, without asking again.
retention-file = Their content is overwritten in the archive; topic, item and times stay, so that they are not fetched again. The file keeps its size and uses the room again. Backups made before keep what was in them.
retention-type = To let them go, type the number: { $count }
retention-accept = Let them go, now and every day
retention-gone = { $count } incidents were taken away by your retention rule
retention-column-topic = Topic
retention-column-tlp = TLP
retention-column-days = Days
retention-column-going = Go
retention-column-staying = Stay
retention-column-oldest = Received from
retention-column-newest = to
