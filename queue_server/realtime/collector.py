"""The sockets' figures as Prometheus metrics, read when it asks."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from queue_server.realtime.statistics import Statistics

GAUGES = {
    "connectedClients": ("socket_connections", "Open connections"),
    "activeRooms": ("socket_rooms", "Queues that somebody follows here"),
    "watchedRooms": ("socket_watched_rooms", "Doctors, or whole tenants, whose free times somebody watches here"),
    "messagesPerSecond": ("socket_messages_per_second", "Messages sent and received, mean of the last ten seconds"),
    "slowClients": ("socket_slow_clients", "Clients that have not read what waits for them"),
    "waitingMost": ("socket_waiting_most", "The most bytes that wait for one client"),
    "waitingTotal": ("socket_waiting_total", "Bytes that wait for all slow clients together"),
    "brokerConnected": ("broker_connected", "Whether the broker passes messages (1) or not (0)"),
    "listening": ("notifications_listening", "Whether Postgres' notifications arrive (1) or not (0)"),
    "uptimeSeconds": ("socket_uptime_seconds", "Since the sockets were opened"),
}
COUNTERS = {
    "handshakes": ("socket_handshakes", "Connections that were opened"),
    "updatesConflated": ("socket_updates_conflated", "Changes of a queue that were told together with a later one"),
    "updatesWithheld": ("socket_updates_withheld", "Updates a slow client was spared until it has read"),
    "messagesDropped": ("socket_messages_dropped", "Messages that a client could not be sent any more"),
    "brokerDropped": ("broker_dropped", "Messages to other servers that were not sent"),
}
BY_REASON = {
    "endedByReason": ("socket_closes", "Connections that this server ended", "reason"),
    "refusedByReason": ("socket_refusals", "Connections that were not let in", "reason"),
    "errorsByCode": ("socket_errors", "Refusals told to clients", "code"),
}


class SocketCollector(Collector):
    """Turns what `stats` returns into metrics, and the histograms beside it."""

    def __init__(self, stats: Callable[[], Mapping[str, Any]], statistics: Statistics) -> None:
        self._stats = stats
        self._statistics = statistics

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering reads no figures."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield every metric with its present value."""
        stats = self._stats()
        for key, (name, text) in GAUGES.items():
            yield GaugeMetricFamily(name, text, value=float(stats[key]))
        for key, (name, text) in COUNTERS.items():
            yield CounterMetricFamily(name, text, value=float(stats[key]))
        for key, (name, text, label) in BY_REASON.items():
            yield _labelled(CounterMetricFamily(name, text, labels=[label]), stats[key])
        members = GaugeMetricFamily("socket_members", "Who follows queues or watches free times here", labels=["kind"])
        yield _labelled(members, {"patient": stats["patients"], "desk": stats["desks"], "watcher": stats["watchers"]})
        messages = CounterMetricFamily("socket_messages", "Messages to and from clients", labels=["direction"])
        yield _labelled(messages, {"sent": stats["messagesSent"], "received": stats["messagesReceived"]})
        broadcasts = HistogramMetricFamily(
            "socket_broadcast_seconds", "Telling all members of a room of a change", labels=["namespace"]
        )
        for namespace, durations in self._statistics.broadcasts.items():
            broadcasts.add_metric([namespace], durations.buckets(), durations.total)
        yield broadcasts
        lag = self._statistics.loop_lag.durations
        yield HistogramMetricFamily(
            "event_loop_lag_seconds",
            "How late the event loop does what is due",
            buckets=lag.buckets(),
            sum_value=lag.total,
        )


def _labelled(family: Any, values: Mapping[str, float]) -> Metric:
    for label, value in values.items():
        family.add_metric([label], float(value))
    metric: Metric = family
    return metric
