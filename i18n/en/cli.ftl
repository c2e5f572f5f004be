# Strings of: cli

cli-help =
    Gridwatch: a console for security teams on an XMPP-Grid (RFC 8600)

    gridwatch [OPTIONS] [FILE]     open the window, with an IODEF file in it if one is named
    gridwatch topics GRID [--json]
    gridwatch tail GRID [--json] [--count N] [--for SECONDS] [--new]
    gridwatch publish FILE GRID --topic TOPIC… [--yes] [--hold SECONDS] [--reason FINDING=WORDS]… [--item ID] [--json]
    gridwatch publish FILE GRID --topic TOPIC --update ITEM [--words WORDS] [--json]
    gridwatch retract GRID --topic TOPIC --item ID [--yes] [--hold SECONDS] [--json]
    gridwatch requests GRID [--topic TOPIC] [--json]
    gridwatch approve WHO… GRID --topic TOPIC [--note WORDS] [--yes] [--hold SECONDS] [--json]
    gridwatch deny WHO… GRID --topic TOPIC --note REASON [--yes] [--hold SECONDS] [--json]
    gridwatch members GRID --topic TOPIC [--json]
    gridwatch topic create NODE GRID --template NAME [--title WORDS] [--description WORDS] [--type NAMESPACE] [--whitelist]
    gridwatch topic config NODE [SETTING=VALUE]… GRID [--note WHY] [--yes] [--hold SECONDS] [--json]
    gridwatch radar GRID [--close] [--json]
    gridwatch log [show [FILTER]|verify|export [FILTER] OUT] ACCOUNT [--count N] [--head COUNT:HASH] [--force] [--json]
    gridwatch search [FILTER] ACCOUNT [--json] [--count N]
    gridwatch export FILTER OUT ACCOUNT [--to FORMAT] [--force] [--with-filter]
    gridwatch import FILE… ACCOUNT [--json]
    gridwatch hunt FILE ACCOUNT [--json]
    gridwatch handover [OUT] ACCOUNT [--since WHEN] [--until WHEN] [--view NAME] [--force]
    gridwatch check FILE… [--json] [--against published|reading]
    gridwatch convert IN OUT [--to FORMAT] [--force]
    gridwatch diff OLD NEW [--json]

    The window's options
      --practice              connect to the practice grid, which is inside this program
      --profile NAME          connect to the grid of this saved profile, with what your keyring gives
      --seed N                play another practice world; the same number gives the same world
      --practice-port N       let other clients join the practice grid on this loopback port
      --renderer software     draw without the graphics card (gpu: with it)
      --theme NAME            light, dark or system
      --timings               tell on standard error when the first frame, the newest page and the whole index were there

    Text verbs
      topics                  list the grid's topics and what you are on them
      tail                    print incidents of your topics, each once over all runs, when it stands in your archive: first
                              what came into it since the run before, by whichever program, then what arrives
      publish                 look at an IODEF report as the composer does, hold it, and publish it; - is standard input.
                              Its item id, the receipt, goes to standard output
      --topic TOPIC           where to: its node, or node @ broker; may be given several times
      --yes                   publish without the hold; never without the checks
      --hold SECONDS          5 to 60, 10 unless given; Ctrl-C in that time stops it
      --reason FINDING=WORDS  why a finding may pass, for those that pass by a reason; each tells its own,
                              most with what it is about (FINDING@ABOUT), and lets that pass alone
      --item ID               go on with an earlier try that ended without an answer: the broker is asked first; the same
                              command over an archive does so by itself
      --update ITEM           tell the incident of this item anew: its time is now, its history says what is new
      --words WORDS           what is new, for the history
      retract                 take an item back; who got it may keep a copy
      requests                list who waits for access to your topics, with what they wrote
      approve, deny           decide requests that wait; --note goes to who asked, and into the log of acts; a stranger's
                              request is approved with a note only
      members                 list who is what on a topic of yours, and who reads it
      topic create            make a topic, safely set up: --template incidents, indicators or other;
                              tells what the broker kept of each setting
      topic config            print how a topic is set up, or change settings (max_items=200) and tell what the broker kept;
                              what opens it to everybody wants --note, which stands in the log of acts
      radar                   tell what controller and broker can and cannot do, by RFC 8600 and by what this console
                              needs, as Markdown for their administrator; --close asks more, and changes nothing either
      log                     print the log of acts, newest last; what:approve by:grid result:refused topic:… and words
                              choose; verify holds its chain and prints its head, which --head takes later; export writes
                              it with the chain, as JSON lines (.jsonl) or a table (.csv); - is standard output
      search                  print what a filter finds in your archive, newest first; the language is the window's
      export                  write what a filter finds into OUT, a file (csv, md, stix, misp) or a folder of files
                              (iodef, json); '' finds everything; - is standard output
      import                  take documents of files and folders, IODEF or JSON, into your archive
      hunt                    look for a list of indicators, defanged or not, in your archive; - is standard input
      handover                write the page for the next shift, Markdown: what came, was done, is open, may be missing,
                              is asked; to standard output unless OUT is named
      --json                  one JSON object a line
      check                   tell what is wrong with IODEF files; - is standard input
      --against WORD          reading: what RFC 7970 says in its schema, text and errata together (usual);
                              published: its schema as printed, and nothing else is valid
      convert                 write an IODEF document in another format; - is standard input or output;
                              a sheet of what was carried and what was not goes to standard error
      --to FORMAT             iodef, json (RFC 8727), csv, md, stix (2.1) or misp, unless OUT's ending tells:
                              (.xml .json .csv .md .stix.json .misp.json)
      --force                 write over OUT
      --with-filter           let the filter stand in the head of the export, for its reader to see
      diff                    tell what a revision of an incident says otherwise than an earlier one, by meaning;
                              - is standard input, for one of the two
      --count N               end after N incidents
      --for SECONDS           end after this time
      --new                   pass over what came since the run before
      --since WHEN            24h, 7d, 2026-11-20 or 2026-11-20T06:00Z; a shift of 12 hours unless given
      --until WHEN            now unless given
      --view NAME             only what this saved view finds

    GRID is one of
      --practice [--seed N]
      --profile NAME          a saved profile, with its password from your keyring
      --jid ADDRESS --password-file -
                              any account; more about it:
      --host NAME             where the controller listens, if not at the address's domain
      --port N                5222, or 5223 with --tls direct, unless given
      --tls WORD              starttls (usual) or direct
      --ca FILE               believe only the authorities in this PEM file;
                              with --platform-roots this computer's beside it
      --revocation WORD       revocation lists: require, prefer (usual) or off
      --crl FILE              a revocation list, PEM or DER; may be given several times
      --fetch-crls            fetch lists too, which contacts hosts other than the controller
      --certificate FILE      log in by this client certificate, PEM or PKCS#12, with its key;
                              its passphrase by --passphrase-file, like a password
      --proxy URL             socks5://HOST:PORT or http://HOST:PORT, USER@ before the host if need be;
                              the password by --proxy-password-file
      --broker ADDRESS        the broker, if it cannot be found by itself
      --password-file -|N     read the password's line from standard input or from file descriptor N;
                              works with --profile too; never an argument
      --accept-certificate sha256:…
                              believe the controller's certificate of this fingerprint, new or changed, from now on, and no other;
                              compare it first, by another way than this network

    ACCOUNT is --profile NAME or --jid ADDRESS: whose archive on this computer

    The archive of a real account
      opens by your keyring, or asks for its passphrase or recovery code at the terminal
      --archive-passphrase-file -|N
                              its passphrase, by a descriptor like a password; topics and tail make one with it
                              where there is none yet
      --archive-code-file -|N its recovery code, likewise
      --memory                topics and tail: keep nothing; what the controller kept for you is then handed out and lost

    Everywhere
      --home DIR              keep all of Gridwatch's files there; GRIDWATCH_HOME does the same
      --help, --version

    Exit codes of check
      0  every file is valid
      1  a file is invalid
      2  a file could not be read or is no incident document, or the command line was not understood

    Exit codes of convert
      0  written
      1  written, but the document is not valid, or not all of the JSON has a place in IODEF; both are told
      2  nothing was written: no usable document, OUT is there already, or the command line was not understood

    Exit codes of diff
      0  both say the same
      1  something differs
      2  a file could not be read or is no incident document, or the command line was not understood

    Exit codes of the other text verbs
      0  done
      1  the command line, the profile or the password was not usable
      2  no session: unreachable, certificate not believed, wrong password
      3  the grid refused what was asked
      4  the time of --for passed before --count incidents had come
      5  the output could not be written
      6  tail holds as many incidents as fit in memory and would miss the next
      7  the controller's certificate is not the one known, pinned or named; its fingerprint is told
      8  the archive is not to be had: in use, locked, damaged or not there
      9  done, but not with everything: a file was refused, a row left out; each is told
     10  nothing was published: something stands in the way, and is told
     11  it was sent, and whether the broker took it is not known; go on with --item
     12  the log of acts is not what was written; the first bad entry is told
    130  ended by Ctrl-C, SIGTERM or SIGHUP; what was begun was cleaned up

