"""What a channel is: the way words travel between the agent and a contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Channel:
    """One way to reach contacts. The web channel needs no sending: the browser reads its parts."""

    name: str
    wait_for_reply: timedelta  # how long a first message waits where its trigger does not say


WEB = Channel("web", timedelta(hours=24))
EMAIL = Channel("email", timedelta(days=7))

CHANNELS = {channel.name: channel for channel in (WEB, EMAIL)}
