"""The `xianji` command. Every command imports what it needs when it runs, so that `--help` is quick."""

import asyncio
import inspect
import io
import os
import sys
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xianji import __version__

if TYPE_CHECKING:
    from xianji.host.children import ChildSpec
    from xianji.host.doctor import Finding
    from xianji.host.run import Row

DEMO = "XIANJI_DEMO"
BIND = "XIANJI_BIND"
WORKERS = "XIANJI_WORKERS"
SANDBOX_PORT = "XIANJI_SANDBOX_PORT"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="xianji %(version)s")
def cli() -> None:
    """闲集 Xianji: second-hand trade inside a content community."""


@cli.command()
def run() -> None:
    """Start everything: database, web, worker; stop it with Ctrl-C."""
    from xianji.host.home import resolve_home, resolve_port
    from xianji.host.run import Plan, run_everything

    port = resolve_port(os.environ)
    demo = os.environ.get(DEMO) == "1"
    sandbox_port = int(os.environ.get(SANDBOX_PORT) or port + 1)
    home = resolve_home(os.environ)
    _need_gateways()
    _may_take_payment()
    plan = Plan(
        home=home,
        port=port,
        env={**os.environ, **(_sandbox_env(home.path, sandbox_port) if demo else {})},
        children=_children(port, demo),
        migrate=_prepare(home.path, demo),
        loader=_loader() if demo else None,
        must_load=_late("xianji.demo.marks", "is_missing"),
        greeting=_greeting(demo, home.path),
        bind=_bind(),
        ports=(sandbox_port,) if demo else (),
    )
    sys.exit(run_everything(plan))


@cli.command()
def web() -> None:
    """Serve the pages and the API only; the database must be there (DATABASE_URL)."""
    from xianji.host.home import check_port, resolve_port

    _may_take_payment()
    port = resolve_port(os.environ)
    check_port(_bind(), port)
    argv = web_argv(port)
    os.execv(argv[0], argv)  # noqa: S606 - becomes the server, so that signals reach it


@cli.command()
def worker() -> None:
    """Do the background work only; the database must be there (DATABASE_URL)."""
    _may_take_payment()
    _late("xianji.worker", "main")()


@cli.command()
def sandbox() -> None:
    """Serve the sandbox payment provider, for demonstration and tests."""
    _late("xianji.sandbox.__main__", "main")([])


@cli.command()
def migrate() -> None:
    """Bring the database schema up to date."""
    _with_database(_migrate)


@cli.command()
def demo() -> None:
    """Load the demo community, once."""
    _with_database(_late("xianji.demo.load", "load"))


@cli.group("import")
def bring_in() -> None:
    """Bring things in from somewhere else."""


@bring_in.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "columns", default="", help="field=column pairs, e.g. title=name,price=cost,place=city")
@click.option("--seller", required=True, help="The handle of the member who sells them.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows are written down.")
def listings(file: Path, columns: str, seller: str, report: Path | None) -> None:
    """Publish the rows of a CSV or TSV table of any length.

    Cut short or done again, it makes nothing twice. What was refused, and why, is written beside the table.
    """
    from xianji.kernel.errors import Refusal
    from xianji.kernel.words import sentence

    work = _late("xianji.importing", "listings")
    where = report or file.with_name(file.name + ".refused.tsv")
    try:
        _with_database(lambda dsn: click.echo(work(dsn, _environment(), file, columns, seller, where).line()))
    except Refusal as refusal:
        raise click.ClickException(sentence(refusal, "zh")) from None


@cli.group()
def export() -> None:
    """Give out what is kept here."""


@export.command()
@click.argument("handle")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def member(handle: str, file: Path) -> None:
    """Write a member's copy of their data to FILE as JSON, readable by you alone."""
    from xianji.kernel.errors import Refusal
    from xianji.kernel.words import sentence

    work = _late("xianji.keeping", "export_member")
    try:
        _with_database(lambda dsn: _write_privately(file, work(dsn, _environment(), handle)))
    except Refusal as refusal:
        raise click.ClickException(sentence(refusal, "zh")) from None


@cli.group()
def operator() -> None:
    """Operators of this site."""


@operator.command()
@click.argument("handle")
@click.option("--role", default="admin", type=click.Choice(["admin", "moderator", "finance", "campaigns", "support"]))
def add(handle: str, role: str) -> None:
    """Make an operator and print the one-time password; it must be replaced at the first sign-in."""
    from xianji.kernel.errors import Refusal
    from xianji.kernel.words import sentence

    make = _late("xianji.operators", "add")
    try:
        _with_database(lambda dsn: click.echo(make(dsn, _environment(), handle, role)))
    except Refusal as refusal:
        raise click.ClickException(sentence(refusal, "zh")) from None


