"""A circle's rules as sentences that anybody understands, with the version and the date of each."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import circles
from xianji.domains.circles import CirclePage, RuleVersion
from xianji.kernel.work import Look

from . import shapes
from .visit import Visit

NAMES = {
    "house_rules": "圈子约定",
    "guest_stalls": "评论区摆摊",
    "kinds_welcome": "收哪些笔记",
    "who_posts": "谁能发",
    "commercial_share": "卖东西的比例",
}
KINDS = {
    "share": "分享",
    "sale": "出闲置",
    "stall": "摊位",
    "wanted": "求购",
    "giveaway": "免费送",
    "warning": "避雷",
}
STALLS = {
    "allow": "谁都可以在别人的笔记下面摆上自己的宝贝；楼主可以给自己那篇另定。",
    "approve": "在别人的笔记下面摆宝贝，要楼主点头；楼主可以给自己那篇另定。",
    "forbid": "别人的笔记下面不摆宝贝，聊天随意；楼主可以给自己那篇另定。",
}
POSTERS = {"members": "加入以后谁都可以发笔记。", "hosts": "只有圈主发笔记，大家都可以评论。"}


class RuleShown(msgspec.Struct, frozen=True):
    """One version of one rule, in the reader's language."""

    name: str
    title: str
    value: Any
    sentences: list[str]
    version: int
    ordinal: int
    since: datetime
    reason: str


class RulesShown(msgspec.Struct, frozen=True):
    """The rules in force, and every version that ever was, the newest first."""

    circle: str
    in_force: list[RuleShown]
    history: list[RuleShown]


def shown(visit: Visit, look: Look, circle: CirclePage, versions: list[RuleVersion]) -> RulesShown:
    """Both lists for a reader."""
    days = circle.rules.commercial_days
    in_force = circles.rules_in_force(look, circle, versions)
    return RulesShown(
        circle.id,
        [_shown(visit, version, days) for version in in_force],
        [_shown(visit, version, days) for version in versions],
    )


def _shown(visit: Visit, version: RuleVersion, days: int) -> RuleShown:
    return RuleShown(
        version.name,
        shapes.say(visit, NAMES[version.name]),
        version.value,
        sentences(visit, version, days),
        version.number,
        version.ordinal,
        version.since,
        version.reason,
    )


def sentences(visit: Visit, version: RuleVersion, days: int) -> list[str]:
    """What the rule means for a person; the house rules are the circle's own words."""
    match version.name:
        case "house_rules":
            return list(version.value) or [shapes.say(visit, "没有另外的约定，像邻居那样就好。")]
        case "guest_stalls":
            return [shapes.say(visit, STALLS[version.value])]
        case "who_posts":
            return [shapes.say(visit, POSTERS[version.value])]
        case "kinds_welcome":
            return [_welcome(visit, version.value)]
        case "commercial_share":
            return [_share(visit, version.value, days)]


def _welcome(visit: Visit, kinds: list[str]) -> str:
    if not kinds:
        return shapes.say(visit, "这里暂时不收新笔记。")
    mark = "、" if visit.language == "zh" else ", "
    names = mark.join(shapes.say(visit, KINDS[kind]) for kind in KINDS if kind in kinds)
    return shapes.say(visit, "欢迎这些笔记：%(kinds)s。", kinds=names)


def _share(visit: Visit, share: int, days: int) -> str:
    if share >= 100:
        return shapes.say(visit, "卖东西的笔记不限多少。")
    return shapes.say(
        visit,
        "每个人 %(days)s 天里在这里发的，卖东西的最多占 %(share)s%%；第一篇总可以发。",
        days=days,
        share=share,
    )
