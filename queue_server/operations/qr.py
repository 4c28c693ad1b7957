"""QR codes of links, for the terminal and as files."""

import io
from pathlib import Path

import segno


def terminal_qr(link: str) -> str:
    """Return the link as a QR code made of half blocks, to be printed."""
    drawn = io.StringIO()
    segno.make(link, error="l").terminal(drawn, compact=True, border=2)
    return drawn.getvalue()


def save_qr(link: str, file: Path) -> None:
    """Write the link as a QR code; the file's ending says what kind of picture."""
    segno.make(link, error="m").save(str(file), scale=6, border=2)