cli-archive-in-use = The archive is in use by another Gridwatch; only one program works with it at a time.
    .next = Search, export, import, hunt and hand over in that window, or close it and try again.
cli-archive-locked = The archive is locked.
    .next = Give its passphrase by --archive-passphrase-file or its recovery code by --archive-code-file.
cli-archive-made = An archive was made for this account. Its passphrase is the only way in: open it in the window to add a recovery code.
cli-archive-no-terminal = The archive is locked, and there is no terminal to ask at.
    .next = Give its passphrase by --archive-passphrase-file or its recovery code by --archive-code-file.
cli-archive-none = There is no archive of { $jid } on this computer.
    .next = It is made when the account is first opened in the window, or by tail with --archive-passphrase-file.
cli-archive-none-yet = There is no archive of { $jid } on this computer yet, and what is received would be lost.
    .next = Open the account once in the window, or give a passphrase for a new archive by --archive-passphrase-file; --memory keeps nothing.
cli-archive-nothing-typed = Nothing was typed that can be read.
cli-archive-prompt = Passphrase or recovery code of the archive:
cli-certificate-known = Known until now: { $known } (key { $key }), last met { $last }
cli-certificate-shown = Shown now: { $shown } (key { $key })
    .next = If the operator confirms it by another way than this network: --accept-certificate sha256:{ $shown }
