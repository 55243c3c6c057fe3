"""Forms of spot checks: recording one; the filter of their list."""

from django import forms

from certification.forms import Form
from certification.inspections.forms import ChecklistForm
from certification.inspections.states import CheckState
from training.models import TrainingPlan
from training.spot_checks.recording import CHECKLIST


class CheckForm(ChecklistForm):
    """A spot check: heads, the checklist item by item, photographs."""

    lesson = forms.TypedChoiceField(label="正在上的课", required=False, coerce=int, empty_value=None)
    counted = forms.IntegerField(
        label="现场人数", min_value=0, max_value=9999, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    field_order = ("entry_key", "lesson", "counted")

    def __init__(self, *args, plan: TrainingPlan, today, **kwargs):
        super().__init__(*args, checklist=CHECKLIST, **kwargs)
        lessons = plan.lessons.to_sign().filter(day=today).order_by("starts_at", "pk")
        self.fields["lesson"].choices = [
            ("", "不对应课程"),
            *((lesson.pk, f"{lesson.starts_at:%H:%M}—{lesson.ends_at:%H:%M} {lesson.subject}") for lesson in lessons),
        ]


class CheckFilter(Form):
    """Which checks to list."""

    OPEN = "open"
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), (OPEN, "整改中"), *CheckState.choices]
    )
    institution = forms.CharField(label="培训机构", required=False, max_length=80)

    def apply(self, checks):
        """``checks`` narrowed to what the filter asks for."""
        self.is_valid()
        state, name = self.cleaned_data.get("state"), self.cleaned_data.get("institution")
        if state == self.OPEN:
            checks = checks.to_remedy()
        elif state:
            checks = checks.filter(state=state)
        return checks.filter(plan__institution__name__icontains=name) if name else checks

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return self.is_bound and any(self.cleaned_data.values())


class ClassFilter(Form):
    """Whose classes to look for."""

    institution = forms.CharField(label="培训机构或编号", required=False, max_length=80)
    day = forms.DateField(
        label="上课日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
