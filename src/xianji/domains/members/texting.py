"""The port to whoever sends text messages, and the words of our messages."""

from typing import Literal, Protocol

import msgspec

Kind = Literal["code", "phone_left", "phone_taken_up"]

# Real gateways send only templates they know, so kind, language and code go along with the whole text.
_WORDS: dict[Kind, dict[str, str]] = {
    "code": {
        "zh": "【闲集】验证码 {code}，{minutes} 分钟内有效。谁来要都别给。",
        "en": "[Xianji] Your code is {code}, good for {minutes} minutes. Give it to nobody.",
    },
    "phone_left": {
        "zh": "【闲集】这个号码刚从你的账号上解绑。不是你本人操作的话，请马上联系站方。",
        "en": "[Xianji] This number has just been taken off your account. If it was not you, contact us at once.",
    },
    "phone_taken_up": {
        "zh": "【闲集】这个号码已绑定到你的账号，以后用它登录。",
        "en": "[Xianji] This number now belongs to your account. Sign in with it from now on.",
    },
}


class TextMessage(msgspec.Struct, frozen=True):
    """One message: `to` in E.164, the whole text, and its parts for gateways that fill templates."""

    id: str
    to: str
    kind: Kind
    language: str
    text: str
    code: str = ""


class SmsSender(Protocol):
    """The port to whoever sends text messages."""

    async def send(self, message: TextMessage) -> None:
        """Send one message. Raises when it was not taken; the job tries again. The id may come twice."""


def words(kind: Kind, language: str, **facts: object) -> str:
    """The text of a message."""
    return _WORDS[kind]["zh" if language == "zh" else "en"].format(**facts)
