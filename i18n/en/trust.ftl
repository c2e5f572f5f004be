# The question about a certificate: never met, changed, faulty, not the one pinned.

trust-unseen = First time you meet { $domain }
trust-unseen-lead = Nothing is wrong with its certificate, and nothing has been sent. Compare the fingerprint with the one your grid's operator gave you by telephone or letter, not over this network.
trust-changed = The key of { $domain } has changed
trust-changed-lead = Nothing has been sent. Servers do renew their keys; but this is also what it looks like when somebody stands between you and the controller. Ask the operator before you go on.
trust-changed-since = The key you know was first met on { $first } and last on { $last }.
trust-faults = The certificate of { $domain } is refused
trust-faults-lead = Nothing has been sent. This is what is wrong with it:
trust-not-pinned = { $domain } shows a key that is not pinned
trust-not-pinned-lead = Nothing has been sent. You pinned the keys this controller may show, and this is none of them.
trust-not-pinned-next = If the operator announced a new key, add its fingerprint as a pin where pins are kept, then connect again. Otherwise stay away and tell the operator: this is what an attack looks like.
trust-pinned-key = Pinned (SHA-256 of the key)

trust-print = SHA-256 fingerprint of the certificate
trust-print-old = Known until now
trust-print-new = Shown now
trust-print-hint = Read it row by row. With openssl: x509 -noout -fingerprint -sha256.
trust-copy = Copy
trust-compared = I compared it with what the operator told me, and it is the same
trust-typed = Its first row, from the operator
trust-typed-hint = Sixteen digits at least, typed or pasted.
trust-typed-right = That is the certificate shown.
trust-typed-wrong = That is not the certificate shown. Do not connect.
trust-reason = Reason
trust-reason-hint = Kept with the exception, on this computer.
trust-end = Until when
trust-days = { $n ->
    [one] One day
   *[other] { $n } days
 }
trust-until = The exception ends { $until }; it holds for this key and these faults only.
trust-pin-alone = For good: pin this key, and let it stand without an authority
trust-never = No exception can be made for this: what is wrong cannot be told from an attack. The controller's operator must mend it.

trust-practice = The practice grid needs no decisions: its authority is this program.
trust-cancel = Do not connect
trust-remember = Connect and remember
trust-accept-changed = Accept the new key
trust-pin = Connect and pin this key
trust-pin-hint = From then on only a pinned key is accepted
trust-except-go = Connect in spite of it
trust-pin-go = Pin this key and connect
trust-manage = Show the pins
