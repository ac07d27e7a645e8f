"""Adapters to payment providers; all speak the port of `xianji.domains.payments.provider`.

`open_licensed` makes one from the folder its institution's credentials are in (docs/operations.md says what is there).
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from xianji.domains.payments.provider import PaymentProvider

from . import wire
from .alipay import AlipayAccount, AlipayProvider
from .alipay_wire import AlipayKeys
from .stripe import StripeAccount, StripeProvider
from .wechat import WechatAccount, WechatProvider
from .wechat_wire import WechatKeys


def open_licensed(
    name: str,
    folder: Path,
    records: wire.Records,
    notify_url: str,
    *,
    now: Callable[[], datetime],
    nonce: Callable[[], str],
) -> PaymentProvider:
    """The adapter called `name`. FileNotFoundError, ValueError or msgspec.ValidationError say what is wrong there."""
    about = (folder / "account.json").read_bytes()
    match name:
        case "wechat":
            return _wechat(folder, msgspec.json.decode(about, type=WechatAccount), records, notify_url, now, nonce)
        case "alipay":
            account = msgspec.json.decode(about, type=AlipayAccount)
            private = wire.private_key((folder / "private.pem").read_bytes())
            theirs = wire.public_key((folder / "alipay_public.pem").read_bytes())
            return AlipayProvider(account, AlipayKeys(account.app_id, private, theirs), records, now=now)
        case "stripe":
            return StripeProvider(
                msgspec.json.decode(about, type=StripeAccount),
                _text(folder / "secret.key"),
                _text(folder / "webhook.key"),
                records,
            )
        case _:
            raise ValueError(f"no licensed provider {name}")


def _wechat(
    folder: Path,
    account: WechatAccount,
    records: wire.Records,
    notify_url: str,
    now: Callable[[], datetime],
    nonce: Callable[[], str],
) -> WechatProvider:
    """Each public key is a file named after its id: PUB_KEY_ID_….pem, or a certificate's serial."""
    secret = _text(folder / "apiv3.key").encode()
    if len(secret) != 32:
        raise ValueError("the APIv3 key has 32 characters")
    public = {path.stem: wire.public_key(path.read_bytes()) for path in sorted((folder / "public").glob("*.pem"))}
    if not public:
        raise ValueError("no public key of WeChat Pay")
    private = wire.private_key((folder / "private.pem").read_bytes())
    keys = WechatKeys(account.mchid, account.serial, private, public, secret)
    return WechatProvider(account, keys, records, notify_url, now=now, nonce=nonce)


def _text(path: Path) -> str:
    return path.read_text("ascii").strip()
