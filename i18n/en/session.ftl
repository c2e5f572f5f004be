# The connection panel: facts of a session, each with a plain verdict.

session-title = Connection
session-back = Back
session-copy = Copy report
session-save = Save report…
session-retry = Try now
session-form = Connection…
session-look = Look at the certificate…
session-since = Since { $since }, { $server }
session-last = What follows is of the last session that stood.
session-good = good
session-weaker = weaker
session-bad = bad
session-none = none
session-unknown = not known
session-withheld = (withheld)

session-head-good = Connected and well protected
session-head-weaker = { $n ->
    [one] Connected; one point could be stronger
   *[other] Connected; { $n } points could be stronger
 }
session-head-bad = { $n ->
    [one] Connected, but one point is bad
   *[other] Connected, but { $n } points are bad
 }
session-head-connecting = Connecting
session-head-waiting = Not connected; the next attempt comes by itself
session-head-stopped = Not connected: this needs you
session-head-offline = Not connected
session-trouble = What failed last

session-encryption = Encryption
session-version = Version
session-version-12 = Safe here, but 1.3 hides more of the handshake. The controller does not offer it.
session-version-other = No version this console believes to be safe.
session-cipher = Cipher
session-start = Start
session-start-starttls = STARTTLS, required before anything is said
session-start-direct = TLS from the first byte
session-alpn = Protocol (ALPN)

session-login = Login
session-mechanism = Mechanism
session-mechanism-sha1 = SHA-1 still holds in this use, but the controller should offer SCRAM-SHA-256.
session-mechanism-other = Not a mechanism this console counts as strong.
session-binding = Channel binding
session-binding-why = The login holds for this encrypted channel only: nobody between you and the controller can relay it.
session-binding-none = A machine in the middle with a believed certificate could relay this login. The controller offers no SCRAM-…-PLUS that fits.
session-binding-external = by the certificate itself
session-floor = Downgrade memory
session-floor-held = Nothing weaker than { $mechanism } is accepted, since { $since }
session-floor-none = Nothing remembered yet
session-floor-forget = Forget…
session-floor-why = The next login then accepts a weaker mechanism without a word. Do this only if the operator confirmed, by another way than this network, that the controller offers less now.
session-floor-go = Forget it
session-downgrade = Offer checked
session-downgrade-checked = The controller proved that nobody tampered with its offer (XEP-0474)
session-downgrade-unchecked = Not offered by the controller (XEP-0474)
session-iterations = Key stretching
session-iterations-few = Fewer rounds than RFC 7677 asks for: a stolen password file is cheaper to break.
session-profile = Negotiation
session-sasl1 = SASL (RFC 6120)
session-sasl2 = SASL2 (XEP-0388)
session-identity = Client certificate

session-certificate = Certificate of the controller
session-refused = Certificate that was refused
session-chain = Chain
session-chain-unknown = Not told by this session
session-vouched = Vouched for
session-vouched-pin = By its pinned key alone, as you decided
session-vouched-pin-why = No authority stands behind it, so nobody can revoke it for you. It is as good as your comparison was.
session-vouched-exception = { $n ->
    [one] By your exception for: { $faults }. One day left, until { $until }
   *[other] By your exception for: { $faults }. { $n } days left, until { $until }
 }
session-vouched-exception-why = These faults are real. Have the operator mend them before the exception ends.
session-roots-platform = By an authority this computer believes
session-roots-file = By an authority of the file { $file }
session-roots-both = By an authority of this computer's or of the file { $file }
session-roots-own = By this program itself: the practice grid's own authority
session-pin = Pinned key
session-pinned = A pin is set, and the controller showed that key
session-not-pinned = No
session-not-pinned-why = Any believed authority could vouch for another key; you would be asked about the change.
session-changed = Changed key
session-changed-passed = The key differs from the one met before, and was let pass
session-changed-why = Compare its fingerprint with the operator's if you have not.
session-revocation = Revocation
session-revocation-clear = Not revoked, by lists at most { $age } old
session-revocation-until = Good until { $until }.
session-revocation-off = Not checked: switched off for this connection
session-revocation-off-why = A stolen key that its authority has revoked would still be believed.
session-revocation-no-list = Not checked: no revocation list covers this certificate
session-revocation-broken = Not checked: the revocation list cannot be used: { $cause }
session-revocation-forged = Not checked: the revocation list for “{ $whose }” is not signed by its authority
session-revocation-no-authority = Not checked: no authority stands behind this certificate that could list it as revoked
session-revocation-stale = Not checked: the revocation list ended on { $until }
session-revocation-stapled = Not checked: the server sent an OCSP answer along, which Gridwatch does not check, and no revocation list covers this certificate
session-revocation-unchecked-why = A revoked certificate would not be noticed. Give a revocation list (CRL) in the connection's settings.
session-staple = Stapled OCSP
session-staple-unchecked = Not checked
session-subject = For
session-names = Names
session-matched = Matched as { $name }.
session-issued-by = Issued by
session-issuer = Further up
session-issuer-why = Valid until { $until }, { $key }.
session-validity = Valid
session-validity-span = { $from } to { $until }
session-validity-left = { $n ->
    [0] ends today
    [one] one day left
   *[other] { $n } days left
 }
