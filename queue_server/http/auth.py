"""Signing in, staying signed in, signing out."""

from typing import Annotated

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.application.views.accounts import AccountView, SignedIn
from queue_server.http.endpoint import Call, Door, Endpoint, Limit, Nothing, Reply, bearer
from scheduling_core import errors
from scheduling_core.ids import TenantId

BASE = "/api/auth"
TAG = "Accounts"

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class LoginBody(Body, frozen=True, kw_only=True):
    """Who wants in. `X-Tenant-Id` says where, should the same address have several accounts."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Secret


class RefreshBody(Body, frozen=True, kw_only=True):
    """The refresh token of the last answer; it is used up by this."""

    refresh_token: Secret


class LogoutBody(Body, frozen=True, kw_only=True):
    """The session to end; the access token in the Authorization header is withdrawn with it."""

    refresh_token: Secret | None = None


async def login(call: Call[LoginBody, Nothing]) -> Reply:
    """Begin a session."""
    tenant = call.tenant_header
    signed_in = await call.services.access.login(
        call.body.email, call.body.password, TenantId(tenant) if tenant is not None else None
    )
    return Reply(data=signed_in)


async def refresh(call: Call[RefreshBody, Nothing]) -> Reply:
    """Go on with a session."""
    return Reply(data=await call.services.access.refresh(call.body.refresh_token))


async def logout(call: Call[LogoutBody, Nothing]) -> Reply:
    """End a session. Tokens that open nothing any more are passed over in silence."""
    await call.services.access.logout(call.body.refresh_token, bearer(call.request))
    return Reply()


async def me(call: Call[None, Nothing]) -> Reply:
    """Return the account that asks."""
    return Reply(data=await call.services.access.me(call.actor))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path=f"{BASE}/login",
        handler=login,
        summary="Sign in",
        tag=TAG,
        answer=SignedIn,
        body=LoginBody,
        limit=Limit.SIGN_IN,
        refusals=(errors.Unauthenticated,),
        example={"email": "reception@example.org", "password": "correct horse battery staple"},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/refresh",
        handler=refresh,
        summary="New tokens for a session",
        description="A refresh token that comes a second time ends its session: somebody else has it.",
        tag=TAG,
        answer=SignedIn,
        body=RefreshBody,
        limit=Limit.SIGN_IN,
        tenant_header=False,
        refusals=(errors.Unauthenticated,),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/logout",
        handler=logout,
        summary="Sign out",
        tag=TAG,
        status=204,
        body=LogoutBody,
        limit=Limit.SIGN_IN,
        tenant_header=False,
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/me",
        handler=me,
        summary="The account that asks",
        tag=TAG,
        answer=AccountView,
        door=Door.SIGNED_IN,
    ),
)
