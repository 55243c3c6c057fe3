"""Taking somebody into the pool of exam staff."""

from django import forms

from certification.catalogue.models import JobType
from certification.forms import Form, ShowsProblems
from certification.people.models import Person
from exams.models import Duty


class PoolForm(ShowsProblems, Form):
    """Who, for which duty and job types, on what basis, how long."""

    person = forms.ModelChoiceField(label="人员", queryset=Person.objects.none(), empty_label="请选择")
    duty = forms.ChoiceField(label="职责", choices=Duty.choices)
    basis = forms.CharField(label="证书或聘任文号", max_length=80)
    title = forms.CharField(
        label="职称或技能等级", max_length=40, required=False, help_text="考评员一般应具有中级以上职称或者技师等级。"
    )
    valid_from = forms.DateField(label="有效期从", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    valid_until = forms.DateField(label="有效期至", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    job_types = forms.ModelMultipleChoiceField(
        label="可从事操作项目",
        queryset=JobType.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="不选的，可从事全部操作项目。",
    )

    def __init__(self, *args, persons, job_types, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = persons
        self.fields["job_types"].queryset = job_types
