"""The sealed log: what is changed, removed, added or reordered afterwards is found; two passes at once seal once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from certification.organisations.models import Organisation
from certification.records import sealing
from certification.records.models import LogSeal, TransitionLog
from tests.factories import BUILT_AT


@pytest.fixture
def cases(world) -> list[Organisation]:
    return list(Organisation.objects.order_by("pk")[:2])


@pytest.fixture
def write(world, cases):
    def write(count: int = 1, case: int = 0) -> None:
        for number in range(count):
            TransitionLog.write(
                [(cases[case], "A", "B")],
                name="step",
                actor=world.user("jigou"),
                at=BUILT_AT + timedelta(minutes=number),
                reason=f"第 {number} 步",
                detail={"数": number, "列": ["a", 1.5]},
            )

    return write


@pytest.fixture
def sealed(write) -> list[TransitionLog]:
    """Three lines of one case and two of another, sealed in two passes."""
    TransitionLog.objects.all().delete()
    write(2)
    write(2, case=1)
    sealing.seal(now=BUILT_AT)
    write(1)
    sealing.seal(now=BUILT_AT)
    return list(TransitionLog.objects.order_by("pk"))


def kinds(case=None) -> set[str]:
    return {fault.kind for fault in sealing.verify(case)}


def test_every_line_is_chained_within_its_case(sealed, cases):
    assert [(line.subject_id, line.sequence) for line in sealed] == [
        (cases[0].pk, 1),
        (cases[0].pk, 2),
        (cases[1].pk, 1),
        (cases[1].pk, 2),
        (cases[0].pk, 3),
    ]
    assert list(LogSeal.objects.values_list("number", "lines")) == [(1, 4), (2, 1)]
    assert not list(sealing.verify())
    assert sealing.seal(now=BUILT_AT) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "改写"},
        {"name": "other"},
        {"to_state": "C"},
        {"at": F("at") + timedelta(seconds=1)},
        {"detail": {}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_line_is_found_on_its_case_alone(sealed, cases, change):
    TransitionLog.objects.filter(pk=sealed[1].pk).update(**change)
    faults = list(sealing.verify())
    assert [(fault.kind, fault.line) for fault in faults] == [(sealing.CHANGED, sealed[1].pk)]
    assert not kinds(cases[1])


def test_a_line_whose_digest_was_made_anew_breaks_what_follows(sealed):
    line = sealed[1]
    line.reason = "改写"
    line.digest = sealing.digest_of(line, sealed[0].digest, line.sequence)
    line.save()
    faults = list(sealing.verify())
    assert {(fault.kind, fault.line) for fault in faults} == {
        (sealing.SEAL_BROKEN, None),
        (sealing.CHANGED, sealed[4].pk),
    }


@pytest.mark.parametrize("which", [0, 1, 4], ids=["first", "middle", "last of its case"])
def test_a_removed_line_is_found(sealed, which):
    TransitionLog.objects.filter(pk=sealed[which].pk).delete()
    assert any(kind.startswith(sealing.MISSING) for kind in kinds())


def test_a_whole_case_removed_is_found(sealed, cases):
    TransitionLog.objects.about(cases[1]).delete()
    assert any(kind.startswith(sealing.MISSING) for kind in kinds())


def test_a_line_slipped_in_is_found(sealed):
    extra = TransitionLog.objects.get(pk=sealed[3].pk)
    extra.pk, extra.sequence = None, 3
    extra.digest = sealing.digest_of(extra, sealed[3].digest, 3)
    extra.save(force_insert=True)
    assert any(kind.startswith(sealing.ADDED) for kind in kinds())


def test_a_removed_seal_is_found(sealed):
    TransitionLog.objects.filter(pk=sealed[4].pk).delete()
    LogSeal.objects.filter(number=2).delete()
    sealing.seal(now=BUILT_AT)
    assert not kinds(), "a cut-off end can only be found by who noted the newest digest"
    TransitionLog.objects.filter(seal__number=1).update(seal=None, sequence=None, digest="")
    LogSeal.objects.filter(number=1).delete()
    LogSeal.objects.create(number=3, lines=0, digest=sealing._of_seal("", []), at=BUILT_AT)
    assert sealing.SEAL_MISSING in kinds()


def test_long_logs_are_sealed_in_passes_of_as_many_queries(write, monkeypatch, django_assert_max_num_queries):
    sealing.seal(now=BUILT_AT)
    write(30)
    monkeypatch.setattr(sealing, "BATCH", 10)
    with django_assert_max_num_queries(4 * 11):
        assert sealing.seal(now=BUILT_AT) == 30
    assert not list(sealing.verify())


@pytest.mark.django_db(transaction=True)
def test_two_passes_at_once_seal_every_line_once(write, at_once):
    sealing.seal(now=BUILT_AT)
    before = LogSeal.objects.count()
    write(25)
    counts = at_once(lambda: sealing.seal(now=BUILT_AT), lambda: sealing.seal(now=BUILT_AT))
    assert sum(counts) == 25
    assert LogSeal.objects.count() == before + 1
    assert not list(sealing.verify())


def test_the_command_says_what_is_wrong_and_fails(sealed):
    out = StringIO()
    call_command("verify_log", stdout=out)
    assert "办理记录完好" in out.getvalue()
    assert LogSeal.objects.last().digest in out.getvalue()
    TransitionLog.objects.filter(pk=sealed[0].pk).update(reason="改写")
    out = StringIO()
    with pytest.raises(CommandError, match="1 处"):
        call_command("verify_log", stdout=out)
    assert f"记录 {sealed[0].pk}" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("verify_log", "--case", "organisations.Organisation:0", stdout=out)
    call_command("verify_log", "--case", f"organisations.Organisation:{sealed[2].subject_id}", stdout=out)
