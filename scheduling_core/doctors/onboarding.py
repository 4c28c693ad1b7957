"""Onboarding: ten stages in a fixed order, each with checks; how far it is."""

from scheduling_core.doctors.profile import DoctorProfile, OnboardingStage


def progress(profile: DoctorProfile) -> int:
    """Return the percentage of stages that are done."""
    return 100 * len(profile.stages) // len(OnboardingStage)
