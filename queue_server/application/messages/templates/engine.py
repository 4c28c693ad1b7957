"""A template is text with `{fields}`: a closed set of names that are replaced by texts, and nothing else.

Braces are read by the standard library's parser, but nothing is ever looked up, indexed, converted or formatted by it:
a template can do no more than say where a text goes. Literal braces are doubled.
"""

import unicodedata
from collections.abc import Collection, Mapping
from html import escape
from string import Formatter
from typing import NamedTuple

from queue_server.application.phrases import RIGHT_TO_LEFT
from scheduling_core.errors import InvalidValue

Facts = Mapping[str, str]
"""What fields stand for, ready to be read: in the reader's language, times in the clinic's zone."""

LINK = "link"
_ISOLATE, _END = "\u2068", "\u2069"


class Piece(NamedTuple):
    """A part of a template: text as it is, or the field that stands there."""

    text: str
    field: str | None = None


Template = tuple[Piece, ...]


def parse(text: str, fields: Collection[str], where: str) -> Template:
    """Return a template in its parts; raises `InvalidValue` for `where` when it holds anything but these fields."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise InvalidValue("A brace has no partner; write {{ or }} for one that is to be read.", field=where) from None
    pieces: list[Piece] = []
    for literal, name, spec, conversion in parts:
        if literal:
            pieces.append(Piece(literal))
        if name is None:
            continue
        if spec or conversion or name not in fields:
            raise InvalidValue(f"There is no such field here. There are: {', '.join(sorted(fields))}.", field=where)
        pieces.append(Piece("", name))
    return tuple(pieces)


def fill(template: Template, facts: Facts, language: str) -> str:
    """Return the text that a template becomes: without blanks at ends of lines and with one empty line at a time."""
    filled = "".join(
        piece.text if piece.field is None else isolated(facts.get(piece.field, ""), piece.field, language)
        for piece in template
    )
    lines: list[str] = []
    for line in filled.split("\n"):
        kept = " ".join(line.split())
        if kept or (lines and lines[-1]):
            lines.append(kept)
    return "\n".join(lines).strip()


def isolated(value: str, field: str, language: str) -> str:
    """Return a value that cannot disorder the line around it (UAX 9): within isolates if it runs the other way.

    Addresses stay bare: phones would take an isolate for a part of them.
    """
    against = {"L"} if language in RIGHT_TO_LEFT else {"R", "AL"}
    runs_other_way = any(unicodedata.bidirectional(character) in against for character in value)
    return f"{_ISOLATE}{value}{_END}" if runs_other_way and field != LINK else value


def fill_html(template: Template, facts: Facts, *, action: str) -> str:
    """Return the paragraphs of a mail; a line of its own that is the link becomes a button that says `action`."""
    paragraphs: list[list[str]] = [[]]
    for line in _lines(template, facts):
        shown = "".join(_marked(piece, facts, line, action) for piece in line).strip()
        if shown:
            paragraphs[-1].append(shown)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n".join(f"<p>{'<br>'.join(lines)}</p>" for lines in paragraphs if lines)


def _lines(template: Template, facts: Facts) -> list[list[Piece]]:
    """Return the pieces of each line; a value of several lines is kept in its own."""
    lines: list[list[Piece]] = [[]]
    for piece in template:
        if piece.field is not None:
            if facts.get(piece.field):
                lines[-1].append(piece)
            continue
        first, *others = piece.text.split("\n")
        lines[-1].append(Piece(first))
        lines += [[Piece(other)] for other in others]
    return lines


def _marked(piece: Piece, facts: Facts, line: list[Piece], action: str) -> str:
    if piece.field is None:
        return escape(piece.text)
    value = escape(facts[piece.field]).replace("\n", "<br>")
    if piece.field != LINK:
        return f"<bdi>{value}</bdi>"
    is_alone = all(other is piece or (not other.text.strip() and other.field is None) for other in line)
    return f'<a class="button" href="{value}">{escape(action)}</a>' if is_alone else f'<a href="{value}">{value}</a>'
