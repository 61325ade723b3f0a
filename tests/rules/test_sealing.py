"""Sealed texts: only the key and the place they were made for open them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.base.environment import BadSetting
from overture.base.sealing import CannotOpen, Sealer, key_file, sealer_of
from overture.base.settings import Settings

KEY = "a long and random text"


@given(st.text(), st.text())
def test_what_is_sealed_opens_and_shows_nothing(text, place):
    sealed = Sealer(KEY).seal(text, place)

    assert text == Sealer(f" {KEY}\n").open(sealed, place)
    assert len(text) < 4 or text.encode() not in sealed


def test_the_same_text_is_never_sealed_alike():
    assert Sealer(KEY).seal("x", "a") != Sealer(KEY).seal("x", "a")


@given(st.binary(max_size=80))
def test_anything_else_does_not_open(content):
    with pytest.raises(CannotOpen):
        Sealer(KEY).open(content, "place")


def test_another_key_another_place_or_one_changed_byte_do_not_open():
    sealed = Sealer(KEY).seal("s3cret", "secret/a")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])

    for sealer, content, place in [
        (Sealer(KEY + "!"), sealed, "secret/a"),
        (Sealer(KEY), sealed, "secret/b"),
        (Sealer(KEY), changed, "secret/a"),
    ]:
        with pytest.raises(CannotOpen):
            sealer.open(content, place)


def test_a_short_key_is_refused():
    with pytest.raises(BadSetting, match="at least 16 characters"):
        Sealer("short")


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/shop.db")
    assert sealer_of(settings) is None

    made = sealer_of(settings, make=True)
    again = sealer_of(settings, make=True)

    assert made is not None
    assert again is not None
    assert "x" == again.open(made.seal("x", "p"), "p")
    assert 0o600 == stat.S_IMODE((tmp_path / "shop.db.key").stat().st_mode)


def test_a_database_server_has_no_key_file_and_a_set_key_needs_none(tmp_path: Path):
    assert sealer_of(Settings(database_url="postgresql://db/acme"), make=True) is None
    assert sealer_of(Settings(database_url="postgresql://db/acme", secret_key=KEY)) is not None
    assert key_file(Settings(database_url="sqlite://")) is None
