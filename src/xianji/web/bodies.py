"""Request bodies judged before anybody parses them: size, nesting, NUL and lone surrogates."""

import re
from typing import Any

import msgspec

from xianji.kernel.errors import BODY_TOO_LARGE, MALFORMED, NOT_FOUND, Code, Kind

LONGEST = 256 * 1024
LONGEST_UPLOAD = 110 * 1024 * 1024
DEEPEST = 32

NESTED_TOO_DEEP = Code("nested_too_deep", Kind.MALFORMED)

# Possessive, and happy without the closing quote: a body of `\"\"\"…` must not be read again from every quote in it.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_LONGEST_STEP = 255


def judge_size(length: int, longest: int = LONGEST) -> None:
    """Refuses `body_too_large` above `longest` bytes."""
    if length > longest:
        raise BODY_TOO_LARGE(longest_kb=longest // 1024)


def judge_json(body: bytes) -> None:
    """Refuses `nested_too_deep`, and `malformed` for NUL or half characters, which PostgreSQL cannot keep."""
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        _judge_depth(body)
    if b"\\u" in body or b"\x00" in body:
        try:
            _judge_texts(msgspec.json.decode(body))
        except msgspec.DecodeError as wrong:
            raise MALFORMED(why=str(wrong)) from None


def judge_path(path: str) -> None:
    """Refuses `malformed` for NUL and half characters, `not_found` for a step longer than a file's name can be."""
    judge_text(path)
    if any(len(step.encode()) > _LONGEST_STEP for step in path.split("/")):
        raise NOT_FOUND()


def whole(text: str) -> int | None:
    """A whole number of up to 15 digits, or None: `int` raises on the digits of other scripts and on endless ones."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def judge_text(text: str) -> None:
    """Refuses `malformed` for NUL and lone surrogates in one text."""
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise MALFORMED(why="NUL or half a character")


def _judge_depth(body: bytes) -> None:
    depth = 0
    for match in _BRACKETS.finditer(body):
        mark = match[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth > DEEPEST:
                raise NESTED_TOO_DEEP(deepest=DEEPEST)
        elif mark in (b"]", b"}"):
            depth -= 1


def _judge_texts(value: Any) -> None:
    if isinstance(value, str):
        judge_text(value)
    elif isinstance(value, list):
        for part in value:
            _judge_texts(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            judge_text(name)
            _judge_texts(part)
