"""Ready procedures to begin with: each a folder with its procedure, connectors with mocks, articles and simulations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import overture
from overture.base.errors import Error, NotFound
from overture.base.yaml_lines import suggestion
from overture.connectors import store as connectors
from overture.db.database import Transaction
from overture.procedures import file, publish, store
from overture.procedures.publish import File, Result
from overture.workspaces.audit import SYSTEM, Actor

PARTS = ("procedures", "connectors", "articles", "simulations")


class TemplatesMissing(Error):
    """The templates did not come with this installation. Install Overture again."""


class TemplateNotFound(NotFound):
    """There is no such template."""


class TemplateTaken(Error):
    """The workspace has a procedure or connector of this name already."""

    status = 409
    code = "conflict"


@dataclass(frozen=True)
class Template:
    """A ready procedure. `name` is its folder's."""

    name: str
    title: str
    when_to_use: str
    folder: Path

    def files(self) -> dict[str, bytes]:
        """All of its files, by their path in the folder."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for part in PARTS
            for path in sorted((self.folder / part).glob("*"))
            if path.is_file()
        }

    def pushed(self) -> list[File]:
        """What goes into a database: its connectors and its procedure."""
        return [
            File(name, content)
            for name, content in self.files().items()
            if name.startswith(("connectors/", "procedures/"))
        ]


def all_templates() -> list[Template]:
    """Raises `TemplatesMissing`."""
    return [_template(one) for one in sorted(_folder().iterdir()) if (one / "procedures").is_dir()]


def template(name: str) -> Template:
    """Raises `TemplateNotFound` or `TemplatesMissing`."""
    known = {one.name: one for one in all_templates()}
    if name not in known:
        raise TemplateNotFound(
            f"There is no template “{name[:64]}”.{suggestion(name, known)} There are {', '.join(known)}.",
            field="template",
        )
    return known[name]


def use(tx: Transaction, chosen: Template, *, by: Actor = SYSTEM, now: datetime) -> Result:
    """Make a draft of its procedure, and its connectors. Raises `TemplateTaken`, and nothing is changed then."""
    given = publish.read_files(chosen.pushed())
    taken = [key for key in given.procedures if store.find(tx, key) is not None]
    for key, (one, _) in given.connectors.items():
        there = connectors.source_of(tx, key)
        if there is not None and there != one.source:
            taken.append(key)
    if taken:
        raise TemplateTaken(
            f"The workspace has {' and '.join(f'“{key}”' for key in taken)} already, and it was left as it is. "
            f"Take the template as files (--out), and give them other names.",
            field="template",
        )
    return publish.push(tx, chosen.pushed(), by=by, now=now)


def _template(folder: Path) -> Template:
    (path,) = (folder / "procedures").glob("*.yaml")
    procedure = file.read(path.read_bytes())
    return Template(folder.name, procedure.name, procedure.when_to_use, folder)


def _folder() -> Path:
    """Inside the installed package, or beside it in a checkout."""
    package = Path(overture.__file__).parent
    for place in (package / "examples" / "templates", package.parent.parent / "examples" / "templates"):
        if place.is_dir():
            return place
    raise TemplatesMissing
