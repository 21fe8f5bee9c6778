# SPDX-License-Identifier: GPL-2.0
"""The JSON Schema of --json, and a validator that is not ours."""

import json

import jsonschema

from harness import document

SCHEMA = json.loads(document("brkwatch.schema.json"))
LINE = jsonschema.Draft202012Validator(SCHEMA)


def fits(line):
    """Whether the schema of the line's kind admits it; of all kinds together is the same, slowly."""
    schema = {**SCHEMA, "$ref": f"#/$defs/{line['event']}"}
    del schema["oneOf"]
    return jsonschema.Draft202012Validator(schema).is_valid(line)
