"""Forms of incidents: reporting on a phone, statement, evidence, proposal, decision, review."""

from django import forms

from certification.forms import Form, ReadFilesField, ShowsProblems
from exams.models import Effect, IncidentKind

ACCEPT = "image/jpeg,image/png,application/pdf"


class ReportForm(ShowsProblems, Form):
    """What happened, to whom, where, when; with photographs."""

    use_required_attribute = False
    entry_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    act = forms.ChoiceField(label="情形", required=False)
    use = forms.TypedChoiceField(label="考场", required=False, coerce=int, empty_value=None)
    candidate = forms.TypedChoiceField(
        label="考生", required=False, coerce=int, empty_value=None, help_text="违纪、舞弊、替考必选。"
    )
    happened_at = forms.DateTimeField(
        label="发生时间",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    description = forms.CharField(
        label="经过", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )
    statement = forms.CharField(
        label="考生陈述申辩", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    impostor_name = forms.CharField(label="替考人姓名", required=False, max_length=60, help_text="替考的，查明后填写。")
    impostor_number = forms.CharField(label="替考人证件号码", required=False, max_length=20)
    files = ReadFilesField(
        label="证据", required=False, accept=ACCEPT, help_text="照片或 PDF，最多 9 个；录像写明存放位置。"
    )

    def __init__(self, *args, acts, uses, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        groups: dict[str, list] = {}
        for act in acts:
            groups.setdefault(IncidentKind(act.kind).label, []).append((act.code, act.text))
        self.fields["act"].choices = [("", "请选择"), *groups.items()]
        self.fields["use"].choices = [("", "不限考场"), *uses]
        self.fields["candidate"].choices = [("", "不涉及考生"), *candidates]


class StatementForm(ShowsProblems, Form):
    """What the candidate says."""

    statement = forms.CharField(
        label="考生陈述申辩",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="本人不作陈述的，写明“不作陈述”。",
    )


class EvidenceForm(ShowsProblems, Form):
    """Further files."""

    files = ReadFilesField(label="证据", required=False, accept=ACCEPT, help_text="照片或 PDF，最多 9 个。")


class ProposalForm(ShowsProblems, Form):
    """What should follow."""

    effect = forms.ChoiceField(label="处理", widget=forms.RadioSelect)
    barred = forms.BooleanField(label="同时提请禁考（由省级负责人另行决定）", required=False)
    proposal = forms.CharField(label="事实、依据和处理意见", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args, act, **kwargs):
        super().__init__(*args, **kwargs)
        allowed = act.effects if act else (Effect.NONE,)
        self.fields["effect"].choices = [(one, Effect(one).label) for one in allowed]
        if len(allowed) == 1:
            self.fields["effect"].initial = allowed[0]
        if not (act and act.bar):
            del self.fields["barred"]


class DecisionForm(ShowsProblems, Form):
    """What the head decides."""

    outcome = forms.ChoiceField(
        label="决定",
        choices=[("decide", "同意处理意见"), ("dismiss", "不予处理"), ("send_back", "退回重新调查")],
        widget=forms.RadioSelect,
    )
    decision = forms.CharField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ToldForm(ShowsProblems, Form):
    """When and how the candidate was told."""

    told_on = forms.DateField(
        label="告知日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-27。"},
    )
    told_how = forms.CharField(
        label="告知方式和凭证", max_length=200, help_text="例如：当面告知并签字；由培训机构转告，本人签字回执存档。"
    )


class AskReviewForm(ShowsProblems, Form):
    """What the candidate asks for."""

    request = forms.CharField(label="复核请求和理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class ReviewForm(ShowsProblems, Form):
    """What the review finds."""

    outcome = forms.ChoiceField(
        label="复核决定", choices=[("uphold", "维持"), ("revoke", "撤销")], widget=forms.RadioSelect
    )
    decision = forms.CharField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
