"""What administrators keep (rules 4a): organisations, designations, catalogue, rule editions.

Accounts stand in ``admin_accounts``; calendars have screens of their own. Cases and their papers are not registered:
an administrator reads no materials and decides nothing.
"""

from django.contrib import admin
from django.contrib.auth.models import Group

from certification.catalogue.models import CatalogueEdition, JobType, JobTypeVariant, OperationGroup
from certification.organisations.models import Designation, Organisation, Territory
from certification.portal import admin_accounts
from certification.portal.admin_permissions import AdministratorAdmin, DraftAdmin, ReadOnlyAdmin
from certification.rulebook.models import Rule, RuleEdition

__all__ = ["AdministratorAdmin", "DraftAdmin", "ReadOnlyAdmin", "admin_accounts"]

# Rights come from roles (rules 4a); groups give none.
admin.site.unregister(Group)


@admin.register(Territory)
class TerritoryAdmin(AdministratorAdmin):
    list_display = ("name", "code")


@admin.register(Organisation)
class OrganisationAdmin(AdministratorAdmin):
    list_display = ("name", "kind", "territory", "active")
    list_filter = ("kind", "territory", "active")
    search_fields = ("name", "short_name", "credit_code")


@admin.register(Designation)
class DesignationAdmin(AdministratorAdmin):
    """A designation is ended by its last day and followed by another, never rewritten."""

    list_display = ("territory", "group", "bureau", "document", "valid_from", "valid_until")
    list_filter = ("territory", "group")
    list_select_related = ("territory", "group", "bureau")

    def get_readonly_fields(self, request, obj=None):
        return ("territory", "group", "bureau", "document", "valid_from") if obj else ()


@admin.register(CatalogueEdition)
class CatalogueEditionAdmin(DraftAdmin):
    list_display = ("name", "code", "valid_from", "active")


@admin.register(OperationGroup)
class OperationGroupAdmin(DraftAdmin):
    edition_path = "edition"
    list_display = ("name", "code", "category", "edition")
    list_filter = ("edition", "category")


@admin.register(JobType)
class JobTypeAdmin(DraftAdmin):
    edition_path = "group__edition"
    list_display = ("name", "code", "group", "initial_hours", "review_hours")
    list_filter = ("group__edition", "group")
    search_fields = ("name", "code")


@admin.register(JobTypeVariant)
class JobTypeVariantAdmin(DraftAdmin):
    edition_path = "job_type__group__edition"
    list_display = ("name", "code", "job_type")


@admin.register(RuleEdition)
class RuleEditionAdmin(DraftAdmin):
    """A draft comes into force on its own page only, by the provincial head and after the check for completeness."""

    list_display = ("name", "code", "valid_from", "active")
    readonly_fields = ("active",)


@admin.register(Rule)
class RuleAdmin(DraftAdmin):
    edition_path = "edition"
    list_display = ("title", "area", "code", "clause", "certainty", "edition")
    list_filter = ("edition", "area", "certainty")
    search_fields = ("title", "code", "clause")
