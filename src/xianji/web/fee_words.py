"""A fee policy in sentences, the same ones before a sale and in its receipt."""

from xianji.domains.fees import FeePolicy
from xianji.kernel.money import as_text

from . import render
from .visit import Visit

_WHEN = {"completion": "成交时收 %(rate)s，没成交不收。", "payment": "买家付款时收 %(rate)s，之后退款也不退这笔费用。"}
_AFTER = {"kept": "成交后再退款，收过的费用不退。", "in_proportion": "成交后再退款，费用按退的比例退给卖家。"}


def sentences(visit: Visit, policy: FeePolicy) -> list[str]:
    """What this policy takes of a sale, when, and what becomes of it."""
    say, currency = render.translate, visit.house.here.currency
    locale = "zh_CN" if visit.language == "zh" else "en"
    if policy.rate_ppm == 0 and policy.excess is None and policy.upper is None:
        return [say(visit, "不收佣金，卖多少到手多少。")]
    told = [say(visit, _WHEN[policy.charge_at], rate=_percent(policy.rate_ppm))]
    if policy.cap is not None:
        told.append(say(visit, "一笔最多收 %(most)s。", most=as_text(policy.cap, currency, locale)))
    told.append(say(visit, "运费也算在内。" if policy.includes_shipping else "运费不算在内。"))
    if policy.upper is not None:
        above = as_text(policy.upper.above, currency, locale)
        told.append(
            say(visit, "一年卖出超过 %(above)s 后收 %(rate)s。", above=above, rate=_percent(policy.upper.rate_ppm))
        )
    if policy.excess is not None:
        told.append(
            say(
                visit,
                "一个月卖出超过 %(orders)s 笔、并且超过 %(above)s 后，多出的每笔再加 %(rate)s。",
                orders=policy.excess.orders,
                above=as_text(policy.excess.amount, currency, locale),
                rate=_percent(policy.excess.rate_ppm),
            )
        )
    if policy.charge_at == "completion":
        told.append(say(visit, "成交前退掉的部分不收费。"))
    return [*told, say(visit, _AFTER[policy.after_completion])]


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:g}%"
