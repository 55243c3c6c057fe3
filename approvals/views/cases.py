"""One application under review: the case beside its papers, the checks, and the other tier's opinion."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals import queue
from approvals.checks import facts_about
from approvals.forms.reviews import RecordForm, ReviewForm
from approvals.models import Outcome, Review, Stage
from approvals.opinions import Item
from approvals.reviewing import needs_hours_proof, object_to, record_provincial_review, reveal_number, review
from approvals.stages import BY_STATE, Step, needs_provincial_record
from approvals.telling import is_office, is_told
from certification import clock
from certification.deadlines.models import Deadline
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.separation import Capacity
from certification.portal import timeline
from certification.refusals import Incomplete, NotPermitted, Refusal, SeparationBreach
from certification.workflow import Result
from exams import obligations, paper_standards
from exams.hours import late_hours
from exams.models import Candidate, ClassMaterial, ExamApplication
from exams.states import ApplicationState


@require_http_methods(["GET", "POST"])
def case(request, pk: int):
    """Show the case; POST gives this person's opinion and leads to the next case."""
    application = get_object_or_404(
        ExamApplication.objects.visible_to(request.user).select_related(
            "person", "job_type__group", "variant", "institution", "organiser", "plan", "trainee", "rule_edition"
        ),
        pk=pk,
    )
    page = _Page(request, application)
    if request.method == "POST":
        return page.act()
    return page.show()


