"""考试场次: the list, announcing one, and the page of one with everything that is arranged in it."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.deadlines import ledger
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_page
from certification.records.models import TransitionLog
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams import standards
from exams.applications import obligations
from exams.forms.sessions import SessionForm
from exams.incidents.effects import incidents_of
from exams.incidents.reporting import HELD
from exams.models import Candidate, ExamSession, InspectionTour, RoomRecord, RoomUse, Seat, SessionPart, StaffAssignment
from exams.rooms import overflow, overriding, seating, staffing, suspensions
from exams.sessions import announcing, holding, site_change, starting
from exams.states import EXAMINED, IN_SESSION, OPEN_SESSIONS, CandidateState, SessionState
from exams.tickets import ticket_changes
from exams.views import session_steps


@require_GET
def session_list(request):
    """Sessions that the user may see; institutions see all that are announced, to choose from."""
    rows = ExamSession.objects.visible_to(request.user).select_related("job_type", "variant", "organiser", "site")
    state = request.GET.get("state", "")
    if state in SessionState.values:
        rows = rows.filter(state=state)
    if "coming" in request.GET:
        rows = rows.filter(starts_on__gt=clock.today())
    page = keyset_page(request, rows, ("-starts_on", "-id"))
    numbers = _numbers([row.pk for row in page.rows])
    context = {
        "page": page,
        "rows": [(row, numbers.get(row.pk, 0)) for row in page.rows],
        "states": SessionState.choices,
        "state": state,
        "coming": "coming" in request.GET,
        "may_announce": may(request.user, "exams.session.announce"),
    }
    return render(request, "exams/session_list.html", context)


@require_http_methods(["GET", "POST"])
def session_announce(request):
    """Announce a session; the planner's address comes with its day filled in."""
    today = clock.today()
    initial = starting.session_initial(request.GET)
    form = SessionForm(request.POST or None, organiser=request.user.organisation, day=today, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            session = announcing.announce_session(
                actor=request.user,
                job_type=data["job_type"],
                variant=data["variant"],
                site=data["site"],
                capacity=data["capacity"],
                theory=form.theory(),
                practical=form.practical(),
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已公布场次{session.number}。")
            return redirect("exams:session_detail", pk=session.pk)
    lead = standards.lead_days(lookup.edition_on(today))
    context = {
        "form": form,
        "refusal": refusal,
        "lead": lead,
        "earliest": announcing.earliest_start(today, lead),
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "exams/session_announce.html", context, status=422 if failed else 200)


@require_GET
def session_detail(request, pk: int):
    """One session: parts, rooms, staff, candidates that the user may see, and the next step."""
    return session_page(request, session_of(request, pk))


@require_http_methods(["GET", "POST"])
def session_hold(request, pk: int):
    """Say who sits and who carries over, then note that the exam begins."""
    session = own_session(request, pk)
    refusal = None
    if request.method == "POST":
        try:
            holding.hold_session(actor=request.user, session_id=session.pk)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"场次{session.number}已开考。")
            return redirect("exams:session_detail", pk=session.pk)
    states = _states(session)
    unadmitted = states[CandidateState.LISTED]
    return confirm_page(
        request,
        title="开考登记",
        sentence=f"场次{session}于{plain_day(session.starts_on)}开考，准考{states[CandidateState.ADMITTED]}人。",
        consequences=[
            *[f"考务人员不足：{short}" for short in staffing.shortages([session.pk]).get(session.pk, [])],
            *([f"{unadmitted}人未准考，转入待安排考试，材料保留。"] if unadmitted else []),
            "开考后不能再调整考场和座位；考务人员在考场记录签名前仍可改派。",
        ],
        action_label="确认开考",
        cancel_url=request.path.removesuffix("hold/"),
        subject=session.number,
        refusal=refusal,
        danger=False,
    )


def session_of(request, pk: int) -> ExamSession:
    """A session that the user may see, else 404."""
    rows = ExamSession.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("job_type__group", "variant", "organiser", "site__territory", "announced_by__person"), pk=pk
    )


def own_session(request, pk: int) -> ExamSession:
    """A session of the user's own organisation, else 404 (another's is nobody's to arrange)."""
    rows = ExamSession.objects.visible_to(request.user).filter(organiser=request.user.organisation_id)
    return get_object_or_404(rows.select_related("job_type__group", "organiser", "site__territory"), pk=pk)


