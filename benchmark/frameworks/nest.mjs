import ours, { optionsFor } from '../contenders/entra-jwt-verify.mjs'

/** What `@Decorator()` above a method does: JavaScript has none of TypeScript's. */
function decorate(type, method, decorator) {
  decorator(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method))
}

/** Nest's token for guards in front of all handlers. */
const APP_GUARD = 'APP_GUARD'

export default {
  id: 'nest',
  label: 'NestJS 11 on Express',
  packages: ['reflect-metadata', '@nestjs/common', '@nestjs/core'],
  /** What `protect` is given is the definition of the application's module. */
  async serve({ '@nestjs/common': { Controller, Get, Module }, '@nestjs/core': { NestFactory } }, protect) {
    class Tasks {
      list() {
        return { tasks: [] }
      }
    }
    Controller('tasks')(Tasks)
    decorate(Tasks, 'list', Get())
    const definition = { imports: [], providers: [], controllers: [Tasks] }
    protect?.(definition)
    class AppModule {}
    Module(definition)(AppModule)
    const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false })
    await app.listen(0, '127.0.0.1')
    return `http://127.0.0.1:${app.getHttpServer().address().port}/tasks`
  },
  contenders: [
    {
      id: ours.id,
      label: ours.label,
      packages: ['entra-jwt-verify/nest'],
      checks: ours.checks,
      protect({ imports, providers }, { 'entra-jwt-verify/nest': { EntraAuthGuard, EntraAuthModule } }, world) {
        imports.push(EntraAuthModule.forRoot(optionsFor(world)))
        providers.push({ provide: APP_GUARD, useExisting: EntraAuthGuard })
      }
    },
    {
      id: 'empty',
      label: 'a guard that does nothing',
      packages: [],
      protect: ({ providers }) => providers.push({ provide: APP_GUARD, useValue: { canActivate: () => true } })
    },
    {
      id: 'passport-jwt',
      label: '@nestjs/passport, passport-jwt, jwks-rsa',
      packages: ['@nestjs/passport', 'passport-jwt', 'jwks-rsa'],
      checks: 'issuer, audience, exp, nbf, RS256; keys of the authority by kid, cached',
      protect({ providers }, packages, { jwksUri, issuer, audience }) {
        const { AuthGuard, PassportStrategy } = packages['@nestjs/passport']
        const { ExtractJwt, Strategy } = packages['passport-jwt']
        class JwtStrategy extends PassportStrategy(Strategy) {
          constructor() {
            super({
              jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
              secretOrKeyProvider: packages['jwks-rsa'].passportJwtSecret({ jwksUri, cache: true }),
              issuer,
              audience,
              algorithms: ['RS256']
            })
          }
          validate(payload) {
            return payload
          }
        }
        providers.push(JwtStrategy, { provide: APP_GUARD, useClass: AuthGuard('jwt') })
      }
    }
  ]
}
