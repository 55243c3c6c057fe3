"""学员名单: submitting the roster of a class, version after version, until it closes [三(二)1].

INITIAL: by class start, that day included (rule ``roster``). For PERIODIC_REVIEW and RENEWAL the applications are
the roster; the upload makes the trainees whom they are for, and is open until the class ends.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from certification import clock
from certification.catalogue.models import ApplicationKind
from certification.deadlines import ledger
from certification.deadlines.due import Due, require_in_time
from certification.deadlines.late_admissions import admissions
from certification.imports import purposes, receiving
from certification.imports.models import Import
from certification.imports.purposes import Change
from certification.imports.states import OPEN, ImportState
from certification.organisations import access
from certification.people.declarations import declare_female_classes
from certification.people.identity import identity_of
from certification.people.register import PersonData, Registered, find_or_register_all
from certification.records import bulk
from certification.records.models import StoredFile
from certification.refusals import Incomplete, Problem, Refusal, TooLate, WrongState
from certification.spreadsheets.columns import Record
from certification.workflow import activity, apply, lock, log
from training import claims
from training.cases import NotFound, locked_plan
from training.models import Roster, Trainee, TrainingPlan
from training.notifying import tell_roster_submitted
from training.plans.filing import ROSTER
from training.plans.receipts import issue_roster_receipts
from training.rosters.roster_checks import RosterCheck, check_roster
from training.states import STANDING, TRAINEE, PlanState, TraineeState

SUBMIT = "training.submit_rosters"
# The code under which rosters are imported (see roster_import).
PURPOSE = "roster"
SOURCE = "学员名单"
SAID_BY_ROSTER = ("education", "employer", "position", "phone", "female_class", "certificate")
_TRAINEE = (
    *("plan_id", "person_id", "first_roster_id", "created_at"),
    *("education", "employer", "position", "phone", "female_class", "certificate_id"),
)


class NothingChanged(Refusal):
    """The same file again: the roster stands as it was submitted."""

    code = "nothing_changed"


@activity
def upload(*, actor, now, plan_id: int, content: bytes, name: str) -> Import:
    """Keep an upload for the class's next roster version; ``receiving.go_on`` then has it checked. It waits there for
    corrections, for its sender's word, or for a late admission where it came too late.

    Raises NotPermitted, NotFound, WrongState where the class does not stand, UnreadableFile, and NothingChanged for
    the file of the current version.
    """
    access.require(actor, SUBMIT)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    require_standing(plan)
    _require_news(plan, hashlib.sha256(content).hexdigest())
    return receiving.receive(
        actor=actor, now=now, purpose=purposes.get(PURPOSE), subject=plan, content=content, name=name
    )


@activity
def submit_roster(
    *,
    actor,
    now,
    plan_id: int,
    records: Sequence[Record],
    file: StoredFile | None = None,
    upload: Import | None = None,
) -> Roster:
    """Submit ``records`` (as ``roster_columns`` parsed them) as the class's next roster version.

    All or nothing: raises Incomplete with every problem of every row, TooLate after class start, WrongState where
    the class does not stand or where ``upload`` was judged against an earlier version, NothingChanged for the same
    file on the same version, NotPermitted, NotFound. Persons go to the register, trainees follow the new version,
    each recipient of the plan gets a receipt.
    """
    access.require(actor, SUBMIT)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    in_time = require_open(plan, now=now)
    if file is not None:
        _require_news(plan, file.sha256)
    _require_unchanged(plan, upload)
    check = check_roster(plan, records, today=clock.day_of(now))
    if check.problems:
        raise Incomplete(check.problems)
    version = _next(plan, len(records), file=file, upload=upload, actor=actor, now=now)
    _follow(version, check, actor=actor, now=now)
    _submitted(version, [in_time], actor=actor, now=now)
    return version


@dataclass(frozen=True)
class Entered:
    """What came of entering one person: the new version, and what is to be looked at again."""

    roster: Roster
    warnings: Sequence[Problem] = ()


@activity
def enter_trainee(
    *, actor, now, plan_id: int, record: Record, instead_of: int | None = None, reason: str = ""
) -> Entered:
    """Add one person to the roster by form, with the checks of an upload; ``instead_of`` names a trainee who leaves for
    them, with a ``reason``. A new version of the roster with everybody else as they stand.

    After the roster has closed this needs a late admission (rules 7): TooLate says so. Raises Incomplete,
    WrongState, NotPermitted, NotFound.
    """
    access.require(actor, SUBMIT)
    plan = locked_plan(actor, plan_id)
    access.require_own(actor, plan.institution_id)
    in_time = require_open(plan, now=now)
    leaving = [_leaver(plan, instead_of)] if instead_of is not None else []
    check = check_entry(plan, record, leaving, today=clock.day_of(now))
    if check.problems:
        raise Incomplete(check.problems)
    headcount = len(check.enrolled) - len(leaving) + 1
    version = _next(plan, headcount, actor=actor, now=now)
    _leave(leaving, version, reason, actor=actor, now=now)
    _join(version, [record], check, actor=actor, now=now)
    _submitted(version, [in_time], actor=actor, now=now)
    return Entered(version, check.warnings)


@activity
def withdraw_trainee(*, actor, now, trainee_id: int, reason: str) -> Roster:
    """Take one person out of a class that has not ended, before or after its roster has closed: a new version without
    them. Raises Incomplete without a reason or where the person stands in an exam application, WrongState, TooLate
    after class, NotPermitted, NotFound.
    """
    access.require(actor, SUBMIT)
    if not reason.strip():
        raise Incomplete([Problem("请填写退班原因。", code="required", field="reason")])
    trainee = Trainee.objects.visible_to(actor).filter(pk=trainee_id).first()
    if trainee is None:
        raise NotFound("没有找到该学员。")
    plan = locked_plan(actor, trainee.plan_id)
    access.require_own(actor, plan.institution_id)
    require_standing(plan)
    _require_not_ended(plan, now)
    return _without(_leaver(plan, trainee_id), plan, reason.strip(), actor=actor, now=now)


def running_classes(person_id: int, day: date) -> QuerySet[TrainingPlan]:
    """The classes that have not ended by ``day`` in which the person is enrolled, whatever their institution."""
    rows = TrainingPlan.objects.filter(
        pk__in=Trainee.objects.filter(person=person_id, state=TraineeState.ENROLLED).values("plan"),
        state__in=[*STANDING, PlanState.RETURNED],
        class_end__gte=day,
    )
    return rows.select_related("institution__territory", "job_type__group", "variant", "organiser", "rule_edition")


def take_off(plans: Sequence[TrainingPlan], *, person_id: int, reason: str, actor, now) -> list[TrainingPlan]:
    """Take the person out of locked classes: a new version of each roster without them, with receipts and notices as
    any other. Where an application of theirs goes on, they stay. Returns the classes that they left.

    Not an activity: called inside the one by which the person may be on no roster any more, which checked the right.
    """
    rows = Trainee.objects.filter(plan__in=plans, person=person_id, state=TraineeState.ENROLLED)
    enrolled = {trainee.plan_id: trainee for trainee in rows.select_related("person")}
    stay = claims.bound([trainee.pk for trainee in enrolled.values()])
    left = [plan for plan in plans if plan.pk in enrolled and enrolled[plan.pk].pk not in stay]
    for plan in left:
        _without(enrolled[plan.pk], plan, reason, actor=actor, now=now)
    return left


def check_entry(plan: TrainingPlan, record: Record, leaving: Sequence[Trainee], *, today) -> RosterCheck:
    """What is to be said of one more person beside those who stay: the checks of ``check_roster``, without what it
    says of the others."""
    staying = plan.trainees.filter(state=TraineeState.ENROLLED).exclude(pk__in=[one.pk for one in leaving])
    others = [
        as_record(place, trainee, today=today)
        for place, trainee in enumerate(staying.select_related("person").order_by("pk"), start=record.row + 1)
    ]
    # The new row comes last: of two rows for one person it is the one that is wrong.
    check = check_roster(plan, [*others, record], today=today)
    for findings in (check.problems, check.warnings):
        findings[:] = [one for one in findings if one.row in (record.row, None) and one.code != "bound"]
    return check


def as_record(row: int, trainee: Trainee, *, today) -> Record:
    """A trainee as a roster row says them."""
    values = {name: getattr(trainee, name) for name in SAID_BY_ROSTER if name != "certificate"}
    identity = identity_of(trainee.person, today=today)
    return Record(row, {**values, "name": trainee.person.name, "identity": identity})


def require_open(plan: TrainingPlan, *, now) -> Due | None:
    """Raise WrongState where the class does not stand, TooLate where its roster is closed; for INITIAL the answer is
    the due date, with the late admission by which the roster is open again."""
    require_standing(plan)
    if plan.kind == ApplicationKind.INITIAL:
        return require_in_time(ROSTER, plan.class_start, now=now, edition=plan.rule_edition, subject=plan)
    _require_not_ended(plan, now)
    return None


def closed(plan: TrainingPlan, *, now) -> Refusal | None:
    """Why the roster takes no new version now; None where it does."""
    try:
        require_open(plan, now=now)
    except Refusal as refusal:
        return refusal
    return None


def _require_not_ended(plan: TrainingPlan, now) -> None:
    if now >= clock.end_of(plan.class_end):
        raise TooLate(f"“{plan}”已结班，名单不再变更。", due_on=plan.class_end)


def require_standing(plan: TrainingPlan) -> None:
    """Raise WrongState where the class does not stand, so that it has no roster."""
    if plan.state == PlanState.RETURNED:
        raise WrongState(f"“{plan}”已被退回，暂不能报送名单。", advice="请先按退回意见修改并重新报备。")
    if not plan.is_standing:
        raise WrongState(f"“{plan}”{plan.get_state_display()}，不能报送名单。")


def current_roster(plan: TrainingPlan) -> Roster | None:
    """The latest version, or None."""
    return plan.rosters.select_related("file", "submitted_by__person").order_by("-version").first()


def open_upload(plan: TrainingPlan) -> Import | None:
    """The upload that was not submitted yet: it waits for corrections, for a word, or for a late admission."""
    open_ = receiving.about(purposes.get(PURPOSE), plan).filter(state__in=[*OPEN, ImportState.SAVING])
    return open_.first()


def _require_news(plan: TrainingPlan, sha256: str) -> None:
    latest = current_roster(plan)
    if latest and latest.file and latest.file.sha256 == sha256:
        raise NothingChanged(
            f"该文件与已报送的第 {latest.version} 版名单完全相同，没有重复提交。",
            advice="名单如有变化，请上传修改后的文件。",
        )


def _require_unchanged(plan: TrainingPlan, upload: Import | None) -> None:
    """Two who upload at once: the second is told."""
    latest = current_roster(plan)
    version = latest.version if latest else 0
    if upload is not None and upload.basis.get("version", version) != version:
        who = latest.submitted_by if latest else ""
        raise Incomplete([Problem(f"核对之后，{who}已报送第 {version} 版名单。", code="overtaken")])


def _next(plan: TrainingPlan, headcount: int, *, file=None, upload=None, actor, now) -> Roster:
    latest = current_roster(plan)
    roster = Roster(
        plan=plan,
        version=latest.version + 1 if latest else 1,
        file=file,
        upload=upload,
        headcount=headcount,
        submitted_by=actor,
        submitted_at=now,
    )
    roster._history_date = now
    roster.save(force_insert=True)
    return roster


def _without(trainee: Trainee, plan: TrainingPlan, reason: str, *, actor, now) -> Roster:
    """The next version of a roster: everybody but one."""
    headcount = plan.trainees.filter(state=TraineeState.ENROLLED).count() - 1
    version = _next(plan, headcount, actor=actor, now=now)
    _leave([trainee], version, reason, actor=actor, now=now)
    _submitted(version, [], actor=actor, now=now)
    return version


def _submitted(roster: Roster, dues: Sequence[Due | None], *, actor, now) -> None:
    """Receipts, deadline, log and notices of a new version."""
    plan = roster.plan
    recipients = [receipt.recipient for receipt in plan.receipts.select_related("recipient").order_by("pk")]
    issue_roster_receipts(roster, recipients, actor=actor, now=now)
    ledger.meet(ROSTER, [plan], now=now, actor=actor)
    admissions.use(dues, actor=actor, now=now)
    detail = {"version": roster.version, "headcount": roster.headcount}
    log([plan], "submit_roster", actor=actor, now=now, detail=detail)
    tell_roster_submitted(roster, recipients, now=now)


def _follow(roster: Roster, check: RosterCheck, *, actor, now) -> None:
    """Bring the class's trainees to what the roster says."""
    enrolled = {trainee.person.key: trainee for trainee in check.enrolled}
    joining, changed, changes = [], [], {}
    for record in check.records:
        trainee = enrolled.get(record["identity"].key)
        if trainee is None:
            joining.append(record)
        elif differing := differences(trainee, record, check):
            changes[trainee.pk] = [[change.label, change.before, change.after] for change in differing]
            for name, value in _said(record, check).items():
                setattr(trainee, name, value)
            changed.append((trainee, record))
    _leave(check.leaving, roster, f"未列入第 {roster.version} 版名单", actor=actor, now=now)
    if changed:
        _register([record for _trainee, record in changed], actor=actor, now=now)
        bulk.update([trainee for trainee, _record in changed], SAID_BY_ROSTER, actor=actor, at=now)
        roster.changes = changes
        roster._history_date = now
        roster.save(update_fields=["changes"])
    _join(roster, joining, check, actor=actor, now=now)


