"""What the conformance suite holds in its hands: an adapter, its institution, and our memory of what was asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.conftest import FakeClock
from xianji.domains.payments import provider as port
from xianji.domains.payments.providers import wire
from xianji.domains.payments.providers.alipay import AlipayAccount, AlipayProvider
from xianji.domains.payments.providers.alipay_wire import AlipayKeys
from xianji.domains.payments.providers.stripe import StripeAccount, StripeProvider
from xianji.domains.payments.providers.wechat import WechatAccount, WechatProvider
from xianji.domains.payments.providers.wechat_wire import WechatKeys

from .institutions.alipay import Alipay
from .institutions.base import Institution
from .institutions.stripe import Stripe
from .institutions.wechat import Wechat

NOTIFY = "https://xianji.example/hooks/payments/"
NUMBERS = count(1)


@dataclass
class Memory:
    """Our records, in memory."""

    accounts: dict[str, str]
    payments: dict[str, wire.AskedPayment] = field(default_factory=dict)
    requests: dict[str, wire.AskedRequest] = field(default_factory=dict)

    async def payment(self, out_no: str) -> wire.AskedPayment:
        return self._of(self.payments, out_no, "not_found")

    async def request(self, number: str) -> wire.AskedRequest:
        return self._of(self.requests, number, "not_found")

    async def account_of(self, payee: str) -> str:
        return self._of(self.accounts, payee, "payee_without_account")

    def _of(self, book: dict[str, Any], key: str, code: str) -> Any:
        if key not in book:
            raise port.ProviderRefused(code)
        return book[key]


@dataclass
class Bench:
    """One adapter against its institution."""

    name: str
    adapter: Any
    institution: Any
    memory: Memory
    clock: FakeClock
    currency: str
    hold_days: int
    combines: bool
    stranger: Any  # a key that is not the institution's
    other_house: dict[str, Any]  # what makes a callback somebody else's

    def ask(self, *amounts: int) -> port.PaymentAsk:
        number = f"pay_{next(NUMBERS):026d}"
        parts = tuple(
            port.PaymentPart(f"ord_{n:026d}", f"seller-{n}", amount, "小林的书摊") for n, amount in enumerate(amounts)
        )
        asked = port.PaymentAsk(
            out_no=number,
            amount=sum(amounts),
            currency=self.currency,
            description="旧书两本",
            parts=parts,
            notify_url=NOTIFY + self.name,
            return_url="https://xianji.example/orders/1",
            expires_at=self.clock.now() + timedelta(minutes=30),
        )
        self.memory.payments[number] = wire.AskedPayment(out_no=number, currency=self.currency, parts=parts)
        return asked

    async def opened(self, *amounts: int) -> tuple[port.PaymentAsk, str]:
        """A payment opened at the institution, whose number for it we remember as the house does."""
        ask = self.ask(*amounts)
        state = await self.adapter.create_payment(ask)
        known = self.memory.payments[ask.out_no]
        self.memory.payments[ask.out_no] = wire.AskedPayment(
            out_no=ask.out_no, currency=self.currency, parts=known.parts, provider_no=state.provider_no
        )
        return ask, state.pay_url

    async def paid(self, *amounts: int) -> port.PaymentAsk:
        ask, url = await self.opened(*amounts)
        self.institution.buyer_pays(url, ask.out_no)
        return ask

    def splits(self, net: int, fee: int, seller: int = 0) -> tuple[port.Split, ...]:
        given = (port.Split(f"seller-{seller}", net, "seller"), port.Split("platform", fee, "fee"))
        return tuple(split for split in given if split.amount)

    def note(self, ask: port.PaymentAsk, amount: int, splits: tuple[port.Split, ...] = (), part: int = 0) -> str:
        """A number of ours, remembered with what it is for."""
        number = f"pcl_{next(NUMBERS):026d}"
        self.memory.requests[number] = wire.AskedRequest(
            number=number, out_no=ask.out_no, part=ask.parts[part].part, amount=amount, splits=splits
        )
        return number

    async def released(self, ask: port.PaymentAsk, *splits: port.Split, part: int = 0) -> port.ReleaseState:
        number = self.note(ask, sum(split.amount for split in splits), splits, part)
        return await self.release_as(number)

    async def release_as(self, number: str) -> port.ReleaseState:
        asked = self.memory.requests[number]
        return await self.adapter.release(asked.out_no, part=asked.part, out_release_no=number, splits=asked.splits)

    async def refunded(self, ask: port.PaymentAsk, amount: int) -> port.RefundState:
        return await self.refund_as(self.note(ask, amount))

    async def refund_as(self, number: str) -> port.RefundState:
        asked = self.memory.requests[number]
        return await self.adapter.refund(
            asked.out_no, part=asked.part, out_refund_no=number, amount=asked.amount, reason="少了一页"
        )

    def verify(self, headers: dict[str, str], body: bytes) -> port.ProviderFact:
        return self.adapter.verify_event(headers, body, self.clock.now())

    def account(self, payee: str) -> str:
        return self.memory.accounts[payee]


@dataclass(frozen=True)
class KeyBox:
    ours: rsa.RSAPrivateKey
    theirs: rsa.RSAPrivateKey
    stranger: rsa.RSAPrivateKey


def _wechat(clock: FakeClock, keys: KeyBox, nonce: Callable[[], str]) -> Bench:
    secret = b"0123456789abcdef0123456789abcdef"
    found = Wechat(clock, keys.ours.public_key(), keys.theirs, secret)
    memory = Memory({f"seller-{n}": f"190000{n:04d}" for n in range(3)})
    account = WechatAccount(mchid=found.mchid, appid=found.appid, serial=found.serial, base_url=found.url)
    ours = WechatKeys(found.mchid, found.serial, keys.ours, {found.their_id: keys.theirs.public_key()}, secret)
    adapter = WechatProvider(account, ours, memory, NOTIFY + "wechat", now=clock.now, nonce=nonce)
    return Bench("wechat", adapter, found, memory, clock, "CNY", 180, True, keys.stranger, {"serial": "PUB_KEY_ID_X"})


def _alipay(clock: FakeClock, keys: KeyBox, nonce: Callable[[], str]) -> Bench:
    found = Alipay(clock, keys.ours.public_key(), keys.theirs)
    memory = Memory({f"seller-{n}": f"208844{n:010d}" for n in range(3)})
    account = AlipayAccount(app_id=found.app_id, fee_account=found.fee_account, gateway=found.url + "/gateway.do")
    adapter = AlipayProvider(
        account, AlipayKeys(found.app_id, keys.ours, keys.theirs.public_key()), memory, now=clock.now
    )
    return Bench(
        "alipay", adapter, found, memory, clock, "CNY", 30, False, keys.stranger, {"app_id": "2021999999999999"}
    )


def _stripe(clock: FakeClock, keys: KeyBox, nonce: Callable[[], str]) -> Bench:
    found = Stripe(clock)
    memory = Memory({f"seller-{n}": f"acct_{n}" for n in range(3)})
    adapter = StripeProvider(StripeAccount(live=False, base_url=found.url), found.key, found.webhook_secret, memory)
    return Bench("stripe", adapter, found, memory, clock, "USD", 90, True, keys.stranger, {"live": True})


MAKERS: dict[str, Callable[[FakeClock, KeyBox, Callable[[], str]], Bench]] = {
    "wechat": _wechat,
    "alipay": _alipay,
    "stripe": _stripe,
}

__all__ = ["MAKERS", "Bench", "Institution", "KeyBox", "Memory"]
