import express from 'express'
import { RegisterRoutes } from './build/routes.js'

const app = express()
RegisterRoutes(app)
app.listen(process.env.PORT)
