"""What an edition asks of materials: which papers, in place of which, what a picture must be like (rules 3, 12).

The rules stand in ``rules.toml`` beside this module; nothing here knows one by heart.
"""

from dataclasses import dataclass

from certification.rulebook import lookup
from certification.rulebook.models import Rule
from exams.models import ClassMaterialKind, ExamApplication, MaterialKind
from exams.standards import Edition

MATERIALS = "materials"


@dataclass(frozen=True)
class MaterialStandard:
    """What an application must hold. ``later`` may be handed in until the hours proof is due; ``instead`` names, per
    kind of paper, the groups of papers that stand in for it, each group whole."""

    required: tuple[MaterialKind, ...]
    later: tuple[MaterialKind, ...]
    instead: dict[MaterialKind, tuple[tuple[MaterialKind, ...], ...]]

    def missing(self, held: set[str]) -> list[MaterialKind]:
        """Papers that must be there at submission and are not."""
        return [kind for kind in self.required if not self.has(kind, held)]

    def missing_later(self, held: set[str]) -> list[MaterialKind]:
        """Papers that may follow after submission and are not there yet."""
        return [kind for kind in self.later if not self.has(kind, held)]

    def has(self, kind: MaterialKind, held: set[str]) -> bool:
        """Whether ``held`` holds the paper or what stands in for it."""
        return kind in held or any(set(group) <= held for group in self.instead.get(kind, ()))

    def standing_in(self, kind: MaterialKind) -> tuple[MaterialKind, ...]:
        """The papers that may stand in for ``kind``."""
        return tuple(one for group in self.instead.get(kind, ()) for one in group)

    @property
    def asked(self) -> tuple[MaterialKind, ...]:
        """What is asked for, in order."""
        return tuple(dict.fromkeys((*self.required, *self.later)))

    @property
    def offered(self) -> tuple[MaterialKind, ...]:
        """Every kind of paper that the form offers: what is asked for, each followed by what may stand in for it."""
        return tuple(dict.fromkeys(one for kind in self.asked for one in (kind, *self.standing_in(kind))))


@dataclass(frozen=True)
class ClassStandard:
    """What a class hands in once for all its applications."""

    required: tuple[ClassMaterialKind, ...]
    optional: tuple[ClassMaterialKind, ...]

    @property
    def offered(self) -> tuple[ClassMaterialKind, ...]:
        """Every kind of paper that the form offers, in order."""
        return tuple(dict.fromkeys((*self.required, *self.optional)))


@dataclass(frozen=True)
class Exemption:
    """A ground on which somebody goes to the exam without this training; ``proof`` takes the place of the hours proof.
    No ``job_types`` means every one."""

    code: str
    title: str
    clause: str
    kinds: tuple[str, ...]
    job_types: tuple[str, ...]
    proof: MaterialKind

    def holds_for(self, kind: str, job_type_code: str) -> bool:
        """Whether it may be claimed for an application of ``kind`` for the job type."""
        return kind in self.kinds and (not self.job_types or job_type_code in self.job_types)


@dataclass(frozen=True)
class PhotoStandard:
    """The size of a photo in pixels and kilobytes, and the types that are kept."""

    width: int
    height: int
    max_kilobytes: int
    media_types: tuple[str, ...]


@dataclass(frozen=True)
class ScanStandard:
    """What a scanned paper may be like: pictures with sides in pixels, PDFs with so many pages."""

    media_types: tuple[str, ...]
    max_kilobytes: int
    min_short_side: int
    max_long_side: int
    max_pages: int


def photo_standard(edition: Edition) -> PhotoStandard:
    """What a photo must be like."""
    values = lookup.values(MATERIALS, "photo", edition)
    return PhotoStandard(values["width"], values["height"], values["max_kilobytes"], tuple(values["media_types"]))


def scan_standard(kind: str, edition: Edition) -> ScanStandard:
    """What a paper of ``kind`` other than the photo must be like."""
    values = dict(lookup.values(MATERIALS, "scan", edition))
    values |= values.pop("by_kind", {}).get(kind, {})
    return ScanStandard(**values | {"media_types": tuple(values["media_types"])})


def file_names(edition: Edition) -> dict[MaterialKind, tuple[str, ...]]:
    """The words by which a file's name says which paper it is."""
    values = lookup.values(MATERIALS, "file_names", edition)
    return {MaterialKind(kind): tuple(words) for kind, words in values.items() if kind in MaterialKind.values}


def materials_for(
    kind: str, edition: Edition, *, group: str = "", exemption: Exemption | None = None
) -> MaterialStandard:
    """The papers of an application of ``kind``, in the operation group of code ``group``; who is exempt from training
    proves that in place of the hours."""
    values = lookup.values(MATERIALS, kind, edition)
    more = values.get("by_group", {}).get(group, [])
    required, later = _kinds([*values["required"], *more]), _kinds(values.get("later", []))
    if exemption:
        required = _proving(required, exemption.proof)
        later = tuple(kind for kind in later if kind != MaterialKind.HOURS_PROOF)
    instead = {MaterialKind(one): _groups(others) for one, others in values.get("instead", {}).items()}
    return MaterialStandard(tuple(dict.fromkeys(required)), later, instead)


def papers_of(application: ExamApplication) -> MaterialStandard:
    """The papers of one application; reads its job type's group."""
    return materials_for(
        application.kind,
        application.rule_edition,
        group=application.job_type.group.code,
        exemption=exemption_of(application),
    )


def materials_rule(kind: str, edition: Edition) -> Rule:
    """The rule that says which papers an application of ``kind`` needs, with its clause and certainty."""
    return lookup.rule(MATERIALS, kind, edition)


def class_materials(kind: str, edition: Edition) -> ClassStandard:
    """The papers that a class of ``kind`` hands in once."""
    values = lookup.values(MATERIALS, "class", edition).get(kind, {})
    required, optional = values.get("required", []), values.get("optional", [])
    return ClassStandard(tuple(map(ClassMaterialKind, required)), tuple(map(ClassMaterialKind, optional)))


def exemptions(kind: str, job_type_code: str, edition: Edition) -> list[Exemption]:
    """The grounds on which an application of ``kind`` for the job type may go without hours."""
    return [one for one in _exemptions(edition) if one.holds_for(kind, job_type_code)]


def exemption_of(application: ExamApplication) -> Exemption | None:
    """The ground that the application claims, None where it claims none."""
    if not application.exempt_basis:
        return None
    return next((one for one in _exemptions(application.rule_edition) if one.code == application.exempt_basis), None)


def _exemptions(edition: Edition) -> list[Exemption]:
    rows = lookup.values(MATERIALS, "exemption", edition)["bases"]
    return [
        Exemption(
            row["code"],
            row["title"],
            row["clause"],
            tuple(row["kinds"]),
            tuple(row["job_types"]),
            MaterialKind(row["proof"]),
        )
        for row in rows
    ]


def _proving(required: tuple[MaterialKind, ...], proof: MaterialKind) -> tuple[MaterialKind, ...]:
    """``required`` with ``proof`` in place of the hours."""
    return tuple(proof if kind == MaterialKind.HOURS_PROOF else kind for kind in required)


def _groups(others: list) -> tuple[tuple[MaterialKind, ...], ...]:
    """Each entry is one paper, or a list of papers that stand in together."""
    return tuple(_kinds([one] if isinstance(one, str) else one) for one in others)


def _kinds(codes: list[str]) -> tuple[MaterialKind, ...]:
    return tuple(MaterialKind(code) for code in codes)
