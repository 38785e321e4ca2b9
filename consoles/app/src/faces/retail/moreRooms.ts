import type { Room } from "@/app/rooms";

// Beside the trade screen: one's orders, money, alerts, fees and keys.
export const moreRooms: readonly Room[] = [
  { path: "/orders", link: "/orders", title: "room.orders", face: "retail_more", permission: "orders:write", load: () => import("./orders/OrdersRoom") },
  { path: "/orders/:id", title: "room.order", face: "retail_more", permission: "orders:write", load: () => import("./orders/OrderRoom") },
  { path: "/wallet", link: "/wallet", title: "room.wallet", face: "retail_more", permission: "balances:read", load: () => import("./wallet/WalletRoom") },
  { path: "/alerts", link: "/alerts", title: "room.alerts", face: "retail_more", permission: "alerts:write", load: () => import("./alerts/AlertsRoom") },
  { path: "/fees", link: "/fees", title: "room.fees", face: "retail_more", permission: "orders:write", load: () => import("./fees/FeesRoom") },
  { path: "/keys", link: "/keys", title: "room.keys", face: "retail_more", permission: "api_keys:write", load: () => import("@/faces/programs/keys/KeysRoom") },
];
