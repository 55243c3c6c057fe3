"""One application under review: the case beside its papers, the checks, and the other tier's opinion."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from approvals.bars import proposing
from approvals.forms.reviews import RecordForm, ReviewForm
from approvals.lists import queue
from approvals.models import Outcome, PreparedOpinion, Review, Stage
from approvals.persons import history
from approvals.reviews import both_tiers, prepared, preparing, reasons, recording
from approvals.reviews.checks import facts_about
from approvals.reviews.opinions import Item
from approvals.reviews.preparing import prepare
from approvals.reviews.reviewing import needs_hours_proof, reveal_number
from approvals.reviews.stages import BY_STATE, PREPARED, RECORD, Step, needs_provincial_record
from approvals.reviews.telling import is_office, is_told
from approvals.takeovers import taken_over, taking_over
from approvals.views import panes
from approvals.views.beside import beside
from certification import clock
from certification.deadlines.models import Deadline
from certification.forms import placed
from certification.notices import told
from certification.organisations import access, separation
from certification.organisations.access import may
from certification.organisations.separation import Capacity
from certification.portal import timeline
from certification.refusals import NotPermitted, Refusal, SeparationBreach
from exams.applications import obligations
from exams.materials import paper_standards
from exams.materials.hours import late_hours
from exams.models import Candidate, ClassMaterial, ExamApplication, MaterialKind
from exams.states import WITH_CITY, ApplicationState

COMPARED = (MaterialKind.PHOTO, MaterialKind.IDENTITY_CARD)


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
            return self._prepare(RECORD, self._record_form(self.request.POST), "record_form")
        if self.step is None:
            return self.show(refusal=_moved_on(self.application), status=409)
        return self._prepare(self.step, self._review_form(self.request.POST), "form")

    def _prepare(self, step: Step, form: ReviewForm | RecordForm, shown_as: str):
        """Prepare what the form says, and on to the next case; else the page with what was typed."""
        again = {shown_as: form}
        if not form.is_valid():
            return self.show(status=422, **again)
        try:
            (result,) = prepare(
                actor=self.user,
                application_ids=[self.application.pk],
                stage=self.request.POST.get("stage", step.stage),
                outcome=form.cleaned_data["outcome"],
                reason=form.cleaned_data["reason"],
                items=form.items(),
                conditional=form.cleaned_data.get("conditional", False),
            )
        except Refusal as refusal:
            return self.show(refusal=placed(form, refusal), status=422, **again)
        if not result.ok:
            return self.show(refusal=result.refusal, status=409, **again)
        return redirect(panes.next_address(self.request, self.application, step))

    def show(self, *, form=None, record_form=None, refusal: Refusal | None = None, number: str = "", status=200):
        application = self.application
        standing = self._standing()
        may_review = self._may_review() and (standing is None or standing.is_of(self.user))
        context = {
            "application": application,
            "person": application.person,
            "step": self.step,
            "session": self._session(),
            "deadline": self._deadline(),
            "facts": facts_about(application, today=clock.today()) if self._is_office() else [],
            "materials": self._shown_materials(),
            "compared": self._compared(),
            "record": history.of_person(application.person, self.user, but=application) if self._is_office() else None,
            "exemption": paper_standards.exemption_of(application),
            "class_materials": ClassMaterial.objects.filter(plan=application.plan_id, replaced_at=None)
            .select_related("file")
            .order_by("pk"),
            "late_hours": late_hours([application]).get(application.pk),
            "opinions": self._opinions(),
            "form": (form or self._review_form()) if may_review else None,
            "standing": standing,
            "standing_items": _items(standing) if standing else [],
            "may_take_back": standing is not None and self._may_take_back(standing),
            "basket": self._basket(),
            "record_form": (record_form or self._record_form()) if self._may_record(standing) else None,
            "number": number,
            "may_reveal": may(self.user, "approvals.view_reviews") and not number,
            "may_propose_bar": may(self.user, proposing.PROPOSE),
            "obstacle": self.obstacle,
            "refusal": refusal,
            "entries": timeline.entries(application) if self._is_office() else [],
            "told": told.of(self.user, application),
            "is_office": self._is_office(),
            "pane": panes.pane_of(self.request, application),
            **self._takeover(),
            "tiers": both_tiers.of(application, self.user, clock.now()) if self._is_office() else None,
            **beside(self.user, application, office=self._is_office()),
        }
        response = render(self.request, "approvals/reviews/case.html", context, status=status)
        response["Cache-Control"] = "no-store"
        return response

    def _takeover(self) -> dict:
        """That the province took it over, and why; or that it may."""
        found = taken_over.of(self.application)
        context = {"takeover": found, "takeover_reads_only": may(self.user, "approvals.review_city")}
        if found is None and may(self.user, taking_over.ACTION) and self.application.state in WITH_CITY:
            context["missed_deadline"] = taken_over.missed([self.application], clock.now()).get(self.application.pk)
        return context

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
            reasons=reasons.of_step(self.step),
        )

    def _record_form(self, data=None) -> RecordForm:
        return RecordForm(data, may_object=not recording.started([self.application], clock.now()))

    def _may_review(self) -> bool:
        """Whether the form is shown; where separation forbids it, ``obstacle`` says why instead."""
        if self.step is None or not may(self.user, self.step.action):
            return False
        return self._unobstructed(self.step.capacity, own=self.step.own)

    def _standing(self) -> PreparedOpinion | None:
        """What stands prepared for the review that the case waits for; the institution is not told of it."""
        step = self.step or (RECORD if self.application.state == RECORD.state else None)
        if step is None or not self._is_office():
            return None
        found = prepared.standing_on([self.application.pk]).get(self.application.pk)
        return found if found and found.stage == step.stage else None

    def _may_take_back(self, standing: PreparedOpinion) -> bool:
        return (
            may(self.user, PREPARED[Stage(standing.stage)].action)
            and standing.organisation_id == self.user.organisation_id
        )

    def _basket(self) -> preparing.Basket | None:
        return preparing.basket_of(self.user) if may(self.user, "approvals.hand_over") else None

    def _may_record(self, standing: PreparedOpinion | None) -> bool:
        application = self.application
        if application.state != ApplicationState.CLEARED or not needs_provincial_record(application):
            return False
        if not may(self.user, RECORD.action) or (standing and not standing.is_of(self.user)):
            return False
        last = Review.objects.filter(application=application).order_by("-at", "-pk").first()
        recorded = last is not None and last.stage == Stage.PROVINCIAL_RECORD
        return not recorded and self._unobstructed(RECORD.capacity)

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

    def _compared(self) -> tuple[str, ...]:
        """Photo and identity card, to be looked at side by side; nothing where one of them is missing."""
        held = {row.kind for row in self.materials if row.replaced_at is None}
        return COMPARED if held.issuperset(COMPARED) else ()

    def _all_opinions(self) -> list[Review]:
        if not hasattr(self, "_kept"):
            rows = self.application.reviews.select_related(
                "reviewer__person", "on_behalf_of__person", "organisation", "prepared__handover"
            )
            self._kept = list(rows.order_by("at", "pk"))
        return self._kept

    def _opinions(self) -> list[tuple[Review, list[Item]]]:
        rows = self._all_opinions()
        if not self._is_office():
            rows = [row for row in rows if is_told(row)]
        return [(row, _items(row)) for row in rows]


def _items(row: Review | PreparedOpinion) -> list[Item]:
    return [Item.of(item) for item in row.items]


def _moved_on(application: ExamApplication) -> Refusal:
    return Refusal(
        f"“{application}”当前状态为“{application.get_state_display()}”，不在审核环节。",
        code="wrong_state",
        advice="该事项可能已由他人处理。",
    )
