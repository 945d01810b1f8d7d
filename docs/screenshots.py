"""The pictures of the README, taken of the real thing: `make screenshots`.

Starts a server with the demo on a directory of its own, visits it in Debian's Chromium, and writes into docs/images/.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM_OPTIONS
from tests.server import Server

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """One picture: the shop, after a visitor met what goes wrong in it."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "data", ("--demo",)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1200, "height": 750})
        page.goto(f"{server.url}/demo/")
        for action in ("slow", "error", "broken", "missing", "event"):
            page.click(f"[data-do={action}]")
        page.wait_for_function("() => document.querySelectorAll('#live tbody tr').length > 6")
        page.wait_for_load_state("networkidle")
        page.mouse.move(0, 0)
        page.screenshot(path=IMAGES / "demo-shop.jpg", type="jpeg", quality=78)
        browser.close()


if __name__ == "__main__":
    main()
