"""Finding job types by the names that people and other systems write."""

import unicodedata
from dataclasses import dataclass

from certification.catalogue.models import CatalogueEdition, JobType


def normal(text: str) -> str:
    """``text`` without regard to width, spaces and a closing 作业."""
    return "".join(unicodedata.normalize("NFKC", text).split()).removesuffix("作业")


@dataclass(frozen=True)
class Names:
    """All names and aliases of one edition's job types, for many look-ups by one query."""

    by_name: dict[str, JobType]

    @classmethod
    def of(cls, edition: CatalogueEdition) -> "Names":
        by_name: dict[str, JobType] = {}
        rows = JobType.objects.filter(group__edition=edition).select_related("group").order_by("group__code", "code")
        for job_type in rows:
            for name in (job_type.name, job_type.code, *job_type.aliases):
                by_name.setdefault(normal(name), job_type)
        return cls(by_name)

    def find(self, text: str) -> JobType | None:
        """The job type that ``text`` names (name, alias or code), or None."""
        return self.by_name.get(normal(text))
