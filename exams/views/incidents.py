"""考试异常情况: the list, reporting, one incident and each step of it."""

from functools import partial
from uuid import uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.documents.responses import pdf_response
from certification.forms import placed
from certification.notices import told
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.records import accesses
from certification.refusals import Refusal
from certification.rulebook import lookup
from exams.day_states import INCIDENT, IncidentState
from exams.forms.incidents import (
    AskReviewForm,
    DecisionForm,
    EvidenceForm,
    ProposalForm,
    ReportForm,
    ReviewForm,
    StatementForm,
    ToldForm,
)
from exams.incidents import acts, deciding, incident_papers, reporting
from exams.incidents.incident_notices import incident_url
from exams.models import Candidate, ExamSession, Incident, RoomUse, Seat
from exams.states import NOT_ADMITTED


@require_safe
def incident_list(request):
    """The incidents that the person may see, the newest first."""
    rows = Incident.objects.visible_to(request.user).for_display()
    state = request.GET.get("state", "")
    if state in IncidentState.values:
        rows = rows.filter(state=state)
    page = keyset_page(request, rows, ("-pk",))
    context = {"page": page, "state": state, "states": IncidentState.choices}
    return render(request, "exams/incident_list.html", context)


@require_http_methods(["GET", "POST"])
def incident_report(request, pk: int):
    """Report what happened; ``?use=`` comes chosen from the room's page."""
    session = get_object_or_404(ExamSession.objects.visible_to(request.user), pk=pk)
    edition = lookup.edition_on(session.starts_on)
    chosen = request.GET.get("use", "")
    first = {"entry_key": uuid4(), "use": chosen if chosen.isdecimal() else None, "happened_at": clock.now()}
    form = ReportForm(
        request.POST or None,
        request.FILES or None,
        acts=acts.of(edition).values(),
        uses=_uses(session),
        candidates=_candidates(request, session),
        initial=first,
    )
    refusal = None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            made = reporting.report(
                actor=request.user,
                session_id=session.pk,
                use_id=said.pop("use"),
                candidate_id=said.pop("candidate"),
                **said,
            )
            messages.success(request, f"异常情况已报告，编号 {made.number}。")
            return redirect(incident_url(made))
        except Refusal as found:
            refusal = placed(form, found)
    context = {"session": session, "form": form, "refusal": refusal}
    return render(request, "exams/incident_report.html", context, status=422 if request.method == "POST" else 200)


@require_safe
def incident(request, pk: int):
    """One incident with evidence, statement, proposal, decision and review."""
    return _page(request, _visible(request, pk))


def _page(request, found: Incident, *, refusal: Refusal | None = None, status: int = 200):
    own = found.session.organiser_id == request.user.organisation_id
    allows = INCIDENT.allows
    reports = may(request.user, reporting.REPORT)
    proposes = own and may(request.user, deciding.PROPOSE)
    context = {
        "incident": found,
        "refusal": refusal,
        "session": found.session,
        "files": reporting.evidence_of(found),
        "on_paper": may(request.user, incident_papers.VIEW) and incident_papers.on_paper(found),
        "may_state": reports and allows("state_case", found.state),
        "may_add": reports and allows("add_evidence", found.state),
        "may_propose": proposes and allows("propose", found.state),
        "may_tell": proposes and found.decided_by_id and not found.told_on and allows("tell", found.state),
        "may_ask_review": proposes and found.decided_by_id and allows("ask_review", found.state),
        "may_decide": own and may(request.user, deciding.DECIDE) and allows("decide", found.state),
        "may_review": may(request.user, deciding.REVIEW) and allows("uphold", found.state),
        "may_open": may(request.user, "exams.application.view"),
        "may_open_session": may(request.user, "exams.session.view"),
        "entries": timeline.entries(found),
        "told": told.of(request.user, found),
    }
    return render(request, "exams/incident.html", context, status=status)


@require_safe
def incident_paper(request, pk: int):
    """The decision on paper, to be handed to the candidate."""
    found = _visible(request, pk)
    if not incident_papers.on_paper(found):
        raise Http404
    try:
        content = incident_papers.render(found)
    except Refusal as refusal:
        return _page(request, found, refusal=refusal, status=503)
    accesses.take_out(found, actor=request.user, now=clock.now(), what=incident_papers.TITLE, persons=1)
    return pdf_response(content, f"incident-{found.pk}.pdf")


