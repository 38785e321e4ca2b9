import type { Room } from "@/app/rooms";

// Staff on customers' accounts: find, look, shut; what gives somebody a way in waits for a second role.
export const rooms: readonly Room[] = [
  { path: "/customers", link: "/customers", title: "room.customers", face: "customers", permission: "customers:read", load: () => import("./Customers") },
  { path: "/customers/:id", title: "room.customer", face: "customers", permission: "customers:read", load: () => import("./Customer") },
];
