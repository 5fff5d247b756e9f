import { visible } from '../../tools/result/hidden-characters.ts'

/** What an element of a picture may have: nothing that leads anywhere, loads anything or holds code. */
type Attribute =
  | 'class'
  | 'id'
  | 'type'
  | 'for'
  | 'role'
  | 'scope'
  | 'tabindex'
  | 'value'
  | 'selected'
  | 'checked'
  | 'hidden'
  | 'open'
  | `aria-${string}`
  | `data-${string}`
  | ShapeAttribute
type ShapeAttribute =
  | 'viewBox'
  | 'width'
  | 'height'
  | 'x'
  | 'y'
  | 'x1'
  | 'x2'
  | 'y1'
  | 'y2'
  | 'cx'
  | 'cy'
  | 'r'
  | 'rx'
  | 'd'
  | 'text-anchor'

export type Attributes = Readonly<Partial<Record<Attribute, string | number>>>
export type Child = Node | string | null

/** An element with text and elements in it. Texts become text nodes, with their hidden characters made visible. */
export const el = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] => fill(document.createElement(name), attributes, children)

/** The same for what charts are made of. */
export const shape = <Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] => fill(document.createElementNS(SVG, name), attributes, children)

const SVG = 'http://www.w3.org/2000/svg'

function fill<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, visible(String(value)))
  for (const child of children)
    if (child !== null) made.append(typeof child === 'string' ? visible(child) : child)
  return made
}

/** A text that somebody typed, kept apart from the direction of what stands around it. */
export const typed = (text: string, attributes: Attributes = {}): HTMLElement => el('bdi', attributes, text)

export function button(label: string, look: '' | 'primary', act: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button', class: look }, label)
  made.addEventListener('click', act)
  return made
}

export const only = (place: Element, ...children: readonly Child[]): void =>
  place.replaceChildren(
    ...children
      .filter((child) => child !== null)
      .map((child) => (typeof child === 'string' ? visible(child) : child)),
  )
