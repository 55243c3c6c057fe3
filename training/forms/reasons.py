"""A reason that goes on the record."""

from django import forms

from certification.forms import Form


class ReasonForm(Form):
    """Why a plan is returned, rejected or withdrawn."""

    reason = forms.CharField(label="理由", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
