# Strings of: connect

connect-title = Connect to a grid
connect-lead = Your address and password are enough on most grids; Gridwatch finds the broker by itself.
connect-back = Back
connect-profiles = Saved connections
connect-no-profiles = None yet. A connection is saved when you first use it.
connect-fresh = New connection
connect-forget = Forget this connection and its password
connect-jid = Your address (JID)
connect-jid-hint = As your grid's operator gave it to you.
connect-password = Password
connect-remember = Keep the password in this computer's keychain
connect-keychain-kept = The system keychain keeps it. It is never written to a file of Gridwatch.
connect-keychain-not-kept = Kept for this run only, then forgotten.
connect-keychain-absent = This computer has no keychain (Secret Service). The password is kept for this run only; it is never written to a file.
connect-keychain-locked = The system keychain is locked: you will be asked to unlock it. Otherwise the password is kept for this run only.
connect-keychain-not-set-up = This computer's keychain is not set up. The password is kept for this run only; it is never written to a file.
connect-keychain-silent = The keychain did not answer in time. The password is kept for this run only.
connect-keyring-waiting = Waiting for your keyring…
connect-keyring-waiting-why = It may be asking to be unlocked in a window of its own. You can also type the password here.
connect-keyring-cancel = Do not wait
connect-more = Server, certificate authority and more
connect-name = Name of this connection
connect-name-hint = Left open, it is your address.
connect-host = Host
connect-host-hint = Left open, it is your address's domain.
connect-port = Port
connect-tls = TLS
connect-ca-file = Certificate authority (PEM file)
connect-ca-file-hint = Only for grids with an authority of their own. Only it is then believed.
connect-browse = Browse…
connect-broker = Broker
connect-broker-hint = Left open, it is found on the controller.
connect-go = Connect
connect-safe = Encrypted before anything is said; the password itself is never sent.
connect-trying = Connecting
connect-cancel = Cancel
connect-attempt = { $n ->
    [one] Attempt { $n }
   *[other] Attempt { $n }
 }
connect-step-dialing = Finding the controller
connect-step-securing = Securing the connection and checking its certificate
connect-step-authenticating = Proving that both sides know the password
connect-step-binding = Opening the session
connect-step-discovering = Finding the broker and its topics
connect-copy-details = Copy details
connect-problem-jid = An address looks like name@grid.example, without anything after it.
connect-problem-password = The password is missing.
connect-problem-port = A port is a number from 1 to 65535.
connect-problem-broker = A broker's address looks like broker.grid.example.
connect-problem-host = A host is a name or an IP address, nothing more.
connect-problem-name = Letters, digits, spaces and - _ . @, at most 64.
