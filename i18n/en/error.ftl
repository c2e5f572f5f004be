# Strings of: error
