import type { Room } from "@/app/rooms";

// What the house lends, under which terms: versions, drafts and the editor of one.
export const productRooms: readonly Room[] = [
  { path: "/lending/products", link: "/lending/products", title: "room.products", face: "lending_products", permission: "lending:read", load: () => import("./products/ProductsRoom") },
  { path: "/lending/products/:id", title: "room.product", face: "lending_products", permission: "lending:read", load: () => import("./products/ProductRoom") },
];
