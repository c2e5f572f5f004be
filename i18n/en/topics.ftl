# Strings of: topics
