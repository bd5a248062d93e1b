# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Shows HTML in Chromium, fires every event, clicks every link, and tells what ran and what was fetched.

All network is refused and counted, so nothing that a letter links to is ever asked for anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Error, Page, Route, sync_playwright

View = Literal["document", "innerHTML", "shadow", "sandbox"]

HOME = "http://mail.test/"
# What a script would call; a frame tells its top window.
_TRAPS = """
window.__fired = window.__fired || [];
for (const name of ["alert", "confirm", "prompt", "print"]) {
    window[name] = (text) => {
        (window.top.__fired = window.top.__fired || []).push(name + ":" + String(text).slice(0, 40));
        return false;
    };
}
"""
_SHOW = r"""
async ([htmls, view]) => {
    window.__fired = [];
    document.body.replaceChildren();
    const roots = await Promise.all(htmls.map(async (html) => {
        if (view === "document" || view === "sandbox") {
            const frame = document.createElement("iframe");
            if (view === "sandbox") {
                frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
            }
            const loaded = new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
            frame.srcdoc = html;
            document.body.append(frame);
            await loaded;
            return frame.contentDocument;
        }
        const host = document.createElement("div");
        document.body.append(host);
        const root = view === "shadow" ? host.attachShadow({ mode: "open" }) : host;
        root.innerHTML = html;
        return root;
    }));
    const settle = () => new Promise((done) => setTimeout(done, 30));
    await settle();
    const events = ["mouseover", "mouseenter", "mousemove", "mousedown", "focus", "focusin", "error", "load", "toggle",
        "animationstart", "animationend", "transitionend", "pointerover", "pointerenter", "wheel", "scroll", "begin",
        "start", "blur", "keydown", "dragstart", "copy", "paste", "submit"];
    for (const root of roots) {
        if (!root) continue;
        root.addEventListener("click", (event) => {
            const link = event.target.closest("a,area");
            if (link && !/^\s*(javascript|vbscript|data):/i.test(link.href?.baseVal || link.href || "")) {
                event.preventDefault();
            }
        }, true);
        root.addEventListener("submit", (event) => event.preventDefault(), true);
        const elements = [...root.querySelectorAll("*")].slice(0, 400);
        for (const element of elements) {
            for (const name of events) element.dispatchEvent(new Event(name, { bubbles: false }));
        }
        for (const element of elements) {
            element.removeAttribute("target");
            element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
        }
    }
    await settle();
    return [...new Set(window.__fired)];
}
"""


@dataclass
class Effects:
    """What showing some HTML did: calls by scripts, and requests as (type, address)."""

    ran: list[str] = field(default_factory=list)
    fetched: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ran or self.fetched)


class Oracle:
    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._fetched: list[tuple[str, str]] = []
        context.add_init_script(_TRAPS)
        context.route("**/*", self._refuse)
        self._page = self._new_page()

    def show(self, htmls: Sequence[str], view: View) -> Effects:
        """Shows all of ``htmls`` on one page."""
        self._fetched.clear()
        try:
            ran = self._page.evaluate(_SHOW, [list(htmls), view])
        except Error:
            # A script or a form has led the page away.
            ran = ["navigated"]
        if ran or self._page.url != HOME or len(self._context.pages) > 1:
            self._start_anew()
        return Effects(ran, [request for request in self._fetched if request[1] != HOME])

    def culprits(self, htmls: dict[str, str], view: View, batch: int = 40) -> dict[str, Effects]:
        """The names of those that run or fetch something; batches first, one by one where one does."""
        found = {}
        names = list(htmls)
        for start in range(0, len(names), batch):
            chosen = names[start : start + batch]
            if self.show([htmls[name] for name in chosen], view):
                alone = {name: self.show([htmls[name]], view) for name in chosen}
                found |= {name: effects for name, effects in alone.items() if effects}
                assert any(alone.values()), f"only together do these run or fetch something: {chosen}"
        return found

    def evaluate(self, script: str, argument: Any = None) -> Any:
        return self._page.evaluate(script, argument)

    def _refuse(self, route: Route) -> None:
        request = route.request
        if request.url == HOME:
            route.fulfill(body="<!DOCTYPE html><title>t</title><body></body>", content_type="text/html")
            return
        self._fetched.append((request.resource_type, request.url))
        if request.resource_type == "document":
            # A browser stays where it is on 204.
            route.fulfill(status=204, body="")
        else:
            route.abort()

    def _new_page(self) -> Page:
        page = self._context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(HOME)
        return page

    def _start_anew(self) -> None:
        old = self._context.pages
        self._page = self._new_page()
        for page in old:
            page.close()


@contextmanager
def oracle() -> Iterator[Oracle]:
    chromium = shutil.which("chromium")
    assert chromium, "The browser tests need Debian's package chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )
        try:
            yield Oracle(browser.new_context())
        finally:
            browser.close()
