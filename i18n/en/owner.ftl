# Strings of: owner

owner-title = Owner desk
owner-owned = { $n ->
    [0] You own no topic on this grid.
    [one] Requests to read the topic you own.
   *[other] Requests to read the { $n } topics you own.
 }
owner-poll = Check now
owner-polled = Last checked { $ago }
owner-not-polled = Not checked yet
owner-seconds = { $n } s ago
owner-ago = { $age } ago
owner-empty = No requests
owner-empty-polled = Nobody waits for your decision. Last checked { $ago }; new requests appear by themselves.
owner-empty-not-polled = Requests to read your topics will appear here.
owner-owns-nothing = Only the owner of a topic decides who may read it, and you own none on this grid.
owner-none = Nobody waits for your decision.
owner-wants = asks to read { $topic }
owner-seen = first seen { $ago }
owner-identity = Vouched for by its own server, by address only: make sure it is who you think before you approve.
owner-domain-own = your grid
owner-domain-other = another domain
owner-lookalike = This address can be mistaken for { $plain }.
owner-lookalike-why = Some of its letters only look like Latin ones. Ask its owner by another way before you approve.
owner-approve = Approve
owner-approve-hint = Let { $who } read { $topic }
owner-deny = Deny
owner-deny-hint = Refuse { $who } on { $topic }
owner-copy = Copy address
owner-undo = Undo
owner-held-approve = { $who } will be let into { $topic } in { $n } s.
owner-held-deny = { $who } will be refused on { $topic } in { $n } s.
owner-held-why = Nothing has been sent yet.
owner-sending = Telling the broker…
owner-refused = Not done: { $cause }
owner-more = { $n ->
    [one] Show one more request
   *[other] Show the other { $n } requests, by fifty
 }
owner-settled = Decided in this session
owner-approved = { $who } may now read { $topic }
owner-denied = { $who } was refused on { $topic }
owner-gone = { $who } on { $topic }: the request was gone before your answer was sent
owner-gone-why = Gone: withdrawn, or decided by another owner.
owner-gone-toast = The request of { $who } to read { $topic } is gone: withdrawn, or decided by another owner. Nothing was sent.
owner-approved-toast = { $who } may now read { $topic }.
owner-denied-toast = { $who } was refused on { $topic }.
owner-key-select = Select
owner-key-approve = Approve the selected request
owner-key-deny = Deny it
owner-key-undo = Undo the last decision

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
