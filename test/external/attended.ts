import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { request } from 'undici'
import { Browser } from '../../src/dev/walk/browser.ts'
import { answerConsent } from '../../src/dev/walk/connect.ts'
import { PLANNER } from '../support/stack.ts'

export interface Ran {
  readonly code: number
  /** Everything it printed, both streams. */
  readonly text: string
  /** Authorization addresses that it printed, each of which a person then approved. */
  readonly asked: readonly string[]
}

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What the person types when the program asks. */
  readonly typed?: string
}

/** Runs a program beside which a person sits, who signs in and approves whatever authorization address it prints. */
export async function runAttended({ program, args, cwd, env = {}, typed = '' }: Command): Promise<Ran> {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(typed)
  const lines: string[] = []
  const asked: string[] = []
  const visits: Promise<void>[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const address = AUTHORIZATION.exec(line)?.[1]
      if (address === undefined) return
      asked.push(address)
      visits.push(approve(address))
    })
  }
  const code = await new Promise<number>((done) => child.once('close', (status) => done(status ?? 1)))
  await Promise.all(visits)
  return { code, text: lines.join('\n'), asked }
}

const AUTHORIZATION = /(http:\/\/\S+code_challenge=\S+)/

/** Signs in, approves, and carries the answer to the client's callback, as a browser would. */
export async function approve(address: string): Promise<void> {
  const callback = new URL(address).searchParams.get('redirect_uri') ?? 'none'
  const answered = await answerConsent(new Browser({ stopAt: callback }), address, { email: PLANNER })
  await (await request(answered.url)).body.dump()
}
