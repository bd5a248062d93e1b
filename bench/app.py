# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The app Email with a mailbox of 100,000 messages as a browser sees it, beside Odoo's own list of contacts.

Times are from the click, or the last key, until what was asked for is on the screen; the middle of many, each for
something that was not looked at before.
"""

from __future__ import annotations

import re
import shutil
import statistics
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

from sandbox.services import odoo_server
from sandbox.services.process import free_ports
from tools import odoo_process

from .figures import Figure
from .mailbox import CUSTOMERS, FREQUENT, LOGIN, PASSWORD, RARE, RARE_IN_TEXT, LargeMailbox, large_mailbox
from .world import World

ROUNDS = 7
# As many are in sight.
LETTERS = 4
WIDTH, HEIGHT = 1400, 900
CONTACTS = f"Odoo's list of {CUSTOMERS:,} contacts"

# All that is known here of how the pages are built.
APP = "/odoo/email"
ROW = ".o_email_row"
# Archived and read: there is no server that others could be fetched from, or marked in.
READ_LETTER = ".o_email_row:not(.o_email_unread):has(.o_email_chip)"
FOLDER = ".o_email_folder[data-folder='{}']"
SCROLLER, HEIGHT_OF_ROWS = ".o_email_scroller", ".o_email_rows"
SEARCH = ".o_email_search_input"
LETTER = ".o_email_body iframe"
ODOO = "/odoo/contacts?view_type=list"
ODOO_ROW = ".o_data_row"
ODOO_SCROLLER = ".o_list_renderer"
ODOO_SEARCH = ".o_searchview_input"
ODOO_NEXT = ".o_pager_next"
ODOO_FORM = ".o_form_view .o_form_sheet"
ODOO_RECORD = re.compile(r"/\d+(\?|$)")

_SETTLE = """
window.bench = async (act, isDone) => {
    const start = performance.now();
    act();
    await new Promise((done, failed) => {
        const look = () => {
            if (isDone()) {
                done();
            } else if (performance.now() - start > 20000) {
                failed(new Error("It never came."));
            } else {
                requestAnimationFrame(look);
            }
        };
        look();
    });
    return performance.now() - start;
};
window.shown = (row) => [...document.querySelectorAll(row)].map((one) => one.textContent).join();
window.type = (input, text) => {
    const field = document.querySelector(input);
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
"""
_CLICK_FOR_OTHERS = """
([what, row]) => {
    const before = shown(row);
    return bench(() => document.querySelector(what).click(), () => shown(row) && shown(row) !== before);
}
"""
_SEARCH = """
([input, row, text, busy]) => {
    const before = shown(row);
    return bench(
        () => type(input, text),
        () => shown(row) !== before && !document.querySelector(busy + "[aria-busy=true]"),
    );
}
"""
_NEXT = """
([scroller, rows]) => {
    const before = document.querySelector(rows).offsetHeight;
    const box = document.querySelector(scroller);
    return bench(() => (box.scrollTop = box.scrollHeight), () => document.querySelector(rows).offsetHeight > before);
}
"""
_OPEN = """
([row, frame, number]) => bench(
    () => document.querySelectorAll(row)[number].click(),
    () => [...document.querySelectorAll(frame)].some((one) => one.isConnected && one.dataset.bench === undefined &&
        one.contentDocument?.body?.textContent && (one.dataset.bench = "seen")),
)
"""
_CLICK_FOR = """
([what, number, frame]) => bench(
    () => document.querySelectorAll(what)[number].click(), () => document.querySelector(frame),
)
"""
# Up and down, a screen in a quarter of a second; of twenty frames the longest but one.
_SCROLL = """
async (scroller) => {
    const box = document.querySelector(scroller);
    const frames = [];
    let step = 60;
    let last = performance.now();
    for (let frame = 0; frame < 240; frame++) {
        const before = box.scrollTop;
        box.scrollTop += step;
        if (box.scrollTop === before) {
            step = -step;
        }
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
    }
    return frames.sort((a, b) => a - b)[Math.floor(frames.length * 0.95)];
}
"""
_ODOO_SEARCH = """
async ([input, row, text]) => {
    const before = shown(row);
    type(input, text);
    await new Promise((done) => setTimeout(done, 300));
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true });
    return bench(
        () => document.querySelector(input).dispatchEvent(enter),
        () => shown(row) && shown(row) !== before,
    );
}
"""


def run(world: World) -> list[Figure]:
    large = large_mailbox(world.env)
    with _server(world) as address, _browser(address) as page:
        _sign_in(page)
        ours, odoos = _ours(page, large), _odoos(page)
        assets, client = _loaded(world.env, page)
    figures = [Figure(name, ours[name], "ms", CONTACTS, odoos[name]) for name in ours]
    return [*figures, Figure("app_assets_kb", assets, "kB", "Odoo's own web client", client)]


@contextmanager
def _server(world: World) -> Iterator[str]:
    port = free_ports(1)[0]
    command = odoo_process.command(world.configuration, "server", f"--http-port={port}", "--max-cron-threads=0")
    with odoo_server.running(command, port, world.folder / "odoo.log") as address:
        yield address


@contextmanager
def _browser(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, base_url=address)
        context.add_init_script(_SETTLE)
        context.set_default_timeout(120_000)
        try:
            yield context.new_page()
        finally:
            browser.close()


def _sign_in(page: Page) -> None:
    page.goto("/web/login")
    page.fill("input[name=login]", LOGIN)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/odoo**")


def _ours(page: Page, large: LargeMailbox) -> dict[str, float]:
    """Milliseconds by figure."""
    first = _first_screen(page, APP, ROW)
    folders = [large.mailbox.folder_ids[number].id for number in (2, 0, 3, 1, 4, 0, 5, 1)]
    moves = [_move(page, FOLDER.format(number)) for number in folders]
    _move(page, FOLDER.format(large.inbox.id))
    page.wait_for_selector(ROW)
    pages = [page.evaluate(_NEXT, [SCROLLER, HEIGHT_OF_ROWS]) for _round in range(ROUNDS)]
    page.evaluate("(scroller) => (document.querySelector(scroller).scrollTop = 0)", SCROLLER)
    frame = page.evaluate(_SCROLL, SCROLLER)
    page.evaluate("(scroller) => (document.querySelector(scroller).scrollTop = 0)", SCROLLER)
    page.wait_for_timeout(500)
    letters = [page.evaluate(_OPEN, [READ_LETTER, LETTER, number]) for number in range(LETTERS)]
    words = [RARE, FREQUENT, RARE_IN_TEXT, "customer 12", "from:buyer77", f"{FREQUENT} has:file", "is:starred"]
    searches = [page.evaluate(_SEARCH, [SEARCH, ROW, word, SCROLLER]) for word in words]
    return {
        "app_first_screen": first,
        "app_folder": statistics.median(moves),
        "app_next_page": statistics.median(pages),
        "app_open_letter": statistics.median(letters),
        "app_search": statistics.median(searches),
        "app_scroll_frame": frame,
    }


def _move(page: Page, folder: str) -> float:
    return float(page.evaluate(_CLICK_FOR_OTHERS, [folder, ROW]))


def _odoos(page: Page) -> dict[str, float]:
    """The same of Odoo's own, as far as there is anything like it."""
    first = _first_screen(page, ODOO, ODOO_ROW)
    frame = page.evaluate(_SCROLL, ODOO_SCROLLER)
    pages = [page.evaluate(_CLICK_FOR_OTHERS, [ODOO_NEXT, ODOO_ROW]) for _round in range(ROUNDS)]
    letters = []
    for number in range(ROUNDS):
        letters.append(page.evaluate(_CLICK_FOR, [f"{ODOO_ROW} td[name=complete_name]", number, ODOO_FORM]))
        # The address follows a little later; before, "back" leaves the list as well.
        page.wait_for_url(ODOO_RECORD)
        page.go_back()
        page.wait_for_selector(ODOO_ROW)
    searches = []
    for number in (77, 123, 1500):
        page.goto(ODOO)
        page.wait_for_selector(ODOO_ROW)
        searches.append(page.evaluate(_ODOO_SEARCH, [ODOO_SEARCH, ODOO_ROW, f"Customer {number}"]))
    return {
        "app_first_screen": first,
        "app_folder": statistics.median(pages),
        "app_next_page": statistics.median(pages),
        "app_open_letter": statistics.median(letters),
        "app_search": statistics.median(searches),
        "app_scroll_frame": frame,
    }


