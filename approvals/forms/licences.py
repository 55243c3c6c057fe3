"""Forms of licence applications, decisions and service."""

from django import forms

from approvals.models import Decision, DecisionOutcome
from approvals.states import LicenceState
from certification.forms import Form


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


class CorrectionForm(Form):
    """Everything to be corrected, told once. It shares its HTML form with acceptance, which needs no text: the
    browser must not ask for one there."""

    use_required_attribute = False

    text = forms.CharField(
        label="需要补正的全部内容",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="一次性告知（行政许可法第三十二条）。",
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


class ServiceForm(Form):
    """How a decision was served, and the evidence."""

    method = forms.ChoiceField(label="送达方式", choices=Decision.ServiceMethod.choices)
    evidence = forms.CharField(label="送达凭证", max_length=200, help_text="签收人、签收日期、回证编号。")


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
