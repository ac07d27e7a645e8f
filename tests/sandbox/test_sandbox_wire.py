"""The provider over real sockets, spoken to by hand from the written wire format."""

import base64
import json
import secrets

import httpx
import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

KEYS_MODE = 0o600


def body_of(ask) -> bytes:
    return msgspec.json.encode(ask)


def test_key_folder_is_private(shared_process):
    keys = shared_process.folder / "keys"
    assert keys.stat().st_mode & 0o777 == 0o700
    files = sorted(keys.iterdir())
    assert {f.stat().st_mode & 0o777 for f in files} == {KEYS_MODE}
    assert (shared_process.folder / "state.db").stat().st_mode & 0o777 == KEYS_MODE


def test_answer_is_signed_over_status_time_own_nonce_and_body(process, ask):
    nonce = secrets.token_hex(12)
    answer = process.signed("merchant", "POST", "/v1/payments", body_of(ask), nonce=nonce)
    assert answer.status_code == 200
    assert answer.headers["x-nonce"] == nonce
    text = f"200\n{answer.headers['x-timestamp']}\n{nonce}\n".encode() + answer.content + b"\n"
    public = load_pem_public_key((process.folder / "keys" / "provider_public.pem").read_bytes())
    public.verify(base64.b64decode(answer.headers["x-signature"]), text)


def test_requests_that_are_not_truly_signed_are_refused_and_nothing_happens(process, ask, number):
    body, now = body_of(ask), int(process.now().timestamp())
    seen = secrets.token_hex(12)
    process.signed("merchant", "GET", "/v1/events", nonce=seen)
    tries = [
        process.signed("merchant", "POST", "/v1/payments", body, sent=body.replace(b"12550", b"12551")),
        process.signed("merchant", "POST", "/v1/payments", body, sent_to="/v1/payments?x=1"),
        process.signed("merchant", "POST", "/v1/payments", body, timestamp=now - 301),
        process.signed("merchant", "POST", "/v1/payments", body, timestamp=now + 301),
        process.signed("merchant", "POST", "/v1/payments", body, merchant="other"),
        process.signed("merchant", "POST", "/v1/payments", body, nonce=seen),
        process.signed("admin", "POST", "/v1/payments", body),
        process.signed("merchant", "POST", "/admin/faults/clear", b"{}"),
        httpx.post(process.url + "/v1/payments", content=body, trust_env=False),
    ]
    assert [(t.status_code, t.json()["code"]) for t in tries] == [(401, "bad_signature")] * 9
    assert process.signed("merchant", "GET", f"/v1/payments/{number}").status_code == 404


def test_unreadable_bodies_are_refused_with_a_code(process, ask):
    extra = body_of(ask).replace(b'"out_no"', b'"extra":1,"out_no"')
    for body in (b"", b"{", b"[" * 50000, b'{"out_no":"\\u0000"}', b"\xff\xfe", extra):
        answer = process.signed("merchant", "POST", "/v1/payments", body)
        assert (answer.status_code, answer.json()) == (400, {"code": "bad_request"})
    large = process.signed("merchant", "POST", "/v1/payments", b" " * 65537)
    assert (large.status_code, large.json()) == (413, {"code": "body_too_large"})


def test_pay_page_in_chinese_and_english_without_script(process, ask):
    made = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    for wish, lang, words in (
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN", ("沙箱：不会动用真钱", "付款成功", "付款失败")),
        ("en-GB,en;q=0.9,zh;q=0.1", "en", ("Sandbox: no real money moves", "Payment succeeds")),
        ("", "zh-CN", ("付款成功",)),
    ):
        shown = httpx.get(made["pay_url"], headers={"Accept-Language": wish}, trust_env=False)
        assert shown.status_code == 200
        assert shown.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert f'<html lang="{lang}">' in shown.text
        for word in (*words, "旧书 &lt;两本&gt; &amp; 一张唱片", "125.50", "seller-1", "小林的书摊"):
            assert word in shown.text
        assert "<script" not in shown.text
        assert "style=" not in shown.text
    css = httpx.get(process.url + "/pay.css", trust_env=False)
    assert css.headers["content-type"].startswith("text/css")


def test_pay_form_ignores_amounts_fails_then_succeeds_and_returns(process, ask, pay):
    made = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    url, look = made["pay_url"], f"/v1/payments/{ask.out_no}"
    failed = pay(url, "fail")
    assert (failed.status_code, failed.headers["location"]) == (303, ask.return_url)
    assert process.signed("merchant", "GET", look).json()["state"] == "pending"
    assert "没有付成" in httpx.get(url, trust_env=False).text
    assert pay(url, "perhaps").status_code == 400
    done = httpx.post(url, data={"result": "success", "amount": "1"}, trust_env=False)
    assert (done.status_code, done.headers["location"]) == (303, ask.return_url)
    after = process.signed("merchant", "GET", look).json()
    assert (after["state"], after["amount"]) == ("paid", 12550)
    assert [p["held"] for p in after["parts"]] == [10000, 2550]
    assert "已经付过了" in httpx.get(url, trust_env=False).text
    assert httpx.get(process.url + "/pay/nothing", trust_env=False).status_code == 404


def test_events_are_listed_and_sent_again_on_request(process, ask, pay, receiver, facts):
    made = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    pay(made["pay_url"])
    process.advance(0)
    listed, after = [], 0
    while page := process.signed("merchant", "GET", f"/v1/events?after={after}").json()["items"]:
        listed += page
        after = page[-1]["seq"]
    mine = [e for e in listed if e["out_no"] == ask.out_no]
    assert [e["type"] for e in mine] == ["payment.paid"]
    again = process.signed("merchant", "POST", f"/v1/events/{mine[0]['id']}/redeliver", b"")
    assert again.status_code == 200
    process.advance(0)
    assert [f.event_id for f in facts()] == [mine[0]["id"]] * 2
    assert process.signed("merchant", "POST", "/v1/events/evt_no/redeliver").status_code == 404


def test_callback_is_retried_with_backoff_until_accepted(process, ask, pay, receiver, facts):
    receiver.answers = [500, 302, 404]
    made = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    pay(made["pay_url"])
    counts = []
    for seconds in (0, 0, 1, 5, 14, 1, 60):
        process.advance(seconds)
        counts.append(len(receiver.got))
    assert counts == [1, 1, 2, 3, 3, 4, 4]
    assert len({f.event_id for f in facts() if f != "stale"}) == 1


def test_a_killed_process_comes_back_with_its_books(new_process, receiver, pay, ask):
    process = new_process()
    process.admin("/clock", freeze_at="2026-03-01T02:00:00Z")
    made = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    process.fault("lost_callback")
    pay(made["pay_url"])
    refund = json.dumps({"out_refund_no": "f1", "part": "a", "amount": 4000, "reason": ""}).encode()
    target = f"/v1/payments/{ask.out_no}/refunds"
    first = process.signed("merchant", "POST", target, refund).json()
    before = process.totals()
    process.kill()
    process.start()
    assert process.now().isoformat() == "2026-03-01T02:00:00+00:00"
    assert before == process.totals()
    assert before == {"CNY": {"paid": 12550, "held": 8550, "released": 0, "fee": 0, "refunded": 4000}}
    assert process.signed("merchant", "POST", target, refund).json() == first
    again = process.signed("merchant", "POST", "/v1/payments", body_of(ask)).json()
    assert again["pay_url"] == made["pay_url"]
    assert process.totals() == before
    event = process.signed("merchant", "GET", "/v1/events").json()["items"][0]
    assert [d["state"] for d in event["deliveries"]] == ["lost"]
