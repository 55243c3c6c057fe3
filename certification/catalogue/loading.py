"""Loads the shipped editions of the catalogue (``editions/*.toml``). Loading again changes nothing: an edition that
is in the database stays as it is there, because cases were filed under it."""

import tomllib
from pathlib import Path

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from certification.catalogue.models import CatalogueEdition, JobType, JobTypeVariant, OperationGroup

SHIPPED = Path(__file__).parent / "editions"
HEAD = ("code", "name", "source", "valid_from", "active", "note")


def load_catalogue() -> list[CatalogueEdition]:
    """Store every shipped edition whose code the database does not hold; returns those stored."""
    stored = set(CatalogueEdition.objects.values_list("code", flat=True))
    contents = [tomllib.loads(path.read_text("utf-8")) for path in sorted(SHIPPED.glob("*.toml"))]
    return [load_edition(content) for content in contents if content["code"] not in stored]


@transaction.atomic
def load_edition(content: dict) -> CatalogueEdition:
    """Store one edition with its groups, job types and variants, in the shape of the shipped files."""
    edition = CatalogueEdition.objects.create(**{key: content[key] for key in HEAD})
    groups = [_group(edition, group) for group in content["group"]]
    bulk_create_with_history(groups, OperationGroup)
    listed = [
        (group, item) for group, entry in zip(groups, content["group"], strict=True) for item in entry["job_types"]
    ]
    job_types = [_job_type(group, item) for group, item in listed]
    bulk_create_with_history(job_types, JobType)
    variants = [
        JobTypeVariant(job_type=job_type, **variant)
        for job_type, (_group_row, item) in zip(job_types, listed, strict=True)
        for variant in item.get("variants", [])
    ]
    bulk_create_with_history(variants, JobTypeVariant)
    return edition


def _group(edition: CatalogueEdition, content: dict) -> OperationGroup:
    return OperationGroup(
        edition=edition,
        code=content["code"],
        name=content["name"],
        category=content["category"],
        aliases=content["aliases"],
    )


def _job_type(group: OperationGroup, content: dict) -> JobType:
    hours = content.get("hours", {})
    return JobType(
        group=group,
        code=content["code"],
        name=content["name"],
        aliases=content.get("aliases", []),
        theory_hours=hours.get("theory"),
        practical_hours=hours.get("practical"),
        initial_hours=hours.get("initial"),
        review_hours=hours.get("review"),
        hours_certainty=hours.get("certainty", ""),
    )
