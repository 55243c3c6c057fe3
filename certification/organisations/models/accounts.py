"""Accounts and the roles that they hold. An account belongs to one organisation and one person."""

from datetime import date

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from certification.organisations.models.organisations import Organisation
from certification.organisations.roles import Role
from certification.people.models import Person

SYSTEM_USERNAME = "system"


class AccountManager(UserManager):
    def system(self) -> "User":
        """The named account in whose name jobs act; it cannot log in."""
        user, created = self.get_or_create(username=SYSTEM_USERNAME, defaults={"is_active": False})
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user


class User(AbstractUser):
    """An account. Separation of duties compares ``person``, never accounts."""

    first_name = None
    last_name = None
    email = models.EmailField("电子邮箱", blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name="人员"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts", verbose_name="机构"
    )

    history = HistoricalRecords(excluded_fields=["password", "last_login"])
    objects = AccountManager()

    # Whom this account acts for at the moment (rules 4.5); set for one request by ``acting.act_for``.
    acting_for: "User | None" = None

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The person's name; 系统 for the account of the jobs."""
        if self.is_system:
            return "系统"
        return self.person.name if self.person else self.username

    get_short_name = get_full_name

    @property
    def is_system(self) -> bool:
        return self.username == SYSTEM_USERNAME

    @property
    def persons(self) -> frozenset[int]:
        """Who acts where this account acts: its person, and the person whom it acts for. Empty without a person."""
        if self.acting_for is None:
            return frozenset({self.person_id} - {None})
        both = {self.person_id, self.acting_for.person_id}
        return frozenset() if None in both else frozenset(both)

    def roles_on(self, day: date) -> frozenset[Role]:
        """The roles in which this account acts on ``day``: its own, or while it acts for somebody those that were
        handed over and that the absent person holds. Read once per loaded account and day."""
        cache = self.__dict__.setdefault("_roles", {})
        if day not in cache:
            cache[day] = self.own_roles_on(day) if self.acting_for is None else self._roles_handed_over(day)
        return cache[day]

    def own_roles_on(self, day: date) -> frozenset[Role]:
        """The roles that this account itself holds on ``day``, whomever it acts for."""
        rows = self.role_assignments.in_force(day).values_list("role", flat=True)
        return frozenset(Role(role) for role in rows)

    def _roles_handed_over(self, day: date) -> frozenset[Role]:
        rows = self.acts_for.in_force(day).filter(absent=self.acting_for).values_list("role", flat=True)
        # What the absent person only acts in themselves is not theirs to hand on.
        return frozenset(Role(role) for role in rows) & self.acting_for.own_roles_on(day)


class RoleAssignmentQuerySet(models.QuerySet):
    def in_force(self, day: date):
        """Assignments that hold on ``day``, first and last day included."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


class RoleAssignment(models.Model):
    """An account holds a role from a day on. Granted only through ``accounts.grant_role``, which checks separation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_assignments", verbose_name="账号")
    role = models.CharField("角色", max_length=40, choices=Role)
    valid_from = models.DateField("起始日期")
    valid_until = models.DateField("截止日期", null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="授予人")

    history = HistoricalRecords()
    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "角色授予"
        verbose_name_plural = "角色授予"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"], condition=Q(valid_until__isnull=True), name="role_open_once"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="role_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"
