# Strings of: feed
