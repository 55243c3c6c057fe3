"""The form of an inspection tour, made for the phone."""

from django import forms

from certification.inspections.forms import ChecklistForm
from certification.organisations.models import Organisation
from exams.models import TourEffect
from exams.tours.touring import CHECKLIST


class TourForm(ChecklistForm):
    """A tour: the checklist item by item, photographs, what it means for the site and for an institution."""

    about = forms.ModelChoiceField(
        label="涉及培训机构", queryset=Organisation.objects.none(), required=False, empty_label="不涉及"
    )
    effect = forms.ChoiceField(
        label="对考试点的处理",
        choices=TourEffect.choices,
        initial=TourEffect.NONE,
        required=False,
        widget=forms.RadioSelect,
        help_text="建议暂停使用的，由本单位负责人决定。",
    )

    def __init__(self, *args, institutions, **kwargs):
        super().__init__(*args, checklist=CHECKLIST, **kwargs)
        self.fields["about"].queryset = institutions
