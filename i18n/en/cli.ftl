# Strings of: cli
