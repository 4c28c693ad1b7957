"""The pages for patients: search, doctors, booking and account; those for search engines can be read without scripts.

Whose pages they are is said by the host (BOOKING_TENANTS) or by `?tenantId=`; a doctor's page is found by the doctor.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.sax.saxutils import escape

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from queue_server.application.doctors.reading import Shown
from queue_server.application.doctors.views import DoctorDetail
from queue_server.application.phrases import CATALOG, choose_language
from queue_server.application.phrases.booking import account_words, amount, booking_words, language_name
from queue_server.application.search.views import StorefrontView
from queue_server.http.endpoint import Limit, parse_id
from queue_server.http.needs import Services
from queue_server.http.page_answers import direction, page, page_headers, socket_origins
from queue_server.http.pages import Enter, Pages, link_fault
from queue_server.http.problems import OverLimit
from queue_server.http.screens import BUILT, NotBuilt, Screens
from queue_server.store.doctors import Filters
from scheduling_core.errors import DomainError, InvalidTrackingToken, NotFound, RevokedTrackingToken
from scheduling_core.ids import DoctorId, TenantId

FIRST_DOCTORS = 50
"""Shown before anything is searched."""
MOST_LISTED = 10_000
"""Doctors a sitemap names at most; its format allows 50,000."""

Show = Callable[[Request], Awaitable[Response]]


class Place(msgspec.Struct, frozen=True):
    """Whose pages these are, and whether their addresses have to say so."""

    store: StorefrontView
    is_said: bool

    def link(self, path: str, **query: str) -> str:
        """Return an address of these pages."""
        said = {**({"tenantId": str(self.store.tenant_id)} if self.is_said else {}), **query}
        return f"{path}?{urlencode(said)}" if said else path


class BookingPages:
    """Renders the pages for patients."""

    def __init__(self, built: Path = BUILT, enter: Enter | None = None) -> None:
        self._enter = enter
        self._otherwise = Pages(built)
        self._screens = Screens(built)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    async def search(self, request: Request) -> Response:
        """Show the doctors that can be searched."""
        return await self._shown(request, self._search)

    async def doctor(self, request: Request) -> Response:
        """Show a doctor; raises nothing: what there is not is said on a page."""
        return await self._shown(request, self._doctor)

    async def step(self, request: Request) -> Response:
        """Open a step of a booking, which only the script can show."""
        return await self._shown(request, self._step)

    async def account(self, request: Request) -> Response:
        """Open a patient's account."""
        return await self._shown(request, self._account)

    async def change(self, request: Request) -> Response:
        """Open the visit behind a tracking link, to be moved or cancelled without an account."""
        return await self._shown(request, self._change)

    async def sitemap(self, request: Request) -> Response:
        """Return the addresses that search engines should know."""
        left = await self._draw(request)
        place = await _place(request)
        public = _services(request).settings.public_url
        doctors = await _all_doctors(request, place)
        rows = f"<url><loc>{escape(public + place.link('/book'))}</loc></url>\n"
        for one in doctors:
            at = one.changed_at
            changed = f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at is not None else ""
            rows += f"<url><loc>{public}/book/doctors/{one.id}</loc>{changed}</url>\n"
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'
        )
        headers = {**page_headers("default-src 'none'"), "Cache-Control": "public, max-age=3600", **left}
        return Response(text, headers=headers, media_type="application/xml")

    async def push_worker(self, _request: Request) -> Response:
        """Return the script by which browsers show what is pushed to them; it is looked for anew each time."""
        script = (Path(__file__).parent / "templates" / "push_worker.js").read_text(encoding="utf-8")
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return Response(script, headers=headers, media_type="text/javascript")

    async def robots(self, request: Request) -> Response:
        """Tell search engines what is theirs to read: doctors, and nothing of patients."""
        closed = "".join(
            f"Disallow: /{path}\n" for path in ("t/", "invite/", "api/", "account", "desk", "display", "admin")
        )
        # A host that is nobody's has no sitemap: the address would have to say whose.
        public = _services(request).settings.public_url
        sitemap = f"Sitemap: {public}/sitemap.xml\n" if _of_host(request) is not None else ""
        text = f"User-agent: *\n{closed}{sitemap}"
        return Response(text, headers={"Cache-Control": "public, max-age=3600"}, media_type="text/plain")

    async def _shown(self, request: Request, show: Show) -> Response:
        left: dict[str, str] = {}
        try:
            left = await self._draw(request)
            response = await show(request)
        except OverLimit as error:
            left.update(error.headers)
            response = self._otherwise.message(request, "unavailable", error.status, again=error.retry_after or 0)
        except NoTenant:
            response = self._otherwise.message(request, "book_whose", 404)
        except NotFound:
            response = self._otherwise.message(request, "no_doctor", 404)
        except DomainError as error:
            response = self._otherwise.message(request, "unavailable", error.status)
        except NotBuilt:
            response = self._otherwise.message(request, "not_built", 503)
        response.headers.update(left)
        return response

    async def _draw(self, request: Request) -> dict[str, str]:
        left: dict[str, str] = {}
        if self._enter is not None:
            await self._enter(request, Limit.READS, left)
        return left

    async def _search(self, request: Request) -> Response:
        place = await _place(request)
        found = await _services(request).providers.list(_tenant(place), Filters(), limit=FIRST_DOCTORS)
        doctors = msgspec.json.decode(found.items, type=list[DoctorDetail])
        address = _services(request).settings.public_url + place.link("/book")
        return self._render(request, "book", place, title="title_search", address=address, doctors=doctors)

    async def _doctor(self, request: Request) -> Response:
        services, id = _services(request), parse_id(request.path_params["doctorId"])
        named = _named(request)
        doctor = await services.doctor_reading.get_public(id, named)
        tenant = named or await services.directory.tenant_of(DoctorId(doctor.id))
        place = Place(await services.storefronts.of(tenant), is_said=_of_host(request) != tenant)
        public = services.settings.public_url
        address = f"{public}/book/doctors/{doctor.id}"
        return self._render(
            request,
            "book_doctor",
            place,
            title="title_doctor",
            doctor=doctor,
            clinics=[clinic for clinic in place.store.clinics if clinic.id in doctor.clinic_ids],
            address=address,
            about=_in_script(_physician(doctor, place.store, address)),
        )

    async def _step(self, request: Request) -> Response:
        return self._render(request, "book_step", await _place(request), title="title_search")

    async def _account(self, request: Request) -> Response:
        return self._render(request, "account", await _place(request), title="title_account", screen="account")

    async def _change(self, request: Request) -> Response:
        services, token = _services(request), request.path_params["token"]
        try:
            tracked = await services.tracking.track(token)
        except (InvalidTrackingToken, RevokedTrackingToken, NotFound) as error:
            return self._otherwise.message(request, link_fault(error), error.status)
        tenant = services.tracking.tenant_of(token)
        assert tenant is not None, "the link was good a moment ago"
        place = Place(await services.storefronts.of(tenant), is_said=_of_host(request) != tenant)
        spoken = tracked.view.appointment.language
        return self._render(request, "account", place, title="account_your_visit", screen="account", spoken=spoken)

    def _render(
        self,
        request: Request,
        template: str,
        place: Place,
        *,
        title: str,
        screen: str = "book",
        spoken: str | None = None,
        address: str = "",
        **shown: Any,
    ) -> Response:
        """Render a page in the language that is asked for, else in the one that is `spoken` to the reader; `address`
        is where search engines find it, in the language that they ask for."""
        tags = self._screens.tags(f"src/{screen}/main.tsx")
        chosen = request.query_params.get("lang")
        language = choose_language(chosen, spoken, request.headers.get("accept-language"))
        words = account_words(language) if screen == "account" else booking_words(language)
        known: dict[str, Any] = {
            "language": language,
            "words": words,
            "store": place.store,
            "tenantInAddress": place.is_said,
            "paysOnline": _services(request).settings.payments is not None,
            "languageInAddress": chosen == language,
            "now": datetime.now(UTC),
        }
        known |= {key: shown[key] for key in ("doctors", "doctor") if key in shown}
        nonce = secrets.token_urlsafe(12)
        text = self._templates.get_template(f"{template}.html").render(
            tags=tags,
            words=words,
            language=language,
            direction=direction(language),
            languages=list(CATALOG),
            language_name=language_name,
            amount=amount,
            place=place,
            here=request.url.path,
            kept=_kept(request),
            title=words[title],
            canonical=_spoken(address, language) if chosen == language else address,
            alternates={"x-default": address, **{one: _spoken(address, one) for one in CATALOG}} if address else {},
            known=_in_script(known),
            nonce=nonce,
            **shown,
        )
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:;"
            f" connect-src 'self' {socket_origins(request)};"
            " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        # Kept by the browser for "back", but asked for anew.
        return page(request, text, policy, headers={"Cache-Control": "private, no-cache"})


