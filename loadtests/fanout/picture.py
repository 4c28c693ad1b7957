"""A picture of the ratios: one bar per server and row, Node's figure being 1."""

from html import escape

import msgspec

from loadtests.fanout.results import RATIOS, Results

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


class Bar(msgspec.Struct, frozen=True):
    """One bar."""

    server: str
    ratio: float


def draw(results: Results, caption: str) -> str:
    """Return the picture as SVG."""
    parts: list[str] = []
    top = TOP
    for ratio in RATIOS:
        bars = _bars(results, ratio.row, ratio.figure, ratio.servers)
        height = max(1, len(bars)) * BAR
        parts.append(_text(LEFT - 12, top + height / 2 + 4, TITLES[ratio.row], anchor="end"))
        for number, bar in enumerate(bars):
            parts += _bar(bar, top + number * BAR)
        if not bars:
            parts.append(_text(LEFT + 6, top + height / 2 + 4, "not measured", colour="#666"))
        target = _x(ratio.target)
        parts.append(f'<path d="M{target:.1f} {top - 3}V{top + height + 3}" stroke="#b00020" stroke-dasharray="3 2"/>')
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


def _bars(results: Results, row: str, figure: str, servers: tuple[str, str]) -> list[Bar]:
    ours, node = servers
    labels = {ours: "ours", "stock": "stock", "floor": "floor"}
    found = ((name, results.quotient(row, figure, label, node)) for label, name in labels.items())
    return [Bar(name, ratio) for name, ratio in found if ratio is not None]


def _bar(bar: Bar, top: float) -> list[str]:
    end = _x(bar.ratio)
    return [
        f'<rect x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{BAR - 2}" fill="{COLOURS[bar.server]}"/>',
        _text(end + 4, top + BAR - 4, f"{bar.ratio:.2f}", size=10),
    ]


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
    return f"<text {place}>{escape(words)}</text>"