@require_http_methods(["GET", "POST"])
def incident_statement(request, pk: int):
    """Write down the candidate's statement."""
    found = _visible(request, pk)
    form = StatementForm(request.POST or None, initial={"statement": found.statement})
    sentence = "处理意见提出前，应当听取考生陈述申辩。"
    return _step(request, found, form, reporting.note_statement, "记录考生陈述申辩", sentence)


@require_http_methods(["GET", "POST"])
def incident_evidence(request, pk: int):
    """Add evidence."""
    found = _visible(request, pk)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    return _step(request, found, form, reporting.add_evidence, "补充证据", "证据只能补充，不能删除。")


@require_http_methods(["GET", "POST"])
def incident_propose(request, pk: int):
    """Put before the head what should follow."""
    found = _own(request, pk)
    act = acts.of(lookup.edition_on(found.session.starts_on)).get(found.act)
    form = ProposalForm(request.POST or None, act=act)
    sentence = "处理意见由本单位负责人决定；提出人不作决定。"
    return _step(request, found, form, deciding.propose, "提出处理意见", sentence)


@require_http_methods(["GET", "POST"])
def incident_decide(request, pk: int):
    """Decide on what was proposed."""
    found = _own(request, pk)
    outcomes = {"decide": deciding.decide, "dismiss": deciding.dismiss, "send_back": deciding.send_back}
    barring = "，并提请禁考" if found.barred else ""
    sentence = f"拟处理：{found.get_effect_display() or '未提出'}{barring}。意见：{found.proposal}"
    form = DecisionForm(request.POST or None)
    return _step(request, found, form, lambda outcome, **said: outcomes[outcome](**said), "处理决定", sentence)


@require_http_methods(["GET", "POST"])
def incident_tell(request, pk: int):
    """Write down that the candidate was told of the decision."""
    found = _own(request, pk)
    sentence = "申请复核的期限自告知本人之日起计算。"
    return _step(request, found, ToldForm(request.POST or None), deciding.tell, "登记告知本人", sentence)


@require_http_methods(["GET", "POST"])
def incident_ask_review(request, pk: int):
    """Write down that the candidate asks for a review."""
    found = _own(request, pk)
    sentence = "考生申请复核的，由省级负责人复核；复核期间不停止执行，不影响依法申请行政复议和提起行政诉讼。"
    return _step(request, found, AskReviewForm(request.POST or None), deciding.ask_review, "登记复核申请", sentence)


@require_http_methods(["GET", "POST"])
def incident_review(request, pk: int):
    """Uphold or revoke the decision."""
    found = _visible(request, pk)
    sentence = f"原处理：{found.get_effect_display()}。复核请求：{found.review_request}"
    form = ReviewForm(request.POST or None)
    return _step(
        request,
        found,
        form,
        lambda outcome, **said: deciding.review(upheld=outcome == "uphold", **said),
        "复核",
        sentence,
    )


def _step(request, found: Incident, form, act, title: str, sentence: str):
    """One step on a page of its own: ``act`` is given what ``form`` holds."""
    return confirm_and_act(
        request,
        partial(act, actor=request.user, incident_id=found.pk),
        done=f"{title}：已保存。",
        title=title,
        sentence=f"{found}。{sentence}",
        action_label="保存",
        cancel_url=incident_url(found),
        subject=found.number,
        form=form,
        danger=False,
    )


def _visible(request, pk: int) -> Incident:
    return get_object_or_404(Incident.objects.visible_to(request.user).for_display(), pk=pk)


def _own(request, pk: int) -> Incident:
    found = _visible(request, pk)
    if found.session.organiser_id != request.user.organisation_id:
        raise Http404
    return found


def _uses(session: ExamSession) -> list[tuple[int, str]]:
    rows = RoomUse.objects.in_force().filter(part__session=session).select_related("part", "room")
    return [(row.pk, f"{row.part.get_part_display()} {row.room.name}") for row in rows.order_by("part__day", "pk")]


def _candidates(request, session: ExamSession) -> list[tuple[int, str]]:
    """The candidates of the session by their tickets, with room and seat where they have one."""
    rows = Candidate.objects.filter(session=session).exclude(state__in=NOT_ADMITTED)
    places = {row.candidate_id: row for row in Seat.objects.filter(part__session=session).select_related("use__room")}
    found = []
    for row in rows.select_related("application__person").order_by("ticket_number", "pk"):
        seat = places.get(row.pk)
        where = f"，{seat.use.room.name}{seat.number}号" if seat else ""
        found.append((row.pk, f"{row}（{row.ticket_number}{where}）"))
    return found
