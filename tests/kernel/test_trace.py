"""Traces: nothing at all without a collector; with one, spans with ids and codes and no word of anybody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xianji.kernel import trace
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.work import SYSTEM, Event
from xianji.reactions.engine import Engine, Reaction

SOURCE = Path(__file__).parents[2] / "src"


class Rang(Event, frozen=True, tag="test.rang.v1"):
    who: str


@pytest.fixture
def spans():
    """The spans finished so far, as (name, attributes, parent's name)."""
    sdk = pytest.importorskip("opentelemetry.sdk.trace.export", reason="this machine has no OpenTelemetry yet")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter").InMemorySpanExporter()
    trace.start_with(sdk.SimpleSpanProcessor(memory), "test")

    def finished():
        found = memory.get_finished_spans()
        names = {one.context.span_id: one.name for one in found}
        return [
            (one.name, dict(one.attributes), names.get(one.parent.span_id) if one.parent else None) for one in found
        ]

    yield finished
    trace.stop()


def test_without_a_collector_nothing_is_imported_and_nothing_is_wrapped():
    code = (
        "import sys; from xianji.kernel import trace; trace.start('web', {})\n"
        "app = object()\n"
        "assert trace.asgi(app) is app\n"
        "assert trace.span('work') is trace.span('request')\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    answer = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


async def test_a_request_its_work_and_a_reaction_are_spans(spans, database: Database):
    async def verb(work, event):
        assert event == Rang("Mei")

    async def app(scope, receive, send):
        scope["path_template"] = "/bells/{bell}"
        async with database.work(SYSTEM) as work:
            work.tell(Rang("Mei"))
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def send(message):
        assert message["status"] == 204

    await trace.asgi(app)({"type": "http", "method": "POST", "path": "/bells/7"}, None, send)
    asked = {"http.request.method": "POST", "http.response.status_code": 204, "http.route": "/bells/{bell}"}
    assert spans() == [
        ("work", {"events": ("test.rang.v1",)}, "POST /bells/{bell}"),
        ("POST /bells/{bell}", asked, None),
    ]

    engine = Engine(database, [Reaction(Rang, "test.hear", verb)])
    while not await engine.drain():
        pass
    (reaction,) = [one for one in spans() if one[0] == "reaction"]
    assert reaction[1] | {"id": ""} == {"reaction": "test.hear", "event": "test.rang.v1", "id": ""}
    assert [one[2] for one in spans() if one[0] == "work"] == ["POST /bells/{bell}", "reaction", None]


async def test_a_refusal_is_named_by_its_code_and_a_mistake_by_its_type_only(spans, database: Database):
    with pytest.raises(Refusal):
        async with database.work(SYSTEM):
            raise NOT_FOUND()
    with pytest.raises(ValueError):
        async with database.work(SYSTEM):
            raise ValueError("13800138000 is somebody's number")
    assert spans() == [("work", {"refusal": "not_found"}, None), ("work", {"error.type": "ValueError"}, None)]
