// req.auth has the type that the other library gives it.
import express from 'express'
import type { AuthResult } from './augmentation.js'

express.Router().all('/', (req, res) => {
  const info: AuthResult | undefined = req.auth
  res.json({ client: info?.payload.azp })
})
