"""我的考务: what somebody on duty needs on the day, and nothing else: the answer, the door, the record of the room."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certification import clock
from certification.forms import placed
from certification.paging import keyset_page
from certification.portal.confirm import confirm_and_act, confirm_page
from certification.records import accesses
from certification.refusals import Refusal
from certification.rulebook import lookup
from exams.exam_day import records, signing_in, standing
from exams.forms.applications import Reason
from exams.forms.exam_day import RecordForm, RefuseForm, SignInForm
from exams.incidents.effects import incidents_of
from exams.models import RoomRecord, Seat, StaffAssignment
from exams.staff import answering
from exams.states import SessionState


@require_GET
def duty_list(request):
    """The person's own duties, the next ones first, then those that are over."""
    rows = _own(request)
    today = clock.today()
    coming = rows.filter(use__part__day__gte=today).order_by("use__part__day", "use__part__first_slot", "pk")
    past = keyset_page(request, rows.filter(use__part__day__lt=today), ("-id",))
    return render(request, "exams/duty_list.html", {"coming": list(coming), "past": past})


@require_GET
def duty_detail(request, pk: int):
    """One duty: room, time, answer, and the candidates of this room in the order of their seats. ``?number=`` from a
    card reader opens the one whose card it is."""
    assignment = get_object_or_404(_own(request), pk=pk)
    return _room(request, assignment)


@require_POST
def duty_accept(request, pk: int):
    """Take the duty."""
    assignment = get_object_or_404(_own(request), pk=pk)
    try:
        answering.accept(actor=request.user, assignment_id=assignment.pk)
        messages.success(request, "已接受考务安排。")
    except Refusal as refusal:
        return _room(request, assignment, refusal=refusal)
    return redirect("exams:duty_detail", pk=pk)


