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
 * Provides {@link EntraAuthGuard} and {@link EntraVerifier}. Serves the document of the option `resourceMetadata`, if there is
 * one, at its URL, whatever global prefix the application has.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: modules of Nest are classes.
export class EntraAuthModule {
  /**
   * Without options, the environment configures it. A configuration that cannot be used keeps the application from starting:
   * `NestFactory.create` rejects with an {@link AuthError} with code `ERR_CONFIG`.
   */
  static forRoot(options?: EntraAuthModuleOptions): DynamicModule
  /** With options that other providers know, a `ConfigService` for example. They have to be there: the environment does not stand in. */
  static forRootAsync(options: EntraAuthModuleAsyncOptions): DynamicModule
}

export interface EntraAuthModuleScope {
  /** Whether every module can use the guard, its decorators and the verifier without importing this one. Default: `true`. */
  isGlobal?: boolean | undefined
}

export interface EntraAuthModuleOptions extends Options, EntraAuthModuleScope {}

/** What `useClass` and `useExisting` of {@link EntraAuthModule.forRootAsync} name. */
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
 * Lets calls through that come with a valid access token, and that meet what decorators such as {@link RequireRole} ask for. Sets
 * `request.auth`. Any other call is refused with an `HttpException` of Nest's: `BadRequestException`, `UnauthorizedException`,
 * `ForbiddenException`, `InternalServerErrorException` or `ServiceUnavailableException`. Its `cause` is the {@link AuthError}, its
 * body what the option `responses` says; status and `WWW-Authenticate` or `Retry-After` are on the response before, whatever an
 * exception filter does. With a function as `responses` the application answers itself, and exception filters see what it throws.
 *
 * For all handlers: `{ provide: APP_GUARD, useExisting: EntraAuthGuard }`. For some: `@UseGuards(EntraAuthGuard)`.
 */
export class EntraAuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean | Promise<boolean>

  /**
   * The request of a call: anything with `headers`, the same object for the same call. `auth` is set on it. Here: the request of
   * HTTP; `req`, `request` or `reply.request` of a GraphQL context; `client.request` of Socket.IO. Override it for anything else.
   */
  // biome-ignore lint/suspicious/noExplicitAny: requests are the transport's.
  getRequest(context: ExecutionContext): any
}

/**
 * The verifier, for injection by its type: the class `Verifier` of the package under another name.
 *
 * ```ts
 * constructor(private readonly verifier: EntraVerifier) {}
 * ```
 */
export { Verifier as EntraVerifier }

/**
 * The verified token of the caller, a {@link VerifiedToken}, or one of its properties: `@Auth('tenantId')`. `undefined` where
 * the handler is public, and with the option `optional` where there is no token.
 */
export function Auth(
  ...memberAndPipes: (keyof VerifiedToken | PipeTransform | Type<PipeTransform>)[]
): ParameterDecorator

/**
 * Lets every request reach a handler, or the handlers of a class; `request.auth` is not set. What stands nearer to the handler
 * decides: a requirement on a handler of a public class holds. In the same place as a requirement it is an error.
 */
export function Public(): MethodDecorator & ClassDecorator

/**
 * Decorators for handlers and classes. Each lets callers pass that have what it asks for; any other gets 403, as the option
 * `responses` says. Several of them all hold, on handler and class together. Each puts {@link EntraAuthGuard} in front of the
 * handler, whether the application has it in front of all of them or not.
 *
 * ```ts
 * @RequireRole('Task.Write')
 * @Delete(':id')
 * remove(@Param('id') id: string, @Auth() auth: VerifiedToken) {}
 * ```
 *
 * Put them above decorators that replace the method: one that is lost that way refuses every call of the handler.
 *
 * @throws {AuthError} `ERR_CONFIG` when nothing is asked for
 */
export function RequireRole<T extends readonly string[]>(...anyOf: NonEmpty<T>): MethodDecorator & ClassDecorator
/** Delegated permissions (`scp`): any of them. See {@link RequireRole}. */
export function RequireScope<T extends readonly string[]>(...anyOf: NonEmpty<T>): MethodDecorator & ClassDecorator
/**
 * Users with any of the scopes, and applications that act for themselves (`isAppOnly`) with any of the roles. See
 * {@link RequireRole}.
 */
export function RequireScopeOrRole(anyOf: {
  scopes: readonly string[]
  roles: readonly string[]
}): MethodDecorator & ClassDecorator
/** These client applications. See {@link RequireRole}. */
export function RequireClient<T extends readonly string[]>(...ids: NonEmpty<T>): MethodDecorator & ClassDecorator
/** Members of any of these groups, by id; with `onOverage` as `requireGroup` of the package has it. See {@link RequireRole}. */
export function RequireGroup<T extends readonly string[]>(...ids: NonEmpty<T>): MethodDecorator & ClassDecorator
export function RequireGroup(
  ...idsAndOptions: [id: string, ...ids: string[], options: { onOverage: (auth: VerifiedToken) => Promise<boolean> }]
): MethodDecorator & ClassDecorator
/** An authentication context of Conditional Access, `c1` to `c99`: a caller without it gets a claims challenge. See {@link RequireRole}. */
export function RequireAuthContext(id: string): MethodDecorator & ClassDecorator
/** Applications that act for themselves. See {@link RequireRole}. */
export function RequireAppOnly(): MethodDecorator & ClassDecorator
/** Applications that act for a user. See {@link RequireRole}. */
export function RequireDelegated(): MethodDecorator & ClassDecorator
/**
 * Refuses every call, and tells a client that understands it (`xms_cc` has `cp1`) which claims to ask Entra for. See
 * {@link RequireRole}.
 */
export function ClaimsChallenge(claims: Record<string, unknown>): MethodDecorator & ClassDecorator
