import { type Platform, readPlatform } from "../client/platform.ts";
import { createSignIn, type SignIn } from "../client/sign-in.ts";
import type { Visit } from "../sample/events.ts";
import { freshVisit } from "../sample/fresh.ts";
import { freshResident, type Person } from "../sample/people.ts";
import { later, minuteMs } from "../sample/time.ts";
import { type DoctorsSystem, doctorsSystem, type VisitNamed } from "./doctor.ts";
import { type ResidentsPortal, residentsPortal } from "./resident.ts";
import { createTeller, type Teller } from "./tell.ts";

/** Who plays in one telling of the story; the resident is made for it. */
export interface Stage extends Teller {
  readonly platform: Platform;
  readonly signIn: SignIn;
  readonly now: Date;
  readonly resident: Person;
  /** Somebody of whom no institution has ever heard. */
  readonly nobody: Person;
  /** The visit at C that began a while ago. */
  readonly visit: Visit;
  /** The same visit as requests name it. */
  readonly named: VisitNamed;
  /** Number of A's report that will be corrected. */
  readonly kidneyReport: string;
  readonly doctor: DoctorsSystem;
  readonly portal: ResidentsPortal;
}

/** Sets the stage on the platform that runs. */
export function setStage(): Stage {
  const platform = readPlatform();
  const signIn = createSignIn(platform);
  const now = new Date();
  const resident = freshResident();
  const visit = freshVisit(resident, "c-county", later(now, -20 * minuteMs));
  const user = { id: visit.doctor.id, name: visit.doctor.name, role: "医师" };
  return {
    ...createTeller(),
    platform,
    signIn,
    now,
    resident,
    nobody: freshResident(),
    visit,
    named: { number: visit.number, department: visit.department.name, kind: "outpatient", start: visit.start.toISOString() },
    kidneyReport: `8${String(now.getTime()).slice(-9)}`,
    doctor: doctorsSystem(platform, signIn, "c-county", user),
    portal: residentsPortal(platform, signIn, resident.number),
  };
}
