import type { Room } from "@/app/rooms";

// Everybody has one; its door is the count at the top of every page.
export const rooms: readonly Room[] = [
  { path: "/inbox", title: "room.inbox", face: "inbox", permission: "notices:read", load: () => import("./InboxRoom") },
];
