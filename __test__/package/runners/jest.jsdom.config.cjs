module.exports = { rootDir: __dirname, testMatch: ['<rootDir>/jsdom.jest.cjs'], transform: {}, watchman: false }
