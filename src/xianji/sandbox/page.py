"""The pay page: plain HTML that works without script, in zh-CN and English."""

from html import escape
from pathlib import Path

from xianji.sandbox.model import Payment

CSS = (Path(__file__).parent / "assets" / "pay.css").read_bytes()

HEADERS = {
    "Content-Security-Policy": ("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Language",
}

_TEXTS = {
    "zh-CN": {
        "title": "确认付款",
        "sandbox": "沙箱：不会动用真钱",
        "pay_to": "付给",
        "amount": "金额",
        "held": "付款后，钱先托管，等你确认再交给卖家。",
        "success": "付款成功",
        "fail": "付款失败",
        "failed": "刚才那次没有付成，钱没有动。可以再试一次。",
        "paid": "已经付过了，不用再付。",
        "closed": "这笔付款已经关闭，没有扣钱。",
        "gone": "没有找到这笔付款，链接可能不完整。",
        "bad": "没看懂这次提交，请返回再试一次。",
        "back": "返回",
        "number": "付款单号",
    },
    "en": {
        "title": "Confirm payment",
        "sandbox": "Sandbox: no real money moves",
        "pay_to": "Pay to",
        "amount": "Amount",
        "held": "Your money is held first, and goes to the seller once you confirm.",
        "success": "Payment succeeds",
        "fail": "Payment fails",
        "failed": "The last try did not go through. No money moved, you can try again.",
        "paid": "This is already paid. Nothing more to do.",
        "closed": "This payment is closed. You were not charged.",
        "gone": "We could not find this payment. The link may be incomplete.",
        "bad": "We could not read that. Please go back and try again.",
        "back": "Go back",
        "number": "Payment number",
    },
}
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}
_NO_MINOR = {"JPY", "KRW", "VND"}


def language(accept: str) -> str:
    """The reader's language from Accept-Language: English when it is wanted more than Chinese."""
    wishes: list[tuple[float, str]] = []
    for wish in accept.split(","):
        tag, _, weight = wish.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.lower()))
        except ValueError:
            continue
    for wanted, tag in sorted(wishes, key=lambda w: -w[0]):
        if wanted > 0 and tag[:2] in ("zh", "en"):
            return "en" if tag[:2] == "en" else "zh-CN"
    return "zh-CN"


def money_text(amount: int, currency: str) -> tuple[str, str]:
    """Sign and digits of an amount in minor units."""
    sign = _SIGNS.get(currency, currency + " ")
    if currency in _NO_MINOR:
        return sign, f"{amount:,}"
    return sign, f"{amount // 100:,}.{amount % 100:02d}"


def pay_page(payment: Payment, accept: str) -> str:
    """The page of one payment, in the state it is in."""
    lang = language(accept)
    t = _TEXTS[lang]
    sign, digits = money_text(payment.amount, payment.currency)
    payees = "、" if lang == "zh-CN" else ", "
    names = payees.join(dict.fromkeys(p.name or p.payee for p in payment.parts))
    facts = (
        f'<p class="what">{escape(payment.description)}</p>'
        f'<p class="price"><span class="sign">{escape(sign)}</span>{digits}</p>'
        f"<dl><div><dt>{t['pay_to']}</dt><dd>{escape(names)}</dd></div>"
        f"<div><dt>{t['number']}</dt><dd>{escape(payment.provider_no)}</dd></div></dl>"
    )
    back = f'<a class="quiet" href="{escape(payment.return_url)}">{t["back"]}</a>'
    if payment.state != "pending":
        return _page(lang, facts + f'<p class="note" role="status">{t[payment.state]}</p>{back}')
    again = f'<p class="note" role="status">{t["failed"]}</p>' if payment.failed_tries else ""
    form = (
        f'<form method="post" action="/pay/{payment.token}">'
        f'<button class="main" name="result" value="success">{t["success"]}</button>'
        f'<button class="other" name="result" value="fail">{t["fail"]}</button></form>'
    )
    return _page(lang, f'{facts}{again}{form}<p class="held">{t["held"]}</p>{back}')


def message_page(kind: str, accept: str) -> str:
    """A page with one plain sentence: `gone` or `bad`."""
    lang = language(accept)
    return _page(lang, f'<p class="note" role="status">{_TEXTS[lang][kind]}</p>')


def _page(lang: str, inside: str) -> str:
    t = _TEXTS[lang]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{t["title"]}</title><link rel="stylesheet" href="/pay.css"></head>'
        f'<body><main><p class="banner">{t["sandbox"]}</p><h1>{t["title"]}</h1>{inside}</main></body></html>'
    )
