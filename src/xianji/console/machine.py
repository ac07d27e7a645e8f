"""What the machine knows about itself: versions of settings, the audit chain, parked events, payment facts."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import members, payments
from xianji.domains.members import MemberCard
from xianji.kernel import audit, config, outbox
from xianji.kernel.config import Key
from xianji.kernel.errors import MALFORMED, NOT_FOUND, Refusal
from xianji.kernel.ids import is_id
from xianji.kernel.words import catalogue
from xianji.web import forms, render
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

from . import desk
from .gate import bar


@get("/console/config", include_in_schema=False)
async def settings(request: Req) -> Response[Any]:
    """Every declared setting with the value in force."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    visit.actor.need_role("admin")
    async with visit.look() as look:
        lines = [
            [
                desk.cell(name, f"/console/config/{name}"),
                desk.cell(_plain(look.config.get(key))),
                desk.cell(look.config.version(key)),
                desk.cell(_meaning(visit, key)),
            ]
            for name, key in sorted(Key.declared.items())
        ]
    heads = desk.heads(visit, "名字", "现值", "版本", "说明")
    return desk.page(visit, "pages/console_rows.html", "/console/config", tables=[("配置", heads, lines)], note="")


@get("/console/config/{name:str}", include_in_schema=False)
async def setting(request: Req, name: FromPath[str]) -> Response[Any]:
    """One setting with all its versions and the form for a new one."""
    visit = visit_of(request)
    return await bar(visit) or await _setting(visit, name, {}, None)


@post("/console/config/{name:str}", include_in_schema=False)
async def change(request: Req, name: FromPath[str]) -> Response[Any]:
    """Add a version, with its reason and the moment from which it holds."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    typed = dict(await forms.pairs(request))
    try:
        async with visit.work() as work:
            work.actor.need_role("admin")
            value, reason = _read(typed.get("value", "")), typed.get("reason", "").strip()
            if not reason:
                raise MALFORMED(why="reason", field="reason")
            await config.set_value(work, name, value, reason, typed.get("scope", "").strip(), _moment(visit, typed))
            await audit.record(work, "config.set", name, reason, value=value)
    except Refusal as refusal:
        return await _setting(visit, name, typed, refusal)
    visit.database.book.forget()
    return Response(None, status_code=303, headers={"Location": f"/console/config/{name}?ok=saved"})


async def _setting(visit: Visit, name: str, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    key = Key.declared.get(name)
    if key is None:
        raise NOT_FOUND()
    async with visit.look() as look:
        found = await config.versions_of(look, name)
        now = _plain(look.config.get(key))
    lines = [
        [
            desk.cell(line.number),
            desk.cell(line.scope),
            desk.cell(_plain(line.value)),
            desk.cell("；".join(differences(_before(found, line, key), line.value))),
            desk.at(visit, line.valid_from),
            desk.cell(line.reason),
            desk.cell(line.set_by or ""),
        ]
        for line in found
    ]
    default = [desk.cell(0), desk.cell(""), desk.cell(_plain(key.default)), *[desk.cell("")] * 4]
    return desk.page(
        visit,
        "pages/console_setting.html",
        "/console/config",
        status=STATUS[refusal.code.kind] if refusal else 200,
        name=name,
        why=_meaning(visit, key),
        now=now,
        heads=desk.heads(visit, "版本", "范围", "值", "改了什么", "何时起", "理由", "谁改的"),
        lines=[*lines, default],
        typed={"value": now, "reason": "", "scope": "", "valid_from": "", **typed},
        errors=beside(visit, refusal, {"value", "reason", "valid_from", "scope"}),
    )


def _meaning(visit: Visit, key: Key[Any]) -> str:
    """What the setting is for, in the reader's language."""
    return catalogue("settings")[key.name]["zh"] if visit.language == "zh" else key.why


def _before(found: list[config.VersionLine], line: config.VersionLine, key: Key[Any]) -> Any:
    """What this version replaced: the one before it in its scope, or the installation's, or the default."""
    for scope in dict.fromkeys((line.scope, "")):
        for other in found:
            if other.scope == scope and other.number < line.number:
                return other.value
    return msgspec.to_builtins(key.default)


