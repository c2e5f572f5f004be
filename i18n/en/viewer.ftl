# Strings of: viewer

viewer-title = IODEF file
viewer-path = Path of a file
viewer-open = Open
viewer-browse = Browse…
viewer-pick = Open an IODEF file
viewer-filter = IODEF documents
viewer-close = Close
viewer-empty = No file open
viewer-empty-why = The file is only read. Nothing of it is sent or changed.
viewer-reading = Reading
viewer-failed = { $path } was not opened: { $cause }
viewer-read-only = read from a file
viewer-stricter = { $n ->
    [one] { $n } element inside is stricter
   *[other] { $n } elements inside are stricter
 }
viewer-raw = The file's own text
viewer-size = { $bytes } bytes
viewer-cut = only its beginning is shown
viewer-copy = Copy all
viewer-iodef1 = This is an IODEF version 1 document; what both versions share is shown.
viewer-foreign = This is no incident document but <{ $name }> of { $namespace }.
viewer-foreign-next = Its text is shown as it is.
viewer-nothing = The file is empty.
viewer-purpose = Purpose
viewer-status = Status
viewer-asks = Asks for
viewer-incidents = Incidents
viewer-generated = Written
viewer-reported = Reported
viewer-detected = Detected
viewer-started = Began
viewer-ended = Ended
viewer-no-zone = { $time } (the sender named no time zone)
viewer-contacts = Contacts
viewer-observables = { $n ->
    [one] { $n } observable
   *[other] { $n } observables
 }
viewer-more = and { $n } more
viewer-error-read = { $cause }
    .next = Check the path and the file's permissions.
viewer-error-not-a-file = it is not a plain file
    .next = Directories, pipes and devices are not opened.
viewer-error-too-large = it is larger than { $mebibytes } MiB
    .next = Incident documents are far smaller; look at the file with another tool.
viewer-error-xml = The file breaks a rule that grids hold XML to ({ $cause }), so nothing was read from it.
    .next = Look at the raw text. Ask the sender to send it again.
viewer-error-broken = reading it was interrupted
    .next = Try again.