cli-certificate-pinned = Pinned: { $pin }
cli-certificate-not-pinned = The key shown is { $key }.
    .next = If the operator announced it, add it as a pin in the window; otherwise stay away and tell the operator.
cli-certificate-accepted = The certificate { $shown } is believed from now on.
cli-certificate-other = This certificate is not the one to accept; nothing was changed.
cli-check-contradictions = { $n ->
    [one] one contradiction
   *[other] { $n } contradictions
}
cli-check-faults = { $n ->
    [one] one fault
   *[other] { $n } faults
}
cli-check-grade-contradiction = contradiction
cli-check-grade-invalid = invalid
cli-check-grade-note = note
cli-check-invalid = { $file }: invalid ({ $invalid }, { $contradictions }, { $notes })
cli-check-notes = { $n ->
    [one] one note
   *[other] { $n } notes
}
cli-check-too-large = The file is larger than { $most } MB.
cli-check-unread = The file could not be read: { $cause }
cli-check-untold = { $n ->
        [one] one more finding
       *[other] { $n } more findings
    } of the same kinds are not listed
cli-check-unusable = { $file }: unusable. { $why }
cli-check-valid = { $file }: valid ({ $contradictions }, { $notes })
cli-convert-exists = { $file } is there already, and was left as it is.
    .next = Name another file, or add --force to write over it.
