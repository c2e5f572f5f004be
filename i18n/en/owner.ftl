# Strings of: owner

owner-title = Owner desk
owner-side-requests = Requests
owner-side-members = Members
owner-side-config = Configuration
owner-side-expiring = Expiring
owner-side-danger = Danger zone
owner-mine = Topics I own:
owner-all-topics = { $n ->
    [0] none
   *[other] all ({ $n })
 }
owner-choose-topic = Which topic?
owner-choose-topic-why = Choose one of your topics here or at the top right.
owner-none-mine = You own no topic
owner-poll = Check now
owner-polled = Last checked { $ago }
owner-not-polled = Not checked yet
owner-seconds = { $n } s ago
owner-ago = { $age } ago
owner-yes = Yes
owner-no = No
owner-done = Done
owner-back = Back
owner-undo = Undo
owner-undo-many = Undo all { $n }
owner-read-again = Read again
owner-was = was: { $was }
owner-and-more = and { $n } more
owner-then-held = Then held for { $n } s, in which you can undo it.
owner-refused = Not done: { $cause }
owner-refused-on = { $topic }: not done: { $cause }
owner-why = Why
owner-why-example = MoU of 2026-03, called back on the number we have
owner-why-kept = Kept here; nobody else is told.

## Requests

owner-empty = No requests
owner-empty-polled = Nobody waits for your decision. Last checked { $ago }; new requests appear by themselves.
owner-empty-not-polled = Requests to read your topics will appear here.
owner-owns-nothing = Only the owner of a topic decides who may read it, and you own none on this grid.
owner-none = Nobody waits for your decision.
owner-waiting = { $n ->
    [0] Nobody waits for your decision
    [one] One waits for your decision
   *[other] { $n } wait for your decision
 }
owner-marked = { $n } marked
owner-unmark = Unmark
owner-choose = No request selected
owner-choose-why = Select one to see who asks, what they would get and what was decided about them before.
owner-wants = asks to read { $topic }
owner-seen = first seen { $ago }
owner-fact-identity = Identity
owner-fact-would = Would get
owner-fact-history = History
owner-fact-message = Message
owner-met-now = Its domain has never been met here before.
owner-met = Its domain was first met here { $ago }.
owner-standing-barred = This account was put out of a topic of yours. Look into why before you let it in.
owner-standing-ours = It is of your own domain.
owner-standing-reads = This account reads another topic of yours.
owner-standing-kin = { $n ->
    [one] Others of its domain are on one topic of yours.
   *[other] Others of its domain are on { $n } topics of yours.
 }
owner-standing-carded = Your contact card of { $name } names its domain.
owner-standing-unknown = Nobody of it is on your topics, and no contact card names it.
owner-history-none = No decision about this account before.
owner-history-silent = no reason kept
owner-history-approved = Approved { $day } for { $topic } ({ $note })
owner-history-denied = Denied { $day } on { $topic } ({ $note })
owner-history-revoked = Revoked { $day } on { $topic } ({ $note })
owner-denied-before = denied before
owner-would-none = nothing lately
owner-would-few = less than one a day
owner-would-day = about { $n } a day
owner-would-tlp = up to { $label }
owner-would-stored = { $n ->
    [0] nothing stored
    [one] one stored
   *[other] { $n } stored
 }
