"""The audit on programs: right ones are never accused, wrong ones are rejected, and their slips are named."""

from __future__ import annotations

import random

import numpy as np
import pytest
from bench.audited.corpus import Program, source
from bench.audited.drawing import double_programs, program_of, setting, update_options
from bench.audited.handwritten import PROGRAMS
from bench.audited.mistakes import MISTAKES
from bench.audited.right import by_hand
from bench.audited.styles import HEADS, PACKINGS, STYLES

from chainrule import audit
from chainrule.architecture import architecture
from chainrule.auditing.slips import STAGES, table
from chainrule.auditing.wrong import RIGHT, written


@pytest.mark.parametrize("i", range(len(MISTAKES)), ids=[f"{m.id}-{m.line}-{i}" for i, m in enumerate(MISTAKES)])
def test_a_slip_in_the_text_of_a_program_is_found_and_named(i):
    """A program with one slip is rejected, and the slip is named, or is among those that give the same numbers."""
    mistake = MISTAKES[i]
    program = program_of(mistake, random.Random(i))
    candidate, network, options = program.candidate()
    verdict = audit(candidate, network, **options)
    assert not verdict.right
    assert len(verdict.findings) == 1
    found = verdict.findings[0]
    assert {mistake.id, *mistake.also} & {found.slip, *found.alternatives}
    assert not program.layers or found.layers == tuple(l + 2 for l in program.layers)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_program_is_not_accused_whatever_its_make(name, seed):
    """Pure Python, einsum, single precision, central differences ...: all are right."""
    candidate, network, options = by_hand(name, random.Random(seed)).candidate()
    verdict = audit(candidate, network, **options)
    assert verdict.right, verdict.findings


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("packing", PACKINGS)
def test_a_right_program_is_not_accused_whatever_its_layout(style, packing):
    """Lists, dicts, flat arrays, weights alone, turned weights: layouts are no slips."""
    rng = random.Random(packing)
    drawn = next(s for s in (setting(rng) for _ in range(1000)) if s.style == style and s.packing == packing)
    program = Program(source(drawn), drawn, options=update_options(drawn))
    candidate, network, options = program.candidate()
    verdict = audit(candidate, network, **options)
    assert verdict.right, verdict.findings


@pytest.mark.parametrize("head", HEADS)
def test_a_right_program_is_not_accused_however_it_gets_its_parameters(head):
    """As lists, one by one, in a dict, from a class, or from around it."""
    rng = random.Random(head)
    drawn = next(s for s in (setting(rng) for _ in range(1000)) if s.head == head and s.form == "whole")
    candidate, network, options = Program(source(drawn), drawn).candidate()
    assert audit(candidate, network, **options).right


def test_two_slips_in_one_program_are_rejected_and_mostly_both_named():
    """Of 8 programs with two slips none is passed, and at least 6 have both named."""
    named = 0
    for program in double_programs(8, seed=3):
        candidate, network, options = program.candidate()
        verdict = audit(candidate, network, **options)
        assert not verdict.right
        found = [{f.slip, *f.alternatives} for f in verdict.findings]
        wanted = [{m.id, *m.also} for m in (program.mistake, program.second)]
        named += len(found) == 2 and all(any(w & f for f in found) for w in wanted)
    assert named >= 6


def test_the_corpus_has_every_slip_of_the_table_that_a_program_can_have():
    """No row of the table is left without a program, but those that only an own cost or all zeros show."""
    assert {*table()} - {m.id for m in MISTAKES} == {"other_activation", "all_zero"}


@pytest.mark.parametrize("slip", table().values(), ids=table())
def test_a_row_of_the_table_says_what_is_wrong_where_to_look_and_how_it_should_be(slip):
    """Each has cases of known equations and three texts that differ; the hint does not hold the answer."""
    texts = [text.format(l=2, l1=3) for text in (slip.sentence, slip.hint, slip.answer)]
    assert len({*texts}) == 3
    assert all(text.strip()[-1] in ".?)" for text in texts)
    assert not any(mark in texts[1] for mark in ("ᵀ", "⊙", "σ′(z)", "δ a"))
    assert all({*case} <= {*STAGES} for case in slip.cases)


@pytest.mark.parametrize("slip", table().values(), ids=table())
def test_the_formula_of_a_slip_is_not_that_of_the_right_equation(slip):
    """Where what is written can be printed, it differs from the equation that it stands for."""
    a = architecture([2, 3, 3, 2], "tanh", "quadratic", output="sigmoid", dtype=np.float64)
    right = {equation.text for equation in RIGHT.values()}
    for case in slip.cases:
        for equation, wrong in case.items():
            assert written(equation, wrong, a, 3) not in right


def test_there_are_at_least_25_slips():
    """The table has the slips that are promised."""
    assert len(table()) >= 25
