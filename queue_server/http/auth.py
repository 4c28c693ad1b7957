"""Signing in, staying signed in, signing out."""

from typing import Annotated

import msgspec

from queue_server.application.desk_bodies import Body
from queue_server.application.patients.bodies import CodeBody, CodeVerifyBody
from queue_server.application.patients.contacts import contact_of
from queue_server.application.patients.views import CodeSentView
from queue_server.application.phrases import choose_language
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


async def send_code(call: Call[CodeBody, Nothing]) -> Reply:
    """Send a one-time code."""
    contact = contact_of(call.body.email, call.body.phone)
    language = choose_language(call.body.language, call.request.headers.get("accept-language"))
    return Reply(data=await call.services.code_sign_in.ask(TenantId(call.body.tenant_id), contact, language))


async def verify_code(call: Call[CodeVerifyBody, Nothing]) -> Reply:
    """Begin a session of whoever has the code."""
    body, contact = call.body, contact_of(call.body.email, call.body.phone)
    signed_in = await call.services.code_sign_in.verify(
        TenantId(body.tenant_id),
        contact,
        body.code,
        name=body.name,
        language=choose_language(call.request.headers.get("accept-language")),
    )
    return Reply(data=signed_in)


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
    Endpoint(
        method="POST",
        path=f"{BASE}/code",
        handler=send_code,
        summary="Send a patient a code to sign in with",
        description=(
            "To an e-mail address, or to a phone where the installation sends text messages. The answer is the same"
            " whether or not anybody is known there. A code is good for ten minutes and five attempts; a newer one"
            " takes its place. Five an hour are sent to the same contact."
        ),
        tag=TAG,
        answer=CodeSentView,
        body=CodeBody,
        status=202,
        limit=Limit.SIGN_IN,
        tenant_header=False,
        refusals=(errors.NotFound,),
        example={"tenantId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01", "email": "asha@example.org"},
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/code/verify",
        handler=verify_code,
        summary="Sign in with the code that was sent",
        description=(
            "The first time a contact becomes the account of the one patient who has it in their particulars, else of a"
            " new patient, whose `name` may be given here or later."
        ),
        tag=TAG,
        answer=SignedIn,
        body=CodeVerifyBody,
        limit=Limit.SIGN_IN,
        tenant_header=False,
        refusals=(errors.Unauthenticated, errors.WrongCode, errors.CodeExpired),
        example={
            "tenantId": "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01",
            "email": "asha@example.org",
            "code": "042917",
        },
    ),
)