owner-identity = Vouched for by its own server, by address only: make sure it is who you think before you approve.
owner-message-none = None came with the request.
owner-domain-own = your own domain
owner-domain-known = known domain
owner-domain-new = new domain
owner-domain-unknown = unknown domain
owner-lookalike = This address can be mistaken for { $plain }.
owner-like = Its domain looks like { $domain }, with which you have to do.
owner-mixed = Its domain mixes scripts that no language writes together.
owner-lookalike-why = Whoever reads fast takes it for the other. Ask by another way before you approve.
owner-copy = Copy address
owner-approve = Approve
owner-approve-check = Approve…
owner-approve-hint = Let { $who } read { $topic }
owner-approve-known = Approve all known ({ $n })
owner-approve-marked = Approve { $n }…
owner-approve-marked-hint = Those marked; of unknown domains you are asked first.
owner-approve-known-hint = Only those of domains you already have to do with; each is held and can be undone.
owner-approve-title = Approve somebody new?
owner-approve-means = { $who } would read { $topic }, with all that is stored there, and nothing of that can be taken back.
owner-approve-many = Approve { $n }
owner-approve-many-title = Approve { $n } at once?
owner-approve-many-means = All of them would read what is stored and what comes; nothing of that can be taken back.
owner-domain-check = Their domain, as you know it
owner-domain-check-why = Type it from your own records. It is compared letter by letter with the one that asks.
owner-domains-check = { $n ->
    [one] The unknown domain, as you know it
   *[other] The { $n } unknown domains, as you know them
 }
owner-domains-why = Type each from your own records, with a blank between. They are compared letter by letter.
owner-domains-differ = One of these is not the domain of anybody above.
owner-domains-some = { $some } of { $n } are the same.
owner-domains-same = { $n ->
    [one] The same as the one that asks.
   *[other] All the same as those that ask.
 }
owner-domains-left = { $n ->
    [one] One of an unknown domain is left out.
   *[other] { $n } of unknown domains are left out.
 }
owner-domains-left-why = These are too many domains to look at together: mark fewer of them.
owner-domain-differs = Not the same: this request comes from { $domain }.
owner-domain-same = The same as the one that asks.
owner-deny = Deny
owner-deny-check = Deny…
owner-deny-hint = Refuse { $who } on { $topic }
owner-deny-marked = Deny { $n }…
owner-deny-title = { $n ->
    [one] Deny this request
   *[other] Deny { $n } requests
 }
owner-note = Note to them
owner-note-example = Welcome; our duty desk is on this topic too
owner-reason = Reason
owner-reason-example = What should they do instead?
owner-reason-sent = The requester is told this with the decision.
owner-reason-circle = Not of this topic's community
owner-reason-unknown = Unknown to us: please have a member introduce you
owner-reason-channel = Please ask through your own CSIRT
owner-later = Hold 24 h
owner-later-hint = Put it off for a day: it stays undecided and is not counted
owner-later-over = Take up again
owner-later-until = Put off until { $time }.
owner-ask = Ask…
owner-ask-hint = Send a question first; the request stays undecided
owner-ask-title = Ask before you decide
owner-ask-means = { $who } gets your words as a message. The request stays as it is.
owner-ask-example = Which constituency do you work for, and who can vouch for you?
owner-ask-go = Send
owner-ask-failed = The question did not get through: { $cause }
owner-asked = You asked { $ago }: { $words }
owner-lasts = Access lasts
owner-lasts-month = 30 days
owner-lasts-quarter = 3 months
owner-lasts-year = 12 months
owner-lasts-forever = for good
owner-held-approve = { $who } will be let into { $topic } in { $n } s.
owner-held-deny = { $who } will be refused on { $topic } in { $n } s.
owner-held-why = Nothing has been sent yet.
owner-held-over = Its time is over. Nothing has been sent yet; undone, it is left to you.
owner-held-rule = By a rule. Nothing has been sent yet; undone, the request is yours to decide.
owner-held-said = Nothing has been sent yet. Reason: { $words }
owner-sending = Telling the broker…
owner-row-approve = Approved in { $n } s
owner-row-deny = Denied in { $n } s
owner-row-sent = Telling the broker…
owner-row-refused = not done
owner-row-gone = gone
owner-row-later = put off
owner-row-alike = look-alike
owner-row-barred = put out before
owner-row-known = known
owner-settled = Decided in this session
owner-approved = { $who } may now read { $topic }
owner-denied = { $who } was refused on { $topic }
owner-gone = { $who } on { $topic }: the request was gone before your answer was sent
owner-gone-why = Gone: withdrawn, or decided by another owner.
owner-gone-toast = The request of { $who } to read { $topic } is gone: withdrawn, or decided by another owner. Nothing was sent.
owner-approved-toast = { $who } may now read { $topic }.
owner-denied-toast = { $who } was refused on { $topic }.

