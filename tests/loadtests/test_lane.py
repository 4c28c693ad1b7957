"""What a desk of the load test knows of a queue, and does next."""

from random import Random

from loadtests.locust_users.lane import Entry, Header, Lane, Patch, Queue, Undo

OPEN = Header(paused=False, closed=False, undo=())


def lane(*states: str, header: Header = OPEN) -> Lane:
    entries = tuple(Entry(str(number), state, True) for number, state in enumerate(states))
    line = tuple(entry.id for entry in entries if entry.state in ("waiting", "expected"))
    return Lane(Queue("doctor", 1, 7, header, line, entries))


class Serving(Random):
    """Chance that neither moves nor undoes."""

    def random(self) -> float:
        return 0.99


class Undoing(Random):
    """Chance that undoes when it can."""

    def random(self) -> float:
        return 0.0


def patch(came_from: int, to: int, *changed: Entry, removed: tuple[str, ...] = (), epoch: int = 1) -> Patch:
    return Patch("doctor", epoch, came_from, to, OPEN, ("1",), changed, removed)


def named(found: Lane, chance: Random, shortest: int = 0) -> str | None:
    command = found.next_command(chance, shortest)
    return command.name if command is not None else None


def test_whoever_is_seen_is_done_before_anybody_is_called() -> None:
    assert named(lane("waiting", "called", "in_consultation"), Serving(1)) == "complete"
    assert named(lane("waiting", "called"), Serving(1)) == "start"
    assert named(lane("waiting"), Serving(1)) == "call-next"


def test_a_short_line_is_filled_up() -> None:
    assert named(lane("waiting"), Serving(1), shortest=2) == "walk-in"


def test_nobody_is_called_while_the_queue_is_paused() -> None:
    assert named(lane("waiting", header=Header(paused=True, closed=False, undo=())), Serving(1)) == "walk-in"


def test_nothing_is_done_in_a_closed_queue() -> None:
    assert named(lane("waiting", header=Header(paused=False, closed=True, undo=())), Serving(1)) is None


def test_only_the_desks_own_last_command_is_undone() -> None:
    found = lane("waiting", header=Header(paused=False, closed=False, undo=(Undo(6), Undo(7))))
    found.own = {6}
    assert named(found, Undoing(1)) != "undo"
    found.own = {6, 7}
    assert named(found, Undoing(1)) == "undo"


def test_a_move_always_goes_to_another_place_of_the_line() -> None:
    found = lane("waiting", "waiting", "waiting")
    moves = [found.next_command(Undoing(seed), 0) for seed in range(50)]
    for move in moves:
        assert move is not None
        assert 1 <= move.payload["newPosition"] <= 3
        assert found.line[move.payload["newPosition"] - 1] != move.payload["appointmentId"]


def test_a_patch_that_follows_is_taken() -> None:
    found = lane("waiting", "waiting")
    assert found.apply(patch(7, 8, Entry("1", "called", False), removed=("0",)))
    assert found.order == (1, 8)
    assert {entry.id: entry.state for entry in found.entries.values()} == {"1": "called"}


def test_a_patch_beyond_a_gap_is_not_taken() -> None:
    found = lane("waiting")
    assert not found.apply(patch(9, 10))
    assert not found.apply(patch(7, 8, epoch=2))
    assert found.order == (1, 7)


def test_a_patch_that_an_acknowledgement_has_overtaken_changes_nothing() -> None:
    found = lane("waiting")
    assert found.apply(patch(5, 6, removed=("0",)))
    assert list(found.entries) == ["0"]
