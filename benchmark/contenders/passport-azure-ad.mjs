export default {
  id: 'passport-azure-ad',
  label: 'passport-azure-ad (deprecated)',
  packages: ['passport-azure-ad', 'passport'],
  checks:
    'issuer, audience, exp and nbf with the least leeway it can have (1 s), RS256; keys of the authority by kid, cached',
  setup({ 'passport-azure-ad': { BearerStrategy }, passport: { Passport } }, world) {
    const passport = new Passport()
    const strategy = new BearerStrategy(
      {
        identityMetadata: world.metadataUrl,
        clientID: world.clientId,
        audience: world.audience,
        issuer: world.issuer,
        validateIssuer: true,
        // 0 would mean 300.
        clockSkew: 1,
        loggingLevel: 'fatal'
      },
      (claims, done) => done(null, claims)
    )
    passport.use(strategy)
    return { middleware: passport.authenticate('oauth-bearer', { session: false }) }
  }
}
