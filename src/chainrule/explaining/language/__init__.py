"""What explanations say, one module for each language and part."""

from __future__ import annotations
