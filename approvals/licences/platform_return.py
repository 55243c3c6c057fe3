"""The file that came back from the national platform, imported and reconciled: counts, names and scores against what
was sent, differences person by person (rules 8, 9). Until they agree nobody with a difference reaches the decision.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from django.urls import reverse
from simple_history.utils import bulk_create_with_history

from approvals.licences import platform_file
from approvals.models import LicenceApplicant, LicenceApplication, PlatformReceipt, PlatformReturn
from approvals.states import BatchState, LicenceState
from certification.imports.models import Import
from certification.imports.purposes import Change, Judgement, Purpose, Saved
from certification.imports.states import Standing
from certification.organisations import access
from certification.people.models import mask
from certification.refusals import Incomplete, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.rulebook.models import RuleEdition
from certification.spreadsheets.cleaning import clean_date, clean_decimal, clean_digits, clean_name, clean_text
from certification.spreadsheets.columns import Column, Record
from certification.workflow import lock, log

UPLOAD = "approvals.prepare_licences"
UNDECIDED = (LicenceState.SUBMITTED, LicenceState.CORRECTION, LicenceState.ACCEPTED)
SHOWN = 200
_SCORES, _DAYS = ("theory_score", "practical_score"), ("theory_day", "practical_day")
_REQUIRED = ("name", "document_number")
# Words of a platform that did not take somebody.
_REFUSING = ("退回", "不通过", "未通过", "失败", "驳回", "不予")


def columns(import_: Import, today: date) -> list[Column]:
    """The columns of the edition's own map, as far as they are compared, and what the platform adds."""
    mapped = {column.get("source"): column["name"] for column in platform_file.columns(lookup.edition_on(today))}
    found = [
        Column(
            source,
            mapped[source],
            required=source in _REQUIRED,
            clean=_clean(source),
            text=source == "document_number",
        )
        for source in platform_file.COMPARED
        if source in mapped
    ]
    number = Column("receipt", "平台编号", ("平台回执号", "业务流水号", "受理号"), required=False, text=True)
    standing = Column("standing", "平台状态", ("受理状态", "审核状态", "处理结果"), required=False)
    return [*found, number, standing]


def judge(import_: Import, records: Sequence[Record], today: date) -> Judgement:
    """Differences are no mistakes of the file: they are shown, and kept."""
    file = _Returned(_batch(import_), records)
    missing = [str(row) for row in file.missing()]
    notes = [f"申请 {len(file.applicants)} 人，文件 {len(records)} 行，对应 {len(file.found)} 人。"]
    if missing:
        shown = "、".join(missing[:10]) + ("等" if len(missing) > 10 else "")
        notes.append(f"文件中没有的申请人 {len(missing)} 人：{shown}。")
    standings, changes = {}, {}
    for record, applicant in file.found:
        apart = _apart(_said(record), record["standing"], applicant)
        standings[record.row] = Standing.CHANGED if apart else Standing.SAME
        changes[record.row] = [Change(one["field"], one["sent"], one["held"]) for one in apart]
    return Judgement(problems=file.problems, warnings=file.strangers, standings=standings, changes=changes, notes=notes)


def save(import_: Import, records: Sequence[Record], *, actor, now) -> Saved:
    """Keep what the platform says of each person; raises Incomplete where rows are wrong now."""
    batch = _batch(import_)
    access.require(actor, UPLOAD)
    access.require_own(actor, batch.organiser_id)
    lock(LicenceApplication.objects.filter(pk=batch.pk))
    file = _Returned(batch, records)
    if file.problems:
        raise Incomplete(file.problems)
    returned = PlatformReturn(
        batch=batch,
        file=import_.files.select_related("file").order_by("number").first().file,
        headcount=len(records),
        unknown=[f"{record['name']}（{mask(record['document_number'])}）" for record in file.unknown],
        uploaded_by=actor,
        uploaded_at=now,
    )
    returned._history_date = now
    returned.save(force_insert=True)
    receipts = [
        PlatformReceipt(
            returned=returned,
            applicant=applicant,
            number=(record["receipt"] or "")[:60],
            standing=(record["standing"] or "")[:60],
            said=_said(record),
        )
        for record, applicant in file.found
    ]
    bulk_create_with_history(receipts, PlatformReceipt, default_user=actor, default_date=now)
    different, missing = sum(bool(differences(row, row.applicant)) for row in receipts), len(file.missing())
    numbers = {"persons": len(receipts), "different": different, "missing": missing, "unknown": len(file.unknown)}
    log([batch], "platform_returned", actor=actor, now=now, detail=numbers)
    counted = f"对应 {len(receipts)} 人，有差异 {different} 人，缺 {missing} 人，多 {len(file.unknown)} 人"
    sentence = f"平台返回文件已核对：{counted}。"
    return Saved(sentence, reverse("approvals:licence", args=[batch.pk]), numbers)


