"""The adapter alone: what it believes, what it refuses, and how it names failures. Vectors are built here."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from xianji.domains.payments import provider as port
from xianji.domains.payments.providers.sandbox import SandboxKeys, SandboxProvider

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HOUSE = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
PROVIDER = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
SECRET = b"k" * 32
FACTS = {
    "event_id": "evt_1",
    "type": "payment.paid",
    "merchant": "xianji",
    "out_no": "pay_1",
    "part": None,
    "amount": 12900,
    "currency": "CNY",
    "request_no": "",
    "provider_ref": "sbx_1",
    "occurred_at": "2026-03-01T02:00:00+00:00",
    "parts": [{"part": "a", "payee": "s", "amount": 12900}],
    "lines": [],
    "code": None,
    "hold_until": None,
}


def serial(key):
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def adapter(transport=None):
    keys = SandboxKeys("xianji", HOUSE, PROVIDER.public_key(), SECRET)
    return SandboxProvider("http://127.0.0.1:9", keys, now=lambda: NOW, nonce=lambda: "nonce-0001", transport=transport)


def event(signer=PROVIDER, at=NOW, about=None, envelope_id="evt_1", secret=SECRET, **facts):
    plain = {**FACTS, **facts}
    about = about or f"{envelope_id}|{plain['type']}"
    sealed = AESGCM(secret).encrypt(b"n" * 12, json.dumps(plain).encode(), about.encode())
    resource = {
        "algorithm": "AES-256-GCM",
        "nonce": base64.b64encode(b"n" * 12).decode(),
        "associated_data": about,
        "ciphertext": base64.b64encode(sealed).decode(),
    }
    whole = {"id": envelope_id, "type": plain["type"], "created": at.isoformat(), "resource": resource}
    body = json.dumps(whole).encode()
    stamp = str(int(at.timestamp()))
    signature = base64.b64encode(signer.sign(f"{stamp}\nabc\n".encode() + body + b"\n")).decode()
    headers = {"X-Serial": serial(PROVIDER), "X-Timestamp": stamp, "X-Nonce": "abc", "X-Signature": signature}
    return headers, body


def code_of(headers, body, now=NOW):
    with pytest.raises(port.EventRefused) as caught:
        adapter().verify_event(headers, body, now)
    return caught.value.code


def test_a_true_event_becomes_a_frozen_fact():
    fact = adapter().verify_event(*event(), NOW)
    assert fact == port.ProviderFact(
        event_id="evt_1",
        kind="paid",
        out_no="pay_1",
        part=None,
        amount=12900,
        currency="CNY",
        occurred_at=NOW,
        provider_ref="sbx_1",
        request_no="",
        parts=(port.PaymentPart("a", "s", 12900),),
    )
    with pytest.raises(AttributeError):
        fact.amount = 1


def test_age_window_is_five_minutes_both_ways():
    headers, body = event()
    for seconds in (-300, 300):
        assert adapter().verify_event(headers, body, NOW + timedelta(seconds=seconds)).kind == "paid"
    for seconds in (-301, 301):
        assert code_of(headers, body, NOW + timedelta(seconds=seconds)) == "stale"


def test_forged_and_modified_events_are_refused():
    headers, body = event()
    assert code_of(*event(signer=HOUSE)) == "bad_signature"
    assert code_of(headers, body.replace(b"evt_1", b"evt_2")) == "bad_signature"
    assert code_of(headers, body + b" ") == "bad_signature"
    later = {**headers, "X-Timestamp": str(int(NOW.timestamp()) + 1)}
    assert code_of(later, body) == "bad_signature"
    assert code_of({**headers, "X-Nonce": "abd"}, body) == "bad_signature"
    assert code_of({**headers, "X-Signature": "!"}, body) == "bad_signature"
    assert code_of({**headers, "X-Serial": serial(HOUSE)}, body) == "unknown_key"
    for missing, code in (
        ("X-Timestamp", "malformed"),
        ("X-Nonce", "malformed"),
        ("X-Serial", "unknown_key"),
        ("X-Signature", "bad_signature"),
    ):
        assert code_of({k: v for k, v in headers.items() if k != missing}, body) == code


def test_signed_but_senseless_events_are_refused():
    assert code_of(*event(merchant="other")) == "wrong_merchant"
    assert code_of(*event(secret=b"x" * 32)) == "malformed"
    assert code_of(*event(about="evt_9|payment.paid")) == "malformed"
    assert code_of(*event(envelope_id="evt_2")) == "malformed"
    assert code_of(*event(type="payment.dreamed")) == "malformed"
    assert code_of(*event(amount="12900")) == "malformed"


def answer(status, content=b'{"code":"x"}', nonce="nonce-0001", signer=PROVIDER, signed_status=None):
    text = f"{signed_status or status}\n1\n{nonce}\n".encode() + content + b"\n"
    headers = {
        "X-Serial": serial(PROVIDER),
        "X-Timestamp": "1",
        "X-Nonce": nonce,
        "X-Signature": base64.b64encode(signer.sign(text)).decode(),
    }
    return httpx.Response(status, content=content, headers=headers)


@pytest.mark.parametrize(
    ("given", "family"),
    [
        (answer(409), port.ProviderRefused),
        (answer(503), port.ProviderBusy),
        (httpx.Response(503), port.ProviderBusy),
        (httpx.Response(429), port.ProviderBusy),
        (httpx.Response(502), port.ProviderUnknown),
        (httpx.Response(409, content=b'{"code":"x"}'), port.ProviderUnknown),
        (httpx.Response(200, content=b"{}"), port.ProviderUnknown),
        (answer(500), port.ProviderUnknown),
        (answer(302), port.ProviderUnknown),
        (answer(200, b"{}"), port.ProviderUnknown),
        (answer(200, nonce="nonce-0002"), port.ProviderUnknown),
        (answer(409, signed_status=200), port.ProviderUnknown),
        (answer(409, signer=HOUSE), port.ProviderUnknown),
    ],
)
async def test_answers_fall_into_three_families(given, family):
    found = adapter(httpx.MockTransport(lambda _: given))
    with pytest.raises(family):
        await found.query("pay_1")
    await found.aclose()


@pytest.mark.parametrize(
    ("wrong", "family"),
    [
        (httpx.ConnectError, port.ProviderBusy),
        (httpx.ConnectTimeout, port.ProviderBusy),
        (httpx.ReadTimeout, port.ProviderUnknown),
        (httpx.WriteError, port.ProviderUnknown),
        (httpx.RemoteProtocolError, port.ProviderUnknown),
    ],
)
async def test_broken_connections_fall_into_busy_or_unknown(wrong, family):
    def fail(request):
        raise wrong("no")

    found = adapter(httpx.MockTransport(fail))
    with pytest.raises(family):
        await found.query("pay_1")
    await found.aclose()


async def test_request_carries_the_written_string_to_sign():
    seen = []

    def keep(request):
        seen.append(request)
        return answer(409)

    found = adapter(httpx.MockTransport(keep))
    with pytest.raises(port.ProviderRefused, match=r"^x$"):
        await found.refund("pay_1", part="a", out_refund_no="f1", amount=5, reason="坏了")
    await found.aclose()
    body = '{"out_refund_no":"f1","part":"a","amount":5,"reason":"坏了"}'.encode()
    assert seen[0].content == body
    stamp = int(NOW.timestamp())
    text = f"POST\n/v1/payments/pay_1/refunds\n{stamp}\nnonce-0001\n".encode() + body + b"\n"
    signature = base64.b64encode(HOUSE.sign(text)).decode()
    assert seen[0].headers["authorization"] == (
        f"XIANJI-SANDBOX-ED25519 merchant=xianji,serial={serial(HOUSE)},"
        f"timestamp={stamp},nonce=nonce-0001,signature={signature}"
    )
