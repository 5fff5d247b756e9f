import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import type { Page } from '../../src/dev/walk/browser.ts'
import { aStack } from '../support/stack.ts'
import { reasonNotInstalled, scratchPath, type ScratchPackages } from './scratch-packages.ts'
import { startTlsFronts, type TlsFronts } from './tls-front.ts'
import { everyKindOfPage } from './web-pages.ts'

const WEB: ScratchPackages = {
  name: 'web',
  packages: ['@mdn/mdn-http-observatory@1.4.8', '@doyensec/csp-evaluator@1.0.3'],
}
const missing = await reasonNotInstalled(WEB)
if (missing !== null) console.warn(`skipped: ${missing}`)

interface Graded {
  readonly path: string
  readonly grade: string
  readonly score: number
  readonly failed: readonly string[]
}

describe.skipIf(missing !== null)('every kind of page, behind a TLS front', () => {
  const before = getGlobalDispatcher()
  let fronts: TlsFronts
  let stack: Stack
  let pages: ReadonlyMap<string, Page>
  beforeAll(async () => {
    fronts = await startTlsFronts()
    setGlobalDispatcher(new Agent({ connect: { ca: fronts.authority } }))
    stack = await aStack(null, { front: fronts })
    pages = await everyKindOfPage(stack)
  }, 400_000)
  afterAll(async () => {
    setGlobalDispatcher(before)
    await stack.close()
    await fronts.close()
  })

  test('has A+ by the rules of Mozilla’s HTTP Observatory 1.4.8', async () => {
    const graded = await grade([...pages.values()].map((page, index) => replayed(page, `/replayed/${index}`)))
    const names = [...pages.keys()]
    const below = graded.filter(({ grade }) => grade !== 'A+')
    expect(below.map((page) => ({ name: names[graded.indexOf(page)], ...page }))).toEqual([])
    expect(graded.length).toBeGreaterThan(15)
  }, 90_000)

  test('has a policy in which the CSP evaluator 1.0.3 finds nothing of severity 40 or worse', () => {
    const findings = [...pages].map(([name, page]) => [name, findingsOf(page)] as const)
    expect(findings.filter(([, found]) => found.length > 0)).toEqual([])
  })

  /** Pages that answer a form or need a session are given again by the front, headers and all, where the scanner asks. */
  function replayed(page: Page, path: string): { httpPort: number; httpsPort: number; path: string } {
    const front = page.url.startsWith(stack.mcpUrl) ? fronts.mcp : fronts.portal
    front.replay(path, page)
    return { httpPort: front.httpPort, httpsPort: front.httpsPort, path }
  }

  async function grade(asked: readonly object[]): Promise<Graded[]> {
    const script = resolve(import.meta.dirname, 'observatory.js')
    const folder = scratchPath(WEB, '@mdn/mdn-http-observatory')
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: fronts.authorityFile }
    const args = [script, folder, JSON.stringify(asked)]
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    return JSON.parse(stdout) as Graded[]
  }
})

interface Evaluator {
  readonly CspParser: new (policy: string) => { readonly csp: object }
  readonly CspEvaluator: new (csp: object, version: unknown) => { evaluate(): Finding[] }
  readonly Version: { readonly CSP3: unknown }
}
interface Finding {
  /** 10 is the worst, 100 means nothing was found. */
  readonly severity: number
  readonly directive: string
  readonly description: string
}

function findingsOf({ headers }: Page): readonly Finding[] {
  const policy = headers['content-security-policy']
  if (typeof policy !== 'string') throw new Error('a page without a content security policy')
  const csp = createRequire(import.meta.url)(scratchPath(WEB, '@doyensec/csp-evaluator')) as Evaluator
  const parsed = new csp.CspParser(policy).csp
  return new csp.CspEvaluator(parsed, csp.Version.CSP3).evaluate().filter(({ severity }) => severity <= 40)
}
