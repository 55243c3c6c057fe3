"""The form of one reason to choose from."""

from django import forms

from approvals.models import ReasonText
from certification.forms import ModelForm, ShowsProblems


class ReasonForm(ShowsProblems, ModelForm):
    """One reason: for which opinion of which review, about which paper, in which words."""

    class Meta:
        model = ReasonText
        fields = ["outcome", "stage", "material", "text", "clause", "active"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
