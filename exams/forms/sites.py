"""Forms of exam sites and rooms: what they are, the levels they reach, equipment, maintenance."""

from django import forms

from certification.catalogue.models import JobType
from certification.forms import Form, ModelForm, ShowsProblems
from certification.organisations.models import Organisation, OrganisationKind
from exams.forms.sessions import DAY
from exams.models import ExamRoom, ExamSite


class SiteForm(ModelForm):
    class Meta:
        model = ExamSite
        fields = ["name", "ownership", "territory", "address", "operator", "active"]

    def __init__(self, *args, organiser: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        operators = Organisation.objects.filter(kind=OrganisationKind.EXAM_SITE_OPERATOR, active=True)
        if organiser.kind == OrganisationKind.CITY_BUREAU:
            territory = self.fields["territory"]
            territory.queryset = territory.queryset.filter(pk=organiser.territory_id)
            territory.initial = organiser.territory_id
            operators = operators.filter(territory=organiser.territory_id)
        self.fields["operator"].queryset = operators


class RoomForm(ModelForm):
    class Meta:
        model = ExamRoom
        fields = ["name", "part", "capacity", "active"]


class UpgradeForm(ShowsProblems, Form):
    """A level that a site reached."""

    level = forms.ChoiceField(label="等级")
    since = forms.DateField(label="自何日起", widget=DAY)
    document = forms.CharField(label="验收文号", max_length=80)
    changes = forms.CharField(label="建设、升级内容", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, levels: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(levels.items())


class EquipmentForm(ShowsProblems, Form):
    """What a room is equipped for, by what, how long."""

    job_types = forms.ModelMultipleChoiceField(
        label="操作项目", queryset=JobType.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    basis = forms.CharField(label="验收、检验依据", max_length=80, help_text="验收或检验报告的编号。")
    valid_from = forms.DateField(label="有效期从", widget=DAY)
    valid_until = forms.DateField(label="有效期至", widget=DAY, required=False, help_text="不填的，长期有效。")

    def __init__(self, *args, job_types, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["job_types"].queryset = job_types


class EquipmentEndForm(ShowsProblems, Form):
    """A new end of the validity."""

    basis = forms.CharField(label="验收、检验依据", max_length=80)
    valid_until = forms.DateField(label="有效期至", widget=DAY, required=False, help_text="不填的，长期有效。")


class MaintenanceForm(ShowsProblems, Form):
    """Whole days on which a room is out of use."""

    starts_on = forms.DateField(label="维护从", widget=DAY)
    ends_on = forms.DateField(label="维护至", widget=DAY, help_text="含当日；维护期间考场不能安排考试。")
    reason = forms.CharField(label="维护事由", max_length=200)
