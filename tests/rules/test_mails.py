"""Mails as real programs write them, with what each says and who wrote it beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from overture.channels.email.auto import by_words
from overture.channels.email.parse import read
from overture.channels.email.signature import without_signature
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


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: x", "We go on vacation until Friday, please deliver after that. Thank you for your message."),
        ("Re: x", "I was out of town last week, is the offer still valid?"),
        ("Re: x", "I am not in the office today, can you call my mobile?"),
        ("Re: x", "The automatic reply from your shop says 3 days. It has been 5."),
        ("Re: x", "Your bot sent me an auto-reply, I want a human"),
        ("Re: x", "Ich bin im Urlaub, bitte an den Nachbarn liefern."),
        ("Absent lors de la livraison", "Je n'étais pas là."),
        ("Re: x", "Your ticket system says that my request was received, and nobody has called since?"),
        ("Re: x", "My ticket has been created on Monday, I am still waiting for an answer."),
        ("Re: ticket 48213", "Thank you, the parcel was received on Friday. I would rather keep it."),
        ("Read: the manual", "I read it and it does not help. Refund please."),
        ("Re: x", "Tack för ditt mejl, jag väntar gärna till och med fredag."),
        ("Re: x", "休暇中に届けてください。"),
        ("Undelivered parcel", "It never came."),
        ("Delivery failure", "Your driver did not ring."),
        ("Fwd: Undeliverable: Your order", "This came back when I wrote to you."),
        ("Re: x", "I'm on vacation until the 9th but I can read this. Refund please."),
        ("Re: x", "Wir haben Ihre Nachricht erhalten und möchten lieber warten."),
        ("Re: x", "I no longer work at Miller Ltd, please send the refund to my own account."),
        ("Re: x", "I have left the company. Please contact me at carol@private.example from now on."),
        ("Re: x", "I have left a message on your phone, please forward it to the person in charge."),
        ("Re: x", "It no longer works. Please refer me to somebody who repairs it."),
        ("Re: x", "Ich bin nicht mehr bei Miller tätig, das Paket geht bitte nach Hause."),
        ("Re: x", "This address is no longer right, we moved. Please send it to Mill Lane 3."),
        ("Re: x", "I am on maternity leave until May, so leave it with my neighbour."),
    ],
)
def test_people_may_speak_of_holidays_and_machines(subject, text):
    assert by_words(subject, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thanks\nPlease call me at +49 30 901820.",
        "Please call me:\n+49 30 901820",
        "Thanks\nPlease add our VAT number GB123456789 to the invoice.",
        "Danke\nUnser Geschäftsführer hat das schon bezahlt.",
        "Here it is\n\nCarol Miller\nMill Lane 3\n+44 20 7946 0000",
        "Meine Adresse\n\nCarol Miller\nMühlweg 3\nTelefon +49 30 901820",
        "Please send it to\nCarol Miller\nMill Lane 3\n+44 20 7946 0000",
        "Carol Miller\n+44 20 7946 0000",
        "Refund it.\nBest Carol can do, I hope.",
    ],
)
def test_what_was_asked_for_is_no_signature(text):
    assert text.split("\n") == without_signature(text.split("\n"), "Carol Miller")


@pytest.mark.parametrize(
    "text",
    [
        "Hello, I will be out of the office starting 3 Nov and returning 9 Nov.",
        "Ich bin am 9.11. wieder im Büro. Derzeit bin ich nicht im Büro.",
        "Je suis en congés jusqu'au 9. Pour toute urgence, contactez Paul.",
        "Actualmente estoy de vacaciones y volveré el 9. Si es urgente, contacte con Ana.",
        "Sono in ferie fino al 9 novembre. Per urgenze scrivere a info@x.example",
        "Estou de férias até 9 de novembro. Em caso de urgência contacte a Ana.",
        "Ik ben op vakantie tot 9 november. Bij spoed bel Jan.",
        "Jestem na urlopie do 9 listopada. W pilnych sprawach proszę o kontakt z Anną.",
        "Bob has left the company. Please direct your enquiries to office@miller.example.",
        "Ich bin nicht mehr bei der Miller GmbH tätig. Bitte wenden Sie sich an office@miller.example.",
        "Je ne travaille plus chez Miller. Merci de contacter accueil@miller.example.",
        "Ya no trabajo en Miller. Por favor, contacte con info@miller.example.",
        "Non lavoro più in Miller. Si prega di contattare info@miller.example.",
        "Já não trabalho na Miller. Por favor contacte info@miller.example.",
        "Ik ben niet meer werkzaam bij Miller. Neem contact op met info@miller.example.",
        "Nie pracuję już w Miller. Proszę o kontakt z biuro@miller.example.",
        "Dieses Postfach wird nicht mehr gelesen.",
        "Cette boîte mail n'est plus consultée.",
    ],
)
def test_an_absence_is_known_by_its_words_alone(text):
    assert by_words("Re: x", text) is not None
