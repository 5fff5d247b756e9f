/** The vault's one style sheet. No script, no image, no font: nothing here is loaded from anywhere else. */
export const VAULT_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; padding: 0.75rem 1rem; border-bottom: 1px solid GrayText; }
main { max-width: 44rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
.hint { display: block; }
input[type='text'], input[type='password'], select {
  box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: 0.5rem; font: inherit;
  border: 1px solid GrayText; border-radius: 0.25rem;
}
button {
  min-height: 2.75rem; margin-top: 1rem; padding: 0.5rem 1.25rem; font: inherit; font-weight: 600;
  color: #fff; background: #0b57d0; border: 2px solid transparent; border-radius: 0.25rem; cursor: pointer;
}
button.second { color: CanvasText; background: Canvas; border-color: GrayText; }
button.danger { background: #a50e0e; }
:focus-visible { outline: 3px solid #f29900; outline-offset: 2px; }
.problem { padding: 0.75rem; border: 2px solid #a50e0e; border-radius: 0.25rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
section { margin: 1rem 0; padding: 0 1rem 1rem; border: 1px solid GrayText; border-radius: 0.25rem; }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: 0.5rem; text-align: left; border-bottom: 1px solid GrayText; overflow-wrap: anywhere; }
`