def session_page(request, session: ExamSession, *, refusal=None, seated: seating.Seating | None = None):
    """The page of one session, with what a step just did or why it was refused."""
    own = session.organiser_id == request.user.organisation_id
    arranges = own and may(request.user, "exams.session.arrange")
    staffed = staffing.in_breach(session) if arranges else {}
    states = _states(session)
    rows, plan = _candidate_rows(request, session), _plan_of(session)
    parts = _parts(session, [row["candidate"] for row in rows if row["in_session"]])
    open_ = session.state in OPEN_SESSIONS
    knows_arrangements = may(request.user, "exams.results.view")
    move = ticket_changes.last_move(session)
    context = {
        "session": session,
        "parts": parts,
        "rows": rows,
        "step": session_steps.next_step(session, plan, parts, rows, clock.today()) if arranges else None,
        "may_seat": arranges and open_ and session_steps.has_rooms(parts) and any(row["in_session"] for row in rows),
        "states": states,
        "listed": sum(states[state] for state in (*IN_SESSION, *EXAMINED)),
        "arranges": arranges and open_,
        "may_change": own and open_ and may(request.user, "exams.session.change"),
        "move": move,
        "site_change": TransitionLog.objects.about(session).filter(name=site_change.STEP).last(),
        "ticket_changes": ticket_changes.of(session, move, request.user),
        "reseated": overriding.history(session, request.user),
        "overflows": overflow.overflows(session) if open_ and knows_arrangements else [],
        "cancellation": _cancellation(session),
        "may_move": own and may(request.user, "exams.pool.assign") and session.state != SessionState.RELEASED,
        "may_open": may(request.user, "exams.application.view"),
        "may_print": may(request.user, "exams.ticket.print"),
        "any_tickets": any(row["seats"] for row in rows),
        "candidates_note": "只显示本机构的考生" if may(request.user, "exams.application.file") else "",
        "may_see_results": may(request.user, "exams.results.view"),
        "knows_arrangements": knows_arrangements,
        "plan": plan,
        "deadline": ledger.find(obligations.RESULTS_RELEASE, session) if own else None,
        "suspended": suspensions.refusal(session) if open_ and knows_arrangements else None,
        "breaches": [str(breach) for breach in staffed.values()],
        "entries": timeline.entries(session),
        "told": told.of(request.user, session),
        "recording": getattr(session, "recording", None) if knows_arrangements else None,
        "incidents": incidents_of(request.user, session),
        "may_report": own and session.state in HELD and may(request.user, "exams.incident.report"),
        "tours": InspectionTour.objects.visible_to(request.user).filter(session=session).for_display().order_by("pk")
        if may(request.user, "exams.tour.view")
        else [],
        "may_note": own and may(request.user, "exams.session.arrange"),
        "may_staff": own and session.state == SessionState.HELD and may(request.user, "exams.session.arrange"),
        "sees_records": may(request.user, "exams.day.view"),
        "refusal": refusal,
        "seating": seated,
    }
    return render(request, "exams/session_detail.html", context, status=422 if refusal else 200)


def _cancellation(session: ExamSession) -> TransitionLog | None:
    if session.state != SessionState.CANCELLED:
        return None
    return TransitionLog.objects.about(session).filter(name="cancel").select_related("actor").last()


def _parts(session: ExamSession, candidates: list[Candidate]) -> list[dict]:
    """Each part with its rooms, how many seats are taken, who serves there and how many ought to; whether anybody sits
    it: where all carry it over from an earlier session it needs no room."""
    edition = lookup.edition_on(clock.today())
    seats = Seat.objects.filter(part__session=session).order_by().values("use").annotate(taken=Count("pk"))
    taken = {row["use"]: row["taken"] for row in seats}
    staff: dict[int, list[StaffAssignment]] = {}
    serving = StaffAssignment.objects.filter(use__part__session=session, ended_at__isnull=True)
    for row in serving.select_related("person").order_by("pk"):
        staff.setdefault(row.use_id, []).append(row)
    recorded = {row.use_id: row for row in RoomRecord.objects.filter(use__part__session=session)}
    uses: dict[int, list[dict]] = {}
    for use in (
        RoomUse.objects.in_force().filter(part__session=session).select_related("room").order_by("room__name", "pk")
    ):
        line = {
            "use": use,
            "taken": taken.get(use.pk, 0),
            "staff": staff.get(use.pk, []),
            "record": recorded.get(use.pk),
        }
        uses.setdefault(use.part_id, []).append(line)
    to_sit = seating.parts_to_sit(candidates)
    return [
        {
            "part": part,
            "sat": not candidates or part.part in to_sit,
            "rooms": uses.get(part.pk, []),
            "seated": sum(line["taken"] for line in uses.get(part.pk, [])),
            "seats": sum(line["use"].room.capacity for line in uses.get(part.pk, [])),
            "needed": standards.staff_per_room(part.part, edition),
        }
        for part in SessionPart.objects.filter(session=session)
    ]


def _candidate_rows(request, session: ExamSession) -> list[dict]:
    candidates = Candidate.objects.visible_to(request.user).filter(session=session)
    candidates = list(
        candidates.select_related(
            "application__person",
            "application__institution",
            "application__job_type",
            "application__rule_edition",
            "previous__session",
        ).order_by("ticket_number", "pk")
    )
    seats: dict[int, list[Seat]] = {}
    taken = Seat.objects.filter(candidate__in=[row.pk for row in candidates]).select_related("part", "use__room")
    for seat in taken.order_by("part__day", "part__first_slot"):
        seats.setdefault(seat.candidate_id, []).append(seat)
    return [
        {"candidate": row, "seats": seats.get(row.pk, []), "in_session": row.state in IN_SESSION} for row in candidates
    ]


def _states(session: ExamSession) -> dict[str, int]:
    counted = Candidate.objects.filter(session=session).order_by().values("state").annotate(number=Count("pk"))
    found = {row["state"]: row["number"] for row in counted}
    return {state: found.get(state, 0) for state in CandidateState}


def _numbers(session_ids: list[int]) -> dict[int, int]:
    """How many candidates each session has or had in its exam."""
    counted = Count("candidates", filter=Q(candidates__state__in=[*IN_SESSION, *EXAMINED]))
    rows = ExamSession.objects.filter(pk__in=session_ids).annotate(number_listed=counted)
    return dict(rows.values_list("pk", "number_listed"))


def _plan_of(session: ExamSession):
    item = getattr(session, "plan_item", None)
    return item.plan if item else None
