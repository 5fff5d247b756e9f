/**
 * How every page looks, whichever service it comes from: people cross between the origins and should feel at home, while
 * the vault's dark bar tells them where they type a key. No script, no font and no picture comes from anywhere.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f9; --card: #ffffff; --ink: #14202e; --soft: #526071; --line: #d9dfe7; --edge: #7b8898;
  --accent: #0b57d0; --accent-strong: #0842a0; --on-accent: #ffffff; --tint: #e8f0fe;
  --good: #146c2e; --good-tint: #e4f3e8; --warn: #6b4700; --warn-tint: #fff3d9; --bad: #b3261e; --bad-tint: #fdecea;
  --vault: #0f2a52; --on-vault: #ffffff; --soft-on-vault: #c3d1e8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151c; --card: #19212b; --ink: #e9edf3; --soft: #a9b5c4; --line: #303c4a; --edge: #7f8d9f;
    --accent: #9cc0ff; --accent-strong: #c3d9ff; --on-accent: #04214d; --tint: #1f3150;
    --good: #86dba0; --good-tint: #17301f; --warn: #f4cf7f; --warn-tint: #382d12; --bad: #f5b5b0; --bad-tint: #42211f;
    --vault: #17376b;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--ground); color: var(--ink); }
.bar, main, .foot p { width: 100%; max-width: 52rem; margin-inline: auto; padding-inline: 1.25rem; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem .75rem; background: var(--card); z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

header { background: var(--card); border-bottom: 1px solid var(--line); }
/* Six sections and an address of usual length stand on one line. */
header:not(.vault) .bar { max-width: 66rem; }
.bar { display: grid; grid-template-columns: auto 1fr auto auto; gap: .25rem .6rem; align-items: center; padding-block: .65rem; }
.brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 700; color: var(--ink); text-decoration: none; padding-block: .25rem; }
.brand svg { width: 1.6rem; height: 1.6rem; flex: none; }
nav ul { display: flex; gap: .15rem; list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .35rem .45rem; font-size: .95rem; border-radius: .5rem; text-decoration: none; color: var(--ink); }
nav a:hover { background: var(--tint); }
nav a[aria-current] { background: var(--tint); font-weight: 600; }
.account { display: contents; }
.who { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.bar form { margin: 0; }
header.vault { background: var(--vault); border-color: var(--vault); }
header.vault .bar { grid-template-columns: auto 1fr; }
header.vault .brand { color: var(--on-vault); }
header.vault .who { color: var(--soft-on-vault); justify-self: end; }

main { padding-block: 2rem 2.5rem; flex: 1; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .6rem; text-wrap: balance; overflow-wrap: anywhere; }
h1 + :not(.lead) { margin-top: 1.2rem; }
h2 { font-size: 1.1rem; line-height: 1.35; margin: 0 0 .3rem; overflow-wrap: anywhere; }
p { margin: 0 0 .9rem; }
.lead { color: var(--soft); font-size: 1.05rem; margin-bottom: 1.4rem; text-wrap: pretty; }
a { color: var(--accent); text-underline-offset: .18em; }
a:hover { color: var(--accent-strong); }
.soft { color: var(--soft); }
.fine { color: var(--soft); font-size: .9rem; }
bdi, .host, .hint { overflow-wrap: anywhere; }
.host { font-size: 1.35rem; line-height: 1.3; font-weight: 700; margin-block: -.55rem .8rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1.15rem 1.25rem; margin: 0 0 1rem; }
.card > :last-child, .note > :last-child, dl:last-child { margin-bottom: 0; }
.cards { list-style: none; margin: 0; padding: 0; }
.head { display: flex; flex-wrap: wrap; gap: .75rem 1rem; justify-content: space-between; align-items: center; }
.head > :first-child { flex: 1 1 12rem; min-width: 0; }
.head p { margin: 0; overflow-wrap: anywhere; }
.head + * { margin-top: .9rem; }
.steps { counter-reset: step; }
.steps > li { counter-increment: step; position: relative; padding-inline-start: 3.7rem; }
.steps > li::before {
  content: counter(step); position: absolute; inset-inline-start: 1.15rem; top: 1.05rem; width: 1.8rem; height: 1.8rem;
  border-radius: 50%; background: var(--tint); color: var(--accent); display: grid; place-items: center; font-weight: 700;
}
.steps > li.done::before { content: '\\2713'; background: var(--good-tint); color: var(--good); }
.steps > li.now::before { background: var(--accent); color: var(--on-accent); }
.ticks { list-style: none; margin: 0 0 .9rem; padding: 0; }
.ticks > li { position: relative; padding-inline-start: 1.6rem; margin-bottom: .35rem; }
.ticks > li::before { content: '\\2713'; position: absolute; inset-inline-start: .1rem; color: var(--good); font-weight: 700; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .25rem 1.25rem; margin: 0 0 .9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
code, pre { font: .92em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; white-space: pre-wrap; margin: 0 0 .9rem; }

button, .button {
  font: inherit; font-weight: 600; line-height: 1.3; min-height: 2.6rem; padding: .5rem 1.1rem; border-radius: .55rem; cursor: pointer;
  border: 1px solid var(--edge); background: var(--card); color: var(--ink); text-decoration: none;
  display: inline-flex; align-items: center; justify-content: center; text-align: center; overflow-wrap: anywhere;
}
button:hover, .button:hover { background: var(--tint); color: var(--ink); }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.primary:hover, .button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); color: var(--on-accent); }
button.danger { color: var(--bad); }
button.danger:hover { background: var(--bad-tint); border-color: var(--bad); color: var(--bad); }
button.danger.primary, button.danger.primary:hover { background: var(--bad); border-color: var(--bad); color: var(--card); }
button.small { min-height: 2.1rem; padding: .25rem .75rem; font-size: .9rem; font-weight: 500; border-color: var(--line); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
header.vault :focus-visible { outline-color: var(--on-vault); }
main > form { margin: 0 0 1.1rem; }
.back { display: inline-block; padding-block: .3rem; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.row form { margin: 0; }

.field { margin: 0 0 1.15rem; }
.choice + .field, .choices + .field { margin-top: 1rem; }
label, legend { font-weight: 600; }
.field label { display: block; }
.hint { display: block; color: var(--soft); font-size: .9rem; font-weight: 400; }
input[type='text'], input[type='url'], input[type='password'], select, textarea {
  width: 100%; min-height: 2.75rem; margin-top: .35rem; padding: .5rem .7rem; font: inherit; color: var(--ink);
  background: var(--card); border: 1px solid var(--edge); border-radius: .5rem;
}
textarea { font-family: ui-monospace, monospace; font-size: .9rem; resize: vertical; }
.rule { flex-wrap: nowrap; margin-bottom: .4rem; }
.rule select { width: auto; flex: none; }
fieldset { border: 0; padding: 0; margin: 0 0 1.15rem; min-width: 0; }
fieldset.card { border: 1px solid var(--line); padding: 1.15rem 1.25rem; margin: 0 0 1rem; }
fieldset.card > .within { float: left; width: 100%; margin-bottom: .6rem; font-size: 1.1rem; }
fieldset.card > .within + * { clear: both; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 0 .8rem; }
.pair .field { margin: 0 0 1.15rem; }
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 0 .8rem; }
.wrong { color: var(--bad); font-weight: 600; margin: .4rem 0 0; }
input[aria-invalid] { border-color: var(--bad); }
details { margin-top: .9rem; }
summary { cursor: pointer; font-weight: 600; padding-block: .3rem; }
pre.once { user-select: all; -webkit-user-select: all; overflow-wrap: anywhere; word-break: break-all; max-height: 16rem; overflow: auto; }
legend { padding: 0; margin-bottom: .4rem; }
.choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .6rem; }
.choice {
  display: flex; gap: .7rem; align-items: center; min-height: 2.75rem; padding: .65rem .9rem; cursor: pointer; font-weight: 400;
  border: 1px solid var(--edge); border-radius: .6rem; background: var(--card); min-width: 0;
}
.choice:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); background: var(--tint); }
.choice:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.choice input { width: 1.15rem; height: 1.15rem; margin: 0; flex: none; accent-color: var(--accent); outline: none; }
.choice > span { min-width: 0; overflow-wrap: anywhere; }
.choice .soft { display: block; font-size: .9rem; }
@supports selector(:has(*)) {
  .by-method:has([value='apikey']:checked) [data-for]:not([data-for~='apikey']),
  .by-method:has([value='maxauth']:checked) [data-for]:not([data-for~='maxauth']),
  .by-method:has([value='basic']:checked) [data-for]:not([data-for~='basic']),
  .by-method:has([value='oauth']:checked) [data-for]:not([data-for~='oauth']),
  .by-method:has([value='oidc']:checked) [data-for]:not([data-for~='oidc']),
  .by-method:has([value='certificate']:checked) [data-for]:not([data-for~='certificate']),
  .by-method .either { display: none; }
}

