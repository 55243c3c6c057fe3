"""Rooms, seats and staff of a session."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from certification import clock
from certification.forms import placed
from certification.people.models import Person
from certification.portal.confirm import confirm_and_act, confirm_page
from certification.refusals import Refusal
from certification.rulebook import lookup
from certification.selection import ticked
from exams import standards
from exams.forms.applications import Reason
from exams.forms.arranging import RoomReplaceForm, RoomsForm, SeatForm, StaffForm
from exams.models import Candidate, Duty, ExamRoom, ExamSession, Part, RoomUse, Seat, SessionPart, StaffAssignment
from exams.rooms import fitness, overflow, overriding, replacing, seating, staffing
from exams.rooms.relocating import Carried
from exams.sessions import assigning
from exams.views.outcomes import NOTHING_CHOSEN, Outcomes
from exams.views.sessions import own_session, session_page


@require_http_methods(["GET", "POST"])
def session_rooms(request, pk: int):
    """Which rooms each part uses: one form, so that nothing ticked for one part is lost when another is saved."""
    session = own_session(request, pk)
    parts = SessionPart.objects.filter(session=session)
    forms = {part: _rooms_form(session, part, request.POST or None) for part in parts}
    refusal = None
    if request.method == "POST":
        try:
            _use_rooms(request, session, forms)
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, "考场安排已保存。")
            return redirect("exams:session_rooms", pk=session.pk)
    context = {
        "session": session,
        "parts": [(part, form, _in_use(part)) for part, form in forms.items()],
        "overflows": overflow.overflows(session),
        "refusal": refusal,
    }
    return render(request, "exams/session_rooms.html", context, status=422 if refusal else 200)


@require_POST
def session_seat(request, pk: int):
    """Admit and seat everybody who is cleared; who has no seat is named."""
    session = own_session(request, pk)
    try:
        done = seating.seat_candidates(actor=request.user, session_id=session.pk)
    except Refusal as refusal:
        return session_page(request, session, refusal=refusal)
    if not done.unseated:
        messages.success(request, f"新安排 {len(done.seated)} 人，保留原座位 {len(done.kept)} 人，无遗漏。")
        return redirect("exams:session_detail", pk=session.pk)
    return session_page(request, session, seated=done)


@require_http_methods(["GET", "POST"])
def seat_move(request, pk: int):
    """Give one candidate another seat by hand, with a reason."""
    own = Seat.objects.filter(
        part__session__in=ExamSession.objects.visible_to(request.user).filter(organiser=request.user.organisation_id)
    )
    seat = get_object_or_404(own.select_related("candidate__application__person", "part__session", "use__room"), pk=pk)
    session = seat.part.session
    uses = RoomUse.objects.in_force().filter(part=seat.part_id).select_related("room").order_by("room__name", "pk")
    initial = {"use": seat.use_id, "number": seat.number, "as_seen": overriding.seen(seat)}
    form, refusal = SeatForm(request.POST or None, uses=uses, initial=initial), None
    if request.method == "POST" and form.is_valid():
        try:
            moves = overriding.move_seat(actor=request.user, seat_id=seat.pk, **form.place)
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"座位已调整：{'；'.join(map(str, moves))}。准考证请重新打印。")
            return redirect(f"{reverse('exams:session_detail', args=[session.pk])}#reseated")
    return confirm_page(
        request,
        title="人工调整座位",
        sentence=f"{seat.candidate}的{seat.part.get_part_display()}座位现为{overriding.place_of(seat)}。",
        consequences=[
            *(f"{use.room.name}空位：{_ranges(overriding.free_numbers(use)) or '无'}" for use in uses),
            "准考证随之变更，列入准考证变更清单，并通知培训机构；原因和经办人留存。",
        ],
        action_label="调整座位",
        cancel_url=reverse("exams:session_detail", args=[session.pk]),
        subject=session.number,
        form=form,
        refusal=refusal,
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def room_replace(request, pk: int):
    """Put everybody in one room into another, with a reason."""
    own = (
        RoomUse.objects.in_force()
        .with_people()
        .filter(
            part__session__in=ExamSession.objects.visible_to(request.user).filter(
                organiser=request.user.organisation_id
            )
        )
    )
    use = get_object_or_404(own.select_related("room", "part__session__job_type", "part__session__site"), pk=pk)
    rooms = replacing.rooms_for(use)
    return confirm_and_act(
        request,
        lambda room, reason: replacing.replace_room(actor=request.user, use_id=use.pk, room_id=room.pk, reason=reason),
        done=lambda done: _replaced(use, done),
        title="整体换考场",
        sentence=f"{use.part.get_part_display()}考场“{use.room.name}”现有考生 {use.sitting} 人、"
        f"考务人员 {use.serving} 人。",
        consequences=[
            "考生的座位号不变，考务人员随考场转移，不必重新答复。",
            "准考证随之变更，列入准考证变更清单；培训机构和考务人员会收到通知。",
            *([] if rooms else ["本考试点没有同一时间空闲、设备符合且座位足够的其他考场。"]),
        ],
        action_label="换考场",
        cancel_url=reverse("exams:session_rooms", args=[use.part.session_id]),
        subject=use.part.session.number,
        form=RoomReplaceForm(request.POST or None, rooms=rooms),
        danger=False,
    )


def _replaced(use: RoomUse, done: Carried) -> str:
    return (
        f"“{use.room.name}”已换到“{done.uses[0].room.name}”：考生 {len(done.moves)} 人、"
        f"考务人员 {len(done.staff)} 人。准考证请重新打印。"
    )


@require_http_methods(["GET", "POST"])
def session_staff(request, pk: int):
    """Who serves in which room; ``?use=&duty=`` come chosen, for the next person there."""
    session = own_session(request, pk)
    uses = RoomUse.objects.in_force().filter(part__session=session).select_related("part", "room")
    uses = uses.order_by("part__day", "pk")
    form = StaffForm(request.POST or None, initial=request.GET.dict(), uses=uses, **_persons(session))
    refusal = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            staffing.assign_staff(
                actor=request.user,
                use_id=data["use"].pk,
                person_id=data["person"].pk,
                duty=data["duty"],
                replaces_id=data["replaces"],
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已邀请{data['person']}担任{Duty(data['duty']).label}，等待本人答复。")
            again = urlencode({"use": data["use"].pk, "duty": data["duty"]})
            return redirect(f"{reverse('exams:session_staff', args=[session.pk])}?{again}")
    serving = StaffAssignment.objects.filter(use__part__session=session).select_related(
        "person", "use__room", "use__part", "replaces__person", "replacement__person"
    )
    context = {
        "session": session,
        "form": form,
        "refusal": refusal,
        "serving": [
            (row, getattr(row, "replacement", None))
            for row in serving.order_by("use__part__day", "use__part__first_slot", "use__room__name", "pk")
        ],
        "has_rooms": uses.exists(),
        "wanted": _wanted(session),
        "shortages": staffing.shortages([session.pk]).get(session.pk, []),
    }
    failed = refusal is not None or bool(form.errors)
    return render(request, "exams/session_staff.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "POST"])
def staff_end(request, pk: int):
    """Release somebody from a duty, with a reason."""
    own = StaffAssignment.objects.visible_to(request.user).filter(
        use__part__session__organiser=request.user.organisation_id, ended_at__isnull=True
    )
    assignment = get_object_or_404(own.select_related("person", "use__room", "use__part__session"), pk=pk)
    session = assignment.use.part.session
    form = Reason(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            staffing.end_assignment(actor=request.user, assignment_id=assignment.pk, reason=form.cleaned_data["reason"])
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已解除{assignment.person}的考务安排。")
            return redirect("exams:session_staff", pk=session.pk)
    return confirm_page(
        request,
        title="解除考务安排",
        sentence=f"将解除{assignment.person}在{assignment.use.room}的{assignment.get_duty_display()}职责。",
        action_label="解除",
        cancel_url=reverse("exams:session_staff", args=[session.pk]),
        subject=f"{session.number} 考务人员",
        form=form,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def candidates_move(request, pk: int):
    """Name who would go to the pool, then move them with a reason."""
    session = own_session(request, pk)
    ids = ticked(request.POST or request.GET, "candidate")
    rows = Candidate.objects.visible_to(request.user).filter(session=session, pk__in=ids)
    rows = list(rows.select_related("application__person").order_by("pk"))
    if not rows:
        return session_page(request, session, refusal=NOTHING_CHOSEN)
    confirmed = "reason" in request.POST
    form = Reason(request.POST if confirmed else None)
    refusal = None
    if confirmed and form.is_valid():
        try:
            results = assigning.move_to_pool(
                actor=request.user,
                candidate_ids=[row.pk for row in rows],
                reason=form.cleaned_data["reason"],
            )
        except Refusal as found:
            refusal = found
        else:
            _say(request, Outcomes.of("转入待安排考试", results))
            return redirect("exams:session_detail", pk=session.pk)
    return confirm_page(
        request,
        title="转入待安排考试",
        sentence=f"以下 {len(rows)} 人将退出场次{session.number}，座位和准考证作废，申报材料和审核结果保留。",
        consequences=[str(row) for row in rows],
        action_label="转入待安排",
        cancel_url=request.path.removesuffix("move/"),
        subject=session.number,
        form=form,
        refusal=refusal,
    )


def _ranges(numbers: list[int]) -> str:
    """Rising numbers in words: 3、5—9号."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    shown = "、".join("—".join(map(str, run)) for run in runs)
    return f"{shown}号" if shown else ""


