"""`mailmedic knowledge check` on the screen and as JSON."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from bot.knowledge.schema import Knowledge
from bot.model.codes import Severity
from bot.transports.terminal.documents import Json

__all__ = ["FaultLine", "faults_document", "show_faults"]

FaultLine = tuple[Severity, str]  # how bad, and file, key, problem and cure in a line


def faults_document(knowledge: Knowledge, faults: Sequence[FaultLine]) -> Json:
    """What was found, problems first."""
    return {
        "version": knowledge.version,
        "faults": [{"severity": severity, "text": text} for severity, text in faults],
    }


def show_faults(knowledge: Knowledge, faults: Sequence[FaultLine], console: Console) -> None:
    """Prints a line for each fault, then what there is."""
    styles = {Severity.PROBLEM: "red", Severity.WARNING: "yellow"}
    for severity, text in faults:
        console.print(Text.assemble((f"{severity}  ", styles.get(severity, "")), text))
    counted = {
        "trees": len(knowledge.trees),
        "questions": len(knowledge.questions),
        "rules": len(knowledge.rules),
        "decoders": len(knowledge.decoders),
        "advice": len(knowledge.advice),
        "clients": len(knowledge.clients),
        "providers": len(knowledge.providers),
        "FAQ entries": len(knowledge.faq),
        "phrases": sum(len(phrase.say) for phrase in knowledge.lexicon.phrase),
    }
    console.print(", ".join(f"{count} {name}" for name, count in counted.items()))
    problems = sum(severity is Severity.PROBLEM for severity, _ in faults)
    console.print(f"{problems} problems, {len(faults) - problems} warnings")