def _leave(trainees: Sequence[Trainee], roster: Roster, reason: str, *, actor, now) -> None:
    if not trainees:
        return
    last = Roster.objects.filter(plan=roster.plan_id, version=roster.version - 1).first()

    def change(trainee: Trainee) -> None:
        trainee.last_roster = last

    rows = lock(Trainee.objects.filter(pk__in=[trainee.pk for trainee in trainees]))
    apply(TRAINEE, "withdraw", rows, actor=actor, now=now, reason=reason, change=change, fields=("last_roster",))


def _join(roster: Roster, records: Sequence[Record], check: RosterCheck, *, actor, now) -> None:
    persons = _register(records, actor=actor, now=now)
    rows = [
        (roster.plan_id, registered.person.pk, roster.pk, now, *_said(record, check).values())
        for record, registered in zip(records, persons, strict=True)
    ]
    bulk.insert(Trainee, _TRAINEE, rows, actor=actor, at=now)


def _register(records: Sequence[Record], *, actor, now) -> list[Registered]:
    """The persons of the records, with what the women among them declare of their class."""
    persons = find_or_register_all([_person(record) for record in records], now=now, actor=actor, source=SOURCE)
    said = {one.person.pk: record["female_class"] or "" for record, one in zip(records, persons, strict=True)}
    declare_female_classes(said, source=SOURCE, actor=actor, now=now)
    return persons


