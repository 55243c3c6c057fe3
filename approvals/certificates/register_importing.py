"""证书登记导入: what certification.imports needs to know to take over a register of certificates.

The provincial acceptance clerk does it (rules 4a: acceptance, reconciliation): somebody who works with people's data
every day and decides nothing. Not the administrator, whose reach ends before people's data; not reviewers, decision
makers or the head, who would judge or approve by what they entered themselves.

Sound rows may be taken over without the wrong ones: a register is not handed in by a day, and one wrong row of ten
thousand must not keep the others from being found at the next renewal. The page says so before anything is saved.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.urls import reverse

from certification.imports.models import Import
from certification.imports.purposes import Change, Judgement, Purpose, Saved
from certification.imports.states import Standing
from certification.people.models import RegisterImport, mask
from certification.people.register_checks import COLUMN_NAMES, SAID, Outcome, Row, check_register, shown
from certification.people.register_columns import register_columns
from certification.people.register_import import take_over
from certification.refusals import Incomplete, Problem
from certification.spreadsheets.columns import Record
from certification.workflow import log

IMPORT = "approvals.import_register"
VIEW = "approvals.view_register_imports"
_STANDINGS = {
    Outcome.NEW: Standing.NEW,
    Outcome.RENEWED: Standing.CHANGED,
    Outcome.CHANGED: Standing.CHANGED,
    Outcome.UNCHANGED: Standing.SAME,
    Outcome.KEPT: Standing.SAME,
}
_NUMBERS = ("number", "document_number", "phone")
KEPT_FINDINGS = 5_000


def judge(import_: Import, records: Sequence[Record], today: date) -> Judgement:
    """What the rows come to, against the register as it is."""
    check = check_register(records, today=today)
    counts = check.counts
    notes = []
    if counts[Outcome.KEPT]:
        kept = f"{counts[Outcome.KEPT]} 行与登记簿不一致而不覆盖（列在“请核对”中）"
        notes.append(f"{kept}：本系统核发的证书不因导入改变。")
    if counts[Outcome.RENEWED]:
        notes.append(f"变更中有 {counts[Outcome.RENEWED]} 行是换证：原证书记为已换证，新证书另行登记。")
    return Judgement(
        problems=check.problems,
        warnings=check.findings,
        standings={row.number: _STANDINGS[row.outcome] for row in check.rows},
        changes={row.number: _changes(row) for row in check.of(Outcome.CHANGED, Outcome.RENEWED)},
        notes=notes,
        basis={"wrong": sorted({problem.row for problem in check.problems})},
    )


def save(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    """Take over every sound row; raises Incomplete where rows became wrong since they were shown."""
    check = check_register(records, today=now.date())
    wrong = {problem.row for problem in check.problems}
    if wrong - set(import_.basis.get("wrong", ())):
        raise Incomplete(check.problems)
    upload = import_.files.select_related("file").order_by("number").first().file
    of = RegisterImport(
        file=upload,
        name=upload.name,
        rows=check.total,
        counts=check.counts,
        findings=[_kept(finding) for finding in check.findings[:KEPT_FINDINGS]],
        uploaded_by_id=import_.uploaded_by_id,
        uploaded_at=import_.uploaded_at,
        saved_by=actor,
        saved_at=now,
    )
    of._history_date = now
    of.save(force_insert=True)
    take_over(check, of, actor=actor, now=now)
    log([of], "import_register", actor=actor, now=now, detail=check.counts)
    return Saved(_sentence(check.counts), reverse("approvals:register_import", args=[of.pk]), check.counts)


def _sentence(counts: dict[str, int]) -> str:
    parts = [f"{outcome.label} {counts[outcome]}" for outcome in Outcome if counts[outcome]]
    return f"证书登记已导入：{'，'.join(parts)}。"


def _changes(row: Row) -> list[Change]:
    different = [name for name in SAID if getattr(row.held, name) != row.said[name]]
    return [Change(COLUMN_NAMES[name], shown(getattr(row.held, name)), shown(row.said[name])) for name in different]


def _kept(finding: Problem) -> dict:
    """A finding as it is kept: numbers masked, for whoever reads it later did not type them."""
    value = mask(finding.value) if finding.field in _NUMBERS else finding.value
    told = replace(finding, value=value)
    return {name: getattr(told, name) for name in ("row", "column", "value", "code", "message")}


PURPOSE = Purpose(
    code="certificate_register",
    label="证书登记",
    unit="行",
    action=IMPORT,
    columns=lambda import_, today: register_columns(),
    judge=judge,
    save=save,
    shown=("name", "number", "job_type", "valid_from", "valid_until", "state"),
    identify=("number",),
    url=lambda import_: reverse("approvals:register_imports"),
    title=lambda import_: "证书登记导入",
    save_label="导入无误的行",
    whole=False,
)