## Members

owner-members-filter = Filter by address or role
owner-members-clear = Clear the filter
owner-members-count = { $n ->
    [one] One account
   *[other] { $n } accounts
 }
owner-members-count-of = { $shown } of { $n } accounts
owner-members-read = read { $ago }
owner-members-odd = { $n ->
    [one] One mismatch
   *[other] { $n } mismatches
 }
owner-members-unread = { $n ->
    [one] One entry could not be read
   *[other] { $n } entries could not be read
 }
owner-members-export = Export
owner-members-none = No account matches
owner-members-hidden = { $n ->
    [0] The broker lists nobody.
    [one] The filter hides one account.
   *[other] The filter hides { $n } accounts.
 }
owner-members-reading = Reading the members
owner-members-reading-why = The broker is asked who is what, and who is subscribed.
owner-members-offline = Not connected
owner-members-choose = No account selected
owner-members-choose-why = Select one to change what it may do, or to end its access.
owner-column-account = Account
owner-column-role = Role
owner-column-held = Subscription
owner-column-odd = To look at
owner-role-owner = Owner
owner-role-owner-why = Decides who reads and publishes, and can delete the topic.
owner-role-publisher = Publisher
owner-role-publisher-why = May publish and read.
owner-role-publish-only = Publishes only
owner-role-member = Member
owner-role-member-why = May subscribe and read, without asking again.
owner-role-none = Not entered
owner-role-outcast = Barred
owner-role-other = Other
owner-held-none = none
owner-held-one = subscribed
owner-held-many = { $n } times
owner-held-waits = asks
owner-column-until = Until
owner-column-published = Published
owner-until = until { $day }
owner-flag-reads = Not entitled, yet subscribed
owner-flag-reads-why = The broker may go on delivering to it. Revoke ends both and proves it.
owner-flag-session = Subscribed by one device's address
owner-flag-session-why = Nothing reaches it when that device is away, and nobody notices.
owner-flag-twice = Subscribed more than once
owner-flag-twice-why = It gets every incident as many times.
owner-flag-unread = Member, not subscribed
owner-flag-unread-why = It may read and gets nothing: perhaps it has gone, perhaps it does not know.
owner-flag-quiet = Published nothing for { $age }
owner-flag-quiet-why = Perhaps nobody is there any more who should be able to publish.
owner-flag-over = Its time is over
owner-flag-over-why = What was granted has ended: revoke it, or keep it for longer.
owner-flag-like = Looks like { $domain }
owner-flag-mixed = Mixes scripts in its address
owner-flag-like-why = It can be taken for another. Make sure that it is meant.
owner-invite = Invite…
owner-invite-title = Enter accounts
owner-invite-list = Addresses, one a line; a role may follow after a comma
owner-invite-example = soc@csirt.example
owner-invite-hint = A table exported here can be put in again. Nobody is removed.
owner-invite-unread = { $n ->
    [one] Line { $lines } is not an address with a role.
   *[other] { $n } lines are not an address with a role: { $lines }
 }
owner-invite-same = { $n ->
    [one] One is so already.
   *[other] { $n } are so already.
 }
owner-invite-losses = { $n ->
    [one] One would lose access or ownership: that is left out here; change it in the table, with its proof.
   *[other] { $n } would lose access or ownership: they are left out here; change them in the table, with their proof.
 }
owner-invite-cut = Too many: only the first 50,000 lines are taken.
owner-invite-go = { $n ->
    [0] Enter
    [one] Enter one account
   *[other] Enter { $n } accounts
 }
