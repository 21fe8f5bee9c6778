#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fuzz_table.py SPEC: prints every request of the spec with its attributes, as C."""

import sys

import yaml


def constant(*parts):
    return "_".join(("BRKWATCH", *parts)).upper().replace("-", "_")


def attribute(group, attr):
    checks = attr.get("checks", {})
    kind = {"u32": "VALUE", "u64": "VALUE", "flag": "FLAG", "string": "TEXT"}[attr["type"]]
    size = {"u32": 4, "u64": 8, "flag": 0, "string": checks.get("max-len", 0)}[attr["type"]]
    return f"\t{{ {constant('A', group, attr['name'])}, {kind}, {size}, " \
           f"{checks.get('min', 0)}ULL, {checks.get('max', 0)}ULL, \"{attr['name']}\" }},"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = yaml.safe_load(file)
    groups = {group["name"]: {attr["name"]: attr for attr in group["attributes"]}
              for group in spec["attribute-sets"]}
    print(f"/* Made by {sys.argv[0]} from {sys.argv[1]}. */")
    rows = []
    for op in spec["operations"]["list"]:
        for way in ("do", "dump"):
            if way not in op:
                continue
            names = op[way].get("request", {}).get("attributes", [])
            group, table = op["attribute-set"], f"{op['name']}_{way}".replace("-", "_")
            print(f"static const struct attribute {table}[] = {{")
            for name in names:
                print(attribute(group, groups[group][name]))
            print("\t{ 0 }\n};")
            rows.append(f"\t{{ {constant('CMD', op['name'])}, {int(way == 'dump')}, {table}, {len(names)} }},")
    print("static const struct operation operations[] = {", *rows, "};", sep="\n")


main()
