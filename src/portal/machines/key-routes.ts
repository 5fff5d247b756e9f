import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MAX_MACHINE_KEYS } from '../../crypto/machine-proof.ts'
import { readPastedKeys, type PastedKey } from '../../crypto/pasted-keys.ts'
import { writeEvent } from '../events.ts'
import { sendHtml } from '../page-scope.tsx'
import type { Machine } from '../records/machines.ts'
import { type MachineRouteDeps, type Posted, postedForm } from './guard.ts'
import { machineSilentPage, refusalInWords, unknownMachinePage } from './pages.tsx'
import { KEY_PROBLEMS } from './read-form.ts'
import { registerMachine } from './register-machine.ts'
import { showMachine } from './route.ts'
import { findOwn } from './view.ts'

/**
 * `POST /machines/keys/add` and `/remove`. The keys are fixed in the root receipt, so either makes a new one. Added: the
 * tokens that exist live on, so that a pipeline sees nothing of a rotation. Removed: they end, for the key may be lost.
 */
export function keyRoutes(app: FastifyInstance, deps: MachineRouteDeps): void {
  app.post('/machines/keys/add', async (request, reply) => {
    const posted = await postedForm(request, reply, deps)
    return posted === null ? reply : change(request, reply, { ...deps, ...posted, want: added })
  })
  app.post('/machines/keys/remove', async (request, reply) => {
    const posted = await postedForm(request, reply, deps)
    return posted === null ? reply : change(request, reply, { ...deps, ...posted, want: removed })
  })
}

type Keys = readonly PastedKey[]
type Want = (keys: Keys, typed: Posted['typed']) => Promise<Wanted>
/** The keys that there are to be, or what is wrong with the wish. `ends`: tokens of before do not live on. */
type Wanted = { readonly keys: Keys; readonly ends: boolean } | { readonly problem: string }

async function added(keys: Keys, typed: Posted['typed']): Promise<Wanted> {
  const more = await readPastedKeys(typed['keys'] ?? '', MAX_MACHINE_KEYS - keys.length)
  if (!more.ok) return { problem: KEY_PROBLEMS[more.error] }
  const isKnown = more.value.some((one) => keys.some(({ thumbprint }) => thumbprint === one.thumbprint))
  return isKnown ? { problem: KEY_PROBLEMS.twice } : { keys: [...keys, ...more.value], ends: false }
}

function removed(keys: Keys, typed: Posted['typed']): Promise<Wanted> {
  const left = keys.filter(({ thumbprint }) => thumbprint !== typed['thumbprint'])
  const problem =
    left.length === keys.length
      ? 'There is no such key.'
      : 'The last key cannot be removed: end the machine client instead.'
  return Promise.resolve(
    left.length === keys.length || left.length === 0 ? { problem } : { keys: left, ends: true },
  )
}

interface Change extends MachineRouteDeps, Posted {
  readonly want: Want
}

async function change(request: FastifyRequest, reply: FastifyReply, of: Change): Promise<FastifyReply> {
  const { session, account, typed } = of
  const own = findOwn(typed['cid'] ?? '', session.userId, of)
  const environment = account.environments.find(({ env }) => env === own?.machine.env)
  if (own?.machine.proof.kind !== 'keys' || own.connection.end !== null || environment === undefined)
    return sendHtml(reply, 404, unknownMachinePage(request))
  const { machine, connection } = own
  const { cid, gid, scp, asked } = machine
  const wanted = await of.want(own.machine.proof.keys, typed)
  if ('problem' in wanted) return showMachine(request, reply, { ...of, cid, problem: wanted.problem })
  const proof = { kind: 'keys', keys: wanted.keys } as const
  const again = { name: connection.clientName, scp, proof, ...limitsOf(asked) }
  const registered = await registerMachine({ asked: again, environment, session, cid }, of)
  if (!registered.ok)
    return registered.error.reason === 'unavailable'
      ? sendHtml(reply.header('retry-after', '5'), 503, machineSilentPage(request))
      : showMachine(request, reply, { ...of, cid, problem: refusalInWords(registered.error) })
  await endFormer({ gid, maxS: connection.maxS }, wanted.ends, of)
  await writeEvent(request, of, {
    eventType: 'key.changed',
    outcome: 'success',
    operation: wanted.ends ? 'remove_machine_key' : 'add_machine_key',
    principal: session.userId,
    authMethod: 'clerk_session',
    responseCode: 303,
    clientId: cid,
    grantId: registered.value.gid,
    sessionId: session.sessionId,
  })
  return reply.header('cache-control', 'no-store').redirect(`/machines/${cid}`, 303)
}

const limitsOf = ({ prf, rsk, obj, net }: Machine['asked']) => ({ prf, rsk, obj, net })

/** Either way nothing more is made from the former root: the portal passes on the latest alone. */
async function endFormer(
  former: { readonly gid: string; readonly maxS: number },
  ends: boolean,
  { records, revocations }: MachineRouteDeps,
): Promise<void> {
  if (ends) await revocations.endGrant({ ...former, by: 'owner', reason: 'revoked' })
  // The MCP server gave it an hour, in which its last tokens run out.
  else await records.record('connection.ended', { ...former, by: 'mcp', reason: 'replaced' })
}
