# Strings of: owner
