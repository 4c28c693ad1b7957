"""How many text messages a text is sent as (3GPP TS 23.038 and 23.040)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each of these takes the room of two."""


def text_parts(text: str) -> int:
    """Return how many parts a text is split into: of 160 characters in the basic alphabet (153 each if there are
    several), of 70 (67) in any other."""
    if all(character in _BASIC or character in _EXTENDED for character in text):
        units, alone, each = sum(2 if character in _EXTENDED else 1 for character in text), 160, 153
    else:
        units, alone, each = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= alone else -(-units // each)
