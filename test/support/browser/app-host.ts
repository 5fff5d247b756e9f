import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client, JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { AppBridge } from '@modelcontextprotocol/ext-apps/app-bridge'
import type { McpUiHostContext, McpUiResourceCsp } from '@modelcontextprotocol/ext-apps'
import type { Browser, Frame, Page } from 'playwright-core'

/** What a host with MCP Apps does with a picture, in a real browser: the extension's own bridge on the host's side. */
export interface AppHost {
  readonly page: Page
  readonly frame: Frame
  readonly bridge: AppBridge
  /** Addresses that were opened for the picture. */
  readonly opened: string[]
  /** Tools that the picture called, as `name arguments`. */
  readonly called: string[]
  /** Addresses that the browser asked for, but for the two pages of the host. */
  readonly requests: string[]
  /** What the browser complained of: refused by policy, thrown, or a dialog that a picture may not open. */
  readonly complaints: string[]
  readonly heights: number[]
  close(): Promise<void>
}

export interface AppHostOptions {
  readonly html: string
  readonly csp?: McpUiResourceCsp
  readonly client: Client
  readonly context?: McpUiHostContext
  /** Whether it opens links and calls tools for pictures; as most do. */
  readonly isBare?: boolean
}

/**
 * Shows a picture as the specification asks: in a sandboxed frame of another origin, under a policy made from what the
 * resource declares. Messages between the frame and the bridge are carried as they are.
 */
export async function openAppHost(browser: Browser, options: AppHostOptions): Promise<AppHost> {
  const { html, csp, client, context: hostContext = {}, isBare = false } = options
  const sandbox = await serve((response) => {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyOf(csp),
    })
    response.end(html)
  })
  const host = await serve((response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(hostPage(sandbox.url))
  })
  const context = await browser.newContext()
  const page = await context.newPage()
  const seen = watch(page, [host.url, sandbox.url])
  const capabilities = isBare ? {} : { openLinks: {}, serverTools: {} }
  const bridge = new AppBridge(client, { name: 'a test host', version: '1.0' }, capabilities, { hostContext })
  const opened: string[] = []
  const called: string[] = []
  const heights: number[] = []
  bridge.onopenlink = async ({ url }) => {
    opened.push(url)
    return {}
  }
  bridge.addEventListener('sizechange', ({ height = 0 }) => void heights.push(height))
  const isReady = new Promise<void>((resolve) => {
    bridge.addEventListener('initialized', () => resolve())
  })
  await bridge.connect(await transportOf(page, called))
  await page.goto(host.url)
  await isReady
  const frame = page.frames().find((one) => one.url().startsWith(sandbox.url))
  if (frame === undefined) throw new Error('the picture has no frame')
  return {
    ...{ page, frame, bridge, opened, called, heights, ...seen },
    async close() {
      await bridge.close()
      await context.close()
      await Promise.all([host.close(), sandbox.close()])
    },
  }
}

/** Waits until the picture says so, aloud. */
export const says = ({ frame }: AppHost, words: string): Promise<void> =>
  frame.getByRole('status').filter({ hasText: words }).waitFor()

/** What a picture did beside being looked at: refused by a policy, thrown, asked for from anywhere, opened. */
export const unrestOf = ({ complaints, requests, opened }: AppHost): readonly string[] => [
  ...complaints,
  ...requests,
  ...opened,
]

/** From the two directions of `window.postMessage` to the SDK's transport. */
async function transportOf(page: Page, called: string[]): Promise<Transport> {
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: async (message) => {
      await page.evaluate((text) => {
        const { contentWindow } = document.querySelector('iframe') as HTMLIFrameElement
        contentWindow?.postMessage(JSON.parse(text), '*')
      }, JSON.stringify(message))
    },
    close: () => Promise.resolve(),
  }
  await page.exposeFunction('toBridge', (text: string) => {
    const message = JSON.parse(text) as JSONRPCMessage
    if ('method' in message && message.method === 'tools/call')
      called.push(`${String(message.params?.['name'])} ${JSON.stringify(message.params?.['arguments'])}`)
    transport.onmessage?.(message)
  })
  return transport
}

/** Sized by its content, as most hosts do inline. */
const hostPage = (address: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A host</title>
<style>:root{color-scheme:light dark}body{margin:12px;background:light-dark(#e9e7e1,#262624)}iframe{width:100%;height:40px;border:1px solid #8886;border-radius:12px;display:block}</style></head>
<body><iframe title="picture" sandbox="allow-scripts allow-same-origin" src="${address}"></iframe>
<script>
const frame = document.querySelector('iframe')
addEventListener('message', (event) => {
  if (event.source !== frame.contentWindow) return
  if (event.data.method === 'ui/notifications/size-changed') frame.style.height = event.data.params.height + 'px'
  toBridge(JSON.stringify(event.data))
})
</script></body></html>`

/** SEP-1865, "CSP Construction from Metadata", and its restrictive default where nothing is declared. */
function policyOf(csp: McpUiResourceCsp | undefined): string {
  const some = (names: readonly string[] = []): string => names.map((name) => ` ${name}`).join('')
  const or = (names: readonly string[] = [], none: string): string =>
    names.length === 0 ? ` ${none}` : some(names)
  return [
    "default-src 'none'",
    `script-src 'self' 'unsafe-inline'${some(csp?.resourceDomains)}`,
    `style-src 'self' 'unsafe-inline'${some(csp?.resourceDomains)}`,
    `connect-src${csp === undefined ? " 'none'" : ` 'self'${some(csp.connectDomains)}`}`,
    `img-src 'self' data:${some(csp?.resourceDomains)}`,
    `media-src 'self' data:${some(csp?.resourceDomains)}`,
    `frame-src${or(csp?.frameDomains, "'none'")}`,
    "object-src 'none'",
    `base-uri${or(csp?.baseUriDomains, "'self'")}`,
  ].join('; ')
}

function watch(page: Page, ours: readonly string[]): Pick<AppHost, 'requests' | 'complaints'> {
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    if (!ours.includes(request.url())) requests.push(request.url())
  })
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('console', (message) => void complaints.push(message.text()))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { requests, complaints }
}

async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    if (request.url === '/') answer(response)
    else response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
