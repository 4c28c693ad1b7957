"""What an organisation sets for all of its clinics: its rate limits."""

from queue_server.application.admin_bodies import RateLimitsBody
from queue_server.application.tenant_limits import RateLimitsView
from queue_server.http.endpoint import Call, Endpoint, Limit, Nothing, Reply
from scheduling_core.permissions import Permission

RATE_LIMITS = "/api/tenants/{tenantId}/rate-limits"
TAG = "Organisation"


async def rate_limits(call: Call[None, Nothing]) -> Reply:
    """Return the tenant's rate limits."""
    found, version = await call.services.tenant_limits.get(call.actor, call.id("tenantId"))
    return Reply(data=found, version=version)


async def set_rate_limits(call: Call[RateLimitsBody, Nothing]) -> Reply:
    """Set the tenant's rate limits."""
    expected = call.precondition.if_match
    made, version = await call.services.tenant_limits.put(call.actor, call.id("tenantId"), call.body, if_match=expected)
    return Reply(data=made, version=version)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path=RATE_LIMITS,
        handler=rate_limits,
        summary="How many requests the organisation takes",
        tag=TAG,
        answer=RateLimitsView,
        door=Permission.MANAGE_RATE_LIMITS,
    ),
    Endpoint(
        method="PUT",
        path=RATE_LIMITS,
        handler=set_rate_limits,
        summary="Set how many requests the organisation takes; what is left out is as the installation grants",
        description="No more than the installation grants, except by a platform admin. Holds within ten seconds.",
        tag=TAG,
        answer=RateLimitsView,
        door=Permission.MANAGE_RATE_LIMITS,
        body=RateLimitsBody,
        versioned=True,
        limit=Limit.SETTINGS,
        example={"userWritesPerMinute": 600, "tenantReadsPerMinute": 60000},
    ),
)
