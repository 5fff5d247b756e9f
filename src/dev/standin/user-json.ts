import type { Session, User } from './state.ts'

/** A user as the backend API shows it. Times are milliseconds. */
export function userJson(user: User): object {
  const addressId = user.id.replace(/^user_/, 'idn_')
  return {
    ...ABSENT,
    id: user.id,
    object: 'user',
    first_name: user.firstName,
    last_name: user.lastName,
    primary_email_address_id: addressId,
    email_addresses: [
      {
        id: addressId,
        object: 'email_address',
        email_address: user.email,
        reserved: false,
        verification: {
          object: 'verification',
          status: 'verified',
          strategy: 'admin',
          attempts: null,
          expire_at: null,
        },
        linked_to: [],
        created_at: user.createdAtMs,
        updated_at: user.createdAtMs,
      },
    ],
    public_metadata: user.publicMetadata,
    private_metadata: user.privateMetadata,
    unsafe_metadata: user.unsafeMetadata,
    last_sign_in_at: user.lastSignInAtMs,
    last_active_at: user.lastSignInAtMs,
    banned: user.banned,
    locked: user.locked,
    created_at: user.createdAtMs,
    updated_at: user.updatedAtMs,
  }
}

export function sessionJson(session: Session): object {
  return {
    object: 'session',
    id: session.id,
    client_id: session.clientId,
    user_id: session.userId,
    status: session.status,
    actor: null,
    last_active_at: session.updatedAtMs,
    expire_at: session.expireAtMs,
    abandon_at: session.expireAtMs + ABANDON_MS,
    created_at: session.createdAtMs,
    updated_at: session.updatedAtMs,
  }
}

const ABANDON_MS = 30 * 24 * 3_600_000

/** Members that Clerk always sends and the stand-in has nothing to say about. */
const ABSENT = {
  username: null,
  image_url: '',
  has_image: false,
  primary_phone_number_id: null,
  primary_web3_wallet_id: null,
  password_enabled: false,
  two_factor_enabled: false,
  totp_enabled: false,
  backup_code_enabled: false,
  phone_numbers: [],
  web3_wallets: [],
  passkeys: [],
  organization_memberships: null,
  external_accounts: [],
  saml_accounts: [],
  enterprise_accounts: [],
  password_last_updated_at: null,
  external_id: null,
  mfa_enabled_at: null,
  mfa_disabled_at: null,
  deprovisioned: false,
  lockout_expires_in_seconds: null,
  verification_attempts_remaining: 100,
  create_organization_enabled: false,
  create_organizations_limit: null,
  delete_self_enabled: false,
  legal_accepted_at: null,
  locale: null,
  timezone: null,
}
