"""Request bodies judged before anybody parses them: size, nesting, NUL and lone surrogates."""

import re
from typing import Any

import msgspec

from xianji.kernel.errors import BODY_TOO_LARGE, MALFORMED, Code, Kind

LONGEST = 256 * 1024
DEEPEST = 32

NESTED_TOO_DEEP = Code("nested_too_deep", Kind.MALFORMED)

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def judge_size(length: int) -> None:
    """Refuses `body_too_large` above 256 KB."""
    if length > LONGEST:
        raise BODY_TOO_LARGE(longest_kb=LONGEST // 1024)


def judge_json(body: bytes) -> None:
    """Refuses `nested_too_deep`, and `malformed` for NUL or half characters, which PostgreSQL cannot keep."""
    if body.count(b"[") + body.count(b"{") > DEEPEST:
        _judge_depth(body)
    if b"\\u" in body or b"\x00" in body:
        try:
            _judge_texts(msgspec.json.decode(body))
        except msgspec.DecodeError as wrong:
            raise MALFORMED(why=str(wrong)) from None


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
