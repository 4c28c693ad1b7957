"""A mail as a page: made from its text, readable in the dark, in the direction of its language."""

from html import escape

import msgspec

from queue_server.application.phrases import RIGHT_TO_LEFT

_PAGE = """\
<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{subject}</title>
<style>
:root{{color-scheme:light dark}}
body{{margin:24px auto;padding:0 16px;max-width:34em;font:18px/1.5 system-ui,sans-serif}}
p{{margin:0 0 16px}}
a{{color:#0b6b50}}
a.button{{display:inline-block;padding:12px 22px;border-radius:10px;background:#0b6b50;color:#fff}}
a.button{{font-weight:600;text-decoration:none}}
.foot{{margin-top:32px;font-size:15px;color:#55625d}}
@media(prefers-color-scheme:dark){{
body{{background:#0d1412;color:#edf4f1}}
a{{color:#7ed9b8}}
a.button{{background:#7ed9b8;color:#0d1412}}
.foot{{color:#a8b8b2}}
}}
</style>
</head>
<body>
{paragraphs}
{foot}</body>
</html>
"""


class Foot(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under a mail: why it came, and the link by which no more of its kind come."""

    why: str
    stop: str
    link: str


def page(language: str, subject: str, paragraphs: str, foot: Foot | None) -> str:
    """Return the page around paragraphs that are markup already; everything else is escaped here."""
    said = ""
    if foot is not None:
        said = (
            f'<p class="foot">{escape(foot.why)}<br>'
            f'<a class="foot" href="{escape(foot.link)}">{escape(foot.stop)}</a></p>\n'
        )
    return _PAGE.format(
        language=language,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
        subject=escape(subject),
        paragraphs=paragraphs,
        foot=said,
    )
