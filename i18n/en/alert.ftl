# Strings of: alert

alert-quiet-wrong = No stretch of hours.
    .next = Write it as 22:00-07:00, by the clock on your wall.
alert-cap-wrong = Not a number from 1 to { $most }.
alert-taken = This view has a rule already.
alert-many = There are { $most } rules, which is as many as can be.
    .next = Remove one that is not needed.
alert-unreadable = A rule cannot be read: { $cause }
    .next = It stays in the archive; a later version of this program may have written it.
alert-broken = That could not be finished.
    .next = Try again; if it stays so, look at the archive.
alert-refused = The desktop shows no notifications: { $cause }
    .next = Start a notification service of your desktop (its settings, or the package of one such as dunst or mako), then try it on the screen of alerts. Until then alerts stand in this window.
alert-silent = The desktop's notification service does not answer.
    .next = Start it anew, then try it on the screen of alerts. Until then alerts stand in this window.
alert-title = { $n ->
        [one] 1 new
       *[other] { $n } new
    } · { $view }
alert-topics-more = { $n ->
        [one] 1 more topic
       *[other] { $n } more topics
    }
alert-mild = up to TLP:GREEN: { $severities }
alert-toast = { $title }: { $lines }
alert-toast-practice = PRACTICE · { $title }: { $lines }
alert-test-title = Alerts of Gridwatch look like this
alert-screen = Alerts, retention and handover
alert-tab = Alerts
alert-add = Alert me of what comes into…
alert-intro = A notification of your desktop says which topics and how many. Severity and number are said of what is TLP:GREEN or milder, a title never. What comes in a burst is one notification.
alert-practice = On the practice grid alerts stay in this window and say that they are practice. On a real grid they are notifications of your desktop.
alert-view-ours = Affects us
alert-view-high = High severity
alert-view-asked = Something is asked
alert-test = Try a notification
alert-on = On
alert-off = Off
alert-switch = Switch this alert on or off
alert-remove = Remove
alert-orphan = Its view is gone; the filter stays as it was.
alert-quiet = Quiet hours
alert-quiet-hint = By the clock on your wall
alert-cap = At most, in an hour
alert-cap-hint = Notifications
alert-sound = Sound
alert-sound-on = With a sound
alert-sound-off = Silent
alert-trying = Looking at the last week…
alert-preview = { $n ->
        [0] Would not have notified last week
        [one] Would have notified once last week
       *[other] Would have notified { $n } times last week
    }, of { $incidents } incidents.
alert-preview-moves = The filter moves with the clock: this counts what it holds for now.
