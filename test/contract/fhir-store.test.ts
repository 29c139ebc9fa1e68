import { connectTestHapi } from "../servers.ts";
import { describeFhirStore } from "./fhir-store.contract.ts";

describeFhirStore("HAPI 8.8.0", connectTestHapi);
