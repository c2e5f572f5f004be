# Strings of: error
# `key` says what happened, `.next` what the person can do. One sorted block per layer.

## engine

error-busy = Gridwatch is still busy with earlier commands.
    .next = Try again in a moment.
error-offline = Not connected to a grid.
    .next = Connect first; what you see stays usable meanwhile.
error-publish-unknown = Whether the report "{ $item }" reached the topic "{ $topic }" is not known: the connection broke before the broker answered, and the broker could not be asked.
    .next = Look for it in the topic. Publishing it again is safe: it keeps its id, so it cannot be there twice.
error-timeout = No answer in time while { $what }.
    .next = Try again; if it stays so, the grid's operator should look at the controller.
error-unreachable = { $target } cannot be reached: { $cause }
    .next = Check the network and the address. Gridwatch tries again by itself.

## Finding the controller

error-dial-forbidden = This computer does not allow a connection to { $target }.
    .next = A firewall of this computer forbids it. Ask who looks after the computer. Gridwatch tries again by itself.
error-dial-no-host = There is no way to { $target }.
    .next = The server or a network before it is down. Gridwatch tries again by itself; if it stays so, tell the grid's operator.
error-dial-no-network = This computer has no network that leads to { $target }.
    .next = Check the network, or the VPN if the grid is behind one. Gridwatch tries again by itself.
error-dial-no-server = None of the { $count } servers of { $domain } can be reached.
    .next = Each is listed with its cause. Check the network; if it is well, tell the grid's operator. Gridwatch tries again by itself.
error-dial-not-offered = { $domain } says in its DNS that it offers no XMPP to clients.
    .next = Check the address, or ask the grid's operator for the server's host and enter it in the connection's settings.
error-dial-refused = { $target } refuses connections.
    .next = The controller is not running there, or the port is another one. Gridwatch tries again by itself.
error-dial-timeout = { $target } does not answer.
    .next = A firewall may swallow the connection, or the server is down. Gridwatch tries again by itself.
error-dns-no-address = DNS has no address for { $name }.
    .next = Check the address. If it is right, the grid's operator must enter the server in DNS, or tell you its host.
error-dns-no-name = DNS knows no { $name }.
    .next = Check the spelling of the address. If it is right, you may need the VPN in which the name is known.
error-dns-no-network = { $name } cannot be looked up: no DNS server can be reached.
    .next = Check this computer's network. Gridwatch tries again by itself.
error-dns-no-servers = { $name } cannot be looked up: no DNS server is set on this computer.
    .next = Connect to a network, or ask who looks after the computer. Gridwatch tries again by itself.
error-dns-not-a-name = { $name } cannot be a name in DNS.
    .next = Check the host in the connection's settings, or the address.
error-dns-refused = The DNS server refuses to look up { $name }.
    .next = Your network's DNS may serve only its own names. Ask who looks after the network. Gridwatch tries again by itself.
error-dns-server = The DNS server could not look up { $name }.
    .next = The domain's own DNS is broken, or its signatures are. Tell the grid's operator if it stays so. Gridwatch tries again by itself.
error-dns-timeout = DNS does not answer about { $name }.
    .next = Check the network. Gridwatch tries again by itself.
error-dns-unreadable = The answer of DNS about { $name } is unreadable.
    .next = Something on the network may meddle with DNS. Try another network. Gridwatch tries again by itself.
error-proxy-forbidden = The proxy { $proxy } does not allow connections to { $target }.
    .next = Ask who looks after the proxy to allow this host and port. Gridwatch tries again by itself.
error-proxy-hung-up = The proxy { $proxy } hung up instead of answering.
    .next = It may be overloaded, or set as another kind of proxy than it is. Check the connection's settings. Gridwatch tries again by itself.
error-proxy-injected = The proxy { $proxy } sent bytes that nobody asked for.
    .next = Nothing was sent through it. Tell who looks after the proxy.
error-proxy-login-refused = The proxy { $proxy } refused the login.
    .next = Check the user and password of the proxy. Gridwatch does not try again by itself, so that the account is not locked.
error-proxy-login-unusable = The user or password of the proxy { $proxy } cannot be sent to it.
    .next = They are empty, too long or have a colon or control character where none may be. Check them in the connection's settings.
error-proxy-login-wanted = The proxy { $proxy } wants a login.
    .next = Enter its user and password in the connection's settings.
error-proxy-not-one = { $proxy } does not speak the language of such a proxy ({ $kind }).
    .next = Check host, port and kind of the proxy in the connection's settings.
error-proxy-onward-host = The proxy { $proxy } cannot find or reach { $target }.
    .next = The server may be down, or its name is not known to the proxy. Check the address. Gridwatch tries again by itself.
error-proxy-onward-network = The proxy { $proxy } has no network that leads to { $target }.
    .next = Tell who looks after the proxy. Gridwatch tries again by itself.
error-proxy-onward-refused = { $target } refuses connections from the proxy { $proxy }.
    .next = The controller is not running there, or the port is another one. Gridwatch tries again by itself.
