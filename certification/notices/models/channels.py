"""Group chats and other webhooks of an organisation."""

from django.db import models
from simple_history.models import HistoricalRecords

from certification.organisations.models import Organisation


class GroupChannel(models.Model):
    """A webhook of an organisation, e.g. of its group chat. Reminders to its people go there too, once for all of
    them. ``address`` is a secret: it is shown masked and stands in no history."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="group_channels", verbose_name="单位"
    )
    name = models.CharField("名称", max_length=40)
    address = models.CharField("通道地址", max_length=500)
    active = models.BooleanField("启用", default=True)

    history = HistoricalRecords(excluded_fields=["address"])

    class Meta:
        verbose_name = "单位通道"
        verbose_name_plural = "单位通道"
        ordering = ["organisation", "pk"]

    def __str__(self) -> str:
        return self.name
