"""Base classes of the administration's pages: what an administrator keeps, what is for reading, what is a draft."""

from django.contrib import admin


class AdministratorAdmin(admin.ModelAdmin):
    """Kept by administrators; nothing is ever deleted."""

    actions = None

    def has_module_permission(self, request) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request, obj=None) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class ReadOnlyAdmin(AdministratorAdmin):
    """For reading only: every business model."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


class DraftAdmin(AdministratorAdmin):
    """Rows of dated editions: written while the edition is a draft, read-only once cases may rest on it."""

    # The lookup from a row to its edition; empty where the row is the edition.
    edition_path = ""

    def edition_of(self, obj):
        for name in self.edition_path.split("__") if self.edition_path else ():
            obj = getattr(obj, name)
        return obj

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not self.edition_of(obj).active)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Offer drafts only: a row cannot be added to an edition in use."""
        first, _, rest = self.edition_path.partition("__")
        if db_field.name == first:
            path = f"{rest}__active" if rest else "active"
            kwargs["queryset"] = db_field.related_model.objects.filter(**{path: False})
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
