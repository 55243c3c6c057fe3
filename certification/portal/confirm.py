"""The page before a dangerous action: what will happen, in a sentence with names and numbers, before it happens."""

from collections.abc import Callable, Iterable

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render

from certification.forms import placed
from certification.portal import navigation
from certification.refusals import Refusal


def confirm_page(
    request,
    *,
    title: str,
    sentence: str,
    action_label: str,
    cancel_url: str,
    subject: object = "",
    consequences: Iterable[str] = (),
    form=None,
    refusal=None,
    danger: bool = True,
):
    """Ask before acting. The page posts to its own address; ``form`` (a reason, a date) keeps what was typed.

    ``subject`` is the case at ``cancel_url``, as the way to this page names it; without one that is a list.

    Call it for GET, and again with ``refusal`` or the bound ``form`` where the POST was refused (status 422).
    """
    refused = refusal is not None or (form is not None and bool(form.errors))
    context = {
        "title": title,
        "sentence": sentence,
        "action_label": action_label,
        "cancel_url": cancel_url,
        "crumbs": _crumbs(title, cancel_url, subject),
        "consequences": list(consequences),
        "form": form,
        "refusal": refusal,
        "danger": danger,
    }
    return render(request, "confirm.html", context, status=422 if refused else 200)


def confirm_and_act(request, act: Callable, *, done: str | Callable[[object], str], cancel_url: str, form=None, **page):
    """``confirm_page``, and the action when it is confirmed: ``act`` with what ``form`` holds, then back to
    ``cancel_url`` with the message ``done``, which may be asked of what ``act`` returned.

    What ``act`` refuses is shown at the fields that it concerns, or above; what is not there for the user answers 404.
    """
    refusal = None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            made = act(**(form.cleaned_data if form else {}))
        except ObjectDoesNotExist:
            raise Http404 from None
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, done(made) if callable(done) else done)
            return redirect(cancel_url)
    return confirm_page(request, cancel_url=cancel_url, form=form, refusal=refusal, **page)


def _crumbs(title: str, cancel_url: str, subject: object) -> list[tuple[str, str]]:
    """Place, case, this page: label and address, from the outside in."""
    place = navigation.place_of(cancel_url)
    outside = [(place.label, place.url)] if place else []
    case = [(str(subject), cancel_url)] if subject else []
    return [*outside, *case, (title, "")]
