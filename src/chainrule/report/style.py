"""How the page looks, by day and by night, on a telephone and on a wide screen."""

from __future__ import annotations

CSS = """
:root { color-scheme: light dark; --page: #f7f7f4; --card: #fff; --ink: #1b2127; --soft: #59636e; --rule: #dcdfe3;
  --blue: #0068a5; --orange: #b84e00; --right: 0 114 178; --wrong: 213 94 0; }
@media (prefers-color-scheme: dark) { :root { --page: #121518; --card: #1a1e23; --ink: #e8ebee; --soft: #9ba6b1;
  --rule: #323941; --blue: #62b5ee; --orange: #f2a25c; --right: 60 150 215; --wrong: 230 120 40; }
  .tiles img.ink { filter: invert(1); outline-color: #cdc6be; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 40px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 10px; }
h3 { font-size: .95rem; margin: 0 0 4px; }
p { margin: 0 0 10px; }
.note { max-width: 100ch; }
.lead { color: var(--soft); margin-bottom: 18px; overflow-wrap: anywhere; }
.soft, .note, .key, .empty { color: var(--soft); font-size: .875rem; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 18px 20px; min-width: 0; }
.sections { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; margin-top: 16px;
  grid-auto-flow: dense; }
.sections > section { grid-column: 1 / -1; } .sections > .narrow { grid-column: auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 1px; margin: 0; overflow: hidden;
  background: var(--rule); border: 1px solid var(--rule); border-radius: 10px; }
.cards > div { background: var(--card); padding: 12px 16px; }
dt, .small { color: var(--soft); font-size: .8125rem; }
dd { margin: 0; }
dd.figure { font-size: 1.4rem; font-weight: 650; line-height: 1.3; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
figure { margin: 0; min-width: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 22px 28px; }
.figures > figure { max-width: 560px; }
figure.wide { max-width: 620px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
.key > span { display: block; }
svg.sample, svg.mark { display: inline-block; width: 26px; height: 12px; vertical-align: -1px; }
svg.mark { width: 16px; height: 16px; vertical-align: -3px; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .tick, svg .label { fill: var(--soft); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .axis { stroke: var(--soft); stroke-width: 1; } svg .grid { stroke: var(--rule); stroke-width: 1; }
svg .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
svg .line.s0 { stroke: var(--blue); } svg .line.s1 { stroke: var(--orange); stroke-dasharray: 6 4; }
svg .dot { stroke: var(--card); stroke-width: 1; } svg .dot.s0 { fill: var(--blue); } svg .dot.s1 { fill: var(--orange); }
svg .near, svg .dot.hidden { fill: transparent; stroke: none; } svg g:hover > .dot { stroke: var(--ink); stroke-width: 2; }
svg .name { font-weight: 600; } svg .name.s0 { fill: var(--blue); } svg .name.s1 { fill: var(--orange); }
svg .value { font-weight: 400; font-variant-numeric: tabular-nums; }
svg .point { stroke: var(--card); stroke-width: 1; } svg .ring { fill: none; stroke: var(--ink); stroke-width: 1.6; }
svg .spot { fill: var(--orange); fill-opacity: .6; stroke: none; }
svg .diagonal { stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 4 4; fill: none; }
svg image { image-rendering: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th { font-weight: 600; text-align: left; } thead th { color: var(--soft); vertical-align: bottom; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tbody tr:last-child > *, tfoot > tr > * { border-bottom: 0; }
.narrow .numbers { font-size: .78rem; } .narrow .numbers th, .narrow .numbers td { padding-right: 6px; }
.numbers td, .numbers thead th { text-align: right; white-space: nowrap; }
.numbers td:nth-child(3), .numbers th:nth-child(3), .numbers th:first-child { text-align: left; }
.settings { columns: 3 300px; column-gap: 28px; margin: 0; font-size: .875rem; }
.settings > div { display: flex; flex-wrap: wrap; gap: 0 12px; justify-content: space-between; break-inside: avoid;
  padding: 5px 0; border-bottom: 1px solid var(--rule); } .settings dd { overflow-wrap: anywhere; }
.equations td { min-width: 11em; } .equations td:nth-child(2) { white-space: nowrap; min-width: 0; }
.formula { font: italic 1.15em/1.3 "STIX Two Math", "Cambria Math", "DejaVu Serif", serif; white-space: nowrap; }
code { font: .92em ui-monospace, monospace; }
.beside { display: flex; flex-wrap: wrap; gap: 16px 40px; } .beside > * { min-width: 0; }
ul { margin: 0; padding: 0; list-style: none; font-size: .875rem; line-height: 1.7; }
.confusion th, .confusion td { text-align: right; padding: 4px 7px; border: 0; min-width: 2.2em; white-space: nowrap; }
.confusion td { border: 1px solid var(--card); }
.confusion th:first-child { padding-left: 0; position: sticky; left: 0; background: var(--card); }
.confusion .right { background: rgb(var(--right) / var(--shade, 0)); font-weight: 600; }
.confusion .wrong { background: rgb(var(--wrong) / var(--shade, 0)); }
.confusion .none { color: var(--soft); } .confusion .sum { color: var(--soft); padding-left: 12px; }
.tiles { display: grid; gap: 12px 10px; }
.tiles.digits { grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); }
.tiles.digits span { display: block; }
.tiles.weights { grid-template-columns: repeat(auto-fill, minmax(54px, 1fr)); }
.tiles img { display: block; width: 100%; image-rendering: pixelated; outline: 1px solid var(--rule); }
.tiles figcaption { font-size: .75rem; line-height: 1.3; color: var(--soft); margin-top: 4px; overflow-wrap: anywhere; }
.tiles figcaption b { color: var(--ink); }
.scale { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; font-size: .8125rem; margin-bottom: 12px; }
.scale img { width: 180px; height: 12px; outline: 1px solid var(--rule); } .scale .words { color: var(--soft); }
footer { color: var(--soft); font-size: .8125rem; margin-top: 18px; }
@media (max-width: 860px) { .sections > .narrow { grid-column: 1 / -1; }
  .equations thead { display: none; }
  .equations tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--rule); }
  .equations tr:last-child { border: 0; } .equations th, .equations td { display: block; border: 0; padding: 1px 0; } }
@media (max-width: 480px) { main { padding: 18px 8px 28px; } section { padding: 14px 11px; }
  .cards { grid-template-columns: 1fr 1fr; } .cards > div { padding: 10px 12px; }
  .confusion { font-size: .65rem; } svg text { font-size: 13.5px; }
  .confusion th, .confusion td { padding: 3px 2px; min-width: 1.4em; }
  .confusion tfoot { display: none; } .confusion thead th { white-space: normal; } .confusion .sum { padding-left: 5px; }
  .numbers { font-size: .75rem; } .numbers th, .numbers td { padding-right: 7px; }
  .numbers thead th { white-space: normal; }
  .tiles.digits { grid-template-columns: repeat(auto-fill, minmax(78px, 1fr)); gap: 10px 8px; }
  .tiles.digits figcaption { font-size: .6875rem; } .tiles.weights { gap: 8px 6px;
  grid-template-columns: repeat(auto-fill, minmax(48px, 1fr)); } }
"""
