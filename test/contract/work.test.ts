import { connectTestHapi } from "../servers.ts";
import { describeWork } from "./work.contract.ts";

describeWork("HAPI 8.8.0", connectTestHapi);
