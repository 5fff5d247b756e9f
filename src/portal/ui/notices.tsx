import type { JSX } from 'preact'
import type { Notice } from '../notices/find-notices.ts'
import { ago } from './ago.ts'
import { MINUTES } from './minutes.ts'
import { Hidden } from './page.tsx'

export interface NoticesView {
  readonly notices: readonly Notice[]
  readonly formToken: string
  /** Page to come back to. */
  readonly from: '/' | '/connections' | '/environments' | '/tokens'
  readonly nowMs: number
}

/** What happened without the owner, above everything else on the page. */
export const Notices = ({ notices, ...view }: NoticesView): JSX.Element | null =>
  notices.length === 0 ? null : (
    <section aria-label="Notices">
      {notices.map((notice) => (
        <NoticeCard notice={notice} {...view} key={notice.id} />
      ))}
    </section>
  )

const NoticeCard = ({
  notice,
  formToken,
  from,
  nowMs,
}: Omit<NoticesView, 'notices'> & { readonly notice: Notice }): JSX.Element => (
  <div class={`note ${notice.tone}`} data-notice={notice.id}>
    <h2>
      <bdi>{notice.heading}</bdi>
    </h2>
    {notice.atMs === null ? null : (
      <p class="soft">
        {ago(notice.atMs, nowMs)} ({MINUTES.format(notice.atMs)} UTC)
      </p>
    )}
    <p>{notice.what}</p>
    <p>{notice.todo}</p>
    {notice.isDismissible ? (
      <form method="post" action="/notices/dismiss">
        <Hidden fields={{ form: formToken, notice: notice.id, from }} />
        <button class="small" type="submit">
          I have read this<span class="unseen">: {notice.heading}</span>
        </button>
      </form>
    ) : null}
  </div>
)
