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
app-command-connection = What is known of the connection
app-command-focus-next = Next control or pane
app-command-focus-previous = Previous control or pane
app-command-next-pane = Next pane of the feed
app-command-previous-pane = Previous pane
app-command-help = This list
app-command-larger = Larger
app-command-normal-size = Normal size
app-command-quit = Quit
app-command-retry = Try to connect now
app-command-smaller = Smaller

app-title = Gridwatch
app-title-practice = PRACTICE – Gridwatch
app-title-profile = { $profile } – Gridwatch
app-practice = PRACTICE
app-practice-why = Everything here is invented and stays inside this program.
app-practice-profile = Practice grid
app-online = Connected
app-offline = Not connected
app-stopped = Not connected: needs you
app-waiting = Not connected, next try in { $n } s
app-step-dialing = Connecting: finding the controller
app-step-securing = Connecting: securing
app-step-authenticating = Connecting: logging in
app-step-binding = Connecting: opening the session
app-step-discovering = Connecting: finding topics
app-connection-hint = What is known of this connection
app-retry = Try now
app-open-connection = Connection…
app-open-file = Open a file…
app-import = Import…
app-export = Export…
app-work-broken = The work ended without a word: a fault of Gridwatch.
    .next = Try again; if it happens twice, please report it.
app-rules = Alerts, shift
app-other-grid = Other grid…
app-help = Help
app-help-keys = Keys
app-help-filters = How filters are written
app-close = Close
app-keys = keys
app-selection = Selected
app-rows = { $n ->
    [one] { $n } incident
   *[other] { $n } incidents
 }
app-cover = { $share } % of the last 24 hours is here
app-rate = { $n } in the last minute
app-dropped = { $n ->
    [one] { $n } event not shown: the window was too slow
   *[other] { $n } events not shown: the window was too slow
 }
app-outbox = outbox { $n }
app-toast-close = Close
app-copied = Copied.
app-copied-restricted = What you copied is under TLP:{ $label }: the clipboard is open to every program here.
app-save-as = Save as
app-saved = Saved as { $path }.
app-not-saved = Nothing was saved.
    .next = If no window opened to ask for a name, copy instead.
app-save-failed = The file was not saved: { $cause }
    .next = Choose another place.
app-leave-title = Something is still held
app-leave-why = A report or a decision waits for its time. If you leave now it is not sent.
app-leave-why-kept = A report or a decision waits for its time. If you leave now nothing is sent. A report stays in the outbox, and is held anew when Gridwatch starts again; a decision is to be made again.
app-leave-stay = Stay
app-leave-go = Leave without sending
app-leave-code-title = The new recovery code is not on paper yet
app-leave-code-why = It is shown this once, and no code from before opens the archive. If you leave now, nobody has one: make another the next time.
app-leave-code-go = Leave without the code
app-kept-for-this-run = The password is kept for this run only.
    .next = The system keychain did not take it.
app-practice-broken = The practice grid did not start.
    .next = Try again; if it stays so, restart Gridwatch.

app-filter-forms = Conditions and how they are joined
app-filter-fields = Fields of the filter
app-filter-states = What an incident may be or have
app-keys-everywhere = Everywhere
app-keys-rows = Next, previous row
app-keys-unread = Next, previous unread
app-keys-newest = To the newest; first, last row
app-keys-flow = Pause or go on; follow what comes
app-keys-groups = Open or shut a group; put rows together
app-keys-filter = Filter, clear it
app-keys-toggle = Put the filter aside, take it up again
app-keys-values = The value under the cursor into the filter, out of it, only it
app-keys-cell = A column to the right, left
app-keys-counts = So many rows down
app-keys-copies = Copy defanged; as written
app-keys-layout = Columns, order, density
app-keys-panes = Detail pane, side bar: narrower, wider
app-keys-return = Back to the filter before, forward
app-keys-done = Read and next; important, read and next
app-keys-mark = Star; read or unread
app-keys-words = Tag, note, what came of it
app-keys-report = Report on it; update it, take it back
app-keys-away = Snooze; mute by rule
app-keys-many = Select, up to here, all
app-keys-undo = Undo, redo
app-keys-shut = Back: close the incident
app-keys-all-read = All that the list shows read
app-keys-order = Order by the column one stands in
app-keys-views = A view by its number; save the filter as one
app-keys-search = Search
app-keys-document = Document
app-keys-sides = Its sides: summary, observables, tree…
app-keys-width = Whole width, beside the feed
app-keys-tree = Shut, open an element of the tree
app-keys-narrow = The observable into the feed’s filter, out of it, only it
app-keys-copy = Copy the observable defanged; as written
app-keys-zone = Times in UTC, of this machine, as written
app-keys-languages = Texts in their other languages
app-notices = { $n ->
    [one] { $n } notice
   *[other] { $n } notices
 }
app-notices-title = Notices
app-not-kept = What you wrote could not be saved ({ $what }), so you are still here. Leave once more to give it up.
    .next = Make room on the disk, or copy what you need.
app-given-up = Not saved, and gone: { $what }.
app-writing = What you did is being written; the window closes when it is. Closing again does not wait for it.
app-held-code = A new recovery code is not on paper yet: write it down first.
app-held-first = A report or a decision is still held; wait for its ten seconds, or undo it.
    .next = Then open the other grid.
