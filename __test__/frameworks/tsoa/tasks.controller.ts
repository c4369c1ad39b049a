import type { VerifiedToken } from 'entra-jwt-verify'
import type { Request as ExpressRequest } from 'express'
import { Controller, Get, Request, Route, Security } from 'tsoa'

type Authenticated = ExpressRequest & { user: VerifiedToken }

@Route('/')
export class TasksController extends Controller {
  @Security('entra')
  @Get()
  public caller(@Request() request: Authenticated): { client: string | undefined } {
    return { client: request.user.clientId }
  }

  @Security('entra', ['Task.Read'])
  @Get('tasks')
  public tasks(@Request() request: Authenticated): { client: string | undefined } {
    return { client: request.user.clientId }
  }
}
