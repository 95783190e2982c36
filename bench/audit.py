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

from bench.audited.corpus import Program
from bench.audited.drawing import double_programs, wrong_programs
from bench.audited.right import right_programs
from chainrule.auditing import Verdict, audit


@dataclass(frozen=True)
class Row:
    """One program, its verdict, and the processor seconds that it took."""

    program: Program
    verdict: Verdict
    seconds: float

    @property
    def named(self) -> bool:
        """Whether its slip is the one finding, by name and layer."""
        mistake, found = self.program.mistake, self.verdict.findings
        return bool(mistake and len(found) == 1 and found[0].slip == mistake.id and self.placed)

    @property
    def others(self) -> tuple[str, ...]:
        """Slips that are named beside it, since they give the same numbers."""
        return self.verdict.findings[0].alternatives

    @property
    def among(self) -> bool:
        """Whether its slip is among those that give the same numbers."""
        mistake, found = self.program.mistake, self.verdict.findings
        names = {mistake.id, *mistake.also} if mistake else set()
        return self.named or bool(len(found) == 1 and names & {found[0].slip, *found[0].alternatives})

    @property
    def both(self) -> bool:
        """Whether each of two slips is named, or among those that give the same numbers."""
        wanted = [{m.id, *m.also} for m in (self.program.mistake, self.program.second) if m]
        found = [{f.slip, *f.alternatives} for f in self.verdict.findings]
        return len(found) == 2 and all(any(w & f for f in found) for w in wanted)

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
        begun = time.process_time()
        verdict = audit(candidate, network, **options)
        rows.append(Row(program, verdict, time.process_time() - begun))
    return rows


def main() -> None:
    """Print the figures, and every program that was judged otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, n in (("--wrong", 600), ("--right", 200), ("--double", 100), ("--seed", 0)):
        parser.add_argument(name, type=int, default=n)
    parser.add_argument("--show", action="store_true", help="print the programs that were judged otherwise")
    asked = parser.parse_args()
    wrong, right = audited(wrong_programs(asked.wrong, asked.seed)), audited(right_programs(asked.right, asked.seed))
    double = audited(double_programs(asked.double, asked.seed))
    for row in [*(r for r in wrong if not r.named), *(r for r in right if not r.verdict.right)]:
        _tell(row, show=asked.show)
    _figures(wrong, right)
    print(f"two slips           {len(double)}")
    for what, rows in (
        ("rejected", [r for r in double if not r.verdict.right]),
        ("both named", [r for r in double if r.both]),
    ):
        print(f"  {what:<38}{len(rows)} ({len(rows) / max(len(double), 1):.1%})")


def _tell(row: Row, *, show: bool) -> None:
    s, m = row.program.setting, row.program.mistake
    found = [(f.slip, f.layers, f.alternatives) for f in row.verdict.findings]
    print(f"{m.id if m else 'right'} {row.program.layers} {s}\n    {row.program.options} -> {found}")
    if show:
        print(row.program.source)


def _figures(wrong: list[Row], right: list[Row]) -> None:
    seconds = [row.seconds for row in wrong + right]
    slips = Counter(row.program.mistake.id for row in wrong if row.program.mistake)
    print(f"wrong programs      {len(wrong)}, of {len(slips)} slips")
    for what, rows in (
        ("rejected", [row for row in wrong if not row.verdict.right]),
        ("named exactly", [row for row in wrong if row.named]),
        ("  as the only one with these numbers", [row for row in wrong if row.named and not row.others]),
        ("named, or with the same numbers", [row for row in wrong if row.among]),
    ):
        print(f"  {what:<38}{len(rows)} ({len(rows) / max(len(wrong), 1):.1%})")
    print(f"right programs      {len(right)}")
    print(f"  {'accused':<38}{sum(not row.verdict.right for row in right)}")
    print(f"processor seconds   median {statistics.median(seconds):.3f}, longest {max(seconds):.3f}")


if __name__ == "__main__":
    main()
