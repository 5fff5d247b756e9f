import { describe, expect, test } from 'vitest'
import { readResource } from '../../../src/portal/authorize/resource.ts'

const MCP = 'https://mcp.example'
const ENV = 'AAAAAAAAAAAAAAAAAAAAAA'

describe('every way clients name the one resource means the one audience', () => {
  test.each([
    [undefined, null],
    ['', null],
    [MCP, null],
    [`${MCP}/`, null],
    [`${MCP}/mcp`, null],
    [`${MCP}/mcp/`, null],
    [`${MCP}/mcp?x=1`, null],
    ['https://MCP.example/mcp', null],
    ['https://mcp.example:443/mcp', null],
    [`${MCP}/mcp/${ENV}`, ENV],
    [`${MCP}/mcp/${ENV}/`, ENV],
    [`${MCP}/mcp/${ENV}?x=1`, ENV],
  ])('%s', (raw, env) => {
    expect(readResource(raw, MCP)).toEqual({ ok: true, value: { audience: `${MCP}/mcp`, env } })
  })
})

describe('what could mean another server is refused', () => {
  test.each([
    'https://evil.example/mcp',
    'https://mcp.example.evil.example/mcp',
    'http://mcp.example/mcp',
    'https://mcp.example:8443/mcp',
    'https://user@mcp.example/mcp',
    'https://mcp.example@evil.example/mcp',
    `${MCP}/mcp#fragment`,
    `${MCP}/other`,
    `${MCP}/ci/mcp`,
    `${MCP}/mcp/short`,
    `${MCP}/mcp/${ENV}/more`,
    `${MCP}\\mcp`,
    'mcp.example/mcp',
    'urn:mcp',
    `${MCP}/mcp?${'x'.repeat(3000)}`,
  ])('%s', (raw) => {
    expect(readResource(raw, MCP)).toEqual({ ok: false, error: 'resource_unknown' })
  })
})