def _say(request, outcomes: Outcomes) -> None:
    if outcomes.made:
        messages.success(request, f"{outcomes.label}：{outcomes.made} 人。")
    for name, refusal in outcomes.refused:
        messages.error(request, f"{name}：{refusal}")


def _rooms_form(session: ExamSession, part: SessionPart, data) -> RoomsForm:
    rooms = ExamRoom.objects.filter(site=session.site_id, part=part.part).order_by("name", "pk")
    used = list(part.rooms.in_force().values_list("room_id", flat=True))
    unfit = fitness.unfit(rooms, session, part.part, part)
    return RoomsForm(data, rooms=rooms, unfit=unfit, initial={"rooms": used}, prefix=part.part.lower())


def _in_use(part: SessionPart) -> list[RoomUse]:
    """The rooms of the part that cannot simply be given back, with how many sit and serve there."""
    uses = part.rooms.in_force().with_people().select_related("room")
    return [use for use in uses.order_by("room__name", "pk") if use.sitting or use.serving]


@transaction.atomic
def _use_rooms(request, session: ExamSession, forms) -> None:
    """Save the parts whose rooms changed, all or none of them."""
    for part, form in forms.items():
        if not form.is_valid():
            raise Refusal("请从列表中选择考场。", code="invalid")
        rooms = {room.pk for room in form.cleaned_data["rooms"]}
        if rooms != set(form.initial["rooms"]):
            seating.use_rooms(actor=request.user, session_id=session.pk, part=part.part, room_ids=rooms)


def _persons(session: ExamSession) -> dict:
    """Who may serve, and as what: for the form."""
    duties: dict[int, list[str]] = {}
    for duty in Duty:
        for pk in staffing.qualified(session, duty).values_list("pk", flat=True):
            duties.setdefault(pk, []).append(duty.label)
    persons = Person.objects.filter(pk__in=duties).prefetch_related("accounts__organisation")
    return {"persons": persons.order_by("name", "pk"), "duties": duties}


def _wanted(session: ExamSession) -> str:
    """How many each room needs, in words."""
    edition = lookup.edition_on(clock.today())
    parts = SessionPart.objects.filter(session=session).order_by("day", "first_slot")
    return "，".join(
        f"{part.get_part_display()}每考场{staffing.DUTY_OF[Part(part.part)].label}"
        f"不少于 {standards.staff_per_room(part.part, edition)} 人"
        for part in parts
    )
