import type {
  CanActivate,
  DynamicModule,
  ExecutionContext,
  FactoryProvider,
  ModuleMetadata,
  PipeTransform,
  Type
} from '@nestjs/common'
import { AuthError, type NonEmpty, type Options, VerifiedToken, Verifier } from './index.js'

export { AuthError, VerifiedToken }

/**
 * For NestJS 10, 11 and 12, on Express and on Fastify.
 *
 * ```ts
 * @Module({
 *   imports: [EntraAuthModule.forRoot({ tenantId: '…', clientId: '…' })],
 *   providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
 * })
 * export class AppModule {}
 * ```
 *
 * Provides {@link EntraAuthGuard} and {@link EntraVerifier}. With the option `resourceMetadata`, serves the document at its
 * URL, regardless of the application's global prefix.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: modules of Nest are classes.
export class EntraAuthModule {
  /**
   * Without options, configured from the environment. If the configuration is invalid, the application does not start: Nest ends
   * the process, or with `abortOnError: false` `NestFactory.create` rejects with an {@link AuthError} with code `ERR_CONFIG`.
   */
  static forRoot(options?: EntraAuthModuleOptions): DynamicModule
  /** With options from other providers, for example a `ConfigService`. Options are required: the environment is not read. */
  static forRootAsync(options: EntraAuthModuleAsyncOptions): DynamicModule
}

export interface EntraAuthModuleScope {
  /** Whether every module can use the guard, its decorators and the verifier without importing this one. Default: `true`. */
  isGlobal?: boolean | undefined
}

export interface EntraAuthModuleOptions extends Options, EntraAuthModuleScope {}

/** The class for `useClass` and `useExisting` of {@link EntraAuthModule.forRootAsync}. */
export interface EntraAuthOptionsFactory {
  createEntraAuthOptions(): Options | Promise<Options>
}

/** One of `useFactory`, `useClass` and `useExisting`. */
export type EntraAuthModuleAsyncOptions = EntraAuthModuleScope &
  Pick<ModuleMetadata, 'imports'> &
  (
    | {
        // biome-ignore lint/suspicious/noExplicitAny: what is injected is the application's.
        useFactory: (...injected: any[]) => Options | Promise<Options>
        inject?: FactoryProvider['inject']
      }
    | { useClass: Type<EntraAuthOptionsFactory> }
    | { useExisting: FactoryProvider['provide'] }
  )

/**
 * Admits calls with a valid access token that meet the requirements of decorators such as {@link RequireRole}, and sets
 * `request.auth`. Any other call is rejected with one of Nest's `HttpException`s: `BadRequestException`,
 * `UnauthorizedException`, `ForbiddenException`, `InternalServerErrorException` or `ServiceUnavailableException`. Its `cause` is
 * the {@link AuthError}; the option `responses` selects its body. The status and `WWW-Authenticate` or `Retry-After` are set on
 * the response before exception filters run. If `responses` is a function, it sends the response, and exception filters get
 * the exceptions that it throws.
 *
 * For all handlers: `{ provide: APP_GUARD, useExisting: EntraAuthGuard }`. For some: `@UseGuards(EntraAuthGuard)`.
 */
export class EntraAuthGuard implements CanActivate {
  /**
   * A subclass that overrides it, and a guard that asks this one, have to `await` it. Once a promise was not awaited, calls that would
   * have to wait for a signing key are rejected with 503.
   *
   * @throws {HttpException} at once, before there is a promise, where a call can be refused at once: catch it with `try` and `await`,
   * not with `.catch()`
   */
  canActivate(context: ExecutionContext): Promise<boolean>

  /**
   * Returns the request of a call: an object whose `headers` have names in lower case, and no promise of one. `auth` is set on it.
   * Default: the HTTP request; `req`, `request` or `reply.request` of a GraphQL context; `client.request` of Socket.IO.
   * Override it for other transports, and call `super.getRequest(context)` for those that it knows. A guard that overrides it judges
   * the token of its own request, also after another guard has admitted the call.
   */
  // biome-ignore lint/suspicious/noExplicitAny: requests are the transport's.
  getRequest(context: ExecutionContext): any
}

