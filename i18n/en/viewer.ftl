# Strings of: viewer
