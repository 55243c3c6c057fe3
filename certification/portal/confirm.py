"""The page before a dangerous action: what will happen, in a sentence with names and numbers, before it happens."""

from collections.abc import Iterable

from django.shortcuts import render


def confirm_page(
    request,
    *,
    title: str,
    sentence: str,
    action_label: str,
    cancel_url: str,
    consequences: Iterable[str] = (),
    form=None,
    refusal=None,
    danger: bool = True,
):
    """Ask before acting. The page posts to its own address; ``form`` (a reason, a date) keeps what was typed.

    Call it for GET, and again with ``refusal`` or the bound ``form`` where the POST was refused (status 422).
    """
    refused = refusal is not None or (form is not None and bool(form.errors))
    context = {
        "title": title,
        "sentence": sentence,
        "action_label": action_label,
        "cancel_url": cancel_url,
        "consequences": list(consequences),
        "form": form,
        "refusal": refusal,
        "danger": danger,
    }
    return render(request, "confirm.html", context, status=422 if refused else 200)
