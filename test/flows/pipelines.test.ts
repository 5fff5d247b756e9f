import { spawn } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { replaceKey } from '../../src/dev/walk/vault.ts'
import { callTool, createToken, patiently, tokenRow } from '../support/oauth/automation.ts'
import { redisMissing, startRedis, type RedisServer } from '../support/store/redis.ts'
import { aStack, PLANNER, REDIS_USERS } from '../support/stack.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const ACTION = join(ROOT, 'action')
const GUIDE = join(ROOT, 'docs/connect/pipelines.md')

interface Step {
  readonly uses?: string
  readonly with?: Readonly<Record<string, string>>
}
interface Composite {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>
  readonly runs: {
    readonly steps: readonly {
      readonly run: string
      readonly shell: string
      readonly env: Readonly<Record<string, string>>
    }[]
  }
}
interface Finished {
  readonly code: number | null
  readonly text: string
}

/** Runs a script as a pipeline's shell does, with these variables and no others of ours. */
function runScript(script: string, env: Readonly<Record<string, string>>): Promise<Finished> {
  return new Promise((done, fail) => {
    const child = spawn('bash', ['-e', '-c', script], { env: { PATH: process.env['PATH'] ?? '', ...env } })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (text += part.toString()))
    child.on('error', fail)
    child.on('close', (code) => done({ code, text }))
  })
}

const guide = async () => readFile(GUIDE, 'utf8')
const fenced = (text: string, language: string, having: string) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))]
    .map((match) => match[1] ?? '')
    .find((block) => block.includes(having)) ?? ''

/** The step of the guide's workflow that calls the action. */
async function guideStep(): Promise<Readonly<Record<string, string>>> {
  const workflow = parse(fenced(await guide(), 'yaml', 'runs-on')) as {
    readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>
  }
  const step = Object.values(workflow.jobs)
    .flatMap((job) => job.steps)
    .find(({ uses }) => uses?.includes('/action@') === true)
  return step?.with ?? {}
}

/** Runs the composite action as the runner does: inputs into the variables of its step, its own script in its shell. */
async function runAction(
  inputs: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<Finished & { readonly output: string }> {
  const { inputs: known, runs } = parse(await readFile(join(ACTION, 'action.yml'), 'utf8')) as Composite
  const given = Object.fromEntries(
    Object.entries(known).map(([name, { default: standard }]) => [name, inputs[name] ?? standard ?? '']),
  )
  const outputFile = join(await mkdtemp(join(tmpdir(), 'mx-action-')), 'output')
  const [step] = runs.steps
  if (step === undefined) throw new Error('the action has no step')
  const env = Object.fromEntries(
    Object.entries(step.env).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\{ inputs\.([a-z-]+) \}\}/g, (_all, input: string) => given[input] ?? ''),
    ]),
  )
  const finished = await runScript(step.run, {
    ...{ ...env, GITHUB_ACTION_PATH: ACTION, GITHUB_OUTPUT: outputFile, GITHUB_ACTIONS: 'true' },
    ...more,
  })
  return { ...finished, output: await readFile(outputFile, 'utf8').catch(() => '') }
}

