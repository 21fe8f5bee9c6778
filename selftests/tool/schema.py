# SPDX-License-Identifier: GPL-2.0
"""The JSON Schema of --json, and a validator from outside of the project."""

import json

import jsonschema

from harness import document

SCHEMA = json.loads(document("brkwatch.schema.json"))
LINE = jsonschema.Draft202012Validator(SCHEMA)


def fits(line):
    """Whether the schema of the line's kind admits it; the schema of all kinds is equivalent, but slow."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{line['event']}"}
    del schema["oneOf"]
    return jsonschema.Draft202012Validator(schema).is_valid(line)
