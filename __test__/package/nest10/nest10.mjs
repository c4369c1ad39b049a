// The entry for NestJS under version 10. `npm test` installs what is needed; `node --test __test__/package/nest10/nest10.mjs`.
import 'reflect-metadata'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as common from '@nestjs/common'
import * as core from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { installCopy } from '../../helpers/installed-copy.mjs'
import { testVersion } from '../../helpers/nest-version.mjs'

installCopy(dirname(fileURLToPath(import.meta.url)))

testVersion({
  common,
  core,
  platforms: { Express: ExpressAdapter, Fastify: FastifyAdapter },
  entra: await import('entra-jwt-verify/nest'),
  testing: await import('entra-jwt-verify/testing')
})
