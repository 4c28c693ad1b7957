"""Refusals as problem documents (RFC 9457): the same on every transport."""

from collections.abc import Sequence

from msgspec import UNSET

from queue_server.application.views.accounts import PersonView
from queue_server.application.views.problems import ChangeView, Problem
from scheduling_core.errors import AlreadyWaiting, Change, ChangedMeanwhile, DomainError

TYPE_PREFIX = "/docs#problem-"
"""Types are links to where the documentation explains them, relative to the server."""


def problem_of(error: DomainError) -> Problem:
    """Return the problem document of a refusal; a field that is to blame is named in `errors`."""
    return Problem(
        type=TYPE_PREFIX + error.code,
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        errors=tuple({"field": field, "message": message} for field, message in _faults(error)),
        changes=tuple(map(_change, error.changes)) if isinstance(error, ChangedMeanwhile) else UNSET,
        entry_id=error.entry if isinstance(error, AlreadyWaiting) else UNSET,
    )


def _faults(error: DomainError) -> Sequence[tuple[str, str]]:
    """What is to blame: one field with the whole detail, or several things with a reason each."""
    return error.faults or (((error.field, error.detail),) if error.field is not None else ())


def _change(change: Change) -> ChangeView:
    by = PersonView(id=change.by, name=change.name) if change.by is not None else None
    return ChangeView(field=change.field, by=by, at=change.at, version=change.version)


def internal_problem() -> Problem:
    """Return what is said when the fault is ours: nothing that could tell about our inside."""
    return Problem(
        type=TYPE_PREFIX + "internal_error",
        title="Something went wrong on our side",
        status=500,
        detail="The fault was recorded; the request may be repeated later.",
        code="internal_error",
    )
