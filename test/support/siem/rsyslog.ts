import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { TlsFiles } from '../../../src/crypto/keys/tls-ceremony.ts'
import { freePort } from '../ports.ts'

/** Both are Debian packages: rsyslog, and rsyslog-gnutls for TLS. */
const PROGRAM = '/usr/sbin/rsyslogd'
const TLS_MODULES = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '.'].map(
  (machine) => `/usr/lib/${machine}/rsyslog/lmnsd_gtls.so`,
)

/** Why tests with a real syslog receiver cannot run here; `null` when they can. With CI=true they must be able to. */
export const rsyslogMissing =
  existsSync(PROGRAM) && TLS_MODULES.some((path) => existsSync(path))
    ? null
    : 'rsyslog and rsyslog-gnutls are not installed'
if (rsyslogMissing !== null) {
  if (process.env['CI'] === 'true') throw new Error(rsyslogMissing)
  console.warn(`skipped: ${rsyslogMissing}`)
}

export interface RsyslogLine {
  readonly severity: string
  readonly hostname: string
  readonly app: string
  readonly procId: string
  readonly msgId: string
  readonly data: string
  readonly text: string
}

/** A receiver of syslog over TLS that writes what it took to a file, under one port however often it is started. */
export class Rsyslog {
  readonly port: number
  readonly #folder: string
  #process: ChildProcess | null = null

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.port = port
  }

  static async start(folder: string, tls: TlsFiles): Promise<Rsyslog> {
    const server = new Rsyslog(folder, await freePort())
    await writeFile(join(folder, 'rsyslog.conf'), server.#configuration(tls))
    await writeFile(join(folder, 'taken'), '')
    await server.up()
    return server
  }

  async up(): Promise<void> {
    const at = (name: string): string => join(this.#folder, name)
    this.#process = spawn(PROGRAM, ['-n', '-f', at('rsyslog.conf'), '-i', at('rsyslog.pid')], {
      stdio: 'ignore',
    })
    while (!(await listens(this.port))) {
      if (this.#process.exitCode !== null) throw new Error(`rsyslogd ended with ${this.#process.exitCode}`)
      await pause(20)
    }
  }

  /** @param signal SIGTERM lets it write what it has read; SIGKILL does not */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process
    this.#process = null
    if (child === null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async taken(): Promise<RsyslogLine[]> {
    const text = await readFile(join(this.#folder, 'taken'), 'utf8')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [severity = '', hostname = '', app = '', procId = '', msgId = '', ...rest] = line.split(' ')
        const found = /^(\[.*?\]) (.*)$/.exec(rest.join(' '))
        return { severity, hostname, app, procId, msgId, data: found?.[1] ?? '', text: found?.[2] ?? '' }
      })
  }

  /** Waits until so many lines were written: it takes a moment after they were read. */
  async takes(lines: number): Promise<RsyslogLine[]> {
    for (;;) {
      const taken = await this.taken()
      if (taken.length >= lines) return taken
      await pause(20)
    }
  }

  #configuration(tls: TlsFiles): string {
    const template = '%syslogseverity-text% %hostname% %app-name% %procid% %msgid% %structured-data% %msg%\\n'
    return [
      `global(workDirectory="${this.#folder}" maxMessageSize="64k" defaultNetstreamDriverCAFile="${tls.authority}"`,
      `  defaultNetstreamDriverCertFile="${tls.certificate}" defaultNetstreamDriverKeyFile="${tls.key}")`,
      'module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")',
      `input(type="imtcp" address="127.0.0.1" port="${this.port}")`,
      `template(name="line" type="string" string="${template}")`,
      `action(type="omfile" file="${join(this.#folder, 'taken')}" template="line")`,
      '',
    ].join('\n')
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
