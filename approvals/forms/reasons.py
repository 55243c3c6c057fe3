"""The form of one reason to choose from."""

from django import forms

from approvals.models import ReasonText
from certification.forms import ModelForm
from certification.refusals import Incomplete


class ReasonForm(ModelForm):
    """One reason: for which opinion of which review, about which paper, in which words."""

    class Meta:
        model = ReasonText
        fields = ["outcome", "stage", "material", "text", "clause", "active"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def place(self, incomplete: Incomplete) -> None:
        """Show what the activity found wrong at the fields that it concerns."""
        for problem in incomplete.problems:
            self.add_error(problem.field, problem.message)
