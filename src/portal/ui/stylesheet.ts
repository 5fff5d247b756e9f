import { sha256Base64url } from '../../crypto/digest.ts'

/** The one stylesheet. No script, no font and no picture comes from anywhere. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --card: #ffffff; --ink: #16202c; --soft: #55606e; --line: #d5dae1;
  --accent: #0b57d0; --on-accent: #ffffff; --accent-soft: #e6eefc;
  --good: #146c2e; --warn-ground: #fff4dc; --warn: #6b4700; --bad: #b3261e; --bad-ground: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161c; --card: #1b2129; --ink: #e8ebf0; --soft: #a9b3c0; --line: #38424f;
    --accent: #a8c7fa; --on-accent: #062e6f; --accent-soft: #23324a;
    --good: #7fd99a; --warn-ground: #3a2f12; --warn: #f4cf7f; --bad: #f2b8b5; --bad-ground: #432321;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }
body { margin: 0; background: var(--ground); color: var(--ink); }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem .75rem; background: var(--card); z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bar, main, .foot { max-width: 52rem; margin-inline: auto; padding-inline: 1.25rem; }
header { background: var(--card); border-bottom: 1px solid var(--line); }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; padding-block: .6rem; }
.brand { font-weight: 650; color: var(--ink); text-decoration: none; padding-block: .25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: 0; padding: 0; }
nav a { display: inline-block; padding: .3rem .65rem; border-radius: .4rem; text-decoration: none; color: var(--ink); }
nav a:hover { background: var(--accent-soft); }
nav a[aria-current] { background: var(--accent-soft); font-weight: 600; }
.account { margin-inline-start: auto; display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; color: var(--soft); }
main { padding-block: 1.75rem 2.5rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 .4rem; }
p { margin: 0 0 .8rem; }
a { color: var(--accent); text-underline-offset: .15em; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1.1rem 1.25rem; margin: 0 0 1rem; }
main > form { margin-block: 0 1rem; }
.card > :last-child, .card > :last-child > :last-child { margin-block-end: 0; }
.cards { list-style: none; margin: 0; padding: 0; }
ol.steps { padding-inline-start: 0; list-style: none; counter-reset: step; }
ol.steps > li { counter-increment: step; position: relative; padding-inline-start: 3.6rem; }
ol.steps > li::before {
  content: counter(step); position: absolute; inset-inline-start: 1.1rem; top: 1.05rem; width: 1.8rem; height: 1.8rem;
  border-radius: 50%; background: var(--accent); color: var(--on-accent); display: grid; place-items: center; font-weight: 650;
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 .8rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: .93em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; overflow-x: auto; margin: 0 0 .8rem; }
button, .button {
  font: inherit; font-weight: 600; min-height: 2.5rem; padding: .45rem 1.1rem; border-radius: .5rem; cursor: pointer;
  border: 1px solid var(--line); background: var(--card); color: var(--ink); text-decoration: none; display: inline-block;
}
button:hover, .button:hover { border-color: var(--accent); }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--bad); }
button.small { min-height: 2rem; padding: .2rem .7rem; font-weight: 500; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
.row form { margin: 0; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem .8rem; margin: 0 0 1rem; }
legend { font-weight: 600; padding-inline: .3rem; }
.choice { display: flex; gap: .6rem; align-items: baseline; padding-block: .35rem; min-height: 2rem; }
.choice input { width: 1.15rem; height: 1.15rem; flex: none; accent-color: var(--accent); }
.host { font-size: 1.3rem; font-weight: 650; overflow-wrap: anywhere; }
.note { border-radius: .5rem; padding: .7rem 1rem; margin: 0 0 1rem; background: var(--accent-soft); }
.note.warn { background: var(--warn-ground); color: var(--warn); }
.note.bad { background: var(--bad-ground); color: var(--bad); }
.note p:last-child { margin: 0; }
.state { font-weight: 600; }
.state.live { color: var(--good); }
.state.waiting { color: var(--warn); }
.foot { color: var(--soft); font-size: .9rem; padding-block: 0 2rem; }
.foot::before { content: ''; display: block; border-top: 1px solid var(--line); margin-block-end: 1rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } .account { margin-inline-start: 0; } }
`.trimStart()

/** The address changes with the content, so browsers may keep it for good. */
export const STYLESHEET_PATH = `/assets/portal.${sha256Base64url(STYLESHEET).slice(0, 10)}.css`

/** A nut in a shield, in the two colours of the page. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 2 4 7v8c0 8 5 13 12 15 7-2 12-7 12-15V7z" fill="#0b57d0"/><path d="m16 9 6 3.5v7L16 23l-6-3.5v-7z" fill="none" stroke="#fff" stroke-width="2.5"/><circle cx="16" cy="16" r="2.2" fill="#fff"/></svg>`
export const ICON_PATH = '/assets/icon.svg'