def _first_screen(page: Page, path: str, row: str) -> float:
    """From the address to the first rows, with all that a browser keeps from the last visit."""
    page.goto(path)
    page.wait_for_selector(row)
    times = []
    for _round in range(ROUNDS):
        page.goto("about:blank")
        started = time.perf_counter()
        page.goto(path, wait_until="commit")
        page.wait_for_selector(row)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


@dataclass
class _Weight:
    """Scripts, style sheets and templates that a page loads, packed as a web server sends them."""

    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, response: Response) -> None:
        if response.request.resource_type in ("script", "stylesheet", "font") or "/web/bundle/" in response.url:
            self.sizes[response.url] = _packed(response.body())


def _loaded(env: Any, page: Page) -> tuple[float, float]:
    """kB that the app adds to Odoo's own web client: its part of the common bundle, and what it loads later."""
    client = _weigh(page, lambda: (page.goto(ODOO), page.wait_for_selector(ODOO_ROW)))
    app = _weigh(page, lambda: (page.goto(APP), page.wait_for_selector(ROW)))
    later = sum(size for url, size in app.items() if url not in client)
    return (_share(env) + later) / 1000, (sum(client.values()) - _share(env)) / 1000


def _weigh(page: Page, visit: Callable[[], Any]) -> dict[str, int]:
    weight = _Weight()
    session = page.context.new_cdp_session(page)
    session.send("Network.clearBrowserCache")
    page.on("response", weight.add)
    visit()
    # What it goes on to load by itself.
    page.wait_for_timeout(3_000)
    page.remove_listener("response", weight.add)
    return weight.sizes


def _share(env: Any) -> int:
    """Bytes of the app in the bundle that every page of Odoo loads."""
    bundle = env["ir.qweb"]._get_asset_bundle("web.assets_backend", css=True, js=True)
    files = [*bundle.javascripts, *bundle.stylesheets, *bundle.templates]
    contents = [(file.url or "", (file.content or "").encode()) for file in files]
    ours = [content for url, content in contents if url.startswith("/crm_mail_sync/static/src/email_app/")]
    others = [content for url, content in contents if not url.startswith("/crm_mail_sync/static/src/email_app/")]
    return _packed(b"\n".join(others + ours)) - _packed(b"\n".join(others))


def _packed(content: bytes) -> int:
    return len(zlib.compress(content, 6))
