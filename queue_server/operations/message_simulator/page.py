"""The page that shows what was sent to people, each as its recipient sees it."""

import re
from collections.abc import Sequence
from html import escape

from queue_server.operations.message_simulator.log import Sent

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
MOST_SHOWN, LONGEST_LINK = 100, 60
CHANNELS = {"email": "E-mail", "sms": "SMS", "whatsapp": "WhatsApp", "push": "Push"}

_LINK = re.compile(r"https?://[^\s<>\"']+")
_STYLE = """
:root { color-scheme: light dark; --page: #f3f4f6; --card: #fff; --text: #16191d; --quiet: #50565e; --line: #c9cdd3;
  --sms: #e6e7ea; --whatsapp: #d7f5cd; --link: #0842a0 }
@media (prefers-color-scheme: dark) { :root { --page: #121417; --card: #1d2024; --text: #eceef1; --quiet: #b0b6bf;
  --line: #434850; --sms: #34383e; --whatsapp: #123d2b; --link: #a9c7ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.4rem; margin: 0 } p.about { color: var(--quiet); margin: .25rem 0 1rem }
nav { display: flex; flex-wrap: wrap; gap: .5rem; margin-bottom: 1.25rem }
nav a { padding: .45rem .9rem; border: 1px solid var(--line); border-radius: 99px; color: inherit;
  text-decoration: none }
nav a[aria-current] { background: var(--text); color: var(--page); border-color: var(--text) }
ol { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem }
header { display: flex; gap: .6rem; flex-wrap: wrap; align-items: baseline; color: var(--quiet); font-size: .9rem;
  margin-bottom: .35rem }
header b { color: var(--text) } header time { margin-inline-start: auto }
.bubble { background: var(--card); padding: .65rem .95rem; width: fit-content; max-width: min(34rem, 100%);
  overflow-wrap: anywhere }
.bubble p { margin: 0; white-space: pre-wrap; unicode-bidi: plaintext } .bubble a { color: var(--link) }
.bubble h2 { font-size: 1rem; margin: 0 0 .3rem }
.email .bubble { width: 100%; max-width: none; border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.25rem }
.sms .bubble { background: var(--sms); border-radius: 1.2rem 1.2rem 1.2rem .25rem }
.whatsapp .bubble { background: var(--whatsapp); border-radius: .25rem 1rem 1rem 1rem }
.whatsapp .bubble::after { content: "\\2713\\2713"; display: block; text-align: end; font-size: .75rem; line-height: 1 }
.push .bubble { border: 1px solid var(--line); border-radius: 1rem; box-shadow: 0 .3rem .9rem #0002;
  width: 24rem; max-width: 100% }
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3"><title>Messages of the demo</title><style>{style}</style></head>
<body><main><h1>Messages of the demo</h1><p class="about">What was sent to patients, the newest first. It went nowhere
else.</p><nav aria-label="Channels">{filters}</nav>
{shown}
</main></body>
</html>
"""
_NONE = "<p>Nothing yet: book a time, join a waitlist or ask for a code to sign in with, and it comes here.</p>"


def page(messages: Sequence[Sent], channel: str | None = None) -> str:
    """Return the page of the messages, the newest first; with `channel` of those that went through it."""
    chosen = channel if channel in CHANNELS else None
    found = [sent for sent in reversed(messages) if chosen in (None, sent.channel)]
    shown = [_message(sent) for sent in found[:MOST_SHOWN]]
    filters = [("./", "All", None), *((f"./?channel={name}", label, name) for name, label in CHANNELS.items())]
    return _PAGE.format(
        style=_STYLE,
        filters="".join(_filter(*each, is_chosen=each[2] == chosen) for each in filters),
        shown=f"<ol>{''.join(shown)}</ol>" if shown else _NONE,
    )


def _filter(href: str, label: str, _name: str | None, *, is_chosen: bool) -> str:
    current = ' aria-current="page"' if is_chosen else ""
    return f'<a href="{href}"{current}>{label}</a>'


def _message(sent: Sent) -> str:
    at = sent.at.isoformat(timespec="seconds")
    language = f' lang="{escape(sent.language)}"' if sent.language else ""
    title = f'<h2 dir="auto">{escape(sent.subject)}</h2>' if sent.subject else ""
    link = f"<p>{_linked(sent.link)}</p>" if sent.link else ""
    return (
        f'<li class="{escape(sent.channel)}"><header><b>{CHANNELS.get(sent.channel, "")}</b>'
        f'<span dir="auto">to {escape(sent.to)}</span><time datetime="{at}">{sent.at:%H:%M:%S} UTC</time></header>'
        f'<div class="bubble"{language}>{title}<p dir="auto">{_linked(sent.text.strip())}</p>{link}</div></li>'
    )


def _linked(text: str) -> str:
    """Return text as HTML in which addresses of pages can be followed; of long ones the beginning is shown."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(".,;:!?)…")
        parts.append(escape(text[end : found.start()]))
        shown = address if len(address) <= LONGEST_LINK else f"{address[: LONGEST_LINK - 1]}…"
        parts.append(f'<a dir="ltr" href="{escape(address)}" target="_blank" rel="noreferrer">{escape(shown)}</a>')
        end = found.start() + len(address)
    return "".join(parts) + escape(text[end:])
