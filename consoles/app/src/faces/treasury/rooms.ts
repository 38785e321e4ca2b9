import type { Room } from "@/app/rooms";
import { useSession } from "@/session/session";

/** Treasury comes to the other rooms from its own; who has only some of them finds a link to those. */
const useOutsideTreasury = (): boolean => !useSession().may("treasury:read");

export const rooms: readonly Room[] = [
  {
    path: "/treasury", link: "/treasury", title: "room.treasury", face: "treasury", permission: "treasury:read",
    load: () => import("./balances/Balances"),
  },
  { path: "/treasury/exposure", title: "room.exposure", face: "treasury", permission: "treasury:read", load: () => import("./exposure/Exposure") },
  { path: "/treasury/venues", title: "room.venues", face: "treasury", permission: "treasury:read", load: () => import("./venues/Venues") },
  {
    path: "/treasury/revenue", link: "/treasury/revenue", title: "room.revenue", face: "treasury", permission: "revenue:read",
    useShown: useOutsideTreasury, load: () => import("./revenue/Revenue"),
  },
  { path: "/treasury/alerts", title: "room.alerts", face: "treasury", permission: "treasury:read", load: () => import("./alerts/Alerts") },
  { path: "/treasury/report", title: "room.report", face: "treasury", permission: "treasury:read", load: () => import("./report/DayReport") },
  {
    path: "/treasury/controls", link: "/treasury/controls", title: "room.controls", face: "treasury", permission: "controls:read",
    useShown: useOutsideTreasury, load: () => import("./controls/Controls"),
  },
  { path: "/treasury/decisions", title: "room.decisions", face: "treasury", permission: "controls:read", load: () => import("./decisions/Decisions") },
];