owner-import = From a file…
owner-import-title = A table of accounts
owner-import-long = This file is too long for a table of accounts.
    .next = At most 2 MiB are taken.
owner-import-failed = The file could not be read: { $cause }
owner-change = Change role…
owner-change-title = Change what an account may do
owner-change-go = Change
owner-revoke = Revoke access…
owner-revoke-title = End this access
owner-revoke-means = { $who } loses its subscription first and then its role; both lists are read again as the proof. What it has received it keeps.
owner-revoke-none = May ask again
owner-revoke-bar = Barred for good
owner-revoke-words = Reason
owner-revoke-sent = The account is told this; leave it empty to say nothing.
owner-revoke-go = Revoke
owner-last-owner = This is the only owner of the topic.
owner-last-owner-why = Make somebody else an owner first: a topic without one can be neither approved for nor deleted.
owner-step-down = You would give up the topic: only another owner can give it back.
owner-step-down-other = This account would own the topic no more: only an owner can give it back.
owner-member-held = { $who } changes in { $left } s.
owner-members-held = { $n } accounts change in { $left } s.
owner-revoke-held = { $n ->
    [one] { $who } loses its access in { $left } s.
   *[other] { $n } accounts lose their access in { $left } s.
 }
owner-bar-held = { $n ->
    [one] { $who } is barred in { $left } s.
   *[other] { $n } accounts are barred in { $left } s.
 }
owner-row-changes = Changes in { $n } s
owner-members-sent = Telling the broker, then reading both lists again…
owner-members-done = { $n ->
    [one] Done: the broker's lists show the change.
   *[other] Done: the broker's lists show all { $n } changes.
 }
owner-members-refused = { $n ->
    [one] The broker did not change { $who }. Changed: { $done }.
   *[other] The broker did not change { $n } accounts, among them { $who }. Changed: { $done }.
 }
owner-members-refused-why = This is what its lists show now.
owner-proven = { $n ->
    [one] Proven at { $at }: both lists were read again, and { $who } is gone from them.
   *[other] Proven at { $at }: both lists were read again, and all { $n } are gone from them.
 }
owner-unproven = Not proven: at { $at } the broker's lists still show { $who }.
owner-complaint = The broker said on the way: { $cause }
owner-proof = Proof
owner-proof-gone = Role: { $was } before, { $is } now. Subscriptions: { $had } before, { $has } now.
owner-proof-left = Still there. Role: { $was } before, { $is } now. Subscriptions: { $had } before, { $has } now.
owner-changed-toast = Members of { $topic } changed.
owner-revoked-toast = Access to { $topic } ended, and proven.
owner-unchanged-toast = Members of { $topic }: not all was done.

## Access with an end

owner-grants-none = Nobody reads your topics
owner-grants-none-why = Whoever is on your topics stands here, with the day their access ends and the day somebody last looked.
owner-grants-choose = Nobody selected
owner-grants-choose-why = Select one to keep its access for longer, or to revoke it.
owner-grants-count = { $n ->
    [one] One account
   *[other] { $n } accounts
 }
owner-grants-unknown = { $all } · { $n } let in at an unknown time
owner-grants-due = Due ({ $n })
owner-grant-since = Since
owner-grant-since-unknown = not known: not let in by this console
owner-grant-reviewed = Looked at
owner-grant-never = never by this console
owner-grant-unknown = Let in at an unknown time
owner-grant-over = { $n ->
    [0] Ended today
    [one] Ended a day ago
   *[other] Ended { $n } days ago
 }
owner-grant-soon = { $n ->
    [0] Ends within a day
    [one] Ends in a day
   *[other] Ends in { $n } days
 }
owner-grant-ends = { $n ->
    [one] Ends in a day
   *[other] Ends in { $n } days
 }
owner-grant-review = { $n ->
   *[other] Not looked at for { $n } days
 }
