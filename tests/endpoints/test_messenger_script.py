"""The script and its files: what is baked in, how long browsers keep it, and who may load it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from desk import Desk
from messenger import TRACK
from overture.endpoints.messenger import script


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end as small as one can be."""
    (tmp_path / "i18n").mkdir()
    (tmp_path / "loader.js").write_text("(()=>{window.baked=__OVERTURE_BAKED__})()")
    (tmp_path / "app.js").write_text("export const app = 1;")
    (tmp_path / "i18n" / "de.json").write_text("{}")
    monkeypatch.setattr(script.built, "__defaults__", (tmp_path,))
    return tmp_path


def get(desk: Desk, path: str, **headers: str) -> Any:
    return desk.run(desk._client.get(path, headers=headers))


def baked(desk: Desk, path: str = "/messenger.js") -> Any:
    text = get(desk, path).text
    found = re.search(r"window\.baked=JSON\.parse\((.*)\)\}\)\(\)$", text)
    assert found, text
    return json.loads(json.loads(found[1]))


def test_the_live_rules_are_in_the_script(desk: Desk, folder: Path) -> None:
    (procedure_id,) = desk.publish(TRACK)
    facts = baked(desk)

    assert [
        {
            "id": f"{procedure_id}.track-button",
            "page": r"^shop\.example\/orders",
            "element": {"css": "#track"},
        }
    ] == facts["triggers"]
    assert (desk.workspace.app_id, "Acme", False) == (facts["app_id"], facts["name"], facts["intercom"])
    assert "refund" not in json.dumps(facts)

    desk.pause("track-order")
    assert [] == baked(desk)["triggers"]


def test_switched_off_means_no_rules(desk: Desk, folder: Path) -> None:
    from overture.workspaces.settings import change

    desk.publish(TRACK)
    desk.write(change, "proactive_triggers", "off", now=desk.clock.now())

    assert [] == baked(desk)["triggers"]


def test_it_is_asked_for_each_time_and_sent_when_it_changed(desk: Desk, folder: Path) -> None:
    first = get(desk, "/messenger.js")
    assert "no-cache" == first.headers["cache-control"]
    assert "text/javascript; charset=utf-8" == first.headers["content-type"]
    assert 304 == get(desk, "/messenger.js", **{"If-None-Match": first.headers["etag"]}).status_code
    desk.publish(TRACK)

    assert 200 == get(desk, "/messenger.js", **{"If-None-Match": first.headers["etag"]}).status_code


def test_the_other_address_is_for_one_workspace(desk: Desk, folder: Path) -> None:
    assert baked(desk, f"/widget/{desk.workspace.app_id}")["intercom"]
    unknown = get(desk, "/widget/another")

    assert (404, True) == (unknown.status_code, "no workspace with the app_id" in unknown.text)


def test_files_with_their_hash_are_kept_for_ever(desk: Desk, folder: Path) -> None:
    path = baked(desk)["assets"]["i18n/de.json"]
    lasting, plain = get(desk, path), get(desk, "/messenger/i18n/de.json")

    assert "immutable" in lasting.headers["cache-control"]
    assert "no-cache" == plain.headers["cache-control"]
    assert "*" == plain.headers["access-control-allow-origin"]
    assert 304 == get(desk, path, **{"If-None-Match": plain.headers["etag"]}).status_code
    for unknown in ("/messenger/nothing.js", "/messenger/loader.js", "/messenger/..%2F..%2Fapp.py"):
        assert 404 == get(desk, unknown).status_code


def test_what_an_author_writes_cannot_leave_its_place(desk: Desk, folder: Path) -> None:
    from overture.workspaces.settings import change

    evil = "</script><script>alert(1)//\u2028"
    desk.write(change, "greeting", evil, now=desk.clock.now())
    text = get(desk, "/messenger.js").text

    assert "</script>" not in text
    assert "\u2028" not in text
    assert evil.strip() == baked(desk)["look"]["greeting"]


def test_a_server_without_its_front_end_says_so(desk: Desk, folder: Path) -> None:
    (folder / "loader.js").unlink()

    assert "installed without its front end" in get(desk, "/messenger.js").text
