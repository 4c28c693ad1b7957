"""The channels that the settings name, each provider behind a circuit breaker of its own."""

from collections.abc import Callable

from queue_server.messaging import Letter, Transport
from queue_server.messaging.breaker import Breakers, BreakerState, GuardedTransport, Outcomes
from queue_server.messaging.http_provider import WHATSAPP, HttpTransport, text_client
from queue_server.messaging.push_services import BadSubscription
from queue_server.messaging.smtp import SmsByMail, SmtpTransport
from queue_server.messaging.web_push import WebPushTransport
from queue_server.settings import Settings
from queue_server.settings.messages import PushSettings, TextSettings
from queue_server.store.messages import Channel

MAIL, TEXTS = "mail", "texts"
"""What the mail server, and the provider of texts and WhatsApp messages, are called in metrics and reasons."""


class Uncounted:
    """Counts nothing."""

    def ended(self, provider: str, outcome: str, seconds: float) -> None:
        """Count nothing."""

    def watch(self, provider: str, state: Callable[[], BreakerState]) -> None:
        """Watch nothing."""


class Channels:
    """What letters leave by: `transports`, without those that are not set up. `await aclose()` in the end."""

    def __init__(self, settings: Settings, outcomes: Outcomes) -> None:
        self.transports: dict[Channel, Transport] = {}
        self._breakers = Breakers(outcomes)
        self._http = text_client()
        self._push: WebPushTransport | None = None
        if settings.smtp_url is not None and settings.mail_from is not None:
            self._add_mail(SmtpTransport(settings.smtp_url, settings.mail_from), settings.sms_mail_domain)
        if settings.texts is not None:
            self._add_texts(settings.texts)
        if settings.push is not None:
            self._add_push(settings.push)

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()
        if self._push is not None:
            await self._push.aclose()

    def _add_mail(self, smtp: SmtpTransport, gateway: str | None) -> None:
        self.transports[Channel.EMAIL] = self._guarded(smtp, MAIL)
        if gateway is not None:
            self.transports[Channel.SMS] = self._guarded(SmsByMail(smtp, gateway), MAIL)

    def _add_texts(self, settings: TextSettings) -> None:
        if settings.sms_from is not None:
            sms = HttpTransport(self._http, settings, settings.sms_from)
            self.transports[Channel.SMS] = self._guarded(sms, TEXTS)
        if settings.whatsapp_from is not None:
            whatsapp = HttpTransport(self._http, settings, settings.whatsapp_from, prefix=WHATSAPP)
            self.transports[Channel.WHATSAPP] = self._guarded(whatsapp, TEXTS)

    def _add_push(self, settings: PushSettings) -> None:
        push = self._push = WebPushTransport(settings)

        def service(letter: Letter) -> str:
            """Each push service fails by itself; what belongs to none is refused before anybody is asked."""
            try:
                endpoint = letter.subscription.endpoint if letter.subscription is not None else ""
                return f"push {push.services.service_of(endpoint)}"
            except BadSubscription:
                return "push"

        self.transports[Channel.PUSH] = GuardedTransport(push, self._breakers, service)

    def _guarded(self, transport: Transport, provider: str) -> GuardedTransport:
        return GuardedTransport(transport, self._breakers, lambda _: provider)
