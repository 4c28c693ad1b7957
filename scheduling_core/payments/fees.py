"""What a visit costs."""

from scheduling_core.doctors.profile import Fees
from scheduling_core.errors import NothingToPay
from scheduling_core.live_queue.state import Mode

FOLLOW_UP = "follow_up"
"""The one type of visit that costs the fee for follow-ups; who may say that a visit is one is checked where it is
booked or paid for."""


def amount_due(fees: Fees | None, visit_type: str, mode: Mode) -> int:
    """Return what the visit costs, in minor units of the fees' currency; raises `NothingToPay` when it is free.

    A follow-up costs its own fee by video, too; where the doctor has none, it costs what any visit does.
    """
    if fees is None:
        raise NothingToPay("This doctor has no fees.")
    amount = fees.consultation
    if visit_type == FOLLOW_UP and fees.follow_up is not None:
        amount = fees.follow_up
    elif mode is Mode.TELE and fees.tele is not None:
        amount = fees.tele
    if amount == 0:
        raise NothingToPay("This visit is free of charge.")
    return amount
