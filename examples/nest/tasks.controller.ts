import { Controller, Delete, Get, HttpCode, type OnModuleInit, Param } from '@nestjs/common'
import { Auth, EntraVerifier, Public, RequireRole, RequireScopeOrRole, type VerifiedToken } from 'entra-jwt-verify/nest'

@Controller('tasks')
export class TasksController implements OnModuleInit {
  constructor(private readonly verifier: EntraVerifier) {}

  /** Fails at startup if the signing keys cannot be fetched. */
  async onModuleInit(): Promise<void> {
    await this.verifier.preload()
  }

  @Public()
  @Get('health')
  health() {
    return { keys: this.verifier.stats().keys.length }
  }

  @RequireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] })
  @Get()
  list(@Auth() auth: VerifiedToken) {
    return { client: auth.clientId, isAppOnly: auth.isAppOnly }
  }

  @RequireRole('Task.Write.All')
  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') _id: string): void {}
}
