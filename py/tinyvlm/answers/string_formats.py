"""Formats of strings as patterns (JSON Schema Validation 2020-12, section 7.3; RFC 3339, 4122, 2673, 4291, 3986)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_DATE = (
    r"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_NOT_YEAR_0 = "(?!0000)"
_CLOCK = r"(?:\d{1,4}H(?:\d{1,4}M(?:\d{1,4}S)?)?|\d{1,4}M(?:\d{1,4}S)?|\d{1,4}S)"
_CALENDAR = r"(?:\d{1,4}Y(?:\d{1,4}M(?:\d{1,4}D)?)?|\d{1,4}M(?:\d{1,4}D)?|\d{1,4}D)"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SHORT_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"  # half as long, as its states are
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
_HEX = "[0-9A-Fa-f]"


def _ipv6() -> str:
    """Eight groups, or fewer with one "::" for the others."""
    group = f"{_HEX}{{1,4}}"
    shortened = [f"(?:{group}:){{1,{7 - behind}}}(?::{group}){{1,{behind}}}" for behind in range(1, 7)]
    ends = [f"(?:{group}:){{7}}{group}", f"(?:{group}:){{1,7}}:", f":(?:(?::{group}){{1,7}}|:)"]
    return "|".join([*ends, *shortened])


FORMATS: Mapping[str, Callable[[], str]] = {
    "date": lambda: f"^{_NOT_YEAR_0}{_DATE}$",
    "time": lambda: f"^{_TIME}$",
    "date-time": lambda: f"^{_NOT_YEAR_0}{_DATE}T{_TIME}$",
    "duration": lambda: rf"^P(?:\d{{1,4}}W|{_CALENDAR}(?:T{_CLOCK})?|T{_CLOCK})$",
    "uuid": lambda: f"^{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$",
    "ipv4": lambda: rf"^{_BYTE}(?:\.{_BYTE}){{3}}$",
    "ipv6": lambda: f"^(?:{_ipv6()})$",
    "hostname": lambda: rf"^{_LABEL}(?:\.{_LABEL})*$",
    "email": lambda: rf"^(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_SHORT_LABEL}(?:\.{_SHORT_LABEL})+$",
    "uri": lambda: (
        rf"^[A-Za-z][A-Za-z0-9+.-]*://{_NAME}(?:\.{_NAME})*(?::\d{{1,4}})?(?:/{_PATH})?"
        rf"(?:\?{_PATH})?(?:#{_PATH})?$"
    ),
}
"""The pattern of each format that strings are held to."""

MAX_LENGTHS: Mapping[str, int] = {"hostname": 253, "email": 254, "uri": 2048}
"""In characters, where a format has a limit that its pattern does not say."""

FREE_FORMATS = frozenset({"password", "binary"})
"""Formats that say how a string is shown or meant: every string has them."""
