"""学员名单: submitting the roster of a class, version after version, until it closes [三(二)1].

INITIAL: by class start, that day included (rule ``roster``). For PERIODIC_REVIEW and RENEWAL the applications are
the roster; the upload makes the trainees whom they are for, and is open until the class ends.
"""

from collections.abc import Sequence

from django.contrib.contenttypes.models import ContentType
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import admissions, ledger
from certification.deadlines.due import Due, require_in_time
from certification.organisations import access
from certification.people.register import PersonData, find_or_register_all
from certification.records.content import CSV
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Refusal, TooLate, WrongState
from certification.spreadsheets.columns import Record
from certification.workflow import activity, apply, lock, log
from training.cases import locked_plan
from training.filing import ROSTER
from training.models import PlanReceipt, Roster, Trainee, TrainingPlan
from training.notifying import tell_roster_submitted
from training.receipts import issue_roster_receipts
from training.roster_checks import RosterCheck, check_roster
from training.states import TRAINEE, PlanState

SUBMIT = "training.submit_rosters"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAID_BY_ROSTER = ("education", "employer", "position", "phone", "female_class", "certificate")


class NothingChanged(Refusal):
    """The same file again: the roster stands as it was submitted."""

    code = "nothing_changed"


@activity
def keep_upload(*, actor, now, plan_id: int, content: bytes, name: str, media_type: str) -> StoredFile:
    """Keep a readable upload with its plan until it is submitted, so that it need not be sent twice: not even where
    it came too late and waits for a late admission.

    Raises as ``submit_roster`` does for the plan, and NothingChanged for the file of the current version.
    """
    access.require(actor, SUBMIT)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    require_standing(plan)
    stored = StoredFile.store(content, name=name, media_type=media_type, owner=plan, actor=actor, now=now)
    _require_news(plan, stored)
    return stored


@activity
def submit_roster(*, actor, now, plan_id: int, records: Sequence[Record], file: StoredFile | None = None) -> Roster:
    """Submit ``records`` (as ``roster_columns`` parsed them) as the class's next roster version.

    All or nothing: raises Incomplete with every problem of every row, TooLate after class start, WrongState where
    the class does not stand, NothingChanged for the same file on the same version, NotPermitted, NotFound. Persons
    go to the register, trainees follow the new version, each recipient of the plan gets a receipt.
    """
    access.require(actor, SUBMIT)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    in_time = require_open(plan, now=now)
    if file is not None:
        _require_news(plan, file)
    check = check_roster(plan, records, today=clock.day_of(now))
    if check.problems:
        raise Incomplete(check.problems)
    roster = _write_roster(plan, records, file, actor=actor, now=now)
    _follow(roster, check, actor=actor, now=now)
    recipients = [receipt.recipient for receipt in _plan_receipts(plan)]
    issue_roster_receipts(roster, recipients, actor=actor, now=now)
    ledger.meet(ROSTER, [plan], now=now, actor=actor)
    admissions.use([in_time], actor=actor, now=now)
    detail = {"version": roster.version, "headcount": roster.headcount}
    log([plan], "submit_roster", actor=actor, now=now, detail=detail)
    tell_roster_submitted(roster, recipients, now=now)
    return roster


def require_open(plan: TrainingPlan, *, now) -> Due | None:
    """Raise WrongState where the class does not stand, TooLate where its roster is closed; for INITIAL the answer is
    the due date, with the late admission by which the roster is open again."""
    require_standing(plan)
    if plan.kind == ApplicationKind.INITIAL:
        return require_in_time(ROSTER, plan.class_start, now=now, edition=plan.rule_edition, subject=plan)
    if now >= clock.end_of(plan.class_end):
        raise TooLate(f"“{plan}”已结班，名单不再变更。", due_on=plan.class_end)
    return None


def require_standing(plan: TrainingPlan) -> None:
    """Raise WrongState where the class does not stand, so that it has no roster."""
    if plan.state == PlanState.RETURNED:
        raise WrongState(f"“{plan}”已被退回，暂不能报送名单。", advice="请先按退回意见修改并重新报备。")
    if not plan.is_standing:
        raise WrongState(f"“{plan}”{plan.get_state_display()}，不能报送名单。")


def current_roster(plan: TrainingPlan) -> Roster | None:
    """The latest version, or None."""
    return plan.rosters.select_related("file", "submitted_by__person").order_by("-version").first()


def kept_upload(plan: TrainingPlan) -> StoredFile | None:
    """The last upload that was kept and not submitted yet: it may wait for a late admission."""
    kept = StoredFile.objects.filter(owner_type=ContentType.objects.get_for_model(plan), owner_id=plan.pk)
    last = kept.filter(media_type__in=(SHEET, CSV)).order_by("-pk").first()
    latest = current_roster(plan)
    return last if last and not (latest and last.stored_at <= latest.submitted_at) else None


def _require_news(plan: TrainingPlan, file: StoredFile) -> None:
    latest = current_roster(plan)
    if latest and latest.file and latest.file.sha256 == file.sha256:
        raise NothingChanged(
            f"该文件与已报送的第 {latest.version} 版名单完全相同，没有重复提交。",
            advice="名单如有变化，请上传修改后的文件。",
        )


def _write_roster(plan: TrainingPlan, records: Sequence[Record], file, *, actor, now) -> Roster:
    latest = current_roster(plan)
    roster = Roster(
        plan=plan,
        version=latest.version + 1 if latest else 1,
        file=file,
        headcount=len(records),
        submitted_by=actor,
        submitted_at=now,
    )
    roster._history_date = now
    roster.save(force_insert=True)
    return roster


def _follow(roster: Roster, check: RosterCheck, *, actor, now) -> None:
    """Bring the class's trainees to what the roster says."""
    persons = find_or_register_all([_person(record) for record in check.records], now=now, actor=actor)
    enrolled = {trainee.person_id: trainee for trainee in check.enrolled}
    joining, changed = [], []
    for record, registered in zip(check.records, persons, strict=True):
        said = _said(record, check)
        trainee = enrolled.get(registered.person.pk)
        if trainee is None:
            joining.append(_trainee(roster, registered.person, said, now))
        elif any(getattr(trainee, name) != value for name, value in said.items()):
            for name, value in said.items():
                setattr(trainee, name, value)
            changed.append(trainee)
    leaving = lock(Trainee.objects.filter(pk__in=[trainee.pk for trainee in check.leaving]))
    apply(TRAINEE, "withdraw", leaving, actor=actor, now=now, reason=f"未列入第 {roster.version} 版名单")
    if changed:
        bulk_update_with_history(changed, Trainee, list(SAID_BY_ROSTER), default_user=actor, default_date=now)
    if joining:
        bulk_create_with_history(joining, Trainee, default_user=actor, default_date=now)


def _person(record: Record) -> PersonData:
    details = {name: record[name] or "" for name in ("phone", "education", "employer")}
    return PersonData.from_identity(record["identity"], name=record["name"], **details)


def _said(record: Record, check: RosterCheck) -> dict:
    said = {name: record[name] or "" for name in SAID_BY_ROSTER if name != "certificate"}
    return {**said, "certificate": check.certificates.get(record["identity"].number)}


def _trainee(roster: Roster, person, said: dict, now) -> Trainee:
    return Trainee(plan=roster.plan, person=person, first_roster=roster, created_at=now, **said)


def _plan_receipts(plan: TrainingPlan) -> list[PlanReceipt]:
    return list(plan.receipts.select_related("recipient").order_by("pk"))
