"""What may be done with an entry of the waitlist, and what becomes of it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from scheduling_core.errors import Conflict, InvalidValue, InviteExpired, NotFound
from scheduling_core.ids import EntryId, InviteId, TextId
from scheduling_core.waitlist import decide
from scheduling_core.waitlist import events as ev
from scheduling_core.waitlist.events import EndOfInvite
from scheduling_core.waitlist.policy import WaitlistPolicy
from scheduling_core.waitlist.state import WAITLIST, Entry, WaitlistStatus
from tests.core.waitlist.entries import CLINIC, DOCTOR, NOW, after, freed, invited, waits

APPOINTMENT = EntryId(uuid4())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_who_joins_waits_until_the_policys_hours_are_over() -> None:
    entry = waits()
    assert (entry.status, entry.joined_at, entry.expires_at) == (WaitlistStatus.ACTIVE, NOW, NOW + 720 * HOUR)


def test_nobody_waits_longer_than_until_the_end_of_the_window_they_asked_for() -> None:
    assert waits(window=ev.Window(end=NOW + DAY)).expires_at == NOW + DAY


@pytest.mark.parametrize(
    ("window", "field"),
    [
        (ev.Window(end=NOW), "requestedWindow.end"),
        (ev.Window(start=NOW + 2 * DAY, end=NOW + DAY), "requestedWindow.end"),
    ],
)
def test_a_window_that_cannot_be_is_refused_at_its_field(window: ev.Window, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        waits(window=window)
    assert refused.value.field == field


def test_nobody_waits_for_an_excluded_kind_of_visit() -> None:
    policy = WaitlistPolicy(excluded_visit_types=("surgery",))
    with pytest.raises(InvalidValue):
        decide.join(waits().id, CLINIC, DOCTOR, waits().patient, ev.Wish(visit_type="surgery"), policy, NOW)


def test_an_offer_is_live_until_its_moment_and_not_longer() -> None:
    entry, invite = invited(waits())
    assert decide.answerable(entry, invite, NOW + timedelta(minutes=29)).id == invite
    with pytest.raises(InviteExpired):
        decide.answerable(entry, invite, NOW + timedelta(minutes=30))


def test_nobody_is_offered_two_times_at_once() -> None:
    entry, _ = invited(waits())
    with pytest.raises(Conflict):
        invited(entry)


def test_who_declines_waits_on_and_is_not_asked_for_that_time_again() -> None:
    time = freed()
    entry, invite = invited(waits(), time=time)
    declined = after(entry, decide.decline(entry, invite, NOW))
    assert (declined.status, declined.refused, declined.joined_at) == (WaitlistStatus.ACTIVE, (time.slot,), NOW)


def test_an_offer_is_unanswered_when_its_time_is_over_and_not_before() -> None:
    entry, _ = invited(waits())
    assert decide.unanswered(entry, NOW + timedelta(minutes=29)) == []
    (ended,) = decide.unanswered(entry, NOW + timedelta(minutes=30))
    assert isinstance(ended, ev.WaitlistInviteEnded)
    assert ended.why is EndOfInvite.UNANSWERED


def test_a_time_that_is_gone_is_not_held_against_who_was_offered_it() -> None:
    entry, _ = invited(waits())
    assert after(entry, decide.withdraw(entry, EndOfInvite.TIME_GONE)).refused == ()


@pytest.mark.parametrize("answer", [decide.decline, decide.answerable])
def test_an_offer_is_answered_once(answer: Callable[..., object]) -> None:
    entry, invite = invited(waits())
    declined = after(entry, decide.decline(entry, invite, NOW))
    with pytest.raises(InviteExpired):
        answer(declined, invite, NOW)
    promoted = after(entry, decide.promote(entry, APPOINTMENT, invite))
    with pytest.raises(Conflict):
        answer(promoted, invite, NOW)


def test_an_offer_that_was_never_made_is_not_found() -> None:
    with pytest.raises(NotFound):
        decide.answerable(waits(), InviteId(uuid4()), NOW)


def test_who_is_promoted_is_promoted_once() -> None:
    entry, invite = invited(waits())
    promoted = after(entry, decide.promote(entry, APPOINTMENT, invite))
    assert (promoted.status, promoted.appointment, promoted.invite) == (WaitlistStatus.PROMOTED, APPOINTMENT, None)
    with pytest.raises(Conflict):
        decide.promote(promoted, EntryId(uuid4()))


def test_who_is_given_another_time_has_no_offer_any_more() -> None:
    entry, _ = invited(waits())
    kinds = [type(event) for event in decide.promote(entry, APPOINTMENT)]
    assert kinds == [ev.WaitlistInviteEnded, ev.WaitlistPromoted]


def test_who_is_deferred_keeps_the_time_they_have_waited() -> None:
    entry, _ = invited(waits())
    later = NOW + DAY
    deferred = after(entry, decide.defer(entry, NOW + 3 * DAY, later), later)
    assert (deferred.status, deferred.joined_at, deferred.invite) == (WaitlistStatus.DEFERRED, NOW, None)
    assert after(deferred, decide.resume(deferred)).status is WaitlistStatus.ACTIVE


@pytest.mark.parametrize("until", [NOW, NOW + 720 * HOUR])
def test_nobody_is_deferred_into_the_past_or_out_of_the_list(until: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        decide.defer(waits(), until, NOW)  # type: ignore[arg-type]
    assert refused.value.field == "until"


def test_the_list_forgets_nobody_to_whom_a_time_is_offered() -> None:
    entry = waits(window=ev.Window(end=NOW + HOUR))
    late = NOW + HOUR - timedelta(minutes=5)
    entry, _ = invited(entry, late)
    assert decide.expire(entry, NOW + HOUR) == []
    expired = after(entry, decide.expire(entry, late + timedelta(minutes=30)))
    assert expired.status is WaitlistStatus.EXPIRED


@pytest.mark.parametrize(
    "act",
    [
        lambda entry: decide.edit(entry, ev.Wish(visit_type="follow_up"), NOW),
        lambda entry: decide.override(entry, ev.Override(position=1, reason=TextId(uuid4()))),
        lambda entry: decide.defer(entry, NOW + DAY, NOW),
        decide.resume,
        decide.cancel,
        lambda entry: decide.promote(entry, APPOINTMENT),
        lambda entry: invited(entry),
    ],
)
def test_nothing_is_done_with_who_waits_no_longer(act: Callable[[Entry], object]) -> None:
    entry = waits()
    with pytest.raises(Conflict):
        act(after(entry, decide.cancel(entry)))


def test_a_state_is_kept_as_it_is_and_events_are_read_as_they_were_written() -> None:
    entry, invite = invited(waits(window=ev.Window(end=NOW + DAY)))
    assert WAITLIST.decode_state(WAITLIST.encode_state(entry)) == entry
    for event in decide.promote(entry, APPOINTMENT, invite):
        type, data = WAITLIST.encode_event(event)
        assert WAITLIST.decode_event(type, WAITLIST.schema_version, data) == event
