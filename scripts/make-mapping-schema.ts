// Writes mappings/schema.json, which tells editors what a feed.yaml, family.yaml or template may hold. Run again when the language or the element
// table changes:
//   node scripts/make-mapping-schema.ts
import { writeFileSync } from "node:fs";
import { mappingSchemaText } from "./mapping-schema.ts";

writeFileSync(new URL("../mappings/schema.json", import.meta.url), mappingSchemaText());
