"""A picture of the ratios: one bar per server and row, Node's figure being 1."""

from html import escape

import msgspec

from loadtests.fanout.results import RATIOS, Ratio, Results

COLOURS = {"ours": "#0b6e4f", "stock": "#8a8f98", "floor": "#c9a227"}
NAMES = {"ours": "this server", "stock": "python-socketio + uvicorn", "floor": "bare send (floor)"}
TITLES = {
    "shared_1000": "Shared, 1,000 in 1 room",
    "personal_1000": "Personal, 1,000 in 1 room",
    "shared_5000": "Shared, 5,000 in 100 rooms",
    "personal_5000": "Personal, 5,000 in 100 rooms",
    "redis_5000": "Shared with Redis, 5,000 in 100",
    "last_p99_5000": "Last receiver p99, 5,000 in 100 (lower is better)",
    "memory_10000": "Memory per connection, 10,000 (lower is better)",
    "handshakes_10000": "Handshakes, 10,000",
}
WIDTH, LEFT, RIGHT, TOP, BAR, GAP = 860, 330, 70, 76, 13, 14
LONGEST = 4.0
"""What the axis goes up to; longer bars are cut and say by their figure how long they are."""
FLOORED = ("messages_per_core_s", "last_p99_ms")
"""What the floor is a floor of; it keeps no state and does not greet as a server would."""


class Bar(msgspec.Struct, frozen=True):
    """One bar."""

    server: str
    ratio: float


def draw(results: Results, caption: str) -> str:
    """Return the picture as SVG."""
    parts: list[str] = []
    top = TOP
    for ratio in RATIOS:
        bars = _bars(results, ratio)
        height = max(1, len(bars)) * BAR
        parts.append(_text(LEFT - 12, top + height / 2 + 4, TITLES[ratio.row], anchor="end"))
        parts += [_rectangle(bar, top + number * BAR) for number, bar in enumerate(bars)]
        target = _x(ratio.target)
        parts.append(f'<path d="M{target:.1f} {top - 3}V{top + height + 3}" stroke="#b00020" stroke-dasharray="3 2"/>')
        parts += [_figure(bar, top + number * BAR) for number, bar in enumerate(bars)]
        if not bars:
            parts.append(_text(LEFT + 6, top + height / 2 + 4, "not measured", colour="#666"))
        top += height + GAP
    one = _x(1)
    axis = f'<path d="M{one:.1f} {TOP - 10}V{top - 6}" stroke="#111"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 22}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="12">'
        "<title>Fan-out compared with Node's Socket.IO</title>"
        f'<rect width="{WIDTH}" height="{top + 22}" fill="#fff"/>'
        + _legend()
        + _text(one, TOP - 14, "Node = 1", anchor="middle")
        + "".join(parts)
        + axis
        + _text(12, top + 12, caption, colour="#444", size=10)
        + "</svg>\n"
    )


def _bars(results: Results, ratio: Ratio) -> list[Bar]:
    ours, node = ratio.servers
    labels = {ours: "ours", "stock": "stock"}
    if ratio.figure in FLOORED:
        labels["floor"] = "floor"
    found = ((name, results.quotient(ratio.row, ratio.figure, label, node)) for label, name in labels.items())
    return [Bar(name, quotient) for name, quotient in found if quotient is not None]


def _rectangle(bar: Bar, top: float) -> str:
    width = _x(bar.ratio) - LEFT
    return f'<rect x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR - 2}" fill="{COLOURS[bar.server]}"/>'


def _figure(bar: Bar, top: float) -> str:
    return _text(_x(bar.ratio) + 4, top + BAR - 4, f"{bar.ratio:.2f}", size=10)


def _legend() -> str:
    parts, left = [], 12
    for server, colour in COLOURS.items():
        parts.append(f'<rect x="{left}" y="16" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(left + 18, 26, NAMES[server]))
        left += 34 + 7 * len(NAMES[server])
    parts.append(f'<path d="M{left} 22h16" stroke="#b00020" stroke-dasharray="3 2"/>' + _text(left + 22, 26, "target"))
    return "".join(parts)


def _x(ratio: float) -> float:
    return LEFT + min(ratio, LONGEST) / LONGEST * (WIDTH - LEFT - RIGHT)


def _text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = "#111", size: int = 12) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}"'
    halo = 'stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f"<text {place} {halo}>{escape(words)}</text>"
