"""The report of simulations as JUnit XML, which CI systems read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as xml

from overture.simulations.play import Played, Rehearsed, Report

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def written(report: Report) -> bytes:
    """One suite a file, one test case a conversation; what was said stands in its output."""
    cases = report.cases
    root = xml.Element("testsuites", _counts(cases, report.seconds) | {"name": "overture simulations"})
    for file in report.files:
        _suite(root, file)
    xml.indent(root)
    text: bytes = xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: xml.Element, file: Rehearsed) -> None:
    seconds = sum(one.seconds for one in file.cases)
    suite = xml.SubElement(root, "testsuite", _counts(file.cases, seconds) | {"name": _fit(file.file)})
    for played in file.cases:
        one = xml.SubElement(
            suite,
            "testcase",
            {
                "classname": file.simulation.procedure,
                "name": _fit(played.case.name),
                "file": _fit(file.file),
                "line": str(played.case.line),
                "time": f"{played.seconds:.3f}",
            },
        )
        if played.skipped:
            xml.SubElement(one, "skipped", {"message": _fit(played.skipped)})
        for failure in played.failures:
            shown = xml.SubElement(one, "failure", {"message": _fit(failure.message)})
            shown.text = _fit(f"{file.file}:{failure.line}: {failure.message}")
        if played.talk:
            out = xml.SubElement(one, "system-out")
            out.text = _fit("\n".join(f"{said.author}: {said.text}" for said in played.talk))


def _counts(cases: list[Played] | tuple[Played, ...], seconds: float) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(bool(one.failures) for one in cases)),
        "errors": "0",
        "skipped": str(sum(one.skipped is not None for one in cases)),
        "time": f"{seconds:.3f}",
    }


def _fit(text: str) -> str:
    return _UNWRITABLE.sub("�", text)