owner-grant-forever = No end
owner-grant-spared = Over; left to you
owner-revoke-over = Revoke what is over…
owner-revoke-over-means = { $n ->
    [one] { $who } loses its subscription first and then its role; both lists are read again as the proof. What it has received it keeps.
   *[other] { $n } accounts lose their subscriptions first and then their roles, among them { $who }; both lists are read again as the proof. What they have received they keep.
 }
owner-revoke-over-none = By the lists that were read, nobody whose time is over only reads: look at them one by one.
owner-ends-title = Access to your topics
owner-ends-over = { $n ->
    [one] One access is over: if the account only reads it ends now, unless you take that back.
   *[other] { $n } accesses are over: where the accounts only read they end now, unless you take that back.
 }
owner-ends-left = { $n ->
    [one] One access is over and left to you: the account is more than a reader, or barred.
   *[other] { $n } accesses are over and left to you: the accounts are more than readers, or barred.
 }
owner-ends-doubt = { $n ->
    [one] One access would be over by this computer's clock, which is far ahead of where it was: it does not end until you say that the clock is right.
   *[other] { $n } accesses would be over by this computer's clock, which is far ahead of where it was: none ends until you say that the clock is right.
 }
owner-clock-ahead = { $n ->
    [one] This computer's clock is a day ahead of where Gridwatch last saw it.
   *[other] This computer's clock is { $n } days ahead of where Gridwatch last saw it.
 }
    .next = Look at the date above. Nothing ends by itself until you say that it is right, or set it back.
owner-clock-now = It shows { $now }.
owner-clock-right = The clock is right
owner-ends-soon = { $n ->
    [one] One access ends soon.
   *[other] { $n } accesses end soon.
 }
owner-ends-review = { $n ->
    [one] One was not looked at for long: keep it, or revoke it.
   *[other] { $n } were not looked at for long: keep them, or revoke them.
 }
owner-ends-words = The time it was given for is over.
owner-column-topic = Topic
owner-keep = Keep

## Rules

owner-rules-open = { $n ->
    [0] Rules…
   *[other] Rules ({ $n })…
 }
owner-rules-title = Rules
owner-rules-why = What a rule decides is held as your own decisions are, can be undone, and is written down as the rule's.
owner-rules-none = There are none: every request waits for you.
owner-rules-new = A new rule
owner-rule-who = Who
owner-rule-who-hint = A domain, or one account
owner-rule-who-domain = Every account of this domain, as it is written.
owner-rule-who-account = This account alone.
owner-rule-who-wrong = This is neither a domain nor an account.
owner-rule-allow = Approve
owner-rule-deny = Deny
owner-rule-all = on all my topics
owner-rule-on = On
owner-rule-off = Off
owner-rule-remove = Remove
owner-rule-add = Add
owner-rule-add-why = It is added switched off.
owner-would-nobody = It would decide nobody who waits now.
owner-would-approve = { $n ->
    [one] It would approve this one now: { $who }.
   *[other] It would approve these { $n } now: { $who }.
 }
owner-would-deny = { $n ->
    [one] It would deny this one now: { $who }.
   *[other] It would deny these { $n } now: { $who }.
 }
owner-would-left = { $n ->
    [one] It leaves one to you: you turned that account away.
   *[other] It leaves { $n } to you: you turned those accounts away.
 }
owner-would-same = { $n ->
    [one] You decided once as it would have.
   *[other] You decided { $n } times as it would have.
 }
owner-would-against = { $n ->
    [one] You decided once against it.
   *[other] You decided { $n } times against it.
 }
owner-kept-gone = What is kept for the owner desk cannot be read or written.
    .next = Decisions still work; rules, ends of access and what was decided before are not at hand.

## Configuration

owner-config-why = As the broker has it. What you change is looked over and held before it is sent.
owner-config-reading = Reading the settings
owner-config-reading-why = The broker is asked for its own form.
owner-config-offline = Not connected
owner-expert = The broker's own names
owner-nothing-set = nothing
owner-config-changes = { $n ->
    [one] One change, not saved
   *[other] { $n } changes, not saved
 }
