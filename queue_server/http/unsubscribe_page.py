"""The page behind the link under a mail: what it turns off, and the forms that do it.

GET only ever shows, for mail scanners follow links. The POST is the form's or a mail program's own (RFC 8058, one
click): the token is the key, so no cookie and no other page can do it for anybody.
"""

import secrets
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from queue_server.application.messages.templates import words
from queue_server.application.messages.unsubscribing import Stopping
from queue_server.application.phrases import choose_language
from queue_server.http import decoding
from queue_server.http.endpoint import Limit
from queue_server.http.needs import Services
from queue_server.http.page_answers import direction, page
from queue_server.http.pages import Enter, Pages
from queue_server.http.problems import OverLimit
from queue_server.http.screens import BUILT
from scheduling_core.errors import DomainError, InvalidTrackingToken, NotFound

LARGEST_FORM = 2_000
EVERYTHING = "all"


class UnsubscribePage:
    """Renders the page and takes its forms."""

    def __init__(self, built: Path = BUILT, enter: Enter | None = None) -> None:
        self._enter = enter
        self._otherwise = Pages(built)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )

    async def answer(self, request: Request) -> Response:
        """Show what the link turns off, or turn it off; raises nothing: what is wrong with a link is said on a page."""
        left: dict[str, str] = {}
        try:
            response = await (self._stop if request.method == "POST" else self._show)(request, left)
        except OverLimit as error:
            left.update(error.headers)
            response = self._otherwise.message(request, "unavailable", error.status, again=error.retry_after or 0)
        except (InvalidTrackingToken, NotFound) as error:
            response = self._otherwise.message(request, "invalid_link", error.status)
        except DomainError as error:
            response = self._otherwise.message(request, "unavailable", error.status)
        response.headers.update(left)
        return response

    async def _show(self, request: Request, left: dict[str, str]) -> Response:
        await self._draw(request, Limit.READS, left)
        found = await _services(request).unsubscribing.look(request.path_params["token"])
        return self._page(request, found, is_done=False, everything=False)

    async def _stop(self, request: Request, left: dict[str, str]) -> Response:
        await self._draw(request, Limit.BOOKING, left)
        form = await decoding.read_body(request, LARGEST_FORM)
        everything = _asks_for_everything(form)
        found = await _services(request).unsubscribing.stop(request.path_params["token"], everything=everything)
        return self._page(request, found, is_done=True, everything=everything)

    async def _draw(self, request: Request, limit: Limit, left: dict[str, str]) -> None:
        if self._enter is not None:
            await self._enter(request, limit, left)

    def _page(self, request: Request, found: Stopping, *, is_done: bool, everything: bool) -> Response:
        language = choose_language(
            request.query_params.get("lang"), found.language, request.headers.get("accept-language")
        )
        said = words.spoken(language)
        named = {"channel": said.channels[found.channel], "kind": said.kinds[found.kind].named}
        what = said.stopped_all if everything else said.stopped_one
        nonce = secrets.token_urlsafe(12)
        text = self._templates.get_template("unsubscribe.html").render(
            language=language,
            direction=direction(language),
            organisation=found.organisation,
            title=said.stopped if is_done else said.stop_title,
            told=(what if is_done else said.stop_what).format(**named),
            more=said.stopped_more,
            one=said.stop_one,
            everything=said.stop_all.format(**named),
            is_done=is_done,
            nonce=nonce,
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; form-action 'self';"
            " frame-ancestors 'none'"
        )
        return page(request, text, policy)


def _asks_for_everything(form: bytes) -> bool:
    """Return whether the form's second button was pressed; a mail program's one click is for the kind alone."""
    try:
        return parse_qs(form.decode(errors="replace"), max_num_fields=20).get("stop") == [EVERYTHING]
    except ValueError:
        return False


def unsubscribe_routes(served: UnsubscribePage | None = None, *, enter: Enter | None = None) -> list[Route]:
    """Return the route of the page; public, and limited by `enter` like the public routes."""
    shown = served or UnsubscribePage(enter=enter)
    return [Route("/unsubscribe/{token}", shown.answer, methods=["GET", "POST"])]


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services
