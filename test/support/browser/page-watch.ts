import type { BrowserContext, Page } from 'playwright-core'

/** What a page did that a person would not see. */
export interface PageWatch {
  /** What the Content-Security-Policy blocked, by the browser's own account. */
  readonly violations: string[]
  /** Errors and warnings of the console. */
  readonly complaints: string[]
  /** Origins that were asked for anything. */
  readonly origins: Set<string>
}

/** Listens to one page, with or without its scripts, for as long as it lives. */
export async function watchPage(context: BrowserContext, page: Page): Promise<PageWatch> {
  const watch: PageWatch = { violations: [], complaints: [], origins: new Set() }
  const devtools = await context.newCDPSession(page)
  devtools.on('Audits.issueAdded', ({ issue }) => {
    const blocked = issue.details.contentSecurityPolicyIssueDetails
    if (blocked === undefined) return
    const { violatedDirective, blockedURL } = blocked
    watch.violations.push(`${page.url()}: ${violatedDirective} ${blockedURL ?? 'inline'}`)
  })
  await devtools.send('Audits.enable')
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    watch.complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('request', (request) => watch.origins.add(new URL(request.url()).origin))
  return watch
}
