import { Module } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { EntraAuthGuard, EntraAuthModule } from 'entra-jwt-verify/nest'
import { TasksController } from './tasks.controller.js'

@Module({
  // Tenant and client come from the environment. To get them from a ConfigService, use forRootAsync.
  imports: [EntraAuthModule.forRoot({ responses: 'next' })],
  controllers: [TasksController],
  // Every handler requires a token, unless it is @Public().
  providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
})
export class AppModule {}
