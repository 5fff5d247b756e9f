import type { ToolAnswer } from '../tools/tool.ts'
import type { ResourceAnswer } from './resource.ts'

/** Names of object structures. */
export const OBJECT = /^[A-Za-z0-9_]{1,60}$/
/** Keys and resource ids, as the tools take them: anything that can be seen. */
export const KEY = /^[^\u0000]{1,400}$/u
/** Ids that this server made. */
export const OWN_ID = /^[A-Za-z0-9_-]{1,64}$/

/** What a tool answers, as the content of a resource. */
export const jsonAnswer = (uri: string, { text, recordCount }: ToolAnswer): ResourceAnswer => ({
  contents: [{ uri, mimeType: 'application/json', text }],
  recordCount,
})