@require_http_methods(["GET", "POST"])
def duty_decline(request, pk: int):
    """Give the duty back, with a reason."""
    assignment = get_object_or_404(_own(request), pk=pk)
    form = Reason(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            answering.decline(actor=request.user, assignment_id=pk, reason=form.cleaned_data["reason"])
            messages.success(request, "已谢绝，并告知考试组织单位。")
            return redirect("exams:duty_list")
        except Refusal as found:
            refusal = found
    part = assignment.use.part
    return confirm_page(
        request,
        title="谢绝考务安排",
        sentence=f"将谢绝 {part.day:%m月%d日} {part.starts_at} 在{assignment.use.room}的"
        f"{assignment.get_duty_display()}职责，考试组织单位另行安排人员。",
        action_label="谢绝",
        cancel_url=reverse("exams:duty_detail", args=[pk]),
        subject=assignment.use.room,
        form=form,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def door(request, pk: int):
    """One candidate at the door: photograph and number beside what has to be compared."""
    seat, assignment = _own_seat(request, pk)
    refusing = request.POST.get("act") == "refuse"
    edition = lookup.edition_on(seat.part.day)
    given = request.POST if request.method == "POST" else None
    form = SignInForm(None if refusing else given, initial={"number": request.GET.get("number", "")})
    refuse_form = RefuseForm(given if refusing else None, causes=signing_in.causes(edition), prefix="refuse")
    refusal = None
    if given is not None:
        used = refuse_form if refusing else form
        used.is_valid()
        act = signing_in.refuse_entry if refusing else signing_in.sign_in
        try:
            row = act(actor=request.user, seat_id=seat.pk, **used.cleaned_data)
            messages.success(request, f"{seat.number}号 {seat.candidate}：{row.get_outcome_display()}。")
            return redirect("exams:duty_detail", pk=assignment.pk)
        except Refusal as found:
            refusal = placed(used, found)
    else:
        accesses.reveal(seat.candidate, actor=request.user, now=clock.now())
    context = {
        "seat": seat,
        "candidate": seat.candidate,
        "assignment": assignment,
        "sign_in": seat.candidate.sign_ins.filter(part=seat.part).select_related("recorded_by__person").first(),
        "has_photo": standing.photo_of(seat.candidate) is not None,
        "times": standing.times(seat.part),
        "form": form,
        "refuse_form": refuse_form,
        "refusal": refusal,
    }
    return render(request, "exams/door.html", context, status=422 if given is not None else 200)


@require_GET
def door_photo(request, pk: int):
    """The photograph of the application, for who stands at the door."""
    seat, _assignment = _own_seat(request, pk)
    stored = standing.photo_of(seat.candidate)
    if stored is None or not stored.fetchable:
        raise Http404
    accesses.fetch(stored, seat.candidate, actor=request.user, now=clock.now(), download=False)
    with stored.file.open("rb") as content:
        response = HttpResponse(content.read(), content_type=stored.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "POST"])
def sign_in_close(request, pk: int):
    """Say who will be absent, then close the sign-in."""
    assignment = get_object_or_404(_own(request), pk=pk)
    missing = standing.missing(standing.places(assignment.use), assignment.use.part.part)
    return confirm_and_act(
        request,
        partial(signing_in.close_sign_in, actor=request.user, use_id=assignment.use_id),
        done="签到已结束。",
        title="结束签到",
        sentence=f"{assignment.use.room}结束签到，未签到的 {len(missing)} 人登记为缺考，此后不再放人入场。",
        consequences=[f"{one.seat.number}号 {one.candidate}：缺考" for one in missing],
        action_label="结束签到",
        cancel_url=reverse("exams:duty_detail", args=[pk]),
        subject=assignment.use.room,
        danger=bool(missing),
    )


@require_http_methods(["GET", "POST"])
def record_write(request, pk: int):
    """Fill in the record of the room."""
    assignment = get_object_or_404(_own(request), pk=pk)
    record = RoomRecord.objects.filter(use=assignment.use_id).first()
    lines = records.lines(lookup.edition_on(assignment.use.part.day))
    form = RecordForm(request.POST or None, lines=lines, initial=_written(record, lines))
    refusal = None
    if request.method == "POST":
        form.is_valid()
        said = form.cleaned_data
        try:
            records.write(
                actor=request.user,
                use_id=assignment.use_id,
                started_at=said.get("started_at"),
                ended_at=said.get("ended_at"),
                answers=form.answers,
                remarks=said.get("remarks", ""),
            )
            messages.success(request, "考场记录已保存，请监考员、考评员签名。")
            return redirect("exams:duty_detail", pk=pk)
        except Refusal as found:
            refusal = placed(form, found)
    context = {
        "assignment": assignment,
        "record": record,
        "form": form,
        "refusal": refusal,
        "tally": records.tally(standing.places(assignment.use)),
    }
    return render(request, "exams/record_write.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def record_sign(request, pk: int):
    """Sign the record as it was read."""
    assignment = get_object_or_404(_own(request), pk=pk)
    try:
        records.sign(actor=request.user, use_id=assignment.use_id, as_read=request.POST.get("as_read", ""))
        messages.success(request, "已签名。")
    except Refusal as refusal:
        return _room(request, assignment, refusal=refusal)
    return redirect("exams:duty_detail", pk=pk)


def _room(request, assignment: StaffAssignment, refusal=None):
    found = standing.places(assignment.use)
    number = request.GET.get("number", "").strip().replace(" ", "").upper()
    unknown = ""
    if number:
        whose = [one for one in found if one.candidate.application.person.document_number.upper() == number]
        if whose:
            return redirect(f"{reverse('exams:door', args=[whose[0].seat.pk])}?number={number}")
        unknown = "该证件号码不在本考场名单中。请核对准考证上的考场；确属他人持证的，登记拒绝入场并报告异常情况。"
    record = RoomRecord.objects.filter(use=assignment.use_id).first()
    signatures = list(record.signatures.filter(withdrawn_at__isnull=True).select_related("person")) if record else []
    part = assignment.use.part
    signs = assignment.duty in standing.SIGNERS
    context = {
        "assignment": assignment,
        "part": part,
        "places": found,
        "excused": standing.excused(found, part.part),
        "tally": records.tally(found),
        "times": standing.times(part),
        "held": part.session.state == SessionState.HELD,
        "today": part.day == clock.today(),
        "record": record,
        "signing_in": part.session.state == SessionState.HELD and (record is None or record.state == "SIGNING_IN"),
        "signatures": signatures,
        "signs": signs,
        "fingerprint": records.fingerprint(record) if record else "",
        "may_sign": signs
        and record is not None
        and record.state == "WRITING"
        and record.written_at is not None
        and assignment.person_id not in {row.person_id for row in signatures},
        "incidents": [one for one in incidents_of(request.user, part.session) if one.use_id == assignment.use_id],
        "unknown": unknown,
        "refusal": refusal,
    }
    return render(request, "exams/duty_detail.html", context, status=422 if refusal else 200)


def _written(record: RoomRecord | None, lines) -> dict:
    """What stands in the record; a new one comes with what is ordinary."""
    if record is None or record.written_at is None:
        return {f"answer_{line.code}": line.ordinary for line in lines}
    initial = {"started_at": record.started_at, "ended_at": record.ended_at, "remarks": record.remarks}
    for line in record.lines:
        initial[f"answer_{line['code']}"], initial[f"remark_{line['code']}"] = line["answer"], line["remark"]
    return initial


def _own_seat(request, pk: int) -> tuple[Seat, StaffAssignment]:
    """A seat of a room in which the person is on duty, else 404."""
    seats = Seat.objects.select_related(
        "part__session__job_type",
        "use__room__site",
        "candidate__application__person",
        "candidate__application__institution",
    )
    seat = get_object_or_404(seats, pk=pk)
    assignment = _own(request).filter(use=seat.use_id).order_by("pk").first()
    if assignment is None:
        raise Http404
    return seat, assignment


def _own(request):
    """Duties of the person behind the account, whatever else the account may see."""
    rows = StaffAssignment.objects.visible_to(request.user)
    rows = rows.filter(person=request.user.person_id, ended_at__isnull=True)
    return rows.select_related("person", "use__part__session__job_type", "use__room__site")
