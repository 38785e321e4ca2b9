import type { Room } from "@/app/rooms";

export const rooms: readonly Room[] = [
  { path: "/house", link: "/house", title: "room.house", face: "tenant", permission: "tenants:read", load: () => import("./HouseRoom") },
];