error-proxy-onward-timeout = { $target } does not answer the proxy { $proxy }.
    .next = The server may be down. Gridwatch tries again by itself.
error-proxy-other = The proxy { $proxy } did not connect; it answered: { $answer }
    .next = Tell who looks after the proxy. Gridwatch tries again by itself.
error-proxy-unreachable = The proxy { $proxy } cannot be reached: { $cause }.
    .next = Check the network, and the proxy's host and port in the connection's settings. Gridwatch tries again by itself.

## Fetching revocation lists

error-fetch-address = “{ $url }” is no address a revocation list can be fetched from.
    .next = Only http:// is used. Add the list as a file in the connection's settings.
error-fetch-broken = The answer from “{ $url }” broke off or is no HTTP.
    .next = Gridwatch tries again at the next connection.
error-fetch-redirected = “{ $url }” sends elsewhere: too often, to another host or to what is no plain HTTP.
    .next = Add the list as a file in the connection's settings, and tell the certificate's authority.
error-fetch-status = “{ $url }” answered HTTP { $status } instead of a revocation list.
    .next = Tell the certificate's authority; until then the list can be added as a file.
error-fetch-timeout = “{ $url }” did not answer in time.
    .next = Gridwatch tries again at the next connection.
error-fetch-too-large = The revocation list at “{ $url }” is larger than { $mebibytes } MiB.
    .next = It was not read. Tell the certificate's authority.
error-fetch-unreachable = “{ $url }” cannot be reached: { $cause }.
    .next = Gridwatch tries again at the next connection.

## practice

error-practice-listen = The practice grid cannot use port { $port } of this computer: { $cause }
    .next = Choose another with --practice-port; 0 takes any that is free.
error-practice-start = The practice grid cannot start: { $cause }
    .next = Restart Gridwatch.

## secrets

error-keychain-absent = This computer has no keyring service that Gridwatch can reach.
    .next = Passwords are kept until you close Gridwatch. To keep them longer, install a keyring such as gnome-keyring or KeePassXC and log in again.
error-keychain-ambiguous = Your keyring has { $count } passwords under this one name.
    .next = Remove all but one in your keyring's own program.
error-keychain-frozen = Your keyring does not answer.
    .next = Passwords are kept until you close Gridwatch. Restart the keyring, or log in again, to keep them longer.
error-keychain-locked = Your keyring is locked.
    .next = Unlock it and try again; or type the password, which is then kept until you close Gridwatch.
error-keychain-not-set-up = Your keyring service runs but has no keyring to keep passwords in.
    .next = Create a default keyring in your keyring's own program. Until then passwords are kept until you close Gridwatch.
error-keychain-refused = Your keyring refused: { $cause }
    .next = Passwords are kept until you close Gridwatch.

## settings

error-settings-known = What is remembered of controllers is not readable: { $path } ({ $cause }).
    .next = Nothing was sent: pins and decisions stand in it. Put it back from a copy, or move it away and meet every controller anew.
error-settings-newer = The settings in { $path } were written by a newer Gridwatch (version { $version }).
    .next = They are read as far as this version understands them and are not changed. Use the newer Gridwatch to change them.
error-settings-no-home = There is no home directory to keep settings in.
    .next = Start Gridwatch with --home and a directory, or set GRIDWATCH_HOME.
error-settings-read = The settings in { $path } cannot be read: { $cause }
    .next = Gridwatch runs with its defaults. Check the file's owner and permissions, then start again.
error-settings-set-aside = The settings in { $path } are not readable ({ $cause }). The file is kept as { $aside }.
    .next = Gridwatch begins with its defaults. Mend the kept file and move it back to have your profiles again.
error-settings-write = The settings cannot be written to { $path }: { $cause }
    .next = What you chose lasts until you close Gridwatch. Check the disk's space and the directory's permissions.

## store

error-shelf-damaged = { $what ->
        [draft] A draft ({ $name })
        [card] A contact card ({ $name })
        [organisation] What your organisation always writes
        [template] A template ({ $name })
        [numbers] What is known of your incident numbers
        [outbox] Something that waited to be sent ({ $name })
        [label] For whom a topic is ({ $name })
        [reached] Who got what you published last in a topic ({ $name })
        [rule] A rule of the owner desk ({ $name })
        [grant] An access with an end ({ $name })
        [decision] What was decided about an account ({ $name })
        [hold] What was put on hold ({ $name })
       *[other] Something that was kept ({ $name })
    } cannot be read: { $cause }. It stands aside as it is; nothing is written over it.
    .next = Look at its text, take over what is of use, and discard it.
error-shelf-later = { $what ->
        [draft] Drafts
        [card] Contact cards
        [organisation] What your organisation always writes
        [template] Templates
        [numbers] What is known of your incident numbers
        [outbox] What waits to be sent
        [reached] Who got what you published last
        [rule] Rules of the owner desk
        [grant] Accesses with an end
        [decision] What was decided about accounts
        [hold] What was put on hold
       *[other] What was kept
    } ({ $count }): a newer Gridwatch wrote it. It is not shown here and stays as it is; nothing is written over it.
    .next = Use the newer Gridwatch to see and change it.
