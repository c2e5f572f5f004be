# Strings of: compose
