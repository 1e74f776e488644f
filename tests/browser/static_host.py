"""A host that knows nothing of the site: Python's own http.server, without ranges and without headers of ours."""

from __future__ import annotations

import http.server
import shutil
import threading
from functools import partial
from pathlib import Path
from typing import Any

from website.site_files import SiteFiles
from website.site_writer import write_site

FOLDER = "some/where"


class StaticHost:
    """Serves what was built into a folder below its root; can go away and come back at the same address."""

    def __init__(self, root: Path, files: SiteFiles) -> None:
        self.root, self.site = root, root / FOLDER
        self.requests: list[str] = []
        self.headers: dict[str, str] = {}
        """What it says about every file; nothing, so that browsers guess how long one stays as it is."""
        self._server: http.server.ThreadingHTTPServer | None = None
        self._port = 0
        self.publish(files)
        self.start()

    @property
    def url(self) -> str:
        """The site's address, ending in a slash."""
        return f"http://127.0.0.1:{self._port}/{FOLDER}/"

    def publish(self, files: SiteFiles) -> None:
        """Replace the site by another build of it."""
        write_site(files, self.site)

    def remove(self, name: str) -> None:
        """Lose one file."""
        (self.site / name).unlink()

    def count(self, name: str) -> int:
        """How often a file was asked for."""
        return self.requests.count(f"/{FOLDER}/{name}")

    def start(self) -> None:
        """Serve, at the port that it had before if it had one."""
        handler = partial(_Handler, requests=self.requests, headers=self.headers, directory=str(self.root))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Be gone."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def close(self) -> None:
        """Stop and leave nothing."""
        self.stop()
        shutil.rmtree(self.root)


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, requests: list[str], headers: dict[str, str], **options: Any) -> None:
        self._requests = requests
        self._headers = headers
        super().__init__(*args, **options)

    def send_head(self) -> Any:
        self._requests.append(self.path)
        return super().send_head()

    def end_headers(self) -> None:
        for name, value in self._headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""