.note { border: 1px solid transparent; border-radius: .8rem; padding: .85rem 1.1rem; margin: 0 0 1rem; background: var(--tint); }
.note.good { background: var(--good-tint); color: var(--good); }
.note.warn { background: var(--warn-tint); color: var(--warn); }
.note.bad { background: var(--bad-tint); color: var(--bad); border-color: currentColor; }
.state { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; font-size: .9rem; font-weight: 600; background: var(--ground); color: var(--soft); }
.state.live { background: var(--good-tint); color: var(--good); }
.state.waiting { background: var(--warn-tint); color: var(--warn); border-radius: .6rem; }
.bar-of { display: block; width: 100%; height: .7rem; margin: 0 0 .9rem; border-radius: .35rem; }
.bar-of .whole { fill: var(--line); }
.bar-of .part { fill: var(--accent); }
.bar-of .full { fill: var(--bad); }
.sheet { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: .95rem; }
th, td { text-align: start; vertical-align: top; padding: .45rem .6rem .45rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
thead th:first-child { width: 26%; }
tbody th { font-weight: 500; }
td bdi { white-space: pre-wrap; }
.foot { border-top: 1px solid var(--line); padding-block: 1rem 1.5rem; }
.foot p { color: var(--soft); font-size: .9rem; margin-block: 0; }

@media (max-width: 62rem) {
  .bar { grid-template-columns: 1fr auto; }
  .bar nav { grid-row: 3; grid-column: 1 / -1; margin-inline: -.45rem; font-size: .92rem; }
  .bar .who { grid-row: 2; grid-column: 1; }
  .bar form { grid-row: 1 / 3; grid-column: 2; }
  nav ul { flex-wrap: wrap; }
  header.vault .bar { grid-template-columns: 1fr; }
  header.vault .who { justify-self: start; }
}
@media (max-width: 30rem) {
  .bar, main, .foot p { padding-inline: 1rem; }
  main { padding-block-start: 1.4rem; }
  h1 { font-size: 1.45rem; }
  .card { padding: 1rem; }
  table { font-size: .88rem; }
  .steps > li { padding-inline-start: 3.2rem; }
  .steps > li::before { inset-inline-start: .8rem; top: .9rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .45rem; }
  .decide > * { flex: 1 1 100%; }
  .decide button { width: 100%; }
  .diff thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .diff, .diff tbody { display: block; }
  .diff tr { display: block; border-top: 1px solid var(--line); padding-block: .45rem; }
  .diff tbody th, .diff td { display: block; border: 0; padding: .05rem 0; }
  .diff td { position: relative; padding-inline-start: 3rem; }
  .diff td::before { content: attr(data-name); position: absolute; inset-inline-start: 0; color: var(--soft); }
}
`.trimStart()

/** A nut in a shield, in the two colours of the pages. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 2 4 7v8c0 8 5 13 12 15 7-2 12-7 12-15V7z" fill="#0b57d0"/><path d="m16 9 6 3.5v7L16 23l-6-3.5v-7z" fill="none" stroke="#fff" stroke-width="2.5"/><circle cx="16" cy="16" r="2.2" fill="#fff"/></svg>`
