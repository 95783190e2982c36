"""What stands before a LaTeX document begins."""

from __future__ import annotations

_COMMON = r"""
\documentclass[11pt]{article}
\usepackage[a4paper, margin=25mm]{geometry}
\usepackage{amsmath, amssymb, mathtools}
\usepackage{array, booktabs, longtable, framed}
\usepackage[dvipsnames]{xcolor}
"""
_PDFLATEX = r"""
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{textcomp}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\else
  \usepackage{fontspec}
\fi
"""
_UNICODE = r"""
\usepackage{iftex}
\ifPDFTeX
  \errmessage{This document has letters that pdflatex does not know: compile it with xelatex or lualatex}
\fi
\usepackage{fontspec}
"""
_CHINESE = r"""
\ifLuaTeX
  \usepackage{luatexja-fontspec}
  \newcommand{\chinese}[1]{\setmainjfont{#1}\setsansjfont{#1}\setmonojfont{#1}}
\else
  \usepackage{xeCJK}
  \xeCJKsetup{CJKmath=true}
  \newcommand{\chinese}[1]{\setCJKmainfont{#1}\setCJKsansfont{#1}\setCJKmonofont{#1}}
\fi
"""
_SETTINGS = r"""
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt minus 1pt}
\setlength{\LTleft}{0pt}
\setlength{\tabcolsep}{4.5pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
\newenvironment{besidebar}[1]{%
  \medskip\def\FrameCommand{{\color{#1}\vrule width 2.5pt}\hspace{9pt}}\MakeFramed{\advance\hsize-\width \FrameRestore}%
}{\endMakeFramed}
\definecolor{red}{HTML}{B3202A}
\definecolor{green}{HTML}{1A7F37}
\definecolor{blue}{HTML}{0A5DC2}
\definecolor{orange}{HTML}{9A4A00}
\author{}
\date{}
"""
# Fonts with Chinese letters, the first of which is taken that is there.
FONTS = (
    "Noto Serif CJK TC", "Noto Serif TC", "Source Han Serif TC", "Noto Sans CJK TC", "Songti TC", "PMingLiU",
    "AR PL UMing TW", "FandolSong-Regular",
)  # fmt: skip


def preamble(body: str, language: str) -> str:
    """The preamble that a body needs for its letters."""
    strange = sorted({char for char in body if not _known(char)})
    if not strange:
        return "% Compile with pdflatex (or xelatex, lualatex)." + _COMMON + _PDFLATEX.lstrip("\n") + _SETTINGS.lstrip("\n")
    fonts = _CHINESE + _chosen() if language.startswith("zh") or any("\u2e80" <= c <= "\uffef" for c in strange) else ""
    return (
        "% Compile with xelatex or lualatex."
        + _COMMON
        + _UNICODE.lstrip("\n")
        + fonts.lstrip("\n")
        + _SETTINGS.lstrip("\n")
    )


def _known(char: str) -> bool:
    """Whether pdflatex has it: Latin letters with accents, and the usual punctuation."""
    return char < "\u0180" or char in "–—‘’“”•…€™"


def _chosen() -> str:
    """Commands that take the first font that is there."""
    tried = "".join(rf"\IfFontExistsTF{{{font}}}{{\chinese{{{font}}}}}{{%{chr(10)}" for font in FONTS)
    return f"{tried}\\PackageError{{chainrule}}{{No font with Chinese letters is installed}}{{}}{'}' * len(FONTS)}\n"
