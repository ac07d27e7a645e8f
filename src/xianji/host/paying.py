"""How this house takes payment: chosen by name, never by silence, and judged before anything starts.

`sandbox` moves no real money and is for demonstration; `offline` protects nobody and must be asked for; the others
need the credentials that their institution issued, as files only we can read.
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xianji.host.home import Home
from xianji.host.refusal import HostRefusal
from xianji.kernel.payment_choice import CREDENTIALS, KEYS, OFFLINE, PROVIDER, SANDBOX, chosen, folder

__all__ = [
    "CREDENTIALS",
    "KEYS",
    "OFFLINE",
    "PROVIDER",
    "SANDBOX",
    "Trouble",
    "chosen",
    "folder",
    "judge",
    "judge_file",
    "refuse",
    "troubles",
]


@dataclass(frozen=True)
class Trouble:
    """What stands in the way, in two sentences, and the command that mends it."""

    zh: str
    en: str
    mend: str


def troubles(env: Mapping[str, str], home: Home) -> list[Trouble]:
    """Everything that keeps payment from working as chosen; nothing when it may start."""
    name, demo = chosen(env), env.get("XIANJI_DEMO") == "1"
    if not name:
        return [_not_chosen()]
    if name == OFFLINE or (name == SANDBOX and demo):
        return []
    if name == SANDBOX:
        return [
            Trouble(
                "沙盒支付不动真钱，正式站点不能用它。",
                "The sandbox moves no real money; a real site cannot use it.",
                f"{PROVIDER}=wechat|alipay|stripe|offline",
            )
        ]
    if name not in CREDENTIALS:
        known = ", ".join([*CREDENTIALS, SANDBOX, OFFLINE])
        return [Trouble(f"不认识支付方式 {name}。", f"There is no provider {name}: {known}.", f"{PROVIDER}=wechat")]
    place = folder(env, home.path)
    return [found for wanted in CREDENTIALS[name] for found in judge_file(name, place / wanted)]


def judge(env: Mapping[str, str], home: Home) -> None:
    """Refuse to start (HostRefusal) unless payment can work as chosen."""
    refuse(troubles(env, home))


def refuse(found: list[Trouble]) -> None:
    """Refuse with every trouble there is; nothing happens without one."""
    if found:
        more_zh = "".join(f"\n{one.zh}" for one in found[1:])
        more_en = "".join(f"\n{one.en}" for one in found[1:])
        raise HostRefusal(found[0].zh + more_zh, found[0].en + more_en, found[0].mend)


def _not_chosen() -> Trouble:
    return Trouble(
        "还没有选支付方式。正式站点要接持牌支付机构，或者明确写上 offline：没有托管，买卖双方都不受保护。",
        "No way of paying is chosen. A real site needs a licensed provider, or must say offline:"
        " nothing is held then, and neither side is protected.",
        f"{PROVIDER}=wechat|alipay|stripe|offline",
    )


def judge_file(name: str, path: Path) -> list[Trouble]:
    """A credential that is missing, or that others can read. A name without ending is a folder of `.pem` files."""
    files = [path] if path.suffix else sorted(path.glob("*.pem"))
    if not files or not files[0].is_file():
        return [
            Trouble(
                f"{name} 还缺凭证：{path}",
                f"{name} lacks credentials: {path}",
                f"docs/operations.md: {name}",
            )
        ]
    wide = [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]
    return [Trouble(f"别人也能读到 {file}。", f"Others can read {file}.", f"chmod 600 {file}") for file in wide]
