import type { Schemas } from "@/api/client";

export type Role = Schemas["Role"];

/** Whoever also trades has a customer's login for that. */
export const STAFF_ROLES = ["treasury", "product", "finance", "admin", "support", "compliance", "auditor"] as const satisfies readonly Role[];
