"""Running one installation: from the lock to the first page, and everything stopped again in order."""

import http.client
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from xianji.host import processes
from xianji.host.children import Child, ChildSpec
from xianji.host.console import Console
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import Home, HomeLock, check_port
from xianji.host.logs import tail, trim
from xianji.host.refusal import HostRefusal
from xianji.host.stop import StopAsked, StopRequest

STOPPED, FAILED, REFUSED = 0, 1, 2

WEB = "web"
FIRST = (WEB, "sandbox")  # the demo people pay while they move in
WEB_GRACE_SECONDS = 3.5
OTHERS_GRACE_SECONDS = 1.2
FIRST_PAGE_SECONDS = 120.0
MANY_FILES = 65536
_LOOK_SECONDS = 0.05
_TICK_SECONDS = 5.0
_TRIM_SECONDS = 600.0

Row = tuple[str, str]


@dataclass(frozen=True)
class Plan:
    """What to run. The application comes in as callables and argv, so that the host need not know it.

    `migrate`, `must_load` and `greeting` get the database address. The child named `web` is started first, so
    that pages answer soon, and stopped first. While `must_load` says so, `loader` then brings in what belongs
    there from the beginning; the other children start when it has ended. `greeting` returns the lines shown at
    last: demo people, the operator's one-time password.
    """

    home: Home
    port: int
    env: Mapping[str, str]
    children: tuple[ChildSpec, ...]
    migrate: Callable[[str], object]
    loader: ChildSpec | None = None
    must_load: Callable[[str], bool] = field(default=lambda dsn: False)
    greeting: Callable[[str], list[Row]] = field(default=lambda dsn: [])
    bind: str = "127.0.0.1"
    ports: tuple[int, ...] = ()
    first_page: str = "/"


def run_everything(plan: Plan, console: Console | None = None) -> int:
    """Run until asked to stop. Returns 0 after an ordered stop, 1 when something broke, 2 when refused."""
    console = console or Console()
    processes.adopt_orphans()
    _allow_many_files()
    with StopRequest() as stop:
        try:
            plan.home.prepare()
            with HomeLock(plan.home) as lock:
                run = _Run(plan, console, stop, lock)
                run.clear_the_way()
                return run.go()
        except HostRefusal as refusal:
            console.refuse(refusal)
            return REFUSED


