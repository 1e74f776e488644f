"""Answers questions and fills a table in Chromium, and tells whether the page's main thread is ever kept too long.

    python3 scripts/long_tasks.py                  # 3 answers, and a table of 50 pictures of 12 megapixels
    python3 scripts/long_tasks.py --pictures 5

No task may take more than 50 ms, nor more than 100 ms where the processor is four times as slow. That is judged by the
processor's time, of which a task may therefore have 25 ms, so that it makes no difference what else the machine does.
On one that has nothing else to do, `--wall` judges what the Long Tasks API tells the page, as it is and with Chromium
throttled to a fourth; whatever keeps the processor from Chromium makes that throttle pause the page for longer. What is
over the limit has to be so in each of three new pages. Prints the longest tasks and what they did. Leaves with 1 where
one is over the limit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from itertools import product
from pathlib import Path

from support.environment import REQUIREMENTS, TEST_VENV, command_line, enter_venv, run_main

LIMITS_MS = {1: 50.0, 4: 100.0}
"""How many times slower the processor is -> of a task."""
OF_PROCESSOR_MS = min(limit / rate for rate, limit in LIMITS_MS.items())
TRIES = 3


def main() -> int:
    """Watch, and print."""
    parser = command_line(__doc__)
    parser.add_argument("--pictures", type=int, default=50, help="in the table (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="of pictures (default: 1)")
    parser.add_argument("--wall", action="store_true", help="judge by the wall, as the Long Tasks API does")
    return _watch(parser.parse_args(), enter_venv(TEST_VENV, REQUIREMENTS / "test.txt"))


def _watch(options: argparse.Namespace, python: Path) -> int:
    from endurance.busy_page import Acts, photographs
    from endurance.main_thread import watch, wrong
    from endurance.tab import Tab
    from support.chromium import open_chromium
    from website.site_files import prepare_site
    from website.site_server import SiteServer

    server = SiteServer(prepare_site(python)).start()
    limits = LIMITS_MS if options.wall else {1: OF_PROCESSOR_MS}
    over: list[str] = []
    with tempfile.TemporaryDirectory() as folder, open_chromium(python) as chromium:
        acts = Acts(photographs(Path(folder), options.pictures, options.seed))
        for (rate, limit), (name, act) in product(limits.items(), acts.named.items()):
            for _ in range(TRIES):
                tab = Tab(chromium.new_page(), server.url)
                tab.open()
                devtools = tab.page.context.new_cdp_session(tab.page)
                devtools.send("Emulation.setCPUThrottlingRate", {"rate": rate})
                seen = watch(chromium, tab.page, partial(act, tab))
                tab.page.close()
                print(f"{name}, {rate}x\n{seen}", flush=True)
                if not (sentence := wrong(seen, limit, by_wall=options.wall)):
                    break
            else:
                over.append(f"{name}, {rate}x: {sentence}")
    server.close()
    for sentence in over:
        print(sentence, file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    run_main(main)
