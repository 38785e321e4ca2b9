import type { Room } from "@/app/rooms";

// The customer's side is reached from the security of one's account; compliance has a door of its own.
export const rooms: readonly Room[] = [
  { path: "/identity", title: "room.identity", face: "kyc", permission: "kyc:write", load: () => import("./IdentityRoom") },
  { path: "/kyc", link: "/kyc", title: "room.queue", face: "kyc", permission: "kyc:read", load: () => import("./review/QueueRoom") },
  { path: "/kyc/:id", title: "room.case", face: "kyc", permission: "kyc:read", load: () => import("./review/CaseRoom") },
];
