"""Calendar years in the administration: a draft with its days, then 发布, which nothing changes any more."""

from django.contrib import admin, messages

from certification import clock
from certification.portal.admin_permissions import AdministratorAdmin
from certification.workdays.models import CalendarDay, CalendarEdition
from certification.workdays.publishing import CalendarRefused, digest, publish


def _is_draft(edition: CalendarEdition | None) -> bool:
    return edition is None or edition.status == CalendarEdition.Status.DRAFT


class CalendarDayInline(admin.TabularInline):
    """Days off and make-up days of a draft."""

    model = CalendarDay
    extra = 5

    def has_view_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request) and _is_draft(obj)

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(CalendarEdition)
class CalendarEditionAdmin(AdministratorAdmin):
    """One notice for one year."""

    list_display = ("year", "notice_title", "notice_date", "status")
    list_filter = ("status",)
    fields = ("year", "notice_title", "notice_date", "status", "published_at")
    readonly_fields = ("status", "published_at")
    inlines = (CalendarDayInline,)
    actions = ("publish_drafts",)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and _is_draft(obj)

    def save_related(self, request, form, formsets, change):
        """The digest follows the days for as long as the edition is a draft."""
        super().save_related(request, form, formsets, change)
        edition = form.instance
        edition.digest = digest(edition.days.values_list("date", "kind", "name"))
        edition.save(update_fields=["digest"])

    @admin.action(description="发布所选的日历草稿")
    def publish_drafts(self, request, queryset):
        """Publish each; what was refused is said, the others stand."""
        for edition in queryset:
            try:
                publish(edition, now=clock.now())
            except CalendarRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, f"“{edition}”已发布，时限按新日历重新计算。")
