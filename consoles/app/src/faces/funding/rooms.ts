import type { Room } from "@/app/rooms";

// Money in and out by a chain; the doors are in the wallet.
export const rooms: readonly Room[] = [
  { path: "/deposit", title: "room.deposit", face: "funding", permission: "deposits:read", load: () => import("./deposit/DepositRoom") },
  { path: "/withdraw", title: "room.withdraw", face: "funding", permission: "withdrawals:write", load: () => import("./withdraw/WithdrawRoom") },
  { path: "/withdrawals/:id", title: "room.withdrawal", face: "funding", permission: "withdrawals:read", load: () => import("./withdraw/WithdrawalRoom") },
  { path: "/address-book", title: "room.book", face: "funding", permission: "withdrawals:write", load: () => import("./book/BookRoom") },
];
