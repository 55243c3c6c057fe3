"""Forms of licence applications, decisions and service."""

from collections.abc import Iterable

from django import forms

from approvals.licences.not_accepting import Ground
from approvals.licences.serving import BY_OFFICE
from approvals.models import DecisionOutcome
from approvals.states import LicenceState
from certification.forms import Form, ReadFileField, ShowsProblems
from exams.models import Candidate


class ReceiptForm(Form):
    """The receipt that the national platform gave."""

    receipt_number = forms.CharField(
        label="平台回执号",
        max_length=60,
        help_text="在全国安全培训考试信息平台上传文件后取得；提交后不能更改。",
    )


class SendAgainForm(ReceiptForm):
    """The receipt of a corrected file, and what was corrected."""

    reason = forms.CharField(label="更正说明", widget=forms.Textarea(attrs={"rows": 2}))


class AgainForm(Form):
    """Who applies anew after an application that was not accepted or was withdrawn."""

    again = forms.MultipleChoiceField(
        label="再次申请的人员",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="以前的申请不予受理或者已撤回，本人再次申请的，勾选后列入。",
    )

    def __init__(self, *args, people: Iterable[Candidate], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["again"].choices = [
            (row.pk, f"{row.application.person.name}（{row.application.person.masked_number}）") for row in people
        ]


class NotAcceptedForm(ShowsProblems, Form):
    """Why the application is not accepted; number and remedies are added by the letter."""

    ground = forms.ChoiceField(label="事由", widget=forms.RadioSelect)
    facts = forms.CharField(label="事实", widget=forms.Textarea(attrs={"rows": 4}), help_text="查明的具体事实和证据。")
    basis = forms.CharField(
        label="依据",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="法律、法规、规章的名称和条款；不填即所选事由的条款。",
    )
    reasons = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}))
    apply_to = forms.CharField(
        label="应当向何机关申请",
        required=False,
        max_length=100,
        help_text="不属于本机关职权范围的必填，例如“户籍所在省应急管理厅”。",
    )

    def __init__(self, *args, grounds: Iterable[Ground], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ground"].choices = [(one.code, f"{one.title}（{one.clause}）") for one in grounds]


class WithdrawnForm(ShowsProblems, Form):
    """When the applicant withdrew and why, and the signed paper."""

    asked_on = forms.DateField(
        label="申请撤回日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-27。"},
        help_text="撤回申请上签署的日期。",
    )
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    file = ReadFileField(
        label="申请人签字的撤回申请", accept=".jpg,.jpeg,.png,.pdf", help_text="扫描件或照片，JPG、PNG 或 PDF。"
    )


class RefusalForm(Form):
    """Facts, basis and reasons of a refusal; the remedies are added by the letter."""

    facts = forms.CharField(label="事实", widget=forms.Textarea(attrs={"rows": 4}), help_text="查明的具体事实和证据。")
    basis = forms.CharField(
        label="依据", widget=forms.Textarea(attrs={"rows": 3}), help_text="法律、法规、规章的名称和条款。"
    )
    reasons = forms.CharField(
        label="理由", widget=forms.Textarea(attrs={"rows": 4}), help_text="为什么上述事实不符合上述条款的条件。"
    )


_BY_OFFICE = [(method.value, method.label) for method in BY_OFFICE]


class AnswerForm(ShowsProblems, Form):
    """What the second official or the head says to drafts; needed where they are sent back."""

    opinion = forms.CharField(
        label="意见", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text="署名留存。"
    )


class SignatureForm(ShowsProblems, Form):
    """Who signed for a letter that was handed over, when, and the signed receipt."""

    signatory = forms.CharField(
        label="签收人", max_length=40, help_text="申请人本人；由他人代收的，在说明中写明关系和委托。"
    )
    signed_on = forms.DateField(
        label="签收日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-27。"},
    )
    note = forms.CharField(label="说明", required=False, max_length=200)
    file = ReadFileField(
        label="签字的送达回证",
        required=False,
        accept=".jpg,.jpeg,.png,.pdf",
        help_text="扫描件或照片，JPG、PNG 或 PDF。",
    )


class ServiceForm(ShowsProblems, Form):
    """How a decision was served, and the evidence."""

    method = forms.ChoiceField(label="送达方式", choices=_BY_OFFICE)
    served_on = forms.DateField(
        label="送达日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-27。"},
        help_text="本人收到之日，公告送达为公告期满之日；不填即今天。",
    )
    evidence = forms.CharField(
        label="送达凭证", max_length=200, help_text="签收人、回证编号、邮件号或者公告文号；留置的写明见证人。"
    )


class DecisionFilter(Form):
    """Which decisions the list shows."""

    outcome = forms.ChoiceField(label="决定", required=False, choices=[("", "全部"), *DecisionOutcome.choices])
    served = forms.ChoiceField(
        label="送达", required=False, choices=[("", "全部"), ("no", "待送达"), ("yes", "已送达")]
    )
    q = forms.CharField(label="姓名或文号", required=False)

    def apply(self, rows):
        """``rows`` narrowed."""
        if not self.is_bound or not self.is_valid():
            return rows
        values = self.cleaned_data
        if values["outcome"]:
            rows = rows.filter(outcome=values["outcome"])
        if values["served"]:
            rows = rows.filter(served_at__isnull=values["served"] == "no")
        if text := values["q"].strip():
            by_name = rows.filter(applicant__candidate__application__person__name__startswith=text)
            rows = rows.filter(number=text) if "号" in text else by_name
        return rows

    @property
    def asks_for_unserved(self) -> bool:
        """Whether the list is the work still to be done, after ``apply``."""
        return self.is_bound and self.cleaned_data.get("served") == "no"


# What the acceptance clerk works on, tab by tab.
TABS = {
    "submitted": ("待受理", LicenceState.SUBMITTED),
    "accepted": ("待核对", LicenceState.ACCEPTED),
    "correction": ("补正中", LicenceState.CORRECTION),
    "reconciled": ("已核对，待决定", LicenceState.RECONCILED),
}
