import type { IncomingMessage } from 'node:http'
import { expect } from 'vitest'
import { maximoFor, scriptedMaximo } from './scripted-maximo.ts'
import { schemaDocument } from './work-order-schema.ts'

export const ID = '_U0lNU0lURS8yMDA5'
export const WO = 'MXAPIWODETAIL'
export const PROOF = {
  apikey: expect.any(String) as unknown,
  'x-public-uri': expect.stringMatching(/\/maximo\/api$/) as unknown,
}
export const MERGE = { 'x-method-override': 'PATCH', patchtype: 'MERGE' }

interface Said {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

interface Heard {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A Maximo that answers one thing after the other, word for word; `https://host` stands for this server. */
export const replaying = async (...answers: readonly Said[]) => {
  const heard: Heard[] = []
  const left = [...answers]
  const maximo = await scriptedMaximo((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')))
    request.on('end', () => {
      const line = decodeURIComponent(`${request.method ?? ''} ${request.url ?? ''}`)
      if (line.includes('/jsonschemas/')) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(ASSETS))
        return
      }
      heard.push({ line, headers: request.headers, body })
      const said = left.shift() ?? { status: 404 }
      const here = (text: string) => text.replaceAll('https://host', maximo.baseUrl.replace('/maximo', ''))
      const headers = Object.entries(said.headers ?? {}).map(([name, value]) => [name, here(value)] as const)
      const type = said.body === undefined ? {} : { 'content-type': 'application/json' }
      response.writeHead(said.status, { ...type, ...Object.fromEntries(headers) })
      response.end(here(said.body ?? ''))
    })
  })
  return { ...maximoFor(maximo.baseUrl), heard }
}

const ASSETS = schemaDocument(
  { resource: 'MXAPIASSET', title: 'ASSET', pk: ['assetnum', 'siteid'] },
  {
    assetnum: ['string', 'UPPER', { maxLength: 25 }],
    siteid: ['string', 'UPPER', { maxLength: 8 }],
    description: ['string', 'ALN', { maxLength: 100 }],
  },
)

export const update = { objectStructure: WO, id: ID, rowstamp: '4410400', values: { estdur: 3.5 } } as const
