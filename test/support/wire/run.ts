import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the processes of this run note what breaks a rule of the wire. */
    wireFolder: string
  }
}

/**
 * The rules of the wire, over a whole run: every request that any simulator gets, in whichever test and process, is
 * looked at, and one that breaks a rule fails the run when its tests are over.
 */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'maximo-mcp-wire-'))
  project.provide('wireFolder', folder)
  // Read by simulators in processes of their own.
  process.env['MAXIMO_SIM_WIRE_LOG'] = join(folder, 'commands.jsonl')
  return () => {
    const noted = notedIn(folder)
    rmSync(folder, { recursive: true })
    if (noted.length === 0) return
    process.exitCode = 1
    throw new Error(`rules of the wire broken ${noted.length} times:\n${noted.slice(0, SHOWN).join('\n')}`)
  }
}

const SHOWN = 20

const notedIn = (folder: string): readonly string[] =>
  !existsSync(folder)
    ? []
    : readdirSync(folder)
        .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
        .filter((line) => line !== '')
