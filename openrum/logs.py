"""How the process logs: structured, one event a line, to standard error. Set up once by `cli`.

JSON for machines, coloured text on a terminal. Standard logging (uvicorn, SQLAlchemy) takes the same road. Neither
event contents nor Authorization headers, tokens or cookies are handed to a logger anywhere; control characters in a
value are escaped by both renderers, so a stranger's text cannot forge a line.
"""

import logging
import sys
from typing import TextIO

import structlog

_PRETTY_VALUE_CHARS = 500


def configure(log_format: str, level: str, stream: TextIO = sys.stderr) -> None:
    """Set up logging for the process: `log_format` is json, pretty or auto; `level` as in the standard library."""
    pretty = log_format == "pretty" or (log_format == "auto" and stream.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    render: structlog.typing.Processor
    render = _Pretty(stream) if pretty else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for noisy in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(noisy)
        logger.handlers = []
        logger.propagate = noisy != "uvicorn.access"
        logger.setLevel(logging.WARNING)


class _Pretty:
    """Text for a terminal, with every control character of a value escaped and long values cut."""

    def __init__(self, stream: TextIO) -> None:
        self._render = structlog.dev.ConsoleRenderer(colors=stream.isatty())

    def __call__(
        self, logger: structlog.typing.WrappedLogger, name: str, event_dict: structlog.typing.EventDict
    ) -> str:
        exception = event_dict.pop("exception", None)
        clean = {key: _printable(value) for key, value in event_dict.items()}
        text = str(self._render(logger, name, clean))
        return f"{text}\n{exception}" if exception else text


def _printable(value: object) -> object:
    if not isinstance(value, str):
        return value
    cut = value if len(value) <= _PRETTY_VALUE_CHARS else value[:_PRETTY_VALUE_CHARS] + "…"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in cut)
