"""What holds for the repository as a whole."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath

import pytest

from agreement.pages import ROOT, code_blocks, page, pages, texts

# Written in pieces, or this file would find itself.
ELSEWHERE = [
    re.compile("/" + r"(?:work|root|home/\w+|Users/\w+|tmp/design)\b"),
    re.compile(r"(?:extra-index|index)" + "-url"),
    re.compile(r"https?://[\w.-]*" + r"(?:py" + r"pi|artifactory|nexus|registry|mirror)[\w.-]*"),
    re.compile(r"\bproduct" + r" contract\b|\bproduct" + r"\.md\b"),
]


@pytest.mark.parametrize("pattern", ELSEWHERE, ids=lambda pattern: pattern.pattern)
def test_nothing_speaks_of_a_place_that_readers_do_not_have(pattern: re.Pattern[str]) -> None:
    found = [f"{name}: {hit[0]}" for name, text in texts().items() if (hit := pattern.search(text))]
    assert found == []


def test_links_lead_somewhere() -> None:
    dead = []
    for name, text in pages().items():
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            target, _, anchor = link.partition("#")
            if "://" in target:
                continue
            there = (ROOT / name).parent / target if target else ROOT / name
            if not there.exists() or (anchor and anchor not in _anchors(there.read_text("utf-8"))):
                dead.append(f"{name}: {link}")
    assert dead == []


def test_the_changelog_has_a_place_for_what_is_coming() -> None:
    headings = re.findall(r"^## (.+)$", page("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"


def test_decisions_are_numbered_and_listed_and_have_one_form() -> None:
    listed = re.findall(
        r"^\| \[(\d{4})\]\(decisions/([^)]+)\) \| (.+) \|$", page("docs/README.md"), re.MULTILINE
    )
    there = sorted(PurePosixPath(name).name for name in pages() if name.startswith("docs/decisions/"))

    assert [name for _, name, _ in listed] == there
    assert [int(number) for number, _, _ in listed] == [*range(1, len(there) + 1)]
    for number, name, title in listed:
        text = page(f"docs/decisions/{name}")
        assert text.startswith(f"# {number}: {title}\n\n**Status:** ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_import_order_that_is_explained_is_the_one_that_is_held() -> None:
    (explained,) = code_blocks(page("ARCHITECTURE.md"), "")
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (held,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")

    assert explained.split("\n")[:-1] == [layer.replace("overture.", "") for layer in held]


def test_the_licence_is_whole() -> None:
    licence = page("LICENSE")
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    for work in ("all-MiniLM-L6-v2", "CLINC150", "HWU64", "RasaHQ/helpdesk-assistant", "Intercom-OpenAPI"):
        assert work in page("NOTICE")


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made from their words."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
