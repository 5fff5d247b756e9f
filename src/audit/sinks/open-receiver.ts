import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock } from '../../kernel/clock.ts'
import { ConfigError } from '../../kernel/env.ts'
import { type SinkConfig, VARIABLE } from './config.ts'
import { sentinelReceiver } from './receivers/sentinel.ts'
import { splunkReceiver } from './receivers/splunk-hec.ts'
import { type LineOut, stdoutReceiver } from './receivers/stdout.ts'
import { syslogReceiver } from './receivers/syslog.ts'
import { webhookReceiver } from './receivers/webhook.ts'
import { type SecretReference, type SecretSource, secretSource } from './secret-source.ts'
import type { Receiver, Wait } from './sink.ts'

export interface Surroundings {
  /** Of the process: what secrets are named by. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: LineOut
  readonly clock: Clock
  readonly wait: Wait
}

/** @throws ConfigError for a file or a secret that is not there */
export function openReceiver(config: SinkConfig, { env, stdout, clock, wait }: Surroundings): Receiver {
  const secret = (reference: SecretReference): SecretSource => found(config, secretSource(reference, env))
  const ca = config.caFile === undefined ? [] : [pem(config, config.caFile)]
  switch (config.type) {
    case 'splunk_hec':
      return splunkReceiver({
        ...config,
        ...{ ca, clock, wait, token: secret(config.token), host: hostname() },
      })
    case 'syslog':
      return syslogReceiver({
        ...config,
        ...{ ca, hostname: config.hostname ?? hostname(), clientCertificate: clientCertificate(config) },
      })
    case 'sentinel':
      return sentinelReceiver({ ...config, ...{ ca, clock, clientSecret: secret(config.clientSecret) } })
    case 'webhook':
      return webhookReceiver({ ...config, ...{ ca, clock, secrets: config.secrets.map(secret) } })
    case 'stdout':
      return stdoutReceiver({ ...config, stream: stdout })
  }
}

/** A secret that is missing at start is a mistake; later it may be one that is being replaced. */
function found({ name }: SinkConfig, source: SecretSource): SecretSource {
  try {
    source()
  } catch (error) {
    throw new ConfigError([
      `${VARIABLE}: ${name}: ${error instanceof Error ? error.message : 'a secret is missing'}`,
    ])
  }
  return source
}

function clientCertificate(
  config: Extract<SinkConfig, { type: 'syslog' }>,
): { readonly cert: string; readonly key: string } | undefined {
  const { certFile, keyFile } = config
  if (certFile === undefined || keyFile === undefined) return undefined
  return { cert: pem(config, certFile), key: pem(config, keyFile) }
}

function pem({ name }: SinkConfig, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new ConfigError([`${VARIABLE}: ${name}: the file ${path} cannot be read`])
  }
}
