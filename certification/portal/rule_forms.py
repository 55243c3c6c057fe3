"""Forms of rule editions: a draft's head, one deadline rule, the day from which an edition is in force."""

import re

from django import forms

from certification.catalogue.models import Category
from certification.forms import Form, ShowsProblems
from certification.rulebook.models import Certainty, Rule

_NUMBERS = re.compile(r"\d+")
_SEPARATED = re.compile(r"[\d\s、,，]*")


class DraftForm(ShowsProblems, Form):
    """The head of a new edition."""

    code = forms.CharField(label="版本代码", max_length=20, help_text="简短，不与已有版本重复，如 2。")
    name = forms.CharField(label="名称", max_length=100)
    source = forms.CharField(
        label="依据", widget=forms.Textarea(attrs={"rows": 2}), help_text="据以修改的文件名称和文号。"
    )
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 2}), required=False)


class DeadlineRuleForm(Form):
    """What may differ in a deadline rule from edition to edition. What the programs rest on (event, direction, whose
    duty, which cases) stays as it is."""

    title = forms.CharField(label="名称", max_length=120)
    clause = forms.CharField(label="条款", max_length=60, help_text="如 方案三（一）。")
    certainty = forms.ChoiceField(label="依据等级", choices=Certainty.choices)
    explanation = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}))
    days = forms.IntegerField(label="天数", min_value=0, max_value=366, help_text="0 表示事件当日（含当日）。")
    unit = forms.ChoiceField(label="计算单位", choices=[("working", "工作日"), ("calendar", "自然日")])
    internal_target = forms.BooleanField(label="内部控制目标：只作提醒，不拒收", required=False)
    internal_target_categories = forms.MultipleChoiceField(
        label="只对这些分类为内部控制目标",
        choices=Category.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reminders = forms.CharField(
        label="提前几个工作日提醒", required=False, help_text="用顿号分开，如 3、1。当日和逾期另行提醒。"
    )
    extension_days = forms.IntegerField(
        label="可以延长的工作日",
        min_value=0,
        max_value=366,
        required=False,
        help_text="经批准延长一次；不得延长的填 0。",
    )
    consequence = forms.CharField(label="逾期后果", widget=forms.Textarea(attrs={"rows": 3}))
    escalation = forms.CharField(label="逾期报告的上一级", max_length=60)

    TEXTS = ("title", "clause", "certainty", "explanation")

    def clean_reminders(self) -> list[int]:
        """The days as numbers, the farthest first."""
        typed = self.cleaned_data["reminders"]
        if not _SEPARATED.fullmatch(typed):
            raise forms.ValidationError("请填写数字，用顿号分开。")
        days = sorted({int(number) for number in _NUMBERS.findall(typed)}, reverse=True)
        if any(not 0 < number <= 60 for number in days):
            raise forms.ValidationError("提醒应提前 1 至 60 个工作日。")
        return days

    @classmethod
    def initial_of(cls, rule: Rule) -> dict:
        """What the form shows of ``rule``."""
        values = {name: rule.values[name] for name in cls.base_fields if name in rule.values}
        values["reminders"] = "、".join(str(days) for days in rule.values["reminders"])
        return {**{name: getattr(rule, name) for name in cls.TEXTS}, **values}

    def texts(self) -> dict[str, str]:
        """The rule's columns; call after ``is_valid``."""
        return {name: self.cleaned_data[name] for name in self.TEXTS}

    def values(self, rule: Rule) -> dict:
        """The rule's values that the form sets; an extension only where the rule has one or is given one."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.TEXTS}
        data["inclusive_event_day"] = data["days"] == 0
        extension = data.pop("extension_days") or 0
        if extension or "extension_days" in rule.values:
            data["extension_days"] = extension
        return data


class ActivateForm(Form):
    """The day from which an edition is in force."""

    valid_from = forms.DateField(
        label="施行日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="这一天起开始的事项按新版本；此前开始的事项仍按原版本。",
    )
