"""Structured logs: one JSON object a line, on standard error. No personal data is ever bound."""

import logging
import sys
from typing import Any

import structlog


def configure(pretty: bool = False) -> None:
    """Set up structlog for this process; `pretty` for a person at a terminal."""
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> Any:
    """A logger that names its part of the house."""
    return structlog.get_logger(part=name)
