// The import rules of docs/architecture.md, "who may import whom".
const leaves = ["identity", "consent", "sources", "mapping", "recognition", "imaging", "audit", "work"];
const flows = ["ingest", "lookup", "ordering", "national"];
const any = (names) => `^src/(${names.join("|")})/`;
const base = "^src/(kernel|fhir)/";
const rule = (name, from, allowed, more = {}) => ({
  name,
  severity: "error",
  from: { path: from },
  to: { path: "^src/", pathNot: allowed, ...more },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    rule("kernel-imports-nothing-of-ours", "^src/kernel/", ["^src/kernel/"]),
    rule("fhir-imports-kernel", "^src/fhir/", [base]),
    ...leaves.map((leaf) => rule(`leaf-${leaf}-imports-no-other-leaf`, `^src/${leaf}/`, [base, `^src/${leaf}/`])),
    ...flows.map((flow) => rule(`flow-${flow}-imports-no-other-flow`, `^src/${flow}/`, [base, any(leaves), `^src/${flow}/`])),
    rule("adapter-imports-only-types-of-domains", "^src/adapters/", [base, "^src/adapters/"], {
      dependencyTypesNot: ["type-only"],
    }),
    rule("edges-in-import-no-adapters", "^src/(http|jobs)/", [base, any([...leaves, ...flows]), "^src/(http|jobs)/"]),
    rule("web-sees-only-the-contract", "^src/web/", ["^src/web/", "^src/http/contract/"]),
    {
      name: "only-main-builds",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/main(\\.ts$|/)" },
      to: { path: "^src/(main(\\.ts$|/)|config\\.ts$)", dependencyTypesNot: ["type-only"] },
    },
    // @medplum/fhirtypes holds types only: there is no file to resolve.
    { name: "no-unresolved", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^@medplum/fhirtypes$" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
