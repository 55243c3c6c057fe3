"""Forms of the certificate register and of the windows."""

from django import forms
from django.db.models import Q

from certification.catalogue.models import OperationGroup
from certification.forms import Form
from certification.people.models import CertificateState


class CertificateFilter(Form):
    """Which certificates the register shows."""

    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *CertificateState.choices])
    group = forms.ChoiceField(label="作业类别", required=False)
    q = forms.CharField(label="姓名或证件号码开头（六位以上）", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [("", "全部"), *groups.values_list("code", "name")]

    def apply(self, rows):
        """``rows`` narrowed."""
        if not self.is_bound or not self.is_valid():
            return rows
        values = self.cleaned_data
        if values["state"]:
            rows = rows.filter(state=values["state"])
        if values["group"]:
            rows = rows.filter(job_type__group__code=values["group"])
        if text := "".join(values["q"].split()).upper().removeprefix("T"):
            by_number = Q(person__document_number__startswith=text) if len(text) >= 6 else Q(pk__in=[])
            rows = rows.filter(by_number if text[0].isdigit() else Q(person__name__startswith=text))
        return rows


class HolderForm(Form):
    """The number read from the holder's identity card."""

    document_number = forms.CharField(
        label="身份证号码", max_length=30, help_text="由本人出示身份证，读取或录入完整号码。"
    )


class CardNumberForm(Form):
    """The serial number printed on the blank card."""

    card_number = forms.CharField(label="卡片流水号", max_length=30, help_text="卡片空白证件上的流水号。")


class CancelForm(Form):
    """Why a request is ended."""

    reason = forms.CharField(label="取消的理由", widget=forms.Textarea(attrs={"rows": 2}))
