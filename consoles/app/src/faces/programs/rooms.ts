import type { Room } from "@/app/rooms";

// Reached from the room of keys, to which the navigation leads.
export const rooms: readonly Room[] = [
  { path: "/webhooks", title: "room.webhooks", face: "programs", permission: "webhooks:write", load: () => import("./webhooks/WebhooksRoom") },
];
