"""Stripe with Connect, as its API reference describes sessions, transfers, reversals, refunds, balance and webhooks."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from .base import Answer, Institution, split_target


def nested(text: str) -> dict[str, Any]:
    """Form fields with brackets as a tree."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True):
        keys = re.findall(r"[^\[\]]+", name)
        place = tree
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return tree


class Stripe(Institution):
    name = "stripe"
    key, webhook_secret = "sk_test_" + "a" * 24, "whsec_" + "b" * 32

    def __init__(self, clock: Any) -> None:
        super().__init__(clock)
        self.sessions: dict[str, dict[str, Any]] = {}
        self.transfers: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.movements: list[dict[str, Any]] = []
        self.done: dict[str, tuple[str, dict[str, Any], Answer]] = {}
        self.failing_accounts: set[str] = set()
        self.page = 100

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("Authorization") != f"Bearer {self.key}":
            return self._no(401, "invalid_request_error", "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", headers["Stripe-Version"])
        path, query = split_target(target)
        if method == "GET":
            return self._look(path, target.partition("?")[2], query)
        key, ask = headers["Idempotency-Key"], nested(body.decode()) if body else {}
        if key in self.done:
            was_path, was, answer = self.done[key]
            return answer if (was_path, was) == (path, ask) else self._no(400, "idempotency_error", "")
        answer = self._do(path, ask)
        self.done[key] = (path, ask, answer)
        return answer

    def _say(self, told: Any, status: int = 200) -> Answer:
        return status, {"content-type": "application/json"}, json.dumps(told).encode()

    def _no(self, status: int, kind: str, code: str) -> Answer:
        return self._say({"error": {"type": kind, "code": code, "message": "no"} if code else {"type": kind}}, status)

    def busy(self) -> Answer:
        return self._no(429, "invalid_request_error", "rate_limit")

    def _look(self, path: str, text: str, query: dict[str, str]) -> Answer:
        match path.strip("/").split("/")[1:]:
            case ["checkout", "sessions", id]:
                if id not in self.sessions:
                    return self._no(404, "invalid_request_error", "resource_missing")
                expands = "payment_intent.latest_charge" in query.values()
                return self._say(self._session(self.sessions[id], expands))
            case ["transfers"]:
                rows = [t for t in self.transfers.values() if t["transfer_group"] == query["transfer_group"]]
                return self._list(rows, query)
            case ["refunds"]:
                rows = [r for r in self.refunds.values() if r["payment_intent"] == query["payment_intent"]]
                return self._list(rows, query)
            case ["balance_transactions"]:
                span = nested(text)["created"]
                low, high = int(span["gte"]), int(span["lt"])
                return self._list([m for m in self.movements if low <= m["created"] < high], query)
        return self._no(404, "invalid_request_error", "resource_missing")

    def _list(self, rows: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        rows = list(reversed(rows))
        ids = [row["id"] for row in rows]
        start = ids.index(query["starting_after"]) + 1 if "starting_after" in query else 0
        size = min(int(query["limit"]), self.page)
        return self._say({"object": "list", "data": rows[start : start + size], "has_more": len(rows) > start + size})

    def _session(self, found: dict[str, Any], expands: bool) -> dict[str, Any]:
        shown = {k: v for k, v in found.items() if k not in ("charge", "intent", "intent_metadata")}
        intent = found.get("intent")
        if expands and intent:
            shown["payment_intent"] = {"id": intent, "latest_charge": found["charge"]}
        else:
            shown["payment_intent"] = intent
        return shown

    def _do(self, path: str, ask: dict[str, Any]) -> Answer:
        match path.strip("/").split("/")[1:]:
            case ["checkout", "sessions"]:
                return self._open(ask)
            case ["checkout", "sessions", id, "expire"]:
                found = self.sessions[id]
                if found["status"] != "open":
                    return self._no(400, "invalid_request_error", "")
                found |= {"status": "expired", "url": None}
                return self._say(self._session(found, False))
            case ["transfers"]:
                return self._transfer(ask)
            case ["transfers", id]:
                self.transfers[id]["metadata"] |= ask["metadata"]
                return self._say(self.transfers[id])
            case ["transfers", id, "reversals"]:
                return self._reverse(self.transfers[id], ask)
            case ["refunds"]:
                return self._refund(ask)
        return self._no(404, "invalid_request_error", "resource_missing")

    def _stamp(self) -> int:
        return int(self.now().timestamp())

    def _open(self, ask: dict[str, Any]) -> Answer:
        assert ask["mode"] == "payment"
        items = [item["price_data"] for item in ask["line_items"].values()]
        assert all(item["product_data"]["name"] for item in items)
        assert 30 * 60 <= int(ask["expires_at"]) - self._stamp() <= 86400
        assert len(ask["payment_intent_data"]["metadata"]) <= 50
        id = f"cs_test_{len(self.sessions)}"
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "amount_total": sum(int(item["unit_amount"]) for item in items),
            "currency": items[0]["currency"],
            "status": "open",
            "payment_status": "unpaid",
            "client_reference_id": ask["client_reference_id"],
            "metadata": ask["metadata"],
            "intent_metadata": ask["payment_intent_data"]["metadata"],
            "expires_at": int(ask["expires_at"]),
            "url": f"https://checkout.example/c/{id}",
            "livemode": False,
        }
        return self._say(self._session(self.sessions[id], False))

    def buyer_opens(self, pay_url: str, out_no: str) -> None:
        assert any(s["url"] == pay_url and s["client_reference_id"] == out_no for s in self.sessions.values())

    def buyer_pays(self, pay_url: str, out_no: str) -> None:
        found = next(s for s in self.sessions.values() if s["url"] == pay_url)
        charge = {"id": f"ch_{len(self.movements)}", "created": self._stamp(), "metadata": found["intent_metadata"]}
        found |= {"status": "complete", "payment_status": "paid", "intent": f"pi_{out_no[-6:]}", "charge": charge}
        found["url"] = None
        self.moved.append(("paid", "platform", found["amount_total"]))
        self._move("charge", found["amount_total"], found["currency"], charge)
        self.facts.append(("checkout.session.completed", self._session(found, False)))

    def _move(self, kind: str, amount: int, currency: str, source: dict[str, Any]) -> None:
        self.movements.append(
            {
                "id": f"txn_{len(self.movements)}",
                "type": kind,
                "amount": amount,
                "currency": currency,
                "created": self._stamp(),
                "source": source,
            }
        )

    def _transfer(self, ask: dict[str, Any]) -> Answer:
        assert any(s.get("charge", {}).get("id") == ask["source_transaction"] for s in self.sessions.values())
        if ask["destination"] in self.failing_accounts:
            return self._no(400, "invalid_request_error", "insufficient_capabilities_for_transfer")
        charged = next(s for s in self.sessions.values() if s.get("charge", {}).get("id") == ask["source_transaction"])
        given = sum(
            t["amount"] for t in self.transfers.values() if t["source_transaction"] == ask["source_transaction"]
        )
        if given + int(ask["amount"]) > charged["amount_total"]:
            return self._no(400, "invalid_request_error", "balance_insufficient")
        id = f"tr_{len(self.transfers)}"
        self.transfers[id] = {**ask, "id": id, "amount": int(ask["amount"]), "amount_reversed": 0}
        self.transfers[id]["created"] = self._stamp()
        self.moved.append(("released", ask["destination"], int(ask["amount"])))
        self._move("transfer", -int(ask["amount"]), ask["currency"], self.transfers[id])
        return self._say(self.transfers[id])

    def _reverse(self, transfer: dict[str, Any], ask: dict[str, Any]) -> Answer:
        amount = int(ask["amount"])
        if amount > transfer["amount"] - transfer["amount_reversed"]:
            return self._no(400, "invalid_request_error", "balance_insufficient")
        transfer["amount_reversed"] += amount
        self.moved.append(("returned", transfer["destination"], amount))
        made = {"id": f"trr_{len(self.movements)}", "amount": amount, "metadata": ask["metadata"]}
        self._move("transfer_refund", amount, transfer["currency"], made)
        return self._say(made)

    def _refund(self, ask: dict[str, Any]) -> Answer:
        found = next(s for s in self.sessions.values() if s.get("intent") == ask["payment_intent"])
        back = sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == ask["payment_intent"])
        if back + int(ask["amount"]) > found["amount_total"]:
            return self._no(400, "invalid_request_error", "charge_already_refunded")
        id = f"re_{len(self.refunds)}"
        self.refunds[id] = {
            "id": id,
            "amount": int(ask["amount"]),
            "currency": found["currency"],
            "created": self._stamp(),
            "metadata": ask["metadata"],
            "status": "succeeded",
            "payment_intent": ask["payment_intent"],
        }
        self.moved.append(("refunded", "buyer", int(ask["amount"])))
        self._move("refund", -int(ask["amount"]), found["currency"], self.refunds[id])
        self.facts.append(("refund.updated", self.refunds[id]))
        return self._say(self.refunds[id])

    def callback(
        self, fact: Any, at: datetime | None = None, key: Any = None, id: str = "EV-1", live: bool = False
    ) -> tuple[dict[str, str], bytes]:
        kind, about = fact
        body = json.dumps(
            {
                "id": id,
                "object": "event",
                "type": kind,
                "created": self._stamp(),
                "livemode": live,
                "data": {"object": about},
            },
            indent=2,
        ).encode()
        stamp = str(int((at or self.now()).timestamp()))
        secret = "whsec_somebody_else" if key else self.webhook_secret
        mark = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={stamp},v1={'0' * 64},v1={mark},v0=abc"}, body

    def tampered(self, body: bytes) -> bytes:
        return body.replace(b'"amount', b'"tnuoma', 1)