class NoTenant(NotFound):
    """Neither host nor address say whose pages are wanted."""


def booking_routes(pages: BookingPages | None = None, *, enter: Enter | None = None) -> list[Route]:
    """Return the routes of the pages for patients; public, and limited by `enter` like the public routes."""
    served = pages or BookingPages(enter=enter)
    return [
        Route("/book", served.search),
        Route("/book/doctors/{doctorId}", served.doctor),
        Route("/book/{step}", served.step),
        Route("/account", served.account),
        Route("/account/{section}", served.account),
        Route("/t/{token}/change", served.change),
        Route("/push-worker.js", served.push_worker),
        Route("/sitemap.xml", served.sitemap),
        Route("/robots.txt", served.robots),
    ]


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


def _tenant(place: Place) -> TenantId:
    return TenantId(place.store.tenant_id)


def _of_host(request: Request) -> TenantId | None:
    """Return whose pages this host shows when the address does not say."""
    known = _services(request).settings.booking_tenants
    host = re.sub(r":\d+$", "", request.headers.get("host", "").lower())
    tenant = known.get(host) or known.get("")
    return TenantId(tenant) if tenant is not None else None


def _named(request: Request) -> TenantId | None:
    """Return whose pages are asked for; raises `NoTenant` for what is no id."""
    given = request.query_params.get("tenantId")
    if given is None:
        return _of_host(request)
    try:
        return TenantId(UUID(given))
    except ValueError:
        raise NoTenant("This is no tenant's id.") from None


