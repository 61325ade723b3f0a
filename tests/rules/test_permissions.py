"""Roles: who may do what."""

from __future__ import annotations

from typing import get_args

import pytest

from overture.workspaces.model import ROLES
from overture.workspaces.permissions import ALLOWED, Action, NotAllowed, may, require


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ("owner", "people.write", True),
        ("publisher", "procedures.publish", True),
        ("publisher", "procedures.draft", True),
        ("builder", "procedures.draft", True),
        ("builder", "procedures.publish", False),
        ("builder", "inbox.write", False),
        ("builder", "developers.write", False),
        ("agent", "inbox.write", True),
        ("agent", "procedures.draft", False),
        ("agent", "settings.write", False),
        ("nobody", "inbox.read", False),
    ],
)
def test_each_role_may_do_its_part(role: str, action: Action, allowed: bool) -> None:
    assert allowed == may(role, action)


def test_every_role_is_in_the_table_and_the_owner_may_do_everything() -> None:
    assert set(ROLES) == set(ALLOWED)
    assert set(get_args(Action)) == ALLOWED["owner"]


def test_a_refusal_says_who_may() -> None:
    with pytest.raises(NotAllowed, match=r"builder may not put procedures live.*owner, publisher"):
        require("builder", "procedures.publish")
