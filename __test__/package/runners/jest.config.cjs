module.exports = { rootDir: __dirname, testMatch: ['<rootDir>/cold.jest.cjs'], transform: {}, watchman: false }
