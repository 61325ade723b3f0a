"""Files between a contact in the messenger and a teammate in the inbox: each sees what the other sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import BUILT, Site, a_tab, a_website
from console_browser import a_workspace, at_console

# A PNG of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
LABEL = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"


def test_a_picture_comes_and_a_pdf_goes_back(browser: Any, tmp_path: Path) -> None:
    if not (BUILT / "loader.js").is_file():
        pytest.skip("Messenger: it is not built (npm ci && npm run build in frontend/messenger)")
    with (
        a_workspace(tmp_path) as served,
        a_website() as (url, serving),
        at_console(browser, served) as olga,
    ):
        site = Site(url, served.base, served.token, served.app_id, "")
        serving.append(site)
        olga.comes_in().goes("/console/inbox?view=all").heading("Nobody is waiting")
        with a_tab(browser, site) as tab:
            tab.goes()
            tab.call("showNewMessage", "It came like this")
            tab.page.locator("input[type=file]").set_input_files(
                [{"name": "parcel.png", "mimeType": "image/png", "buffer": PIXEL}]
            )
            tab.page.get_by_text("parcel.png", exact=True).wait_for()
            tab.page.get_by_role("button", name="Send", exact=True).click()
            tab.page.locator(".m:not(.out) canvas[aria-label='Image: parcel.png']").wait_for()

            # The teammate sees it, and answers with a file alone.
            olga.page.locator(".row-link").first.click()
            olga.page.locator(".part-user", has_text="It came like this").wait_for()
            olga.page.get_by_role("img", name="parcel.png").wait_for()
            olga.until("document.querySelector('img[alt=\"parcel.png\"]').naturalWidth === 1")
            olga.page.locator("input[type=file]").set_input_files(
                [{"name": "label.pdf", "mimeType": "application/pdf", "buffer": LABEL}]
            )
            olga.button("Leave label.pdf out").wait_for()
            olga.is_sound("inbox-file")
            olga.button("Send", exact=True).click()
            olga.page.locator(".part-admin").get_by_role("link", name="label.pdf").wait_for()
            olga.button("Leave label.pdf out").wait_for(state="detached")

            link = tab.page.locator(".log").get_by_role("link", name="label.pdf")
            link.wait_for()
            assert LABEL == httpx.get(str(link.get_attribute("href")), timeout=30).content
            assert [] == tab.faults()
            assert [] == tab.violations + tab.complaints
        assert [] == olga.complaints
