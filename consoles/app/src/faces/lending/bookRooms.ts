import type { Room } from "@/app/rooms";

// All loans together, for those who answer for them.
export const bookRooms: readonly Room[] = [
  { path: "/lending/book", link: "/lending/book", title: "room.book", face: "lending_book", permission: "lending:read", load: () => import("./book/BookRoom") },
  { path: "/lending/stress", title: "room.stress", face: "lending_book", permission: "lending:read", load: () => import("./stress/StressRoom") },
  { path: "/lending/liquidations", title: "room.liquidations", face: "lending_book", permission: "lending:read", load: () => import("./sales/SalesRoom") },
  { path: "/lending/liquidations/:id", title: "room.liquidation", face: "lending_book", permission: "lending:read", load: () => import("./sales/SaleRoom") },
  { path: "/lending/prices", title: "room.prices", face: "lending_book", permission: "lending:read", load: () => import("./prices/PricesRoom") },
  { path: "/lending/funding", title: "room.funding", face: "lending_book", permission: "lending:read", load: () => import("./funding/FundingRoom") },
  { path: "/lending/funding/:id", title: "room.line", face: "lending_book", permission: "lending:read", load: () => import("./funding/LineRoom") },
];
