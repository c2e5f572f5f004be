# The connection panel: facts of a session.

session-revocation-no-list = Not checked: no revocation list covers this certificate.
