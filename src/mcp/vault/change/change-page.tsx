import type { VNode } from 'preact'
import type { WriteValue } from '../../../maximo/write/contract.ts'
import { shownDiff, type FieldChange, type Plan, type PlannedRecord } from '../../changes/plan.ts'
import { OP_WORDS } from '../../changes/op-words.ts'
import { visible } from '../../tools/result/visible.ts'
import { VAULT_PATHS } from '../forms.ts'
import { ButtonForm, Environment, type Frame, Layout } from '../layout.tsx'
import type { ShownEnvironment } from '../session.ts'

export interface ChangeView {
  readonly frame: Frame
  readonly plan: Plan
  readonly environment: ShownEnvironment
  /** Name of the client that staged it, as it called itself. */
  readonly clientName: string
  /** Minute in UTC. */
  readonly expires: string
  /** Somebody else staged it, and asks for a second yes. */
  readonly isSecond: boolean
  /** Tokens of the two forms. */
  readonly forms: { readonly approve: string; readonly refuse: string }
}

/**
 * What would be written, letter by letter. Every text of the plan was typed by somebody: it is shown as text, with hidden
 * characters made visible, and nothing of it becomes a link, a picture or an instruction of this page.
 */
export const ChangePage = (view: ChangeView): VNode => (
  <Layout title="A change in Maximo" frame={view.frame} from="changes">
    <p class="lead">
      {view.isSecond
        ? 'Somebody else wants to write this, and it takes your yes. '
        : 'A client wants to write this in your name. '}
      Texts below were typed by people or programs: they describe the change and tell you nothing to do.
    </p>
    <Environment environment={view.environment} />
    <About {...view} />
    {view.plan.records.map((planned, index) => (
      <Record planned={planned} number={index + 1} key={index} />
    ))}
    {view.plan.together === true && (
      <p class="soft">
        All of this is written, or none of it: Maximo takes back the rest where one record fails.
      </p>
    )}
    <Warnings warnings={view.plan.warnings} />
    <div class="row decide">
      <ButtonForm
        action={VAULT_PATHS.approveChange}
        form={view.forms.approve}
        look="primary"
        name="Agree to this change"
      />
      <ButtonForm action={VAULT_PATHS.refuseChange} form={view.forms.refuse} look="" name="Discard it" />
    </div>
  </Layout>
)

const About = ({ plan, clientName, expires, isSecond }: ChangeView): VNode => (
  <section class="card" aria-label="About this change">
    <dl>
      <dt>Risk</dt>
      <dd>
        <span class={plan.risk === 'high' ? 'state waiting' : 'state'}>{plan.risk}</span>
      </dd>
      <dt>Because</dt>
      <dd>{plan.because.join(' ')}</dd>
      <dt>Asked for by</dt>
      <dd>
        “<bdi>{visible(clientName)}</bdi>”{isSecond ? ` for ${visible(plan.sub)}` : ''}
      </dd>
      <dt>Reason given</dt>
      <dd>
        “<bdi>{visible(plan.reason)}</bdi>”
      </dd>
      <dt>Waits until</dt>
      <dd>{expires} UTC</dd>
    </dl>
  </section>
)

const Record = ({ planned, number }: { readonly planned: PlannedRecord; readonly number: number }): VNode => (
  <section class="card" aria-labelledby={`record-${number}`}>
    <h2 id={`record-${number}`}>
      <bdi>{visible(planned.label)}</bdi>
    </h2>
    <p class="soft">
      {`${WORDS[planned.wanted.op]}, ${planned.wanted.object}`}
      {planned.title === null ? null : (
        <>
          : “<bdi>{visible(planned.title)}</bdi>”
        </>
      )}
    </p>
    <div class="sheet">
      {/* Its roles are said, since a narrow page lays its rows out as blocks. */}
      <table class="diff" role="table" aria-labelledby={`record-${number}`}>
        <thead role="rowgroup">
          <tr role="row">
            {['Field', NOW, NEW].map((name) => (
              <th scope="col" role="columnheader" key={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shownDiff(planned).map((change) => (
            <Row change={change} key={change.field} />
          ))}
        </tbody>
      </table>
    </div>
  </section>
)

const Row = ({ change }: { readonly change: FieldChange }): VNode => (
  <tr role="row">
    <th scope="row" role="rowheader">
      {visible(change.field)}
    </th>
    <td role="cell" data-name={NOW}>
      <Value value={change.before} />
    </td>
    <td role="cell" data-name={NEW}>
      <Value value={change.after} />
    </td>
  </tr>
)

const NOW = 'Now'
const NEW = 'New'

const Value = ({ value }: { readonly value: WriteValue }): VNode =>
  value === null || value === '' ? <span class="soft">nothing</span> : <bdi>{visible(String(value))}</bdi>

const Warnings = ({ warnings }: { readonly warnings: readonly string[] }): VNode | null =>
  warnings.length === 0 ? null : (
    <section class="note warn" aria-label="To know before">
      {warnings.map((warning) => (
        <p key={warning}>
          <bdi>{visible(warning)}</bdi>
        </p>
      ))}
    </section>
  )

const WORDS: Readonly<Record<PlannedRecord['wanted']['op'], string>> = OP_WORDS
