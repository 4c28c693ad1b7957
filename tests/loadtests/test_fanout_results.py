"""The fan-out benchmark's plan, its verdicts, and what it prints."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from loadtests.fanout import node_packages, plan
from loadtests.fanout.picture import draw
from loadtests.fanout.results import RATIOS, Results

ASKED_FOR = {
    "shared_1000",
    "personal_1000",
    "shared_5000",
    "personal_5000",
    "redis_5000",
    "last_p99_5000",
    "memory_10000",
    "handshakes_10000",
}


def throughput(per_core: float) -> dict[str, float]:
    return {
        "messages_per_core_s": per_core,
        "no_wakeups_messages_per_core_s": per_core,
        "messages_per_s": per_core / 2,
    }


def results_of_three_rounds() -> Results:
    results = Results()
    for ours, node in ((200, 100), (900, 110), (180, 10)):
        results.add("shared_1000", "ours", throughput(ours))
        results.add("shared_1000", "node", throughput(node))
    return results


def ratios(results: Results) -> dict[str, float | None]:
    found: dict[str, float | None] = results.report({})["ratios"]
    return found


def test_the_report_has_all_ratios_and_those_not_measured_are_null() -> None:
    assert ratios(Results()) == dict.fromkeys(ASKED_FOR)


def test_a_ratio_is_made_of_medians() -> None:
    assert ratios(results_of_three_rounds())["shared_1000"] == 2.0


def test_one_invalid_round_takes_the_ratio_away() -> None:
    results = results_of_three_rounds()
    results.reject("shared_1000", "ours", "Member 3 got 7 of 8 messages.")
    assert ratios(results)["shared_1000"] is None


def test_redis_is_compared_with_redis() -> None:
    results = Results()
    results.add("redis_5000", "ours_redis", throughput(150))
    results.add("redis_5000", "node_redis", throughput(100))
    assert ratios(results)["redis_5000"] == 1.5


def test_less_is_better_for_latency_and_memory_only() -> None:
    assert {ratio.row for ratio in RATIOS if ratio.lower_is_better} == {"last_p99_5000", "memory_10000"}


def test_servers_take_turns_in_either_order() -> None:
    rounds = [visit.servers for visit in plan.visits(plan.FULL, [plan.THOUSAND], ["ours", "node"])]
    assert rounds == [("ours", "node"), ("node", "ours"), ("ours", "node")]


def test_a_quick_run_compares_with_node_in_all_rows_within_its_limit() -> None:
    visits = plan.visits(plan.QUICK, [*plan.SCENARIOS.values()], plan.SERVERS)
    compared = [visit for visit in visits if visit.servers == ("ours", "node")]
    assert {row for visit in compared for row in visit.scenario.rows} >= ASKED_FOR
    assert plan.QUICK.limit is not None
    assert sum(plan.expected_seconds(visit, plan.QUICK) for visit in compared) < plan.QUICK.limit


def test_a_full_run_is_expected_to_take_less_than_twelve_minutes() -> None:
    visits = plan.visits(plan.FULL, [*plan.SCENARIOS.values()], plan.SERVERS)
    assert sum(plan.expected_seconds(visit, plan.FULL) for visit in visits) < 12 * 60


@pytest.mark.parametrize("results", [Results(), results_of_three_rounds()], ids=["empty", "measured"])
def test_the_picture_is_well_formed(results: Results) -> None:
    picture = ElementTree.fromstring(draw(results, "2 cores & <more>"))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"


def test_nodes_lock_file_names_no_registry() -> None:
    lock = json.loads((node_packages.FOLDER / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_nodes_lock_file_has_a_hash_for_each_package() -> None:
    lock = json.loads((node_packages.FOLDER / "package-lock.json").read_text())
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)


def test_nodes_lock_file_matches_what_is_asked_for() -> None:
    lock, asked = (
        json.loads((node_packages.FOLDER / name).read_text()) for name in ("package-lock.json", "package.json")
    )
    assert lock["packages"][""]["dependencies"] == asked["dependencies"]


def test_without_node_a_sentence_says_why_its_rows_are_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(node_packages.NodeMissing, match="rows are empty"):
        node_packages.node_with_packages()
