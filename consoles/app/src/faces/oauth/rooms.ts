import type { Room } from "@/app/rooms";

const load = (name: "AppsRoom" | "ConnectRoom" | "DeviceRoom" | "ProgramsRoom") => async () => ({ default: (await import("./screens"))[name] });

// Programs of others: the answer to one that asks, the code of a device, what is connected; and for staff, which programs there are.
export const rooms: readonly Room[] = [
  { path: "/connect", title: "room.connect", face: "oauth", permission: "security:write", load: load("ConnectRoom") },
  { path: "/device", title: "room.device", face: "oauth", permission: "security:write", load: load("DeviceRoom") },
  { path: "/apps", title: "room.apps", face: "oauth", permission: "security:write", load: load("AppsRoom") },
  { path: "/programs", link: "/programs", title: "room.programs", face: "oauth", permission: "oauth_clients:write", load: load("ProgramsRoom") },
];
