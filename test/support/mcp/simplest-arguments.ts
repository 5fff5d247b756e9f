import type { Tool } from '../../../src/mcp/tools/tool.ts'

interface Shown {
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly items?: Shown
  readonly properties?: Readonly<Record<string, Shown>>
  readonly required?: readonly string[]
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-02',
  'date-time': '2026-01-02T03:04:05Z',
  uri: 'https://docs.example/1',
}

/** The required arguments with the simplest values that the shown schema allows. */
export const simplestArguments = ({ inputSchema }: Tool): object => simplest(inputSchema) as object

/** Texts, of which a pattern takes the first that fits it. */
const TEXTS = ['X1', '1', 'x:1', '2026-01-02', '2026-01-02T03:04:05Z']
function simplest({
  type = '',
  format,
  pattern = '',
  enum: choice,
  minimum,
  items,
  properties,
  required = [],
}: Shown): unknown {
  if (choice !== undefined) return choice[0]
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, simplest(properties?.[name] ?? {})]))
    case 'array':
      return [simplest(items ?? {})]
    case 'integer':
    case 'number':
      return minimum ?? 1
    case 'boolean':
      return true
    default:
      return FORMATS[format ?? ''] ?? TEXTS.find((text) => new RegExp(pattern, 'u').test(text))
  }
}
