import type { Catalogue } from "../../recognition/catalogue.ts";
import type { Item, Panel } from "../../recognition/policy-schema.ts";
import type { DraftOrder } from "./check.ts";

/** A draft order, or one member of the panel it is for; without an item no catalogue has it. */
export interface Draft {
  readonly order: string;
  readonly item: Item | undefined;
  readonly panel?: Panel;
}

/** What the orders mean in this catalogue. An order of a panel becomes one draft for each member: decided apart, never split by us. */
export function draftsOf(orders: readonly DraftOrder[], catalogue: Catalogue): Draft[] {
  return orders.flatMap((order): Draft[] => {
    const item = itemOf(order, catalogue);
    if (item !== undefined) return [{ order: order.id, item }];
    const panel = panelOf(order, catalogue);
    const members = panel?.members.flatMap((member) => catalogue.items.get(member) ?? []) ?? [];
    if (panel === undefined || members.length === 0) return [{ order: order.id, item: undefined }];
    return members.map((member) => ({ order: order.id, item: member, panel }));
  });
}

function itemOf(order: DraftOrder, catalogue: Catalogue): Item | undefined {
  return "item" in order ? catalogue.items.get(order.item) : catalogue.itemOf([order.code].flat());
}

function panelOf(order: DraftOrder, catalogue: Catalogue): Panel | undefined {
  return "item" in order ? catalogue.panels.get(order.item) : catalogue.panelOf([order.code].flat());
}
