"""The compiled engine: the schedule printed as a plain Python program, which Numba compiles and LLVM runs.

    rules -> items -> nests, products -> program -> build -> runner

The schedule is first made faster by rules, then cut into products and loop nests, and these are printed. Anybody can read
the program that trains their network: ``chainrule compile --show``.
"""
