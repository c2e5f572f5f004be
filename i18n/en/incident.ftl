# Strings of: incident
