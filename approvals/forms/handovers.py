"""The filter of the list of hand-overs."""

from django import forms
from django.db.models import Q, QuerySet

from certification.forms import Form


class HandoverFilter(Form):
    """Which hand-overs the list shows."""

    way = forms.ChoiceField(
        label="方向", required=False, choices=[("", "全部"), ("sent", "本单位移交"), ("received", "本单位接收")]
    )
    q = forms.CharField(label="移交单号或回执号", required=False)

    def apply(self, rows: QuerySet, user) -> QuerySet:
        """``rows`` narrowed to what is asked for."""
        if not self.is_bound or not self.is_valid():
            return rows
        if way := self.cleaned_data["way"]:
            rows = rows.filter(**{"sender" if way == "sent" else "receiver": user.organisation_id})
        if text := self.cleaned_data["q"].strip().upper():
            rows = rows.filter(Q(number=text) | Q(receipt_number=text))
        return rows
