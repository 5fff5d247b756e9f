import { callWriteTool } from '../core/call-write-tool.ts'
import { CHANGING_TOOLS } from './changing-tools.ts'
import { CORE_TOOLS, READING_TOOLS } from './reading-tools.ts'
import type { Tool } from '../tool.ts'

/** Every tool, in the order in which clients see them. */
export const CATALOG: readonly Tool[] = [...CORE_TOOLS, callWriteTool, ...READING_TOOLS, ...CHANGING_TOOLS]
