"""The rules as data: what may not be sold and said, and by which rules reports are decided."""

import msgspec
from litestar.types import ControllerRouterHandler

from xianji.domains import moderation, screening
from xianji.domains.moderation import Words
from xianji.domains.screening import RuleBook
from xianji.web.answers import reads
from xianji.web.visit import Req


class Rules(msgspec.Struct, frozen=True):
    """`screening` is judged by the machine when something is said, `moderation` by people when it is reported."""

    screening: RuleBook
    moderation: list[Words]


@reads("/api/v1/rules", operation_id="get_rules", tags=["rules"])
async def get_rules(request: Req) -> Rules:
    """The rules in force: version, words, exceptions and sentences in both languages. Refusals name their ids."""
    del request
    return Rules(screening.rules(), list(moderation.policy().rules.values()))


ROUTES: list[ControllerRouterHandler] = [get_rules]
