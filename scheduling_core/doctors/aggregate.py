"""A doctor's profile as an aggregate: one stream of events a doctor."""

from scheduling_core.aggregates import Aggregate
from scheduling_core.doctors.events import SCHEMA_VERSION, DoctorEvent
from scheduling_core.doctors.fold import fold
from scheduling_core.doctors.profile import DoctorProfile

KIND = "doctor"

AGGREGATE: Aggregate[DoctorProfile, DoctorEvent] = Aggregate(
    KIND, events=DoctorEvent, state=DoctorProfile, fold=fold, schema_version=SCHEMA_VERSION
)
