"""Structured logs: one JSON object a line, on standard error. No personal data is ever bound."""

import logging
import sys
from contextvars import ContextVar
from typing import Any

import structlog

# The id of the request at work, as the answer carries it; "" outside of one.
REQUEST: ContextVar[str] = ContextVar("request", default="")


def configure(pretty: bool = False) -> None:
    """Set up structlog for this process; `pretty` for a person at a terminal."""
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_the_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _name_the_request(_logger: Any, _method: str, line: Any) -> Any:
    if REQUEST.get():
        line["request"] = REQUEST.get()
    return line


def get(name: str) -> Any:
    """A logger that names its part of the house."""
    return structlog.get_logger(part=name)
