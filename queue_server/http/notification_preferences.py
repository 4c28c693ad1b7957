"""What patients want to be told, and the browsers that they are pushed to."""

from queue_server.application.messages.preferences import PreferencesBody, PreferencesView
from queue_server.application.messages.pushing import BrowserView, PushBody, PushKeyView
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply
from scheduling_core import errors

PREFERENCES = "/api/patients/{patientId}/notification-preferences"
BROWSERS = "/api/me/push-subscriptions"
TAG = "Messages"


async def get(call: Call[None, Nothing]) -> Reply:
    """Return what a patient wants."""
    return Reply(data=await call.services.notification_preferences.get(call.actor, call.id("patientId")))


async def put(call: Call[PreferencesBody, Nothing]) -> Reply:
    """Keep what a patient wants."""
    return Reply(data=await call.services.notification_preferences.put(call.actor, call.id("patientId"), call.body))


async def push_key(call: Call[None, Nothing]) -> Reply:
    """Return the key to subscribe with."""
    return Reply(data=call.services.pushing.key())


async def browsers(call: Call[None, Nothing]) -> Reply:
    """Return the browsers of the patient who asks."""
    return Reply(data=await call.services.pushing.mine(call.actor))


async def subscribe(call: Call[PushBody, Nothing]) -> Reply:
    """Push to a browser."""
    made = await call.services.pushing.subscribe(call.actor, call.body)
    return Reply(data=made, headers={"Location": f"{BROWSERS}/{made.id}"})


async def unsubscribe(call: Call[None, Nothing]) -> Reply:
    """Push to a browser no longer."""
    await call.services.pushing.unsubscribe(call.actor, call.id("subscriptionId"))
    return Reply()


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
    Endpoint(
        method="GET",
        path="/api/push/key",
        handler=push_key,
        summary="The key to subscribe a browser with (applicationServerKey)",
        tag=TAG,
        answer=PushKeyView,
        limit=Limit.READS,
        tenant_header=False,
        refusals=(errors.NotFound,),
    ),
    Endpoint(
        method="GET",
        path=BROWSERS,
        handler=browsers,
        summary="The browsers that are pushed to, the newest first",
        tag=TAG,
        answer=list[BrowserView],
        door=Door.SIGNED_IN,
    ),
    Endpoint(
        method="POST",
        path=BROWSERS,
        handler=subscribe,
        summary="Push to a browser of the patient who asks",
        description=(
            "The body is the browser's own subscription as JSON. Known ones keep their id; of each patient the newest"
            " ten are kept. Its service has to be one that this installation speaks to."
        ),
        tag=TAG,
        answer=BrowserView,
        door=Door.SIGNED_IN,
        body=PushBody,
        status=201,
        example={
            "endpoint": "https://fcm.googleapis.com/fcm/send/example",
            "keys": {
                "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                "auth": "BTBZMqHH6r4Tts7J_aSIgg",
            },
        },
    ),
    Endpoint(
        method="DELETE",
        path=f"{BROWSERS}/{{subscriptionId}}",
        handler=unsubscribe,
        summary="Push to a browser no longer",
        tag=TAG,
        status=204,
        door=Door.SIGNED_IN,
    ),
)
