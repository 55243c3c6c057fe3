"""Forms of exam sites and rooms: what they are, the levels they reach, equipment, maintenance."""

from django import forms
from django.core.exceptions import ValidationError

from certification.catalogue.models import JobType
from certification.forms import Form, ModelForm, ShowsProblems
from certification.organisations.models import Organisation, OrganisationKind, Territory
from exams.forms.sessions import DAY
from exams.models import Area, ExamRoom, ExamSite
from exams.rooms import sites


class SiteForm(ShowsProblems, ModelForm):
    """What a site is, where it lies, who manages it: that the provincial centre alone may choose."""

    class Meta:
        model = ExamSite
        fields = [
            *("name", "ownership", "territory", "area", "area_name", "organiser", "address", "operator", "active")
        ]
        help_texts = {
            "area_name": "县（市、区）、省直管县（市）、功能区须填写名称，如“东湾县”“高新技术产业开发区”。",
            "organiser": "省直管县（市）、功能区考试点由所在设区市考试机构统一管理（方案四（三））。"
            "交由设区市管理后，由该市维护考试点和考场。",
        }

    def __init__(self, *args, organiser: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        if organiser.kind == OrganisationKind.PROVINCIAL_CENTRE:
            self.fields["organiser"].queryset = sites.organisers_for(organiser)
            self.fields["organiser"].initial = organiser.pk
        else:
            del self.fields["organiser"]
        operators = Organisation.objects.filter(kind=OrganisationKind.EXAM_SITE_OPERATOR, active=True)
        if organiser.kind == OrganisationKind.CITY_BUREAU:
            territory = self.fields["territory"]
            territory.queryset = territory.queryset.filter(pk=organiser.territory_id)
            territory.initial = organiser.territory_id
            operators = operators.filter(territory=organiser.territory_id)
        self.fields["operator"].queryset = operators

    def clean_area_name(self) -> str:
        """Only a site in the city itself needs none."""
        named = self.cleaned_data["area_name"]
        if self.cleaned_data.get("area", Area.CITY) != Area.CITY and not named:
            raise ValidationError(self.fields["area_name"].default_error_messages["required"], code="required")
        return named


class SiteFilter(Form):
    """Which sites of the list are shown."""

    marks_optional = False

    territory = forms.ModelChoiceField(
        label="所在市", queryset=Territory.objects.none(), required=False, empty_label="全部"
    )
    area = forms.ChoiceField(label="所在区域", choices=[("", "全部"), *Area.choices], required=False)

    def __init__(self, *args, seen, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.filter(pk__in=seen.order_by().values("territory"))

    def narrowed(self, rows):
        """Those of ``rows`` that were asked for; what makes no sense narrows nothing."""
        asked = getattr(self, "cleaned_data", {}) if self.is_valid() else {}
        return rows.filter(**{name: value for name, value in asked.items() if value})


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
