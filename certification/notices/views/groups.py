"""单位通道: group chats of organisations, kept by administrators."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from certification.notices.channels import webhook
from certification.notices.forms import GroupChannelForm
from certification.notices.group_channels import add_group_channel, end_group_channel
from certification.notices.models import GroupChannel
from certification.refusals import Refusal


@sensitive_post_parameters("address")
def groups(request):
    """The channels in use, their addresses masked, and the form for another."""
    form, status = GroupChannelForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                add_group_channel(actor=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.add_error("address", f"{refusal.message}{refusal.advice}")
            else:
                messages.success(request, "单位通道已添加，以后的提醒同时发送到该通道。")
                return redirect("notices:groups")
    found = GroupChannel.objects.filter(active=True).select_related("organisation")
    rows = [(channel, webhook.masked(channel.address)) for channel in found]
    return render(request, "notices/groups.html", {"form": form, "rows": rows}, status=status)


@require_POST
def end(request, pk: int):
    """Stop one channel."""
    try:
        channel = end_group_channel(actor=request.user, channel_id=pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"单位通道“{channel.name}”已停用，地址已删除。")
    return redirect("notices:groups")
