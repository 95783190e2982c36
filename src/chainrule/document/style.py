"""How a document looks as HTML."""

from __future__ import annotations

# Within any page, whose colours it takes: soft tones are mixtures of the text's colour with none.
CSS = """
.chainrule-document { --soft: color-mix(in srgb, currentColor 68%, transparent);
  --rule: color-mix(in srgb, currentColor 18%, transparent); --tint: color-mix(in srgb, currentColor 5%, transparent);
  --good: #1a7f37; --bad: #cf222e; --lemma: #0969da; --red: #b3202a; --green: #1a7f37; --blue: #0a5dc2; --orange: #9a4a00;
  line-height: 1.55; overflow-wrap: break-word; }
.chainrule-document h1, .chainrule-document h2, .chainrule-document h3, .chainrule-document h4 {
  line-height: 1.25; text-wrap: balance; }
.chainrule-document h1 { font-size: 1.75em; margin: 0 0 .7em; }
.chainrule-document h2 { font-size: 1.3em; margin: 2em 0 .6em; padding-bottom: .25em;
  border-bottom: 1px solid var(--rule); }
.chainrule-document h3 { font-size: 1.08em; margin: 1.5em 0 .5em; }
.chainrule-document h4 { font-size: 1em; margin: 1em 0 .4em; }
.chainrule-document p { margin: 0 0 .8em; max-width: 72ch; }
.chainrule-document ul, .chainrule-document ol { margin: 0 0 .9em; padding-left: 1.7em; max-width: 72ch; }
.chainrule-document li { margin: .15em 0; }
.chainrule-document code { font: .9em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  background: var(--tint); border-radius: 3px; padding: .08em .28em; }
.chainrule-document pre { margin: 0; padding: .7em .9em; width: max-content; min-width: 100%; box-sizing: border-box; }
.chainrule-document pre code { background: none; padding: 0; white-space: pre; }
.chainrule-document .scroll { overflow-x: auto; min-width: 0; max-width: 100%; margin: 0 0 .9em; }
.chainrule-document .scroll:has(> pre) { background: var(--tint); border-radius: 6px; }
.chainrule-document .scroll:focus-visible, .chainrule-document a:focus-visible { outline: 2px solid var(--lemma);
  outline-offset: 2px; }
.chainrule-document .formula { display: flex; gap: 1em; align-items: center; margin: .5em 0 1em; }
.chainrule-document .formula > .scroll { flex: 1; margin: 0; padding: .25em 0 .25em 1.6em; }
.chainrule-document .formula > .name { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
.chainrule-document math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math;
  font-size: 1.06em; }
.chainrule-document math[display="block"] { width: max-content; margin: 0; text-align: left; }
.chainrule-document mtable.lines > mtr > mtd { padding: .28em 0; text-align: left; }
.chainrule-document mtable.lines > mtr > mtd:first-child { text-align: right;
  text-align: -webkit-right; }
.chainrule-document mtable.lines > mtr > mtd:nth-child(2) { padding: .28em .3em; text-align: center;
  text-align: -webkit-center; }
.chainrule-document mtable.matrix > mtr > mtd { padding: .18em .4em; text-align: right;
  text-align: -webkit-right; }
.chainrule-document mtable.cases > mtr > mtd { padding: .12em .9em .12em .2em; text-align: left; }
.chainrule-document mrow.boxed { border: 1px solid currentColor; padding: .12em .25em; }
.chainrule-document mrow.overline { border-top: .06em solid currentColor; padding-top: .08em; }
.chainrule-document mrow.underline { border-bottom: .06em solid currentColor; padding-bottom: .08em; }
.chainrule-document mrow.bold { font-weight: bold; }
.chainrule-document mrow.red { color: var(--red); } .chainrule-document mrow.green { color: var(--green); }
.chainrule-document mrow.blue { color: var(--blue); } .chainrule-document mrow.orange { color: var(--orange); }
.chainrule-document mrow.gray { color: var(--soft); }
.chainrule-document table { border-collapse: collapse; font-size: .95em; margin: 0; background: none; color: inherit; }
.chainrule-document .caption { color: var(--soft); margin: 0 0 .3em; font-size: .95em; }
.chainrule-document th, .chainrule-document td { text-align: left; vertical-align: baseline; padding: .35em 1.1em .35em 0;
  border: 0; border-bottom: 1px solid var(--rule); background: none; white-space: nowrap; }
.chainrule-document th { font-weight: 600; } .chainrule-document thead th { border-bottom-width: 2px; }
.chainrule-document td.wide { white-space: normal; min-width: 15em; }
.chainrule-document .number { text-align: right; font-variant-numeric: tabular-nums; }
.chainrule-document figure { margin: 0 0 1em; }
.chainrule-document figure .scroll { margin: 0; }
.chainrule-document figure img { display: block; max-width: 100%; height: auto; }
.chainrule-document figcaption { color: var(--soft); font-size: .92em; margin-top: .35em; max-width: 72ch; }
.chainrule-document .note { margin: 0 0 1.1em; padding: .65em 1em .1em; border-left: 4px solid var(--soft);
  background: var(--tint); border-radius: 0 6px 6px 0; }
.chainrule-document .note > .title { font-weight: 650; margin-bottom: .45em; }
.chainrule-document .note.lemma { border-color: var(--lemma); }
.chainrule-document .note.good { border-color: var(--good); }
.chainrule-document .note.bad { border-color: var(--bad); }
.chainrule-document .note.good > .title > span { color: var(--good); }
.chainrule-document .note.bad > .title > span { color: var(--bad); }
.chainrule-document nav { margin: 0 0 1.2em; } .chainrule-document nav ol { columns: 16em; }
.chainrule-document nav li { margin: 0; break-inside: avoid; }
.chainrule-document a { color: var(--blue); }
@media print { .chainrule-document .scroll { overflow: visible; } }
"""
_NIGHT = """--good: #3fb950; --bad: #ff7b72; --lemma: #58a6ff; --red: #ff8f88; --green: #56d364; --blue: #79b8ff;
  --orange: #f0a35e;"""
CSS += f"""[data-jp-theme-light="false"] .chainrule-document, .vscode-dark .chainrule-document {{ {_NIGHT} }}
"""

# A page of its own.
PAGE = f"""
:root {{ color-scheme: light dark; }}
body {{ margin: 0; background: #fdfdfc; color: #1b2127; font: 16px/1.55 system-ui, "Noto Sans CJK TC", "PingFang TC",
  "Microsoft JhengHei", sans-serif; }}
main {{ max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 2.5rem; }}
footer {{ color: var(--soft); font-size: .82em; margin-top: 2.5em; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #121518; color: #e8ebee; }}
  .chainrule-document {{ {_NIGHT} }} }}
@media (max-width: 30rem) {{ main {{ padding: 1.2rem .9rem 2rem; }}
  .chainrule-document .formula > .scroll {{ padding-left: 0; }} .chainrule-document .formula {{ gap: .6em; }}
  .chainrule-document .note {{ padding-left: .7em; padding-right: .5em; }} }}
"""
