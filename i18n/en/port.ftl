# Incidents in and out of the archive as files: export of many, import, and what is told of both.

port-about-all = Everything stored, { $count } in all
port-about-chosen = Found by a filter: { $count } in all
port-about-filter = Filter: { $filter }
port-about-selection = Selected rows
port-accept = Import
port-added = New in the archive: { $count }
port-agreement = Some of it goes by an agreement that this program does not know: treat it as for the named recipients only, and ask its source before you hand it on.
port-amber = This is for your own organisation, for those who need it there; whoever gets the file must be among them.
port-amber-strict = This is for your own organisation only, for those who need it there; whoever gets the file must be among them.
port-browse = Choose…
port-carried = Carried: { $count } of { $asked }
port-choose = Choose a format.
port-csv-why = One table of all observables; formulas are neutralised
port-decline = Leave it
port-deep = Folders in folders go deeper than is looked.
port-drop = or drop them on the window
port-drop-waits = What was dropped waits in the import’s sheet, which asks whether to take it in.
port-exists = { $path } is there already, and was left as it is.
    .next = Choose another name.
port-files = Files…
port-folder = A folder…
port-from = Path of a file or a folder
port-give = Export
port-give-title = { $n ->
    [one] Export { $n } incident
   *[other] Export { $n } incidents
}
port-given = { $count } exported to { $path }
port-giving = { $done } of { $of } written
port-hidden = Hidden files and folders passed over: { $count }
port-iodef-why = A folder with a file for each document, as it was received
port-json-lost = Taken as the IODEF that it says; what IODEF has no place for was left out: { $count }
port-json-why = A folder with a file for each document (RFC 8727)
port-known = There already, as they are: { $count }
port-label = { $label }: { $count }
port-large-document = The document is larger than { $most } KiB, which is more than a grid carries.
port-large-file = The file is larger than { $most } MiB.
port-left-empty = There is nothing in it.
port-left-foreign = No incident document: { $name } of { $namespace }
port-left-gone = It is not there any more.
port-left-lost = Its document was lost when the archive was damaged.
port-link = A link; links in folders are not followed.
port-many = There are more than { $most } files; what comes after was not looked at.
    .next = Import the folders in it one by one.
port-looking = Looking what goes out and how strict it is…
port-markdown-why = One page for people, with the sheet at its end
port-md-named = Named one by one
port-md-sheet = About this export
port-md-title = { $count } incidents
port-misp-why = One list of events, as MISP’s own search answers
port-more = { $n ->
    [one] { $n } more line
   *[other] { $n } more lines
}
port-named = { $name }: { $why }
port-no-file = Not a plain file: a pipe, a device or a folder.
port-offered = { $n ->
    [one] Import what was dropped?
   *[other] Import the { $n } files and folders that were dropped?
}
port-others = Files of other kinds in the folders: { $count }
port-pick = IODEF documents to import
port-red = Some of this was for its named recipients only. A file leaves no trace of who reads it: keep it to yourself, or ask its source first.
port-refused = Refused: { $count }
port-retold = Objects told in different words under one id and one time, of which the first stands: { $count }
port-save = Save
port-save-as = Export as
port-save-strict = Save all the same
port-show = Show them
port-silent = Documents that name nothing the table has a row for: { $count }
port-stix-why = One bundle, each object once, under TLP 2.0 markings
port-stop = Stop
port-stopped = Stopped. Nothing was written.
port-strictest = The strictest restriction inside; handle the whole export so.
port-take = Import
port-take-stopped = Stopped; what was taken in by then stays.
port-take-title = Import
port-take-why = IODEF documents, XML or JSON, go into the archive as “imported”, under their own restriction. The same document is taken in once. Nothing is sent anywhere.
port-take-why-memory = IODEF documents, XML or JSON, are shown as “imported”, under their own restriction, until this session ends: nothing of it is kept. The same document is taken in once. Nothing is sent anywhere.
port-taken = Imported: { $added } new, { $known } known, { $refused } refused
port-taking = { $done } of { $of } read
port-to-file = Path of the new file
port-to-folder = Path of the new folder
port-with-filter = Let the filter stand in the export’s head, for its reader to see
port-uncounted = { $asked } were to be exported and { $done } were accounted for. Nothing was written.
    .next = This is a fault of Gridwatch; please report it.
port-unsettled = { $path } is written; whether the disk has taken its name for good is not known: { $cause }
    .next = Look whether it is there after the next start of the machine, or write it again.
port-unread = It could not be read: { $cause }
port-unwritten = The file could not be written: { $cause }
    .next = Look whether the folder is there, may be written and has room.
port-upgraded = Documents of IODEF v1, carried as v2: { $count }