def differences(trainee: Trainee, record: Record, check: RosterCheck) -> list[Change]:
    """What a roster row changes of somebody who is enrolled already."""
    found = []
    for name, value in _said(record, check).items():
        before = getattr(trainee, name)
        if before != value:
            field = Trainee._meta.get_field(name)
            found.append(Change(str(field.verbose_name), _shown(field, before), _shown(field, value)))
    return found


def _shown(field, value) -> str:
    if field.is_relation:
        return "有" if value else ""
    return str(dict(field.flatchoices).get(value, value) or "")


def _leaver(plan: TrainingPlan, trainee_id: int) -> Trainee:
    """The trainee who is to leave; raises NotFound, WrongState, and Incomplete where they stand in an application."""
    rows = lock(plan.trainees.filter(pk=trainee_id).select_related("person"))
    if not rows:
        raise NotFound("没有找到该学员。")
    (trainee,) = rows
    if trainee.state != TraineeState.ENROLLED:
        raise WrongState(f"{trainee}已退班。", advice="请刷新页面，查看最新情况。")
    if why := claims.bound([trainee.pk]).get(trainee.pk):
        advice = "不再参加的，请先撤回其考试申报。"
        raise Incomplete([Problem(f"{trainee}不能退班：{why}", code="bound", advice=advice)])
    return trainee


def _person(record: Record) -> PersonData:
    identity = record["identity"]
    return PersonData(
        identity.number,
        record["name"],
        identity.sex,
        identity.birth_date,
        identity.document_type,
        phone=record["phone"] or "",
        education=record["education"] or "",
        employer=record["employer"] or "",
    )


def _said(record: Record, check: RosterCheck) -> dict:
    """What a row says of a trainee, in the order of ``SAID_BY_ROSTER``."""
    values = record.values
    certificate = check.certificates.get(values["identity"].key) if check.certificates else None
    return {
        "education": values.get("education") or "",
        "employer": values.get("employer") or "",
        "position": values.get("position") or "",
        "phone": values.get("phone") or "",
        "female_class": values.get("female_class") or "",
        "certificate_id": certificate.pk if certificate else None,
    }
