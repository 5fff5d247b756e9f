import { el } from './element.ts'

/** A field in which one of several values is chosen. */
interface Choice {
  readonly label: string
  readonly values: readonly string[]
  readonly chosen: string
  readonly wordsOf: (value: string) => string
}

export function choice(
  { label, values, chosen, wordsOf }: Choice,
  change: (value: string) => void,
): HTMLElement {
  const id = label.toLowerCase()
  const options = values.map((value) =>
    el('option', { value, ...(value === chosen && { selected: '' }) }, wordsOf(value)),
  )
  const select = el('select', { id }, ...options)
  select.addEventListener('change', () => change(values[select.selectedIndex] ?? ''))
  return el('div', { class: 'field' }, el('label', { for: id }, label), select)
}
