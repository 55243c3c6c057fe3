"""Answering a correction notice item by item: drafts are kept, nothing goes back before every item is answered, and
who received the notice and fetched its letter is on record (回执).

An exam application goes back through ``exams.applications.applying.answer_correction``, a licence application with the
platform file that is sent again (``licensing.send_again``); both ask ``correcting`` whether everything is answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Model

from approvals.models import CorrectionItem, CorrectionNotice, LicenceApplicant
from approvals.states import NoticeState
from certification.organisations import access
from certification.records import bulk
from certification.records.models import StoredFile
from certification.refusals import Problem, WrongState
from certification.workflow import activity, lock, log
from exams.applications import applying
from exams.materials import papers
from exams.models import ExamApplication, Material

ANSWER = "approvals.answer_corrections"
VIEW = "approvals.view_corrections"
FIELDS = ("answer", "statement", "paper", "file", "answered_by", "answered_at")
Kind = CorrectionItem.Answer


@dataclass(frozen=True)
class Given:
    """What is said to one item: how, in which words, with which file (its content and name) where one came along."""

    answer: str
    statement: str = ""
    content: bytes | None = None
    name: str = ""


@activity
def save(*, actor, now, notice_id: int, given: Mapping[int, Given]) -> dict[int, Problem]:
    """Keep drafts: item id → what is said. What cannot be an answer yet is returned, item by item, and its words are
    kept all the same.

    Raises NotPermitted, DoesNotExist, WrongState where the notice is not open any more, and for files what
    ``exams.materials.papers`` and ``applying.attach_material`` raise (NeedsCrop for a photo of other proportions).
    """
    access.require(actor, ANSWER)
    notice = CorrectionNotice.objects.visible_to(actor).get(pk=notice_id)
    access.require_own(actor, notice.addressee_id)
    subject = _locked_subject(notice)
    notice = require_open(notice)
    items = lock(CorrectionItem.objects.filter(notice=notice, pk__in=list(given)))
    stored = {item.pk: _take_file(item, given[item.pk], subject, actor, now) for item in items}
    fresh = fresh_papers(notice)
    problems = {}
    for item in items:
        if problem := _set(item, given[item.pk], stored[item.pk], fresh, actor, now):
            problems[item.pk] = problem
    if items:
        bulk.change(items, FIELDS, actor=actor, at=now, reason="答复草稿")
    return problems


@activity
def submit(*, actor, now, notice_id: int) -> ExamApplication:
    """Send the exam application back with everything answered. Raises what ``applying.answer_correction`` raises,
    Refusal ``not_answered`` where an item is left, WrongState where the notice is not open any more."""
    access.require(actor, ANSWER)
    notice = CorrectionNotice.objects.visible_to(actor).get(pk=notice_id)
    access.require_own(actor, notice.addressee_id)
    if notice.application_id is None:
        raise WrongState("发证许可申请的补正随平台文件重新报送，请在申请页面办理。")
    _locked_subject(notice)
    require_open(notice)
    return applying.answer_correction(actor=actor, now=now, application_id=notice.application_id)


@activity
def note_seen(*, actor, now, notice_id: int) -> None:
    """The addressee has the notice before their eyes: its receipt, noted once. Others who look leave no trace here."""
    _note(notice_id, "seen_by", "seen_at", "see_notice", actor=actor, now=now)


@activity
def note_fetched(*, actor, now, notice_id: int) -> None:
    """The addressee fetched the letter: noted once."""
    _note(notice_id, "fetched_by", "fetched_at", "fetch_letter", actor=actor, now=now)


def require_open(notice: CorrectionNotice) -> CorrectionNotice:
    """The notice locked and freshly read; raises WrongState, saying what became of it, where it is not open."""
    (fresh,) = lock(CorrectionNotice.objects.filter(pk=notice.pk))
    if fresh.state != NoticeState.OPEN:
        raise WrongState(
            f"补正通知书{fresh.number}{_became(fresh)}，不能再答复。", advice="请刷新页面，查看申报现在的状态。"
        )
    return fresh


def fresh_papers(notice: CorrectionNotice) -> dict[str, Material]:
    """The papers that came in after the notice and stand now, by kind."""
    if notice.application_id is None:
        return {}
    rows = Material.objects.filter(
        application=notice.application_id, replaced_at__isnull=True, submitted_at__gte=notice.made_at
    )
    return {row.kind: row for row in rows.select_related("file")}


def new_paper(item: CorrectionItem, fresh: dict[str, Material]) -> Material | None:
    """The paper among ``fresh_papers`` that came in for ``item``."""
    found = fresh.get(item.material)
    return found if found and found.pk > (item.was_id or 0) else None


def _locked_subject(notice: CorrectionNotice) -> Model:
    """The case before its notice, as everywhere."""
    if notice.application_id:
        (found,) = lock(ExamApplication.objects.filter(pk=notice.application_id))
    else:
        (found,) = lock(LicenceApplicant.objects.filter(pk=notice.applicant_id))
    return found


def _take_file(item: CorrectionItem, given: Given, subject: Model, actor, now) -> StoredFile | None:
    """Keep a file that came along: as the paper that the item is about, or with the item where it is about none."""
    if given.answer != Kind.PAPER or given.content is None:
        return None
    if item.material:
        applying.attach_material(
            actor=actor,
            now=now,
            application_id=subject.pk,
            kind=item.material,
            content=given.content,
            name=given.name,
        )
        return None
    file = papers.sound(given.content, given.name)
    return StoredFile.store(
        file.content,
        name=f"{item.label}.{papers.ENDINGS[file.media_type]}",
        media_type=file.media_type,
        owner=item,
        actor=actor,
        now=now,
        scan=file.scan,
    )


def _set(item: CorrectionItem, given: Given, stored: StoredFile | None, fresh: dict[str, Material], actor, now):
    """Write the answer onto ``item``; where it is none yet only its words are kept, and the problem is returned."""
    item.statement = given.statement.strip()
    item.answered_by, item.answered_at = actor, now
    item.paper = new_paper(item, fresh) if given.answer == Kind.PAPER else None
    item.file = (stored or item.file) if given.answer == Kind.PAPER else None
    problem = _problem(item, given.answer)
    item.answer = "" if problem else given.answer
    return problem


def _problem(item: CorrectionItem, answer: str) -> Problem | None:
    if not answer:
        return None
    if answer == Kind.PAPER and not (item.paper or item.file):
        return Problem(f"第{item.position}项：请上传新的{item.label}。", code="no_paper", field="file")
    if answer == Kind.STATEMENT and not item.statement:
        return Problem(f"第{item.position}项：请写明更正或者说明的内容。", code="no_statement", field="statement")
    if answer == Kind.NOT_APPLICABLE and not item.statement:
        return Problem(f"第{item.position}项：请写明不适用的理由。", code="no_reason", field="statement")
    return None


def _note(notice_id: int, by: str, at: str, name: str, *, actor, now) -> None:
    rows = CorrectionNotice.objects.visible_to(actor).filter(pk=notice_id, **{f"{at}__isnull": True})
    if actor.is_system or not access.may(actor, ANSWER):
        return
    for notice in lock(rows.filter(addressee=actor.organisation_id)):
        setattr(notice, by, actor)
        setattr(notice, at, now)
        notice.save(update_fields=[by, at])
        log([notice], name, actor=actor, now=now)


def _became(notice: CorrectionNotice) -> str:
    return {
        NoticeState.ANSWERED: "已经答复",
        NoticeState.WITHDRAWN: "已由告知单位撤回",
        NoticeState.ENDED: "因申报终止而结束",
    }[NoticeState(notice.state)]
