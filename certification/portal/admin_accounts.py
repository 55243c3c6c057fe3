"""Accounts and roles in the administration. A role is granted through ``grant_role``, which checks separation."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from certification import clock
from certification.organisations.accounts import grant_role
from certification.organisations.models import RoleAssignment, User
from certification.organisations.models.accounts import SYSTEM_USERNAME
from certification.organisations.roles import Role
from certification.people.identity import InvalidIdentityNumber, check_identity_number
from certification.people.models import Person
from certification.people.register import PersonData, find_or_register_all
from certification.portal.admin_permissions import AdministratorAdmin, ReadOnlyAdmin
from certification.refusals import Refusal


@admin.register(User)
class AccountAdmin(AdministratorAdmin, UserAdmin):
    """Accounts are switched off, never deleted; the account of the jobs is not shown."""

    add_form_template = None
    fieldsets = ((None, {"fields": ("username", "password", "organisation", "person", "email", "is_active")}),)
    add_fieldsets = ((None, {"fields": ("username", "organisation", "person", "password1", "password2")}),)
    list_display = ("username", "person", "organisation", "is_active")
    list_filter = ("is_active", "organisation__kind")
    list_select_related = ("person", "organisation")
    search_fields = ("username", "person__name", "organisation__name")
    raw_id_fields = ("person",)
    filter_horizontal = ()

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(username=SYSTEM_USERNAME)


class PersonForm(forms.ModelForm):
    """Somebody who is to have an account; the identity number tells sex and birth date."""

    class Meta:
        model = Person
        fields = ("name", "document_number")
        labels = {"document_number": "身份证号码"}

    def clean_document_number(self):
        try:
            self.identity = check_identity_number(self.cleaned_data["document_number"], today=clock.today())
        except InvalidIdentityNumber as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return self.identity.number

    def _post_clean(self):
        """Whether the person is new is for the register to find out, not for a unique check here."""


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    """For linking an account to its person: names and masked numbers, nothing of anybody's case."""

    list_display = ("name", "masked_number", "employer")
    fields = ("name", "masked_number", "employer")
    search_fields = ("name", "document_number")
    show_full_result_count = False

    def has_add_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request)

    def get_form(self, request, obj=None, change=False, **kwargs):
        return super().get_form(request, obj, change=change, **({} if obj else {"form": PersonForm}), **kwargs)

    def get_fields(self, request, obj=None):
        return self.fields if obj else ("name", "document_number")

    def save_form(self, request, form, change):
        """Found or added by the register, so that nobody stands in it twice."""
        data = PersonData.from_identity(form.identity, name=form.cleaned_data["name"])
        (registered,) = find_or_register_all([data], now=clock.now(), actor=request.user)
        return registered.person

    def save_model(self, request, obj, form, change):
        """The register has saved it."""

    def save_related(self, request, form, formsets, change):
        """There is nothing that hangs on it."""


class GrantForm(forms.ModelForm):
    """A new role for an account; the grant itself is tried here so that a refusal stands at the form."""

    class Meta:
        model = RoleAssignment
        fields = ("user", "role")

    def clean(self):
        cleaned = super().clean()
        if {"user", "role"} <= cleaned.keys():
            self._grant(cleaned["user"], Role(cleaned["role"]))
        return cleaned

    def _grant(self, user: User, role: Role) -> None:
        try:
            self.granted = grant_role(actor=self.actor, now=clock.now(), user=user, role=role)
        except Refusal as refusal:
            self.add_error(None, str(refusal))

    def _post_clean(self):
        """The row was made and checked by ``grant_role``; there is no instance of this form's own to validate."""


class EndForm(forms.ModelForm):
    """The last day of a role."""

    class Meta:
        model = RoleAssignment
        fields = ("valid_until",)


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(AdministratorAdmin):
    """Roles are granted from today on and ended by a last day."""

    list_display = ("user", "role", "valid_from", "valid_until", "granted_by")
    list_filter = ("role",)
    list_select_related = ("user__person", "granted_by__person")
    search_fields = ("user__username", "user__person__name")
    raw_id_fields = ("user",)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, form=EndForm if obj else GrantForm, **kwargs)
        form.actor = request.user
        return form

    def get_fields(self, request, obj=None):
        return ("user", "role", "valid_from", "valid_until", "granted_by") if obj else ("user", "role")

    def get_readonly_fields(self, request, obj=None):
        return ("user", "role", "valid_from", "granted_by") if obj else ()

    def save_form(self, request, form, change):
        return super().save_form(request, form, change) if change else form.granted

    def save_model(self, request, obj, form, change):
        """A new role was saved by ``grant_role``."""
        if change:
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """There is nothing that hangs on it."""
