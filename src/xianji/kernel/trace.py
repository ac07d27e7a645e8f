"""Traces by OpenTelemetry, for whoever names a collector in `OTEL_EXPORTER_OTLP_ENDPOINT`.

Without that variable nothing of OpenTelemetry is imported and `span` hands out one idle object. A trace begins at our
own door: what strangers send along as their trace is not believed. Spans carry ids, routes, codes and numbers, never
what somebody typed, so exceptions are named by their type only.
"""

import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from .errors import Refusal

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_EXPORT_SECONDS = 2
# The supervisor waits a few seconds for every process; a collector that is away must not use them up.
_LAST_WORDS_SECONDS = 1.0
_OFF: AbstractContextManager[Any] = nullcontext()

Asgi = Callable[[Any, Any, Any], Awaitable[None]]

_provider: Any = None
_tracer: Any = None


def start(process: str, environment: Mapping[str, str] = os.environ) -> None:
    """Begin tracing when the environment names a collector; `process` is "web" or "worker"."""
    if environment.get(ENDPOINT):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        start_with(BatchSpanProcessor(OTLPSpanExporter(timeout=_EXPORT_SECONDS)), process)


def start_with(processor: Any, process: str) -> None:
    """Begin tracing into this span processor of the SDK. `OTEL_SERVICE_NAME` renames the service."""
    global _provider, _tracer
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    name = os.environ.get("OTEL_SERVICE_NAME") or f"xianji-{process}"
    _provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("xianji")


def stop() -> None:
    """End tracing and send what is left, for a second at most."""
    global _provider, _tracer
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:
        sender = threading.Thread(target=provider.shutdown, daemon=True)
        sender.start()
        sender.join(_LAST_WORDS_SECONDS)


def span(name: str, **facts: str | int) -> AbstractContextManager[Any]:
    """Measure a block under this name; the block gets the span, or None when nobody traces."""
    return _OFF if _tracer is None else _open(name, facts)


@contextmanager
def _open(name: str, facts: dict[str, str | int]) -> Iterator[Any]:
    from opentelemetry.trace import StatusCode

    with _tracer.start_as_current_span(
        name, attributes=facts, record_exception=False, set_status_on_exception=False
    ) as opened:
        try:
            yield opened
        except Refusal as refusal:
            opened.set_attribute("refusal", refusal.code.name)
            raise
        except Exception as error:
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_status(StatusCode.ERROR)
            raise


def asgi(app: Asgi) -> Asgi:
    """The application with a span around every request; the application itself when nobody traces."""
    if _tracer is None:
        return app

    async def traced(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        with span("request", **{"http.request.method": scope["method"]}) as opened:

            async def noted(message: Any) -> None:
                if message["type"] == "http.response.start":
                    opened.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await app(scope, receive, noted)
            finally:
                # Known only now: the router has found the template, so that no id becomes part of a name.
                route = scope.get("path_template") or "unknown"
                opened.set_attribute("http.route", route)
                opened.update_name(f"{scope['method']} {route}")

    return traced
