// What must not compile: each line below an `@ts-expect-error` is a mistake that the types catch.
import {
  EntraAuthGuard,
  EntraAuthModule,
  Public,
  RequireGroup,
  RequireRole,
  RequireScopeOrRole
} from 'entra-jwt-verify/nest'

// @ts-expect-error misspelt option
EntraAuthModule.forRoot({ tenentId: 'id' })
// @ts-expect-error true or false
EntraAuthModule.forRoot({ isGlobal: 'true' })
// @ts-expect-error nothing to get options from
EntraAuthModule.forRootAsync({})
// @ts-expect-error a factory that returns nothing
EntraAuthModule.forRootAsync({ useFactory: () => undefined })
// @ts-expect-error misspelt option in a factory
EntraAuthModule.forRootAsync({ useFactory: () => ({ tenentId: 'id' }) })
// @ts-expect-error a class without createEntraAuthOptions
EntraAuthModule.forRootAsync({ useClass: EntraAuthGuard })

export class Handlers {
  // @ts-expect-error a requirement that asks for nothing
  @RequireRole()
  one(): void {}

  // @ts-expect-error a list of names is spread
  @RequireRole(['Task.Read'])
  two(): void {}

  // @ts-expect-error both lists are needed
  @RequireScopeOrRole({ scopes: ['Task.Read'] })
  three(): void {}

  // @ts-expect-error not called
  @Public
  four(): void {}

  // @ts-expect-error a decorator of methods and classes
  @RequireGroup('id')
  five = 5
}
