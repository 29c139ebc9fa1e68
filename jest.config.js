const project = (name, testMatch, more = {}) => ({
  displayName: name,
  testMatch: testMatch.map((glob) => `<rootDir>/${glob}`),
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: {},
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2024", parser: { syntax: "typescript" } }, module: { type: "es6" } }],
  },
  ...more,
});

const withEngine = {
  globalSetup: "<rootDir>/test/flow/start-engine.js",
  globalTeardown: "<rootDir>/test/flow/stop-engine.js",
};

// unit: pure, no server. server: real HAPI, PostgreSQL and Redis, shared. flow: the whole platform over HTTP; its worker would take the Tasks
// of the server tests, so it runs after them. browser: the pages in real Chromium. fault: kills servers, so it runs alone and last.
export default {
  projects: [
    project("unit", [
      "test/{kernel,fhir,identity,consent,mapping,recognition,sources,audit,work,ingest,lookup,ordering,http,scripts,config,web,cds-hooks}/**/*.test.ts",
    ]),
    project("server", ["test/contract/**/*.test.ts"]),
    project("flow", ["test/flow/**/*.test.ts"], withEngine),
    project("browser", ["test/browser/**/*.test.ts"], withEngine),
    project("fault", ["test/fault/**/*.test.ts"]),
  ],
  testTimeout: 60000,
};
