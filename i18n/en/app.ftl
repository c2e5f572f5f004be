# Strings of: app
