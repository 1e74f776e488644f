"""One HTTP request: redirects followed with care for the token, every refusal turned into a sentence."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

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
        for _ in range(_MAX_HOPS):
            check_url(at)
            token = {"Authorization": f"Bearer {self._token}"} if self._is_trusted(at) else {}
            try:
                request = urllib.request.Request(at, headers={"User-Agent": "tinyvlm", **headers, **token})
                response = self._opener.open(request, timeout=_TIMEOUT_S)
            except urllib.error.HTTPError as error:
                error.close()
                location = error.headers.get("Location")
                if error.code not in (301, 302, 303, 307, 308) or not location:
                    _refused(url, error.code, error.headers, bool(self._token))
                first = first or error.headers
                target = urljoin(at, location)
                if at.startswith("https:") and not target.startswith("https:"):
                    raise LoadError("download-failed", f"{url} leads to an address without https.", url=url) from error
                at = target
            except urllib.error.URLError as error:
                sentence = f"{urlsplit(at).netloc} could not be reached: {error.reason}. Check the network connection."
                raise TransientError("no-network", sentence, url=at) from error
            except (OSError, ValueError, http.client.HTTPException) as error:
                sentence = f"{urlsplit(at).netloc} gave no answer that can be read: {error}. Try again later."
                raise TransientError("download-cut-off", sentence, url=at) from error
            else:
                return response, first or response.headers
        raise LoadError("download-failed", f"{url} leads from one address to the next without end.", url=url)

    def _is_trusted(self, url: str) -> bool:
        return bool(self._token) and origin(url) == self._token_origin


def origin(url: str) -> str:
    """Return scheme://host[:port] of a URL, in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_url(url: str) -> None:
    """Raise LoadError("download-failed") unless `url` is one of HTTP."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\0-\x20]", url):
        raise LoadError("download-failed", f"{url} is not a valid URL.", url=url)


def _refused(url: str, status: int, headers: Message, with_token: bool) -> NoReturn:
    """Raise what an HTTP status means, with the reason that the Hugging Face hub gives."""
    reason = headers.get("X-Error-Code", "")
    said = headers.get("X-Error-Message", "")
    details = {"url": url, "status": status, "reason": reason}
    if status == 429 or status in _TRANSIENT:
        host = urlsplit(url).netloc
        if status == 429:
            failure = TransientError("rate-limited", f"{host} asks to slow down. Try again in some minutes.", **details)
        else:
            sentence = f"{url} could not be downloaded: the server answered {status}. Try again later."
            failure = TransientError("download-failed", sentence, **details)
        retry_after = headers.get("Retry-After", "")
        failure.retry_after = float(retry_after) if retry_after.isdecimal() else 0.0
        raise failure
    if reason == "GatedRepo":
        advice = (
            "the token in HF_TOKEN has no access to it: ask for access on the model's page, with the token's account"
            if with_token
            else "ask for access on its page, then set HF_TOKEN to a token of your account"
        )
        raise LoadError("repository-gated", f"{url} is in a gated repository: {advice}.", **details)
    if status == 401 and "Invalid credentials" in said:
        sentence = "The token in HF_TOKEN is not valid. Make a new one at https://huggingface.co/settings/tokens."
        raise LoadError("token-invalid", sentence, **details)
    if reason == "RepoNotFound" or (status == 401 and "/api/models/" in url):
        sentence = "There is no such repository: check the name. If it is private, set HF_TOKEN."
        raise LoadError("repository-not-found", sentence, **details)
    if reason == "RevisionNotFound":
        raise LoadError("revision-not-found", "The repository has no such branch, tag or commit.", **details)
    raise LoadError("download-failed", f"{url} could not be downloaded: the server answered {status}.", **details)
