"""Forms of pauses and extensions of the clocks of a decision."""

from django import forms

from approvals.states import ExtensionState
from certification.deadlines.models import Pause
from certification.forms import Form

_DATE = {"invalid": "请填写日期，例如 2026-11-27。"}


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PauseForm(Form):
    """Why the clocks stand still, and by when that should be over."""

    kind = forms.ChoiceField(label="事由", choices=Pause.Kind.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明听证或者鉴定、评审的事项；将写入告知书，书面告知申请人。",
    )
    expected_on = forms.DateField(
        label="预计结束日期",
        widget=_day(),
        error_messages=_DATE,
        help_text="所需时间应当书面告知申请人（行政许可法第四十五条）；到期不自动恢复，超过后会提醒。",
    )


class ResumeForm(Form):
    """The last day that does not count, and what came of it."""

    last_day = forms.DateField(
        label="中止的最后一日（当日不计入）",
        widget=_day(),
        error_messages=_DATE,
        help_text="听证笔录或者鉴定、评审结论作出之日；次日起恢复计算。",
    )
    outcome = forms.CharField(
        label="结果",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="听证笔录或者鉴定、评审结论的名称、编号和要点；将写入告知书。",
    )


class ProposeForm(Form):
    """Why the limit should be longer."""

    reason = forms.CharField(
        label="延长的理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="由省级负责人审批；批准后写入告知书，告知申请人（行政许可法第四十二条）。",
    )


class DecideForm(Form):
    """What the head has to say to it."""

    reason = forms.CharField(
        label="审批意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="署名留存；提请人会收到通知。",
    )


class ExtensionFilter(Form):
    """Which proposals to show; what cannot be read filters nothing."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *ExtensionState.choices])
