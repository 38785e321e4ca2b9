import type { Room } from "@/app/rooms";
import { useSession } from "@/session/session";

// Customers come from their wallet; a door of its own is for those who publish.
export const rooms: readonly Room[] = [
  {
    path: "/reserves", link: "/reserves", title: "room.reserves", face: "reserves", permission: "reserves:read",
    useShown: () => useSession().may("reserves:write"), load: () => import("./ReservesRoom"),
  },
];
