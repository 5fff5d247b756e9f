import type { Tool } from './tool.ts'

/** Every tool, in the order in which clients see them. */
export const CATALOG: readonly Tool[] = []
