// What must compile in an application of Nest's. Never run.
import {
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  type HttpException,
  Injectable,
  Module,
  ParseUUIDPipe,
  UseGuards
} from '@nestjs/common'
import { APP_GUARD, type Reflector } from '@nestjs/core'
import { Verifier } from 'entra-jwt-verify'
import {
  Auth,
  AuthError,
  ClaimsChallenge,
  EntraAuthGuard,
  EntraAuthModule,
  type EntraAuthModuleAsyncOptions,
  type EntraAuthModuleOptions,
  type EntraAuthOptionsFactory,
  EntraVerifier,
  Public,
  RequireAppOnly,
  RequireAuthContext,
  RequireClient,
  RequireDelegated,
  RequireGroup,
  RequireRole,
  RequireScope,
  RequireScopeOrRole,
  type VerifiedToken
} from 'entra-jwt-verify/nest'

@Injectable()
class ConfigService {
  get(name: string): string {
    return name
  }
}

@Module({ providers: [ConfigService], exports: [ConfigService] })
class ConfigModule {}

@Injectable()
class AuthOptions implements EntraAuthOptionsFactory {
  createEntraAuthOptions() {
    return { tenantId: 'id', clientId: 'id', responses: 'rfc6750' as const }
  }
}

const options: EntraAuthModuleOptions = { tenantId: 'id', audience: ['api://tasks'], isGlobal: false }
const asyncOptions: EntraAuthModuleAsyncOptions = { useClass: AuthOptions }

export const modules: DynamicModule[] = [
  EntraAuthModule.forRoot(),
  EntraAuthModule.forRoot(options),
  EntraAuthModule.forRoot({ tenantId: 'id', clientId: 'id', requiredRoles: ['Task.Read'], logger: false }),
  EntraAuthModule.forRoot({ responses: (error, _request, response) => response.status(error.status).json({}) }),
  EntraAuthModule.forRootAsync(asyncOptions),
  EntraAuthModule.forRootAsync({ useExisting: AuthOptions, imports: [ConfigModule], isGlobal: true }),
  EntraAuthModule.forRootAsync({ useFactory: async () => ({ tenantId: 'id', clientId: 'id' }) }),
  EntraAuthModule.forRootAsync({
    imports: [ConfigModule],
    inject: [ConfigService, { token: 'optional', optional: true }],
    useFactory: (config: ConfigService) => ({ tenantId: config.get('TENANT_ID'), clientId: config.get('CLIENT_ID') })
  })
]

const names: string[] = process.argv.slice(2)

@RequireDelegated()
@Controller('tasks')
export class Tasks {
  constructor(
    private readonly verifier: EntraVerifier,
    private readonly same: Verifier
  ) {}

  @Public()
  @Get('health')
  health(@Auth() auth?: VerifiedToken): unknown[] {
    const other: EntraVerifier = this.same
    return [this.verifier.stats().keys, other.stats().fetches, auth?.tenantId]
  }

  @RequireRole('Task.Read', 'Task.Write')
  @RequireClient('id')
  @Get()
  list(
    @Auth() auth: VerifiedToken,
    @Auth('roles') roles: readonly string[],
    @Auth('tenantId', ParseUUIDPipe, new ParseUUIDPipe()) tenant: string
  ): unknown[] {
    return [auth.clientId, roles, tenant]
  }

  @RequireScope(...names)
  @RequireScopeOrRole({ scopes: ['Task.Read'], roles: names })
  @RequireGroup('id', { onOverage: async (auth) => auth.hasRole('a') })
  @RequireAuthContext('c1')
  @Get('many')
  many(): void {}

  @RequireAppOnly()
  @ClaimsChallenge({ access_token: { acrs: { essential: true, value: 'c1' } } })
  @UseGuards(EntraAuthGuard)
  @Get('guarded')
  guarded(): void {}
}

@Injectable()
export class GraphqlAuthGuard extends EntraAuthGuard {
  constructor(private readonly reflector: Reflector) {
    super()
  }

  override getRequest(context: ExecutionContext): unknown {
    return this.reflector ? context.getArgByIndex(2).req : super.getRequest(context)
  }
}

@Module({
  imports: [modules[0] as DynamicModule],
  controllers: [Tasks],
  providers: [
    { provide: APP_GUARD, useExisting: EntraAuthGuard },
    { provide: APP_GUARD, useClass: GraphqlAuthGuard }
  ]
})
export class AppModule {}

export function codeOf(exception: HttpException): string | undefined {
  return exception.cause instanceof AuthError ? exception.cause.code : undefined
}
