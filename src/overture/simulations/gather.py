"""Find what a simulation file needs: the procedures, connectors and articles that lie around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from overture.base.errors import Error
from overture.base.yaml_lines import FileProblems
from overture.knowledge.importers.folder import SUFFIXES as ARTICLES
from overture.knowledge.importers.folder import read_folder
from overture.knowledge.model import ArticleFile
from overture.procedures.publish import File, Finding, Refused
from overture.simulations import file as simulation_file
from overture.simulations.model import Simulation
from overture.simulations.stage import World

SUFFIXES = (".yaml", ".yml")


class NoSimulations(Error):
    """There is no simulation there."""


class NotThere(Error):
    """A simulation uses files that are not there."""


@dataclass(frozen=True)
class Gathered:
    """Simulation files that are played in the same world."""

    world: World
    simulations: Mapping[str, Simulation]


def gather(paths: Iterable[Path]) -> list[Gathered]:
    """The simulations in these files and folders, with what each uses.

    That is what its `uses` names, as seen from its folder; else everything in its folder, or in the one above where
    it lies in a folder called `simulations`. Raises `Refused` with every file that cannot be read.
    """
    found: dict[tuple[Path, ...], dict[str, Simulation]] = {}
    findings: list[Finding] = []
    for path in _simulation_files(paths):
        try:
            simulation = simulation_file.read(_bytes(path))
        except FileProblems as wrong:
            findings += [Finding(str(path), problem) for problem in wrong.problems]
            continue
        places = _places(path, simulation)
        found.setdefault(places, {})[str(path)] = simulation
    if findings:
        raise Refused(findings)
    if not found:
        named = ", ".join(str(path) for path in paths)
        raise NoSimulations(
            f"There is no simulation in {named}. A simulation is a file that begins with “simulation: …”."
        )
    return [Gathered(world_at(places), simulations) for places, simulations in found.items()]


def world_at(places: Iterable[Path]) -> World:
    """The procedures, connectors and articles in these files and folders."""
    files: dict[Path, File] = {}
    articles: dict[str, ArticleFile] = {}
    for place in places:
        for path in _yaml_files(place) if place.is_dir() else [place]:
            content = _bytes(path)
            if not simulation_file.is_simulation(content):
                files.setdefault(path.resolve(), File(str(path), content))
        if place.is_dir() and any(one.suffix.lower() in ARTICLES for one in _shown(place)):
            for article in _articles(place):
                articles.setdefault(article.source, article)
    return World(tuple(files.values()), tuple(articles.values()))


def _articles(place: Path) -> list[ArticleFile]:
    """Those in a folder called `articles`, or in one that was named itself."""
    folders = [one for one in [place, *_shown(place)] if one.is_dir() and one.name == "articles"]
    return [article for folder in folders or [] for article in read_folder(folder)]


def _places(path: Path, simulation: Simulation) -> tuple[Path, ...]:
    folder = path.resolve().parent
    if not simulation.uses:
        return (folder.parent if folder.name == "simulations" else folder,)
    places = tuple((folder / one).resolve() for one in simulation.uses)
    for name, place in zip(simulation.uses, places, strict=True):
        if not place.exists():
            raise NotThere(f"{path}: “{name}” under “uses” is not there.", field="uses")
    return places


def _simulation_files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.is_dir():
            found.setdefault(path.resolve(), path)
            continue
        for one in _yaml_files(path):
            if simulation_file.is_simulation(_bytes(one)):
                found.setdefault(one.resolve(), one)
    return list(found.values())


def _yaml_files(folder: Path) -> list[Path]:
    return [path for path in _shown(folder) if path.suffix.lower() in SUFFIXES and path.is_file()]


def _shown(folder: Path) -> list[Path]:
    """Everything below a folder that is not hidden."""
    return sorted(
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(folder).parts)
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotThere(f"{path} cannot be read: {error.strerror}.", field=str(path)) from None
