"""What a test expects of an answer of the lab, compared whole so that a failure shows all of it."""

from dataclasses import dataclass

from lab.scene import Answer, Scene

__all__ = ["Case", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A scene and its answer by the contract.

    `verdict` may list several codes where chance decides. `suggested` is `587 starttls`, nothing
    for null. `findings` must be among those of the document, and `absent` must not. `port` and
    `security` are the target's; None: not looked at. `said` stands in some evidence.
    """

    scene: Scene
    verdict: str
    suggested: str = ""
    findings: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    port: int | None = None
    security: str | None = None
    said: str = ""


def check(case: Case, answer: Answer) -> None:
    """Insists on the verdict, its severity and exit code, the suggestion and the findings."""
    document = answer.document
    found = {
        "verdict": document["verdict"]["code"],
        "suggested": _setting(document["suggested"]),
        "exit": answer.code,
    }
    severity = document["verdict"]["severity"]
    wanted = {
        "verdict": case.verdict,
        "suggested": case.suggested,
        "exit": 0 if severity in {"ok", "warning"} else 1,
    }
    assert found == wanted, _story(document)
    codes = {finding["code"] for finding in document["findings"]}
    assert case.findings | {case.verdict} <= codes, _story(document)
    assert not case.absent & codes, _story(document)
    if case.port is not None:
        assert document["target"]["port"] == case.port
    if case.security is not None:
        assert document["target"]["security"] == case.security
    words = [
        str(value) for finding in document["findings"] for value in finding["evidence"].values()
    ]
    assert any(case.said in word for word in words) or not case.said, words


def _setting(suggested: dict[str, object] | None) -> str:
    return f"{suggested['port']} {suggested['security']}" if suggested is not None else ""


def _story(document: dict[str, object]) -> str:
    """The findings and what became of each stage, a line each."""
    findings, stages = document["findings"], document["stages"]
    assert isinstance(findings, list)
    assert isinstance(stages, list)
    lines = [f"{one['code']}: {one['evidence']}" for one in findings]
    lines += [
        f"{one['address']} {one['port']} {one['name']} {one['status']} {one['ms']} {one['detail']}"
        for one in stages
        if one["status"] != "skipped"
    ]
    return "\n".join(lines)
