"""Settings of the workspace, changed by name."""

from __future__ import annotations

import pytest

from overture.base.errors import Error
from overture.workspaces.model import WorkspaceSettings
from overture.workspaces.settings import UnknownSetting, as_names, changed


@pytest.mark.parametrize(
    ("name", "written", "kept"),
    [
        ("proactive_triggers", "off", False),
        ("proactive_triggers", "On", True),
        ("agent_name", " Fern ", "Fern"),
        ("timezone", "Europe/Vienna", "Europe/Vienna"),
        ("country", "at", "AT"),
        ("texts.hand_off", "One of us will answer.", "One of us will answer."),
        ("office_hours", "Mon-Fri 9:00-17:00", "mon-fri 09:00-17:00"),
        ("keep_closed_days", "90", 90),
        ("greeting", "  ", ""),
        ("color", "", ""),
    ],
)
def test_a_setting_is_changed_by_its_name(name: str, written: str, kept: object) -> None:
    after = as_names(changed(WorkspaceSettings(), name, written))

    assert kept == after.pop(name)
    before = as_names(WorkspaceSettings())
    del before[name]
    assert before == after


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("proactive_triggers", "maybe"),
        ("timezone", "Mars/Base"),
        ("timezone", "../etc/passwd"),
        ("country", "Austria"),
        ("texts.hand_off", "  "),
        ("agent_name", "x" * 2001),
        ("office_hours", "now and then"),
        ("keep_closed_days", "-1"),
        ("color", "red"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(name: str, written: str) -> None:
    with pytest.raises(Error) as refused:
        changed(WorkspaceSettings(), name, written)

    assert name == refused.value.field


def test_an_unknown_setting_names_those_there_are() -> None:
    with pytest.raises(UnknownSetting, match=r"proactive_triggers.*texts\.hand_off"):
        changed(WorkspaceSettings(), "texts.nothing", "x")


def test_settings_survive_being_stored() -> None:
    settings = changed(changed(WorkspaceSettings(), "texts.helped", "Good."), "timezone", "Asia/Tokyo")

    assert settings == WorkspaceSettings.from_dict(settings.to_dict())
