"""Colours of the messenger: white words must be readable on them."""

from __future__ import annotations

import re

ENOUGH = 4.5  # what WCAG asks of words of ordinary size
_STEP = 0.98


def is_colour(text: str) -> bool:
    return re.fullmatch(r"#[0-9a-f]{6}", text) is not None


def contrast(colour: str) -> float:
    """Of white words on it: 1 is invisible, 21 is black."""
    return 1.05 / (_luminance(_channels(colour)) + 0.05)


def readable(colour: str) -> str:
    """The colour itself, or the lightest darker shade of it that white words can be read on."""
    channels = _channels(colour)
    while 1.05 / (_luminance(channels) + 0.05) < ENOUGH:
        red, green, blue = (int(one * _STEP) for one in channels)
        channels = (red, green, blue)
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _luminance(channels: tuple[int, int, int]) -> float:
    red, green, blue = (_linear(one / 255) for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
