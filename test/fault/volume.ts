import { expectStatus } from "../../scripts/client/call.ts";
import type { ExportState } from "../../scripts/client/deliver-export.ts";
import { finishedExport, postExport } from "../../scripts/client/deliver-export.ts";
import { waitFor } from "../../scripts/client/wait-for.ts";
import type { SampleExport } from "../../scripts/sample/events.ts";
import { type Volume, volumeOfA } from "../../scripts/sample/volume.ts";
import type { Tenant } from "../../src/kernel/brand.ts";
import { versionsIn, type World } from "../platform.ts";

const residents = 30;
const tenant = "a-provincial" as Tenant;

/** A large export under way. */
export interface LargeExport {
  readonly volume: Volume;
  readonly residents: number;
  /** What has to stand in the store: the export's resources, and for each resident's file number an alias of the card's Patient. */
  readonly stands: number;
  readonly id: string;
  /** Waits until about this share of its resources is stored. */
  stored(share: number): Promise<void>;
  /** Waits for its end. */
  finished(timeoutMs: number): Promise<ExportState>;
  /**
   * What it left in the store: how many resources, and which were written more often than needed (a Patient comes after the reports that name
   * it, so a stub stands there first: two versions); the same of golden Patients, each with one link.
   */
  effects(): Promise<{ resources: number; goldens: number; rewritten: string[] }>;
}

/** Delivers about 3,600 resources of A. They are of any day in the past: the same report number on another day is another report. */
export async function deliverLarge(world: World): Promise<LargeExport> {
  const day = new Date(Date.UTC(2005, 0, 1 + Math.floor(Math.random() * 6000)));
  const volume = volumeOfA({ seed: `fault/${day.toISOString()}`, residents, reports: 300, days: 20, today: day });
  const files = volume.files.map(({ name, chunks }) => ({ name, bytes: Buffer.concat([...chunks()]) }));
  const versions = async () => ({
    clinical: await versionsIn(world.store, [tenant]),
    goldens: await versionsIn(world.store, ["DEFAULT" as Tenant], ["Patient"]),
  });
  const before = await versions();
  const observations = await storedObservations();
  const token = () => world.signIn.client("a-his", "exports");
  const made: SampleExport = { feed: "a-tb", name: "volume", files };
  const { id } = await expectStatus(postExport(world.platform, await token(), made), 202);
  return {
    volume,
    residents,
    stands: volume.resources + residents,
    id,
    async stored(share) {
      const wanted = observations + share * volume.resources * 0.6;
      await waitFor(`${share * 100} % of the export`, storedObservations, (now) => now >= wanted, { timeoutMs: 120_000 });
    },
    finished: (timeoutMs) => finishedExport(world.platform, token, id, timeoutMs),
    async effects() {
      const after = await versions();
      const clinical = [...after.clinical].filter(([ref]) => !before.clinical.has(ref));
      const goldens = [...after.goldens].filter(([ref]) => !before.goldens.has(ref));
      const needed = (ref: string) => (ref.startsWith(`${tenant}/Patient/`) ? ["1", "2"] : ["1"]);
      const rewritten = [...clinical, ...goldens]
        .filter(([ref, version]) => !needed(ref).includes(version))
        .map(([ref]) => ref);
      return { resources: clinical.length, goldens: goldens.length, rewritten };
    },
  };
}

async function storedObservations(): Promise<number> {
  const response = await fetch(`${process.env.HAPI_URL}/${tenant}/Observation?_summary=count`, {
    headers: { "cache-control": "no-cache" },
  });
  return ((await response.json()) as { total: number }).total;
}
