"""The audit on a corpus of programs: how many wrong ones are rejected and named, and whether a right one is accused.

    python -m bench.audit                 800 programs
    python -m bench.audit --wrong 60 --right 20 --seed 7
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bench.audited.corpus import Program, wrong_programs
from bench.audited.right import right_programs
from chainrule.auditing import Verdict, audit


@dataclass(frozen=True)
class Row:
    """One program, its verdict, and how long it took."""

    program: Program
    verdict: Verdict
    seconds: float

    @property
    def named(self) -> bool:
        """Whether its slip is the one finding, by name and layer."""
        mistake, found = self.program.mistake, self.verdict.findings
        return bool(mistake and len(found) == 1 and found[0].slip == mistake.id and self.placed)

    @property
    def among(self) -> bool:
        """Whether its slip is among those that give the same numbers."""
        mistake, found = self.program.mistake, self.verdict.findings
        names = {mistake.id, *mistake.also} if mistake else set()
        return self.named or bool(len(found) == 1 and names & {found[0].slip, *found[0].alternatives})

    @property
    def placed(self) -> bool:
        """Whether it was found at its layers."""
        wanted = tuple(l + 2 for l in self.program.layers)
        return not wanted or self.verdict.findings[0].layers == wanted


def audited(programs: Iterable[Program]) -> list[Row]:
    """Every program with its verdict."""
    rows = []
    for program in programs:
        candidate, network, options = program.candidate()
        begun = time.perf_counter()
        verdict = audit(candidate, network, **options)
        rows.append(Row(program, verdict, time.perf_counter() - begun))
    return rows


def main() -> None:
    """Print the figures, and every program that was judged otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, n in (("--wrong", 600), ("--right", 200), ("--seed", 0)):
        parser.add_argument(name, type=int, default=n)
    parser.add_argument("--show", action="store_true", help="print the programs that were judged otherwise")
    asked = parser.parse_args()
    wrong, right = audited(wrong_programs(asked.wrong, asked.seed)), audited(right_programs(asked.right, asked.seed))
    for row in [*(r for r in wrong if not r.named), *(r for r in right if not r.verdict.right)]:
        _tell(row, show=asked.show)
    _figures(wrong, right)


def _tell(row: Row, *, show: bool) -> None:
    s, m = row.program.setting, row.program.mistake
    found = [(f.slip, f.layers, f.alternatives) for f in row.verdict.findings]
    print(f"{m.id if m else 'right'} {row.program.layers} {s}\n    {row.program.options} -> {found}")
    if show:
        print(row.program.source)


def _figures(wrong: list[Row], right: list[Row]) -> None:
    seconds = [row.seconds for row in wrong + right]
    n = max(len(wrong), 1)
    slips = Counter(row.program.mistake.id for row in wrong if row.program.mistake)
    print(f"wrong programs      {len(wrong)}, of {len(slips)} slips")
    print(f"  rejected          {sum(not row.verdict.right for row in wrong)} ({sum(not r.verdict.right for r in wrong) / n:.1%})")
    print(f"  named             {sum(row.named for row in wrong)} ({sum(row.named for row in wrong) / n:.1%})")
    print(f"  named, or among those of the same numbers  {sum(row.among for row in wrong)}")
    print(f"right programs      {len(right)}")
    print(f"  accused           {sum(not row.verdict.right for row in right)}")
    print(f"seconds a program   median {statistics.median(seconds):.3f}, longest {max(seconds):.3f}")


if __name__ == "__main__":
    main()
