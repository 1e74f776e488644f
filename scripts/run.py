"""Starts the page: `python3 scripts/run.py [--port N] [--host ADDRESS] [--watch] [--no-browser]`.

Makes what is missing first (a Python environment, Pyodide, the page's Python package), which needs the network once;
after that it starts in a second and works offline. An edited file shows when the page is reloaded; with --watch new
files do too, and the package is built again when it changes.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import sys
import webbrowser
from functools import partial

from support.environment import REQUIREMENTS, ROOT, RUN_VENV, ScriptError, command_line, ensure_venv, note, run_main
from website.site_files import SiteFiles, prepare_site
from website.site_server import SiteServer
from website.watch import Watcher

DEFAULT_PORT = 8000
PORTS_TO_TRY = 50


def main() -> int:
    """Serve until Ctrl+C."""
    parser = command_line(__doc__)
    parser.add_argument("--port", type=int, help=f"default: {DEFAULT_PORT}, or the next free one")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 for all of this machine's addresses")
    parser.add_argument("--watch", action="store_true", help="serve new files, and build the package again")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args()
    prepare = partial(prepare_site, ensure_venv(RUN_VENV, REQUIREMENTS / "run.txt"), live=True)
    if not (ROOT / "web/models").is_dir():
        note("There is no model in web/models: the page will open, but cannot answer.")
    server = open_server(prepare(), options.host, options.port)
    print(f"Tiny-VLM is at {server.url} (Ctrl+C stops it)", flush=True)
    if not is_local(options.host):
        print(
            f"From other machines: http://THIS-MACHINE:{server.server_port}/. Browsers give threads to pages from "
            "localhost or HTTPS only, so it answers there with one thread, and more slowly.",
            flush=True,
        )
    if options.watch:
        Watcher(server, prepare).start()
    if has_desktop() and not options.no_browser:
        webbrowser.open(server.url)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print("\nStopped.")
    finally:
        server.server_close()
    return 0


def open_server(files: SiteFiles, host: str, port: int | None) -> SiteServer:
    """Bind `port`, or the first free one from DEFAULT_PORT on if none was asked for; raises ScriptError."""
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TO_TRY) if port is None else [port]:
        try:
            return SiteServer(files, host, candidate, compress=not is_local(host))
        except OverflowError:
            raise ScriptError("A port is a number from 0 to 65535.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise ScriptError(f"Port {candidate} of {host} cannot be opened: {error.strerror or error}.") from error
    if port is None:
        raise ScriptError(f"Ports {DEFAULT_PORT} to {candidate} are all taken; choose another with --port.")
    raise ScriptError(f"Port {port} is taken. Choose another, or leave --port out to get a free one.")


def is_local(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def has_desktop() -> bool:
    """Whether a browser opened here would be seen by the person who started this."""
    if any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "CI")):
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


if __name__ == "__main__":
    run_main(main)