owner-config-held = Saved in { $n } s.
owner-discard = Discard
owner-review = Look over…
owner-review-title = These settings change
owner-save = Save
owner-saved-all = { $n ->
    [one] The broker kept it.
   *[other] The broker kept all { $n }.
 }
owner-saved-partly = { $n ->
    [one] The broker did not keep it as wished.
   *[other] The broker did not keep all { $n } as wished.
 }
owner-saved-toast = The settings of { $topic } are saved.
owner-saved-partly-toast = The broker did not keep all settings of { $topic } as wished.
owner-seen-it = Seen
owner-came-kept = kept: { $is }
owner-came-changed = changed by the broker: { $is } (wished: { $wished })
owner-came-ignored = ignored: still { $is } (wished: { $wished })
owner-came-unknown = the broker has no such setting (wished: { $wished })
owner-access-open = Anyone
owner-access-presence = My contacts
owner-access-roster = Groups of my contacts
owner-access-authorize = Who I approve
owner-access-whitelist = Only members I enter
owner-publish-publishers = Publishers
owner-publish-subscribers = Everyone who reads
owner-publish-open = Anyone
owner-last-never = Never
owner-last-sub = To new readers
owner-last-presence = To new readers and whenever one comes online
owner-most-max = As many as it can
owner-kind-normal = Normal
owner-kind-headline = Headline
owner-reply-owner = The owner
owner-reply-publisher = The publisher
owner-reply-none = Nobody

## A new topic

owner-create = New topic…
owner-create-heading = New topic
owner-create-node = Name
owner-create-node-hint = Never changes; short, without blanks.
owner-create-type-hint = The namespace of what is published; RFC 8600 §5 asks for it.
owner-create-title-example = Incidents at plants
owner-create-at = at { $broker }
owner-create-begins = It begins with
owner-create-go = Create
owner-creating = Creating…
owner-create-unnamed = A name is needed.
owner-create-long = This name is too long.
owner-create-there = There is a topic of this name.
owner-create-untyped = Say what is published there.
owner-create-offline = A topic can be made only while there is a connection.
owner-created = { $topic } is made, and it is yours.
owner-created-differs = { $n ->
    [one] One setting is not as wished:
   *[other] { $n } settings are not as wished:
 }
owner-bare = { $topic } was made, but the broker did not take its settings.
owner-bare-why = It stands with the broker's own, which may let anybody read. Nothing is published there yet.
owner-bare-readable = Read again, it can be read by accounts that you do not let in.
owner-bare-writable = Read again, accounts that are no publishers can publish there.
owner-bare-delete = Delete it again
owner-bare-again = Set it up again
owner-bare-leave = Leave it so
owner-template-incidents = IODEF incidents
owner-template-indicators = IODEF indicators
owner-template-other = Something else

## What cannot be taken back

owner-lost = What there is on { $topic }
owner-stock-readers = Readers
owner-stock-pending = Waiting for you
owner-stock-owners = Owners
owner-stock-items = Stored reports
owner-stock-unsaid = the broker does not say
owner-count = Count again
owner-counting = Counting…
owner-uncounted = Not counted.
owner-export-first = Export first…
owner-export-why = What this console has received of it can be kept as a file before anything is removed.
owner-type = The topic's name
owner-type-name = Type { $topic } to go on.
owner-purge = Remove all stored reports
owner-purge-means = Every report stored at the broker goes, for everyone. The topic, its readers and what they have received stay.
owner-purge-go = Remove all
owner-purged = All stored reports of { $topic } are removed.
owner-purged-toast = All stored reports of { $topic } are removed.
owner-delete = Delete the topic
owner-delete-means = The topic goes with its reports, its members and its settings. Readers are told, and keep what they have received.
owner-delete-go = Delete
owner-deleted = { $topic } is deleted.
owner-deleted-toast = { $topic } is deleted.
owner-redirect = Where readers should look instead
owner-redirect-why = The address of another topic, if there is one; readers are told.