error-store-full = The store is full: { $rows } rows are kept, newer incidents are not.
    .next = Restart Gridwatch to begin with an empty store.
error-store-no-room = The disk is full, so newer incidents are not stored. What is stored can be read as before.
    .next = Make room on the disk. Nothing is acknowledged to the controller meanwhile; it is asked again after you reconnect.
error-store-read-only = The archive may not be written, so newer incidents are not stored. What is stored can be read as before.
    .next = Allow this user to write the archive's folder, or move it to a disk that can be written, and reconnect.
error-store-busy = Another program uses the archive's file, so newer incidents are not stored. What is stored can be read as before.
    .next = Wait: it is tried again by itself, and nothing is acknowledged to the controller meanwhile. If it stays so, end the program that backs up or checks that file.
error-store-damaged = The archive's file is damaged: { $cause }.
    .next = End the session and check the archive: what can be read is offered for recovery. Nothing that is not stored is acknowledged meanwhile.
error-store-disk = The archive could not be read or written: { $cause }.
    .next = Check the disk, then reconnect.
error-store-newer = A newer Gridwatch wrote what is kept there; it stays as it is, and this was not kept.
    .next = Use the newer Gridwatch to change it.
error-store-summary = An older version of this program summarised this document in another way.
error-store-lost = This incident could not be read out of a damaged archive. When its topic still stores it, it is fetched again.
error-store-poisoned = The store was left in an unknown state, so nothing more is written to it.
    .next = Restart Gridwatch.

## Login (SASL)

error-sasl-nothing-offered = The controller offers no way to log in.
    .next = Ask its operator to enable SCRAM-SHA-256.
error-sasl-no-mechanism = The controller offers only login methods that Gridwatch refuses: { $offered }.
    .next = They would hand over the password or prove nothing. Ask its operator to enable SCRAM-SHA-256.
error-sasl-unpreparable = The account name or password is empty or has characters that a login may not use.
    .next = Check both for stray control characters.
error-sasl-no-password = The server wants a password for this account, and none was given. Enter it and connect again.
error-sasl-no-certificate = The controller wants a client certificate, and this profile has none.
    .next = Ask its operator for one, and choose its file in the profile.
error-sasl-certificate-not-offered = The controller does not log in by certificate, and there is no password to use instead.
    .next = Enter the account's password, or ask the operator to enable logins by certificate.
error-sasl-certificate-refused = The controller refused the login by certificate ({ $condition }). No password was tried instead.
    .next = Check that the certificate is for this account and has not expired or been revoked.
error-sasl-weaker = The controller now offers only weaker ways to log in than before: { $offered }. This account has used { $known }; { $missing } is missing.
    .next = This is what an attack on the connection looks like. Nothing that stands for the password was sent. Ask the operator whether it was changed on purpose, and only then lower the floor in the connection panel.
error-sasl-offer-changed = Somebody on the way changed the list of login methods that the controller sent.
    .next = This is an attack on the connection. Nothing that stands for the password was sent. Tell the controller's operator.
error-sasl-offer-unproved = The controller did not prove that its list of login methods is its own, as it did before or as this list calls for.
    .next = Nothing that stands for the password was sent. Ask the operator whether that was changed on purpose, and only then lower the floor in the connection panel.
error-sasl-continue = The controller accepts the login so far, but wants more that Gridwatch cannot do: { $tasks }.
    .next = Ask its operator to exempt this account, or to give it a client certificate.
error-sasl-random = This computer gave no random numbers, so a safe login is not possible.
    .next = Restart the computer; if it happens again, ask who looks after it.
error-sasl-malformed = The controller's part of the login is malformed ({ $rule }).
    .next = The password was not sent. Tell the controller's operator.
error-sasl-foreign-nonce = The controller answered another login than ours.
    .next = This may be an attack on the connection. The password was not sent. Tell the controller's operator.
error-sasl-few-iterations = The controller asks for only { $count } rounds of key stretching; { $least } are the least.
    .next = Weak stretching helps whoever wants to guess the password. Ask its operator to raise the count.
error-sasl-many-iterations = The controller asks for { $count } rounds of key stretching; { $most } are the most.
    .next = That would block this computer for long. Tell the controller's operator.
error-sasl-too-slow = The controller asks for { $count } rounds of key stretching, which takes this computer longer than { $seconds } seconds.
    .next = Tell the controller's operator.
error-sasl-false-server = The controller could not prove that it knows your password.
    .next = It may be an impostor. Do not try again before its operator has explained it.
error-sasl-early-success = The controller claimed a successful login without proving that it knows your password.
    .next = It may be an impostor. Do not try again before its operator has explained it.
error-sasl-interrupted = The login was interrupted.
    .next = Try again.
