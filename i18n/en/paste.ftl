# Strings of: paste

paste-card-choice = This is none of the words that may stand here.
paste-card-csirt = This is no domain.
    .next = Write the domain your incident numbers belong to, for example cert.example
paste-card-csirt-missing = The domain that your incident numbers belong to is missing.
    .next = Without it nobody can tell your incident 1 from another’s.
paste-card-email = This is no e-mail address.
    .next = For example soc@cert.example
paste-card-label-missing = The card has no name.
    .next = Give it one you will know it by in a list.
paste-card-lang = This is no language tag.
    .next = For example en, de or pt-BR
paste-card-long = This is longer than 200 characters.
paste-card-missing = The card names nobody.
    .next = Give it a name, an e-mail address or a telephone number.
paste-card-telephone = This is no telephone number.
    .next = Begin with + and the country, for example +49 30 1234567
paste-card-timezone = This is no time zone.
    .next = Write Z or a distance to UTC, for example +01:00
paste-card-xml = There is a character in it that no document can hold.
paste-change-kind = It cannot be that.
    .next = Choose another kind, or type the value.
paste-change-nothing = This is no value that a report can hold.
    .next = An address, a network, a domain, a link, a mailbox, a digest, a file’s name or a CVE number.
paste-change-several = These are several values.
    .next = Type one here, and paste the others by themselves.
