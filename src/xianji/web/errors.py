"""A refusal beside the field it is about."""

from collections.abc import Collection
from typing import Any

from xianji.kernel.errors import Refusal
from xianji.kernel.words import sentence

from .visit import Visit


def beside(visit: Visit, refusal: Refusal | None, fields: Collection[str]) -> dict[str, str]:
    """The sentence under the name of its field; under "" when the form has no such field. Empty without a refusal."""
    errors: dict[str, Any] = dict.fromkeys([*fields, ""], "")
    if refusal is not None:
        about = refusal.facts.get("field") or refusal.code.field or ""
        errors[about if about in errors else ""] = sentence(refusal, visit.language)
    return errors
