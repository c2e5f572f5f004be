# Strings of: connect
