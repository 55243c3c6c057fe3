"""Forms about dates: one date to compute, one class and exam to plan. All of them live in the address."""

from collections.abc import Iterable
from datetime import date, timedelta

from django import forms

from certification.catalogue.models import ApplicationKind, Category, JobType
from certification.deadlines.planning.planner import Wish
from certification.forms import Form
from certification.rulebook.models import Rule

FURTHEST = timedelta(days=3 * 365)


def day_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    """A day to choose."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class CalculateForm(Form):
    """A rule and the day of its event."""

    rule = forms.ChoiceField(label="规则")
    event = day_field("起算日期", required=True)

    def __init__(self, *args, rules: Iterable[Rule], **kwargs):
        super().__init__(*args, **kwargs)
        self._rules = {rule.code: rule for rule in rules}
        self.fields["rule"].choices = [(code, rule.title) for code, rule in self._rules.items()]

    @property
    def chosen(self) -> Rule:
        """The rule that was chosen; call after ``is_valid``."""
        return self._rules[self.cleaned_data["rule"]]


class PlannerForm(Form):
    """What is planned. A job type decides the category; every day may be left open."""

    kind = forms.ChoiceField(label="申请类型", choices=ApplicationKind.choices)
    job_type = forms.TypedChoiceField(label="操作项目", required=False, empty_value=None)
    category = forms.ChoiceField(
        label="分类", choices=Category.choices, required=False, help_text="选了操作项目的，以操作项目所属分类为准。"
    )
    class_start = day_field("开班日期")
    class_end = day_field("结班日期")
    exam_on = day_field("考试日期")
    announced = forms.BooleanField(label="考试场次已经公布", required=False)
    today = day_field("从哪一天算起", help_text="不填为今天。")

    def __init__(self, *args, job_types: Iterable[JobType], today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self._job_types = {str(row.pk): row for row in job_types}
        self._today = today
        groups: dict[str, list[tuple[str, str]]] = {}
        for key, row in self._job_types.items():
            groups.setdefault(row.group.name, []).append((key, row.name))
        self.fields["job_type"].choices = [("", "不选"), *groups.items()]
        self.fields["job_type"].coerce = self._job_types.get

    def clean_today(self) -> date:
        """The day of planning: today or later."""
        day = self.cleaned_data["today"] or self._today
        if day < self._today:
            raise forms.ValidationError("不能早于今天。")
        return self._in_reach(day)

    def clean(self):
        data = super().clean()
        for name in ("class_start", "class_end", "exam_on"):
            if data.get(name):
                self._check_reach(name, data[name])
        self._check_order("class_end", "class_start", "结班日期不能早于开班日期。")
        self._check_order("exam_on", "class_end", "考试日期不能早于结班日期。")
        self._check_order("exam_on", "class_start", "考试日期不能早于开班日期。")
        return data

    def wish(self) -> Wish:
        """The wish that was typed; call after ``is_valid``."""
        data = self.cleaned_data
        job_type = data["job_type"]
        category = job_type.category if job_type else Category(data["category"] or Category.TWO)
        days = {name: data[name] for name in ("class_start", "class_end", "exam_on")}
        return Wish(ApplicationKind(data["kind"]), category, announced=data["announced"], **days)

    def _check_order(self, later: str, earlier: str, message: str) -> None:
        one, other = self.cleaned_data.get(earlier), self.cleaned_data.get(later)
        if one and other and other < one and later not in self.errors:
            self.add_error(later, message)

    def _check_reach(self, name: str, day: date) -> None:
        try:
            self._in_reach(day)
        except forms.ValidationError as error:
            self.add_error(name, error)

    def _in_reach(self, day: date) -> date:
        if abs(day - self._today) > FURTHEST:
            raise forms.ValidationError("日期距今天超过三年，请核对。")
        return day
