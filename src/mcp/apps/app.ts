/**
 * The pictures that clients with MCP Apps (SEP-1865, 2026-01-26) show beside the text of an answer. A picture reads what
 * the answer says and calls tools by way of its host, with the rights of the connection: it can do nothing that the client
 * could not.
 */
export interface App {
  readonly title: string
  readonly description: string
}

export const APPS = {
  'work-board': {
    title: 'Work board',
    description: 'The work orders of a search, in a column for each status.',
  },
  'change-review': {
    title: 'Change review',
    description: 'A staged change field by field, the way to its approval, and a button that discards it.',
  },
  'trend-chart': {
    title: 'Trend chart',
    description: 'Grouped counts and totals as a line or bars, with a table of the same numbers.',
  },
} as const satisfies Readonly<Record<string, App>>
export type AppName = keyof typeof APPS

export const APP_NAMES: readonly AppName[] = ['work-board', 'change-review', 'trend-chart']

export const appUri = (name: AppName): string => `ui://maximo/${name}`

/** The extension that clients and servers declare (SEP-1724). */
export const UI_EXTENSION = 'io.modelcontextprotocol/ui'
export const APP_MIME_TYPE = 'text/html;profile=mcp-app'

/** What a host makes its policy from: no address at all. The page's own policy says the same, and more. */
export const APP_META = {
  ui: {
    csp: { connectDomains: [], resourceDomains: [], frameDomains: [], baseUriDomains: [] },
    prefersBorder: true,
  },
} as const

/** What a tool in a list says about its picture. */
export const pictureOf = (name: AppName): { readonly ui: { readonly resourceUri: string } } => ({
  ui: { resourceUri: appUri(name) },
})
