import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/kernel/env.ts'
import { loadPreregistered } from '../../../src/portal/clients/preregistered.ts'
import { scratchFolder } from '../../support/folder.ts'

const SHA256 = 'a'.repeat(64)
const pair = generateKeyPairSync('ed25519')
const jwks = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }
const client = {
  client_id: 'plant-dashboard',
  client_name: 'Plant dashboard',
  redirect_uris: ['https://dashboard.example.com/callback'],
  token_endpoint_auth_method: 'none',
}

async function load(content: unknown) {
  const file = join(await scratchFolder(), 'clients.json')
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return loadPreregistered(file)
}

describe('CLIENTS_FILE', () => {
  test('gives clients by id, with both grants unless it says otherwise', async () => {
    const clients = await load({
      clients: [client, { ...client, client_id: 'b', grant_types: ['authorization_code'] }],
    })
    expect(clients.get('plant-dashboard')).toEqual({
      source: 'file',
      cid: 'plant-dashboard',
      name: 'Plant dashboard',
      redirectUris: client.redirect_uris,
      authMethod: 'none',
      grantTypes: ['authorization_code', 'refresh_token'],
    })
    expect(clients.get('b')?.grantTypes).toEqual(['authorization_code'])
  })

  test.each<[string, object]>([
    [
      'a secret, as a hash',
      { token_endpoint_auth_method: 'client_secret_basic', client_secret_sha256: SHA256 },
    ],
    ['keys by value', { token_endpoint_auth_method: 'private_key_jwt', jwks }],
    [
      'keys by address',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks.json' },
    ],
    ['the address of a document as its id', { client_id: 'https://app.example/client.json' }],
  ])('takes %s', async (_what, bend) => {
    expect((await load({ clients: [{ ...client, ...bend }] })).has({ ...client, ...bend }.client_id)).toBe(
      true,
    )
  })

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'not JSON'],
    ['no list', {}, 'clients'],
    ['a member nobody knows', { clients: [{ ...client, scope: 'x' }] }, 'clients.0'],
    ['a secret in clear', { clients: [{ ...client, client_secret: 'hunter2' }] }, 'clients.0'],
    ['an id twice', { clients: [client, client] }, 'twice'],
    ['an id of dynamic registration', { clients: [{ ...client, client_id: 'mxc_1' }] }, 'client_id'],
    [
      'a redirect nobody may have',
      { clients: [{ ...client, redirect_uris: ['http://app.example/'] }] },
      'redirect_uris.0',
    ],
    ['a name that hides something', { clients: [{ ...client, client_name: 'a\u202Eb' }] }, 'client_name'],
    [
      'a method without its secret',
      { clients: [{ ...client, token_endpoint_auth_method: 'client_secret_post' }] },
      'needs',
    ],
    ['a secret without its method', { clients: [{ ...client, client_secret_sha256: SHA256 }] }, 'needs'],
    [
      'a hash that is none',
      {
        clients: [
          { ...client, token_endpoint_auth_method: 'client_secret_post', client_secret_sha256: 'hunter2' },
        ],
      },
      'client_secret_sha256',
    ],
    [
      'keys at a private address',
      {
        clients: [
          { ...client, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://10.0.0.1/jwks' },
        ],
      },
      'jwks_uri',
    ],
    [
      'a private key',
      {
        clients: [
          {
            ...client,
            token_endpoint_auth_method: 'private_key_jwt',
            jwks: { keys: [pair.privateKey.export({ format: 'jwk' })] },
          },
        ],
      },
      'jwks',
    ],
  ])('with %s stops the start, and says where without any value', async (_what, content, place) => {
    const failed = load(content)
    await expect(failed).rejects.toThrow(ConfigError)
    await expect(failed).rejects.toThrow(place)
    await expect(failed).rejects.not.toThrow('hunter2')
  })
})
