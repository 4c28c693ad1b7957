"""What Prometheus is told. One registry per server object, so that tests and two servers in a process never mix."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from scheduling_core.slots.ledger import HoldOutcome

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HOLD_STATES = ("live", "overdue")

Readings = Callable[[], Mapping[str, float]]


class Metrics:
    """Counts what passes, and asks others for their readings when it is scraped."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "http_request_seconds",
            "Time to answer, by route template and status",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=SECONDS,
        )
        self.in_flight = Gauge("http_requests_in_flight", "Requests being answered", registry=self.registry)
        self.commands = Counter(
            "queue_commands", "Desk commands by name and outcome", ("command", "outcome"), registry=self.registry
        )
        self.jobs = Gauge("jobs", "Work by kind and how it stands", ("kind", "state"), registry=self.registry)
        self.oldest_job = Gauge(
            "job_oldest_seconds", "How overdue the oldest job of a kind is", ("kind",), registry=self.registry
        )
        self.job_retries = Gauge(
            "job_retries",
            "How often jobs that have failed, and are not done yet, were tried again",
            ("kind",),
            registry=self.registry,
        )
        self.holds = Gauge(
            "holds",
            "Places of slots that are held: live, or over although nobody has said so",
            ("state",),
            registry=self.registry,
        )
        self.holds_ended = Gauge(
            "holds_ended_last_hour",
            "Holds that ended within the last hour, by how",
            ("outcome",),
            registry=self.registry,
        )
        self.hold_conversion = Gauge(
            "hold_conversion_ratio",
            "Of the holds that ended within the last hour, the share that was booked; NaN without any",
            registry=self.registry,
        )
        self.over_limits = Counter(
            "rate_limit_refusals", "Requests refused, by the limit that was used up", ("limit",), registry=self.registry
        )
        self.payment_notices = Counter(
            "payment_notices",
            "Notices of the payment provider, by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        self._readings = _Readings()
        self.registry.register(self._readings)

    def command(self, name: str, outcome: str) -> None:
        """Count a desk command; `outcome` is `ok` or the code of the refusal."""
        self.commands.labels(name, outcome).inc()

    def payment_notice(self, outcome: str) -> None:
        """Count a notice of the payment provider: `news`, `known`, or the code of the refusal."""
        self.payment_notices.labels(outcome).inc()

    def over_limit(self, limit: str) -> None:
        """Count a request that was refused; `limit` is the name of its policy."""
        self.over_limits.labels(limit).inc()

    def work(self, kind: str, states: Mapping[str, float], oldest_seconds: float, retries: float) -> None:
        """Show how much work of a kind there is in which state, how overdue the oldest is, and how often what has
        failed was tried again."""
        for state, count in states.items():
            self.jobs.labels(kind, state).set(count)
        self.oldest_job.labels(kind).set(oldest_seconds)
        self.job_retries.labels(kind).set(retries)

    def hold_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many holds there are by state, and how those of the last hour ended."""
        for state in HOLD_STATES:
            self.holds.labels(state).set(counts.get(state, 0))
        ended = {outcome.value: counts.get(outcome.value, 0) for outcome in HoldOutcome}
        for outcome, count in ended.items():
            self.holds_ended.labels(outcome).set(count)
        total = sum(ended.values())
        self.hold_conversion.set(ended[HoldOutcome.BOOKED] / total if total else float("nan"))

    def watch(self, prefix: str, readings: Readings, *, counters: Iterable[str] = ()) -> None:
        """Show what `readings` returns, as `prefix_name`; names in `counters` only ever grow.

        Readings that fail are left out of a scrape: a metric page must not fall with the thing it watches.
        """
        self._readings.sources[prefix] = (readings, frozenset(counters))

    def page(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class _Readings:
    """A collector over sources that are asked at each scrape."""

    def __init__(self) -> None:
        self.sources: dict[str, tuple[Readings, frozenset[str]]] = {}

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is to read is known only at the scrape."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield a metric per reading."""
        for prefix, (readings, counters) in self.sources.items():
            try:
                found = readings()
            except Exception:  # noqa: S112 – whatever it is, the other metrics still count
                continue
            for name, value in found.items():
                family = CounterMetricFamily if name in counters else GaugeMetricFamily
                metric = family(f"{prefix}_{name}", f"{name} of {prefix}".replace("_", " "))
                metric.add_metric((), value)
                yield metric
