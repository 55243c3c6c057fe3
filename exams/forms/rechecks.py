"""Forms of the re-check of a score."""

from decimal import Decimal

from django import forms

from certification.forms import Form
from exams.models import Part
from exams.scores.rows import Row
from exams.standards import PartStandard
from exams.states import RecheckState


class RecheckRequest(Form):
    """Why a score should be looked at again."""

    reason = forms.CharField(
        label="申请理由",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        help_text="写明对哪一部分成绩有异议、依据是什么。原成绩在答复前继续有效。",
    )


class RecheckAnswer(Form):
    """What the candidate is told."""

    text = forms.CharField(label="答复", widget=forms.Textarea(attrs={"rows": 4}), max_length=500)


class RecheckFinding(Form):
    """What the original records say; a score only where it is another than the released one."""

    finding = forms.CharField(
        label="核查情况",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text="写明核查了哪些原始记录（考试机记录、评分表、录像）和结果。",
    )
    changed = forms.BooleanField(label="成绩有误，更正如下", required=False)
    absent = forms.BooleanField(label="缺考", required=False)
    veto = forms.BooleanField(label="触发否决项", required=False)

    def __init__(self, *args, part: str, standard: PartStandard, **kwargs):
        super().__init__(*args, **kwargs)
        self.subjects = standard.subjects
        names = [(subject.code, f"{subject.code} {subject.name}") for subject in standard.subjects]
        for code, label in names or [("score", "成绩")]:
            self.fields[code] = forms.DecimalField(
                label=label, required=False, max_digits=4, decimal_places=1, min_value=0
            )
        if part == Part.THEORY or not standard.veto:
            del self.fields["veto"]
        self.order_fields(["finding", "changed", "absent", *[code for code, _ in names], "score", "veto"])

    def row(self) -> Row | None:
        """The score that follows from what was found; None where the released one stands."""
        data = self.cleaned_data
        if not data["changed"]:
            return None
        subscores: dict[str, Decimal] = {
            subject.code: data[subject.code] for subject in self.subjects if data.get(subject.code) is not None
        }
        return Row(0, data["absent"], data.get("score"), subscores, data.get("veto", False)).with_total()


class RecheckFilter(Form):
    """Which requests the list shows."""

    state = forms.ChoiceField(label="状态", choices=[("", "全部"), *RecheckState.choices], required=False)
