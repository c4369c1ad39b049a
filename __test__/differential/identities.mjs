// Invented ids and an instant. Only the tenant of personal accounts is real: it is the same everywhere.
export const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
export const OTHER_TENANT = '8d1e6c2f-405b-4c1f-8b64-203070100b22'
export const UNKNOWN_TENANT = '1b9a27c4-6f1d-4a34-93f1-0d5e8c2b7a33'
/** Microsoft, "ID token claims reference", `tid`. */
export const PERSONAL_ACCOUNTS = '9188040d-6c67-4c5b-b112-36a304b66dad'
export const API = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
export const CLIENT = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
export const OTHER_CLIENT = '2e7b9f10-8c4d-4d2a-a1be-6f3c5d7e9a44'

export const AUTHORITY = 'https://login.microsoftonline.com'
export const FOREIGN_ISSUER = 'https://issuer.example'

/** 2026-01-01T00:00:00Z in seconds. */
export const NOW = 1_767_225_600
