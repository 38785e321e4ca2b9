import type { Room } from "@/app/rooms";
import { useSession } from "@/session/session";

/** Treasury comes to the other rooms from its own; who has only some of them finds a link to those. */
const useOutsideTreasury = (): boolean => !useSession().may("treasury:read");

export const rooms: readonly Room[] = [
  {
    path: "/treasury", link: "/treasury", title: "room.treasury", face: "treasury", permission: "treasury:read",
    load: () => import("./balances/Balances"),
  },
  {
    path: "/treasury/withdrawals/:id?", link: "/treasury/withdrawals", title: "room.withdrawals", face: "treasury", permission: "withdrawals:review",
    useShown: useOutsideTreasury, load: () => import("./withdrawals/Withdrawals"),
  },
  {
    path: "/treasury/deposits", link: "/treasury/deposits", title: "room.deposits", face: "treasury", permission: "deposits:decide",
    useShown: useOutsideTreasury, load: () => import("./deposits/Deposits"),
  },
  { path: "/treasury/transfers/:id?", title: "room.transfers", face: "treasury", permission: "treasury:read", load: () => import("./transfers/Transfers") },
  { path: "/treasury/addresses", title: "room.addresses", face: "treasury", permission: "treasury:read", load: () => import("./addresses/Addresses") },
  { path: "/treasury/cold/:id?", title: "room.cold", face: "treasury", permission: "treasury:read", load: () => import("./cold/Cold") },
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
