"""Forms of the review pages."""

from django import forms
from django.db.models import Q, QuerySet

from approvals.models import Outcome
from approvals.opinions import Item
from approvals.stages import STEPS, Step
from certification.catalogue.models import ApplicationKind, OperationGroup
from certification.forms import Form
from certification.refusals import Incomplete
from exams.models import ExamApplication, MaterialKind

ITEM = "item_"
OTHER = "OTHER"
VERBS = {
    Outcome.PASS: "通过",
    Outcome.RETURN: "退回补正（退回培训机构，一次性告知）",
    Outcome.RETURN_TO_CITY: "退回设区市",
    Outcome.PROPOSE_REFUSAL: "拟不通过（转省厅考试中心）",
    Outcome.REFUSE: "不通过（不予安排考试）",
    Outcome.OBJECT: "提出异议（退回设区市重新审核）",
}


class QueueFilter(Form):
    """What the queue shows; it stands in the address, so that a list can be sent and kept."""

    stage = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="申请类型", required=False, choices=[("", "全部"), *ApplicationKind.choices])
    group = forms.ChoiceField(label="作业类别", required=False)
    q = forms.CharField(label="姓名、申报编号或培训机构", required=False)

    def __init__(self, *args, steps: list[Step], **kwargs):
        super().__init__(*args, **kwargs)
        self.steps = steps
        self.fields["stage"].choices = [(step.stage, step.stage.label) for step in steps]
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [("", "全部"), *groups.values_list("code", "name")]

    @property
    def step(self) -> Step:
        """The review whose queue is asked for; the first one's where none or a wrong one is named."""
        stage = self.cleaned_data.get("stage") if self.is_valid() else self.data.get("stage")
        return next((step for step in self.steps if step.stage == stage), self.steps[0])

    def apply(self, rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
        """``rows`` narrowed; a wrong value narrows nothing and shows as an error at its field."""
        self.is_valid()
        values = self.cleaned_data
        if values.get("kind"):
            rows = rows.filter(kind=values["kind"])
        if values.get("group"):
            rows = rows.filter(job_type__group__code=values["group"])
        if text := values.get("q", "").strip():
            rows = rows.filter(
                Q(person__name__startswith=text) | Q(number=text.upper()) | Q(institution__name__contains=text)
            )
        return rows


class ReviewForm(Form):
    """One opinion on one application: outcome, reason, and what to correct per material."""

    outcome = forms.ChoiceField(label="审核意见", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="退回设区市、拟不通过、不通过时必填；退回补正时在下方逐项填写。",
    )
    conditional = forms.BooleanField(
        label="附条件通过：学时证明在开考前1个工作日补交或者核实（方案三（二）2）", required=False
    )

    def __init__(
        self, *args, step: Step, application: ExamApplication, kinds: list[str], may_be_conditional: bool, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        self.fields["outcome"].choices = [(outcome, VERBS[outcome]) for outcome in step.outcomes]
        if not may_be_conditional:
            del self.fields["conditional"]
        for kind in [*kinds, OTHER]:
            self.fields[ITEM + kind] = forms.CharField(
                label=f"补正：{MaterialKind(kind).label if kind != OTHER else '其他'}",
                required=False,
                max_length=400,
            )

    @property
    def item_fields(self):
        """The fields for what to correct, as the page lays them out."""
        return [self[ITEM + kind] for kind in [*self.kinds, OTHER]]

    def place(self, incomplete: Incomplete) -> None:
        """Show what the activity found missing at the fields that it concerns."""
        for problem in incomplete.problems:
            field = ITEM + (self.kinds[0] if self.kinds else OTHER) if problem.field == "items" else problem.field
            self.add_error(field, problem.message)

    def items(self) -> list[Item]:
        """What was written beside each material, blank ones left out."""
        texts = {kind: self.cleaned_data.get(ITEM + kind, "").strip() for kind in [*self.kinds, OTHER]}
        return [Item("" if kind == OTHER else kind, text) for kind, text in texts.items() if text]


class RecordForm(Form):
    """The province's own word on what the city passed."""

    outcome = forms.ChoiceField(
        label="省级审核记录",
        widget=forms.RadioSelect,
        choices=[
            (Outcome.PASS, "审核通过，同意进入许可决定"),
            (Outcome.OBJECT, VERBS[Outcome.OBJECT]),
            (Outcome.REFUSE, "审核不通过（供许可决定参考，不影响已参加的考试）"),
        ],
    )
    reason = forms.CharField(
        label="理由", required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="提出异议、不通过时必填。"
    )

    def place(self, incomplete: Incomplete) -> None:
        """Show what the activity found missing at the fields that it concerns."""
        for problem in incomplete.problems:
            self.add_error(problem.field, problem.message)


class ReviewedFilter(Form):
    """Which opinions the list of what was done shows."""

    stage = forms.ChoiceField(label="环节", required=False)
    outcome = forms.ChoiceField(label="意见", required=False, choices=[("", "全部"), *Outcome.choices])
    mine = forms.BooleanField(label="只看本人办理", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stages = [(step.stage, step.stage.label) for step in STEPS.values()]
        self.fields["stage"].choices = [
            ("", "全部"),
            *stages,
            ("OBJECTION", "省级异议"),
            ("PROVINCIAL_RECORD", "省级审核记录"),
        ]
