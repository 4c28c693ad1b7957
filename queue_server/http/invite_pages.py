"""The page behind an invitation from the waitlist: what is offered, and two forms that answer it.

Whoever has the address may answer, for its token is the key; nothing is kept in cookies, so no other site can answer
for anybody. GET only ever shows: those who look at links in messages before people do must not answer them.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from queue_server.application.answers import NONE
from queue_server.application.messages.templates.times import day_and_time
from queue_server.application.phrases import choose_language, phrase
from queue_server.application.waitlist.offers import Invitation, InviteState
from queue_server.http.endpoint import Limit
from queue_server.http.needs import Services
from queue_server.http.offer_card import OfferCards, say
from queue_server.http.page_answers import direction, page, page_headers
from queue_server.http.pages import Enter, Pages, link_fault
from queue_server.http.problems import OverLimit
from queue_server.http.screens import BUILT, NotBuilt, Screens
from scheduling_core.errors import Conflict, DomainError, InviteExpired
from scheduling_core.live_queue.state import Mode

REFUSED = "refused"
"""What the address says after an answer that could not be booked, while the offer stands."""
SOFT_STATES = frozenset({InviteState.OFFERED, InviteState.WAITING, InviteState.DECLINED, InviteState.LATE})
"""After which something else may be offered, so that the page looks again by itself."""

Show = Callable[[Request, dict[str, str]], Awaitable[Response]]


class InvitePages:
    """Renders invitations and takes their answers."""

    def __init__(self, built: Path = BUILT, enter: Enter | None = None) -> None:
        self._enter = enter
        self._otherwise = Pages(built)
        self._screens = Screens(built)
        self._cards = OfferCards()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    async def show(self, request: Request) -> Response:
        """Show what is offered, or what became of it; raises nothing: what is wrong with a link is said on a page."""
        return await self._shown(request, self._invitation)

    async def accept(self, request: Request) -> Response:
        """Book what is offered and lead back to the page, which then tells of the visit."""

        async def work(services: Services, token: str) -> None:
            meant, id = _meant(request), _request_id(request)
            await services.waitlist_answering.accept(token, NONE, meant=meant, request_id=id)

        return await self._shown(request, lambda r, left: self._answered(r, left, work))

    async def decline(self, request: Request) -> Response:
        """Give back what is offered and lead back to the page."""

        async def work(services: Services, token: str) -> None:
            meant, id = _meant(request), _request_id(request)
            await services.waitlist_answering.decline(token, meant=meant, request_id=id)

        return await self._shown(request, lambda r, left: self._answered(r, left, work))

    async def back(self, request: Request) -> Response:
        """Lead whoever comes back to the address of an answer to the page: only a form answers."""
        return RedirectResponse(_address(request), status_code=303, headers=page_headers("default-src 'none'"))

    async def beside(self, request: Request) -> Response:
        """Return the card of what is offered to the patient of a tracking link, empty if nothing is."""
        return await self._shown(request, self._beside)

    async def _shown(self, request: Request, show: Show) -> Response:
        left: dict[str, str] = {}
        try:
            response = await show(request, left)
        except OverLimit as error:
            left.update(error.headers)
            response = self._otherwise.message(request, "unavailable", error.status, again=error.retry_after or 0)
        except DomainError as error:
            response = self._otherwise.message(request, link_fault(error), error.status)
        except NotBuilt:
            response = self._otherwise.message(request, "not_built", 503)
        response.headers.update(left)
        return response

    async def _draw(self, request: Request, limit: Limit, left: dict[str, str]) -> None:
        if self._enter is not None:
            await self._enter(request, limit, left)

    async def _invitation(self, request: Request, left: dict[str, str]) -> Response:
        await self._draw(request, Limit.READS, left)
        token = request.path_params["token"]
        invitation = await _services(request).waitlist_offers.of_link(token)
        language = choose_language(
            request.query_params.get("lang"), invitation.language, request.headers.get("accept-language")
        )
        inlined = self._screens.inlined("invite")
        nonce = secrets.token_urlsafe(12)
        text = self._templates.get_template("invite.html").render(
            **self._told(request, invitation, language), inlined=inlined, nonce=nonce, token=token
        )
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:;"
            " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return page(request, text, policy)

    def _told(self, request: Request, invitation: Invitation, language: str) -> Mapping[str, Any]:
        state, entry, zone = invitation.state, invitation.entry, invitation.clinic.timezone
        booked = invitation.booked
        until = entry.deferred_until
        own = urlencode({"tenantId": str(invitation.tenant), "lang": language})
        return {
            "language": language,
            "direction": direction(language),
            "state": state.value,
            "clinic": invitation.clinic,
            "booked": booked,
            "say": say(language),
            "title": phrase(language, f"invite_{state}"),
            "more": _more(state, language, day_and_time(language, until, zone) if until is not None else ""),
            "when": day_and_time(language, booked.start, zone) if booked is not None else "",
            "is_tele": booked is not None and booked.mode is Mode.TELE,
            "card": self._cards.card(invitation.offer, language, chosen=request.query_params.get("lang"), title="free"),
            "refused": request.query_params.get("why") == REFUSED and state is InviteState.OFFERED,
            "looks_again": state in SOFT_STATES,
            "account": f"/account/waitlist?{own}",
            "search": f"/book?{own}",
            "version": entry.version,
        }

    async def _answered(
        self,
        request: Request,
        left: dict[str, str],
        work: Callable[[Services, str], Awaitable[None]],
    ) -> Response:
        await self._draw(request, Limit.BOOKING, left)
        said: dict[str, str] = {}
        try:
            await work(_services(request), request.path_params["token"])
        except Conflict:
            # The page says what became of it, to whoever taps twice, too late or after somebody else.
            said = {"why": REFUSED}
        return RedirectResponse(_address(request, **said), status_code=303, headers=page_headers("default-src 'none'"))

    async def _beside(self, request: Request, left: dict[str, str]) -> Response:
        await self._draw(request, Limit.READS, left)
        services = _services(request)
        visit = await services.tracking.resolve(request.path_params["token"])
        awaited = await services.waitlist_offers.beside(visit.tenant, visit.entry)
        language = choose_language(request.query_params.get("lang"), visit.language)
        return page(request, self._cards.card(awaited.offer, language), "default-src 'none'")


def invite_routes(pages: InvitePages | None = None, *, enter: Enter | None = None) -> list[Route]:
    """Return the routes of invitations; public, and limited by `enter` like the public routes."""
    served = pages or InvitePages(enter=enter)
    return [
        Route("/invite/{token}", served.show),
        Route("/invite/{token}/accept", served.accept, methods=["POST"]),
        Route("/invite/{token}/decline", served.decline, methods=["POST"]),
        Route("/invite/{token}/{answer}", served.back),
        Route("/t/{token}/offer", served.beside),
    ]


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _request_id(request: Request) -> str | None:
    given: str | None = request.scope.get("request_id")
    return given


def _meant(request: Request) -> datetime | None:
    """Return which offer the form was for; raises `InviteExpired` for what no form says."""
    given = request.query_params.get("by")
    try:
        return datetime.fromisoformat(given) if given is not None else None
    except ValueError:
        raise InviteExpired from None


def _address(request: Request, **said: str) -> str:
    """Return the page's address in the language that was chosen."""
    chosen = request.query_params.get("lang")
    query = urlencode({**({"lang": chosen} if chosen else {}), **said})
    path = f"/invite/{request.path_params['token']}"
    return f"{path}?{query}" if query else path


def _more(state: InviteState, language: str, time: str) -> str:
    return "" if state is InviteState.OFFERED else phrase(language, f"invite_{state}_more", time=time)
