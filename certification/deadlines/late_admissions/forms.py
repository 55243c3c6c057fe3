"""Forms of late admissions."""

from django import forms

from certification.deadlines.late_admissions.states import AdmissionState
from certification.forms import Form, ShowsProblems


class AdmissionFilter(Form):
    """Which late admissions to show; what cannot be read filters nothing."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *AdmissionState.choices])


class AskForm(Form):
    """Why somebody asks."""

    reason = forms.CharField(
        label="申请理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明为什么没有按时办理。理由由省级负责人审阅，并留存在办理记录中。",
    )


class RefuseForm(ShowsProblems, Form):
    """Why the head refuses."""

    reason = forms.CharField(
        label="决定理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="决定署名留存，并告知申请单位。",
    )


class GrantForm(RefuseForm):
    """Why the head grants, and until when."""

    valid_until = forms.DateField(
        label="有效期至（当日 24:00 前）",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-27。"},
    )

    def __init__(self, *args, until_help: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["valid_until"].help_text = until_help
