"""The log is sealed: every line is chained to the line before it on the same case, and every pass of the job to the
pass before it. ``verify`` finds what was changed, removed, added or put in another order since.

Lines are sealed by a job within a minute, not as they are written: writers of one case then never wait for each
other's chain, and a line of a transaction that commits late simply joins the next pass.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, models, transaction
from django.db.models import Max

from certification.records.models import LogSeal, TransitionLog

BATCH = 1000
COLUMNS = ("seal", "sequence", "digest")
Case = tuple[int, int]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: ``line`` is the log line's id where there is one, ``seal`` the number of the seal."""

    kind: str
    seal: int | None = None
    line: int | None = None
    case: str = ""

    def __str__(self) -> str:
        where = [f"封存第 {self.seal} 号"] if self.seal is not None else []
        where += [self.case] if self.case else []
        where += [f"记录 {self.line}"] if self.line is not None else []
        return f"{self.kind}：{'，'.join(where)}"


CHANGED, MISSING, ADDED, ORDER = "内容被改动", "记录缺失", "封存后插入", "次序不连续"
SEAL_BROKEN, SEAL_MISSING = "封存校验值不符", "封存缺失"


def seal(*, now: datetime) -> int:
    """Seal every line that no seal covers; returns how many. Safe to run twice at once: the second finds the number
    of its seal taken and leaves the lines to the first."""
    sealed = 0
    while count := _seal_batch(now):
        sealed += count
    return sealed


def _seal_batch(now: datetime) -> int:
    try:
        with transaction.atomic():
            last = LogSeal.objects.order_by("-number").first()
            if not TransitionLog.objects.unsealed().exists():
                return 0
            # Its number is unique: whoever comes second waits here and is refused.
            made = LogSeal.objects.create(number=last.number + 1 if last else 1, lines=0, digest="", at=now)
            lines = list(TransitionLog.objects.unsealed()[:BATCH])
            _chain(lines, made)
            TransitionLog.objects.bulk_update(lines, COLUMNS)
            made.lines, made.digest = len(lines), _of_seal(last.digest if last else "", lines)
            made.save(update_fields=["lines", "digest"])
            return len(lines)
    except IntegrityError:
        return 0


def _chain(lines: Iterable[TransitionLog], made: LogSeal) -> None:
    """Give each line its place after the last sealed line of its case."""
    ends = _ends(lines)
    for line in lines:
        case = (line.subject_type_id, line.subject_id)
        sequence, before = ends.get(case, (0, ""))
        line.seal, line.sequence, line.digest = made, sequence + 1, digest_of(line, before, sequence + 1)
        ends[case] = (line.sequence, line.digest)


def _ends(lines: Iterable[TransitionLog]) -> dict[Case, tuple[int, str]]:
    """The last sealed line of each case among ``lines``: case → (sequence, digest). Two queries a kind of case."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        wanted[line.subject_type_id].add(line.subject_id)
    ends: dict[Case, tuple[int, str]] = {}
    for type_id, ids in wanted.items():
        sealed = TransitionLog.objects.filter(subject_type=type_id, subject_id__in=ids, sequence__isnull=False)
        newest = sealed.order_by().values("subject_id").annotate(last=Max("sequence")).values("subject_id", "last")
        last = {row["subject_id"]: row["last"] for row in newest}
        found = sealed.filter(sequence__in=set(last.values())).values_list("subject_id", "sequence", "digest")
        ends.update({(type_id, pk): (number, digest) for pk, number, digest in found if last[pk] == number})
    return ends


def digest_of(line: TransitionLog, before: str, sequence: int) -> str:
    """SHA-256 over everything the line says, its place, and the digest of the case's line before it ("" for the
    first). The kind of case goes in by name: ids of content types differ between databases."""
    kind = ContentType.objects.get_for_id(line.subject_type_id)
    said = [
        f"{kind.app_label}.{kind.model}",
        line.subject_id,
        sequence,
        line.name,
        line.from_state,
        line.to_state,
        line.actor_id,
        line.on_behalf_of_id,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.reason,
        line.detail,
        before,
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _of_seal(before: str, lines: Iterable[TransitionLog]) -> str:
    return hashlib.sha256("\n".join([before, *(line.digest for line in lines)]).encode()).hexdigest()


# Checking ------------------------------------------------------------------------------------------------------


def verify(case: models.Model | None = None) -> Iterator[Fault]:
    """Everything that does not hold, of one case or of the whole log; nothing where all is as it was written.

    Lines that no seal covers yet are not judged. The whole log is read once, in a memory that does not grow with it.
    """
    if case is None:
        yield from _verify_seals()
    yield from _verify_cases(case)


def _verify_seals() -> Iterator[Fault]:
    before, expected = "", 1
    for made in LogSeal.objects.order_by("number").iterator(BATCH):
        if made.number != expected:
            yield Fault(SEAL_MISSING, seal=expected)
        lines = list(made.sealed.order_by("pk").only("digest"))
        if len(lines) < made.lines:
            yield Fault(f"{MISSING}（应有 {made.lines} 条，现有 {len(lines)} 条）", seal=made.number)
        elif len(lines) > made.lines:
            yield Fault(f"{ADDED}（应有 {made.lines} 条，现有 {len(lines)} 条）", seal=made.number)
        elif _of_seal(before, lines) != made.digest:
            yield Fault(SEAL_BROKEN, seal=made.number)
        before, expected = made.digest, made.number + 1


def _verify_cases(case: models.Model | None) -> Iterator[Fault]:
    lines = TransitionLog.objects.filter(sequence__isnull=False).order_by("subject_type", "subject_id", "sequence")
    if case is not None:
        lines = lines.filter(subject_type=ContentType.objects.get_for_model(case), subject_id=case.pk)
    at: Case | None = None
    sequence, before = 0, ""
    for line in lines.iterator(BATCH):
        if at != (line.subject_type_id, line.subject_id):
            at, sequence, before = (line.subject_type_id, line.subject_id), 0, ""
        if line.sequence != sequence + 1:
            yield _fault(ORDER, line)
        elif digest_of(line, before, line.sequence) != line.digest:
            yield _fault(CHANGED, line)
        sequence, before = line.sequence, line.digest


def _fault(kind: str, line: TransitionLog) -> Fault:
    model = ContentType.objects.get_for_id(line.subject_type_id).model_class()
    name = model._meta.verbose_name if model else line.subject_type_id
    return Fault(kind, line=line.pk, case=f"{name} {line.subject_id}（第 {line.sequence} 条）")