async def _place(request: Request) -> Place:
    tenant = _named(request)
    if tenant is None:
        raise NoTenant("Say whose doctors you look for.")
    try:
        store = await _services(request).storefronts.of(tenant)
    except NotFound:
        raise NoTenant("There is no such tenant.") from None
    return Place(store, is_said=_of_host(request) != tenant)


async def _all_doctors(request: Request, place: Place) -> list[Shown]:
    """Return the doctors that search shows, page by page."""
    found: list[Shown] = []
    cursor: str | None = None
    while len(found) < MOST_LISTED:
        listed = await _services(request).providers.changed(_tenant(place), limit=200, cursor=cursor)
        found += listed.items
        cursor = listed.next_cursor
        if cursor is None:
            break
    return found


def _kept(request: Request) -> Callable[..., str]:
    """Return a function that gives the address asked for in another language."""
    query = {key: value for key, value in request.query_params.items() if key != "lang"}

    def address(language: str) -> str:
        return f"{request.url.path}?{urlencode({**query, 'lang': language})}"

    return address


def _spoken(address: str, language: str) -> str:
    """Return the address of a page in a language."""
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


def _physician(doctor: DoctorDetail, store: StorefrontView, address: str) -> Mapping[str, Any]:
    """Return a doctor in the words of schema.org."""
    clinics = [clinic for clinic in store.clinics if clinic.id in doctor.clinic_ids]
    return {
        "@context": "https://schema.org",
        "@type": "Physician",
        "@id": address,
        "url": address,
        "name": doctor.name,
        "description": doctor.bio,
        "medicalSpecialty": doctor.specialty_label,
        "knowsLanguage": doctor.languages,
        "isAcceptingNewPatients": doctor.accepts_online_bookings,
        "parentOrganization": {"@type": "MedicalOrganization", "name": store.name},
        "address": [_postal(clinic.name, clinic.address) for clinic in clinics],
        "potentialAction": {"@type": "ReserveAction", "target": address},
    }


def _postal(name: str, street: str) -> Mapping[str, str]:
    return {"@type": "PostalAddress", "name": name, "streetAddress": street}


def _in_script(value: object) -> str:
    """Return JSON for the inside of a script element, which only "<" could end early."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")
