"""What only one of the licensed providers has: bills with hashes, ABNORMAL refunds, odd currencies, nested forms."""

import base64
import secrets
from collections.abc import AsyncIterator

import pytest

from tests.conftest import FakeClock
from xianji.domains.payments import provider as port
from xianji.domains.payments.providers import wire
from xianji.domains.payments.providers.stripe_wire import amount_here, amount_there, pairs

from .conformance import MAKERS, Bench, KeyBox
from .test_conformance import START, refusal


async def made(name: str, keys: KeyBox) -> AsyncIterator[Bench]:
    found = MAKERS[name](FakeClock(START), keys, lambda: secrets.token_hex(16))
    yield found
    await found.adapter.aclose()
    found.institution.stop()


@pytest.fixture
async def wechat(key_box: KeyBox) -> AsyncIterator[Bench]:
    async for found in made("wechat", key_box):
        yield found


@pytest.fixture
async def stripe(key_box: KeyBox) -> AsyncIterator[Bench]:
    async for found in made("stripe", key_box):
        yield found


async def test_wechat_a_bill_that_is_not_the_announced_one_is_not_read(wechat: Bench) -> None:
    await wechat.paid(12_900)
    wechat.institution.spoil_file = True
    with pytest.raises(port.ProviderUnknown, match="bill_hash"):
        await wechat.adapter.bill(START.date())


async def test_wechat_a_sub_order_goes_to_its_sellers_own_account(wechat: Bench) -> None:
    ask = await wechat.paid(10_000, 2_550)
    subs = [wechat.institution.subs[number] for number in wechat.institution.orders[ask.out_no]["numbers"]]
    assert [(sub["sub_mchid"], sub["amount"]["total_amount"]) for sub in subs] == [
        (wechat.account("seller-0"), 10_000),
        (wechat.account("seller-1"), 2_550),
    ]


async def test_wechat_a_seller_gets_all_that_is_left_or_nothing(wechat: Bench) -> None:
    ask = await wechat.paid(12_900)
    number = wechat.note(ask, 5_000, wechat.splits(4_900, 100))
    assert await refusal(wechat.release_as(number)) == "release_must_be_whole"
    assert (await wechat.adapter.hold_status(ask.out_no)).held == 12_900


async def test_wechat_a_sellers_share_comes_back_by_a_refund_only(wechat: Bench) -> None:
    ask = await wechat.paid(12_900)
    released = await wechat.released(ask, *wechat.splits(12_900, 0))
    back = wechat.adapter.split_return(
        released.out_release_no, out_return_no="pcl_back", payee="seller-0", kind="seller", amount=1
    )
    assert await refusal(back) == "seller_share_not_returnable"
    assert (await wechat.refunded(ask, 900)).amount == 900


async def test_wechat_shares_are_told_without_their_end_so_we_must_ask(wechat: Bench) -> None:
    ask = await wechat.paid(12_900)
    released = await wechat.released(ask, *wechat.splits(12_700, 200))
    fact = wechat.verify(*wechat.institution.callback(wechat.institution.facts[-1]))
    assert (fact.kind, fact.request_no, fact.out_no, fact.amount) == ("heard", released.out_release_no, "", 0)


async def test_wechat_an_abnormal_refund_is_failed_under_a_name_that_is_never_repeated(wechat: Bench) -> None:
    ask = await wechat.paid(12_900)
    number = wechat.note(ask, 900)
    await wechat.refund_as(number)
    wechat.institution.refunds[number]["status"] = "ABNORMAL"
    state = await wechat.adapter.query_refund(number)
    assert (state.state, state.code) == ("failed", "refund_abnormal")


async def test_wechat_takes_its_own_currency_only(wechat: Bench) -> None:
    wechat.currency = "USD"
    assert await refusal(wechat.adapter.create_payment(wechat.ask(500))) == "currency_not_offered"


async def test_wechat_a_callback_of_another_platform_is_not_ours(wechat: Bench) -> None:
    await wechat.paid(12_900)
    event, original, about = wechat.institution.facts[-1]
    with pytest.raises(port.EventRefused, match="wrong_merchant"):
        wechat.verify(*wechat.institution.callback((event, original, about | {"combine_mchid": "1900009999"})))


async def test_wechat_a_resource_sealed_with_another_key_is_not_opened(wechat: Bench) -> None:
    await wechat.paid(12_900)
    wechat.institution.secret = b"f" * 32
    with pytest.raises(port.EventRefused, match="malformed"):
        wechat.verify(*wechat.institution.callback(wechat.institution.facts[-1]))


