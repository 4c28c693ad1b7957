"""Every kind of aggregate that is kept, apart from queues: for what works on all of them, as replay and audit do."""

from typing import Any

from queue_server.application.aggregates import Model
from queue_server.application.doctors.model import DOCTOR
from queue_server.application.payments.model import PAYMENT_MODEL
from queue_server.application.resources.models import CLINIC, DEPARTMENT, EQUIPMENT, ROOM
from queue_server.application.schedules.model import CALENDAR
from queue_server.application.slots.stream import SLOTS_MODEL
from queue_server.application.waitlist.model import WAITLIST_MODEL

MODELS: tuple[Model[Any, Any], ...] = (
    CLINIC,
    DEPARTMENT,
    ROOM,
    EQUIPMENT,
    DOCTOR,
    CALENDAR,
    SLOTS_MODEL,
    PAYMENT_MODEL,
    WAITLIST_MODEL,
)
"""In an order in which rows may refer to rows of models before them."""

BY_KIND = {model.kind: model for model in MODELS}
