"""Who this house asks where parcels are: nobody unless it is chosen, and judged before anything starts."""

from collections.abc import Mapping

from xianji.host.home import Home
from xianji.host.paying import Trouble, judge_file, refuse
from xianji.kernel.tracking_choice import KUAIDI100, SANDBOX, TRACKING, account, chosen


def troubles(env: Mapping[str, str], home: Home) -> list[Trouble]:
    """Everything that keeps parcels from being followed as chosen; nothing when nobody is to be asked."""
    name, demo = chosen(env), env.get("XIANJI_DEMO") == "1"
    if not name or (name == SANDBOX and demo):
        return []
    if name != KUAIDI100:
        zh = "沙盒快递的包裹都不是真的，正式站点不能用它。" if name == SANDBOX else f"不认识物流服务 {name}。"
        en = "The sandbox's parcels are not real." if name == SANDBOX else f"There is no tracking service {name}."
        return [Trouble(zh, en, f"{TRACKING}={KUAIDI100}")]
    return judge_file(name, account(env, home.path))


def judge(env: Mapping[str, str], home: Home) -> None:
    """Refuse to start (HostRefusal) unless parcels can be followed as chosen."""
    refuse(troubles(env, home))