error-sasl-not-authorized = The account name or password is wrong.
    .next = Check both. Gridwatch does not try again by itself, so that the account is not locked.
error-sasl-account-disabled = This account is disabled.
    .next = Ask the controller's operator.
error-sasl-credentials-expired = The password of this account has expired.
    .next = Set a new one with the controller's operator.
error-sasl-temporary = The controller cannot check passwords at the moment.
    .next = Gridwatch tries again by itself.
error-sasl-refused = The controller refused the login ({ $condition }).
    .next = Ask the controller's operator.

## Client certificate

error-identity-file = The client certificate { $path } cannot be read: { $cause }.
    .next = Check that the file is there and may be read, or choose another in the profile.
error-identity-mismatch = The private key belongs to none of the certificates in the file.
    .next = Put the key and the certificate made for it into one file.
error-identity-needs-passphrase = The client certificate's key is encrypted.
    .next = Enter its passphrase.
error-identity-no-certificate = There is no certificate in the file.
    .next = Choose a file with both the certificate and its private key, PEM or PKCS#12.
error-identity-no-key = There is no private key in the file.
    .next = Choose a file with both the certificate and its private key, PEM or PKCS#12.
error-identity-not-a-file = The client certificate { $path } is no plain file.
    .next = Choose another in the profile.
error-identity-old-encryption = The private key is encrypted in a way that OpenSSL used before PKCS#8, and that protects it badly.
    .next = Convert it: openssl pkcs8 -topk8 -in old.pem -out new.pem
error-identity-several-keys = There are { $count } private keys in the file, and it is not clear which one to use.
    .next = Put one key with its certificate into a file of its own.
error-identity-too-large = The client certificate { $path } is too large for a certificate and its key.
    .next = Choose another in the profile.
error-identity-unknown = The file is neither PEM nor PKCS#12.
    .next = Choose a file with the certificate and its private key, PEM or PKCS#12.
error-identity-unreadable = The client certificate's file is damaged ({ $part }).
    .next = Get it again from whoever issued it.
error-identity-unsupported = Gridwatch does not know this { $what } of a client certificate.
    .next = Ask for an ECDSA, Ed25519 or RSA key of 2048 bits or more, encrypted with AES.
error-identity-wrong-passphrase = The passphrase of the client certificate is wrong.
    .next = Enter it again.

## TLS

error-cert-several = The certificate of { $domain } has { $count } faults. Its SHA-256 fingerprint: { $fingerprint }
    .next = No password and no report was sent. Each fault is listed; show them to the controller's operator.
error-cert-unseen = This account has never met the certificate of { $domain }. Its SHA-256 fingerprint: { $fingerprint }
    .next = Nothing was sent. { error-cert-next-compare }
error-cert-changed = { $domain } has another key than the one known since { $since }. Its certificate's SHA-256 fingerprint: { $fingerprint }
    .next = Nothing was sent. { error-cert-next-compare }
error-cert-not-pinned = { $domain } shows a key that is none of those pinned for it: { $key }
    .next = Nothing was sent. { error-cert-next-compare }

error-cert-expired = The certificate “{ $whose }” expired on { $date }. It is now { $now }.
    .next = Nothing was sent. { error-cert-next-renew }
error-cert-not-yet-valid = The certificate “{ $whose }” is valid only from { $date }. It is now { $now }.
    .next = Nothing was sent. { error-cert-next-clock }
error-cert-inverted = The certificate “{ $whose }” ends before it begins.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-disjoint = The certificates of the chain are valid at no common time, so nothing tells who signed them.
    .next = Nothing was sent. { error-cert-next-attack }
error-cert-wrong-host = The certificate is for { $presented }, not for { $wanted }.
    .next = Nothing was sent. { error-cert-next-domain }
error-cert-no-name = The certificate names no host in the form that is checked today; { $wanted } is wanted.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-self-signed = The certificate is self-signed: nobody this computer trusts vouches for it.
    .next = Nothing was sent. { error-cert-next-authority }
error-cert-unknown-authority = The certificate was issued by “{ $issuer }”, which this computer does not trust.
    .next = Nothing was sent. { error-cert-next-authority }
error-cert-incomplete = The server leaves out the certificate of “{ $issuer }”, which issued its own.
    .next = Nothing was sent. { error-cert-next-complete }
error-cert-ca-as-server = The certificate is one for authorities, used as a server's.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-not-ca = “{ $whose }” signed a certificate and is no authority.
    .next = Nothing was sent. { error-cert-next-attack }
error-cert-path-length = More authorities stand in a row than one of them allows.
    .next = Nothing was sent. { error-cert-next-attack }
error-cert-name-constraint = An authority signed for a name that it may not sign for.
    .next = Nothing was sent. { error-cert-next-attack }
error-cert-bad-signature = A signature of the certificate is wrong: it is broken or forged.
    .next = Nothing was sent. { error-cert-next-attack }
