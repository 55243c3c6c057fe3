"""Filters of the lists; they live in the address."""

from django import forms

from certification import clock
from certification.catalogue.models import ApplicationKind, OperationGroup
from certification.forms import Form
from training.models import PlanReceipt, TrainingPlan
from training.states import Phase, PlanState, ReceiptState

ALL = ("", "全部")
# Among the answers the question itself: received, and still to be answered before the class starts.
TO_ANSWER = "to_answer"


class PlanFilter(Form):
    """What of the training plans to show. Whatever cannot be read filters nothing."""

    answer = forms.ChoiceField(
        label="本单位回执", required=False, choices=[ALL, (TO_ANSWER, "待签收"), *ReceiptState.choices]
    )
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *PlanState.choices])
    phase = forms.ChoiceField(label="进度", required=False, choices=[ALL, *Phase.choices])
    kind = forms.ChoiceField(label="培训类型", required=False, choices=[ALL, *ApplicationKind.choices])
    group = forms.ChoiceField(label="作业类别", required=False)
    starts_from = forms.DateField(label="开班不早于", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    starts_until = forms.DateField(label="开班不晚于", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    institution = forms.CharField(label="培训机构", required=False, max_length=80)

    def __init__(self, data, *, receives: bool, files: bool):
        super().__init__(data)
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [ALL, *dict(groups.values_list("code", "name")).items()]
        if not receives:
            del self.fields["answer"]
        if files:
            del self.fields["institution"]
        else:
            drafts = (PlanState.DRAFT.value,)
            self.fields["state"].choices = [pair for pair in self.fields["state"].choices if pair[0] not in drafts]

    def apply(self, plans, recipient_id: int | None):
        """``plans`` narrowed to what the filter asks for."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        lookups = {
            "state": "state",
            "kind": "kind",
            "group": "job_type__group__code",
            "starts_from": "class_start__gte",
            "starts_until": "class_start__lte",
            "institution": "institution__name__icontains",
        }
        plans = plans.filter(**{lookups[name]: value for name, value in chosen.items() if name in lookups})
        if "phase" in chosen:
            plans = plans.in_phase(chosen["phase"], clock.today())
        if "answer" in chosen:
            plans = plans.filter(pk__in=_receipts(recipient_id, chosen["answer"]).values("plan"))
        return plans

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return self.is_bound and any(self.cleaned_data.values())


def _receipts(recipient_id: int | None, answer: str):
    if answer == TO_ANSWER:
        return PlanReceipt.objects.to_answer(recipient_id, clock.today())
    return PlanReceipt.objects.filter(recipient=recipient_id, state=answer)


class RosterFilter(Form):
    """Which classes of the roster list to show."""

    MISSING, SUBMITTED = "missing", "submitted"
    roster = forms.ChoiceField(label="名单", required=False, choices=[ALL, (MISSING, "未报"), (SUBMITTED, "已报")])
    group = forms.ChoiceField(label="作业类别", required=False)

    def __init__(self, data):
        super().__init__(data)
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [ALL, *dict(groups.values_list("code", "name")).items()]

    def apply(self, plans):
        """``plans`` narrowed to what the filter asks for."""
        self.is_valid()
        if group := self.cleaned_data.get("group"):
            plans = plans.filter(job_type__group__code=group)
        if which := self.cleaned_data.get("roster"):
            plans = plans.filter(rosters__isnull=which == self.MISSING).distinct()
        return plans

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return any(self.cleaned_data.values())


def visible_plans(user):
    """The plans that ``user`` may see, with everything that a list row shows."""
    return TrainingPlan.objects.visible_to(user).select_related(
        "institution", "organiser", "job_type", "variant", "rule_edition"
    )
