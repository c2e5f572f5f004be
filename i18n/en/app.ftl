# Strings of: app

app-age-now = now
app-age-minutes = { $n }m
app-age-hours = { $n }h
app-age-days = { $n }d
app-age-weeks = { $n }w
app-age-years = { $n }y

app-tab-feed = Feed
app-tab-topics = Topics
app-tab-compose = Compose
app-tab-owner = Owner desk
app-tab-settings = Settings

app-severity-high = High
app-severity-medium = Medium
app-severity-low = Low
app-severity-unknown = Unknown
app-severity-high-letter = H
app-severity-medium-letter = M
app-severity-low-letter = L
app-severity-unknown-letter = –

app-by-agreement = BY AGREEMENT
app-by-agreement-short = AGREED
app-command-back = Back; close what lies on top
app-command-focus-next = Next control or pane
app-command-focus-previous = Previous control or pane
app-command-help = This list
app-command-larger = Larger
app-command-normal-size = Normal size
app-command-quit = Quit
app-command-retry = Try to connect now
app-command-smaller = Smaller
