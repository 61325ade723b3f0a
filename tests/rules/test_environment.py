"""What a process is told from outside: variables first, then one file of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from agreement.pages import page, rows
from overture.base.environment import NAMES, BadSetting, environment, mistyped
from overture.base.settings import read_settings

FILE = """
database_url = "postgresql://acme@db.example/acme"
base_url = "https://help.acme.example/"
rate_limit = 500
allow_hosts = ["10.0.0.5:8080", "Orders.internal:443"]
email_from = "Acme <help@acme.example>"
smtp_url_file = "secrets/smtp"
secret_shop_api = "from the file"
model = "ollama:qwen"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/smtp").write_text("smtps://user:pass@mail.example\n")
    path = tmp_path / "overture.toml"
    path.write_text(FILE)
    return path


def test_all_settings_can_stand_in_one_file(file: Path) -> None:
    found = read_settings({"OVERTURE_CONFIG": str(file)})

    assert "postgresql://acme@db.example/acme" == found.database_url
    assert ("https://help.acme.example", 500) == (found.base_url, found.rate_limit)
    assert {"10.0.0.5:8080", "orders.internal:443"} == found.allow_hosts
    assert "smtps://user:pass@mail.example" == found.smtp_url  # the path counts from where the file stands
    assert found.model is not None
    assert "ollama:qwen" == found.model.model


def test_a_variable_comes_before_the_file_however_it_is_given(file: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("postgresql://other.example/acme")
    given = {
        "OVERTURE_CONFIG": str(file),
        "OVERTURE_DATABASE_URL_FILE": str(tmp_path / "other"),
        "OVERTURE_SMTP_URL": "smtps://other.example",
    }

    found = read_settings(given)
    assert "postgresql://other.example/acme" == found.database_url
    assert "smtps://other.example" == found.smtp_url
    assert "sqlite:///chosen.db" == read_settings(given, database_url="sqlite:///chosen.db").database_url


def test_the_file_where_a_process_is_started_is_read_by_itself(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    for name in NAMES | {"OVERTURE_CONFIG"}:
        monkeypatch.delenv(name, raising=False)

    assert 500 == read_settings().rate_limit


def test_without_a_file_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert {"OVERTURE_MODEL": "x:y"} == environment({"OVERTURE_MODEL": "x:y"})


@pytest.mark.parametrize(
    ("written", "field", "says"),
    [
        ('smpt_url = "smtp://x"', "smpt_url", "there is no setting “smpt_url”. Did you mean “smtp_url”?"),
        ('SMTP_URL = "smtp://x"', "SMTP_URL", "Did you mean “smtp_url”?"),
        ("rate_limit = true", "rate_limit", "is a text, a whole number or a list of texts"),
        ("[model]\nkey = 'x'", "model", "is a text, a whole number or a list of texts"),
        ("rate_limit = ", "OVERTURE_CONFIG", "is no TOML: Invalid value"),
        ('rate_limit = "many"', "OVERTURE_RATE_LIMIT", "must be a whole number above 0, not “many”"),
        ('smtp_url_file = "nowhere"', "OVERTURE_SMTP_URL_FILE", "cannot be read (No such file or directory)"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, written: str, field: str, says: str) -> None:
    path = tmp_path / "overture.toml"
    path.write_text(written)

    with pytest.raises(BadSetting) as refused:
        read_settings({"OVERTURE_CONFIG": str(path)})

    assert field == refused.value.field
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("OVERTURE_DATABSE_URL", "Did you mean OVERTURE_DATABASE_URL?"),
        ("OVERTURE_SMPT_URL_FILE", "Did you mean OVERTURE_SMTP_URL?"),
        ("OVERTURE_PORT", "OVERTURE_PORT is no setting, so it does nothing."),
    ],
)
def test_a_variable_that_does_nothing_is_told(name: str, says: str) -> None:
    known = dict.fromkeys(NAMES, "x") | {
        "OVERTURE_DKIM_KEY_FILE": "x",
        "OVERTURE_SECRET_SHOP_API_FILE": "x",
    }

    (told,) = mistyped({**known, "OVERTURE_CONFIG": "x", "PATH": "x", name: "x"})

    assert told.startswith(name)
    assert told.endswith(says)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(BadSetting, match=r"OVERTURE_CONFIG: /nowhere\.toml cannot be read"):
        read_settings({"OVERTURE_CONFIG": "/nowhere.toml"})


def test_it_knows_every_setting_that_is_written_about() -> None:
    written = {name.strip("`") for name, _, _ in rows(page("docs/reference/settings.md"), "# Settings")}

    assert NAMES == {name for name in written if not name.endswith("…")} - {"OVERTURE_CONFIG"}
