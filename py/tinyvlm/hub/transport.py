"""One HTTP request: redirects followed with care for the token, every refusal turned into a sentence."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import LoadError

_TIMEOUT_S = 30
_MAX_HOPS = 5
_TRANSIENT = (408, 500, 502, 503, 504)


class TransientError(LoadError):
    """A failure that another try may not meet; `retry_after` is how many seconds the server asked to wait."""

    retry_after = 0.0


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Leave redirects to `Connection.open`, which looks at where they lead."""


class Connection:
    """Opens URLs; knows whom to tell the token."""

    def __init__(self, token: str | None = None, token_origin: str = "") -> None:
        """`token` is sent to `token_origin` (scheme://host[:port]) and to nobody else, redirects included."""
        self._token = token
        self._token_origin = token_origin
        self._opener = urllib.request.build_opener(_NoRedirects)

    def open(self, url: str, headers: dict[str, str]) -> tuple[Any, Message]:
        """Return the reply with the file, and the headers of the first reply on the way to it."""
        first: Message | None = None
        at = url
        check_url(at)
        for _ in range(_MAX_HOPS):
            token = self._authorization() if self._is_trusted(at) else {}
            try:
                request = urllib.request.Request(at, headers={"User-Agent": "tinyvlm", **headers, **token})
                response = self._opener.open(request, timeout=_TIMEOUT_S)
            except urllib.error.HTTPError as error:
                error.close()
                location = error.headers.get("Location")
                if error.code not in (301, 302, 303, 307, 308) or not location:
                    _refused(url, error.code, error.headers, bool(self._token))
                first = first or error.headers
                at = _redirected(url, at, location)
            except urllib.error.URLError as error:
                raise TransientError("no-network", host=urlsplit(at).netloc, reason=str(error.reason)) from error
            except (OSError, ValueError, http.client.HTTPException) as error:
                reason = " ".join(str(error).split())
                raise TransientError("no-answer", host=urlsplit(at).netloc, reason=reason) from error
            else:
                return response, first or response.headers
        raise LoadError("redirect-endless", url=url)

    def _authorization(self) -> dict[str, str]:
        """Return the header with the token; what cannot be in a header would be in Python's complaint about it."""
        if not re.fullmatch("[!-~]+", self._token or ""):
            raise LoadError("token-invalid")
        return {"Authorization": f"Bearer {self._token}"}

    def _is_trusted(self, url: str) -> bool:
        return bool(self._token) and origin(url) == self._token_origin


def _redirected(url: str, at: str, location: str) -> str:
    """Return where a redirect from `at`, on the way from `url`, leads; raises LoadError where it may not."""
    try:
        target = urljoin(at, location)
        is_secure = urlsplit(target).scheme == "https"
    except ValueError as error:
        raise LoadError("url-invalid", url=location) from error
    check_url(target)
    if urlsplit(at).scheme == "https" and not is_secure:
        raise LoadError("redirect-insecure", url=url)
    return target


def origin(url: str) -> str:
    """Return scheme://host[:port] of a URL, in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_url(url: str) -> None:
    """Raise LoadError("url-invalid") unless `url` is one of HTTP."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\0-\x20]", url):
        raise LoadError("url-invalid", url=url)


def _refused(url: str, status: int, headers: Message, with_token: bool) -> NoReturn:
    """Raise what an HTTP status means, with the reason that the Hugging Face hub gives."""
    reason = headers.get("X-Error-Code", "")
    said = headers.get("X-Error-Message", "")
    if status == 429 or status in _TRANSIENT:
        if status == 429:
            failure = TransientError("rate-limited", host=urlsplit(url).netloc)
        else:
            failure = TransientError("download-failed", url=url, status=status)
        retry_after = headers.get("Retry-After", "")
        failure.retry_after = float(retry_after) if retry_after.isdecimal() else 0.0
        raise failure
    repository, revision = _named(url)
    if reason == "GatedRepo":
        if with_token:
            raise LoadError("token-without-access", repository=repository)
        raise LoadError("repository-gated", repository=repository)
    if status == 401 and "Invalid credentials" in said:
        raise LoadError("token-invalid")
    if reason == "RepoNotFound" or (status == 401 and "/api/models/" in url):
        raise LoadError("repository-not-found", repository=repository)
    if reason == "RevisionNotFound":
        raise LoadError("revision-not-found", repository=repository, revision=repr(revision))
    raise LoadError("download-failed", url=url, status=status)


def _named(url: str) -> tuple[str, str]:
    """Return the repository and the revision that an address of the hub names; of another, its path and nothing."""
    path = urlsplit(url).path.strip("/")
    match = re.search(r"([^/]+/[^/]+)/(?:revision|resolve)/([^/]+)", path)
    return (match[1], unquote(match[2])) if match else (path, "")
