"""One beat holds the lease; another takes it only when it is over."""

import pytest

from certification.jobs.models import BeatLease


@pytest.mark.django_db
def test_one_holds_until_it_is_over():
    assert BeatLease.hold("a", 30)
    assert not BeatLease.hold("b", 30)
    assert BeatLease.hold("a", 30)
    since = BeatLease.alive().since
    BeatLease.release("b")
    assert BeatLease.alive().holder == "a"
    BeatLease.release("a")
    assert BeatLease.alive() is None
    assert BeatLease.hold("b", 30)
    assert not BeatLease.hold("a", 30), "it lost it for good"
    assert BeatLease.alive().since > since


@pytest.mark.parametrize("before", [None, "ended"])
def test_of_many_at_once_one_gets_it(at_once, before):
    if before:
        BeatLease.hold("z", 30)
        BeatLease.release("z")
    holds = at_once(*(lambda name=name: BeatLease.hold(name, 30) for name in "abcdef"))
    assert sorted(holds) == [False] * 5 + [True]
