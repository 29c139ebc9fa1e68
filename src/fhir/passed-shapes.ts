import type { Resource } from "@medplum/fhirtypes";
import { sha256 } from "../kernel/crypto-suite.ts";
import { shapeOf } from "./profile-shape.ts";

// A feed's resources have some hundred shapes; a long one (a document's text) will hardly come again.
const mostShapes = 20_000;
const longestShape = 16_000;

type Check<Problem> = (resource: Resource, profile?: string) => readonly Problem[];

/**
 * The same check, that does not look again at a resource whose shape passed before. The last shapes to pass are kept; what fails is checked each time,
 * so that its place is told.
 */
export function rememberPassed<Problem>(check: Check<Problem>): Check<Problem> {
  const passed = new Set<string>();
  return (resource, profile) => {
    const shape = shapeOf(resource);
    if (shape === undefined || shape.length > longestShape) return check(resource, profile);
    const key = sha256(`${profile ?? ""}|${shape}`); // a few megabytes for all of them, however long
    if (passed.delete(key)) {
      passed.add(key); // the last one to be forgotten
      return [];
    }
    const problems = check(resource, profile);
    if (problems.length > 0) return problems;
    if (passed.size >= mostShapes) for (const oldest of passed.values().take(1)) passed.delete(oldest);
    passed.add(key);
    return problems;
  };
}