## Keys

owner-key-approve = Approve the selected request
owner-key-deny = Deny it
owner-key-later = Hold it for a day
owner-key-ask = Ask a question
owner-key-mark = Mark it
owner-key-many = Mark it, mark all, deny those marked
owner-key-undo = Undo what was decided last
owner-key-keep = Keep
owner-key-due = Only what is due
owner-key-filter = Filter
owner-key-invite = Invite
owner-key-change = Change role
owner-key-revoke = Revoke
owner-key-review = Look over and save
owner-key-discard = Discard
owner-key-topic = Other topic

## Words beside a request or a decision, for the other side's client

owner-words-asks = I ask for access to the topic { $topic } at { $broker }.
owner-words-approved = Your request to read the topic { $topic } at { $broker } was approved.
owner-words-denied = Your request to read the topic { $topic } at { $broker } was denied.
owner-words-question = A question about your request to read the topic { $topic } at { $broker }:
owner-words-revoked = Your access to the topic { $topic } at { $broker } has ended.

## Settings of a topic in plain words

owner-section-about = About the topic
owner-section-access = Who may read and publish
owner-section-keeping = What is kept
owner-section-sending = How it is sent
owner-section-telling = Of what else readers are told
owner-section-other = The broker's own settings
owner-set-title = Title
    .next = What the topic is called in lists. Everybody on the grid can read it.
owner-set-description = Description
    .next = What is published here and for whom. Everybody on the grid can read it.
owner-set-type = What is published
    .next = The namespace of the documents. Consoles look for it to find topics of incident reports.
owner-set-language = Language
    .next = Of the reports, as a code: en, de.
owner-set-contact = Contact
    .next = Whom to ask about this topic.
owner-set-access = Who may read
    .next = Let owners approve each reader, or list the readers yourself. Anything else lets in whom nobody decided about.
owner-set-publish = Who may publish
    .next = Publishers you name, or every reader, or anybody.
owner-set-groups = Groups that may read
    .next = Groups of your own contacts. Only for topics that are open to contact groups.
owner-set-persist = Keep what is published
    .next = Who was away can fetch it later. Without it, what is missed is lost.
owner-set-most = How many are kept
    .next = The oldest go when there are more. A console that was away longer has a gap.
owner-set-expire = How long they are kept
    .next = In seconds.
owner-set-size = Largest report
    .next = In bytes. Larger ones are refused.
owner-set-purge = Remove all when a publisher goes offline
    .next = Not for incident reports: what was published would be gone.
owner-set-notify = Tell readers of new reports
    .next = Without it readers must look by themselves.
owner-set-payloads = Send the reports themselves
    .next = Without it readers are told only that there is one, and must fetch it.
owner-set-kind = Kind of message
    .next = Normal messages wait for who is away. Headlines are lost then.
owner-set-last = Send the last report to who subscribes
    .next = Not needed: consoles fetch what is stored. It can bring an old report as if it were new.
owner-set-presence = Only to who is online
    .next = Who is away gets nothing, even later.
owner-set-publisher = Say who published
    .next = Each report then names the account that published it, by the broker's word.
owner-set-tell-config = Changes of these settings
owner-set-tell-delete = The end of the topic
owner-set-tell-retract = Reports that are taken back
owner-set-tell-sub = Who subscribes and leaves
owner-risk-readable = Accounts that no owner decided about will be able to read this topic.
owner-risk-writable = Accounts that are no publishers will be able to publish here.
owner-risk-fleeting = Who is away will miss what is published meanwhile.
owner-risk-unkept = Nothing will be stored: what a reader misses is lost.
owner-risk-shorter = Fewer reports will be kept: the oldest are removed at once.
