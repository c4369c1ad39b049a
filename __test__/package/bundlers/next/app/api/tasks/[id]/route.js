import { requireRole } from 'entra-jwt-verify/fetch'
import { checkAuthToken } from '../../../../auth.js'

export const GET = checkAuthToken.withAuth(
  async (_request, auth, { params }) => Response.json({ tenantId: auth.tenantId, id: (await params).id }),
  [requireRole('Task.Read')]
)
