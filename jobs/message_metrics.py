"""What a worker tells Prometheus: what becomes of messages at each provider, and whether providers are asked at all."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.process_collector import ProcessCollector

from queue_server.messaging.breaker import BreakerState

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
log = structlog.stdlib.get_logger(__name__)


class MessageMetrics:
    """Counts attempts to send messages; see `queue_server.messaging.breaker.Outcomes`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._attempts = Counter(
            "message_attempts",
            "Attempts to hand a message to a provider, by outcome; paused are those that were not made",
            ("provider", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "message_provider_seconds",
            "Time a provider took over a message",
            ("provider",),
            registry=self.registry,
            buckets=SECONDS,
        )
        self._states = Gauge(
            "message_provider_state",
            "1 for how the breaker of a provider stands: closed is well, open is left alone",
            ("provider", "state"),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self._server: tuple[WSGIServer, Thread] | None = None

    def ended(self, provider: str, outcome: str, seconds: float) -> None:
        """Count an attempt."""
        self._attempts.labels(provider, outcome).inc()
        if outcome != "paused":
            self._seconds.labels(provider).observe(seconds)

    def watch(self, provider: str, state: Callable[[], BreakerState]) -> None:
        """Show how the breaker of a provider stands, from now on."""
        for each in BreakerState:
            self._states.labels(provider, each).set_function(partial(_is, state, each))

    def serve(self, host: str, port: int) -> None:
        """Show the metrics at `/metrics` there; a worker that cannot goes on without."""
        try:
            self._server = start_http_server(port, addr=host, registry=self.registry)
        except OSError as error:
            log.warning("no_worker_metrics", error_type=type(error).__name__, port=port)

    def close(self) -> None:
        """Show them no more."""
        if self._server is not None:
            server, thread = self._server
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)
            self._server = None


def _is(state: Callable[[], BreakerState], wanted: BreakerState) -> float:
    return float(state() is wanted)