error-cert-weak = The certificate “{ $whose }” uses cryptography that is too weak: { $what }.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-wrong-purpose = The certificate is not meant for servers.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-version = The certificate is of an obsolete version of X.509.
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-critical-extension = The certificate holds a rule that must be understood to believe it, and Gridwatch does not know it ({ $oid }).
    .next = Nothing was sent. { error-cert-next-reissue }
error-cert-revoked = The certificate “{ $whose }” has been revoked by its authority.
    .next = No password and no report was sent. { error-cert-next-attack }
error-cert-unchecked = No revocation list covers the certificate “{ $whose }”, and this connection requires one.
    .next = No password and no report was sent. { error-cert-next-list }
error-cert-list-stale = The revocation list for the certificate “{ $whose }” ended on { $until }, and this connection requires a valid one.
    .next = No password and no report was sent. { error-cert-next-list }
error-cert-list-forged = The revocation list for the certificate “{ $whose }” is not signed by its authority, and this connection requires a valid one.
    .next = No password and no report was sent. { error-cert-next-list }
error-cert-list-broken = No revocation list for the certificate “{ $whose }” can be used ({ $cause }), and this connection requires one.
    .next = No password and no report was sent. { error-cert-next-list }
error-cert-key-not-pinned = The key is none of those pinned: { $key }
    .next = Nothing was sent. { error-cert-next-compare }
error-cert-key-changed = The key is another than the one known since { $since }.
    .next = Nothing was sent. { error-cert-next-compare }
error-cert-unreadable = The certificate cannot be read.
    .next = Nothing was sent. { error-cert-next-show }
error-cert-other = The certificate was refused: { $cause }.
    .next = Nothing was sent. { error-cert-next-show }

error-exception-never = No exception can be made for this fault.
    .next = Tell the controller's operator.
error-exception-no-fault = There is no fault to except.
    .next = Compare the fingerprint instead.
error-exception-too-long = This exception may last at most { $days } days.
    .next = Choose an earlier end.

error-cert-risk-stale = Nobody vouches for a certificate outside of its time: its key may have been stolen, and withdrawing it is no longer announced.
error-cert-risk-name = You may be talking to another server, which could take your login and read and forge all that follows.
error-cert-risk-unvouched = Anybody can make such a certificate. Without comparing its fingerprint you cannot know whose it is.
error-cert-risk-forged = Somebody on the way may have made or changed it.
error-cert-risk-weak = Such cryptography can be broken or forged by others.
error-cert-risk-chain = Whoever made it had no right to, or did not follow the rules that make a certificate believable.
error-cert-risk-revoked = Its authority withdrew it, often because the key was stolen. Whoever has the key can pose as the controller.
error-cert-risk-unchecked = The certificate may have been withdrawn, and nobody would tell you.
error-cert-risk-key = Either the operator changed the key, or somebody stands between you and the controller with a certificate of their own.

error-cert-next-renew = The controller's operator must renew it. If today's date is wrong, set this computer's clock.
error-cert-next-clock = Check this computer's clock; if it is right, tell the controller's operator.
error-cert-next-reissue = The controller's operator must have a correct one issued: X.509 version 3 for a server (CA:FALSE), the domain as a subject alternative name, a key of RSA 2048 or ECDSA P-256 at least, signed with SHA-256 or better.
error-cert-next-domain = You may have reached another server. Check the account's domain, then ask the controller's operator.
error-cert-next-authority = If the grid has an authority of its own, give its CA file in the connection's settings. If not, ask the controller's operator for the fingerprint and compare.
error-cert-next-complete = The controller's operator can add the missing certificate to the chain. Until then its CA file in the connection's settings helps.
error-cert-next-attack = This may be an attack. Do not connect. Tell the controller's operator by telephone.
error-cert-next-list = Give a newer revocation list in the connection's settings, or let Gridwatch fetch it from where the certificate says. The grid's authority issues it.
error-cert-next-compare = Ask the controller's operator by telephone for the fingerprint and compare it, letter by letter.
error-cert-next-show = Show this to the controller's operator.

error-tls-no-authorities = This computer has no list of trusted certificate authorities.
    .next = Install the package ca-certificates, or give the grid's CA file in the connection's settings.
error-tls-ca-file = The authorities in { $path } cannot be used: { $cause }.
    .next = Choose a PEM file with the grid's CA certificate.
error-tls-domain = “{ $domain }” cannot be a server's name in TLS.
    .next = Check the account's domain.
error-tls-too-old = The controller and this computer have no safe TLS version in common ({ $cause }).
    .next = Gridwatch needs TLS 1.2 with extended master secret, or TLS 1.3. Ask the controller's operator.
error-tls-alpn = The server on this port speaks TLS but not XMPP.
    .next = Check the port.
error-tls-not-tls = The server on this port does not start with TLS.
    .next = If this is the usual port 5222, choose STARTTLS.
error-tls-client-certificate = The controller lets nobody in without a client certificate.
    .next = Ask its operator for one, and choose its file in the profile.
