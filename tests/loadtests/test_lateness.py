"""From a desk's command to the phones, whichever of the two is heard of first."""

from loadtests.locust_users.lateness import EARLY_SECONDS, Lateness


def test_a_phone_that_shows_a_known_command_is_late_by_the_time_since() -> None:
    lateness = Lateness()
    assert lateness.commanded("doctor", 5, 10.0) == []
    assert lateness.shown("doctor", 4, 5, 10.25) == [0.25]


def test_a_phone_that_is_quicker_than_the_acknowledgement_counts_when_that_comes() -> None:
    lateness = Lateness()
    assert lateness.shown("doctor", 4, 5, 10.25) == []
    assert lateness.commanded("doctor", 5, 10.0) == [0.25]


def test_an_update_that_stands_for_several_versions_counts_for_each() -> None:
    lateness = Lateness()
    lateness.commanded("doctor", 5, 10.0)
    lateness.commanded("doctor", 6, 10.5)
    assert lateness.shown("doctor", 4, 6, 11.0) == [1.0, 0.5]


def test_queues_of_different_doctors_have_nothing_in_common() -> None:
    lateness = Lateness()
    lateness.commanded("doctor", 5, 10.0)
    assert lateness.shown("other", 4, 5, 11.0) == []


def test_a_command_that_changed_nothing_is_not_held_against_an_older_update() -> None:
    lateness = Lateness()
    lateness.shown("doctor", 4, 5, 9.0)
    assert lateness.commanded("doctor", 5, 10.0) == []


def test_versions_that_nobody_here_commanded_are_forgotten() -> None:
    lateness = Lateness()
    lateness.shown("doctor", 4, 5, 10.0)
    lateness.shown("doctor", 5, 6, 10.0 + 2 * EARLY_SECONDS)
    assert lateness.commanded("doctor", 5, 9.0) == []
