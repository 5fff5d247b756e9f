import { describe, expect, test } from 'vitest'
import {
  checkRedirectUri,
  describeRedirect,
  isLocalRedirect,
  redirectUriMatches,
  withAnswer,
} from '../../../src/portal/clients/redirect-uri.ts'

describe('what real clients register is accepted', () => {
  test.each([
    'https://claude.ai/api/mcp/auth_callback',
    'https://claude.com/api/mcp/auth_callback',
    'http://localhost/callback',
    'http://127.0.0.1/callback',
    'http://localhost:8787/callback',
    'http://[::1]:33418/',
    'http://127.0.0.1:33418',
    'http://127.0.0.1:33418/',
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'vscode://vscode.github-authentication/did-authenticate',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'https://example.com:8443/cb?tenant=1&x=%2f',
    'https://EXAMPLE.com/cb',
    'vscode-insiders://vscode.github-authentication/did-authenticate',
    'claude://oauth/callback',
    'windsurf://codeium.windsurf/oauth/callback',
    'zed://oauth/callback',
    'https://good.example/'.padEnd(1024, 'a'),
  ])('%s', (uri) => {
    expect(checkRedirectUri(uri).ok).toBe(true)
  })
})

describe('what could lead elsewhere is not', () => {
  test.each([
    ['http://example.com/cb', 'scheme_refused'],
    ['http://localhost.evil.example/cb', 'scheme_refused'],
    ['http://127.0.0.1.evil.example/cb', 'scheme_refused'],
    ['http://127.1/cb', 'host_ambiguous'],
    ['http://2130706433/cb', 'host_ambiguous'],
    ['http://0x7f.0.0.1/cb', 'host_ambiguous'],
    ['http://0.0.0.0/cb', 'scheme_refused'],
    ['http://LOCALHOST/cb', 'scheme_refused'],
    ['http://[::1%25lo]/cb', 'not_a_url'],
    ['javascript:alert(1)', 'scheme_refused'],
    ['data:text/html,hi', 'scheme_refused'],
    ['file:///etc/passwd', 'scheme_refused'],
    ['blob:https://a.example/1', 'scheme_refused'],
    ['intent://scan/', 'scheme_refused'],
    ['about:blank', 'scheme_refused'],
    ['myapp://callback', 'scheme_not_listed'],
    ['cursor:alert', 'not_a_url'],
    ['https://good.example/cb#frag', 'fragment'],
    ['https://user@good.example/cb', 'userinfo'],
    ['https://good.example\\@evil.example/cb', 'not_printable_ascii'],
    ['https:\\\\evil.example', 'not_printable_ascii'],
    ['https://good.example/a b', 'not_printable_ascii'],
    ['https://good.example/\u0000', 'not_printable_ascii'],
    ['https://g\u043E\u043Ed.example/', 'not_printable_ascii'],
    ['https:good.example/cb', 'not_a_url'],
    ['https:///good.example/cb', 'host_ambiguous'],
    ['https://good.example:/cb', 'host_ambiguous'],
    ['https://:443/cb', 'not_a_url'],
    ['/relative', 'not_a_url'],
    ['', 'not_printable_ascii'],
    ['https://good.example/'.padEnd(1025, 'a'), 'too_long'],
  ])('%j: %s', (uri, problem) => {
    expect(checkRedirectUri(uri)).toEqual({ ok: false, error: problem })
  })
})

describe('a request may differ from the registration in the port of a loopback host alone', () => {
  test.each([
    ['https://a.example/cb', 'https://a.example/cb', true],
    ['http://localhost/cb', 'http://localhost:51234/cb', true],
    ['http://localhost:3000/cb', 'http://localhost:51234/cb', true],
    ['http://localhost:3000/cb', 'http://localhost/cb', true],
    ['http://127.0.0.1/cb?a=1', 'http://127.0.0.1:9/cb?a=1', true],
    ['http://[::1]/cb', 'http://[::1]:9/cb', true],
    ['cursor://x/cb', 'cursor://x/cb', true],
    ['http://localhost/cb', 'http://127.0.0.1/cb', false],
    ['http://localhost/cb', 'https://localhost/cb', false],
    ['https://localhost/cb', 'http://localhost/cb', false],
    ['http://localhost', 'http://localhost:9', true],
    ['http://localhost/cb', 'http://localhost:1/cb', true],
    ['http://localhost/cb', 'http://localhost:65535/cb', true],
    ['http://localhost/cb', 'evil:http://localhost:1/cb', false],
    ['http://localhost/cb', 'http://localhost:1/cb x', false],
    ['http://localhost/cb', 'http://localhost/cb/', false],
    ['http://localhost/cb', 'http://localhost/cb?x=1', false],
    ['http://localhost/cb', 'http://localhost:0/cb', false],
    ['http://localhost/cb', 'http://localhost:65536/cb', false],
    ['http://localhost/cb', 'http://localhost:080/cb', false],
    ['http://localhost/cb', 'http://localhost:51234@evil.example/cb', false],
    ['http://localhost/cb', 'http://localhost:51234/cb#x', false],
    ['http://localhost/cb', 'http://localhost:51234/../cb', false],
    ['http://localhost/cb', 'http://LOCALHOST/cb', false],
    ['https://a.example/cb', 'https://a.example:8443/cb', false],
    ['https://a.example/cb', 'https://a.example/cb/', false],
    ['https://a.example/cb', 'https://a.example/CB', false],
    ['https://a.example/cb', 'https://A.example/cb', false],
    ['https://a.example/cb', 'https://a.example/cb?', false],
    ['https://a.example:8443/cb', 'https://a.example/cb', false],
    ['cursor://x/cb', 'cursor://x:1/cb', false],
  ])('registered %s, asked %s: %s', (registered, asked, expected) => {
    expect(redirectUriMatches(registered, asked)).toBe(expected)
  })
})

test('the person reads a host, or the program that a private scheme starts', () => {
  expect(describeRedirect('https://claude.ai/api/mcp/auth_callback')).toBe('claude.ai')
  expect(describeRedirect('http://localhost:8787/cb')).toBe('localhost:8787')
  expect(describeRedirect('cursor://anysphere.cursor-mcp/oauth/callback')).toBe(
    'cursor://anysphere.cursor-mcp',
  )
})

test('a code that goes to the own machine is told apart from one that goes to a named host', () => {
  expect(isLocalRedirect('http://localhost:1/cb')).toBe(true)
  expect(isLocalRedirect('cursor://x/cb')).toBe(true)
  expect(isLocalRedirect('https://claude.ai/cb')).toBe(false)
})

test('the answer joins the query that was there, encoded', () => {
  expect(withAnswer('https://a.example/cb', { code: 'c', state: 'a b&c=d', error: undefined })).toBe(
    'https://a.example/cb?code=c&state=a+b%26c%3Dd',
  )
  expect(withAnswer('https://a.example/cb?t=1', { code: 'c' })).toBe('https://a.example/cb?t=1&code=c')
})
