# Strings of: feed

feed-count = { $n ->
    [one] { $n } incident
   *[other] { $n } incidents
}
