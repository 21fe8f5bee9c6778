# SPDX-License-Identifier: GPL-2.0
"""The JSON Schema of --json, and a validator from outside of the project."""

import functools
import json

import jsonschema

from harness import document, holds

SCHEMA = json.loads(document("brkwatch.schema.json"))
LINE = jsonschema.Draft202012Validator(SCHEMA)
# The last line if nothing was.
LOST = {"event": "lost", "ring": 0, "probe": 0, "watch": 0, "socket": 0}


@functools.cache
def validator(kind):
    schema = {**SCHEMA, "$ref": f"#/$defs/{kind}"}
    del schema["oneOf"]
    return jsonschema.Draft202012Validator(schema)


# The schema calls the totals of a process a process.
NAMES = {"process": "process_facts"}


def fits(line):
    """Whether the schema of the line's kind admits it; the schema of all kinds is equivalent, but slow."""
    return validator(NAMES.get(line["event"], line["event"])).is_valid(line)


def spoiled(line):
    """The line with each key left out, each of a wrong type, and with one more."""
    for key in line.keys() - {"event"}:
        yield {other: value for other, value in line.items() if other != key}
        yield {**line, key: [line[key]]}
    yield {**line, "more": None}


def refuses_all_else(line):
    holds(LINE.is_valid(line), line)
    admitted = [wrong for wrong in spoiled(line) if fits(wrong)]
    holds(not admitted, line, *admitted)