error-tls-identity-refused = The controller does not accept this profile's client certificate ({ $cause }).
    .next = Check that it has not expired and is from an authority the controller believes, or ask its operator.
error-tls-link = The connection broke while it was being secured: { $cause }.
    .next = Gridwatch tries again by itself.
error-tls-other = The connection could not be secured: { $cause }.
    .next = Show this to the controller's operator.

## drafts
error-draft-changed = The draft is not as it was kept: a part of it is damaged or missing.
    .next = Take an earlier copy of it. What is left is not opened, so that half a draft is not published for a whole one.
error-draft-newer = The draft was kept by a later version of this program (form { $version }).
    .next = Open it with that version.
error-draft-other = This is no draft of this program.
    .next = Open it as a document if it is one.

## numbers of incidents
error-number-braces = A scheme has { "{" }year{ "}" } and { "{" }number{ "}" } in braces, and nothing else.
    .next = Write it like { "{" }year{ "}" }-{ "{" }number:4{ "}" }, for up to twelve digits.
error-number-digits = Digits right beside the number could not be told from it.
    .next = Put a letter or a hyphen between them.
error-number-no-number = A scheme needs the number in it, once.
    .next = Write it like { "{" }year{ "}" }-{ "{" }number:4{ "}" }.
error-number-words = The scheme is too long, or has blanks in it.
    .next = Use letters, digits and hyphens, 60 at most.

## iodef
error-iodef-doctype = The document brings a document type declaration (DOCTYPE), which is refused: it can make a reader fetch or swell.
    .next = Look at the raw text. Ask the sender for the document without it.
error-iodef-edit = The change cannot be made: the element it is about is not there, or has no place for it.
    .next = Close the form and open it again.
error-iodef-encoding = The document is written in { $name }; this console reads UTF-8, which IODEF asks for.
    .next = Convert it to UTF-8, or ask the sender to.
error-iodef-foreign = The document is XML, but no incident document.
    .next = Look at the raw text.
error-iodef-limit = { $what ->
    [bytes] The document is larger than the 32 MB this console reads.
    [depth] The document is nested deeper than the 256 levels this console reads.
    [elements] The document has more than the 500,000 elements this console reads.
    [attributes] An element has more attributes than this console reads, or all of them together have.
    [namespaces] The document names more namespaces than this console reads.
    [name] A name in the document is longer than this console reads.
    [parts] The document has more comments and stretches of text than this console reads.
   *[other] The document is larger, deeper or wider than this console reads.
 }
    .next = Look at the raw text, or save it and open it with another tool.
error-iodef-namespace = The document is called IODEF-Document but does not say that it is IODEF (its namespace is another).
    .next = Look at the raw text. Ask the sender to declare the namespace of RFC 7970.
error-iodef-no-incident = The document holds no incident.
    .next = Look at the raw text.
error-iodef-root = The document is a part of an IODEF document, not a whole one. What could be read is shown.
    .next = Compare it with the raw text before acting on it.
error-iodef-syntax = Not well-formed XML, line { $line }, column { $column }: { $what ->
    [mismatch] an end tag closes another element than the one that is open.
    [utf8] these bytes are no UTF-8.
    [character] a character that XML does not allow.
    [prefix] a namespace prefix that is not declared, or not declared rightly.
    [twice] the same attribute twice.
    [reference] a reference (&…;) that stands for nothing.
    [name] this is no name XML allows.
    [outside] something stands beside the root element.
    [cut] the document ends before it is complete.
   *[markup] the marks are in disorder.
 }
    .next = Look at the raw text. Ask the sender to send it again.
error-iodef-v1-attribute = Line { $line }: an attribute that version 2 has no place for.
error-iodef-v1-counter = Line { $line }: version 1 does not say what kind of counter this is; a count, or a rate where a duration is given.
error-iodef-v1-domain-status = Line { $line }: a host name of version 1 says nothing of the state of its domain; shown as unknown.
error-iodef-v1-generation-time = Line { $line }: version 1 does not say when a document was made; the time of the report stands for it.
error-iodef-v1-impact = Line { $line }: the kind of impact has other words in version 2; the old word is kept as the incident's category.
error-iodef-v1-kept = Line { $line }: version 2 has no place for this; it is kept as it was written.
error-iodef-v1-reference = Line { $line }: the name of a reference is kept as its description.
error-iodef-v1-software = Line { $line }: the software is described in words.


# xmpp::xml
error-xml-banned = The other side sent XML that XMPP forbids.
    .next = The connection was closed for safety. Tell the operator of the server if it happens again.
error-xml-encoding = The other side sent bytes that are not UTF-8 text.
    .next = The connection was closed for safety. Tell the operator of the server if it happens again.
error-xml-format = What answered is not an XMPP server.
    .next = Check the host and the port.
error-xml-limit = The other side sent more than this console accepts.
    .next = The connection was closed for safety. Ask the sender what it was.
