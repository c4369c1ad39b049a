// req.auth has the type that the other library gives it.
import express from 'express'
import type { AuthInfo } from './augmentation.js'

express.Router().all('/', (req, res) => {
  const info: AuthInfo | undefined = req.auth
  res.json({ client: info?.clientId })
})