def latest_receipts(applicants: Iterable[LicenceApplicant]) -> dict[int, PlatformReceipt | None]:
    """What the last return that names each applicant says: id → receipt, None where no return of the application
    names the person; who is not in the answer has no return yet. Two queries."""
    applicants = list(applicants)
    returns = PlatformReturn.objects.filter(batch__in={row.batch_id for row in applicants})
    with_return = set(returns.order_by().values_list("batch", flat=True))
    receipts = PlatformReceipt.objects.filter(applicant__in=[row.pk for row in applicants]).order_by("pk")
    last = {receipt.applicant_id: receipt for receipt in receipts}
    return {row.pk: last.get(row.pk) for row in applicants if row.batch_id in with_return}


def differences(receipt: PlatformReceipt | None, applicant: LicenceApplicant) -> list[dict[str, str]]:
    """What keeps a person from the decision, as the check of scores and names keeps it: field by field, where the
    returned file had the column; that the platform did not take the person counts as one."""
    if receipt is None:
        return [{"field": "平台返回文件", "sent": "已报送", "held": "没有此人"}]
    return _apart(receipt.said, receipt.standing, applicant)


def _apart(said: dict[str, str], standing: str | None, applicant: LicenceApplicant) -> list[dict[str, str]]:
    found = [
        {"field": f"平台返回的{platform_file.LABELS[name]}", "sent": applicant.sent.get(name, ""), "held": value}
        for name, value in said.items()
        if value != applicant.sent.get(name, "")
    ]
    if standing and any(word in standing for word in _REFUSING):
        found.append({"field": "平台状态", "sent": "已报送", "held": standing})
    return found


def _said(record: Record) -> dict[str, str]:
    return {name: record[name] or "" for name in platform_file.COMPARED if name in record.places}


def file_required(edition: RuleEdition) -> bool:
    """Whether nobody is decided on before the file that came back was compared."""
    return lookup.values("platform", "returned_file", edition)["required_before_decision"]


def waiting(user) -> list[tuple[LicenceApplicant, list[dict[str, str]]]]:
    """Persons that the returned files do not name, or not as they were sent; with the differences."""
    rows = LicenceApplicant.objects.visible_to(user).filter(
        batch__state=BatchState.SUBMITTED, state__in=UNDECIDED, batch__in=PlatformReturn.objects.values("batch")
    )
    related = ("batch", "candidate__application__person", "candidate__application__institution")
    rows = list(rows.select_related(*related).order_by("pk")[:SHOWN])
    receipts = latest_receipts(rows)
    found = ((row, differences(receipts[row.pk], row)) for row in rows)
    return [(row, apart) for row, apart in found if apart]


class _Returned:
    """The rows of a file beside the people of the application."""

    def __init__(self, batch: LicenceApplication, records: Sequence[Record]):
        rows = LicenceApplicant.objects.filter(batch=batch).select_related("candidate__application__person")
        self.applicants = {row.sent.get("document_number", ""): row for row in rows.order_by("pk")}
        self.problems: list[Problem] = []
        self.strangers: list[Problem] = []
        self.unknown: list[Record] = []
        self.found: list[tuple[Record, LicenceApplicant]] = []
        often = Counter(record["document_number"] for record in records)
        for record in records:
            self.problems += record.problems
            number = record["document_number"]
            if record.ok and often[number] > 1:
                self._say(self.problems, record, "同一证件号码在文件中出现多次。", "请只保留一行。")
            elif record.ok and number in self.applicants:
                self.found.append((record, self.applicants[number]))
            elif record.ok:
                self.unknown.append(record)
                self._say(self.strangers, record, "申请中没有此人。", "请与平台核实，不是本申请的不影响其他人。")

    def missing(self) -> list[LicenceApplicant]:
        named = {applicant.pk for _record, applicant in self.found}
        return [row for row in self.applicants.values() if row.pk not in named]

    @staticmethod
    def _say(to: list[Problem], record: Record, message: str, advice: str) -> None:
        number = record["document_number"]
        to.append(
            Problem(
                message, field="document_number", row=record.row, column="证件号码", value=mask(number), advice=advice
            )
        )


def _clean(source: str) -> Callable:
    if source in _SCORES:
        return lambda cell: f"{clean_decimal(cell).normalize():f}"
    if source in _DAYS:
        return lambda cell: f"{clean_date(cell):%Y-%m-%d}"
    return {"name": clean_name, "document_number": clean_digits}.get(source, clean_text)


def _batch(import_: Import) -> LicenceApplication:
    return LicenceApplication.objects.get(pk=import_.subject_id)


def _closed(import_: Import, now) -> Refusal | None:
    if _batch(import_).state == BatchState.SUBMITTED:
        return None
    return WrongState("发证许可申请尚未提交，没有平台返回文件。", advice="请先在平台提交并填写回执号。")


PURPOSE = Purpose(
    code="platform_return",
    label="平台返回文件",
    unit="行",
    action=UPLOAD,
    columns=columns,
    judge=judge,
    save=save,
    shown=("name", "document_number", "theory_score", "practical_score", "standing"),
    identify=("document_number", "name"),
    url=lambda import_: reverse("approvals:licence", args=[import_.subject_id]),
    title=lambda import_: f"{_batch(import_).number}平台返回文件",
    save_label="保存核对结果",
    closed=_closed,
)
