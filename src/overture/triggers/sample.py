"""What a first message would say, before anybody gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from overture.conversations.markup import to_html
from overture.procedures.template import TemplateError, TemplateFailed, render, render_plain

EMPTY = "First message is empty. Write what the agent says when this trigger fires."


@dataclass(frozen=True)
class Sample:
    """The message as one contact would see it; `problem`: why there is none."""

    markdown: str = ""
    html: str = ""
    subject: str = ""
    problem: str | None = None


def sample(message: str, subject: str, scope: Mapping[str, Any], timezone: str | None = None) -> Sample:
    if not message.strip():
        return Sample(problem=EMPTY)
    try:
        said = render(message, scope, timezone)
        return Sample(
            said,
            to_html(said, "markdown"),
            render_plain(subject, scope, timezone) if subject else "",
        )
    except TemplateFailed as failed:
        return Sample(problem=f"For this contact it cannot be said: {failed.reason}")
    except TemplateError as wrong:
        return Sample(problem=wrong.message)
