"""Mails as real programs write them, with what each says and who wrote it beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from overture.channels.email.parse import read
from overture.cli.bench_mail import run

MAILS = Path(__file__).parent.parent / "mails"
NAMES = sorted(one.stem for one in MAILS.glob("*.eml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_says_what_is_written_beside_it(name):
    wanted = json.loads((MAILS / f"{name}.json").read_text(encoding="utf-8"))

    mail = read((MAILS / f"{name}.eml").read_bytes())

    assert wanted["kind"] == mail.kind, mail.kind_reason
    if mail.kind == "reply":
        assert wanted["text"] == mail.text
        assert all(line.strip() in " ".join(mail.full_text.split()) for line in mail.text.split("\n"))
    if "bounced" in wanted:
        assert wanted["bounced"] == [[one.address, one.status, one.permanent] for one in mail.bounced]
        assert wanted["original"] == mail.original_message_id
    if "files" in wanted:
        assert wanted["files"] == [[one.name, one.content_type] for one in mail.attachments]


def test_the_benchmark_says_how_many_are_right_beside_the_library_alone():
    result = run(MAILS)

    assert result["mails"] == len(NAMES) >= 60
    assert result["replies_right"] >= 0.9 * result["replies"]
    assert [] == result["auto_taken_for_reply"]
    assert 0 < result["mail_parser_reply_right"] < result["replies_right"]


def test_a_mail_that_is_read_wrong_is_named_by_the_benchmark(tmp_path):
    (tmp_path / "one.eml").write_bytes(b"From: carol@home.example\nAuto-Submitted: auto-replied\n\nAway.")
    (tmp_path / "one.json").write_text('{"kind": "reply", "text": "Away."}')
    (tmp_path / "two.eml").write_bytes(b"From: carol@home.example\n\nI agree.")
    (tmp_path / "two.json").write_text('{"kind": "auto", "text": ""}')

    result = run(tmp_path)

    assert ["one", "two"] == result["wrong"]
    assert ["two"] == result["auto_taken_for_reply"]
    assert 0 == result["replies_right"]
