"""内部备注 and 消息 of a case: what the case page posts here, and the message as the filer opens it."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.reviews import notes
from certification.refusals import Refusal


@require_POST
def note_write(request, pk: int):
    """Leave an internal note on the case."""
    return _say(request, pk, notes.write_note, "内部备注已保存，申报单位看不到。", "notes")


@require_POST
def message_send(request, pk: int):
    """Tell the filer something."""
    return _say(request, pk, notes.send_message, "消息已发给申报单位。", "messages")


@require_safe
def message(request, pk: int):
    """One message; that the institution opened it is kept."""
    try:
        found = notes.open_message(actor=request.user, message_id=pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    return render(request, "approvals/reviews/message.html", {"message": found, "application": found.application})


def _say(request, pk: int, act, done: str, anchor: str):
    try:
        act(actor=request.user, application_id=pk, text=request.POST.get("text", ""))
    except ObjectDoesNotExist:
        raise Http404 from None
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect(f"{reverse('approvals:case', args=[pk])}#{anchor}")
