"""Incidents as they come up (rules 8): an act of the edition's list, the candidate's statement, the evidence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from certification import clock
from certification.organisations import access
from certification.organisations.roles import Role
from certification.records.evidence import PAPERS, Upload, keep, media_types
from certification.records.models import StoredFile
from certification.records.models.numbers import next_number
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.rulebook import lookup
from certification.workflow import activity, apply_one, lock, log
from exams.day_states import INCIDENT
from exams.incidents import acts
from exams.incidents.acts import Act
from exams.incidents.incident_notices import tell_reported
from exams.models import Candidate, ExamSession, Incident, IncidentKind, RoomUse, StaffAssignment
from exams.states import SessionState

REPORT = "exams.incident.report"
SERIES, PREFIX = "incident", "YC"
HELD = (SessionState.HELD, SessionState.RELEASED)


@activity
def report(
    *,
    actor,
    now,
    session_id: int,
    act: str,
    description: str,
    happened_at: datetime | None,
    candidate_id: int | None = None,
    use_id: int | None = None,
    part: str = "",
    statement: str = "",
    impostor_name: str = "",
    impostor_number: str = "",
    files: Sequence[Upload] = (),
    entry_key: UUID | None = None,
) -> Incident:
    """Report what happened in a session that is held. ``entry_key`` tells a form sent twice from a second incident.

    Raises NotPermitted (neither on duty in the session nor of its organiser), WrongState before the exam, Incomplete
    with every problem.
    """
    access.require(actor, REPORT)
    session = _session(actor, session_id)
    entry_key = entry_key or uuid4()
    if again := Incident.objects.filter(entry_key=entry_key, reported_by=actor).first():
        return again
    if session.state not in HELD:
        raise WrongState(f"场次{session.number}还没有开考，没有异常情况可报。")
    known = acts.of(lookup.edition_on(session.starts_on))
    candidate = Candidate.objects.filter(session=session, pk=candidate_id).first() if candidate_id else None
    use = RoomUse.objects.filter(part__session=session, pk=use_id).select_related("part").first() if use_id else None
    problems = _report_problems(known.get(act), candidate, description, happened_at, now)
    types = media_types(files, "files", PAPERS, problems)
    if problems:
        raise Incomplete(problems, clause="规则 8")
    found = known[act]
    incident = Incident(
        number=f"{PREFIX}-{now.year}-{next_number(SERIES, now.year):04d}",
        entry_key=entry_key,
        session=session,
        use=use,
        candidate=candidate,
        part=use.part.part if use else part,
        kind=found.kind,
        act=found.code,
        act_text=found.text,
        clause=found.clause,
        happened_at=happened_at,
        description=description.strip(),
        impostor_name=impostor_name.strip() if found.kind == IncidentKind.IMPERSONATION else "",
        impostor_number=impostor_number.strip().upper() if found.kind == IncidentKind.IMPERSONATION else "",
        reported_by=actor,
        reported_on_behalf_of=actor.acting_for,
        reported_at=now,
    )
    if statement.strip():
        incident.statement, incident.statement_by, incident.statement_at = statement.strip(), actor, now
    incident._history_user, incident._history_date = actor, now
    incident.save(force_insert=True)
    keep(files, types, "证据", incident, actor=actor, now=now)
    log([incident], "report", actor=actor, now=now, reason=incident.description)
    log([session], "incident", actor=actor, now=now, detail={"number": incident.number, "act": found.text})
    tell_reported(incident, now=now)
    return incident


@activity
def note_statement(*, actor, now, incident_id: int, statement: str) -> Incident:
    """Write down what the candidate says, or that they say nothing. Raises Incomplete, WrongState, NotPermitted."""
    access.require(actor, REPORT)
    incident = locked_incident(actor, incident_id)
    _require_involved(actor, incident.session)
    if not statement.strip():
        raise Incomplete([Problem("请写明考生的陈述；本人不作陈述的，写明“不作陈述”。", field="statement")])

    def change(row: Incident) -> None:
        row.statement, row.statement_by, row.statement_at = statement.strip(), actor, now

    fields = ("statement", "statement_by", "statement_at")
    return apply_one(INCIDENT, "state_case", incident, actor=actor, now=now, change=change, fields=fields)


@activity
def add_evidence(*, actor, now, incident_id: int, files: Sequence[Upload]) -> Incident:
    """Add files to those that are there. Raises Incomplete, WrongState, NotPermitted."""
    access.require(actor, REPORT)
    incident = locked_incident(actor, incident_id)
    _require_involved(actor, incident.session)
    problems = [] if files else [Problem("请选择证据文件。", code="required", field="files")]
    types = media_types(files, "files", PAPERS, problems)
    if problems:
        raise Incomplete(problems)
    apply_one(INCIDENT, "add_evidence", incident, actor=actor, now=now)
    keep(files, types, "证据", incident, actor=actor, now=now, first=len(evidence_of(incident)) + 1)
    return incident


def evidence_of(incident: Incident) -> list[StoredFile]:
    """The files that the incident owns, in order."""
    return list(StoredFile.objects.of(Incident, [incident.pk]).order_by("pk"))


def locked_incident(actor, incident_id: int) -> Incident:
    """The incident, locked; raises DoesNotExist where the actor sees none."""
    rows = Incident.objects.visible_to(actor).filter(pk=incident_id)
    found = lock(
        rows.select_related(
            "session__organiser", "candidate__application__person", "candidate__application__institution"
        )
    )
    if not found:
        raise Incident.DoesNotExist
    return found[0]


def _session(actor, session_id: int) -> ExamSession:
    """The session, locked: a form sent twice at once meets here."""
    found = lock(ExamSession.objects.visible_to(actor).filter(pk=session_id).select_related("organiser"))
    if not found:
        raise ExamSession.DoesNotExist
    _require_involved(actor, found[0])
    return found[0]


def _require_involved(actor, session: ExamSession) -> None:
    """On duty in the session, of its organiser, or an inspector, who sees it anyway."""
    if session.organiser_id == actor.organisation_id or Role.PROVINCIAL_INSPECTOR in actor.roles_on(clock.today()):
        return
    serving = StaffAssignment.objects.filter(use__part__session=session, person=actor.person_id, ended_at__isnull=True)
    if not serving.exists():
        raise NotPermitted("您不在本场次的考务人员中。")


def _report_problems(act: Act | None, candidate: Candidate | None, description: str, happened_at, now) -> list[Problem]:
    problems = []
    if act is None:
        problems.append(Problem("请选择情形。", code="required", field="act"))
    elif act.kind not in (IncidentKind.EMERGENCY, IncidentKind.EQUIPMENT) and candidate is None:
        problems.append(Problem("请选择考生。", code="required", field="candidate"))
    if not description.strip():
        problems.append(Problem("请写明经过。", code="required", field="description"))
    if happened_at is None:
        problems.append(Problem("请填写发生时间。", code="required", field="happened_at"))
    elif happened_at > now:
        problems.append(Problem("发生时间不能晚于现在。", field="happened_at"))
    return problems
