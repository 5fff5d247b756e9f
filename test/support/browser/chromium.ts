import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

function findChromium(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin']
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return places.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const executable = findChromium()

/** Why tests in a real browser cannot run here; `null` when they can. With CI=true they must be able to. */
export const chromiumMissing = executable === null ? 'chromium is not on PATH' : null
if (chromiumMissing !== null) {
  if (process.env['CI'] === 'true') throw new Error(chromiumMissing)
  console.warn(`skipped: ${chromiumMissing}`)
}

/** Nothing of it speaks to anyone but the addresses of the test. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's Chromium, headless, with a profile of its own that goes with it. */
export function launchChromium(): Promise<Browser> {
  if (executable === null) throw new Error('chromium is not on PATH')
  return chromium.launch({ executablePath: executable, headless: true, chromiumSandbox: false, args: QUIET })
}
