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