/**
 * The verifier, for injection by type: the class `Verifier` of the main entry.
 *
 * ```ts
 * constructor(private readonly verifier: EntraVerifier) {}
 * ```
 */
export { Verifier as EntraVerifier }

/**
 * The verified token of the caller, a {@link VerifiedToken}, or one of its properties: `@Auth('tenantId')`. `undefined` in
 * public handlers and, with the option `optional`, for requests without a token.
 */
export function Auth(
  ...memberAndPipes: (keyof VerifiedToken | PipeTransform | Type<PipeTransform>)[]
): ParameterDecorator

/**
 * Makes a handler, or all handlers of a class, public; `request.auth` is not set. A requirement on a handler takes precedence
 * over `@Public()` on its class. Both in the same place are an error.
 */
export function Public(): MethodDecorator & ClassDecorator

/**
 * Decorators for handlers and classes. Each admits callers that meet its requirement and rejects others with 403, in the form
 * that the option `responses` selects. A caller must meet all requirements on the handler and its class. Each decorator applies
 * {@link EntraAuthGuard} to the handler, even if the application does not use it globally.
 *
 * ```ts
 * @RequireRole('Task.Write')
 * @Delete(':id')
 * remove(@Param('id') id: string, @Auth() auth: VerifiedToken) {}
 * ```
 *
 * Put them above decorators that replace the method: if such a decorator discards a requirement, every call of the handler is
 * rejected. A method that overrides one with a requirement needs a decorator of its own (a requirement, {@link Public}, or
 * `@UseGuards(EntraAuthGuard)`), because decorators are not inherited: otherwise every call of it is rejected.
 *
 * On `@ResolveField()` and `@ResolveReference()` of GraphQL, and on a class with these, they need `fieldResolverEnhancers: ['guards']`
 * in the options of `GraphQLModule`. Without it, the application does not start.
 *
 * @throws {AuthError} `ERR_CONFIG` if the requirement is empty
 */
export function RequireRole<T extends readonly string[]>(...anyOf: NonEmpty<T>): MethodDecorator & ClassDecorator
/** Delegated permissions (`scp`): any of them. See {@link RequireRole}. */
export function RequireScope<T extends readonly string[]>(...anyOf: NonEmpty<T>): MethodDecorator & ClassDecorator
/**
 * Delegated tokens with any of the scopes, and app-only tokens (`isAppOnly`) with any of the roles. See {@link RequireRole}.
 */
export function RequireScopeOrRole(anyOf: {
  scopes: readonly string[]
  roles: readonly string[]
}): MethodDecorator & ClassDecorator
/** Any of these client applications. See {@link RequireRole}. */
export function RequireClient<T extends readonly string[]>(...ids: NonEmpty<T>): MethodDecorator & ClassDecorator
/** Members of any of these groups, by id; `onOverage` works as in `requireGroup` of the main entry. See {@link RequireRole}. */
export function RequireGroup<T extends readonly string[]>(...ids: NonEmpty<T>): MethodDecorator & ClassDecorator
export function RequireGroup(
  ...idsAndOptions: [id: string, ...ids: string[], options: { onOverage: (auth: VerifiedToken) => Promise<boolean> }]
): MethodDecorator & ClassDecorator
/** A Conditional Access authentication context, `c1` to `c99`: a caller without it gets a claims challenge. See {@link RequireRole}. */
export function RequireAuthContext(id: string): MethodDecorator & ClassDecorator
/** App-only tokens: the application acts for itself. See {@link RequireRole}. */
export function RequireAppOnly(): MethodDecorator & ClassDecorator
/** Delegated tokens: the application acts for a user. See {@link RequireRole}. */
export function RequireDelegated(): MethodDecorator & ClassDecorator
/**
 * Rejects every call with a claims challenge, which tells a client that supports it (`cp1` in `xms_cc`) which claims to request
 * from Entra. See {@link RequireRole}.
 */
export function ClaimsChallenge(claims: Record<string, unknown>): MethodDecorator & ClassDecorator
