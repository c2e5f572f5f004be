# Strings of: coverage. What is complete of a topic, what may be missing, and what its set-up lets anybody promise.

coverage-cause-dropped = Nothing on the broker shows that it kept what came in between: it may have been dropped for newer ones.
coverage-cause-removed = What the topic held before was taken away, and perhaps more with it.
coverage-cause-unstored = Nothing shows that the topic stores anything, so what came while you were away may be lost.
coverage-cause-unsubscribed = You were not subscribed for a while.
coverage-cause-remade = The topic was deleted.
coverage-cause-unreadable = Something the broker sent could not be read.
coverage-cause-refused = The broker does not hand out what the topic stores.
coverage-cause-cut = The topic stores more than was fetched.
coverage-cause-damaged = What had come was lost with a damaged archive; what the topic still stores is fetched again.

coverage-reason-headline = Notifications are of type headline: they are not kept for you while you are away.
coverage-reason-unstored = The topic stores nothing: what comes while you are away is lost.
coverage-reason-small = Only the newest { $most } incidents are stored: a busy time while you are away pushes out the rest.
coverage-reason-unstated = The broker does not say how many incidents are stored, nor what happens to notifications while you are away.
coverage-reason-no-pages = The broker hands out what is stored in one piece only: too large a piece cannot be fetched.
coverage-reason-not-bare = You are subscribed by the address of one session only: nothing is kept for your account.
coverage-reason-unnamed = Several may publish, and the broker does not say who did: if it limits what it stores for each of them, a gap can stay unseen.
coverage-reason-untyped = The topic does not say what it carries, which RFC 8600 asks for.
