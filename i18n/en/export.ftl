# Strings of: export. What an incident document becomes in another format.

export-carried = Carried: { $classes }
export-cut = The rest is left out here: read the IODEF document.
export-homeless = Without a home in this format: { $classes }
export-homeless-none = Everything in the document has a home in this format.
export-more = Of { $count } more, the same.
export-note-stix = What the IODEF document says beside this, for which STIX has no object
export-reason-circle = { $path }: its references lead in a circle.
export-reason-dangling = { $path }: it refers to something that is not in this document.
export-reason-elsewhere = { $path }: it refers to an indicator of another document.
export-reason-long = { $path }: it is too long to be written as one pattern.
export-reason-mute = { $path }: nothing in it could be looked for: a value that is not what it should be, or defanged.
export-reason-negation = { $path }: it excludes something of another kind than what it looks for; a pattern cannot.
export-reason-operator = { $path }: its operator is not known.
export-reason-time = { $path }: it ends before it begins; the end was left out.
export-reason-xor = { $path }: exactly one of two things cannot be looked for by a pattern.
export-sheet-stix = What this export carried and what it did not
export-strictest = Strictest restriction inside: { $label } (as sent: { $word })
