"""The results as a table for a terminal."""

from rich.table import Table

from loadtests.fanout.plan import SERVERS
from loadtests.fanout.results import FURTHER_RATIOS, RATIOS, Figures, Ratio, Results


def table(results: Results) -> Table:
    """Return a row per comparison: every server's figures, our ratio to Node and what is wanted of it."""
    drawn = Table(title="Fan-out (per second of server CPU; CPU per message)")
    for heading in ("row", *SERVERS, "ours to Node", "target"):
        drawn.add_column(heading, justify="left" if heading == "row" else "right")
    for ratio in (*RATIOS, *FURTHER_RATIOS):
        drawn.add_row(ratio.row, *(_cell(results, ratio, server) for server in SERVERS), *_verdict(results, ratio))
    return drawn


def _verdict(results: Results, ratio: Ratio) -> tuple[str, str]:
    found = results.ratio(ratio)
    sign = "≤" if ratio.lower_is_better else "≥"
    if found is None:
        return "–", f"{sign} {ratio.target}"
    colour = "green" if ratio.is_met(found) else "red"
    return f"[{colour}]{found:.2f}[/]", f"{sign} {ratio.target}"


def _cell(results: Results, ratio: Ratio, server: str) -> str:
    label = server if "redis" not in ratio.row else f"{server}_redis"
    if label in results.invalid.get(ratio.row, {}):
        return "invalid"
    figures = results.medians(ratio.row, label)
    return _figures(figures) if figures else "–"


def _figures(figures: Figures) -> str:
    if "messages_per_core_s" in figures:
        return f"{figures['messages_per_core_s'] / 1000:.0f} k ({figures['cpu_us_per_message']:.1f} µs)"
    if "handshakes_per_core_s" in figures:
        return f"{figures['handshakes_per_core_s']:.0f} ({figures['cpu_us_per_handshake']:.0f} µs)"
    if "last_p99_ms" in figures:
        return f"{figures['last_p50_ms']:.2f} / {figures['last_p99_ms']:.2f} ms"
    if "bytes_per_connection" in figures:
        return f"{figures['bytes_per_connection'] / 1000:.1f} kB"
    return f"{figures['core_percent']:.1f} % of a core"
