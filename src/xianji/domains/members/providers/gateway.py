"""Text messages and the check of names through an HTTP gateway of the operator's own.

Every request is a signed POST of JSON: `X-Xianji-Timestamp` holds the seconds since 1970, `X-Xianji-Signature` the
hex HMAC-SHA256 of `<timestamp>.<body>` under the shared secret, `Idempotency-Key` the id of the message or question.
The wire is described in docs/operations.md.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec

from xianji.domains.members.identity import IdentityRequest, Verdict
from xianji.domains.members.model import IDENTITY_NOT_REACHED
from xianji.domains.members.texting import TextMessage
from xianji.kernel.gateway import Gateway

_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 8.0


class GatewayFailed(Exception):
    """The gateway could not be reached in time, or did not answer 2xx."""


class _Answer(msgspec.Struct, frozen=True):
    verdict: Verdict


class HttpGateway:
    """Signed posts to one address, with limits of time; never follows a redirect."""

    def __init__(self, gateway: Gateway, now: Callable[[], datetime]) -> None:
        self._gateway = gateway
        self._now = now
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS))

    async def post(self, key: str, content: Any) -> bytes:
        """Send and return the body of the answer. Raises `GatewayFailed`, which holds nothing of what was sent."""
        body = msgspec.json.encode(content)
        stamp = str(int(self._now().timestamp()))
        signature = hmac.new(self._gateway.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "idempotency-key": key,
            "x-xianji-timestamp": stamp,
            "x-xianji-signature": signature,
        }
        try:
            answer = await self._client.post(self._gateway.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise GatewayFailed(type(error).__name__) from None
        if not answer.is_success:
            raise GatewayFailed(str(answer.status_code))
        return answer.content

    async def aclose(self) -> None:
        """End the connections."""
        await self._client.aclose()


class HttpSms:
    """Hands text messages to the gateway."""

    def __init__(self, gateway: HttpGateway) -> None:
        self._gateway = gateway

    async def send(self, message: TextMessage) -> None:
        """Send one message. Raises `GatewayFailed`; the job tries again."""
        await self._gateway.post(message.id, message)


class HttpIdentity:
    """Asks the gateway whether a name and an identity number belong together."""

    def __init__(self, gateway: HttpGateway) -> None:
        self._gateway = gateway

    async def check(self, request: IdentityRequest) -> Verdict:
        """The gateway's verdict. Refuses `identity_not_reached` when there is none; nothing is decided then."""
        try:
            answer = await self._gateway.post(request.id, request)
            return msgspec.json.decode(answer, type=_Answer).verdict
        except (GatewayFailed, msgspec.DecodeError):
            raise IDENTITY_NOT_REACHED() from None
