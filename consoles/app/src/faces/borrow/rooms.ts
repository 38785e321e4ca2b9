import type { Room } from "@/app/rooms";
import { useBorrowShown } from "./shown";

// The name of the door stands in texts that every customer has: who only trades does not load those of borrowing.
export const rooms: readonly Room[] = [
  {
    path: "/borrow", link: "/borrow", title: "room.borrow", face: "retail_more", permission: "loans:write", useShown: useBorrowShown,
    load: () => import("./BorrowRoom"),
  },
  { path: "/borrow/:id", title: "room.loan", face: "borrow", permission: "loans:read", load: () => import("./loan/LoanRoom") },
];
