"""Group channels of organisations: kept by administrators."""

from datetime import datetime

from certification.notices.channels import webhook
from certification.notices.models import GroupChannel
from certification.notices.texts import MANAGE
from certification.organisations import access
from certification.organisations.models import Organisation
from certification.refusals import WrongState
from certification.workflow import activity


@activity
def add_group_channel(*, actor, now: datetime, organisation: Organisation, name: str, address: str) -> GroupChannel:
    """Let reminders to the people of ``organisation`` go to ``address`` too; raises Refusal for an address that may
    not be used."""
    access.require(actor, MANAGE)
    return GroupChannel.objects.create(organisation=organisation, name=name, address=webhook.checked(address))


@activity
def end_group_channel(*, actor, now: datetime, channel_id: int) -> GroupChannel:
    """Send nothing there any more, and forget the secret address."""
    access.require(actor, MANAGE)
    row = GroupChannel.objects.select_for_update(of=("self",)).filter(pk=channel_id, active=True).first()
    if row is None:
        raise WrongState("该单位通道已停用。")
    row.active, row.address = False, ""
    row.save()
    return row