error-xml-malformed = The other side sent broken XML.
    .next = The connection was closed for safety. Tell the operator of the server if it happens again.
error-xml-prefix = The other side sent XML with a namespace prefix it never declared.
    .next = The connection was closed for safety. Tell the operator of the server if it happens again.

## Login

error-login-no-starttls = The server at this address offers no encryption.
    .next = Nothing was sent. Either it is not set up for it, or somebody on the way took the offer out. Check the address and the port; ask the controller's operator.
error-login-starttls-refused = The server refused to start encryption.
    .next = Nothing was sent. Ask the controller's operator.
error-login-injected = Somebody slipped bytes in before the encryption began.
    .next = Nothing was sent. This is an attack or a badly broken server. Tell the controller's operator.
error-login-protocol = The server broke the rules of the login: { $rule }.
    .next = Check the address and the port; show this to the controller's operator.
error-login-bind = The server accepted the password but gives no session ({ $condition }).
    .next = There may be too many sessions of this account. Close others and try again.

## Stream

error-sm-protocol = The controller broke the rules by which stanzas are acknowledged and sessions taken up again (XEP-0198).
    .next = Gridwatch starts a fresh session and reads again what it may have missed. If it happens again, tell the grid's operator.
error-sm-silent = The controller promised to acknowledge what it receives and does not.
    .next = Gridwatch starts a fresh session and reads again what it may have missed. If it happens again, tell the grid's operator.
error-sm-too-high = The controller acknowledged stanzas that were never sent.
    .next = Gridwatch starts a fresh session and reads again what it may have missed. If it happens again, tell the grid's operator.
error-stream-link = The connection broke: { $cause }.
    .next = Gridwatch tries again by itself.
error-stream-closed = The controller closed the connection.
    .next = Gridwatch tries again by itself.
error-stream-refused = The controller sent what is not allowed on a stream: { $detail }.
    .next = The connection was closed; nothing of it was used. Gridwatch tries again by itself. If it happens again, tell the controller's operator.
error-stream-conflict = Another program logged in to this account under the same name and took this session's place.
    .next = Close the other one, then connect again.
error-stream-host = The server at this address does not serve the domain of your account.
    .next = Check the account and the address.
error-stream-elsewhere = The server wants to send you to another address.
    .next = Gridwatch does not follow such a hint. Ask the controller's operator for the right address.
error-stream-shutdown = The controller is shutting down or restarting.
    .next = Gridwatch tries again by itself.
error-stream-peer = The controller ended the connection ({ $condition }).
    .next = If it happens again, show this to the controller's operator.
error-stream-not-xml = A text has a character that cannot be sent.
    .next = Remove control characters from what you entered.
## report


# xmpp::pubsub (XEP-0060)
error-pubsub-access-model = The broker does not offer this kind of access.
    .next = Choose another access model.
error-pubsub-closed-node = This topic takes only people its owner has listed.
    .next = Ask the owner to list your address.
error-pubsub-configuration-required = This topic wants options to be set before it delivers anything.
    .next = Subscribe again: Gridwatch then sets the options the topic asks for. If it stays so, ask the topic's owner.
error-pubsub-invalid-jid = The broker takes this only from the account it is about.
    .next = Check the address; one account cannot subscribe another.
error-pubsub-invalid-options = The broker does not take these options for a subscription.
    .next = Read the options again and change only what the topic offers.
error-pubsub-invalid-payload = The broker does not take this document.
    .next = Check that it is of the type the topic carries, and one document only.
error-pubsub-invalid-subid = The broker does not know this subscription.
    .next = Read the topics again; the subscription may have been ended or renewed elsewhere.
error-pubsub-item-forbidden = This topic only announces; it takes no documents.
    .next = Publish to another topic, or ask the owner what this one is for.
error-pubsub-item-required = The broker wants one item where there was none.
    .next = This may be a fault of Gridwatch or of the broker. Report it with the diagnostics.
error-pubsub-jid-required = The broker wants to know which account is meant.
    .next = Give the account's address.
error-pubsub-max-items = The topic has as many items as it may.
    .next = Ask the owner to raise the limit or to remove old items.
error-pubsub-max-nodes = This account has as many topics as the broker allows.
    .next = Delete one that is no longer needed, or ask the broker's operator.
error-pubsub-no-feature = This broker cannot do that (it lacks “{ $feature }”).
    .next = Ask the operator of the broker whether it can be turned on.
error-pubsub-nodeid-required = The broker wants the topic to be named.
    .next = Give the topic a name.
error-pubsub-not-subscribed = You are not subscribed to this topic.
    .next = Subscribe first, or read the topics again if you thought you were.
error-pubsub-payload-required = This topic takes no item without a document.
    .next = Publish with a document.
error-pubsub-payload-too-big = The document is larger than the broker takes.
    .next = Leave out attachments or split the report.
error-pubsub-pending = Your request waits for the owner's decision.
    .next = You are told when the owner has decided.
