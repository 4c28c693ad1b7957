"""What patients want to be told, and the browsers that they are pushed to."""

from queue_server.application.messages.preferences import PreferencesBody, PreferencesView
from queue_server.http.endpoint import Call, Door, Endpoint, Nothing, Reply
from scheduling_core import errors

PREFERENCES = "/api/patients/{patientId}/notification-preferences"
TAG = "Messages"


async def get(call: Call[None, Nothing]) -> Reply:
    """Return what a patient wants."""
    return Reply(data=await call.services.notification_preferences.get(call.actor, call.id("patientId")))


async def put(call: Call[PreferencesBody, Nothing]) -> Reply:
    """Keep what a patient wants."""
    return Reply(data=await call.services.notification_preferences.put(call.actor, call.id("patientId"), call.body))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=PREFERENCES,
        handler=get,
        summary="What a patient wants to be told, through which channels and when",
        description="By the patient, by who acts for them, by reception and admins. What nobody said no to is wanted.",
        tag=TAG,
        answer=PreferencesView,
        door=Door.SIGNED_IN,
        refusals=(errors.Forbidden, errors.NotFound),
    ),
    Endpoint(
        method="PUT",
        path=PREFERENCES,
        handler=put,
        summary="Change what a patient wants to be told; what is left out stays",
        description=(
            "Each kind takes channels, or true or false for all of them. Quiet hours are by the clock of `timezone`, by"
            " the clinic's without one; null leaves them to the clinic. What cannot wait (a call, an offer with a"
            " deadline, a delay) comes in quiet hours, too, unless it is turned off."
        ),
        tag=TAG,
        answer=PreferencesView,
        door=Door.SIGNED_IN,
        body=PreferencesBody,
        refusals=(errors.Forbidden, errors.NotFound),
        example={
            "waitlistReminders": {"sms": False, "push": True},
            "emergency": True,
            "quietHours": {"start": "22:00", "end": "07:00"},
            "timezone": "Europe/Berlin",
        },
    ),
)
