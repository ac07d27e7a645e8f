"""How long a warm start takes: from `xianji run` to the first page, in an installation that has run before."""

import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from .servers import ROOT, free_port

TIMES = 5
_LONGEST = 120.0


def warm_starts(place: Path, times: int = TIMES) -> list[float]:
    """Seconds until the front page answers, once for each start; the first, cold start is not counted."""
    place.mkdir(parents=True, exist_ok=True)
    place.chmod(0o755)
    return [_start(place) for _ in range(times + 1)][1:]


def median(starts: list[float]) -> float:
    """The middle of them."""
    return statistics.median(starts)


def _start(place: Path) -> float:
    port = free_port()
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "XIANJI_DEMO")}
    # A real site needs gateways to start; nothing is sent while it is measured.
    for name in ("SMS_URL", "SMS_SECRET", "IDENTITY_URL", "IDENTITY_SECRET"):
        env[f"XIANJI_{name}"] = "http://127.0.0.1:9/"
    env |= {
        "XIANJI_HOME": str(place / "home"),
        "XIANJI_STATE": str(place / "state"),
        "XIANJI_PORT": str(port),
        "XIANJI_PAYMENT_PROVIDER": "offline",
        "PYTHONPATH": str(ROOT / "src"),
    }
    began = time.monotonic()
    with (place / "start.log").open("ab") as log:
        run = subprocess.Popen([sys.executable, "-m", "xianji.cli", "run"], env=env, stdout=log, stderr=log)
        try:
            while not _answers(port):
                if run.poll() is not None or time.monotonic() - began > _LONGEST:
                    raise RuntimeError(f"xianji run did not come up; see {place / 'start.log'}")
                time.sleep(0.01)
            return time.monotonic() - began
        finally:
            run.send_signal(signal.SIGINT)
            run.wait(30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as wrong:
        return wrong.code < 500
    except OSError:
        return False