class _Run:
    """One run of one installation, while its lock is held."""

    def __init__(self, plan: Plan, console: Console, stop: StopRequest, lock: HomeLock) -> None:
        self._plan = plan
        self._console = console
        self._stop = stop
        self._lock = lock
        self._begun = time.monotonic()
        self._trimmed = self._begun
        self._children: list[Child] = []
        self._loader: Child | None = None
        given = plan.env.get("DATABASE_URL")
        self._postgres = None if given else EmbeddedPostgres(plan.home.state)
        self._dsn = given or (self._postgres.dsn() if self._postgres else "")

    def clear_the_way(self) -> None:
        """End what an earlier run left, then make sure that the ports are free; starts nothing."""
        self._end_earlier_run()
        for port in (self._plan.port, *self._plan.ports):
            check_port(self._plan.bind, port)

    def go(self) -> int:
        """Start, supervise, and stop whatever happens in between; returns the exit code."""
        code = STOPPED
        try:
            self._start()
            self._supervise()
        except StopAsked:
            pass
        except HostRefusal as refusal:
            self._console.refuse(refusal)
            code = FAILED
        finally:
            self._stop.asked = True
            clean = self._stop_all()
        return code if clean else FAILED

    def _start(self) -> None:
        plan, console = self._plan, self._console
        if self._postgres is not None:
            major = self._postgres.major
            with self._step(f"数据库（PostgreSQL {major}）", f"Database (PostgreSQL {major})"):
                self._postgres.start()
        with self._step("数据表", "Schema"):
            plan.migrate(self._dsn)
        with console.step("首页", "First page"):
            self._start_children(first=True)
            self._wait_first_page()
        console.card([("打开 Open", f"http://{_near(plan.bind)}:{plan.port}/")])
        if plan.loader is not None and plan.must_load(self._dsn):
            console.say(
                "页面已经能看。演示小镇的街坊正在搬进来，头一回大约一分钟",
                "Pages answer already. The people of the demo town are moving in, about a minute this first time",
            )
            self._loader = self._start_child(plan.loader)
        else:
            self._welcome()

    def _welcome(self) -> None:
        """Everything else of the start, once nothing is left to load."""
        self._start_children(first=False)
        seconds = time.monotonic() - self._begun
        self._console.rows(self._plan.greeting(self._dsn))
        self._console.say(f"用了 {seconds:.1f} 秒。按 Ctrl-C 停止。", f"Up in {seconds:.1f} s. Ctrl-C stops it.")

    @contextmanager
    def _step(self, zh: str, en: str) -> Iterator[None]:
        """A step that is shown with its time and that a stop breaks off."""
        with self._console.step(zh, en), self._stop.interruptible():
            yield

    def _end_earlier_run(self) -> None:
        """End what a killed run left behind: its children carry its mark in their environment."""
        earlier = self._lock.previous_run
        left = processes.marked(earlier) if earlier else []
        if left:
            self._console.warn(
                f"上次没有正常停下，先收拾 {len(left)} 个留下的进程",
                f"The last run did not stop in order; ending {len(left)} processes it left",
            )
            processes.end(left, ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)))

    def _start_children(self, *, first: bool) -> None:
        for spec in self._plan.children:
            if (spec.name in FIRST) == first:
                self._stop.check()
                self._children.append(self._start_child(spec))

    def _start_child(self, spec: ChildSpec) -> Child:
        env = {**os.environ, **self._plan.env, "DATABASE_URL": self._dsn, "PYTHONUNBUFFERED": "1"}
        env |= {processes.RUN_MARK: self._lock.run, "XIANJI_HOME": str(self._plan.home.path)}
        env["XIANJI_PORT"] = str(self._plan.port)
        child = Child(spec, env, self._plan.home.logs)
        child.start()
        return child

    def _wait_first_page(self) -> None:
        until = time.monotonic() + FIRST_PAGE_SECONDS
        while not _answers(self._plan):
            self._stop.check()
            ended = [child for child in self._children if child.note_end() is not None]
            if ended or time.monotonic() > until:
                self._give_up(ended or [child for child in self._children if child.spec.name == WEB])
            self._stop.wait(_LOOK_SECONDS)

    def _give_up(self, guilty: list[Child]) -> None:
        for child in guilty:
            self._console.quote(tail(child.log))
        names = "、".join(child.spec.zh for child in guilty)
        english = ", ".join(child.spec.en for child in guilty)
        raise HostRefusal(
            f"{names}没有起来，上面是它的日志。",
            f"The {english} did not come up; its log is above and in {self._plan.home.logs}.",
            "xianji doctor",
        )

    def _supervise(self) -> None:
        while not self._stop.asked:
            self._look_after_loader()
            self._look_after_children()
            self._look_after_database()
            self._trim_logs()
            self._stop.wait(self._until_next_start())

    def _look_after_loader(self) -> None:
        code = self._loader.note_end() if self._loader is not None else None
        if self._loader is None or code is None:
            return
        spec, self._loader = self._loader.spec, None
        if code != 0:
            self._console.warn(
                f"{spec.zh}没有装完（{code}），下次启动接着装",
                f"The {spec.en} could not all be loaded ({code}); the next start goes on",
            )
        self._welcome()

    def _look_after_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            code = child.note_end()
            if code is not None and child.due is not None:
                pause = child.due - now
                self._console.warn(
                    f"{child.spec.zh}意外停了（{code}），{pause:.1f} 秒后重启；日志在 {child.log}",
                    f"The {child.spec.en} ended by itself ({code}); restarting in {pause:.1f} s",
                )
            elif child.due is not None and child.due <= now:
                child.start()
        processes.reap_adopted(self._own_pids())

    def _look_after_database(self) -> None:
        if self._postgres is None or self._postgres.pid is not None:
            return
        self._console.warn("数据库意外停了，正在重启", "The database ended by itself; restarting it")
        self._postgres.stop()
        with self._console.step("数据库恢复", "Database is back"):
            self._postgres.start()

    def _trim_logs(self) -> None:
        if time.monotonic() - self._trimmed < _TRIM_SECONDS:
            return
        self._trimmed = time.monotonic()
        for child in self._children:
            trim(child.log)
        if self._postgres is not None:
            trim(self._postgres.places.log)

    def _until_next_start(self) -> float:
        due = [child.due for child in self._children if child.due is not None]
        return min([_TICK_SECONDS, *(max(moment - time.monotonic(), 0) for moment in due)])

    def _own_pids(self) -> list[int]:
        pids = [child.pid for child in (*self._children, *filter(None, [self._loader]))]
        pids.append(self._postgres.pid if self._postgres else None)
        return [pid for pid in pids if pid is not None]

    def _stop_all(self) -> bool:
        """Web first, then the others, then what still carries our mark, the database last."""
        begun = time.monotonic()
        web = [child for child in self._children if child.spec.name == WEB]
        for child in web:
            self._stop_child(child, begun + WEB_GRACE_SECONDS)
        until = begun + WEB_GRACE_SECONDS + OTHERS_GRACE_SECONDS
        others = [child for child in self._children if child.spec.name != WEB]
        others += [self._loader] if self._loader is not None else []
        for child in others:
            child.ask_to_end()
        for child in others:
            self._stop_child(child, until)
        left = processes.end(processes.marked(self._lock.run), ((signal.SIGKILL, 1.0),))
        clean = self._postgres.stop() if self._postgres is not None else True
        seconds = time.monotonic() - begun
        if not clean:
            self._console.warn("数据库没能正常关闭", "The database had to be stopped by force")
        self._console.say(f"全部停好了（{seconds:.1f} 秒）", f"Everything has stopped ({seconds:.1f} s)")
        return clean and not left

    def _stop_child(self, child: Child, until: float) -> None:
        if not child.stop(until):
            self._console.warn(
                f"{child.spec.zh}没有按时停下，已强行结束",
                f"The {child.spec.en} did not stop in time; killed",
            )


def _allow_many_files() -> None:
    """Raise the soft limit of open files towards the hard one: every open stream is a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _near(bind: str) -> str:
    """The address this machine itself reaches the server at."""
    return "127.0.0.1" if bind == "0.0.0.0" else bind  # noqa: S104 - compared, not bound


def _answers(plan: Plan) -> bool:
    """Whether the first page comes back as anything but a fault of the server."""
    connection = http.client.HTTPConnection(_near(plan.bind), plan.port, timeout=5)
    try:
        connection.request("GET", plan.first_page)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
