import { objectOf, type JsonObject } from './bridge.ts'

/**
 * Takes over what the host says about its looks: day or night, its colours and its font, how much room there is. A variable is
 * taken only under a name of the standard's kind; its value cannot load anything, since the page's policy allows no address.
 */
export function follow(context: JsonObject): void {
  const root = document.documentElement
  const { theme, styles, locale } = context
  if (theme === 'light' || theme === 'dark') {
    root.style.colorScheme = theme
    root.dataset['theme'] = theme
  }
  for (const [name, value] of Object.entries(objectOf(objectOf(styles)['variables'])))
    if (STANDARD.test(name) && typeof value === 'string') root.style.setProperty(name, value)
  if (typeof locale === 'string' && LANGUAGE.test(locale)) root.dataset['locale'] = locale
  fit(root, context)
}

function fit(root: HTMLElement, { containerDimensions, displayMode }: JsonObject): void {
  if (typeof displayMode === 'string') root.dataset['mode'] = displayMode
  const { maxHeight } = objectOf(containerDimensions)
  if (typeof maxHeight === 'number' && maxHeight > 0)
    root.style.setProperty('--most-height', `${maxHeight}px`)
}

const STANDARD = /^--(?:color-(?:background|text|border|ring)-[a-z]+|font-sans|font-mono)$/
const LANGUAGE = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/

/** A number as the reader of the host writes it. */
export function numberText(value: number): string {
  const { locale } = document.documentElement.dataset
  return new Intl.NumberFormat(locale ?? 'en', { maximumFractionDigits: 2 }).format(value)
}
