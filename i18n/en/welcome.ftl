# Strings of: welcome

welcome-name = Gridwatch
welcome-what = The incident console for an XMPP-Grid
welcome-practice = Try the practice grid
welcome-practice-why = Everything runs inside this program; nothing leaves it. No account.
welcome-connect = Connect to a grid…
welcome-connect-why = You need your address (JID) and its password.
welcome-file = Open an IODEF file…
welcome-file-why = A reader for one document, without a connection.
welcome-key-choose = choose
welcome-key-go = go on
