"""The screens' types are those of the structs."""

import pytest

from queue_server import contract_types


def test_the_committed_types_are_those_of_the_structs() -> None:
    assert contract_types.main(["--check"]) == 0


def test_stale_types_are_reported_in_a_sentence(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = contract_types.TARGET.__class__(str(tmp_path)) / "contract.ts"
    stale.write_text("// something older\n")
    monkeypatch.setattr(contract_types, "TARGET", stale)
    assert contract_types.main(["--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert contract_types.main([]) == 0
    assert contract_types.main(["--check"]) == 0


def test_enums_are_unions_options_nullable_and_tuples_arrays() -> None:
    source = contract_types.contract()
    assert 'export type Mode = "in_person" | "tele";' in source
    assert "  position: number | null;" in source
    assert "  notices: NoticeView[];" in source
    assert "  overtakes: Record<string, number>;" in source


def test_no_line_is_longer_than_the_screens_allow() -> None:
    assert max(map(len, contract_types.contract().splitlines())) <= contract_types.WIDTH
