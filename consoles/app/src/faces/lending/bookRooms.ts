import type { Room } from "@/app/rooms";

// All loans together, for those who answer for them.
export const bookRooms: readonly Room[] = [
  { path: "/lending/book", link: "/lending/book", title: "room.book", face: "lending_book", permission: "lending:read", load: () => import("./book/BookRoom") },
  { path: "/lending/stress", title: "room.stress", face: "lending_book", permission: "lending:read", load: () => import("./stress/StressRoom") },
];