cli-convert-invalid = The document is not valid: gridwatch check tells what is wrong with it.
cli-diff-differs = { $old } → { $new }: { $added } added, { $removed } removed, { $changed } changed, { $moved } moved
cli-diff-from = from { $place }
cli-diff-loosened = restriction loosened: { $before } → { $after }
cli-diff-lost = { $file }: { $n ->
    [one] one value of the JSON has no place in IODEF and is not compared
   *[other] { $n } values of the JSON have no place in IODEF and are not compared
}
cli-diff-mapped = { $file }: { $n ->
    [one] one place did not come over into IODEF 2 as it was; a difference there may not be told
   *[other] { $n } places did not come over into IODEF 2 as they were; a difference there may not be told
}
cli-diff-matter-asks = asked of you
cli-diff-matter-loosened = restriction loosened
cli-diff-matter-observable = observable
cli-diff-matter-purpose = purpose
cli-diff-matter-restriction = restriction
cli-diff-matter-routine = in every revision
cli-diff-matter-severity = impact
cli-diff-matter-status = status
cli-diff-matter-tightened = restriction tightened
cli-diff-matter-wording = another word for the same
cli-diff-purpose = purpose { $before } → { $after }
cli-diff-same = { $old } and { $new } say the same.
cli-diff-same-as-far = { $old } and { $new }: no difference in what could be compared.
cli-diff-severity = severity { $before } → { $after }
cli-diff-status = status { $before } → { $after }
cli-diff-strangers = These are not revisions of one incident: their incident ids differ.
cli-diff-strictest = strictest restriction inside: { $before } → { $after }
cli-diff-text = text
cli-diff-tightened = restriction tightened: { $before } → { $after }
cli-diff-untold = { $n ->
    [one] One more is not listed.
   *[other] { $n } more are not listed.
}
cli-diff-unusable = { $file } cannot be compared: { $why }
cli-halted = Stopped by a signal.
cli-handover-view = Only what the view “{ $name }” finds.
cli-handover-written = The page is in { $path }. Its first line says how strict it is.
cli-membership-denied = denied
cli-membership-none = -
cli-membership-pending = pending
cli-membership-subscribed = subscribed

cli-no-password = Your keyring has no password for the profile { $name }.
    .next = Connect once in the window and let it keep the password, or give --password-file.
cli-no-profile = There is no profile { $name }.
    .next = Make one in the window, or name the account with --jid.
cli-no-view = There is no view { $name } in this archive.
    .next = The window lists the views; a view’s folder is part of its name.
cli-no-runtime = Gridwatch could not start its work: { $cause }
cli-output = The output could not be written: { $cause }
cli-password = No password could be read: { $cause }
    .next = Write it as one line to standard input (--password-file -) or to a file descriptor (--password-file 3 3<…).
cli-unsaid = not said
cli-hunt-unread = Line { $line } says nothing that can be looked for: { $text }
cli-hunted = Found: { $hits } of { $asked }
cli-publish-blocks = Stands in the way ({ $id }): { $what }
cli-log-format = The log is written as JSON lines (.jsonl) or as a table (.csv).
cli-owner-bare = The topic { $topic } stands, with the broker's own settings: it may let anybody read.
    .next = Set it up with topic config, or delete it.
cli-owner-hold = Held for { $seconds } seconds; Ctrl-C stops it, and nothing has changed.
cli-owner-no-account = { $what } is no address.
cli-owner-no-approvals = Not every broker has topics whose readers are approved: gridwatch radar says what this one can. With --whitelist the topic is by invitation.
cli-owner-no-request = No request of { $what } waits on this topic.
    .next = requests lists those that wait.
cli-owner-opens = { $what } could be read or written by accounts that no owner let in.
    .next = Say by --note why; it stands in the log of acts.
cli-owner-stranger = Nobody of the domain of { $what } reads this topic yet.
    .next = Say by --note why they may; they are told it, and it stands in the log of acts.
cli-owner-topic-there = { $what } is no name for a new topic, or there is one of that name.
cli-owner-which-broker = There are several brokers, or none that lists topics: name one, as in "NODE @ BROKER".
cli-publish-update-other = { $item } tells another incident than this report.
    .next = Give the item that this incident stands under, or publish it as a report of its own.
