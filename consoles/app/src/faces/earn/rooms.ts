import type { Room } from "@/app/rooms";
import { useEarnShown } from "./shown";

// The name of the door stands in texts that every customer has: who only trades does not load those of earning.
export const rooms: readonly Room[] = [
  { path: "/earn", link: "/earn", title: "room.earn", face: "retail_more", permission: "subscriptions:write", useShown: useEarnShown, load: () => import("./EarnRoom") },
  { path: "/earn/offers/:id", title: "room.offer", face: "earn", permission: "subscriptions:write", load: () => import("./offer/OfferRoom") },
  { path: "/earn/:id", title: "room.subscription", face: "earn", permission: "subscriptions:read", load: () => import("./mine/SubscriptionRoom") },
];
