import type { Room } from "@/app/rooms";

// What belongs to everybody who logs in, whatever their role; reached from the menu behind one's name.
export const rooms: readonly Room[] = [
  { path: "/security", title: "room.security", face: "account", permission: "security:write", load: () => import("./SecurityRoom") },
];
