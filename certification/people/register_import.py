"""Taking over a checked register: persons and certificates, each with its history and where it came from.

Not an activity: called inside the transaction of the job that locked the import.
"""

from collections import defaultdict

from certification.people.models import Certificate, CertificateState, RegisterImport
from certification.people.register import find_or_register_all
from certification.people.register_checks import SAID, Outcome, RegisterCheck, Row
from certification.people.states import CERTIFICATE_MACHINE
from certification.records import bulk
from certification.workflow import apply

# Which transition brings a valid certificate into the state that a register says.
_ENDS = {
    CertificateState.REPLACED: "replace",
    CertificateState.CANCELLED: "cancel",
    CertificateState.REVOKED: "revoke",
}
_BY_IMPORT = ("register_import", "register_row")


def take_over(check: RegisterCheck, of: RegisterImport, *, actor, now) -> None:
    """Write what the rows of ``check`` bring that the register does not have. Certificates that the check found must
    have been read in this transaction; raises IntegrityError where somebody else was quicker."""
    rows = check.rows
    source = f"证书登记导入“{of.name}”"
    registered = find_or_register_all([row.person for row in rows], now=now, actor=actor, source=source)
    persons = {row.number: one.person for row, one in zip(rows, registered, strict=True)}
    reason = f"{source}（第 {of.pk} 次）"[:100]
    _end(check.of(Outcome.RENEWED), "replace", reason, actor=actor, now=now)
    _change(check.of(Outcome.CHANGED), of, reason, actor=actor, now=now)
    new = [_certificate(row, persons[row.number], of) for row in check.of(Outcome.NEW, Outcome.RENEWED)]
    bulk.create(new, actor=actor, at=now, reason=reason)


_build = bulk.builder(
    Certificate,
    "person_id",
    "job_type_id",
    "job_type_code",
    "number",
    "source",
    "register_import_id",
    "register_row",
    "replaces_id",
    *SAID,
)


def _certificate(row: Row, person, of: RegisterImport) -> Certificate:
    replaces = row.held.pk if row.outcome is Outcome.RENEWED else None
    number = f"T{row.person.document_number}"
    said = (row.said[name] for name in SAID)
    job_type, source = row.job_type, Certificate.Source.IMPORTED.value
    return _build(person.pk, job_type.pk, job_type.code, number, source, of.pk, row.number, replaces, *said)


def _change(rows: list[Row], of: RegisterImport, reason: str, *, actor, now) -> None:
    """Bring imported certificates to what the rows say; where the state changes, by its transition."""
    ending: dict[str, list[Row]] = defaultdict(list)
    staying: list[Certificate] = []
    for row in rows:
        if not any(getattr(row.held, name) != row.said[name] for name in SAID):
            continue
        if row.said["state"] != row.held.state:
            ending[_ENDS[CertificateState(row.said["state"])]].append(row)
            continue
        staying.append(_said(row, of))
    bulk.update(staying, [*_but_state(), *_BY_IMPORT], actor=actor, at=now, reason=reason)
    for name, ended in ending.items():
        by_key = {row.held.pk: row for row in ended}
        _end(
            ended,
            name,
            reason,
            actor=actor,
            now=now,
            change=lambda held, by_key=by_key: _said(by_key[held.pk], of),
            fields=(*_but_state(), *_BY_IMPORT),
        )


def _end(rows: list[Row], name: str, reason: str, *, actor, now, **kwargs) -> None:
    held = [row.held for row in rows]
    apply(
        CERTIFICATE_MACHINE,
        name,
        held,
        actor=actor,
        now=now,
        reason=reason,
        detail={"clause": "证书登记导入"},
        **kwargs,
    )


def _said(row: Row, of: RegisterImport) -> Certificate:
    for name in _but_state():
        setattr(row.held, name, row.said[name])
    row.held.register_import, row.held.register_row = of, row.number
    return row.held


def _but_state() -> list[str]:
    return [name for name in SAID if name != "state"]