class _Page:
    """The page of one case for one person."""

    def __init__(self, request, application: ExamApplication):
        self.request = request
        self.user = request.user
        self.application = application
        self.step: Step | None = BY_STATE.get(application.state)
        self.materials = list(application.materials.select_related("file", "text").order_by("kind", "-submitted_at"))
        self.proven = application.pk in obligations.with_hours_proof([application])
        self.obstacle: Refusal | None = None

    def act(self):
        """Give the opinion that was sent; errors and refusals show at the form with what was typed."""
        act = self.request.POST.get("act")
        if act == "reveal" and may(self.user, "approvals.view_reviews"):
            return self.show(number=reveal_number(actor=self.user, application_id=self.application.pk))
        if act == "record":
            return self._record()
        if self.step is None:
            return self.show(refusal=_moved_on(self.application), status=409)
        form = self._review_form(self.request.POST)
        if not form.is_valid():
            return self.show(form=form, status=422)
        step = self.step
        try:
            (result,) = review(
                actor=self.user,
                application_ids=[self.application.pk],
                stage=self.request.POST.get("stage", step.stage),
                outcome=form.cleaned_data["outcome"],
                reason=form.cleaned_data["reason"],
                items=form.items(),
                conditional=form.cleaned_data.get("conditional", False),
            )
        except Incomplete as incomplete:
            form.place(incomplete)
            return self.show(form=form, status=422)
        except Refusal as refusal:
            return self.show(form=form, refusal=refusal, status=422)
        return self._after(result, form, step)

    def _after(self, result: Result, form, step: Step):
        if not result.ok:
            return self.show(form=form, refusal=result.refusal, status=409)
        outcome = Outcome(form.cleaned_data["outcome"]).label
        messages.success(self.request, f"{self.application.person}（{self.application.number}）：{outcome}，已办理。")
        following = queue.next_after(self.user, self.application, step)
        if following is None:
            return redirect(f"{reverse('approvals:reviews')}?stage={step.stage}")
        return redirect("approvals:case", following.pk)

    def _record(self):
        form = RecordForm(self.request.POST)
        if not form.is_valid():
            return self.show(record_form=form, status=422)
        outcome, reason = form.cleaned_data["outcome"], form.cleaned_data["reason"]
        common = {"actor": self.user, "application_ids": [self.application.pk], "reason": reason}
        try:
            (result,) = (
                object_to(**common)
                if outcome == Outcome.OBJECT
                else record_provincial_review(outcome=outcome, **common)
            )
        except Incomplete as incomplete:
            form.place(incomplete)
            return self.show(record_form=form, status=422)
        except Refusal as refusal:
            return self.show(record_form=form, refusal=refusal, status=422)
        if not result.ok:
            return self.show(record_form=form, refusal=result.refusal, status=409)
        messages.success(self.request, f"{self.application.person}：{Outcome(outcome).label}，已记录。")
        following = queue.reported(self.user).order_by("pk").first()
        return redirect("approvals:case", following.pk) if following else redirect("approvals:reports")

    def show(self, *, form=None, record_form=None, refusal: Refusal | None = None, number: str = "", status=200):
        application = self.application
        may_review = self._may_review()
        context = {
            "application": application,
            "person": application.person,
            "step": self.step,
            "session": self._session(),
            "deadline": self._deadline(),
            "facts": facts_about(application, today=clock.today()) if self._is_office() else [],
            "materials": self._shown_materials(),
            "exemption": paper_standards.exemption_of(application),
            "class_materials": ClassMaterial.objects.filter(plan=application.plan_id, replaced_at=None)
            .select_related("file")
            .order_by("pk"),
            "late_hours": late_hours([application]).get(application.pk),
            "opinions": self._opinions(),
            "form": (form or self._review_form()) if may_review else None,
            "record_form": (record_form or RecordForm()) if self._may_record() else None,
            "number": number,
            "may_reveal": may(self.user, "approvals.view_reviews") and not number,
            "obstacle": self.obstacle,
            "refusal": refusal,
            "entries": timeline.entries(application) if self._is_office() else [],
            "is_office": self._is_office(),
        }
        response = render(self.request, "approvals/reviews/case.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response

    def _is_office(self) -> bool:
        return is_office(self.user)

    def _review_form(self, data=None) -> ReviewForm:
        kinds = list(dict.fromkeys(row.kind for row in self.materials if row.replaced_at is None))
        standard = paper_standards.papers_of(self.application)
        held = set(kinds)
        kinds += [kind.value for kind in [*standard.missing(held), *standard.missing_later(held)]]
        return ReviewForm(
            data,
            step=self.step,
            application=self.application,
            kinds=kinds,
            may_be_conditional=needs_hours_proof(self.application, proven=False),
        )

    def _may_review(self) -> bool:
        """Whether the form is shown; where separation forbids it, ``obstacle`` says why instead."""
        if self.step is None or not may(self.user, self.step.action):
            return False
        return self._unobstructed(self.step.capacity, own=self.step.own)

    def _may_record(self) -> bool:
        application = self.application
        if application.state != ApplicationState.CLEARED or not needs_provincial_record(application):
            return False
        if not may(self.user, "approvals.review_province"):
            return False
        last = Review.objects.filter(application=application).order_by("-at", "-pk").first()
        recorded = last is not None and last.stage == Stage.PROVINCIAL_RECORD
        return not recorded and self._unobstructed(Capacity.REVIEWS)

    def _unobstructed(self, capacity: Capacity, *, own: bool = False) -> bool:
        try:
            if own:
                access.require_own(self.user, self.application.organiser_id)
            separation.require(self.user, capacity, self.application)
        except (NotPermitted, SeparationBreach) as obstacle:
            self.obstacle = obstacle
            return False
        return True

    def _session(self):
        place = Candidate.objects.filter(application=self.application).select_related("session__site")
        place = place.order_by("-listed_at", "-pk").first()
        return place.session if place and place.state not in ("MOVED", "WITHDRAWN") else None

    def _deadline(self) -> Deadline | None:
        if self.step is None:
            return None
        return queue.deadlines_of(self.step, [self.application]).get(self.application.pk)

    def _shown_materials(self) -> list[tuple]:
        """Each current paper with what it replaced, and whether it came in after a return for correction."""
        returned = [row.at for row in self._all_opinions() if row.outcome == Outcome.RETURN]
        shown = []
        for row in self.materials:
            if row.replaced_at is None:
                older = [one for one in self.materials if one.kind == row.kind and one.replaced_at is not None]
                shown.append((row, older, bool(returned and row.submitted_at > returned[0])))
        return shown

    def _all_opinions(self) -> list[Review]:
        if not hasattr(self, "_kept"):
            rows = self.application.reviews.select_related("reviewer__person", "organisation")
            self._kept = list(rows.order_by("at", "pk"))
        return self._kept

    def _opinions(self) -> list[tuple[Review, list[Item]]]:
        rows = self._all_opinions()
        if not self._is_office():
            rows = [row for row in rows if is_told(row)]
        return [(row, [Item(item.get("material", ""), item["text"]) for item in row.items]) for row in rows]


def _moved_on(application: ExamApplication) -> Refusal:
    return Refusal(
        f"“{application}”当前状态为“{application.get_state_display()}”，不在审核环节。",
        code="wrong_state",
        advice="该事项可能已由他人处理。",
    )
