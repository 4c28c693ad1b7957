"""How settings may be printed: without what nobody should read in a log."""

import re

_SECRET_FIELDS = frozenset({"audit_signing_key"})


def shown(name: str, value: object) -> str:
    """Return the representation of a field's value without secrets."""
    if name in _SECRET_FIELDS:
        return "…" if value else repr(value)
    if isinstance(value, str) and "://" in value:
        return repr(_without_password(value))
    if isinstance(value, tuple):
        return repr(tuple(_without_password(one) if isinstance(one, str) else one for one in value))
    return repr(value)


def _without_password(url: str) -> str:
    """The address without its password, wherever libpq or redis-py would accept one."""
    without = re.sub(r"(?<=://)([^/@]*):[^@]*@", r"\1:…@", url)
    return re.sub(r"(password=)[^&]*", r"\1…", without)
