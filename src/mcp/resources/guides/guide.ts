import type { FixedResource } from '../resource.ts'

/** A page of ours about how to ask: short enough to be read whole. */
export interface Guide {
  readonly topic: string
  readonly title: string
  readonly description: string
  /** Markdown, a paragraph or list item per line. */
  readonly lines: readonly string[]
}

export const guideResource = ({ topic, title, description, lines }: Guide): FixedResource => ({
  name: `guide_${topic.replaceAll('-', '_')}`,
  title,
  description,
  mimeType: 'text/markdown',
  tool: null,
  path: `guide/${topic}`,
  text: [`# ${title}`, ...lines, ''].join('\n\n').replaceAll(/(^|\n)(- .*)\n\n(?=- )/g, '$1$2\n'),
})
