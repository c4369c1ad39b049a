// A NestJS application behind Entra ID.
//   npm install entra-jwt-verify @nestjs/common @nestjs/core @nestjs/platform-express reflect-metadata rxjs
//   npx tsc -p examples/nest && ENTRA_TENANT_ID=… ENTRA_CLIENT_ID=… node examples/nest/dist/main.js
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'

async function start(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] })
  await app.listen(process.env.PORT ?? 3000, '127.0.0.1')
  console.log(`listening on ${await app.getUrl()}`)
}

void start()
