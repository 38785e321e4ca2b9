import type { Room } from "@/app/rooms";
import { useSandboxExists } from "./exists";

export const rooms: readonly Room[] = [
  { path: "/sandbox", link: "/sandbox", title: "room.sandbox", face: "sandbox", permission: "sandbox", useShown: useSandboxExists, load: () => import("./Sandbox") },
];
