import type { Room } from "@/app/rooms";
import { moreRooms } from "./moreRooms";

export const rooms: readonly Room[] = [
  {
    path: "/trade/:symbol?", link: "/trade", title: "trade.room", face: "retail", permission: "orders:write",
    load: () => import("./trade/TradePage"),
  },
  ...moreRooms,
];
