"""The pages: tracker, desk, display and administration, their built files, and what is shown when there is nothing."""

import io
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import msgspec
import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from queue_server.application.phrases import choose_language, phrase, time_of_day
from queue_server.application.views.tracking import TrackedView
from queue_server.application.waitlist.offers import Awaited
from queue_server.http.endpoint import Limit
from queue_server.http.offer_card import OfferCards
from queue_server.http.page_answers import direction, page, page_headers, socket_origins, takes_gzip
from queue_server.http.problems import OverLimit
from queue_server.http.screens import BUILT, NotBuilt, Screens
from queue_server.http.tracker_face import face, script_words
from scheduling_core.errors import DomainError, InvalidTrackingToken, NotFound, RevokedTrackingToken, Unavailable

HTTPExceptionHandler = Callable[[Request, Exception], Awaitable[Response]]
Enter = Callable[[Request, Limit, dict[str, str]], Awaitable[None]]
"""Draws on the budgets of a public request and puts into the headers what is left; raises `OverLimit`."""

RETRY_SECONDS = 15
_LINK_FAULTS: dict[type[DomainError], str] = {
    InvalidTrackingToken: "invalid_link",
    RevokedTrackingToken: "revoked_link",
    NotFound: "gone",
}


class Pages:
    """Renders pages from the templates and the built screens."""

    def __init__(self, built: Path = BUILT, enter: Enter | None = None) -> None:
        self._enter = enter
        self._screens = Screens(built)
        self._offers = OfferCards()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    async def tracker(self, request: Request) -> Response:
        """Show a patient their place, in one answer that needs nothing else."""
        left: dict[str, str] = {}
        response = await self._tracker_or_why_not(request, left)
        response.headers.update(left)
        return response

    async def _tracker_or_why_not(self, request: Request, left: dict[str, str]) -> Response:
        try:
            await self._draw(request, left)
            tracked = await request.app.state.services.tracking.track(request.path_params["token"])
            return self._tracker(request, tracked.view, await self._awaited(request))
        except OverLimit as error:
            left.update(error.headers)
            return self.message(request, "unavailable", error.status, again=error.retry_after or 0)
        except DomainError as error:
            return self.message(request, link_fault(error), error.status)
        except NotBuilt:
            return self.message(request, "not_built", 503)

    async def _awaited(self, request: Request) -> Awaited:
        """Return what the patient waits for besides; nothing where only the place is known, which is shown anyway."""
        services = request.app.state.services
        try:
            visit = await services.tracking.resolve(request.path_params["token"])
            awaited: Awaited = await services.waitlist_offers.beside(visit.tenant, visit.entry)
        except Unavailable:
            return Awaited(waits=False)
        return awaited

    async def qr(self, request: Request) -> Response:
        """Draw the link as a QR code; whoever has no valid link gets no drawing of it either."""
        left: dict[str, str] = {}
        await self._draw(request, left)
        token = request.path_params["token"]
        services = request.app.state.services
        await services.tracking.track(token)
        return _drawn(f"{services.settings.public_url}/t/{token}", left)

    async def calendar_qr(self, request: Request) -> Response:
        """Draw the address of a calendar feed as a QR code with which a phone subscribes to it; of no other address."""
        left: dict[str, str] = {}
        await self._draw(request, left)
        address: str = await request.app.state.services.calendar_feeds.address(request.path_params["feedToken"])
        # Phones ask their calendar to subscribe to this scheme; what comes over HTTP they would read once.
        return _drawn(re.sub(r"^https?:", "webcal:", address), left)

    async def _draw(self, request: Request, left: dict[str, str]) -> None:
        if self._enter is not None:
            await self._enter(request, Limit.READS, left)

    async def desk(self, request: Request) -> Response:
        """Open the reception desk; the script shows its day list and paper tickets as well."""
        return self._screen(request, "desk")

    async def rebook(self, request: Request) -> Response:
        """Open what reception has to find another time for: it is of the desk, but not of the desk's first load."""
        return self._screen(request, "rebook")

    async def appointments(self, request: Request) -> Response:
        """Open reception's pages about times to come, which are not of the desk's first load either."""
        return self._screen(request, "appointments")

    async def display(self, request: Request) -> Response:
        """Open the waiting room's display."""
        return self._screen(request, "display")

    async def admin(self, request: Request) -> Response:
        """Open the administration; the script shows the section that the address names."""
        return self._screen(request, "admin")

    async def doctor(self, request: Request) -> Response:
        """Open the doctor's page: own queue, schedule and leave."""
        return self._screen(request, "doctor")

    async def asset(self, request: Request) -> Response:
        """Send a built file. Its name changes with its content, so that it may be kept for good."""
        asset = self._screens.asset(request.path_params["name"])
        if asset is None:
            return self.message(request, "unknown_page", 404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        if asset.gzipped is None:
            return Response(asset.body, headers=headers, media_type=asset.media_type)
        headers["Vary"] = "Accept-Encoding"
        if not takes_gzip(request):
            return Response(asset.body, headers=headers, media_type=asset.media_type)
        headers["Content-Encoding"] = "gzip"
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)

    async def front(self, _request: Request) -> Response:
        """Lead whoever types the bare address to the desk."""
        return RedirectResponse("/desk", status_code=302)

    def message(self, request: Request, key: str, status: int, *, again: int = 0) -> Response:
        """Say in the reader's language that there is nothing to show (`key`, `key_more` of the phrases), and why.

        Where waiting helps, the page loads itself again, after `again` seconds if that is longer than usual.
        """
        language = choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
        nonce = secrets.token_urlsafe(12)
        again = max(RETRY_SECONDS, again) if status in (429, 503) else 0
        text = self._templates.get_template("message.html").render(
            language=language,
            direction=direction(language),
            title=phrase(language, key),
            text=phrase(language, f"{key}_more"),
            again=again,
            nonce=nonce,
        )
        headers = {"Retry-After": str(again)} if again else {}
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
        )
        return page(request, text, policy, status, headers)

    def _tracker(self, request: Request, view: TrackedView, awaited: Awaited) -> Response:
        inlined = self._screens.inlined()
        language = choose_language(
            request.query_params.get("lang"), view.appointment.language, request.headers.get("accept-language")
        )
        words = script_words(language)
        nonce = secrets.token_urlsafe(12)
        known = msgspec.json.encode({"appointment": view.appointment, "queue": view.queue, "words": words}).decode()
        text = self._templates.get_template("tracker.html").render(
            view=view,
            face=face(view, language),
            language=language,
            direction=direction(language),
            words=words,
            hello=phrase(language, "hello", name=view.appointment.greeting),
            time=time_of_day(language, datetime.now(UTC), view.appointment.clinic.timezone),
            # Inside a script element only "<" could end it early.
            known=known.replace("<", "\\u003c"),
            waits=awaited.waits,
            offer=self._offers.card(awaited.offer, language, chosen=request.query_params.get("lang")),
            inlined=inlined,
            nonce=nonce,
            token=request.path_params["token"],
            **{key: phrase(language, key) for key in ("wait", "with", "keep", "why", "refresh", "change")},
        )
        policy = (
            f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:;"
            f" connect-src 'self' {socket_origins(request)};"
            " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return page(request, text, policy)

    def _screen(self, request: Request, name: str) -> Response:
        try:
            tags = self._screens.tags(f"src/{name}/main.tsx")
        except NotBuilt:
            return self.message(request, "not_built", 503)
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self';"
            f" img-src 'self' data:; connect-src 'self' {socket_origins(request)};"
            " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return page(request, self._templates.get_template(f"{name}.html").render(tags=tags), policy)


def link_fault(error: DomainError) -> str:
    """Return which message says why a tracking link shows nothing."""
    return next((key for kind, key in _LINK_FAULTS.items() if isinstance(error, kind)), "unavailable")


def _drawn(address: str, headers: dict[str, str]) -> Response:
    """Return an address as a QR code; it is kept by nobody."""
    drawing = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", border=4, light="#fff", svgclass=None, lineclass=None, omitsize=True)
    said = {**page_headers("default-src 'none'"), "Cache-Control": "no-store", **headers}
    return Response(drawing.getvalue(), headers=said, media_type="image/svg+xml")


def page_routes(pages: Pages | None = None, *, enter: Enter | None = None) -> list[Route]:
    """Return the routes of all pages; they find their services in `app.state.services`.

    Those behind a link are limited by `enter`, like the public routes.
    """
    served = pages or Pages(enter=enter)
    return [
        Route("/", served.front),
        Route("/t/{token}", served.tracker),
        Route("/t/{token}/qr.svg", served.qr),
        Route("/calendar/{feedToken}/qr.svg", served.calendar_qr),
        Route("/desk", served.desk),
        Route("/desk/day-list", served.desk),
        Route("/desk/ticket", served.desk),
        Route("/desk/rebook", served.rebook),
        Route("/desk/book", served.appointments),
        Route("/desk/appointments", served.appointments),
        Route("/desk/waitlist", served.appointments),
        Route("/display", served.display),
        Route("/admin", served.admin),
        Route("/admin/{section:path}", served.admin),
        Route("/doctor", served.doctor),
        Route("/doctor/{page:path}", served.doctor),
        Route("/assets/{name}", served.asset),
    ]


def with_message_page(otherwise: HTTPExceptionHandler) -> HTTPExceptionHandler:
    """Return a handler that shows people a page where there is none, and leaves everything else to `otherwise`."""
    pages = Pages()

    async def handle(request: Request, error: Exception) -> Response:
        is_unknown = isinstance(error, HTTPException) and error.status_code == 404
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
        return (
            pages.message(request, "unknown_page", 404)
            if is_unknown and wants_page
            else await otherwise(request, error)
        )

    return handle
