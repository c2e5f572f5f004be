# Strings of: settings