session-validity-over = expired
session-validity-early = not valid yet
session-validity-renew = Ask the controller's operator to renew it.
session-validity-clock = Look at this computer's clock; if it is right, ask the controller's operator.
session-key-kind = Kind of key
session-key-why = Signed by { $signature }.
session-fingerprint = SHA-256
session-key = Key's SHA-256

session-way = The way there
session-account = Signed in as
session-account-told = an account of { $domain }
session-broker = Broker
session-broker-none = none found
session-server = Server
session-address = Address
session-address-proxy = not known: the proxy resolves names
session-srv = SRV record
session-proxy = Proxy

session-management = If the line breaks
session-resumption = Resumption
session-resumable = The session is taken up where it broke
session-resumable-for = { $n ->
    [one] The session is taken up where it broke, within { $n } second
   *[other] The session is taken up where it broke, within { $n } seconds
 }
session-resumed = This one was taken up after a break; nothing was lost on the way.
session-acks = Acknowledgements only
session-acks-why = What was sent is known to have arrived; after a break a new session begins and topics are read again.
session-unmanaged = None (no XEP-0198)
session-unmanaged-why = What was under way when the line breaks is asked for again; an answer may stay unknown.

session-rules = Rules in force
session-rule-tls = Encryption
session-rule-tls-is = TLS 1.2 at least, with extended master secret; never without
session-rule-names = Names
session-rule-names-is = Only a name of the address's domain counts, never the common name
session-rule-passwords = Login
session-rule-passwords-is = Never PLAIN; nothing weaker than seen before
session-rule-roots = Authorities
session-rule-revocation = Revocation
session-rule-revocation-require = Required: no session without valid lists for the whole chain
session-rule-revocation-prefer = Preferred: lists count where there are any
session-rule-revocation-off = Off
session-rule-lists-files = { $n ->
    [one] One list from a file.
   *[other] { $n } lists from files.
 }
session-rule-lists-fetched = Lists are also fetched from the authorities' servers.
session-rule-unseen = New certificates
session-rule-unseen-is = You are asked at the first meeting and at every change
session-rule-pins = Pins
session-rule-pinned = { $n ->
    [one] Only one pinned key is accepted, beside the authority's word
   *[other] Only one of { $n } pinned keys is accepted, beside the authority's word
 }
session-rule-pin-only = { $n ->
    [one] Only one pinned key is accepted, without an authority's word
   *[other] Only one of { $n } pinned keys is accepted, without an authority's word
 }

session-keys = Keys of this controller
session-keys-lead = A pinned key must be shown beside a good certificate: then not even a believed authority can put another in its place.
session-seen = Met
session-seen-why = First { $first }, last { $last }.
session-pin-shown = The controller shows this one now.
session-pin-spare = Not the one shown now.
session-pin-alone = It stands without an authority's word.
session-pin-present = Pin the key shown now
session-unpin = Remove…
session-unpin-why = Without this pin any believed authority can vouch for another key. Removing it is written to the log.
session-unpin-type = Its first row, typed or pasted
session-unpin-hint = Sixteen digits at least, as shown above.
session-unpin-wrong = These are not the digits of this pin.
session-unpin-go = Remove this pin
session-keep = Keep
session-backup = Add a backup pin
session-backup-hint = SHA-256 of the spare key, from the operator: hexadecimal or base64.
session-backup-wrong = This is no SHA-256 fingerprint.
session-backup-add = Add
session-exception = Exception
session-exception-why = For { $faults }, until { $until }. Reason: { $why }
session-exception-told = For { $faults }, until { $until }.
session-revoke = End it

session-report = Gridwatch connection report
session-report-made = Made { $at } by Gridwatch { $version }. No password, no incident and no person's address is in it.

# The stream as it is spoken.
session-stream-open = Watch the stream
session-stream-title = Stream
session-stream-back = Back to the connection
session-stream-on = Start recording
session-stream-off = Stop and forget
session-stream-hold = Hold still
session-stream-follow = Follow
session-stream-note = Recording. Passwords, proofs and session tokens are masked; incident text is not. All of it is in memory only and is forgotten when you stop.
session-stream-none = Nothing is recorded
session-stream-none-why = Start recording to see every stanza sent and received, with its secrets masked.
session-stream-waiting = Nothing has been said yet
session-stream-waiting-why = What is sent and received from now on appears here.
session-stream-choose = Choose a stanza to read it
session-stream-choose-why = It shows whole, with its secrets masked.
session-stream-sent = sent
session-stream-heard = received
session-stream-copy = Copy
session-stream-bytes = { $n ->
    [one] one byte
   *[other] { $n } bytes
}
