"""A corpus of back-propagating programs, as people write them: right ones, and ones with a slip at a known place.

The programs are texts. They share nothing with the package that audits them: their own functions, their own loops.
"""