async def test_stripe_pages_are_read_to_the_end(stripe: Bench) -> None:
    stripe.institution.page = 1
    ask = await stripe.paid(12_900)
    numbers = [stripe.note(ask, 100 * n) for n in (1, 2, 3)]
    for number in numbers:
        await stripe.refund_as(number)
    assert [(await stripe.adapter.query_refund(n)).amount for n in numbers] == [100, 200, 300]
    assert len(await stripe.adapter.bill(START.date())) == 4
    assert (await stripe.adapter.hold_status(ask.out_no)).held == 12_300


async def test_stripe_one_key_with_another_body_is_a_conflict(stripe: Bench) -> None:
    ask = await stripe.paid(12_900)
    number = stripe.note(ask, 900)
    await stripe.refund_as(number)
    stripe.memory.requests[number] = wire.AskedRequest(
        number=number, out_no=ask.out_no, part=ask.parts[0].part, amount=901
    )
    assert await refusal(stripe.refund_as(number)) == "out_no_conflict"


async def test_stripe_a_fee_that_is_given_back_is_held_again(stripe: Bench) -> None:
    ask = await stripe.paid(12_900)
    released = await stripe.released(ask, *stripe.splits(12_700, 200))
    part = (await stripe.adapter.hold_status(ask.out_no)).parts[0]
    assert (part.held, part.released, part.fee) == (0, 12_700, 200)
    await stripe.adapter.split_return(
        released.out_release_no, out_return_no="pcl_back", payee="platform", kind="fee", amount=150
    )
    part = (await stripe.adapter.hold_status(ask.out_no)).parts[0]
    assert (part.held, part.released, part.fee) == (150, 12_700, 50)


@pytest.mark.parametrize(
    ("currency", "here", "there"), [("USD", 1250, 1250), ("JPY", 500, 500), ("ISK", 500, 50_000), ("UGX", 7, 700)]
)
def test_stripe_counts_some_currencies_otherwise(currency: str, here: int, there: int) -> None:
    assert amount_there(here, currency) == there
    assert amount_here(there, currency) == here


async def test_stripe_yen_travel_whole(stripe: Bench) -> None:
    stripe.currency = "JPY"
    ask = await stripe.paid(500)
    assert next(iter(stripe.institution.sessions.values()))["amount_total"] == 500
    assert (await stripe.adapter.query(ask.out_no)).amount == 500


def test_nested_parameters_become_form_fields() -> None:
    content = {"a": {"b": [1, {"c": "x y"}]}, "d": "é"}
    assert list(pairs(content)) == [("a[b][0]", "1"), ("a[b][1][c]", "x y"), ("d", "é")]


@pytest.mark.parametrize(
    ("text", "amount"), [("129.00", 12_900), ("`0.5", 50), ("-3", -300), ("-0.05", -5), ("7.10", 710)]
)
def test_yuan_are_read_exactly(text: str, amount: int) -> None:
    assert wire.fen(text) == amount


@pytest.mark.parametrize("text", ["", "1.005", "1e3", "1,000.00", "१", "1.2.3", "--1"])
def test_what_is_no_amount_is_not_read_as_one(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        wire.fen(text)


def test_a_signature_that_is_no_base64_is_no_signature(key_box: KeyBox) -> None:
    true = wire.sign(key_box.ours, b"text")
    key = key_box.ours.public_key()
    assert wire.is_signed(key, true, b"text")
    assert not wire.is_signed(key, true, b"texts")
    assert not wire.is_signed(key, "kein base64", b"text")
    assert not wire.is_signed(key, base64.b64encode(b"short").decode(), b"text")


async def test_wechat_a_fee_alone_leaves_the_rest_held(wechat: Bench) -> None:
    ask = await wechat.paid(12_900)
    state = await wechat.released(ask, *wechat.splits(0, 200))
    assert (state.state, [line.kind for line in state.lines]) == ("succeeded", ["fee"])
    assert (await wechat.adapter.hold_status(ask.out_no)).held == 12_700
    assert wechat.institution.net() == {("paid", wechat.account("seller-0")): 12_900, ("fee", "1900000109"): 200}


async def test_stripe_each_seller_of_a_release_has_a_transfer_of_its_own(stripe: Bench) -> None:
    ask = await stripe.paid(12_900)
    both = (port.Split("seller-0", 12_000, "seller"), port.Split("seller-1", 700, "seller"))
    first = await stripe.released(ask, *both, port.Split("platform", 200, "fee"))
    again = await stripe.release_as(first.out_release_no)
    assert (first.state, again) == ("succeeded", first)
    assert [(t["destination"], t["amount"]) for t in stripe.institution.transfers.values()] == [
        (stripe.account("seller-0"), 12_000),
        (stripe.account("seller-1"), 700),
    ]
    assert (await stripe.adapter.hold_status(ask.out_no)).held == 0
