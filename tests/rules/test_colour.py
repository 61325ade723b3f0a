"""Colours of the messenger."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.workspaces.colour import ENOUGH, contrast, readable


@pytest.mark.parametrize("colour", ["#3346b0", "#000000", "#8a5a12"])
def test_a_colour_that_can_be_read_on_stays(colour: str) -> None:
    assert colour == readable(colour)


@given(st.integers(0, 0xFFFFFF))
def test_words_can_be_read_on_whatever_comes_out(number: int) -> None:
    colour = f"#{number:06x}"
    shown = readable(colour)
    assert contrast(shown) >= ENOUGH
    assert (shown == colour) == (contrast(colour) >= ENOUGH)
