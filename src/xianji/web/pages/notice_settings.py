"""Which notices I want."""

from typing import Any, get_args

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import notices
from xianji.domains.notices import ALWAYS, ChooseNotices, Group
from xianji.web import forms, render
from xianji.web.forms import Pairs
from xianji.web.visit import Req, visit_of

_GROUPS: dict[Group, tuple[str, str]] = {
    "orders": ("订单和退款", "付款、发货、送达、退款"),
    "decisions": ("站方的处理", "下架、限制、申诉和举报的结果"),
    "offers": ("出价", "有人出价、还价、谈成"),
    "gifts": ("送和求", "有人想要、送给了你、有你求购的"),
    "visits": ("上门来挑", "有人约了、不来了、取消了"),
    "talk": ("评论和提到", "评论、回复、提到你、来摆摊的"),
    "likes": ("喜欢和收藏", "有人喜欢、收藏你的笔记"),
    "follows": ("新的关注", ""),
    "prices": ("降价", "收藏的宝贝便宜了"),
    "searches": ("保存的搜索", "有新的、变便宜的"),
}
assert set(_GROUPS) == set(get_args(Group))


def wish(pairs: Pairs, _currency: str) -> ChooseNotices:
    """A form sends the groups that are wanted; all others that may be switched off are."""
    wanted = {value for name, value in pairs if name == "wanted"}
    return forms.converted(ChooseNotices, {"off": [one for one in _GROUPS if one not in ALWAYS | wanted]})


@get("/settings/notices", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """Every group with its switch."""
    visit = visit_of(request)
    async with visit.look() as look:
        off = (await notices.my_choices(look)).off
    return render.sheet(
        visit,
        "pages/notice_settings.html",
        title="通知",
        back="/settings",
        groups=[
            {
                "name": name,
                "title": render.translate(visit, title),
                "note": render.translate(visit, note) if note else "",
                "on": name not in off,
                "always": name in ALWAYS,
            }
            for name, (title, note) in _GROUPS.items()
        ],
    )


ROUTES: list[ControllerRouterHandler] = [show]
