"""Forms of taking over (提级审核)."""

from django import forms

from certification.forms import Form


class TakeOverForm(Form):
    reason = forms.CharField(
        label="理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text="设区市和培训机构都会看到，并留在办理记录中。",
    )