cli-publish-update-unknown = { $item } is not in the archive here, so nobody can tell whether it is the same incident.
    .next = Look at its number where you have it; if it is the same, say so as a reason.
cli-retract-copies = Taking { $item } back from { $topic }. Subscribers may keep copies.
cli-retract-hold = Held for { $seconds } seconds; Ctrl-C stops it.
cli-publish-before = This very report is in { $topic } already, as item { $item } since { $at }.
    .next = Nothing is to be done. Give it a later time if it should stand there twice.
cli-publish-hold = Held for { $seconds } seconds; Ctrl-C stops it, and nothing has left.
cli-publish-item = Sending it under the item id { $item }.
cli-publish-lost = Not all of the JSON has a place in IODEF ({ $count }), so it is not published.
    .next = Convert it, look at what is lost, and publish the result.
cli-publish-none = The broker lists no topic { $topic }.
    .next = See gridwatch topics.
cli-publish-old = This is a report of IODEF version 1, which is not published.
    .next = Open it in the window as a draft: what version 2 has a place for is carried over.
cli-publish-reason = A reason lets it pass: --reason '{ $reason }=WORDS'
cli-publish-two = Two brokers have a topic { $topic }.
    .next = Name it with its broker: node @ broker.
cli-publish-unguarded = Without the archive nobody can tell whether something in it was received under a stricter word.
    .next = Leave --memory out, and give what opens the archive.
cli-publish-warns = To be known ({ $id }): { $what }
cli-usage = The command line was not understood: { $cause }
    .next = gridwatch --help tells what there is.
cli-usage-account = Say whose archive: --profile NAME or --jid ADDRESS.
    .next = gridwatch --help tells what there is.
cli-usage-archive = An archive opens by one secret: its passphrase, or its recovery code; with --memory or --practice there is none.
    .next = gridwatch --help tells what there is.
cli-usage-convert = Name two files: what to read and what to write; - is standard input or output.
    .next = gridwatch --help tells what there is.
cli-usage-diff = Name two files: the earlier revision and the later one; one may be -, standard input.
    .next = gridwatch --help tells what there is.
cli-usage-files = Name the files to check; - is standard input.
    .next = gridwatch --help tells what there is.
cli-usage-folder = IODEF and JSON are a folder with a file for each document, which cannot go to standard output.
    .next = Name a folder that is not there yet.
cli-usage-grid = Name one grid: --practice, --profile NAME, or --jid ADDRESS with its own options.
    .next = gridwatch --help tells what there is.
cli-usage-local = search takes a filter, export a filter and a place, import files, hunt a file, handover a place or none; each with its own options.
    .next = gridwatch --help tells what there is.
cli-usage-password = --jid needs --password-file or --certificate.
    .next = Write the password to standard input and give --password-file -.
cli-usage-deny = A denial needs its reason: --note REASON.
cli-usage-log = log takes show, verify or export with a file; --head goes with verify, --json not with export.
cli-usage-owner = What was said does not fit { $verb }; see --help.
cli-usage-publish = publish takes one file and a topic at least; --item and --update go with one topic, --words with --update, and its options with publish alone.
cli-usage-retract = retract takes a topic and an item, each once, and --yes or --hold.
cli-usage-secrets = Each secret needs a source of its own.
    .next = Give one by standard input and the others by file descriptors.
cli-usage-seed = --seed goes with --practice.
cli-usage-span = The page would begin when it ends, or later: --since is to be before --until.
cli-usage-text = The filter is not UTF-8.
cli-usage-to = Say which format with --to: iodef, json, csv, md, stix or misp.
    .next = gridwatch --help tells what there is.
cli-usage-type = --template other needs --type NAMESPACE, what is published there; the other templates say it themselves.
cli-usage-until = --count, --for and --new go with tail.
cli-usage-verb = Name what to do: topics, tail, publish, retract, search, export, import, hunt, handover, check, convert or diff.
    .next = gridwatch --help tells what there is.
cli-usage-when = { $word } is no time.
    .next = Write so long ago (24h, 7d), a day (2026-11-20) or a moment (2026-11-20T06:00Z).
