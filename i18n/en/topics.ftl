# Strings of: topics

topics-title = Topics
topics-search = Search by name, title, description or owner
topics-clear = Clear the search
topics-refresh = Refresh
topics-count = { $n ->
    [one] { $n } topic
   *[other] { $n } topics
 }
topics-count-of = { $shown } of { $n }
topics-walk = Reading topics: { $walked } of { $total }
topics-column-topic = Topic
topics-collection = Other topics. Who subscribes to it gets what is published on all of them.
topics-collection-short = topics
topics-column-payload = Carries
topics-column-access = Who may read
topics-column-state = You
topics-under = { $name } · { $owner }
topics-unsaid = not stated
topics-none = The broker lists no topics to you
topics-none-why = Topics may be hidden from accounts without rights on them. Ask a topic's owner or the grid's operator to let you see it.
topics-none-found = No topic matches
topics-none-found-why = { $n ->
    [one] The search hides { $n } topic.
   *[other] The search hides { $n } topics.
 }
topics-loading = Reading the topics
topics-loading-why = The broker is asked for its topics, then each topic for what it is.
topics-offline = Not connected
topics-offline-why = Topics are shown as soon as there is a connection.
topics-choose = No topic selected
topics-choose-why = Select one to see what it carries, who owns it and how to read it.
topics-fact-state = You
topics-fact-payload = Carries
topics-fact-access = Who may read
topics-fact-me = Your rights
topics-fact-owner = Owner
topics-fact-publishers = Publishers
topics-fact-subscribers = Subscribers
topics-fact-offline = When offline
topics-fact-broker = Broker
topics-headline = What is published while you are away is not kept for you; Gridwatch fetches what the topic stores.
topics-complete = Completeness
topics-complete-live = Everything published since { $since } is here.
topics-complete-proving = What came since { $since } is being compared with the broker.
topics-complete-away = Nothing arrives since { $since }. It is made up for when there is a connection.
topics-complete-left = You left it at { $since }.
topics-complete-lost = The subscription was lost: nothing is known since { $since }.
topics-gap = Possible gap from { $from } to { $until }
topics-gaps-more = { $n ->
    [one] And { $n } earlier possible gap.
   *[other] And { $n } earlier possible gaps.
 }
topics-promise-full = Whatever breaks, nothing that is stored is missed; what may be missing is told.
topics-promise-unstated = Whatever breaks, what is stored is fetched and what may be missing is told. The broker leaves open:
topics-promise-limited = A long absence or a busy time can lose incidents; what may be missing is told.
topics-promise-live-only = Only what is published while you are connected arrives.
topics-copy = Copy address
topics-payload-other = other
topics-payload-iodef2 = Incidents (IODEF version 2)
topics-payload-iodef1 = Incidents (IODEF version 1)
topics-payload-unsaid = not stated, though RFC 8600 asks for it
topics-access-open = Anyone
topics-access-open-why = Anyone on the grid
topics-access-presence = Contacts of the owner
topics-access-presence-why = Accounts that may see the owner's presence
topics-access-roster = Groups of contacts
topics-access-roster-why = Accounts in chosen groups of the owner's contacts
topics-access-authorize = Owner approves
topics-access-authorize-why = Whoever the owner approves
topics-access-whitelist = Members only
topics-access-whitelist-why = Only accounts the owner has entered as members
topics-me-owner = Owner: you decide who reads and publishes
topics-me-publisher = Publisher: you may read and publish
topics-me-publish-only = Publisher only: you may publish, not read
topics-me-member = Member: you may read
topics-me-none = None of your own
topics-me-outcast = Barred by the owner
topics-state-subscribed = Subscribed
topics-state-pending = Asked, waiting
topics-state-denied = Refused
topics-state-none = Not subscribed
topics-subscribe = Subscribe
topics-subscribe-why = New incidents arrive in your feed at once; stored ones are fetched.
topics-request = Request access
topics-request-why = The owner sees your address and decides. You can withdraw until then.
topics-words = Message to the owner
topics-words-example = Who you are, and what for
topics-words-why = Goes to those the topic names as its owners, beside the request.
topics-run = Members and settings…
topics-said-approved = { $who } approved your request on { $time }.
topics-said-denied = { $who } denied your request on { $time }.
topics-said-revoked = { $who } ended your access on { $time }.
topics-said-question = { $who } asked you something on { $time }, before deciding.
topics-said-soon = { $who } approved your request on { $time }; your access ends on { $end }. Ask for more time while you have it.
topics-said-over = Your access ended on { $end }: { $who } had approved it until then.
topics-answer = Answer
topics-answer-words = Your answer
topics-said-nothing = No reason was given.
topics-said-until = It lasts until { $time }.
topics-said-stranger = The topic does not name this account as its owner: take these words with care.
topics-withdraw = Withdraw request
topics-withdraw-why = The owner has not decided yet.
topics-unsubscribe = Unsubscribe
topics-unsubscribe-why = What has arrived stays with you.
topics-whitelist-why = The owner must have entered your account as a member first; otherwise the broker refuses.
topics-barred = The owner has barred your account. Only the owner can change that.
topics-waiting = Asking the broker…
topics-done-subscribed = Subscribed.
topics-done-asked = The owner has been asked.
topics-done-told = Sent. Your request still waits.
topics-done-unsubscribed = Not subscribed any more.
