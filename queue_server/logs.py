"""Structured logs that cannot tell who a patient is, or lend anybody a token.

Fields are allowed by name, not forbidden by name: what a future caller invents is replaced by an ellipsis until it is
added to `ALLOWED` here. Text that may carry addresses or credentials is scrubbed on top of that.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO
from uuid import UUID

import structlog

HIDDEN = "…"
LONGEST_TEXT = 2_000  # characters; also what the patterns below have to search
DEEPEST = 4

# Ids, counts, states, durations: what a log is read for. Nothing a person wrote, is called or can be reached at.
ALLOWED = frozenset(
    """
    event level timestamp logger exception stack exc_info stack_info
    request_id method route path status duration_ms bytes_in bytes_out version epoch
    tenant_id clinic_id doctor_id appointment_id entry_id user_id actor_id role job_id stream_id event_id
    room namespace sid constraint transport subprotocol disconnect_code
    kind channel language attempts attempt lag_ms queue_depth count total rows size limit seconds reason_id code
    error_type child pid how signal restart_in_seconds file detail host port url workers
    migration from_version to_version checksum took_ms sequence heads
    """.split()  # noqa: SIM905 – a list this long reads better as words
)

# Where a link's last part is the credential. The rest of the path stays, so that the line is still of use.
_TOKEN_PATHS = re.compile(r"(/(?:t|track|refresh-queue|invite|calendar|unsubscribe)/)[^/?#\s\"']+")
_SCRUBBED: tuple[tuple[re.Pattern[str], str], ...] = (
    (_TOKEN_PATHS, rf"\1{HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]*\.?[\w-]*"), HIDDEN),  # a JWT wherever it stands
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(token|access_token|refresh_token|password|secret|api_key|auth)=[^\s&\"']+"), rf"\1={HIDDEN}"),
    (re.compile(r"(?<=://)([^/@\s:]*):[^@\s/]+@"), rf"\1:{HIDDEN}@"),  # a password in an address
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"), HIDDEN),  # an e-mail address
    (re.compile(r"(?<![\w.:-])\+\d(?:[ ()./-]?\d){6,14}(?![\w-])"), HIDDEN),  # an international phone number
)

Event = MutableMapping[str, Any]


def configure(level: str = "INFO", form: Literal["json", "console"] = "json", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records through one chain to `stream` (standard error).

    `form` is `json`, a line each, or `console` for people. May be called again, as tests do.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # reconfigured by tests; a lookup costs little beside the write
    )
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _place_of_exception,
                discreet,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    quiet_libraries()


def quiet_libraries() -> None:
    """Let libraries speak through our chain, and only when it matters. Uvicorn must run with `log_config=None`."""
    for name in (
        "uvicorn",
        "uvicorn.error",
        "uvicorn.access",
        "uvicorn.asgi",
        "arq",
        "arq.worker",
        "socketio",
        "engineio",
    ):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Our own middleware writes one line a request, with the route and not the path: no token can be in it.
    logging.getLogger("uvicorn.access").disabled = True
    # At INFO these print packets, arguments of jobs and addresses requested of providers.
    for name in ("socketio", "engineio", "arq", "httpx", "httpcore", "asyncio", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)


def discreet(_logger: object, _method: str, event: Event) -> Event:
    """A structlog processor: keeps allowed fields, scrubbed, and an ellipsis in place of every other value."""
    return {name: scrub(value) if name in ALLOWED else HIDDEN for name, value in event.items()}


def scrub(value: object, depth: int = 0) -> Any:
    """The value without tokens, passwords, e-mail addresses and phone numbers; unknown types by their name only."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, UUID):
        return str(value)
    if depth < DEEPEST and isinstance(value, Mapping):
        return {str(name): scrub(one, depth + 1) if name in ALLOWED else HIDDEN for name, one in value.items()}
    if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [scrub(one, depth + 1) for one in value]
    # Its text may hold anything: the message of a database error quotes the row.
    return f"<{type(value).__name__}>"


def scrub_text(text: str) -> str:
    """The text without what looks like a credential or a way to reach a person, cut to a sane length."""
    short = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + HIDDEN
    for pattern, replacement in _SCRUBBED:
        short = pattern.sub(replacement, short)
    return short


def _place_of_exception(_logger: object, _method: str, event: Event) -> Event:
    """Exceptions as their type and the places they passed, never their message: Postgres quotes values there."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is None:
        return event
    event["error_type"] = type(error).__name__
    places = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_qualname}")
        trace = trace.tb_next
    event["exception"] = " > ".join(places[-12:])
    return event
