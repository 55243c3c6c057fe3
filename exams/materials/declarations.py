"""Texts that applicants sign, in dated editions that an administrator adds; and the forms to print and sign.

Which edition somebody signed stands with the paper (``Material.text``).
"""

import hashlib
import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from certification import clock
from certification.documents.rendering import render_pdf
from certification.organisations import access
from certification.organisations.models import User
from certification.refusals import Incomplete, Problem, WrongState
from certification.workflow import activity, log
from exams.models import DeclarationKind, DeclarationText, ExamApplication, MaterialKind

KEEP = "exams.declarations.keep"
SHIPPED = Path(__file__).parent / "declarations.toml"


def load_texts(*, now: datetime) -> list[DeclarationText]:
    """Add the shipped editions that the database does not hold; what it holds stays as it is."""
    held = set(DeclarationText.objects.values_list("kind", "version"))
    with SHIPPED.open("rb") as file:
        shipped = tomllib.load(file)["text"]
    actor = User.objects.system()
    new = [
        DeclarationText(**content | {"body": content["body"].strip()}, prepared_by=actor, prepared_at=now)
        for content in shipped
        if (content["kind"], content["version"]) not in held
    ]
    return DeclarationText.objects.bulk_create(new)


def signable(kind: MaterialKind, day: date) -> list[DeclarationText]:
    """The editions that a paper handed in on ``day`` may bear, the latest first."""
    if kind not in DeclarationKind.values:
        return []
    return list(DeclarationText.objects.filter(kind=kind, in_force_from__lte=day).order_by("-in_force_from"))


@activity
def add_text(
    *, actor, now, kind: str, in_force_from: date, title: str, body: str, source: str, certainty: str
) -> DeclarationText:
    """A new edition of a text, in force from a day that is still to come (or today); raises Incomplete.

    What was signed before keeps the edition that it bears.
    """
    access.require(actor, KEEP)
    earlier = list(DeclarationText.objects.select_for_update().filter(kind=kind).order_by("version"))
    if in_force_from < clock.day_of(now):
        raise _wrong("in_force_from", "启用日期不能早于今天：已经签署的文本不能改变。")
    if any(row.in_force_from == in_force_from for row in earlier):
        raise _wrong("in_force_from", "这一天已有一个版本启用，请另选启用日期。")
    version = earlier[-1].version + 1 if earlier else 1
    made = DeclarationText.objects.create(
        kind=kind,
        version=version,
        in_force_from=in_force_from,
        title=title.strip(),
        body=_tidy(body),
        source=source.strip(),
        certainty=certainty,
        prepared_by=actor,
        prepared_at=now,
    )
    log([made], "add_text", actor=actor, now=now, detail=_wording)
    return made


@activity
def change_text(*, actor, now, text_id: int, in_force_from: date, title: str, body: str, source: str, certainty: str):
    """Change an edition that is not in force yet; raises WrongState for one that people may have signed, Incomplete."""
    access.require(actor, KEEP)
    found = DeclarationText.objects.select_for_update().get(pk=text_id)
    if found.in_force_from <= clock.day_of(now):
        raise WrongState(f"{found}已经启用，不能更改。", advice="请另立新版本，已签署的仍以原版本为准。")
    if in_force_from <= clock.day_of(now):
        raise _wrong("in_force_from", "更改后的启用日期须在今天以后。")
    others = DeclarationText.objects.filter(kind=found.kind, in_force_from=in_force_from).exclude(pk=found.pk)
    if others.exists():
        raise _wrong("in_force_from", "这一天已有一个版本启用，请另选启用日期。")
    new = {"in_force_from": in_force_from, "title": title.strip(), "body": _tidy(body)}
    new |= {"source": source.strip(), "certainty": certainty}
    changed = [name for name, value in new.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, new[name])
    if changed:
        found.save(update_fields=changed)
        labels = [str(DeclarationText._meta.get_field(name).verbose_name) for name in changed]
        log([found], "change_text", actor=actor, now=now, detail=_wording(found) | {"changed": labels})
    return found


def forms_pdf(applications: Iterable[ExamApplication], day: date) -> bytes:
    """For each applicant a page of each text to read and sign, in the editions of ``day``, with name and number filled
    in."""
    texts = DeclarationText.objects.in_force(day)
    ordered = [texts[kind] for kind in DeclarationKind.values if kind in texts]
    pages = [{"application": row, "text": text} for row in applications for text in ordered]
    return render_pdf("exams/documents/declarations.html", {"pages": pages, "title": "承诺书和同意书"})


def _tidy(body: str) -> str:
    return "\n".join(line.strip() for line in body.splitlines() if line.strip())


def _wording(text: DeclarationText) -> dict:
    """What is logged of an edition: enough to prove later which words people signed."""
    said = {"version": text.version, "in_force_from": text.in_force_from.isoformat()}
    return said | {"sha256": hashlib.sha256(text.body.encode()).hexdigest()}


def _wrong(field: str, message: str) -> Incomplete:
    return Incomplete([Problem(message, field=field)])
