# Strings of: guard

guard-hint-home = “{ $text }” looks like where somebody lives.
    .next = Leave it out unless the receivers need it to act.
guard-hint-mailbox = “{ $text }” looks like a person’s mailbox.
    .next = Leave it out, or name the team’s mailbox, unless the receivers need it to act.
guard-hint-name = “{ $text }” looks like a person’s name.
    .next = Leave it out unless the receivers need it to act.
guard-hint-telephone = “{ $text }” looks like a telephone number.
    .next = Leave it out, or put it into a contact, where its owner meant it to be read.
guard-hint-more = Persons are looked for no further: { $count } places are listed, and there may be more.
    .next = Look through the rest yourself, or take out what lists people.
guard-internal = { $value } means something inside one network only, and tells how that is built.
    .next = Leave it out unless the receivers need it to act.
guard-internal-more = More values that mean something inside one network only: { $count }.
    .next = Leave them out unless the receivers need them to act.
guard-leak = { $value } came to you under { $received } in { $id ->
        [none] an incident without a number
       *[other] { $id }
    } from { $csirt } on { $topic } ({ $at }), and would go out under { $here }.
    .next = { $way ->
        [text] It stands in a text there.
        [inside] It lies in what was reported there.
        [around] What was reported there lies in it.
        [host] Something on the same host was reported there.
       *[same] It is the same value.
    } Raise the restriction, take the value out, or say why it may be said.
guard-leak-perhaps = { $value } came to you in { $id ->
        [none] an incident without a number
       *[other] { $id }
    }, which has parts under { $received }, from { $csirt } on { $topic } ({ $at }), and would go out under { $here }.
    .next = Look there whether the value itself is under it; else raise the restriction, take it out, or say why it may be said.
guard-unheard = Not all that was received is looked through yet: { $rows } incidents are left.
    .next = It goes on by itself when nothing comes in; then what they say is held against this report.
guard-long = This foreign content is too long, and nested too deeply, to be looked through for what you received.
    .next = Take it out, or put what others need of it into a description.
