"""通知设置: how a person is told outside the inbox."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from certification import clock
from certification.notices.channels import email, webhook
from certification.notices.forms import PreferenceForm
from certification.notices.models import Delivery, Preference
from certification.notices.preferences import preference_of, save_preference, send_test
from certification.refusals import Incomplete, Refusal

FIELDS = ("email_on", "email", "webhook_on", "digest", "digest_hour", "quiet_from", "quiet_until")


@sensitive_post_parameters("webhook_address")
def settings(request):
    """The form; what was typed stays where it was refused, except the secret address."""
    preference = preference_of(request.user)
    kept = webhook.masked(preference.webhook) if preference.webhook else ""
    if request.method != "POST":
        return _page(request, PreferenceForm(initial=_initial(preference), kept=kept), preference)
    form = PreferenceForm(request.POST, kept=kept)
    if form.is_valid():
        try:
            save_preference(actor=request.user, **form.wishes())
        except Incomplete as refusal:
            form.show(refusal.problems)
        else:
            messages.success(request, "通知设置已保存。")
            return redirect("notices:settings")
    return _page(request, form, preference, status=422)


@require_POST
def test(request):
    """Send a message by every channel that is switched on, and say what became of each."""
    try:
        rows = send_test(actor=request.user, now=clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("notices:settings")
    for row in rows:
        name = row.get_channel_display()
        if row.state == Delivery.State.SENT:
            messages.success(request, f"{name}：测试消息已发出，请查收。")
        else:
            messages.error(request, f"{name}：没有发出。{row.error or row.reason}")
    return redirect("notices:settings")


def _page(request, form: PreferenceForm, preference: Preference, status: int = 200):
    context = {
        "form": form,
        "preference": preference,
        "no_email": email.missing(),
        "can_test": bool(preference.pk and (preference.email_on or preference.webhook_on)),
    }
    return render(request, "notices/settings.html", context, status=status)


def _initial(preference: Preference) -> dict:
    return {name: getattr(preference, name) for name in (*FIELDS, "urgent_breaks_quiet")}
