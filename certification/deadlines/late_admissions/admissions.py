"""逾期特批: asking for a late admission, deciding it by name and with a reason, and acting by it (rules 2.5).

Nothing is moved by a grant: the case stays where it is, and the activity that refused for lateness now goes through,
as often as the case needs it until the admission ends. Whoever acts by one calls ``use`` in the same transaction.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef
from simple_history.utils import bulk_create_with_history

from certification import clock
from certification.deadlines.due import deadline_rule, due_by, is_internal_target
from certification.deadlines.late_admissions import admissible, notices
from certification.deadlines.late_admissions.admissible import Admissible
from certification.deadlines.late_admissions.states import LATE_ADMISSION, AdmissionState
from certification.deadlines.models import Deadline, LateAdmission
from certification.organisations import access, separation
from certification.organisations.separation import Capacity
from certification.records import bulk
from certification.refusals import Incomplete, NotPermitted, Problem, Refusal, WrongState
from certification.rulebook import lookup
from certification.workdays import calendars
from certification.workdays.wording import full_day
from certification.workflow import Result, activity, apply, lock, log

ASK = "deadlines.ask_admission"
DECIDE = "deadlines.admit_late"
VIEW = "deadlines.view_admissions"
AREA, VALIDITY = "late_admission", "validity"

# What the timeline of a case calls the steps that are logged on it; apps register it for their models.
STEPS = {
    "admission_asked": lambda detail: f"申请逾期特批：{detail.get('rule', '')}",
    "admission_granted": lambda detail: f"逾期特批：{detail.get('rule', '')}，{detail.get('until', '')}前有效",
    "admission_refused": lambda detail: f"不予逾期特批：{detail.get('rule', '')}",
    "admission_used": lambda detail: f"凭逾期特批办理：{detail.get('rule', '')}",
}


class NothingToAdmit(Refusal):
    """The rule cannot be admitted late on this case, the case is not late, or its event is over."""

    code = "nothing_to_admit"


class NotFound(Refusal):
    """There is no such case or admission, or not for this actor: the two are not told apart (rules 5)."""

    code = "not_found"


@dataclass(frozen=True)
class Late:
    """One case that missed the day of a rule: what somebody may ask the head to admit."""

    entry: Admissible
    case: models.Model
    event_on: date
    due_on: date
    rule: models.Model
    last_day: date


@activity
def ask(
    *, actor, now, model_label: str, rule_code: str, wanted: Iterable[tuple[int, date]], reason: str
) -> list[Result]:
    """Ask the provincial head to admit cases late: ``wanted`` pairs case id and event day. A result per case, with
    the new admission as its row where it was made.

    Raises NotFound, NotPermitted, Incomplete without a reason. Refused per case: not late (or only provisionally),
    the event is over, asked or granted already.
    """
    access.require(actor, ASK)
    reason = _required(reason, "申请理由")
    entry = _entry(model_label, rule_code)
    cases = _cases(entry, entry.model.objects.visible_to(actor), [case_id for case_id, _day in wanted])
    standing = LateAdmission.objects.known(rule_code, list(cases.values()))
    results = []
    for case_id, event_on in wanted:
        case = cases[case_id]
        result = Result(case)
        try:
            if entry.organisation_of(case, actor) is None:
                raise NotPermitted("此事项不由您所在的单位办理。", advice="由负责该事项的单位申请逾期特批。")
            late = late_at(entry, case, event_on, now=now)
            _require_not_standing(standing.get((case.pk, event_on)), now)
            result.row = _requested(late, reason, actor=actor, now=now)
        except Refusal as refusal:
            result.refusal = refusal
        results.append(result)
    asked = [result.row for result in results if result.ok]
    if asked:
        detail = {"rule": asked[0].rule.title}
        log([row.subject for row in asked], "admission_asked", actor=actor, now=now, reason=reason, detail=detail)
        log(asked, "ask", actor=actor, now=now, reason=reason)
        notices.tell_heads(asked, now=now)
    return results


@activity
def grant(*, actor, now, admission_ids: Iterable[int], reason: str, valid_until: date | None = None) -> list[Result]:
    """Admit what was asked for; a result per admission.

    ``valid_until`` is the last day on which the case may pass (default: the named setting's working days from
    today), not before today and not after the case's own last day. The provincial head alone, never about what
    they asked for themselves or take part in. Raises NotFound, NotPermitted, Incomplete without a reason.
    """
    return _decide("grant", admission_ids, reason, valid_until, actor=actor, now=now)


@activity
def refuse(*, actor, now, admission_ids: Iterable[int], reason: str) -> list[Result]:
    """Refuse what was asked for, with a reason; a result per admission. Rights and separation as in ``grant``."""
    return _decide("refuse", admission_ids, reason, None, actor=actor, now=now)


@activity
def admit(
    *,
    actor,
    now,
    model_label: str,
    rule_code: str,
    case_id: int,
    event_on: date,
    reason: str,
    valid_until: date | None = None,
) -> LateAdmission:
    """Admit one late case unasked; where somebody has asked meanwhile, that request is granted.

    Raises NotFound, NotPermitted, NothingToAdmit, SeparationBreach, Incomplete, WrongState (granted already).
    """
    access.require(actor, DECIDE)
    reason = _required(reason, "决定理由")
    entry = _entry(model_label, rule_code)
    (case,) = _cases(entry, entry.model.objects.visible_to(actor), [case_id]).values()
    standing = LateAdmission.objects.known(rule_code, [case]).get((case.pk, event_on))
    if standing and standing.state == AdmissionState.REQUESTED:
        (result,) = _decide("grant", [standing.pk], reason, valid_until, actor=actor, now=now)
        _raise(result.refusal)
        return result.row
    _require_not_standing(standing, now)
    late = late_at(entry, case, event_on, now=now)
    _raise(separation.breaches(actor, Capacity.ADMITS, [case]).get(case.pk))
    admission = _new(late, entry.asked_by(case), now=now)
    admission.state = AdmissionState.GRANTED
    _sign(admission, reason, actor=actor, now=now)
    admission.valid_until = _valid_until(valid_until, late.last_day, _usual_until(now), now)
    bulk_create_with_history([admission], LateAdmission, default_user=actor, default_date=now)
    log([admission], "admit", actor=actor, now=now, reason=reason)
    _log_decision("grant", [(admission, case)], actor=actor, now=now, reason=reason)
    notices.tell_decided("grant", [admission], now=now)
    return admission


@activity
def withdraw(*, actor, now, admission_id: int) -> LateAdmission:
    """Take a request back before it is decided. Raises NotFound, NotPermitted, WrongState."""
    access.require(actor, ASK)
    (admission,) = _locked(actor, [admission_id])
    access.require_own(actor, admission.organisation_id)
    (result,) = apply(LATE_ADMISSION, "withdraw", [admission], actor=actor, now=now)
    _raise(result.refusal)
    return admission


def use(dues: Iterable, *, actor, now: datetime) -> list[LateAdmission]:
    """Note that an activity went through by the late admissions among ``dues`` (answers of ``require_in_time``).

    A plain function inside the activity's transaction, after it met its deadlines: those that were met late by an
    admission are marked as such. Returns the admissions used; those in time cost nothing.
    """
    wanted = {found.admitted.pk for found in dues if found and found.admitted}
    if not wanted:
        return []
    admissions = lock(LateAdmission.objects.filter(pk__in=wanted).select_related("rule", "subject_type"))
    first = [row for row in admissions if row.used_at is None]
    for row in first:
        row.used_at, row.used_by = now, actor
    if first:
        bulk.change(first, ["used_at", "used_by"], actor=actor, at=now, reason="凭逾期特批办理")
    log(admissions, "use", actor=actor, now=now)
    _mark_deadlines(admissions, actor=actor, now=now)
    for rows in _by_model(admissions).values():
        detail = {"rule": rows[0].rule.title}
        log(_subjects(rows).values(), "admission_used", actor=actor, now=now, detail=detail)
    return admissions


def exclude_admitted(deadlines, now: datetime):
    """``deadlines`` (a queryset of Deadline) without those that a granted and still valid admission lets pass: what
    would follow from missing them waits until it has ended."""
    valid = LateAdmission.objects.in_force(clock.day_of(now)).filter(
        rule_code=OuterRef("rule__code"),
        subject_type=OuterRef("subject_type"),
        subject_id=OuterRef("subject_id"),
        event_on=OuterRef("anchor_on"),
    )
    return deadlines.filter(~Exists(valid))


def late_at(entry: Admissible, case: models.Model, event_on: date, *, now: datetime) -> Late:
    """What there is to admit about ``case`` for ``event_on``; raises NothingToAdmit."""
    rule = deadline_rule(entry.rule_code, entry.edition(case) or lookup.edition_on(clock.day_of(now)))
    found = due_by(rule, event_on, calendars.current())
    if now < found.ends_at or found.provisional or is_internal_target(rule, entry.category(case, event_on)):
        raise NothingToAdmit(f"“{rule.title}”没有逾期，不需要特批。", advice="可以直接办理。")
    last_day = entry.last_day(case, event_on)
    if last_day < clock.day_of(now):
        raise NothingToAdmit(
            f"“{rule.title}”所对应的日期（{full_day(last_day)}）已过，不能再特批。",
            code="over",
            advice="请改期后重新办理。",
        )
    return Late(entry, case, event_on, found.due_on, rule, last_day)


def default_until(last_day: date, now: datetime) -> date:
    """Until when a grant holds where the head says nothing: the setting's working days from today, never beyond
    ``last_day``."""
    return min(_usual_until(now), last_day)


def _usual_until(now: datetime) -> date:
    today = clock.day_of(now)
    days = lookup.values(AREA, VALIDITY, lookup.edition_on(today))["days"]
    return calendars.current().shift(today, days).date


def last_day_of(admission: LateAdmission) -> date:
    """The last day on which the case of ``admission`` could still make use of a grant."""
    return _last_day(admission, _subjects([admission])[admission.pk])


def register_signatures() -> None:
    """Tell the one place of separation who asked and who decided; called when the app is ready."""
    for act, capacity in (("requested", Capacity.ASKS_ADMISSION), ("decided", Capacity.ADMITS)):
        separation.register_source(LateAdmission, capacity, separation.signed(LateAdmission, act))


def has_admitted(model: type[models.Model]):
    """The separation source of ``Capacity.ADMITS`` for ``model``: who decided on its admissions."""

    def source(ids: list[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        rows = LateAdmission.objects.about(None, [model(pk=pk) for pk in ids]).filter(decided_by__isnull=False)
        columns = ("decided_by__person", "decided_on_behalf_of__person")
        for case_id, *persons in rows.values_list("subject_id", *columns):
            found[case_id] |= set(persons) - {None}
        return found

    return source


def _decide(name: str, admission_ids, reason: str, valid_until: date | None, *, actor, now) -> list[Result]:
    access.require(actor, DECIDE)
    reason = _required(reason, "决定理由")
    admissions = _locked(actor, admission_ids)
    cases = {pk: case for rows in _by_model(admissions).values() for pk, case in _subjects(rows).items()}
    breaches = _breaches(actor, admissions, cases)

    def check(row: LateAdmission) -> None:
        _raise(breaches.get(row.pk))
        if name == "grant":
            row.valid_until = _valid_until(valid_until, last_day[row.pk], usual, now)

    def change(row: LateAdmission) -> None:
        _sign(row, reason, actor=actor, now=now)

    usual = _usual_until(now)
    last_day = {row.pk: _last_day(row, cases[row.pk]) for row in admissions}
    fields = (*SIGNED, "valid_until")
    results = apply(
        LATE_ADMISSION, name, admissions, actor=actor, now=now, reason=reason, check=check, change=change, fields=fields
    )
    decided = [result.row for result in results if result.ok]
    _log_decision(name, [(row, cases[row.pk]) for row in decided], actor=actor, now=now, reason=reason)
    notices.tell_decided(name, decided, now=now)
    return results


SIGNED = ("decided_by", "decided_on_behalf_of", "decided_at", "decision_reason")


def _sign(row: LateAdmission, reason: str, *, actor, now) -> None:
    row.decided_by, row.decided_on_behalf_of = actor, actor.acting_for
    row.decided_at, row.decision_reason = now, reason


def _last_day(admission: LateAdmission, case: models.Model) -> date:
    return admissible.find(case._meta.label, admission.rule_code).last_day(case, admission.event_on)


def _breaches(actor, admissions: Sequence[LateAdmission], cases: dict[int, models.Model]) -> dict[int, Refusal]:
    """Who asked does not decide (rules 4.3, 4a), nor who teaches, staffs or is the candidate: by person."""
    found: dict[int, Refusal] = dict(separation.breaches(actor, Capacity.ADMITS, admissions))
    for rows in _by_model(admissions).values():
        by_case = separation.breaches(actor, Capacity.ADMITS, [cases[row.pk] for row in rows])
        found |= {row.pk: by_case[row.subject_id] for row in rows if row.subject_id in by_case}
    return found


def _log_decision(name: str, decided: list[tuple[LateAdmission, models.Model]], *, actor, now, reason) -> None:
    step = "admission_granted" if name == "grant" else "admission_refused"
    alike: dict[tuple[str, date | None, bool], list[models.Model]] = defaultdict(list)
    for row, case in decided:
        alike[row.rule.title, row.valid_until, row.organisation_id == actor.organisation_id].append(case)
    for (title, until, own), cases in alike.items():
        detail: dict[str, object] = {"rule": title}
        if until:
            detail["until"] = f"{full_day(until)} 24:00"
        if own:
            # The province admits what the province itself organises: allowed, and never silently.
            detail["own_organisation"] = True
        log(cases, step, actor=actor, now=now, reason=reason, detail=detail)


def _valid_until(wanted: date | None, last_day: date, usual: date, now: datetime) -> date:
    today = clock.day_of(now)
    if last_day < today:
        raise NothingToAdmit(f"所对应的日期（{full_day(last_day)}）已过，不能再特批。", code="over")
    if wanted is None:
        return min(usual, last_day)
    if not today <= wanted <= last_day:
        raise Incomplete(
            [Problem(f"有效期应在今天至{full_day(last_day)}之间。", code="out_of_range", field="valid_until")]
        )
    return wanted


def _requested(late: Late, reason: str, *, actor, now) -> LateAdmission:
    admission = _new(late, actor.organisation_id, now=now)
    admission.requested_by, admission.requested_on_behalf_of = actor, actor.acting_for
    admission.request_reason = reason
    try:
        with transaction.atomic():
            bulk_create_with_history([admission], LateAdmission, default_user=actor, default_date=now)
    except IntegrityError as error:
        raise _already_asked() from error
    return admission


def _new(late: Late, organisation_id: int, *, now) -> LateAdmission:
    parties = late.entry.parties(late.case)
    return LateAdmission(
        rule=late.rule,
        rule_code=late.rule.code,
        subject=late.case,
        title=str(late.case)[:160],
        event_on=late.event_on,
        due_on=late.due_on,
        organisation_id=organisation_id,
        institution=parties.institution,
        organiser=parties.organiser,
        requested_at=now,
    )


def _require_not_standing(standing: LateAdmission | None, now: datetime) -> None:
    if standing is None:
        return
    if standing.state == AdmissionState.REQUESTED:
        raise _already_asked()
    if standing.admits_at(now):
        raise WrongState(
            f"该事项已获逾期特批，有效期至{full_day(standing.valid_until)} 24:00。",
            code="already_granted",
            advice="可以直接办理。",
        )


def _already_asked() -> WrongState:
    return WrongState(
        "该事项已申请逾期特批，正在等待省级负责人决定。", code="already_asked", advice="决定后将通知申请单位。"
    )


def _entry(model_label: str, rule_code: str) -> Admissible:
    entry = admissible.find(model_label, rule_code)
    if entry is None:
        raise NothingToAdmit("该事项没有可以逾期特批的时限。")
    return entry


def _cases(entry: Admissible, visible, ids: Iterable[int]) -> dict[int, models.Model]:
    ids = set(ids)
    cases = {case.pk: case for case in lock(entry.rows(visible).filter(pk__in=ids))}
    if not ids or len(cases) != len(ids):
        raise NotFound("没有找到所选的事项。")
    return cases


def _locked(actor, ids: Iterable[int]) -> list[LateAdmission]:
    ids = set(ids)
    rows = LateAdmission.objects.visible_to(actor).filter(pk__in=ids)
    found = lock(rows.select_related("rule", "subject_type", "organisation", "institution", "organiser"))
    if not ids or len(found) != len(ids):
        raise NotFound("没有找到所选的逾期特批。")
    return found


def _by_model(admissions: Iterable[LateAdmission]) -> dict[tuple[int, str], list[LateAdmission]]:
    grouped: dict[tuple[int, str], list[LateAdmission]] = defaultdict(list)
    for row in admissions:
        grouped[row.subject_type_id, row.rule_code].append(row)
    return grouped


def _subjects(rows: Sequence[LateAdmission]) -> dict[int, models.Model]:
    """The cases of admissions of one rule and model: admission id → case. One query."""
    model = rows[0].subject_type.model_class()
    entry = admissible.find(model._meta.label, rows[0].rule_code)
    found = entry.rows(model._default_manager.all()).in_bulk([row.subject_id for row in rows])
    return {row.pk: found[row.subject_id] for row in rows}


def _mark_deadlines(admissions: Iterable[LateAdmission], *, actor, now) -> None:
    marked = []
    for row in admissions:
        deadlines = Deadline.objects.open().filter(
            rule__code=row.rule_code,
            subject_type=row.subject_type_id,
            subject_id=row.subject_id,
            anchor_on=row.event_on,
            met_late=True,
            late_admission__isnull=True,
        )
        for deadline in lock(deadlines):
            deadline.late_admission = row
            marked.append(deadline)
    if marked:
        bulk.change(marked, ["late_admission"], actor=actor, at=now, reason="逾期特批办结")


def _required(text: str, what: str) -> str:
    if not text.strip():
        raise Incomplete([Problem(f"请填写{what}。", code="required", field="reason")])
    return text.strip()


def _raise(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise refusal