describe.each([
  ['the in-process store', false],
  ['a real Redis', true],
])('a pipeline with an automation token on %s', (_name, onRedis) => {
  let redis: RedisServer | null = null
  let stack: Stack
  const isSkipped = onRedis && redisMissing !== null

  beforeAll(async () => {
    if (isSkipped) return
    redis = onRedis ? await startRedis({ acl: REDIS_USERS }) : null
    stack = await aStack(redis)
  }, 60_000)
  afterAll(async () => {
    if (isSkipped) return
    await stack.close()
    await redis?.end()
  })

  const newToken = (browser: Browser, name: string, more: Readonly<Record<string, string>> = {}) =>
    patiently(() => createToken(browser, stack, { email: PLANNER, name, ...more }))
  const endToken = (browser: Browser, name: string) =>
    patiently(async () => {
      const { list, gid } = await tokenRow(browser, stack, name)
      await browser.submit(list, formTo(list, '/tokens/revoke', { gid }))
    })

  test.skipIf(isSkipped)(
    'the action of the guide calls its tool; ended, it is refused on the next call',
    async () => {
      const browser = new Browser()
      const token = await newToken(browser, 'action')
      const step = await guideStep()
      expect(step['token']).toBe('${{ secrets.MAXIMO_MCP_TOKEN }}')
      const inputs = { ...step, server: stack.mcpUrl, token }
      const first = await runAction(inputs)
      expect(first.text).toContain('"wonum"')
      expect(first.code).toBe(0)
      expect(first.output).toMatch(/^result<<(end-[0-9a-f]{32})\n[\s\S]+\n\1\n$/)
      expect(first.text).toContain(`::add-mask::${token}`)
      expect(first.text.replace(`::add-mask::${token}`, '')).not.toContain(token)
      await endToken(browser, 'action')
      const second = await runAction(inputs)
      expect([second.code, second.output]).toEqual([1, ''])
      expect(second.text).toContain('401: The access token is not valid any more')
    },
  )

  test.skipIf(isSkipped)('so does the shell script of the guide', async () => {
    const browser = new Browser()
    const token = await newToken(browser, 'shell')
    const script = fenced(await guide(), 'sh', '/ci/mcp')
    const env = { MAXIMO_MCP_SERVER: stack.mcpUrl, MAXIMO_MCP_TOKEN: token }
    const first = await runScript(script, env)
    expect([first.code, first.text.includes('wonum')]).toEqual([0, true])
    await endToken(browser, 'shell')
    const second = await runScript(script, env)
    expect(second.code).not.toBe(0)
    expect(second.text).toContain('invalid_token')
  })

  test.skipIf(isSkipped)('a Maximo key replaced while it runs: no call fails', async () => {
    const token = await newToken(new Browser(), 'long job', { prf: 'webhook' })
    const job = startJob(() => callTool(token, stack))
    try {
      await job.after(2)
      // Another key of the same Maximo first, then the old one is withdrawn: as keys are replaced without a gap.
      const { accounts } = stack.simulator
      const apiKey = accounts.of('admin@example.com').apiKey
      const entry = { portalUrl: stack.portalUrl, email: PLANNER, label: 'demo', apiKey }
      await patiently(() => replaceKey(new Browser(), entry))
      await accounts.regenerateKey(PLANNER)
      await job.after(2)
    } finally {
      await job.end()
    }
    expect(job.failures).toEqual([])
  })
})

/** A pipeline that calls again and again. A limit, or a store that cannot answer now, is asked again, as the guide says. */
function startJob(call: () => Promise<{ readonly status: number; readonly text: string }>) {
  const failures: string[] = []
  let [done, isOver] = [0, false]
  const run = async (): Promise<void> => {
    while (!isOver) {
      const { status, text } = await call()
      if (status === 429 || status === 503) await new Promise((wait) => setTimeout(wait, 500))
      else done += 1
      const isGood = status === 200 && !text.includes('"isError":true')
      if (!isGood && status !== 429 && status !== 503) failures.push(text)
    }
  }
  const running = run()
  // Told where it is waited for.
  running.catch(() => undefined)
  return {
    failures,
    after: async (more: number) => {
      const before = done
      await expect.poll(() => done, { timeout: 30_000 }).toBeGreaterThan(before + more)
    },
    end: async () => {
      isOver = true
      await running
    },
  }
}

describe('the action tells what is wrong in one sentence', () => {
  let stack: Stack
  let token: string
  beforeAll(async () => {
    stack = await aStack(null)
    token = await createToken(new Browser(), stack, {
      email: PLANNER,
      name: 'errors',
      objects: 'erp-readonly',
    })
  }, 60_000)
  afterAll(async () => stack.close())

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['no token', { token: '' }, 'holds no automation token'],
    ['arguments that are no JSON', { arguments: '{' }, 'is not a JSON object'],
    ['arguments that are a list', { arguments: '[]' }, 'is not a JSON object'],
    ['no tool', { tool: '' }, 'name a tool'],
    ['no address', { server: 'nowhere' }, 'is not an address'],
    ['a server that is away', { server: 'http://127.0.0.1:9' }, 'does not answer'],
    ['an object outside the rules', { tool: 'search_work_orders' }, 'This token may not read MXAPIWODETAIL'],
    ['a tool that there is not', { tool: 'no_such_tool' }, 'no_such_tool'],
  ])('%s', async (_name, bend, sentence) => {
    const inputs = { server: stack.mcpUrl, tool: 'get_context', token, ...bend }
    const finished = await runAction(inputs)
    expect(finished.text).toContain(sentence)
    expect([finished.code, finished.output]).toEqual([1, ''])
  })

  test('what an input holds is data: no shell reads it', async () => {
    const finished = await runAction({
      server: stack.mcpUrl,
      token,
      tool: '$(touch /tmp/should-not-be)`id`',
      arguments: '{"a": "$(id)"}',
    })
    expect(finished.code).toBe(1)
    expect(finished.text).not.toContain('uid=')
  })

  test('the twin works', async () => {
    expect((await runAction({ server: stack.mcpUrl, tool: 'get_context', token })).code).toBe(0)
  })
})
