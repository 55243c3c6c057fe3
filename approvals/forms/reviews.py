"""Forms of the review pages."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django import forms

from approvals.corrections.once import Item
from approvals.forms.corrections import again_field
from approvals.models import CorrectionNotice, Outcome, ReasonText
from approvals.reviews.stages import CITY_STAGES, PROVINCIAL_STAGES, Step
from certification.forms import Form, ShowsProblems
from certification.refusals import Problem
from exams.models import ExamApplication, MaterialKind

ITEM = "item_"
ASK = "ask_"
AGAIN = "again_"
OTHER = "OTHER"
VERBS = {
    Outcome.PASS: "通过",
    Outcome.RETURN: "退回补正（退回培训机构，一次性告知）",
    Outcome.RETURN_TO_CITY: "退回设区市",
    Outcome.PROPOSE_REFUSAL: "拟不通过（转省厅考试中心）",
    Outcome.REFUSE: "不通过（不予安排考试）",
    Outcome.OBJECT: "提出异议（退回设区市重新审核）",
}


class ReviewForm(ShowsProblems, Form):
    """One opinion on one application: outcome, reason, and what to correct per material."""

    outcome = forms.ChoiceField(label="审核意见", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "e"}),
        help_text="退回设区市、拟不通过、不通过时必填；退回补正时在下方逐项填写。",
    )
    chosen = forms.ChoiceField(
        label="从常用理由中选",
        required=False,
        widget=forms.Select(attrs={"data-fills": "id_reason"}),
        help_text="选用后写入理由，可以修改。",
    )
    conditional = forms.BooleanField(
        label="附条件通过：学时证明在开考前1个工作日补交或者核实（方案三（二）2）", required=False
    )

    def __init__(
        self,
        *args,
        step: Step,
        application: ExamApplication,
        kinds: list[str],
        may_be_conditional: bool,
        reasons: Iterable[ReasonText] = (),
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        self._offer(list(reasons))
        document = application.person.document_type
        names = {kind: MaterialKind(kind).named(document) for kind in kinds}
        self.fields["outcome"].choices = [(outcome, VERBS[outcome]) for outcome in step.outcomes]
        if not may_be_conditional:
            del self.fields["conditional"]
        self._parts = [ITEM, ASK, AGAIN] if _told_before(application, step) else [ITEM, ASK]
        for kind in [*kinds, OTHER]:
            self.fields[ITEM + kind] = forms.CharField(
                label=f"补正：{names.get(kind, '其他')}",
                required=False,
                max_length=400,
                widget=forms.TextInput(attrs={"list": f"reasons-{kind}"} if kind in self._texts else {}),
            )
            self.fields[ASK + kind] = forms.CharField(
                label="应当提交", required=False, max_length=400, help_text=f"空着写作“{_asked(names.get(kind))}”。"
            )
            if AGAIN in self._parts:
                self.fields[AGAIN + kind] = again_field()

    def _offer(self, reasons: list[ReasonText]) -> None:
        """Reasons of the whole to choose from, and texts for the items of each kind of paper."""
        self._texts: dict[str, list[str]] = defaultdict(list)
        by_outcome: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for reason in reasons:
            if reason.outcome == Outcome.RETURN:
                self._texts[reason.material or OTHER].append(reason.wording)
            else:
                by_outcome[Outcome(reason.outcome).label].append((reason.wording, reason.text))
        if by_outcome:
            self.fields["chosen"].choices = [("", "请选择"), *by_outcome.items()]
        else:
            del self.fields["chosen"]

    @property
    def lists(self) -> list[tuple[str, list[str]]]:
        """The texts offered for the items, by the kind of paper."""
        return [(kind, texts) for kind, texts in self._texts.items() if kind in (*self.kinds, OTHER)]

    def clean(self) -> dict:
        """Without a script the chosen reason comes beside the field that it would have filled."""
        values = super().clean()
        chosen, reason = values.get("chosen", ""), values.get("reason", "")
        if chosen and chosen not in reason:
            values["reason"] = "\n".join(filter(None, [reason.strip(), chosen]))
        return values

    @property
    def item_fields(self):
        """The fields for what to correct, as the page lays them out."""
        return [self[name + kind] for kind in [*self.kinds, OTHER] for name in self._parts]

    def show(self, problems: Iterable[Problem]) -> None:
        """What is wrong with the items stands at the first."""
        first = ITEM + (self.kinds[0] if self.kinds else OTHER)
        super().show(replace(problem, field=first) if problem.field == "items" else problem for problem in problems)

    def items(self) -> list[Item]:
        """What was written beside each material, blank ones left out."""
        said = self.cleaned_data.get
        return [
            Item("" if kind == OTHER else kind, text, ask=said(ASK + kind, ""), again=said(AGAIN + kind, ""))
            for kind in [*self.kinds, OTHER]
            if (text := said(ITEM + kind, "").strip())
        ]


def _asked(paper: str | None) -> str:
    return f"重新提交{paper}" if paper else "书面说明或者相应材料"


def _told_before(application: ExamApplication, step: Step) -> bool:
    """Whether the tier of ``step`` asked for corrections before."""
    stages = CITY_STAGES if step.stage in CITY_STAGES else PROVINCIAL_STAGES
    return CorrectionNotice.objects.filter(application=application, stage__in=stages).exists()


class RecordForm(ShowsProblems, Form):
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
        label="理由",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-key": "e"}),
        help_text="提出异议、不通过时必填。",
    )

    def __init__(self, *args, may_object: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_object:
            offered = self.fields["outcome"].choices
            self.fields["outcome"].choices = [choice for choice in offered if choice[0] != Outcome.OBJECT]
            self.fields["outcome"].help_text = "考试已经开始，不能再提出异议（规则 3.1）。"

    def items(self) -> list[Item]:
        """Nothing goes back to the institution from here."""
        return []
