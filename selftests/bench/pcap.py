# SPDX-License-Identifier: GPL-2.0
"""Records of a capture, for scripts that make other captures out of them."""

import struct

HEAD = 24
RECORD, MESSAGE = struct.Struct("<IIII"), struct.Struct("<IHHII")
COOKED, SENT, GENERIC = 16, 4, 4
# The size of a message's record before the attributes of the message.
ATTRIBUTES = RECORD.size + COOKED + MESSAGE.size + GENERIC


def records(data):
    """(whole record, is it a request, command, its message) of each record."""
    at = HEAD
    while at < len(data):
        length = RECORD.unpack_from(data, at)[2]
        end = at + RECORD.size + length
        message = data[at + RECORD.size + COOKED:end]
        direction, = struct.unpack_from(">H", data, at + RECORD.size)
        yield data[at:end], direction == SENT, message[16] if len(message) > 16 else -1, message
        at = end


def attribute(record, wanted):
    """Where in a record the value of an attribute begins; None if it has no attribute of that number."""
    at = ATTRIBUTES
    while at < len(record):
        length, number = struct.unpack_from("<HH", record, at)
        if number == wanted:
            return at + 4
        at += (length + 3) & ~3
    return None


def with_attributes(record, attributes):
    """The record of a message with these attributes, unchanged, instead of its own."""
    size = ATTRIBUTES - RECORD.size + len(attributes)
    new = bytearray(record[:ATTRIBUTES] + attributes)
    seconds, fraction, _, _ = RECORD.unpack_from(record)
    RECORD.pack_into(new, 0, seconds, fraction, size, size)
    struct.pack_into("<I", new, RECORD.size + COOKED, size - COOKED)
    return new


def exchange(records_of, number):
    """A request and its answers, with a number of their own."""
    for record in records_of:
        numbered = bytearray(record)
        struct.pack_into("<I", numbered, RECORD.size + COOKED + 8, number)
        yield bytes(numbered)