error-pubsub-precondition = The topic is not set up as you expected, so nothing was published.
    .next = Look at the topic's access and type before you publish again.
error-pubsub-presence-required = This topic is only for accounts that its owner lets see their presence.
    .next = Ask the topic's owner to share presence with you, in a chat program; then try again.
error-pubsub-roster-group = This topic is only for certain groups of its owner's contacts.
    .next = Ask the topic's owner to put you into one of them.
error-pubsub-subid-required = You have several subscriptions here and the broker wants to know which one is meant.
    .next = Read the topics again, then try again; or end all of them and subscribe once.
error-pubsub-too-many-subscriptions = You have as many subscriptions here as the broker allows.
    .next = End one that is no longer needed; another program of this account may hold some.
error-pubsub-unsupported = This broker cannot do that.
    .next = Ask the operator of the broker whether it can be turned on.


# xmpp::stanza
error-stanza-bad-request = The broker did not understand the request.
    .next = This broker may be unusual. Report it with the diagnostics.
error-stanza-busy = The broker has no room for this now.
    .next = Try again later.
error-stanza-conflict = The broker says this conflicts with what is there already.
    .next = Refresh and look again.
error-stanza-forbidden = The broker does not let this account do that.
    .next = Ask the owner of the topic for the right.
error-stanza-gone = What you asked for has gone elsewhere.
    .next = Refresh the list of topics.
error-stanza-malformed = A message was dropped because its envelope is broken.
    .next = Nothing to do. It is counted in the diagnostics.
error-stanza-not-acceptable = The broker does not take this.
    .next = Check what you entered.
error-stanza-not-allowed = The broker allows this to nobody like this account.
    .next = Ask the owner of the topic, or the operator of the broker.
error-stanza-not-authorized = The broker wants you to be admitted first.
    .next = Ask for access to the topic.
error-stanza-not-found = The broker does not have what you asked for.
    .next = Refresh the list of topics.
error-stanza-policy = The broker's policy forbids this.
    .next = Ask the operator of the broker.
error-stanza-remote = The server of that address cannot be reached.
    .next = Check the address, or try again later.
error-stanza-server = Something broke inside the broker.
    .next = Try again later, and tell the operator if it stays.
error-stanza-unavailable = The service is not there, or not for this.
    .next = Check the broker's address.
error-stanza-undefined = The broker refused, without a reason this console knows.
    .next = The diagnostics hold its own words.
error-stanza-unexpected = The broker did not expect this now.
    .next = Refresh and look again.
error-stanza-unsupported = This broker cannot do that.
    .next = Ask the operator of the broker whether it can be turned on.

## Refusals of the console's own

error-job-died = Gridwatch itself failed while it worked on this.
    .next = Look whether it took effect, then try again; report it if it happens again.
error-no-effect = The broker took the decision but does not show it.
    .next = Look at the topic's subscribers again in a moment; then decide again, or ask the broker's operator.
error-unlogged = It was not done: the log of acts could not be written ({ $cause }).
    .next = Make room where the archive stands, or have its log checked (Activity, or "gridwatch log verify") and the archive recovered; then do it again. Incidents go on being received.
error-unpromised = It was not sent: when the access ends could not be written down ({ $cause }).
    .next = Make room where the archive stands, or have it recovered; then decide again. Nobody was let in.
error-nothing-waits = No request of this subscriber waits on this topic.
    .next = Fetch the waiting requests again; another owner may have decided it.
error-request-approved = Another owner has approved this request already.
    .next = Revoke the access at the members, if that is not what you want.
error-request-gone = The request no longer waits: it was withdrawn, or another owner refused it.
    .next = Nothing was changed. Who still wants to read the topic can ask again.
error-last-owner = The topic would be left without an owner, and nobody could change it any more.
    .next = Make another account its owner first.
error-not-made = The connection broke while the topic was being made, and there is no such topic.
    .next = Make it again.
error-made-bare = The connection broke between the two steps: the topic is there, with the broker's own settings.
    .next = Set it up now, or delete it: until then anybody may be able to read it.
error-made-unsure = The connection broke while the topic was being made. One of that name is there, and it is not set up as you wished: it may be an older one.
    .next = Look at its settings and its members before you change or delete it.
error-unstored = What the broker sent could not be stored here.
    .next = Make room for it: the notices say what the store lacks.
error-access-changed = Who may read this topic has changed since you decided, so nothing was published.
    .next = Look at the topic and its audience again, then publish.
error-unknown-access = The topic does not say who may read it, so it is not safe to publish to.
    .next = Read the topics again; ask the topic's owner if it stays so.
error-unknown-topic = This topic is not on the broker's list.
    .next = Read the topics again. Publishing to a topic that is gone could create one open to everybody.
error-unreadable-answer = The broker's answer could not be read.
    .next = Try again; if it stays so, show this to the broker's operator.
error-wants-options = This topic wants options to be set before it can be read, and asks for them in a way that cannot be understood.
    .next = Ask the topic's owner, or the broker's operator.
