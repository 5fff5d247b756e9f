import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { EVENT_TYPES, OWN_EVENT_TYPES } from '../../../src/audit/event.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the processes of this run note which types of events were written. */
    eventsFolder: string
  }
}

/**
 * The events of the audit log, over a whole run: real services must have written each registered type, and none that is not
 * registered. What only some of the tests wrote says nothing about the first.
 */
export function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'maximo-mcp-events-'))
  project.provide('eventsFolder', folder)
  return async () => {
    const written = writtenIn(folder)
    rmSync(folder, { recursive: true })
    const complaints = [
      ...named(
        'types of events that no register knows',
        [...written].filter((type) => !REGISTERED.has(type)),
      ),
      ...((await isWhole(project))
        ? named('registered types of events that no service wrote in any test', missingFrom(written))
        : []),
    ]
    if (complaints.length === 0) return
    process.exitCode = 1
    throw new Error(complaints.join('\n'))
  }
}

const REGISTERED: ReadonlySet<string> = new Set([...Object.keys(EVENT_TYPES), ...OWN_EVENT_TYPES])

const missingFrom = (written: ReadonlySet<string>): readonly string[] =>
  [...REGISTERED].filter((type) => !written.has(type))

const named = (what: string, types: readonly string[]): readonly string[] =>
  types.length === 0 ? [] : [`${what}: ${types.join(', ')}`]

/** Every test of every file was run. On a machine without Redis or a browser, some are not. */
async function isWhole(project: TestProject): Promise<boolean> {
  const modules = project.vitest.state.getTestModules()
  const { testFiles } = await project.globTestFiles()
  if (modules.length < testFiles.length) return false
  const skipped = modules.reduce((sum, { children }) => sum + [...children.allTests('skipped')].length, 0)
  if (skipped > 0) console.warn(`types of events: not held over this run, ${skipped} tests were skipped`)
  return skipped === 0
}

const writtenIn = (folder: string): ReadonlySet<string> =>
  new Set(
    readdirSync(folder)
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((line) => line !== ''),
  )
