"""Forms of 回避和代办."""

from collections import defaultdict

from django import forms

from certification import clock
from certification.forms import Form, ShowsProblems
from certification.organisations.models import ConflictKind, Organisation, OrganisationKind, RoleAssignment, User
from certification.organisations.roles import REACH, Reach, Role
from certification.people.identity import InvalidIdentityNumber, check_identity_number

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AccountChoice(forms.ModelChoiceField):
    """Accounts by the person's name and the roles that ``held`` gives."""

    held: dict[int, set[Role]] = {}

    def label_from_instance(self, user: User) -> str:
        roles = "、".join(sorted(role.label for role in self.held.get(user.pk, ())))
        return f"{user}（{roles or '无角色'}）"


class ConflictForm(ShowsProblems, Form):
    """What keeps somebody from acting. Which fields are needed follows from the kind."""

    kind = forms.ChoiceField(label="情形", choices=ConflictKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="亲属姓名", max_length=60, required=False)
    identity = forms.CharField(
        label="亲属身份证号码",
        max_length=30,
        required=False,
        help_text="只用于与考生比对；对方尚未报名的，以后报名时自动回避。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )
    employer = forms.CharField(
        label="工作单位名称", max_length=120, required=False, help_text="考生登记的工作单位与此相同的，自动回避。"
    )
    institution = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.TRAINING_INSTITUTION, active=True).order_by("name"),
        label="培训机构",
        required=False,
        empty_label="（请选择）",
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def clean_identity(self):
        """The checked number, None where it was left empty."""
        text = self.cleaned_data["identity"].strip()
        if not text:
            return None
        try:
            return check_identity_number(text, today=clock.today())
        except InvalidIdentityNumber as refusal:
            raise forms.ValidationError(f"{refusal.message}{refusal.advice}") from None

    def terms(self) -> dict:
        """What ``conflicts.declare`` takes."""
        data = dict(self.cleaned_data)
        institution = data.pop("institution")
        return {**data, "institution_id": institution.pk if institution else None}


class EndForm(Form):
    """Why a declaration ends."""

    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class DeputyForm(ShowsProblems, Form):
    """Who acts for whom, in which roles, from when to when."""

    absent = AccountChoice(User.objects.none(), label="被代办人", empty_label="（请选择）")
    deputy = AccountChoice(User.objects.none(), label="代办人", empty_label="（请选择）")
    roles = forms.MultipleChoiceField(
        label="代办的角色",
        widget=forms.CheckboxSelectMultiple,
        help_text="只能选择被代办人本人担任的角色。",
        error_messages={"required": "请选择代办的角色。"},
    )
    valid_from = forms.DateField(label="起始日期", widget=DAY)
    valid_until = forms.DateField(label="截止日期", widget=DAY, help_text="当日含在内，到期自动结束。")
    reason = forms.CharField(label="事由", max_length=200)

    def __init__(self, *args, organisation: Organisation, **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = User.objects.filter(organisation=organisation, is_active=True, person__isnull=False)
        held: dict[int, set[Role]] = defaultdict(set)
        assignments = RoleAssignment.objects.in_force(clock.today()).filter(user__in=colleagues)
        for user_id, role in assignments.values_list("user", "role"):
            held[user_id].add(Role(role))
        for name in ("absent", "deputy"):
            self.fields[name].queryset = colleagues.select_related("person").order_by("pk")
            self.fields[name].held = held
        every = set().union(*held.values())
        offered = [role for role in Role if role in every and REACH[role] is not Reach.SESSION]
        self.fields["roles"].choices = [(role.value, role.label) for role in offered]

    def terms(self) -> dict:
        """What ``acting.appoint`` takes."""
        data = dict(self.cleaned_data)
        absent, deputy = data.pop("absent"), data.pop("deputy")
        return {**data, "absent_id": absent.pk, "deputy_id": deputy.pk}
