"""Many people at their pages: each waits, asks for a page, reads it for a while, asks for the next."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A browser: its session cookie and the pages that it goes through."""

    cookie: str
    pages: Sequence[str]


async def _ask(port: int, person: Person, page: str) -> float:
    """How long one page took, in seconds. Raises RuntimeError for anything but a page."""
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {page} HTTP/1.1", "Host: localhost", f"Cookie: sessionid={person.cookie}", "Connection: close"]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = await reader.read(-1)
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"{page}: {answer[:200]!r}")
    return time.perf_counter() - started


async def _sit(port: int, person: Person, until: float, thinking: float, chance: random.Random) -> list[float]:
    taken = []
    # Spread over one round from the beginning, as people are who have long been at work.
    await asyncio.sleep(chance.random() * thinking)
    while time.perf_counter() < until:
        taken.append(await _ask(port, person, chance.choice(person.pages)))
        await asyncio.sleep(chance.uniform(0.5, 1.5) * thinking)
    return taken


def sit(port: int, people: Sequence[Person], *, seconds: float, thinking: float) -> list[float]:
    """The times of all pages that ``people`` asked for in ``seconds``, each thinking about ``thinking`` seconds."""

    async def all_of_them():
        until = time.perf_counter() + seconds
        sitting = [_sit(port, one, until, thinking, random.Random(place)) for place, one in enumerate(people)]
        return await asyncio.gather(*sitting)

    return sorted(taken for one in asyncio.run(all_of_them()) for taken in one)


def pages_a_second(port: int, people: Sequence[Person], *, seconds: float) -> float:
    """How many pages a second the server makes at most: nobody thinks, everybody asks for the next one at once."""
    started = time.perf_counter()
    taken = sit(port, people, seconds=seconds, thinking=0)
    return len(taken) / (time.perf_counter() - started)


def p95(taken: Sequence[float]) -> float:
    """The time within which 95 of 100 pages came."""
    return taken[min(int(len(taken) * 0.95), len(taken) - 1)]
