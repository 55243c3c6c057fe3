"""The page before a dangerous action: what will happen, in a sentence with names and numbers, before it happens."""

from collections.abc import Iterable

from django.shortcuts import render

from certification.portal import navigation


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


def _crumbs(title: str, cancel_url: str, subject: object) -> list[tuple[str, str]]:
    """Place, case, this page: label and address, from the outside in."""
    place = navigation.place_of(cancel_url)
    outside = [(place.label, place.url)] if place else []
    case = [(str(subject), cancel_url)] if subject else []
    return [*outside, *case, (title, "")]