@cli.group()
def keys() -> None:
    """The keys under which personal data is sealed."""


@keys.command()
def rotate() -> None:
    """Make a new key and seal everything again with it; running processes find it by themselves."""
    work = _late("xianji.keeping", "rotate_keys")
    _with_database(lambda dsn: click.echo(f"{work(dsn, _environment(), click.echo)} values under the new key"))


@cli.command(name="prove-ledger")
def prove_ledger() -> None:
    """Recompute the books from every movement and print the proof; exit 1 when it does not hold."""
    verdicts: list[bool] = []
    _with_database(lambda dsn: verdicts.append(_late("xianji.books", "print_proof")(dsn)))
    sys.exit(0 if all(verdicts) else 1)


@cli.command()
@click.option("--seed", type=int, required=True, help="Everything that happens follows from it.")
@click.option("--steps", type=click.IntRange(min=1), default=2_000, show_default=True, help="How many things happen.")
def simulate(seed: int, steps: int) -> None:
    """Let random members trade in a database of their own and audit every invariant; a wrong seed can be replayed."""
    held: list[bool] = []
    _with_database(lambda dsn: held.append(_late("xianji.simulator", "main")(dsn, seed, steps, click.echo)))
    sys.exit(0 if all(held) else 1)


@cli.command()
@click.option("--day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="A day of the provider's calendar.")
def reconcile(day: datetime) -> None:
    """Compare the provider's bill of a day with what we know; exit 1 when anything differs."""
    verdicts: list[bool] = []
    work = _late("xianji.books", "reconcile")
    _with_database(lambda dsn: verdicts.append(work(dsn, _environment(), day.date())))
    sys.exit(0 if all(verdicts) else 1)


@cli.command(name="payment-account")
@click.argument("handle")
@click.argument("account")
def payment_account(handle: str, account: str) -> None:
    """Say which account of the chosen provider a seller's share goes to (sub_mchid, smid or acct_…)."""
    from xianji.kernel.errors import Refusal
    from xianji.kernel.words import sentence

    work = _late("xianji.books", "put_account")
    try:
        _with_database(lambda dsn: click.echo(work(dsn, _environment(), handle, account)))
    except Refusal as refusal:
        raise click.ClickException(sentence(refusal, "zh")) from None


@cli.command()
def reindex() -> None:
    """Build the search index of this machine anew; the old one serves until the new one is whole."""
    from xianji.domains.search import IndexBusy

    work = _late("xianji.reindexing", "reindex")
    try:
        _with_database(lambda dsn: click.echo(f"{work(dsn, _environment(), _bar('reindex'))} documents"))
    except IndexBusy as busy:
        raise click.ClickException(str(busy)) from None


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at this machine and say what is missing and how to mend it."""
    from xianji.host.doctor import examine, report

    findings = examine(os.environ) + _examine_index()
    click.echo(report(findings, as_json=as_json))
    sys.exit(1 if any(finding.state == "fail" for finding in findings) else 0)


def _bar(name: str) -> Callable[[int, int], None]:
    """A bar that grows on a terminal, and a line every tenth part elsewhere."""
    said = -1

    def show(done: int, total: int) -> None:
        nonlocal said
        tenth = 10 * done // max(total, 1)
        if sys.stderr.isatty():
            click.echo(f"\r{name} [{'#' * 3 * tenth:<30}] {done}/{total}", nl=done >= total, err=True)
        elif tenth != said:
            click.echo(f"{name} {done}/{total}", err=True)
        said = tenth

    return show


def _examine_index() -> "list[Finding]":
    """The index is looked at only where a database answers: the doctor starts nothing."""
    from xianji.host.embedded import EmbeddedPostgres
    from xianji.host.home import is_running, resolve_home

    home = resolve_home(os.environ)
    given = os.environ.get("DATABASE_URL")
    if not given and not is_running(home):
        return []
    try:
        return [_late("xianji.reindexing", "examine")(given or EmbeddedPostgres(home.state).dsn(), _environment())]
    except OSError:
        return []  # what is wrong with the database was said already


def _may_take_payment() -> None:
    """Refuses to start a site whose way of paying, or of following parcels, is not chosen well or not complete."""
    from xianji.host import paying, tracking
    from xianji.host.home import resolve_home

    home = resolve_home(os.environ)
    paying.judge(os.environ, home)
    tracking.judge(os.environ, home)


def web_argv(port: int) -> tuple[str, ...]:
    """The command line of the web server. Its kill timeout is the fence for streams nobody ended."""
    workers = os.environ.get(WORKERS) or str(max(1, min(os.cpu_count() or 1, 4)))
    server = (sys.executable, "-m", "granian", "--interface", "asgi", "--factory")
    where = ("--host", _bind(), "--port", str(port), "--workers", workers)
    life = ("--workers-kill-timeout", "2", "--respawn-failed-workers", "--respawn-interval", "1")
    return (*server, *where, *life, "xianji.app:create_app")


def main() -> None:
    """The entry point: refusals of the host become sentences and exit code 2."""
    from xianji.host.refusal import HostRefusal

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # A terminal without Chinese letters must not stop us.
    try:
        cli()
    except HostRefusal as refusal:
        click.echo("\n".join(refusal.lines()), err=True)
        sys.exit(2)


def _children(port: int, demo: bool) -> "tuple[ChildSpec, ...]":
    from xianji.host.children import ChildSpec

    ours = (sys.executable, "-m", "xianji.cli")
    web = ChildSpec("web", "网页服务", "web server", web_argv(port))
    worker = ChildSpec("worker", "后台任务", "worker", (*ours, "worker"))
    payments = ChildSpec("sandbox", "沙盒支付", "sandbox payment provider", (*ours, "sandbox"))
    return (web, worker, payments) if demo else (web, worker)


def _loader() -> "ChildSpec":
    """The demo's people move in beside the web server, which answers meanwhile."""
    from xianji.host.children import ChildSpec

    return ChildSpec("demo", "演示数据", "demo data", (sys.executable, "-m", "xianji.cli", "demo"), shown=True)


def _sandbox_env(home: Path, port: int) -> dict[str, str]:
    """Where the sandbox provider listens and keeps its books, for itself and for those who call it."""
    return {
        SANDBOX_PORT: str(port),
        "XIANJI_SANDBOX_URL": f"http://127.0.0.1:{port}",
        "XIANJI_SANDBOX_STATE": str(home / "sandbox" / "books.sqlite"),
        "XIANJI_SANDBOX_KEYS": str(home / "sandbox" / "keys"),
    }


def _need_gateways() -> None:
    """A real site cannot run with what is for demos: nobody would get a code, and anybody's name would be believed."""
    from xianji.host.refusal import HostRefusal
    from xianji.kernel import gateway

    lacking = ", ".join(gateway.missing(os.environ))
    if lacking:
        raise HostRefusal(
            f"正式运行还缺短信和实名的网关设置：{lacking}。只想看看的话，用演示模式。",
            f"A real site needs gateways for text messages and names; missing: {lacking}. Demo mode needs none.",
            "XIANJI_DEMO=1 xianji run",
        )


def _prepare(home: Path, demo: bool) -> "Callable[[str], object]":
    """Migrate; in demo mode also make the keys both sides of the sandbox sign with, before either starts."""

    def prepare(dsn: str) -> object:
        if demo:
            _late("xianji.sandbox.crypto", "open_keys")(home / "sandbox" / "keys", "xianji")
            _late("xianji.sandbox.crypto", "open_carrier")(home / "sandbox" / "keys")
        return _migrate(dsn)

    return prepare


def _migrate(dsn: str) -> object:
    """The newest schema, and the first values of currency, zone, language and countries."""
    applied = _late("xianji.kernel.migrations", "migrate")(dsn)
    _late("xianji.kernel.installation", "settle")(dsn, os.environ)
    _late("xianji.books", "settle_provider")(dsn, _environment())
    return applied


def _greeting(demo: bool, home: Path) -> "Callable[[str], list[Row]]":
    """What the first page of the terminal says: the demo's people, and once the first operator's password."""

    def rows(dsn: str) -> "list[Row]":
        answer: list[Row] = _late("xianji.demo.load", "greeting")(dsn) if demo else []
        return answer + list(_late("xianji.operators", "first")(dsn, {**os.environ, "XIANJI_HOME": str(home)}))

    return rows


def _with_database(action: Callable[[str], object]) -> None:
    from xianji.host.database import database
    from xianji.host.home import resolve_home

    with database(resolve_home(os.environ), os.environ) as dsn:
        action(dsn)


def _late(module: str, name: str) -> Callable[..., Any]:
    """A function of the application, imported at the moment it is called; run to its end when async."""

    def call(*arguments: object) -> Any:
        answer = getattr(import_module(module), name)(*arguments)
        return asyncio.run(answer) if inspect.iscoroutine(answer) else answer

    return call


def _environment() -> dict[str, str]:
    from xianji.host.home import resolve_home

    return {**os.environ, "XIANJI_HOME": str(resolve_home(os.environ).path)}


def _write_privately(file: Path, data: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def _bind() -> str:
    return os.environ.get(BIND) or "127.0.0.1"


if __name__ == "__main__":
    main()
