"""Rate limits at the door: what a request draws on, and how clients are told.

Whoever is known to have nothing left is refused before anything else is done. All budgets of a request are drawn on in
one round trip, after its credential was verified: a tenant and an account pay only for what is theirs.
"""

from collections.abc import Sequence

from starlette.requests import Request

from queue_server.application.actor import Actor
from queue_server.http.endpoint import Limit
from queue_server.http.needs import Services
from queue_server.http.problems import OverLimit
from queue_server.rate_limits.gcra import Allowance, Draw, Verdict
from scheduling_core.permissions import Role

SAID: dict[str, str] = {
    "sign-in": "Too many attempts to sign in from your address.",
    "guest-holds": "Too many times are being held from your address. Sign in, or try again in a few minutes.",
    "address-reads": "Too many requests from your address.",
    "address-writes": "Too many requests from your address.",
    "user-writes": "Too many requests from your account.",
    "user-reads": "Too many requests from your account.",
    "user-settings": "Too many requests from your account.",
    "tenant-reads": "Too many requests for this organisation.",
    "tenant-writes": "Too many requests from your organisation.",
}

Headers = dict[str, str]


def headers_of(verdict: Verdict) -> dict[str, str]:
    """Return the fields of the IETF draft on RateLimit headers, as clients in the field know them and as it is now.

    `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds until all is there again) are of the budget that is nearest
    to its end; `RateLimit-Policy` names all of them: `q` requests at once, refilled within `w` seconds.
    """
    nearest = verdict.nearest
    if nearest is None:
        return {}
    return {
        "RateLimit-Limit": str(nearest.rate.burst),
        "RateLimit-Remaining": str(nearest.remaining if verdict.allowed else 0),
        "RateLimit-Reset": str(nearest.full_after),
        "RateLimit-Policy": ", ".join(dict.fromkeys(_policy(allowance) for allowance in verdict.allowances)),
    }


def _policy(allowance: Allowance) -> str:
    window = -(-allowance.rate.capacity // 1_000_000)
    return f'"{allowance.policy}";q={allowance.rate.burst};w={window}'


async def public(request: Request, limit: Limit, headers: Headers) -> None:
    """Draw on what a public route costs, and put into `headers` what is left; raises `OverLimit`."""
    services: Services = request.app.state.services
    address = address_of(request)
    if limit is Limit.SIGN_IN:
        await _take(services, services.budgets.sign_in(address), headers)
        return
    if limit is Limit.HOLDS:
        await _take(services, services.budgets.holding(address), headers)
        return
    if limit is Limit.BOOKING:
        await _take(services, services.budgets.booking(address), headers)
        return
    refused = services.limiter.refused(*services.budgets.read(address))
    if refused is not None:
        raise _over(services, refused)
    token = request.path_params.get("token")
    tenant = services.tracking.tenant_of(token) if token is not None else None
    await _take(services, services.budgets.read(address, tenant), headers)


async def bad_credential(request: Request) -> None:
    """Draw on the budget of an address that came with no credential or a bad one; raises `OverLimit`."""
    services: Services = request.app.state.services
    await _take(services, services.budgets.read(address_of(request)), {})


async def write(request: Request, caller: Actor, headers: Headers, *, limit: Limit | None = None) -> None:
    """Draw on what a write of `caller` costs, and put into `headers` what is left; raises `OverLimit`."""
    services: Services = request.app.state.services
    draws_of = services.budgets.setting if limit is Limit.SETTINGS else services.budgets.write
    draws = draws_of(address_of(request), caller.tenant, caller.key)
    await _take(services, draws, headers)


async def read(request: Request, caller: Actor, headers: Headers, *, is_public: bool) -> None:
    """Draw on what a read of `caller` costs, and put into `headers` what is left; raises `OverLimit`.

    What the public may ask (`is_public`) costs patients what it costs the public, too: to sign in is no way past the
    limits of addresses. Staff share theirs with the phones in the waiting room, which must not stop them.
    """
    services: Services = request.app.state.services
    address = address_of(request) if is_public and caller.role is Role.PATIENT else None
    draws = services.budgets.account_read(caller.tenant, caller.key, address=address)
    await _take(services, draws, headers)


def address_of(request: Request) -> str:
    """Return where the request came from; past trusted proxies, which the server has looked through already."""
    return request.client.host if request.client else ""


async def _take(services: Services, draws: Sequence[Draw], headers: Headers) -> None:
    verdict = await services.limiter.take(*draws)
    if not verdict.allowed:
        raise _over(services, verdict)
    headers.update(headers_of(verdict))


def _over(services: Services, verdict: Verdict) -> OverLimit:
    nearest = verdict.nearest
    assert nearest is not None, "no budget refuses"
    services.metrics.over_limit(nearest.policy)
    return OverLimit(SAID[nearest.policy], retry_after=max(1, nearest.retry_after), headers=headers_of(verdict))
