import type { Room } from "@/app/rooms";

// What the house promises to pay on deposits: the products, their days of sale, what is owed, and what it costs.
export const rooms: readonly Room[] = [
  { path: "/fixed-income", link: "/fixed-income", title: "room.fixed_income", face: "earndesk", permission: "earn:read", load: () => import("./templates/TemplatesRoom") },
  { path: "/fixed-income/templates/:id", title: "room.template", face: "earndesk", permission: "earn:read", load: () => import("./templates/TemplateRoom") },
  { path: "/fixed-income/calendar", title: "room.calendar", face: "earndesk", permission: "earn:read", load: () => import("./calendar/CalendarRoom") },
  { path: "/fixed-income/liabilities", title: "room.liabilities", face: "earndesk", permission: "earn:read", load: () => import("./liabilities/LiabilitiesRoom") },
  { path: "/fixed-income/subscriptions", title: "room.subscriptions", face: "earndesk", permission: "earn:read", load: () => import("./subscriptions/SubscriptionsRoom") },
  { path: "/fixed-income/subscriptions/:id", title: "room.subscription", face: "earndesk", permission: "earn:read", load: () => import("./subscriptions/SubscriptionRoom") },
  { path: "/fixed-income/payouts", title: "room.payouts", face: "earndesk", permission: "earn:read", load: () => import("./payouts/PayoutsRoom") },
  { path: "/fixed-income/coupons", title: "room.coupons", face: "earndesk", permission: "earn:read", load: () => import("./coupons/CouponsRoom") },
  { path: "/fixed-income/coupons/:id", title: "room.coupon", face: "earndesk", permission: "earn:read", load: () => import("./coupons/CouponRoom") },
];
