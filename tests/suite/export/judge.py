"""Judges what Gridwatch exported, by other people's packages, without a network.

argv: the RFC 8727 JSON schema and the IODEF schema ("-" where there is none), then files; a file's kind is its ending.
Writes one line of JSON per file: {"file", "problems": [words]}.
"""

import csv
import json
import socket
import sys
import warnings

warnings.simplefilter("ignore")


def no_network(*_, **__):
    raise OSError("a judge asked for the network")


socket.socket.connect = no_network
socket.create_connection = no_network
socket.getaddrinfo = no_network

import jsonschema
import stix2
import xmlschema
from pymisp import MISPEvent
from pymisp.mispevent import MISPObject
from stix2validator import ValidationOptions, validate_string

# Not asked: random ids (103), for ours are made of what they name, so that exporting twice does not double; and what a
# document does not say: the media types IANA registered (271), both ports of a conversation (301), a link's hash (302).
STIX = ValidationOptions(version="2.1", strict=True, enforce_refs=True, disabled="103,271,301,302")


def stix(text):
    found = validate_string(text, STIX)
    for result in found if isinstance(found, list) else [found]:
        yield from (f"stix2-validator: {error}" for error in result.errors or [])
        yield from (f"stix2-validator: {warning}" for warning in result.warnings or [])
    bundle = stix2.parse(text, allow_custom=False)
    # Two versions of one object are told apart by their times.
    ids = [(thing["id"], str(thing.get("modified"))) for thing in bundle.objects]
    yield from (f"id {one} twice" for one in set(ids) if ids.count(one) > 1)
    for thing in bundle.objects:
        # The same value must have the same id, whoever writes it.
        if not hasattr(thing, "created") and (made := thing._generate_id()) and made != thing["id"]:
            yield f"{thing['id']} should be {made}"


def misp(text):
    whole = json.loads(text)
    # One event, or a list of them as MISP's search answers.
    for event in [whole] if "Event" in whole else whole["response"]:
        yield from misp_event(event)


def misp_event(raw):
    event = MISPEvent(strict_validation=False)
    event.load(json.dumps(raw))
    # As written: PyMISP puts a wrong category right while it reads.
    raw = raw["Event"]
    for attribute in raw.get("Attribute", []) + [a for o in raw.get("Object", []) for a in o["Attribute"]]:
        yield from misp_attribute(attribute, event.describe_types)
    for thing in event.objects:
        template = MISPObject(thing.name)
        if not template._known_template:
            yield f"no object template {thing.name}"
            continue
        ours = (thing.template_uuid, str(thing.template_version))
        if ours != (template.template_uuid, str(template.template_version)):
            yield f"{thing.name}: template {ours}, not {template.template_uuid} {template.template_version}"
        relations = template._definition["attributes"]
        needed = template._definition.get("requiredOneOf", [])
        have = {attribute.object_relation for attribute in thing.attributes}
        if needed and not have.intersection(needed):
            yield f"{thing.name}: none of {needed}"
        for attribute in thing.attributes:
            relation = relations.get(attribute.object_relation)
            if relation is None:
                yield f"{thing.name}: no relation {attribute.object_relation}"
            elif relation["misp-attribute"] != attribute.type:
                yield f"{thing.name}.{attribute.object_relation}: type {attribute.type}"
    again = MISPEvent(strict_validation=False)
    again.load(event.to_json())
    if (len(again.attributes), len(again.objects)) != (len(raw.get("Attribute", [])), len(raw.get("Object", []))):
        yield "PyMISP does not write what it read"
    for tag in event.tags + [tag for attribute in event.attributes for tag in attribute.tags]:
        known = tag.name in ("tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red")
        if not known and not tag.name.startswith("iodef:restriction="):
            yield f"no tag {tag.name}"


def misp_attribute(attribute, types):
    kind, category = attribute["type"], attribute["category"]
    if kind not in types["category_type_mappings"].get(category, []):
        yield f"type {kind} does not belong to category {category}"
    if not str(attribute["value"]).strip():
        yield f"empty {kind}"


def iodef_json(text, schema):
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    for error in checker.iter_errors(json.loads(text)):
        yield f"{'/'.join(map(str, error.path))}: {error.message[:300]}"


def table(text):
    rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    marks = [row for row in rows if row and row[0].startswith("#")]
    if not any("restriction" in row[0].lower() for row in marks):
        yield "no line says the restriction"
    body = [row for row in rows if not row or not row[0].startswith("#")]
    if not body:
        yield "no header"
    for number, row in enumerate(body):
        if len(row) != len(body[0]):
            yield f"row {number} has {len(row)} columns, not {len(body[0])}"
    for row in rows:
        yield from (f"a formula: {cell[:40]!r}" for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r"))


def judge(path, schema, xsd):
    if path.endswith(".xml"):
        return (f"{e.path}: {e.reason}"[:400] for e in xsd.iter_errors(path)) if xsd else ()
    text = open(path, encoding="utf-8", newline="").read()
    if path.endswith(".stix.json"):
        return stix(text)
    if path.endswith(".misp.json"):
        return misp(text)
    if path.endswith(".csv"):
        return table(text)
    return iodef_json(text, schema) if schema else ()


def main():
    schema, xsd, *files = sys.argv[1:]
    schema = None if schema == "-" else json.load(open(schema, encoding="utf-8"))
    xsd = None if xsd == "-" else xmlschema.XMLSchema10(xsd)
    for path in files:
        problems = []
        try:
            for problem in judge(path, schema, xsd):
                problems.append(problem)
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}"[:600])
        print(json.dumps({"file": path, "problems": problems}), flush=True)


main()
