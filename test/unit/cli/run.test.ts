import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../src/cli/run.ts'

let folder: string
let taken: Server
let port = ''
const listening = process.listenerCount('SIGTERM')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-cli-'))
  taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  port = typeof address === 'object' && address !== null ? String(address.port) : ''
})
afterAll(async () => {
  taken.close()
  await rm(folder, { recursive: true })
})
afterEach(() => {
  expect(process.listenerCount('SIGTERM'), 'a command that has ended listens to no signal').toBe(listening)
})

async function command(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ readonly code: number; readonly lines: string; readonly problems: string }> {
  const [lines, problems]: [string[], string[]] = [[], []]
  const out = { line: (text: string) => lines.push(text), problem: (text: string) => problems.push(text) }
  const code = await run(args, { DATA_DIR: folder, ...env }, out)
  return { code, lines: lines.join('\n'), problems: problems.join('\n') }
}

describe('maximo-mcp', () => {
  test.each(['help', '--help'])('%s tells the commands, and that is no failure', async (asked) => {
    const { code, lines, problems } = await command([asked])
    expect([code, problems]).toEqual([0, ''])
    for (const name of ['up', 'portal', 'mcp', 'simulate', 'keys', 'revoke', 'audit']) {
      expect(lines).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
  })

  test('without a command it tells the same, with the code of wrong usage', async () => {
    expect(await command([])).toEqual({ ...(await command(['help'])), code: 64 })
  })

  test.each([
    ['a command that does not exist', ['strat'], 'There is no command “strat”.'],
    ['a member that every object has', ['constructor'], 'There is no command “constructor”.'],
    ['an argument of a service', ['portal', '--port', '1'], 'It takes no arguments'],
    ['an argument of up', ['up', '--prot'], 'It takes no arguments'],
    ['an unknown option of simulate', ['simulate', '--prot', '1'], '--prot'],
    ['keys without saying what', ['keys'], 'keys init'],
    ['audit without saying what', ['audit'], 'audit verify'],
  ])('%s is wrong usage: 64, one reason, no stack', async (_name, args, reason) => {
    const { code, lines, problems } = await command(args)
    expect([code, lines]).toEqual([64, ''])
    expect(problems).toContain(reason)
    expect(problems).toContain('maximo-mcp')
    expect(problems).not.toMatch(/^\s+at /m)
  })

  test.each([
    ['a port that another program has', ['simulate'], 'is already in use'],
    ['a port that is no number', ['simulate', '--port', 'x'], '--port must be a whole number'],
    ['a service that nothing configures', ['mcp'], 'CLERK_PUBLISHABLE_KEY'],
  ])('%s is for the person at the keyboard: 78, one sentence, no stack', async (_name, args, reason) => {
    const { code, problems } = await command(args, { MAXIMO_SIM_PORT: port })
    expect(code).toBe(78)
    expect(problems).toContain(reason)
    expect(problems).not.toMatch(/^\s+at /m)
  })

  test.each([['simulate'], ['up']])('%s refuses production', async (name) => {
    const { code, problems } = await command([name], { NODE_ENV: 'production' })
    expect(code).toBe(78)
    expect(problems).toContain('refuses NODE_ENV=production')
  })

  const REJECTED = `void Promise.reject(new Error('nobody expects it'))`
  const THROWN = `process.nextTick(() => { throw new Error('nobody expects it') })`
  test.each([
    ['while it serves', REJECTED],
    ['while it ends', `process.once('SIGTERM', () => { ${THROWN} }); process.kill(process.pid, 'SIGTERM')`],
  ])(
    'a service over an error that nothing caught %s: it is told, all is closed, exit code 1',
    async (_when, bug) => {
      const script = `
      const { run } = await import(process.argv[1])
      const answered = (port) => fetch('http://127.0.0.1:' + port + '/maximo/oslc/ping').then(({ status }) => status)
      const line = (text) => {
        const [, port] = /^ready http:..[^:]+:(\\d+)/.exec(text) ?? []
        if (port === undefined) return
        void answered(port).then(() => {
          console.log('answered')
          ${bug}
        })
      }
      process.exitCode = await run(['simulate', '--port', '0'], process.env, { line, problem: console.error })
      console.log('closed')`
      const main = new URL('../../../dist/cli/run.js', import.meta.url).href
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, main], {
        env: { PATH: process.env['PATH'], DATA_DIR: folder },
      })
      let [said, problems] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()))
      const [code] = (await once(child, 'close')) as [number | null]
      expect([code, said]).toEqual([1, 'answered\nclosed\n'])
      expect(problems).toMatch(/^Ending over an unexpected error: Error: nobody expects it\n\s+at /)
    },
  )

  test('an empty DATA_DIR is the default, not the current folder', async () => {
    const before = process.cwd()
    process.chdir(folder)
    try {
      expect((await command(['keys', 'init'], { DATA_DIR: '' })).code).toBe(0)
    } finally {
      process.chdir(before)
    }
    expect((await readdir(folder)).includes('portal')).toBe(false)
    expect(await readdir(join(folder, 'data'))).toEqual(['mcp', 'ops', 'portal'])
  })
})
