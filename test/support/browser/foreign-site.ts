import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'

/** A web site of somebody else, under two names: one of another site, one of another port of ours. */
export interface ForeignSite {
  readonly otherSite: string
  readonly otherPort: string
  /** What the site serves from now on. */
  serve(html: string): void
  close(): Promise<void>
}

export async function startForeignSite(): Promise<ForeignSite> {
  let html = ''
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><title>Foreign</title>${html}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  const { port } = server.address() as AddressInfo
  return {
    otherSite: `http://127.0.0.1:${port}`,
    otherPort: `http://localhost:${port}`,
    serve: (page) => {
      html = page
    },
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export interface StolenForm {
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

/** The fields of a form on a page of ours as they stand, tokens included: what an attacker would wish to know. */
export async function readForm(page: Page, action: string, having = ''): Promise<StolenForm> {
  const form = page.locator(`form[action$="${action}"]${having}`).first()
  const fields = await form.evaluate((element) => {
    const data = new FormData(element as HTMLFormElement)
    return Object.fromEntries([...data].map(([name, value]) => [name, value as string]))
  })
  return { action: new URL((await form.getAttribute('action')) ?? '', page.url()).href, fields }
}

const hiddenForm = ({ action, fields }: StolenForm): string => {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
  )
  return `<form method="post" action="${action}">${inputs.join('')}<button>Win a prize</button></form>`
}

/** The person, in the same browser, clicks what the foreign page made of the form. Returns what the browser then shows. */
export async function clickForeign(
  context: BrowserContext,
  from: { readonly site: ForeignSite; readonly url: string },
  form: StolenForm,
): Promise<Page & { readonly status: number }> {
  const page = await context.newPage()
  from.site.serve(hiddenForm(form))
  await (from.url === 'about:blank' ? page.setContent(hiddenForm(form)) : page.goto(from.url))
  const answered = page.waitForResponse((response) => response.url() === form.action)
  const arrived = page.waitForEvent('domcontentloaded')
  await page.getByRole('button', { name: 'Win a prize' }).click()
  const status = (await answered).status()
  await arrived
  return Object.assign(page, { status })
}
