import type { VNode } from 'preact'
import type { Grant } from '../records/ledger.ts'
import { visible } from '../tools/result/visible.ts'
import { type Frame, Layout } from './layout.tsx'

export interface GrantRow {
  readonly grant: Grant
  readonly environment: string
  /** Minute in UTC, e.g. `2026-11-22, 08:15`. */
  readonly madeAt: string
  readonly isEnded: boolean
}

export const GrantsPage = ({ frame, rows }: { frame: Frame; rows: readonly GrantRow[] }): VNode => (
  <Layout title="Connections in the MCP server’s own log" frame={frame} from="connections">
    <p class="lead">
      Everything that was ever allowed to use your environments and has not run out. This list does not come
      from the portal. If something stands here that you did not allow, remove the environment and change its
      key in Maximo.
    </p>
    {rows.length === 0 ? (
      <p class="card">There is none.</p>
    ) : (
      <ul class="cards">
        {rows.map((row) => (
          <Row row={row} key={row.grant.gid} />
        ))}
      </ul>
    )}
  </Layout>
)

function kindOf({ knd, machine }: Grant): string {
  if (machine !== undefined) return PROOFS[machine.proof]
  return knd === 'ci' ? 'automation token' : 'connection'
}

const PROOFS: Readonly<Record<NonNullable<Grant['machine']>['proof'], string>> = {
  keys: 'machine client with keys of its own',
  secret: 'machine client with a secret',
  workload: 'machine client: a workload that its platform vouches for',
}

const Row = ({ row: { grant, environment, madeAt, isEnded } }: { row: GrantRow }): VNode => (
  <li class="card">
    <div class="head">
      <div>
        <h2>
          “<bdi>{visible(grant.clientName)}</bdi>”
        </h2>
        <p class="soft">
          {grant.machine === undefined ? `at ${visible(grant.redirectHost)}` : <code>{grant.cid}</code>}
        </p>
      </div>
      <p class={isEnded ? 'state' : 'state live'}>{isEnded ? 'Ended' : 'In force'}</p>
    </div>
    <dl>
      <dt>Environment</dt>
      <dd>
        <bdi>{visible(environment)}</bdi>
      </dd>
      <dt>May</dt>
      <dd>
        <code>{grant.scp}</code>
      </dd>
      <dt>Kind</dt>
      <dd>{kindOf(grant)}</dd>
      {grant.obj === undefined ? null : (
        <>
          <dt>Objects</dt>
          <dd>
            <code>{grant.obj}</code>
          </dd>
        </>
      )}
      {grant.net === undefined ? null : (
        <>
          <dt>Networks</dt>
          <dd>
            <code>{grant.net}</code>
          </dd>
        </>
      )}
      <dt>Since</dt>
      <dd>{madeAt} UTC</dd>
    </dl>
  </li>
)