def differences(before: Any, after: Any, place: str = "") -> list[str]:
    """What differs between two values of JSON, one line each, with the place in the value where it does."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        pairs = [(f"{place}.{name}".lstrip("."), before.get(name), after.get(name)) for name in names]
    elif isinstance(before, list) and isinstance(after, list):
        longest = range(max(len(before), len(after)))
        pairs = [(f"{place}[{n}]", _at(before, n), _at(after, n)) for n in longest]
    else:
        return [f"{place}{': ' if place else ''}{_plain(before)} → {_plain(after)}"]
    return [line for where, old, new in pairs for line in differences(old, new, where)]


def _at(values: list[Any], place: int) -> Any:
    return values[place] if place < len(values) else None


def _plain(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _read(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as wrong:
        raise config.SETTING_NOT_VALID(name="value", why=str(wrong)) from None


def _moment(visit: Visit, typed: dict[str, str]) -> datetime | None:
    """The moment typed in the operator's zone; None for now."""
    text = typed.get("valid_from", "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(visit.zone))
    except ValueError:
        raise MALFORMED(why="valid_from", field="valid_from") from None


@get("/console/audit", include_in_schema=False)
async def audit_page(request: Req, before: FromQuery[int] = 0) -> Response[Any]:
    """What operators did, and whether the chain is whole."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    async with visit.look() as look:
        found = await audit.entries(look, before or None)
        broken = await audit.first_broken(look)
        named = {str(one) for entry in found for one in (entry.actor, entry.subject, *entry.facts.values())}
        people = await members.cards(look, sorted(one for one in named if is_id("mbr", one)))
    lines = [
        [
            desk.cell(entry.number),
            desk.at(visit, entry.at),
            desk.cell(catalogue("audit").get(entry.verb, {}).get(visit.language, entry.verb)),
            _named(people, entry.subject),
            desk.member(people, entry.actor or ""),
            desk.cell(entry.reason),
            desk.cell("；".join(_told(people, name, value) for name, value in entry.facts.items())),
        ]
        for entry in found
    ]
    heads = desk.heads(visit, "序号", "时间", "动作", "对象", "谁", "理由", "事实")
    note = "链条完整，没有一条被改过" if broken is None else "链条断了，从这里开始查"
    return desk.page(
        visit,
        "pages/console_rows.html",
        "/console/audit",
        tables=[("操作记录", heads, lines)],
        note=render.translate(visit, note) + ("" if broken is None else f" #{broken}"),
    )


def _named(people: dict[str, MemberCard], subject: str) -> dict[str, Any]:
    """Whom or what an entry is about, with the way there where there is one."""
    if subject in Key.declared:
        return desk.cell(subject, f"/console/config/{subject}")
    return desk.cell(subject, f"/console/cases/{subject}") if is_id("cse", subject) else desk.member(people, subject)


def _told(people: dict[str, MemberCard], name: str, value: Any) -> str:
    """A fact as people read it: members by name."""
    if str(value) in people:
        return f"{name}: {desk.member(people, value)['text']}"
    return f"{name}: {value if isinstance(value, str) else _plain(value)}"


@get("/console/machine", include_in_schema=False)
async def machine(request: Req) -> Response[Any]:
    """Parked events; payment facts without a booking, refused facts, calls that failed."""
    visit = visit_of(request)
    if shut := await bar(visit):
        return shut
    async with visit.look() as look:
        put_aside = await outbox.parked(look)
        unbooked = await payments.unbooked_facts(look)
        refused = await payments.refused_facts(look)
    tables = [
        (
            "停放的事件",
            desk.heads(visit, "时间", "种类", "反应", "原因"),
            [
                [desk.at(visit, one.at), desk.cell(one.kind), desk.cell(one.reaction), desk.cell(one.why)]
                for one in put_aside
            ],
        ),
        (
            "还没入账的支付事实",
            desk.heads(visit, "时间", "种类", "支付", "编号"),
            [[desk.at(visit, one.stored_at), *desk.cells(one.kind, one.payment, one.event_id)] for one in unbooked],
        ),
        (
            "没接受的支付事实",
            desk.heads(visit, "时间", "原因", "编号"),
            [[desk.at(visit, one.at), desk.cell(one.why), desk.cell(one.event_id)] for one in refused.items],
        ),
    ]
    return desk.page(visit, "pages/console_rows.html", "/console/machine", tables=tables, note="")


ROUTES: list[ControllerRouterHandler] = [settings, setting, change, audit_page, machine]
