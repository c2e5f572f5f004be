"""The second of two validators: says of each file named on standard input, one a line, what xmlschema (XSD 1.0, strict)
finds wrong with it, as one JSON list a line. The schema is the first argument. Nothing is fetched."""

import json
import sys

import xmlschema

schema = xmlschema.XMLSchema(sys.argv[1])
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        reasons = [str(error.reason) for error in schema.iter_errors(path, use_location_hints=False)]
    except Exception as error:  # not XML, or a namespace it does not know
        reasons = [f"not read: {error!r}"]
    print(json.dumps([reason[:300] for reason in reasons[:5]]), flush=False)
