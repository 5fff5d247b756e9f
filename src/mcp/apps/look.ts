/**
 * How the pictures look: as the pages of this server do, and in the colours and the font of the host where it names any.
 * `color-scheme` decides between day and night; the host's word for it is set on the root element.
 */
export const APP_STYLESHEET = `
:root {
  color-scheme: light dark;
  --card: var(--color-background-primary, light-dark(#ffffff, #19212b));
  --ground: var(--color-background-secondary, light-dark(#f4f6f9, #10151c));
  --ink: var(--color-text-primary, light-dark(#14202e, #e9edf3));
  --soft: var(--color-text-secondary, light-dark(#526071, #a9b5c4));
  --line: var(--color-border-primary, light-dark(#d9dfe7, #303c4a));
  --edge: light-dark(#7b8898, #7f8d9f);
  --accent: light-dark(#0b57d0, #9cc0ff); --accent-strong: light-dark(#0842a0, #c3d9ff); --on-accent: light-dark(#ffffff, #04214d);
  --tint: light-dark(#e8f0fe, #1f3150); --on-tint: light-dark(#0842a0, #c3d9ff);
  --good: light-dark(#146c2e, #86dba0); --good-tint: light-dark(#e4f3e8, #17301f);
  --warn: light-dark(#6b4700, #f4cf7f); --warn-tint: light-dark(#fff3d9, #382d12);
  --bad: light-dark(#b3261e, #f5b5b0); --bad-tint: light-dark(#fdecea, #42211f);
  --s0: light-dark(#0b57d0, #9cc0ff); --s1: light-dark(#b3471b, #ffb68f); --s2: light-dark(#146c2e, #86dba0);
  --s3: light-dark(#7b3fa0, #d9b3f0); --s4: light-dark(#8a6100, #f4cf7f); --s5: light-dark(#526071, #c2cbd6);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { font: 100%/1.5 var(--font-sans, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif); }
body { margin: 0; background: var(--card); color: var(--ink); font-size: .9rem; }
main { padding: .9rem 1rem 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; align-items: flex-start; }
header > :first-child { flex: 1 1 11rem; min-width: 0; }
h1 { font-size: 1.1rem; line-height: 1.3; margin: 0; }
h2 { font-size: .95rem; line-height: 1.4; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; overflow-wrap: anywhere; }
bdi { overflow-wrap: anywhere; white-space: pre-wrap; }
.origin, .soft { color: var(--soft); font-size: .82rem; }
.status { margin-block: .45rem .7rem; font-weight: 500; min-height: 1.5em; }
.status[data-tone='good'], .status[data-tone='warn'], .problem { border-radius: .6rem; padding: .5rem .8rem; }
.status[data-tone='good'] { background: var(--good-tint); color: var(--good); }
.status[data-tone='warn'] { background: var(--warn-tint); color: var(--warn); }
.problem { background: var(--bad-tint); color: var(--bad); border: 1px solid currentColor; margin-bottom: .8rem; }
.problem:empty { display: none; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
pre { font: .85rem/1.5 var(--font-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace); white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; margin: 0; max-height: 24rem; overflow: auto; }

button {
  font: inherit; font-weight: 600; line-height: 1.3; min-height: 2.25rem; padding: .3rem .85rem; border-radius: .5rem; cursor: pointer;
  border: 1px solid var(--edge); background: var(--card); color: var(--ink);
}
button:hover { background: var(--tint); color: var(--on-tint); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); color: var(--on-accent); }
[data-held] button { cursor: progress; border-style: dashed; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

.tools { display: flex; flex-wrap: wrap; gap: .55rem .8rem; align-items: flex-end; margin-bottom: .8rem; }
.tools:empty { display: none; }
.field { min-width: 0; flex: 0 1 10.5rem; }
.field.wide { flex: 1 1 12rem; max-width: 20rem; }
label { display: block; font-size: .8rem; color: var(--soft); }
input[type='search'], select {
  width: 100%; min-height: 2.25rem; padding: .25rem .55rem; font: inherit; color: var(--ink); background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem;
}
.tick { display: flex; gap: .45rem; align-items: center; min-height: 2.25rem; flex: 0 0 auto; }
.tick label { color: var(--ink); font-size: inherit; cursor: pointer; }
.tick input { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); cursor: pointer; }

.columns { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(15rem, 1fr); gap: .7rem; align-items: start; overflow: auto; padding: 3px; margin: -3px; max-height: max(18rem, min(34rem, calc(var(--most-height, 60rem) - 14rem))); }
[data-mode='fullscreen'] .columns { max-height: max(18rem, calc(100vh - 14rem)); }
.columns:empty { display: none; }
.column { background: var(--ground); border: 1px solid var(--line); border-radius: .7rem; padding: .6rem; min-width: 0; border-top: 3px solid var(--edge); }
.column[data-stage='waiting'] { border-top-color: light-dark(#d08a00, #f4cf7f); }
.column[data-stage='ready'], .column[data-stage='running'] { border-top-color: var(--accent); }
.column[data-stage='done'] { border-top-color: var(--good); }
.column h2 { display: flex; justify-content: space-between; gap: .5rem; padding-inline: .2rem; margin-bottom: .45rem; }
.count { color: var(--soft); font-weight: 500; }
.column ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .55rem; padding: .55rem .65rem; display: grid; gap: .2rem; min-width: 0; }
.top, .bottom { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; }
.number { font-weight: 700; }
.tag, .priority { font-size: .75rem; line-height: 1.35; padding: .05rem .45rem; border-radius: 1rem; border: 1px solid var(--line); color: var(--soft); }
.priority { margin-inline-start: auto; }
.priority[data-priority='1'] { background: var(--bad-tint); border-color: transparent; color: var(--bad); font-weight: 600; }
.priority[data-priority='2'] { background: var(--warn-tint); border-color: transparent; color: var(--warn); font-weight: 600; }
.title { font-weight: 500; line-height: 1.35; }
.bottom { justify-content: space-between; font-size: .82rem; color: var(--soft); }
.due { margin-inline-start: auto; text-align: end; }
.day { white-space: nowrap; }
.due.late { color: var(--bad); font-weight: 600; }
.notes { color: var(--soft); font-size: .82rem; margin: .7rem 0 0; padding-inline-start: 1.1rem; }

dl { display: grid; grid-template-columns: minmax(5.5rem, max-content) 1fr; gap: .25rem 1rem; margin: 0 0 .8rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
.risk { display: inline-block; padding: .02rem .55rem; border-radius: 1rem; font-weight: 600; background: var(--tint); color: var(--on-tint); }
.risk[data-risk='low'] { background: var(--good-tint); color: var(--good); }
.risk[data-risk='medium'] { background: var(--warn-tint); color: var(--warn); }
.risk[data-risk='high'] { background: var(--bad-tint); color: var(--bad); }
.note { border-radius: .6rem; padding: .6rem .8rem; margin-bottom: .8rem; display: grid; gap: .35rem; }
.note.warn { background: var(--warn-tint); color: var(--warn); }
.panel { background: var(--ground); border: 1px solid var(--line); border-radius: .7rem; padding: .75rem .85rem; margin-bottom: .7rem; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: start; vertical-align: top; padding: .35rem .7rem .35rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .82rem; }
tbody th { font-weight: 500; }
.diff { table-layout: fixed; margin-top: .4rem; }
.diff thead th:first-child { width: 26%; }
.before { color: var(--soft); }
.after { font-weight: 600; }
.outcomes { list-style: none; margin: 0 0 .8rem; padding: 0; display: grid; gap: .35rem; }
.outcomes li { border-radius: .6rem; padding: .5rem .8rem; background: var(--warn-tint); color: var(--warn); overflow-wrap: anywhere; }
.outcomes li[data-outcome='written'] { background: var(--good-tint); color: var(--good); }
.outcomes li[data-outcome='not_written'] { background: var(--bad-tint); color: var(--bad); }
.outcomes:empty { display: none; }

.picture { min-width: 0; }
.reading { margin-bottom: .5rem; }
.plot { display: block; max-width: 100%; }
.grid { stroke: var(--line); } .axis { stroke: var(--edge); }
.tick, .name, .value { font-size: 12px; fill: var(--soft); }
.name, .value { font-size: 13px; fill: var(--ink); }
.value { font-weight: 600; }
.bar { fill: var(--s0); }
.series .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; stroke: var(--of); }
.series .dot { fill: var(--card); stroke: var(--of); stroke-width: 2; }
.s0 { --of: var(--s0); } .s1 { --of: var(--s1); } .s2 { --of: var(--s2); } .s3 { --of: var(--s3); } .s4 { --of: var(--s4); } .s5 { --of: var(--s5); }
.s1 .line { stroke-dasharray: 9 5; } .s2 .line { stroke-dasharray: 2 5; } .s3 .line { stroke-dasharray: 12 4 2 4; }
.s4 .line { stroke-dasharray: 5 3; } .s5 .line { stroke-dasharray: 1 4 6 4; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: .5rem 0 0; padding: 0; font-size: .85rem; }
.legend li { display: flex; gap: .4rem; align-items: center; min-width: 0; }
.key { width: .8rem; height: .8rem; border-radius: 50%; background: var(--of); flex: none; }
details { margin-top: .7rem; }
summary { cursor: pointer; font-weight: 600; padding-block: .3rem; }
.sheet { overflow: auto; max-height: 20rem; }
th.number, td.number { font-weight: inherit; text-align: end; font-variant-numeric: tabular-nums; }

@media (max-width: 34rem) {
  main { padding: .75rem; }
  .columns { grid-auto-columns: 86%; scroll-snap-type: x proximity; }
  .column { scroll-snap-align: start; }
  .field { flex: 1 1 7.5rem; }
  .field.wide { flex: 1 1 100%; max-width: none; }
  .diff thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .diff, .diff tbody { display: block; }
  .diff tr { display: block; border-top: 1px solid var(--line); padding-block: .4rem; }
  .diff tbody th, .diff td { display: block; border: 0; padding: .05rem 0; }
  .diff td { position: relative; padding-inline-start: 3rem; }
  .diff td::before { content: attr(data-name); position: absolute; inset-inline-start: 0; color: var(--soft); font-weight: 400; font-size: .82rem; }
}
`.trimStart()
