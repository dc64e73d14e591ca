// Whom we claim to be. Clients enable features by `redis_version`, so it names the version whose behaviour we follow.

export const REDIS_VERSION = '7.4.1'
/** Equals package.json's version: a test holds them together. */
export const RESPITE_VERSION = '0.1.0'
