import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runSimulate } from '../../../src/dev/simulator/command.ts'
import { PROBE } from '../../support/wire/probe.ts'

describe('maximo-mcp simulate', () => {
  let dataDir = ''
  beforeEach(async () => (dataDir = await mkdtemp(join(tmpdir(), 'simulate-'))))
  afterEach(() => rm(dataDir, { recursive: true }))
  const run = async (
    args: string[],
    env: Record<string, string>,
  ): Promise<{ lines: string[]; url: string; close: () => Promise<void> }> => {
    const lines: string[] = []
    const simulator = await runSimulate(args, env, { write: (line) => void lines.push(line) })
    return { lines, url: simulator.url, close: () => simulator.close() }
  }

  test('prints a key per account and then ready, and the keys work', async () => {
    const { lines, close } = await run(['--port', '0'], { DATA_DIR: dataDir })
    expect(lines.map((line) => line.split(' ').slice(0, -1).join(' '))).toEqual([
      'apikey planner@example.com',
      'apikey technician@example.com',
      'apikey admin@example.com',
      'apikey limited@example.com',
      'apikey keeper@example.com',
      'ready',
    ])
    const baseUrl = String(lines.at(-1)?.split(' ')[1])
    const apikey = String(lines[0]?.split(' ')[2])
    expect(
      (await request(`${baseUrl}/api/whoami?lean=1`, { headers: { ...PROBE, apikey } })).statusCode,
    ).toBe(200)
    expect((await request(`${new URL(baseUrl).origin}/healthz`)).statusCode).toBe(200)
    await close()
    await close()
  })

  test('prints the same keys after a restart', async () => {
    const first = await run(['--port', '0'], { DATA_DIR: dataDir })
    await first.close()
    const second = await run(['--port', '0', '--data', join(dataDir, 'simulator')], {})
    await second.close()
    expect(second.lines.slice(0, 4)).toEqual(first.lines.slice(0, 4))
  })

  test.each([
    ['an unknown option', ['--prot', '1'], {}],
    ['a port that is no number', ['--port', 'x'], {}],
    ['a plant of no known size', ['--port', '0', '--plant', 'huge'], {}],
    ['production', ['--port', '0'], { NODE_ENV: 'production' }],
  ])('refuses %s and prints nothing', async (_name, args, env) => {
    const lines: string[] = []
    await expect(
      runSimulate(args, { DATA_DIR: dataDir, ...env }, { write: (line) => void lines.push(line) }),
    ).rejects.toThrow()
    expect(lines).toEqual([])
  })
})
