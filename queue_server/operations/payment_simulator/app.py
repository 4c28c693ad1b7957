"""The simulated provider as a web application: its interface for clinics, its page for people."""

import hmac
from typing import Annotated
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from queue_server.operations.payment_simulator.ledger import Event, Ledger, Refused, SimulatedIntent
from queue_server.operations.payment_simulator.notices import Notices
from queue_server.operations.payment_simulator.page import POLICY, page

LARGEST_BODY = 64_000


class _NewIntent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    amount: Annotated[int, msgspec.Meta(ge=1, le=2**40)]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    return_url: Annotated[str, msgspec.Meta(pattern=r"^https?://", max_length=2000)]


class Provider:
    """What requests to the simulated provider do. Its own address is `url`, once it is known."""

    def __init__(self, ledger: Ledger, notices: Notices, *, api_key: str) -> None:
        self.ledger = ledger
        self.notices = notices
        self.url = ""
        self._api_key = api_key
        self.requests = 0
        """How often a clinic has asked for something."""

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/health", self._health),
                Route("/v1/intents", self._create, methods=["POST"]),
                Route("/v1/intents/{id}", self._get),
                Route("/v1/intents/{id}/refunds", self._refund, methods=["POST"]),
                Route("/v1/intents/{id}/cancel", self._cancel, methods=["POST"]),
                Route("/pay/{id}", self._page, methods=["GET"]),
                Route("/pay/{id}", self._choice, methods=["POST"]),
            ]
        )

    def attempt(self, intent: str, *, succeeds: bool) -> None:
        """Let somebody pay an intent, or try in vain, and tell the clinic."""
        self._tell(self.ledger.attempt(self.ledger.intents[intent], succeeds=succeeds))

    def refund(self, intent: str) -> None:
        """Let the money go back, and tell the clinic; raises `Refused` for what is not paid."""
        self._tell(self.ledger.refund(self.ledger.intents[intent]))

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("ok")

    async def _create(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        try:
            body = msgspec.json.decode(await _body(request), type=_NewIntent)
            made = self.ledger.create(
                request.headers["Idempotency-Key"],
                reference=body.reference,
                amount=body.amount,
                currency=body.currency,
                return_url=body.return_url,
            )
        except (msgspec.DecodeError, Refused) as error:
            return _problem(422, str(error))
        return self._answered({"id": made.id, "status": made.status, "payUrl": f"{self.url}/pay/{made.id}"}, 201)

    async def _get(self, request: Request) -> Response:
        intent = self.ledger.intents.get(request.path_params["id"])
        if not self._is_clinic(request) or intent is None:
            return _problem(404, "There is no such intent.")
        return JSONResponse({"id": intent.id, "status": intent.status, "amount": intent.amount})

    async def _refund(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        intent = self.ledger.intents.get(request.path_params["id"])
        if intent is None:
            return _problem(404, "There is no such intent.")
        try:
            self._tell(self.ledger.refund(intent))
        except Refused as error:
            return _problem(409, str(error))
        return self._answered({"status": "refunded"}, 200)

    async def _cancel(self, request: Request) -> Response:
        if (refused := self._refused(request)) is not None:
            return refused
        intent = self.ledger.intents.get(request.path_params["id"])
        if intent is None:
            return _problem(404, "There is no such intent.")
        try:
            self.ledger.cancel(intent)
        except Refused as error:
            return _problem(409, str(error))
        return self._answered({"status": intent.status}, 200)

    async def _page(self, request: Request) -> Response:
        intent = self.ledger.intents.get(request.path_params["id"])
        return _shown(intent) if intent is not None else HTMLResponse("<h1>Not found</h1>", 404)

    async def _choice(self, request: Request) -> Response:
        intent = self.ledger.intents.get(request.path_params["id"])
        if intent is None:
            return HTMLResponse("<h1>Not found</h1>", 404)
        choice = parse_qs((await _body(request)).decode("utf-8", "replace")).get("choice", [""])[0]
        if choice not in ("pay", "decline"):
            return _shown(intent)
        self.attempt(intent.id, succeeds=choice == "pay")
        return RedirectResponse(intent.return_url, 303)

    def _tell(self, event: Event | None) -> None:
        if event is not None:
            self.notices.tell(event)

    def _is_clinic(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._api_key}".encode())

    def _refused(self, request: Request) -> Response | None:
        self.requests += 1
        if not self._is_clinic(request):
            return _problem(401, "This is not a key of ours.")
        if "idempotency-key" not in request.headers:
            return _problem(400, "Idempotency-Key is missing.")
        return None

    def _answered(self, found: dict[str, object], status: int) -> Response:
        """Return the answer, or lose it."""
        if self.notices.loses_answer():
            return _problem(502, "The answer was lost.")
        return JSONResponse(found, status)


def _shown(intent: SimulatedIntent) -> Response:
    return HTMLResponse(page(intent), headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})


def _problem(status: int, detail: str) -> Response:
    return JSONResponse({"status": status, "detail": detail}, status)


async def _body(request: Request) -> bytes:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > LARGEST_BODY:
            return b""
    return raw
