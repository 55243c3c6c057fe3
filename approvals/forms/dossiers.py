"""Forms of dossiers."""

from django import forms

from certification.forms import Form


class ReasonForm(Form):
    """Why a dossier is held, or is no longer."""

    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如复议、诉讼案号，或者调查事项和来函文号；记入办理记录。",
    )
