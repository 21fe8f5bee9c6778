# SPDX-License-Identifier: GPL-2.0
"""The JSON Schema of --json, and a validator from outside of the project."""

import functools
import json

import jsonschema

from harness import document

SCHEMA = json.loads(document("brkwatch.schema.json"))
LINE = jsonschema.Draft202012Validator(SCHEMA)


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
