import { execFile } from 'node:child_process'
import { MCP_SUITES, NODE_22, scratchPath } from './scratch-packages.ts'

export const CONFORMANCE = scratchPath(MCP_SUITES, '@modelcontextprotocol/conformance/dist/index.js')

export interface SuiteRan {
  readonly code: number
  readonly text: string
}

/** Runs the MCP conformance suite. @param folder where it may write, and where it finds no settings of anybody */
export const runConformance = (
  folder: string,
  args: readonly string[],
  timeoutMs = 60_000,
): Promise<SuiteRan> =>
  new Promise((done) => {
    const env = { PATH: process.env['PATH'], HOME: folder }
    execFile(
      NODE_22,
      [CONFORMANCE, ...args],
      { cwd: folder, env, timeout: timeoutMs, maxBuffer: 32 * 1024 * 1024 },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : 1, text: `${stdout}\n${stderr}` })
      },
    )
  })
