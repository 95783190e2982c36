"""Operands that are not numbers: the same code runs on them and gives formulas or derivatives.

``symbolic``
    :class:`~chainrule.algebra.symbolic.Expr`: symbols. Running an equation on them gives the formula itself.
``dual``
    :class:`~chainrule.algebra.dual.Dual`: dual numbers. Running a function on them gives its forward-mode derivative.
``special``
    ``erf``, which NumPy lacks, and others in a form for every operand.
``trial``
    Whether the slope of a user's function is the slope of its values.
"""
