"""JSON documents as the contract has them."""

from collections.abc import Mapping

from bot.desk.inquiry import CheckReport
from bot.diagnosis.mailbox import MailSettings
from bot.diagnosis.words import summary
from bot.knowledge.schema import ProviderServer
from bot.model.codes import Code, Severity, severity_of
from bot.model.complaint import Complaint
from bot.model.diagnosis import Advice, Cause
from bot.model.foreign import printable
from bot.model.target import Security, Setting, Unusable
from bot.transports.terminal.stages import milliseconds, stage_row

__all__ = [
    "REFUSED",
    "Json",
    "check_document",
    "exit_code",
    "parse_document",
    "refusal_document",
]

Json = dict[str, object]

REFUSED = 2  # the exit code of a request that was bad or refused
_REFUSED = frozenset(
    {Code.POLICY_ADDRESS_NOT_ALLOWED, Code.POLICY_PORT_NOT_ALLOWED, Code.DNS_INVALID_NAME}
)


def exit_code(code: Code, port: int | None) -> int:
    """0 healthy or a warning, 1 a problem or could not tell, 2 refused."""
    if code in _REFUSED:
        return REFUSED
    return 0 if severity_of(code, port) in {Severity.OK, Severity.WARNING} else 1


def check_document(report: CheckReport, texts: Mapping[str, str]) -> Json:
    """The document of a check that was run."""
    diagnosis, target = report.diagnosis, report.diagnosis.target
    return {
        "target": {
            "host": target.host if target is not None else None,
            "port": target.port if target is not None else None,
            "security": target.security if target is not None else Security.STARTTLS,
            "protocol": target.protocol if target is not None else "smtp",
            "stated": target.stated if target is not None else "",
        },
        "verdict": _verdict(report, texts),
        "findings": [
            _finding(note.code, note.severity, note.details, report, texts)
            for note in diagnosis.notes
        ],
        "advice": [_advice(advice) for advice in report.advice],
        "suggested": _setting(diagnosis.suggested),
        "settings": _settings(report.settings),
        "stages": [stage_row(seen) for seen in report.evidence.observations],
        "elapsed_ms": milliseconds(report.evidence.took),
    }


def refusal_document(
    refused: Unusable, advice: tuple[Advice, ...], texts: Mapping[str, str]
) -> Json:
    """The document of a target that could not be read or may not be asked for."""
    details = {"said": refused.said}
    if refused.host is not None:
        details["host"] = refused.host
    if refused.port is not None:
        details["port"] = str(refused.port)
    if refused.word:
        details["word"] = refused.word
    said = printable(summary(refused.code, details, texts))
    return {
        "target": {
            "host": refused.host,
            "port": refused.port,
            "security": Security.STARTTLS,
            "protocol": "smtp",
            "stated": refused.stated,
        },
        "verdict": {
            "code": refused.code,
            "severity": severity_of(refused.code),
            "summary": said,
            "confidence": 1.0,
        },
        "findings": [
            {
                "code": refused.code,
                "severity": severity_of(refused.code),
                "summary": said,
                "evidence": {"said": refused.said},
            }
        ],
        "advice": [_advice(entry) for entry in advice],
        "suggested": None,
        "settings": None,
        "stages": [],
        "elapsed_ms": 0.0,
    }


def _verdict(report: CheckReport, texts: Mapping[str, str]) -> Json:
    verdict = report.diagnosis.verdict
    port = report.diagnosis.target.port if report.diagnosis.target is not None else None
    return {
        "code": verdict.code,
        "severity": severity_of(verdict.code, port),
        "summary": printable(summary(verdict.code, report.diagnosis.details, texts)),
        "confidence": round(verdict.confidence, 3),
    }


def _finding(
    code: Code,
    severity: Severity,
    details: Mapping[str, str],
    report: CheckReport,
    texts: Mapping[str, str],
) -> Json:
    known = {**report.diagnosis.details, **details}
    return {
        "code": code,
        "severity": severity,
        "summary": printable(summary(code, known, texts)),
        "evidence": {name: printable(value) for name, value in details.items()},
    }


def _advice(advice: Advice) -> Json:
    steps = [line for step in advice.steps for line in (step.text, *step.details)]
    return {
        "id": advice.id,
        "title": advice.title,
        "steps": steps,
        "sources": [source.url or source.title for source in advice.sources],
    }


def _setting(setting: Setting | None) -> Json | None:
    if setting is None:
        return None
    return {"host": setting.host, "port": setting.port, "security": setting.security}


def _settings(settings: MailSettings | None) -> Json | None:
    if settings is None:
        return None
    return {
        "provider": settings.provider,
        "source": settings.source,
        "outgoing": [
            _server(server) | {"checked": server in settings.checked}
            for server in settings.outgoing
        ],
        "incoming": [
            _server(server) | {"checked": False, "protocol": server.protocol}
            for server in settings.incoming
        ],
    }


def _server(server: ProviderServer) -> Json:
    return {
        "host": server.host,
        "port": server.port,
        "security": server.security,
        "username": server.username,
        "auth": list(server.auth),
    }


def parse_document(
    line_id: object, complaint: Complaint, causes: tuple[Cause, ...], *, explain: bool = False
) -> Json:
    """What `mailmedic parse` answers for a line."""
    document: Json = {
        "id": line_id,
        "intent": complaint.intent,
        "host": complaint.host,
        "port": complaint.port,
        "email": complaint.address,
        "provider": complaint.provider,
        "client": complaint.client,
        "security": complaint.security,
        "codes": list(complaint.codes),
        "has_secret": bool(complaint.secrets),
        "lang": complaint.lang,
        "causes": [{"code": cause.code, "p": round(cause.confidence, 3)} for cause in causes[:5]],
    }
    if explain:
        document["because"] = [
            {"concluded": concluded, "phrase": phrase} for concluded, phrase in complaint.because
        ]
    return document
