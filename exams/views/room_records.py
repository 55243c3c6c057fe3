"""What the organiser and its watchers see of a room on the day; corrections of the sign-in; the recording."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.documents.responses import pdf_response
from certification.organisations.access import may
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act, confirm_page
from certification.records import accesses
from certification.refusals import Refusal
from exams.exam_day import recordings, records, signing_in, standing
from exams.forms.exam_day import CorrectForm, RecordingForm
from exams.models import RoomRecord, SignIn
from exams.views.sessions import own_session


@require_GET
def room_record(request, pk: int):
    """A room's sign-in, its record and signatures."""
    record = get_object_or_404(_visible(request), pk=pk)
    found = standing.places(record.use)
    session = record.use.part.session
    own = session.organiser_id == request.user.organisation_id
    context = {
        "record": record,
        "use": record.use,
        "part": record.use.part,
        "session": session,
        "places": found,
        "tally": records.tally(found),
        "signatures": record.signatures.select_related("person").order_by("pk"),
        "awaited": standing.signers(record.use_id),
        "may_correct": own and may(request.user, signing_in.CORRECT),
        "entries": timeline.entries(record),
    }
    return render(request, "exams/room_record.html", context)


@require_GET
def room_record_pdf(request, pk: int):
    """The record on paper."""
    record = get_object_or_404(_visible(request), pk=pk)
    content = records.document(record.use, record)
    accesses.take_out(record, actor=request.user, now=clock.now(), what="考场记录", persons=record.use.seats.count())
    return pdf_response(content, f"room-record-{record.use.part.session.number}-{record.pk}.pdf")


@require_http_methods(["GET", "POST"])
def sign_in_correct(request, pk: int):
    """Correct a sign-in, with a reason."""
    rows = SignIn.objects.visible_to(request.user).filter(part__session__organiser=request.user.organisation_id)
    row = get_object_or_404(rows.select_related("candidate__application__person", "part", "use__room"), pk=pk)
    record = RoomRecord.objects.filter(use=row.use_id).first()
    return confirm_and_act(
        request,
        partial(signing_in.correct, actor=request.user, sign_in_id=row.pk),
        done=f"{row.candidate}的签到已更正。",
        title="更正签到",
        sentence=f"{row.candidate}在{row.use.room}登记为“{row.get_outcome_display()}”。更正前后均留在办理记录中。",
        action_label="更正",
        cancel_url=reverse("exams:room_record", args=[record.pk]) if record else reverse("exams:session_list"),
        subject=row.use.room,
        form=CorrectForm(request.POST or None, initial={"outcome": row.outcome}),
        danger=False,
    )


@require_http_methods(["GET", "POST"])
def recording_note(request, pk: int):
    """Note where the recording of a session lies."""
    session = own_session(request, pk)
    recording = getattr(session, "recording", None)
    page = {
        "title": "登记考试录像",
        "action_label": "登记",
        "cancel_url": reverse("exams:session_detail", args=[pk]),
        "subject": session.number,
        "danger": False,
    }
    if recording is None:
        refusal = Refusal("场次还没有开考，没有录像。", code="not_held")
        return confirm_page(request, sentence=f"场次{session}的考试录像。", refusal=refusal, **page)
    return confirm_and_act(
        request,
        partial(recordings.note_place, actor=request.user, session_id=session.pk),
        done="录像存放位置已登记。",
        sentence=f"场次{session}的考试录像。保存至 {recording.keep_until:%Y年%m月%d日}，届满前提醒。",
        form=RecordingForm(request.POST or None, initial={"place": recording.place}),
        **page,
    )


def _visible(request):
    rows = RoomRecord.objects.visible_to(request.user)
    return rows.select_related("use__part__session__job_type", "use__part__session__organiser", "use__room__site")
