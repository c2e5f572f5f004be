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
