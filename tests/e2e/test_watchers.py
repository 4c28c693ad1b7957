"""A desk sees how many phones follow its lane, and which patients hold them."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import Open, OpenDesk
from tests.e2e.demo import Api, Clinic
from tests.e2e.desk import Phone

pytestmark = pytest.mark.browser

MARK = "follows on a phone"


def test_a_desk_sees_two_phones_and_then_one(
    api: Api, clinic: Clinic, open_page: Open, open_desk: OpenDesk, shots: Path
) -> None:
    doctor = clinic.doctors[0]
    one, two, three, _ = doctor.line
    desk = open_desk(clinic, 0, 1)
    seen = desk.lane(doctor.id).locator(".seen-by")
    expect(seen).to_have_count(0)
    first = Phone(open_page(f"/t/{api.token(one)}")).expect_live()
    expect(seen).to_have_text("Seen by 1 phone")
    Phone(open_page(f"/t/{api.token(two)}")).expect_live()
    expect(seen).to_have_text("Seen by 2 phones")
    for entry in (one, two):
        expect(desk.card(entry)).to_contain_text(MARK)
    expect(desk.card(three)).not_to_contain_text(MARK)
    expect(desk.lane(clinic.doctors[1].id).locator(".seen-by")).to_have_count(0)
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        desk.page.screenshot(path=shots / f"desk-seen-by-{scheme}.png")
        assert violations(desk.page) == [], scheme
    first.page.close()
    expect(seen).to_have_text("Seen by 1 phone")
    expect(desk.card(one)).not_to_contain_text(MARK)
    expect(desk.card(two)).to_contain_text(MARK)
