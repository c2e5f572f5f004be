# Strings of: welcome
